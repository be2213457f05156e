package host

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/host/crossfile"
	"github.com/xpip/xpip/requirements"
)

// SlicesError refuses a description of several hosts, none of which was
// chosen.
type SlicesError struct {
	Path string
	// Platforms are the spellings of what is there, in the order of the file.
	Platforms []string
}

func (e *SlicesError) Error() string {
	return fmt.Sprintf("reading %q: it describes %d hosts: %s; --platform chooses one",
		e.Path, len(e.Platforms), strings.Join(e.Platforms, ", "))
}

func describeError(file string, err error) error {
	return fmt.Errorf("reading %q: %w", file, err)
}

// say records a witness.
func (f *Facts) say(field, value, file string) {
	f.Sources = append(f.Sources, Source{Field: field, Value: value, File: file})
}

func (f *Facts) sayPlatform(spelling, file string) {
	f.Platform, f.PlatformOrigin = spelling, file
	f.say("platform", spelling, file)
}

func (f *Facts) sayPython(version, file string) {
	f.Python, f.PythonOrigin = version, file
	f.say("python", version, file)
}

// readCompletePlatform reads pex's JSON. Its tags and markers count as they
// are; what it does not say (the scheme, unknown markers) follows from the
// platform of its first tags.
func readCompletePlatform(file string, text []byte) (Facts, error) {
	complete, err := crossfile.ParseCompletePlatform(text)
	if err != nil {
		return Facts{}, describeError(file, err)
	}
	f := Facts{Tags: complete.Tags, Markers: complete.Markers}
	for name := range f.Markers {
		canonical, ok := requirements.CanonicalVariable(name)
		if !ok || canonical != name {
			return Facts{}, describeError(file, &MarkerError{Name: name, Suggestion: nearestVariable(name)})
		}
	}
	full := f.Markers["python_full_version"]
	if full == "" || slices.Contains(complete.Unknown, "python_full_version") {
		full = f.Markers["python_version"]
	}
	for _, name := range complete.Unknown {
		delete(f.Markers, name)
	}
	interpreter := f.Tags[0].Python
	f.Implementation = parsePythonTag(interpreter).impl
	for _, t := range f.Tags {
		explicit := t.ABI == "abi3" || t.ABI == "abi3t" || t.ABI == "none"
		if t.Python == interpreter && !explicit && !slices.Contains(f.ABIs, t.ABI) {
			f.ABIs = append(f.ABIs, t.ABI)
		}
	}
	version := leadingVersion(full)
	if t := parsePythonTag(interpreter); version == "" && t.minor >= 0 {
		version = fmt.Sprintf("%d.%d", t.major, t.minor)
	}
	if version != "" && len(f.ABIs) > 0 && isThreadedABI(f.ABIs[0]) {
		version += "t"
	}
	if version != "" {
		f.sayPython(version, file)
	}
	f.say("implementation", f.Implementation, file)
	f.sayPlatform(mainPlatform(f), file)
	return f, nil
}

// mainPlatform is the platform tag that says most of the machine: the first,
// or on Linux the first that names the C library.
func mainPlatform(f Facts) string {
	first := ""
	for _, t := range f.Tags {
		p, _, ok, err := parseTag(t.Platform)
		switch {
		case t.Platform == "any":
		case ok && err == nil && p.libc() != libcNone:
			return t.Platform
		case first == "":
			first = t.Platform
			if ok && err == nil && p.os != osLinux {
				return first
			}
		}
	}
	if first == "" {
		return "any"
	}
	return first
}

// readPyBuildCMake reads a cross file of py-build-cmake. Its arch is the tag
// of the wheels to make: linux_aarch64 there leaves the C library open.
func readPyBuildCMake(file string, text []byte) (Facts, error) {
	cross, err := crossfile.ParsePyBuildCMake(text)
	if err != nil {
		return Facts{}, describeError(file, err)
	}
	if cross == (crossfile.PyBuildCMake{}) {
		return Facts{}, describeError(file, errors.New("it has none of the keys os, implementation, version, abi, arch of a cross file"))
	}
	f := Facts{}
	if cross.Implementation != "" {
		if f.Implementation = abbreviation(cross.Implementation); f.Implementation == "" {
			return Facts{}, describeError(file, fmt.Errorf("implementation %.40q is none that is known", cross.Implementation))
		}
		f.say("implementation", f.Implementation, file)
	}
	version := cross.Version
	if cross.ABI != "" {
		f.ABIs = []string{cross.ABI}
		f.say("abi", cross.ABI, file)
		if version == "" {
			version = strings.TrimSuffix(pythonOfABI(cross.ABI), "t")
		}
	}
	if version != "" {
		v, err := ParsePythonVersion(version)
		if err != nil {
			return Facts{}, describeError(file, err)
		}
		v.FreeThreaded = v.FreeThreaded || isThreadedABI(cross.ABI)
		f.sayPython(v.String(), file)
	}
	platform := cross.Arch
	if arch, plain := strings.CutPrefix(platform, "linux_"); plain {
		if name := (machine{os: osLinux, cpu: cpuNames[arch]}).spell(); name != "" {
			platform = name
		}
	}
	if platform != "" {
		f.sayPlatform(platform, file)
		if err := f.agreesWithOS(file, cross.OS, platform); err != nil {
			return Facts{}, err
		}
	}
	return f, nil
}

