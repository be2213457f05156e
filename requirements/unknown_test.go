package requirements

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// iPhone is a host of which little is known for certain.
func iPhone() Environment {
	known := func(text string) Value { return Value{Text: text, Known: true} }
	return NewEnvironment(map[string]Value{
		"os_name":                        known("posix"),
		"sys_platform":                   known("ios"),
		"platform_machine":               known("arm64"),
		"platform_python_implementation": known("CPython"),
		"platform_release":               {},
		"platform_system":                {Text: "iOS", Among: []string{"iOS", "iPadOS"}},
		"platform_version":               {},
		"python_version":                 known("3.14"),
		"python_full_version":            {Text: "3.14.0"},
		"implementation_name":            known("cpython"),
		"implementation_version":         {Text: "3.14.0"},
	})
}

func TestUnknownValues(t *testing.T) {
	for _, c := range []struct {
		marker  string
		holds   bool
		unknown string
	}{
		{`platform_release == ""`, true, "platform_release"},
		{`platform_release > "5"`, false, "platform_release"},
		{`sys_platform == "win32" and platform_release > "5"`, false, ""},
		{`platform_release > "5" and sys_platform == "win32"`, false, ""},
		{`sys_platform == "ios" or platform_release > "5"`, true, ""},
		{`platform_release > "5" or sys_platform == "ios"`, true, ""},
		{`(platform_release > "5" or os_name == "nt") and sys_platform == "ios"`, false, "platform_release"},
		// Text variables have no order: whatever the value, "<" is false.
		{`platform_version < "5"`, false, ""},
		{`platform_version > "5" or os_name == "nt"`, false, ""},
		{`platform_version >= "5"`, false, "platform_version"},
		// One comparison and its contrary.
		{`platform_version == "5" or platform_version != "5"`, true, ""},
		// No version is different from 5, but what is no version is neither.
		{`platform_release == "5" or platform_release != "5"`, false, "platform_release"},
		{`platform_release >= "5" and platform_release < "5"`, false, ""},
		{`platform_release >= "5" and platform_release < "5.1"`, false, "platform_release"},
		{`platform_release > "5" and platform_release < "5.1"`, false, "platform_release"},
		{`platform_release > "5" and platform_release < "4"`, false, ""},
		{`"arm" in platform_version and "64" in platform_version`, false, "platform_version"},
		{`"arm" in platform_version and "64" in platform_version and "v8" not in platform_version`, false, "platform_version"},
		{`"#1" in platform_version and "SMP" in platform_version and "#1 SMP" not in platform_version`, false, "platform_version"},
		{`"arm" in platform_version and "arm" not in platform_version`, false, ""},
		{`platform_release in "13.0 14.0"`, true, "platform_release"}, // "" is in everything
		{`platform_release == "5" and platform_version == "x"`, false, "platform_release platform_version"},
		// An iPhone or an iPad, nothing else.
		{`platform_system == "Windows"`, false, ""},
		{`platform_system != "Darwin"`, true, ""},
		{`platform_system == "iOS"`, true, "platform_system"},
		{`platform_system == "iOS" or platform_system == "iPadOS"`, true, ""},
		{`platform_system in "iOS iPadOS"`, true, ""},
		{`"OS" in platform_system`, true, ""},
		{`platform_system == "iPadOS" and platform_release >= "13"`, false, "platform_release platform_system"},
		// A release of 3.14, whichever.
		{`python_full_version >= "3.8"`, true, ""},
		{`python_full_version >= "3.14"`, true, ""},
		{`python_full_version < "3.14.0"`, false, ""},
		{`python_full_version < "3.14.1"`, true, "python_full_version"},
		{`python_full_version > "3.14.7"`, false, "python_full_version"},
		{`python_full_version != "3.14.1"`, true, "python_full_version"},
		{`python_full_version == "3.14.*"`, true, ""},
		{`python_full_version ~= "3.14.2"`, false, "python_full_version"},
		{`python_full_version < "4" and python_full_version >= "3.9"`, true, ""},
		{`python_full_version not in "3.14.1, 3.14.2"`, true, "python_full_version"},
		{`"3.14.3" <= python_full_version`, false, "python_full_version"},
		{`implementation_version >= "3.9"`, true, ""},
		{`extra == "x" and platform_release == "1"`, false, ""},
		{`extra == "test" and platform_release == "1"`, false, "platform_release"},
	} {
		m, err := ParseMarker(c.marker)
		if err != nil {
			t.Errorf("%s: %v", c.marker, err)
			continue
		}
		d := m.Evaluate(iPhone(), "test")
		if got := strings.Join(d.Unknown, " "); d.Holds != c.holds || got != c.unknown || d.Undefined != "" {
			t.Errorf("%s: %+v, want %v depending on %q", c.marker, d, c.holds, c.unknown)
		}
	}
}

