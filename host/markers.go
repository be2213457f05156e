package host

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xpip/xpip/requirements"
)

func known(text string) requirements.Value { return requirements.Value{Text: text, Known: true} }

// unknown has a default and, if it cannot be anything, what it can be.
func unknown(text string, among ...string) requirements.Value {
	return requirements.Value{Text: text, Among: among}
}

// markerValues returns the marker variables of CPython on a platform, as
// CPython itself reports them there. platform_release and platform_version
// belong to a running machine: they are unknown, with "" as in other tools.
func markerValues(p platform, impl implementation, implKnown bool, v PythonVersion) map[string]requirements.Value {
	m := map[string]requirements.Value{
		"os_name":          known("posix"),
		"platform_release": unknown(""),
		"platform_version": unknown(""),
		"python_version":   known(v.Short()),
	}
	if p.system != nil {
		m["platform_machine"] = known(p.system.machine)
		if len(p.system.also) > 0 {
			m["platform_machine"] = unknown(p.system.machine, append([]string{p.system.machine}, p.system.also...)...)
		}
	}
	switch p.os {
	case osLinux:
		m["sys_platform"], m["platform_system"] = known("linux"), known("Linux")
	case osMacOS:
		m["sys_platform"], m["platform_system"] = known("darwin"), known("Darwin")
	case osIOS:
		m["sys_platform"] = known("ios")
		m["platform_system"] = unknown("iOS", "iOS", "iPadOS")
	case osAndroid:
		m["sys_platform"], m["platform_system"] = known("android"), known("Android")
		if !v.since(13) { // PEP 738
			m["sys_platform"], m["platform_system"] = known("linux"), known("Linux")
		}
	case osWindows:
		m["os_name"] = known("nt")
		m["sys_platform"], m["platform_system"] = known("win32"), known("Windows")
	case osEmscripten:
		m["sys_platform"], m["platform_system"] = known("emscripten"), known("Emscripten")
		m["platform_version"] = known("#1")
		m["platform_release"] = emscriptenRelease(p)
	case osFreeBSD:
		m["sys_platform"], m["platform_system"] = known("freebsd"), known("FreeBSD")
		if !v.since(14) { // the release was part of it
			m["sys_platform"] = known("freebsd" + strconv.Itoa(p.version.major))
		}
	case osWASI: // all of it is from wasi-libc's uname
		m["sys_platform"], m["platform_system"] = known("wasi"), known("wasi")
		m["platform_release"], m["platform_version"] = known("0.0.0"), known("0.0.0")
	default:
		for _, name := range []string{"os_name", "sys_platform", "platform_system", "platform_machine"} {
			m[name] = unknown("")
		}
	}
	pythonMarkers(m, impl, implKnown, v)
	return m
}

// emscriptenRelease is the version of the compiler, which the ABI fixes.
func emscriptenRelease(p platform) requirements.Value {
	if rest, ok := strings.CutPrefix(p.name, "emscripten_"); ok {
		return known(strings.ReplaceAll(strings.TrimSuffix(rest, "_wasm32"), "_", "."))
	}
	if abi, ok := pyodideByVersion(p.version); ok {
		return known(abi.emscripten)
	}
	return unknown("")
}

// pythonMarkers adds what belongs to the Python alone.
func pythonMarkers(m map[string]requirements.Value, impl implementation, implKnown bool, v PythonVersion) {
	full := known(v.full)
	if v.Parts < 3 {
		full = unknown(v.full, v.Short()+".*")
	}
	m["python_full_version"] = full
	value := known
	if !implKnown {
		value = func(text string) requirements.Value { return unknown(text) }
	}
	m["implementation_name"] = value(impl.name)
	m["platform_python_implementation"] = value(impl.title)
	m["implementation_version"] = full
	if impl.short != "cp" { // PyPy and the others count their own versions
		m["implementation_version"] = unknown(v.full)
	}
}

// applyMarkers settles variables by name. Names are checked in order, so that
// the error does not depend on chance.
func applyMarkers(env requirements.Environment, settings map[string]string) (requirements.Environment, []string, error) {
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	settled := make([]string, 0, len(names))
	for _, name := range names {
		canonical, ok := requirements.CanonicalVariable(name)
		if !ok {
			return env, nil, &MarkerError{Name: name, Suggestion: nearestVariable(name)}
		}
		env = env.With(canonical, settings[name])
		settled = append(settled, canonical)
	}
	return env, settled, nil
}

func nearestVariable(name string) string {
	best, limit := "", 4
	if len(name) > 64 {
		return ""
	}
	for _, candidate := range requirements.VariableNames() {
		if d := editDistance(name, candidate); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}
