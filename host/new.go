package host

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xpip/xpip/requirements"
)

// New describes the host of the given options. Its errors are
// *UnknownPlatformError, *PlatformConflictError, *PythonVersionError,
// *TagError, *MarkerError, *FloorError, *ConflictError and [ErrNoPlatform].
func New(o Options) (*Host, error) {
	o.Platforms, o.ABIs, o.Markers = slices.Clone(o.Platforms), slices.Clone(o.ABIs), maps.Clone(o.Markers)
	h := &Host{given: o, exact: o.Exact, origins: make(map[string]string)}
	if len(o.Platforms) == 0 && o.Native != nil && (o.Prefix == nil || o.Prefix.Platform == "") {
		return h.derive(o.Native)
	}
	b := builder{Host: h}
	steps := []func() error{b.checkConflicts, b.readABIs, b.readPython, b.readPlatforms, b.choosePython, b.chooseImplementation, b.chooseABIs, b.finish}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return h.seal(), nil
}

// builder makes a Host step by step; each step uses what the ones before it
// decided.
type builder struct {
	*Host
	implementation implementation
	implKnown      bool
	// spelled is what a platform's spelling says of the Python, spelledBy
	// that spelling.
	spelled   resolution
	spelledBy string
}

// readABIs checks the ABI tags as they were given.
func (b *builder) readABIs() error {
	for _, abi := range b.given.ABIs {
		lower := strings.ToLower(abi)
		if !isTagWord(lower) {
			return &TagError{Option: "--abi", Input: abi, Reason: "an ABI is named as in wheel tags: cp313, cp313t, abi3, none"}
		}
		b.abis = append(b.abis, lower)
	}
	return nil
}

func (b *builder) readPython() error {
	version, origin := b.given.PythonVersion, "--python-version"
	if prefix := b.given.Prefix; version == "" && prefix != nil {
		version, origin = prefix.Python, prefix.PythonOrigin
	}
	if version == "" {
		return nil
	}
	v, err := ParsePythonVersion(version)
	if err != nil {
		return err
	}
	if b.given.PythonVersion == "" {
		v = b.given.Prefix.fullPython(v)
	}
	b.python, b.origins["python"] = v, origin
	return nil
}

func (b *builder) readPlatforms() error {
	platforms, origin := b.given.Platforms, "--platform"
	if b.ownPlatform() {
		platforms, origin = b.given.Prefix.spellings(), b.given.Prefix.PlatformOrigin
	}
	if len(platforms) == 0 {
		return ErrNoPlatform
	}
	context := spellingContext{python: b.python, getenv: b.given.Getenv, exact: b.exact}
	for _, name := range platforms {
		r, err := context.resolve(name)
		if err != nil {
			return err
		}
		b.platforms = append(b.platforms, r.platform)
		if r.note != "" && !slices.Contains(b.notes, r.note) {
			b.notes = append(b.notes, r.note)
		}
		switch {
		case r.python == "":
		case b.spelledBy == "":
			b.spelled, b.spelledBy = r, name
		case b.spelled.python != r.python || b.spelled.implementation != r.implementation:
			return &PlatformConflictError{First: b.spelledBy, Second: name, Part: "Pythons"}
		}
	}
	b.origins["platform"] = origin
	first := b.main()
	if len(b.platforms) == 1 && first.os == osLinux && first.libc() == libcNone {
		if s := findSystem(osLinux, libcGlibc, first.system.arch, ""); s != nil {
			b.notes = append(b.notes, first.name+" takes wheels of just that tag, which indexes do not carry: "+
				s.tagAt(s.usual)+" is a Linux with glibc")
		}
	}
	for _, p := range b.platforms {
		if p.os != osAny && first.os != osAny && p.os != first.os {
			return &PlatformConflictError{First: first.name, Second: p.name, Part: "operating systems"}
		}
	}
	for _, p := range b.platforms {
		if p.os != osAny && (p.cpu() != first.cpu() || p.system != nil && p.system.sdk != first.system.sdk) {
			b.notes = append(b.notes, "markers are those of "+first.name+", the first platform")
			break
		}
	}
	return nil
}

// main is the platform whose markers and scheme the host has: the first that
// is one at all.
func (h *Host) main() platform {
	for _, p := range h.platforms {
		if p.os != osAny {
			return p
		}
	}
	return h.platforms[0]
}

// choosePython decides the version if none was asked for: the ABI's, the
// one that a platform's spelling names, the platform's, or the default.
func (b *builder) choosePython() error {
	if b.python.Parts > 0 {
		if said := b.spelled.python; said != "" && said != b.python.String() && said != b.python.Short() {
			b.notes = append(b.notes, "Python "+b.python.String()+" ("+b.origins["python"]+") counts, not the "+said+" of "+b.spelledBy)
		}
		return nil
	}
	version, origin := b.given.DefaultPython, "default"
	if version == "" {
		version = DefaultPython
	}
	if implied := pythonOfPlatform(b.main()); implied != "" {
		version, origin = implied, "implied by "+b.main().name
	}
	if b.spelled.python != "" {
		version, origin = b.spelled.python, "implied by "+b.spelledBy
	}
	for _, abi := range b.abis {
		if implied := pythonOfABI(abi); implied != "" {
			version, origin = implied, "implied by --abi "+abi
			break
		}
	}
	v, err := ParsePythonVersion(version)
	if err != nil {
		return err
	}
	b.python, b.origins["python"] = v, origin
	return nil
}

