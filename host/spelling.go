package host

import (
	"strconv"
	"strings"
	"sync"

	"github.com/xpip/xpip/wheel"
)

// spellingContext is what helps to decide what a spelling leaves open.
type spellingContext struct {
	python PythonVersion // Parts is 0 if no version was asked for
	getenv func(string) (string, bool)
	exact  bool
}

// resolve finds the platform that goes by a name: a platform tag of today or
// in an older order, a sysconfig platform, a triple, a conda subdir, an alias.
// The note says what was translated or assumed, "" if nothing was.
func (c spellingContext) resolve(input string) (p platform, note string, err error) {
	if input == "" || len(input) > 128 {
		return platform{}, "", &UnknownPlatformError{Input: input[:min(len(input), 128)]}
	}
	name := strings.ToLower(input)
	canonical := wheel.CanonicalPlatform(name)
	p, note, family, tagErr := parseTag(canonical)
	if family && tagErr == nil {
		if canonical != name {
			note = name + " is the older name of " + p.name
		}
		return p, note, nil
	}
	if p, note, ok, err := c.lookup(name); ok {
		return p, note, err
	}
	if strings.ContainsAny(name, "-.") {
		p, note, ok, err := c.resolveSysconfig(name)
		if ok && err == nil {
			return p, note, nil
		}
		if ok {
			tagErr = err
		}
	}
	if c.exact && isTagWord(name) && strings.Contains(name, "_") {
		return platform{os: osUnknown, name: name},
			name + " is taken literally: nothing is known of such a machine", nil
	}
	return platform{}, "", c.refusal(input, name, tagErr)
}

// refusal completes the error of parseTag, if there is one, with names that
// resemble the one that nobody goes by.
func (c spellingContext) refusal(input, name string, tagErr error) error {
	unknown, ok := tagErr.(*UnknownPlatformError) //nolint:errorlint // made by parseTag, never wrapped
	if !ok {
		unknown = &UnknownPlatformError{}
	}
	unknown.Input = input
	if unknown.Reason != "" {
		return unknown
	}
	unknown.Suggestions = nearestNames(name)
	if len(unknown.Suggestions) == 0 {
		unknown.Reason = "Platforms are named like ios_13_0_arm64, android_24_arm64_v8a, manylinux_2_28_aarch64, macosx_14_0_arm64, win_amd64."
		if isTagWord(name) && strings.Contains(name, "_") {
			unknown.Reason += " --platform-exact takes a name of another family as it is."
		}
	}
	return unknown
}

// resolveSysconfig reads what sysconfig.get_platform() returns, such as
// ios-13.0-arm64-iphoneos: a platform tag before its dashes and dots become
// underscores.
func (c spellingContext) resolveSysconfig(name string) (p platform, note string, ok bool, err error) {
	tag := strings.NewReplacer("-", "_", ".", "_").Replace(name)
	p, _, ok, err = parseTag(wheel.CanonicalPlatform(tag))
	if !ok || err != nil || p.os != osEmscripten || !strings.HasPrefix(tag, "emscripten_") {
		return p, "", ok, err
	}
	// The compiler's version stands for Pyodide's ABI: no other CPython for
	// Emscripten has packages.
	release := strings.TrimSuffix(strings.TrimPrefix(tag, "emscripten_"), "_wasm32")
	if abi, known := pyodideByEmscripten(strings.ReplaceAll(release, "_", ".")); known {
		p = p.system.at(abi.version)
		note = name + " is taken for Pyodide: " + p.name
	}
	return p, note, ok, nil
}

// A spelling is a name of a system as the table of systems has it.
type spelling struct {
	system         *system
	open           string // what the name leaves open besides the version
	prefix, suffix string // around the version
	darwin         bool   // the version is that of macOS's kernel
}

type spellingIndex struct {
	exact    map[string]spelling
	versions []spelling // names with a version in them
}

var spellings = sync.OnceValue(func() spellingIndex {
	index := spellingIndex{exact: make(map[string]spelling)}
	for i := range systems {
		s := &systems[i]
		for _, name := range s.names {
			before, after, versioned := strings.Cut(name, "{}")
			darwin := false
			if !versioned {
				before, after, darwin = strings.Cut(name, "{darwin}")
			}
			if versioned || darwin {
				index.versions = append(index.versions, spelling{system: s, prefix: before, suffix: after, darwin: darwin})
				continue
			}
			index.exact[name] = spelling{system: s}
		}
		for _, name := range s.loose {
			index.exact[name.name] = spelling{system: s, open: name.open}
		}
	}
	return index
})

// lookup finds a name in the table of systems.
func (c spellingContext) lookup(name string) (p platform, note string, ok bool, err error) {
	index := spellings()
	if s, ok := index.exact[name]; ok {
		return c.complete(name, s)
	}
	for _, s := range index.versions {
		rest, ok := strings.CutPrefix(name, s.prefix)
		if !ok {
			continue
		}
		number, ok := strings.CutSuffix(rest, s.suffix)
		if !ok {
			continue
		}
		if v, ok := s.version(number); ok {
			p, err := s.system.checked(name, v)
			return p, "", true, err
		}
	}
	return platform{}, "", false, nil
}

