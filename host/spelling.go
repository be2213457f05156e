package host

import (
	"errors"
	"slices"
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

// resolution is what a spelling stands for.
type resolution struct {
	platform
	// note says what was translated or assumed, "" if nothing was.
	note string
	// python, implementation and abi are what the spelling says of the
	// Python beyond its platform, "" if nothing.
	python, implementation, abi string
}

// maxSpelling bounds the length of names: an image with its digest is the
// longest that people have.
const maxSpelling = 192

// resolve finds the platform that goes by a name: a platform tag of today or
// in an older order, a sysconfig platform, a triple, a conda subdir, an alias.
// Its errors are *UnknownPlatformError and *FloorError.
func (c spellingContext) resolve(input string) (resolution, error) {
	if input == "" || len(input) > maxSpelling {
		reason := "It is empty. "
		if input != "" {
			reason = "It is too long. "
		}
		return resolution{}, &UnknownPlatformError{Input: input[:min(len(input), 128)], Reason: reason + howNamed}
	}
	name := strings.ToLower(input)
	r, ok, err := c.read(name)
	if ok || isFloor(err) {
		return r, err
	}
	return r, c.refusal(input, name, err)
}

// read tries one grammar after the other. If none knows the name, the error is
// of the first that has something to say about it, nil if none has.
func (c spellingContext) read(name string) (resolution, bool, error) {
	var refusal error
	for _, reader := range []func(string) (resolution, bool, error){
		c.readTag, c.readTable, c.readSysconfig, c.readPair, c.readIdentifier, c.readLambda, c.readImage, c.readDistribution, c.readLiteral,
	} {
		r, ok, err := reader(name)
		if ok && err == nil || isFloor(err) {
			return r, err == nil, err
		}
		if refusal == nil {
			refusal = err
		}
	}
	return resolution{}, false, refusal
}

func isFloor(err error) bool {
	var floor *FloorError
	return errors.As(err, &floor)
}

// readTag reads a platform tag, also in an older order.
func (c spellingContext) readTag(name string) (resolution, bool, error) {
	canonical := wheel.CanonicalPlatform(name)
	p, note, ok, err := parseTag(canonical)
	if ok && err == nil && canonical != name {
		note = name + " is the older name of " + p.name
	}
	return resolution{platform: p, note: note}, ok, err
}

// readSysconfig reads what sysconfig.get_platform() returns, such as
// ios-13.0-arm64-iphoneos: a platform tag before its dashes and dots become
// underscores.
func (c spellingContext) readSysconfig(name string) (resolution, bool, error) {
	if !strings.ContainsAny(name, "-.") {
		return resolution{}, false, nil
	}
	tag := strings.NewReplacer("-", "_", ".", "_").Replace(name)
	p, _, ok, err := parseTag(wheel.CanonicalPlatform(tag))
	if err != nil && strings.HasPrefix(tag, "linux_") { // linux_* is not what is meant by linux-*
		return resolution{}, false, nil
	}
	if !ok || err != nil || p.os != osEmscripten || !strings.HasPrefix(tag, "emscripten_") {
		return resolution{platform: p}, ok, err
	}
	// The compiler's version stands for Pyodide's ABI: no other CPython for
	// Emscripten has packages.
	release := strings.TrimSuffix(strings.TrimPrefix(tag, "emscripten_"), "_wasm32")
	note := ""
	if abi, known := pyodideByEmscripten(strings.ReplaceAll(release, "_", ".")); known {
		p = p.system.at(abi.version)
		note = name + " is taken for Pyodide: " + p.name
	}
	return resolution{platform: p, note: note}, true, nil
}

// A spelling is a name of a system as the table of systems has it.
type spelling struct {
	system         *system
	open           string // what the name leaves open besides the version
	prefix, suffix string // around the version
	versioned      bool   // there is a version in the name
	darwin         bool   // it is that of macOS's kernel
	translated     bool   // worth a note even if nothing is open
}

// spellingIndex finds the systems by the names of the table.
type spellingIndex struct {
	exact    map[string]spelling
	versions []spelling // names with a version in them
	// triples and tripleVersions are the same by what tripleKey makes of
	// them, for vendors and processors that the table does not list.
	triples        map[string]spelling
	tripleVersions []spelling
}

var spellings = sync.OnceValue(func() *spellingIndex {
	index := &spellingIndex{exact: make(map[string]spelling), triples: make(map[string]spelling)}
	for i := range systems {
		s := &systems[i]
		for kind, column := range s.names {
			for text := range strings.FieldsSeq(column) {
				text = strings.TrimPrefix(text, "<")
				// The grammar of tags reads these, and is stricter.
				strict := (Kind(kind) == KindSysconfig || Kind(kind) == KindOlderTag) && strings.Contains(text, "{")
				if !strict && text[0] != '>' {
					index.add(strings.ToLower(text), s)
				}
			}
		}
		for _, short := range s.short {
			index.exact[short.name] = spelling{system: s, open: short.open}
		}
	}
	return index
})

func (x *spellingIndex) add(text string, s *system) {
	key := tripleKey(text)
	before, rest, versioned := strings.Cut(text, "{")
	if !versioned {
		if _, taken := x.exact[text]; !taken {
			x.exact[text] = spelling{system: s}
		}
		if _, taken := x.triples[key]; !taken && key != "" {
			x.triples[key] = spelling{system: s}
		}
		return
	}
	slot, after, _ := strings.Cut(rest, "}")
	sp := spelling{system: s, prefix: before, suffix: after, versioned: true, darwin: slot == "darwin"}
	x.versions = append(x.versions, sp)
	if before, _, ok := strings.Cut(key, "{"); ok {
		sp.prefix = before
		x.tripleVersions = append(x.tripleVersions, sp)
	}
}

// tripleKey brings a triple to the form in which one processor has one name
// and no vendor is said: x86_64-alpine-linux-musl and amd64-pc-linux-musl are
// both x86_64-linux-musl. It returns "" for what is no triple.
func tripleKey(name string) string {
	words := strings.Split(name, "-")
	cpu, known := cpuNames[words[0]]
	if !known || len(words) < 2 || len(words) > 4 || strings.Trim(words[0], "0123456789") == "" {
		return ""
	}
	rest := words[1:]
	if len(rest) > 1 && !namesSystem(rest[0]) {
		// Who builds for Linux names himself as the vendor; of the other
		// systems there is one, and a slip is a slip.
		if rest[1] != "linux" && !slices.Contains([]string{"apple", "pc", "w64", "unknown", "none", "portbld"}, rest[0]) {
			return ""
		}
		rest = rest[1:]
	}
	return cpu + "-" + strings.Join(rest, "-")
}

// namesSystem tells the system in a triple from a vendor.
func namesSystem(word string) bool {
	word = strings.TrimRight(word, "0123456789._")
	return slices.Contains([]string{"linux", "darwin", "macos", "macosx", "ios", "windows", "mingw", "emscripten", "freebsd", "wasi", "wasip"}, word) || foreign[word] != ""
}

// readTable finds a name in the table of systems.
func (c spellingContext) readTable(name string) (resolution, bool, error) {
	s, v, ok := spellings().find(name)
	switch {
	case !ok:
		return resolution{}, false, nil
	case s.versioned:
		return s.system.checked(name, v)
	}
	return c.complete(name, s)
}

// find looks a name up, as the table has it or as a triple, and reads the
// version in it.
func (x *spellingIndex) find(name string) (spelling, version, bool) {
	key := tripleKey(name)
	if s, ok := x.exact[name]; ok {
		return s, version{}, true
	}
	if s, v, ok := findVersion(x.versions, name); ok {
		return s, v, true
	}
	if s, ok := x.triples[key]; ok {
		return s, version{}, true
	}
	return findVersion(x.tripleVersions, key)
}

func findVersion(spellings []spelling, name string) (spelling, version, bool) {
	for _, s := range spellings {
		rest, ok := strings.CutPrefix(name, s.prefix)
		if !ok {
			continue
		}
		if number, ok := strings.CutSuffix(rest, s.suffix); ok {
			if v, ok := s.version(number); ok {
				return s, v, true
			}
		}
	}
	return spelling{}, version{}, false
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
	if abi, ok := pyodideByRelease(versionOr(numbers[:min(len(numbers), 2)], version{})); ok && s.system.os == osEmscripten {
		return abi.version, true
	}
	if s.darwin {
		return macOSOfDarwin(numbers[0])
	}
	return v, true
}

// macOSOfDarwin: Darwin 20 is macOS 11, Darwin 25 is macOS 26; the numbers
// between 15 and 26 were skipped. Before that the minor version counted.
func macOSOfDarwin(kernel int) (version, bool) {
	switch {
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
func (s *system) checked(input string, v version) (resolution, bool, error) {
	p, _, _, err := parseTag(s.tagAt(v))
	if unknown, ok := err.(*UnknownPlatformError); ok { //nolint:errorlint // made by parseTag, never wrapped
		unknown.Input = input
	}
	return resolution{platform: p}, err == nil, err
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
func (c spellingContext) complete(name string, s spelling) (resolution, bool, error) {
	v, source := s.system.usual, ""
	variable := floors[s.system.os]
	if c.getenv != nil && variable != "" {
		if value, set := c.getenv(variable); set && value != "" {
			var err error
			if v, err = parseFloor(variable, value); err != nil {
				return resolution{}, true, err
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
	r, _, err := s.system.checked(name, v)
	if err != nil && source == variable && source != "" {
		value, _ := c.getenv(variable)
		err = &FloorError{Variable: variable, Value: value, Reason: "no " + s.system.os.String() + " host can have it"}
	}
	if err != nil {
		return resolution{}, true, err
	}
	r.note = s.note(name, r.platform, source)
	return r, true, nil
}

// note says what was taken where a name leaves something open.
func (s spelling) note(name string, p platform, source string) string {
	var taken []string
	if s.open != "" {
		taken = append(taken, s.open)
	}
	versioned := s.system.floor != version{}
	if versioned && p.os != osEmscripten { // whose name is its version
		taken = append(taken, p.release())
	}
	if len(taken) == 0 && p.os != osEmscripten && !s.translated || name == p.name {
		return ""
	}
	note := name + " is taken as " + p.name
	if len(taken) > 0 {
		note += ": " + strings.Join(taken, ", ")
	}
	switch variable := floors[p.os]; {
	case source != "":
		note += " (from " + source + ")"
	case variable != "":
		note += " (" + variable + " or a platform tag says another)"
	case p.libc() != libcNone:
		note += " (a manylinux or musllinux tag says another)"
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
