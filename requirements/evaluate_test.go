package requirements

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestUndefined(t *testing.T) {
	for _, c := range []struct{ marker, undefined string }{
		{`sys_abi_features == "x"`, "sys_abi_features"},
		{`"x" in sys_abi_features`, "sys_abi_features"},
		{`os_name == "posix" or sys_abi_features == "x"`, "sys_abi_features"},
		{`os_name == "nt" and sys_abi_features == "x"`, "sys_abi_features"},
		{`(os_name == "nt" and (future.name != "x"))`, "future.name"},
		{`"a" == "b"`, "b"},
		{`os_name ~= "posix"`, `os_name ~= "posix"`},
		{`os_name === "posix"`, `os_name === "posix"`},
		{`python_version ~= "3"`, `python_version ~= "3"`},
		{`python_version ~= "3.8"`, ""},
		{`python_version === "3.8"`, ""},
		{`"x" in extras`, "extras"},
		{`implementation_name == "cpython"`, "implementation_name"}, // the environment lacks it
	} {
		m, err := ParseMarker(c.marker)
		if err != nil {
			t.Errorf("%s: %v", c.marker, err)
			continue
		}
		env := knownEnvironment(map[string]string{"os_name": "posix", "python_version": "3.14"})
		if d := m.Evaluate(env); d.Undefined != c.undefined || c.undefined != "" && (d.Holds || d.Unknown != nil) {
			t.Errorf("%s: %+v, want undefined %q", c.marker, d, c.undefined)
		}
	}
}

func TestValidateRefusesUndefinedVariables(t *testing.T) {
	for _, c := range []struct {
		requirement, hint string
		offset            int
	}{
		{`foo; python_verson >= "3"`, "did you mean python_version?", 5},
		{`foo; platform.release == "3"`, "did you mean platform_release?", 5},
		{`foo; sys_abi_features == "x"`, "", 5},
		{`foo; os_name == posix`, `a value is quoted: "posix"`, 16},
		{`foo; python_version`, "", -1},
	} {
		r, err := Parse(c.requirement)
		if err == nil {
			err = r.Marker.Validate()
		}
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: %v, want a *SyntaxError", c.requirement, err)
			continue
		}
		if c.offset >= 0 && (syntax.Offset != c.offset || syntax.Hint != c.hint) {
			t.Errorf("%s: hint %q at %d, want %q at %d", c.requirement, syntax.Hint, syntax.Offset, c.hint, c.offset)
		}
	}
	if err := (Marker{}).Validate(); err != nil {
		t.Errorf("the zero Marker: %v", err)
	}
}

func TestSeveralExtras(t *testing.T) {
	m, err := ParseMarker(`extra == "a" or extra == "B_c"`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		extras []string
		holds  bool
	}{
		{nil, false}, {[]string{""}, false}, {[]string{"x"}, false},
		{[]string{"A"}, true}, {[]string{"x", "b-C"}, true},
	} {
		if d := m.Evaluate(Environment{}, c.extras...); d.Holds != c.holds || d.Undefined != "" {
			t.Errorf("extras %q: %+v, want %v", c.extras, d, c.holds)
		}
	}
	// One that asks for the absence of an extra holds beside another.
	m, err = ParseMarker(`extra != "a"`)
	if err != nil {
		t.Fatal(err)
	}
	if d := m.Evaluate(Environment{}, "a", "b"); !d.Holds {
		t.Errorf("%+v", d)
	}
}

func TestZeroMarker(t *testing.T) {
	var m Marker
	if !m.IsZero() || m.String() != "" || m.Variables() != nil || !m.Evaluate(Environment{}).Holds || !m.EvaluateLock(Environment{}, nil, nil).Holds {
		t.Error("the zero Marker is not the one that always holds")
	}
}

func TestMarkerVariables(t *testing.T) {
	m, err := ParseMarker(`"x" in extra and (python_version > "3" or sys.platform == "x") and new_one == "y"`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(m.Variables(), " "); got != "sys_platform python_version extra" {
		t.Error(got)
	}
}

func TestEnvironment(t *testing.T) {
	values := map[string]Value{
		"os_name":      {Text: "posix", Known: true},
		"sys.platform": {Text: "ios", Known: true},
		"extra":        {Text: "x", Known: true},
		"nonsense":     {Text: "x", Known: true},
		"python_full_version": {
			Text: "3.14.0", Among: []string{"3.14.*"},
		},
	}
	env := NewEnvironment(values)
	if got := strings.Join(env.Names(), " "); got != "os_name sys_platform python_full_version" {
		t.Errorf("names %s", got)
	}
	values["python_full_version"].Among[0] = "changed"
	v, ok := env.Get("python_full_version")
	if !ok || v.Known || v.Among[0] != "3.14.*" {
		t.Errorf("%+v, %v", v, ok)
	}
	if _, ok := env.Get("extra"); ok {
		t.Error("extra is no part of an environment")
	}
	changed := env.With("platform.machine", "arm64").With("nonsense", "x")
	if v, ok := changed.Get("platform_machine"); !ok || v.Text != "arm64" || !v.Known {
		t.Errorf("%+v, %v", v, ok)
	}
	if _, ok := env.Get("platform_machine"); ok {
		t.Error("With changed the environment itself")
	}
	if m := changed.Map(); len(m) != 4 || m["platform_machine"] != "arm64" || m["python_full_version"] != "3.14.0" {
		t.Errorf("%v", m)
	}
	if got := env.String(); got != `os_name="posix" sys_platform="ios" python_full_version="3.14.0"?` {
		t.Error(got)
	}
	var zero Environment
	if zero.Names() != nil || len(zero.Map()) != 0 {
		t.Error("the zero Environment has values")
	}
	if got := zero.With("os_name", "nt"); !slices.Equal(got.Names(), []string{"os_name"}) {
		t.Errorf("%v", got)
	}
	if names := VariableNames(); len(names) != 11 || names[0] != "os_name" || names[10] != "implementation_version" {
		t.Errorf("%q", names)
	}
	for spelled, canonical := range map[string]string{"os.name": "os_name", "python_implementation": "platform_python_implementation", "python_version": "python_version"} {
		if got, ok := CanonicalVariable(spelled); !ok || got != canonical {
			t.Errorf("CanonicalVariable(%q) = %q, %v", spelled, got, ok)
		}
	}
	for _, name := range []string{"extra", "extras", "nonsense", ""} {
		if got, ok := CanonicalVariable(name); ok {
			t.Errorf("CanonicalVariable(%q) = %q", name, got)
		}
	}
}