// pbcSystems are the systems by py-build-cmake's names of them.
var pbcSystems = map[string]osKind{"linux": osLinux, "mac": osMacOS, "windows": osWindows, "pyodide": osEmscripten}

func (f *Facts) agreesWithOS(file, word, platform string) error {
	os, known := pbcSystems[word]
	if word == "" {
		return nil
	}
	if !known {
		return describeError(file, fmt.Errorf("os %.40q is none of linux, mac, windows, pyodide", word))
	}
	r, ok, err := spellingContext{}.read(strings.ToLower(platform))
	// A Linux below: Android has no word of its own.
	if ok && err == nil && r.os != os && (r.os != osAndroid || os != osLinux) && (r.os != osIOS || os != osMacOS) {
		f.Conflicts = append(f.Conflicts, &ConflictError{Path: file, Field: "platform",
			First: Source{"platform", word, file}, Second: Source{"platform", platform, file}})
	}
	return nil
}

// readPyodideLock reads the lock file of a Pyodide release.
func readPyodideLock(file string, text []byte) (Facts, error) {
	lock, err := crossfile.ParsePyodideLock(text)
	if err != nil {
		return Facts{}, describeError(file, err)
	}
	f := Facts{Implementation: "cp"}
	version := leadingVersion(lock.Python)
	if version == "" {
		return Facts{}, describeError(file, fmt.Errorf("python %.40q is no version", lock.Python))
	}
	f.sayPython(version, file)
	compiler, ok := strings.CutPrefix(lock.Platform, "emscripten_")
	if !ok || !isTagWord(compiler) {
		return Facts{}, describeError(file, fmt.Errorf("platform %.60q is none of Emscripten", lock.Platform))
	}
	abi := lock.ABI
	if known, ok := pyodideByEmscripten(strings.ReplaceAll(compiler, "_", ".")); abi == "" && ok {
		abi = strings.ReplaceAll(dotted(known.version), ".", "_")
	}
	platform := "emscripten_" + compiler + "_wasm32"
	if abi != "" {
		platform = "pyemscripten_" + abi + "_wasm32"
	}
	if _, _, _, err := parseTag(platform); err != nil {
		return Facts{}, describeError(file, err)
	}
	f.sayPlatform(platform, file)
	// The ABI fixes the compiler's version only for those that are known here.
	f.Markers = map[string]string{"platform_release": strings.ReplaceAll(compiler, "_", ".")}
	f.say("platform_release", f.Markers["platform_release"], file)
	return f, nil
}

// xcframeworkPlatforms spells the platforms of the slices that Python runs on,
// one for each processor; of macOS, both processors together are universal2.
func xcframeworkPlatforms(slices []crossfile.Slice) ([]string, error) {
	var platforms []string
	var other []string
	for _, slice := range slices {
		m := machine{os: osWords[slice.Platform]}
		switch {
		case m.os == osIOS && slice.Variant == "":
			m.sdk = "iphoneos"
		case m.os == osIOS && slice.Variant == "simulator":
			m.sdk = "iphonesimulator"
		case m.os != osMacOS || slice.Variant != "":
			other = append(other, strings.TrimSuffix(slice.Platform+" "+slice.Variant, " "))
			continue
		}
		for _, cpu := range m.processors(slice.Architectures) {
			m.cpu = cpu
			if name := m.spell(); name != "" {
				platforms = append(platforms, name)
			} else {
				other = append(other, slice.Platform+" "+cpu)
			}
		}
	}
	if len(platforms) == 0 {
		return nil, fmt.Errorf("it has nothing but %.200q, where xpip knows of no Python", strings.Join(other, ", "))
	}
	return platforms, nil
}