// pythonOfPlatform is the version that goes with a platform, "" if any does.
func pythonOfPlatform(p platform) string {
	if p.os != osEmscripten {
		return ""
	}
	abi, ok := pyodideByVersion(p.version)
	if release, legacy := strings.CutPrefix(p.name, "emscripten_"); legacy {
		release = strings.ReplaceAll(strings.TrimSuffix(release, "_wasm32"), "_", ".")
		abi, ok = pyodideByEmscripten(release)
	}
	if !ok {
		return ""
	}
	return "3." + strconv.Itoa(abi.minor)
}

// pythonOfABI reads the version off cp313, cp313t and pypy311_pp73; "" if an
// ABI names none.
func pythonOfABI(abi string) string {
	for _, prefix := range []string{"cp", "pypy"} {
		rest, ok := strings.CutPrefix(abi, prefix)
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if !ok || digits < 2 || digits > 3 {
			continue
		}
		version := rest[:1] + "." + rest[1:digits]
		if prefix == "cp" && isThreadedABI(abi) {
			version += "t"
		}
		if _, err := ParsePythonVersion(version); err == nil {
			return version
		}
	}
	return ""
}

func (b *builder) chooseImplementation() error {
	if prefix := b.given.Prefix; prefix != nil && prefix.Implementation != "" {
		return b.implementationOr(prefix.Implementation, prefix.originOf("implementation", true))
	}
	if b.spelled.implementation != "" {
		return b.implementationOr(b.spelled.implementation, "implied by "+b.spelledBy)
	}
	return b.implementationOr("cp", "default")
}

// implementationOr takes the fallback where neither --implementation nor an
// ABI names one.
func (b *builder) implementationOr(fallback, fallbackOrigin string) error {
	name, origin := b.given.Implementation, "--implementation"
	if name == "" {
		name, origin = fallback, fallbackOrigin
		if len(b.abis) > 0 && strings.HasPrefix(b.abis[0], "pypy") {
			name, origin = "pp", "implied by --abi "+b.abis[0]
		}
	}
	impl, known, err := lookupImplementation(name)
	if err != nil {
		return err
	}
	b.implementation, b.implKnown = impl, known
	b.impl, b.origins["implementation"] = impl.short, origin
	if b.python.FreeThreaded && impl.short != "cp" {
		return &TagError{Option: "--implementation", Input: name, Reason: "only CPython has free-threaded builds"}
	}
	return nil
}

func (b *builder) chooseABIs() error {
	b.origins["abi"] = "--abi"
	if len(b.abis) == 0 && b.spelled.abi != "" && b.impl == b.spelled.implementation && b.spelled.python == b.python.String() {
		b.abis, b.origins["abi"] = []string{b.spelled.abi}, "implied by "+b.spelledBy
	}
	if prefix := b.given.Prefix; len(b.abis) == 0 && b.ownPython() && len(prefix.ABIs) > 0 {
		b.abis, b.origins["abi"] = slices.Clone(prefix.ABIs), prefix.originOf("abi", true)
	}
	if len(b.abis) == 0 {
		b.abis = defaultABIs(b.impl, b.python)
		b.origins["abi"] = "implied by " + b.implementation.title + " " + b.python.String()
	}
	b.threaded = b.python.FreeThreaded || b.impl == "cp" && len(b.abis) > 0 && isThreadedABI(b.abis[0])
	for _, abi := range b.given.ABIs {
		if b.python.FreeThreaded && pythonOfABI(strings.ToLower(abi)) != "" && !isThreadedABI(strings.ToLower(abi)) {
			return &TagError{Option: "--abi", Input: abi, Reason: "Python " + b.python.String() + " is free-threaded, this ABI is not"}
		}
	}
	return nil
}

// finish derives tags, markers and scheme.
func (b *builder) finish() error {
	interpreter := b.impl + b.python.nodot()
	b.tags = newTagSet(expandAll(b.platforms, b.exact),
		tagSections(b.impl, b.python, b.abis, b.threaded, interpreter))
	b.takeTags()
	b.takeNotes()
	main := b.main()
	values := markerValues(main, b.implementation, b.implKnown, b.python)
	for name, value := range values {
		b.origins[name] = "platform " + main.name
		if strings.Contains(name, "python") || strings.HasPrefix(name, "implementation") {
			b.origins[name] = "Python " + b.python.String()
		}
		if !value.Known {
			b.origins[name] = "default"
		}
	}
	b.takeMarkers(values)
	if err := b.settle(requirements.NewEnvironment(values)); err != nil {
		return err
	}
	b.scheme = schemeFor(main.os, b.implementation, b.python, b.threaded)
	b.origins["scheme"] = "the default of " + b.implementation.title + " on " + main.os.String()
	b.takeScheme()
	if b.given.PythonVersion == "" {
		b.notes = append(b.notes, b.PythonTitle())
	} else if b.python.Parts == 1 {
		b.notes = append(b.notes, "Python "+b.python.String()+" is "+b.python.full+", as in pip: no wheel for one minor version fits")
	}
	return nil
}