// version reads the version in a name: "13.0", "13", "2_28", "2014".
func (s spelling) version(number string) (version, bool) {
	if s.system.os == osLinux && s.system.libc == libcGlibc {
		for v, legacy := range legacyManylinux {
			if "manylinux"+number == legacy {
				return v, true
			}
		}
	}
	numbers, rest := leadingNumbers(strings.ReplaceAll(number, ".", "_"))
	if rest != "" || len(numbers) == 0 || len(numbers) > 3 {
		return version{}, false
	}
	v := versionOr(numbers, version{})
	if !s.darwin {
		return v, true
	}
	// Darwin 20 is macOS 11, Darwin 25 is macOS 26; the numbers between 15
	// and 26 were skipped. Before that the minor version counted.
	switch kernel := numbers[0]; {
	case kernel >= 25:
		return version{kernel + 1, 0}, true
	case kernel >= 20:
		return version{kernel - 9, 0}, true
	case kernel >= 8:
		return version{10, kernel - 4}, true
	}
	return version{}, false
}

// checked makes the platform of a system at a version that came from outside.
func (s *system) checked(input string, v version) (platform, error) {
	p, _, _, err := parseTag(s.tagAt(v))
	if unknown, ok := err.(*UnknownPlatformError); ok { //nolint:errorlint // made by parseTag, never wrapped
		unknown.Input = input
	}
	return p, err
}

// floors are the environment variables by which build tools are told the
// oldest version to support.
var floors = map[osKind]string{
	osIOS:     "IPHONEOS_DEPLOYMENT_TARGET",
	osMacOS:   "MACOSX_DEPLOYMENT_TARGET",
	osAndroid: "ANDROID_API_LEVEL",
}

// complete takes the version of a name that has none from the environment, or
// else the usual one.
func (c spellingContext) complete(name string, s spelling) (p platform, note string, ok bool, err error) {
	v, source := s.system.usual, ""
	variable := floors[s.system.os]
	if c.getenv != nil && variable != "" {
		if value, set := c.getenv(variable); set && value != "" {
			if v, err = parseFloor(variable, value); err != nil {
				return platform{}, "", true, err
			}
			source = variable
		}
		// One setting serves both of a Mac's processors; linkers raise it for
		// arm64.
		if s.system.os == osMacOS && v.less(s.system.floor) {
			v = s.system.floor
		}
	}
	if s.system.os == osEmscripten && c.python.Parts > 1 {
		if abi, known := pyodideByPython(c.python.Minor); known && c.python.Major == 3 {
			v, source = abi.version, "Python "+c.python.Short()
		}
	}
	if s.system.floor == (version{}) { // a system without versions
		v = version{}
	}
	p, err = s.system.checked(name, v)
	if err != nil && source == variable && source != "" {
		value, _ := c.getenv(variable)
		err = &FloorError{Variable: variable, Value: value, Reason: "no " + s.system.os.String() + " host can have it"}
	}
	if err != nil {
		return platform{}, "", true, err
	}
	return p, s.note(name, p, source), true, nil
}

// note says what was taken where a name leaves something open.
func (s spelling) note(name string, p platform, source string) string {
	var taken []string
	if s.open != "" {
		taken = append(taken, s.open)
	}
	switch {
	case s.system.floor == version{}, s.system.os == osEmscripten && source == "":
	case source != "":
		taken = append(taken, p.release()+" (from "+source+")")
	default:
		taken = append(taken, p.release())
	}
	if len(taken) == 0 && s.system.os != osEmscripten {
		return ""
	}
	note := name + " is taken as " + p.name
	if len(taken) > 0 {
		note += ": " + strings.Join(taken, ", ")
	}
	if variable := floors[s.system.os]; variable != "" && source == "" {
		note += " (" + variable + " or a platform tag says another)"
	}
	return note
}

// parseFloor reads "13.0", "13" or an API level.
func parseFloor(variable, value string) (version, error) {
	numbers, rest := leadingNumbers(strings.ReplaceAll(value, ".", "_"))
	if rest != "" || len(numbers) == 0 || len(numbers) > 3 {
		return version{}, &FloorError{Variable: variable, Value: value, Reason: "that is not a version"}
	}
	return versionOr(numbers, version{}), nil
}

// nearestNames lists up to two of the names that are understood and that s may
// be a slip of.
func nearestNames(s string) []string {
	limit := min(3, max(1, len(s)/4))
	var names []string
	consider := func(name string) {
		if len(name) > len(s)+limit || len(s) > len(name)+limit {
			return
		}
		switch d := editDistance(s, name); {
		case d < limit:
			limit, names = d, []string{name}
		case d == limit && len(names) < 2 && len(names) > 0:
			if names[0] != name {
				names = append(names, name)
			}
		}
	}
	limit++
	numbers := anyNumbers(s)
	for i := range systems {
		sys := &systems[i]
		if len(numbers) > 0 && sys.floor != (version{}) {
			if p, err := sys.checked(s, versionOr(numbers, version{})); err == nil {
				consider(p.name)
			}
		}
		consider(sys.tagAt(sys.usual))
		for _, name := range sys.names {
			if !strings.Contains(name, "{") {
				consider(name)
			}
		}
		for _, name := range sys.loose {
			consider(name.name)
		}
	}
	return names
}

// anyNumbers finds the first two numbers that stand alone between underscores.
func anyNumbers(s string) []int {
	var numbers []int
	for word := range strings.SplitSeq(s, "_") {
		if n, err := strconv.Atoi(word); err == nil && n >= 0 && len(numbers) < 2 {
			numbers = append(numbers, n)
		} else if len(numbers) > 0 {
			break
		}
	}
	return numbers
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func editDistance(a, b string) int {
	previous, current, older := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(previous[j]+cost, previous[j+1]+1, current[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, older[j-1]+1)
			}
			current[j+1] = d
		}
		older, previous, current = previous, current, older
	}
	return previous[len(b)]
}