func TestKnownValueSettlesTheAnswer(t *testing.T) {
	m, err := ParseMarker(`platform_release >= "17" and python_full_version >= "3.14.2"`)
	if err != nil {
		t.Fatal(err)
	}
	d := m.Evaluate(iPhone().With("platform_release", "17.4").With("python_full_version", "3.14.3"))
	if !d.Holds || len(d.Unknown) > 0 {
		t.Errorf("%+v, want certainty", d)
	}
}

// TestUnknownValuesByExhaustion compares what an answer depends on with what
// comes out when many values are tried.
func TestUnknownValuesByExhaustion(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 8))
	literals := map[string][]string{
		"platform_release":    {"5", "6", "5.1", "x"},
		"platform_system":     {"iOS", "iPadOS", "Linux", "OS"},
		"python_full_version": {"3.13", "3.14.1", "3.14.3", "3.14.*", "3.15", "3.14"},
		"sys_platform":        {"ios", "win32"},
	}
	values := map[string][]string{
		"platform_release":    {"", "0", "1.0", "5", "5.0.0.1", "5.0.1", "5.1", "5.1.0.0.1", "5.2", "6", "6.0.0.0.1", "7", "99999999", "x", "y", "?", "5 6 5.1 x"},
		"platform_system":     {"iOS", "iPadOS"},
		"python_full_version": {"3.14.0", "3.14.1", "3.14.2", "3.14.3", "3.14.4", "3.14.5", "3.14.50"},
	}
	names := []string{"platform_release", "platform_system", "python_full_version", "sys_platform"}
	operators := []string{"==", "!=", "<", "<=", ">", ">="}
	var generate func(depth int) string
	generate = func(depth int) string {
		var parts []string
		for range 1 + random.IntN(3) {
			if depth > 0 && random.IntN(3) == 0 {
				parts = append(parts, "("+generate(depth-1)+")")
			} else {
				name := names[random.IntN(len(names))]
				literal := literals[name][random.IntN(len(literals[name]))]
				parts = append(parts, fmt.Sprintf("%s %s %q", name, operators[random.IntN(len(operators))], literal))
			}
		}
		return strings.Join(parts, []string{" and ", " or "}[random.IntN(2)])
	}
	for range 5000 {
		text := generate(2)
		m, err := ParseMarker(text)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, name := range m.Variables() {
			if dependsOn(m, name, values) {
				want = append(want, name)
			}
		}
		if got := m.Evaluate(iPhone()).Unknown; !slices.Equal(got, want) {
			t.Errorf("%s: depends on %q, trying gives %q", text, got, want)
		}
	}
}

// TestUnknownValuesOfEveryOperator does the same with the operators that look
// into texts, with literals on either side, and with a processor that is one of
// some.
func TestUnknownValuesOfEveryOperator(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 21))
	literals := map[string][]string{
		"platform_version":    {"#1", "SMP", "arm", "#1 SMP", "x"},
		"platform_machine":    {"armv7l", "armv8l", "aarch64", "arm", "armv7l armv8l", "x86_64"},
		"python_full_version": {"3.14.1", "3.14.3", "3.14.1, 3.14.2", "3.14.0 3.13.0", "3.14"},
		"os_name":             {"posix", "nt"},
	}
	values := map[string][]string{
		"platform_machine":    {"armv7l", "armv8l", "aarch64"},
		"python_full_version": {"3.14.0", "3.14.1", "3.14.2", "3.14.3", "3.14.4", "3.14.50"},
		// Every set of the words, alone and among others.
		"platform_version": {"", "?"},
	}
	words := []string{"#1", "SMP", "arm", "#1 SMP", "x"}
	for set := range 1 << len(words) {
		var text []string
		for i, word := range words {
			if set>>i&1 == 1 {
				text = append(text, word)
			}
		}
		values["platform_version"] = append(values["platform_version"], strings.Join(text, "-"), strings.Join(text, " ")+"!")
	}
	env := iPhone().With("platform_machine", "armv7l")
	parts := make(map[string]Value)
	for _, name := range env.Names() {
		parts[name], _ = env.Get(name)
	}
	parts["platform_machine"] = Value{Text: "armv7l", Among: values["platform_machine"]}
	env = NewEnvironment(parts)
	names := []string{"platform_version", "platform_machine", "python_full_version", "os_name"}
	operators := []string{"==", "!=", "in", "not in", "in", "not in", "~="}
	undecided := 0
	for range 4000 {
		var terms []string
		for range 1 + random.IntN(4) {
			name := names[random.IntN(len(names))]
			operator := operators[random.IntN(len(operators))]
			left, right := name, fmt.Sprintf("%q", literals[name][random.IntN(len(literals[name]))])
			if operator == "~=" && name != "python_full_version" || operator == "~=" && strings.ContainsAny(right, ", ") || operator == "~=" && right == `"3.14"` {
				operator = "=="
			}
			if random.IntN(2) == 0 && operator != "~=" {
				left, right = right, left
			}
			terms = append(terms, left+" "+operator+" "+right)
		}
		text := terms[0]
		for _, term := range terms[1:] {
			text += []string{" and ", " or "}[random.IntN(2)] + term
		}
		m, err := ParseMarker(text)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, name := range m.Variables() {
			if values[name] != nil && dependsIn(m, env, name, values) {
				want = append(want, name)
			}
		}
		got := m.Evaluate(env).Unknown
		if !slices.Equal(got, want) {
			t.Errorf("%s: depends on %q, trying gives %q", text, got, want)
		}
		if len(got) > 0 {
			undecided++
		}
	}
	if undecided < 500 {
		t.Errorf("only %d of the markers depend on anything", undecided)
	}
}

// dependsOn tries all values of all variables for two that differ in one
// variable only and give different answers.
func dependsOn(m Marker, name string, values map[string][]string) bool {
	return dependsIn(m, iPhone(), name, values)
}

func dependsIn(m Marker, env Environment, name string, values map[string][]string) bool {
	var others []string
	for _, other := range m.Variables() {
		if other != name && values[other] != nil {
			others = append(others, other)
		}
	}
	var try func(env Environment, rest []string) bool
	try = func(env Environment, rest []string) bool {
		if len(rest) > 0 {
			return slices.ContainsFunc(values[rest[0]], func(value string) bool {
				return try(env.With(rest[0], value), rest[1:])
			})
		}
		first := true
		for i, value := range values[name] {
			holds := m.Evaluate(env.With(name, value)).Holds
			if i > 0 && holds != first {
				return true
			}
			first = holds
		}
		return false
	}
	return try(env, others)
}

// TestUnknownValuesAreBounded: a marker that is made to be expensive costs no
// more than a bound, and then all its unknown variables count.
func TestUnknownValuesAreBounded(t *testing.T) {
	var parts []string
	for i := range 400 {
		parts = append(parts, fmt.Sprintf(`(platform_release != "%d" or platform_version != "%d" or platform_system != "%d")`, i, i, i))
	}
	m, err := ParseMarker(strings.Join(parts, " and "))
	if err != nil {
		t.Fatal(err)
	}
	known := Value{Text: "x", Known: true}
	env := NewEnvironment(map[string]Value{"platform_release": {}, "platform_version": {}, "platform_system": {}, "os_name": known})
	done := make(chan Decision)
	go func() { done <- m.Evaluate(env) }()
	select {
	case d := <-done:
		if got := strings.Join(d.Unknown, " "); !d.Holds || got != "platform_release platform_system platform_version" {
			t.Errorf("%+v", d)
		}
	case <-time.After(time.Minute):
		t.Fatal("no answer")
	}
}
