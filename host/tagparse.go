package host

import (
	"fmt"
	"strconv"
	"strings"
)

// maxVersion bounds the numbers in a platform tag: none is near it, and the
// expansion of a version is a list of all older ones.
const maxVersion = 99

// parseTag reads a platform tag. family is false if s does not begin like one
// of the families; then there is no error either.
func parseTag(s string) (p platform, note string, family bool, err error) {
	prefix, rest, _ := strings.Cut(s, "_")
	switch prefix {
	case "any":
		if rest == "" && s == "any" {
			return platform{os: osAny, name: "any"}, "", true, nil
		}
	case "ios":
		p, note, err = parseIOS(s, rest)
		return p, note, true, err
	case "android":
		p, err = parseAndroid(s, rest)
		return p, "", true, err
	case "macosx":
		p, err = parseMacOS(s, rest)
		return p, "", true, err
	case "win", "win32":
		p, err = parseWindows(s)
		return p, "", true, err
	case "linux":
		p, err = parsePlainLinux(s, rest)
		return p, "", true, err
	case "manylinux", "manylinux1", "manylinux2010", "manylinux2014", "musllinux":
		p, err = parseLibcLinux(s, prefix, rest)
		return p, "", true, err
	case "pyemscripten", "pyodide", "emscripten":
		p, err = parseEmscripten(s, prefix, rest)
		return p, "", true, err
	case "freebsd":
		p, err = parseFreeBSD(s, rest)
		return p, "", true, err
	case "wasi":
		p, err = parseWASI(s, rest)
		return p, "", true, err
	}
	return platform{}, "", false, nil
}

// leadingNumbers splits "13_0_arm64_iphoneos" into its numbers and the rest.
// Numbers are written as Python writes them: without a leading zero.
func leadingNumbers(s string) (numbers []int, rest string) {
	for s != "" {
		word, after, more := strings.Cut(s, "_")
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 || n > 9999 || strconv.Itoa(n) != word || more && after == "" {
			break
		}
		numbers = append(numbers, n)
		s = after
	}
	return numbers, s
}

func refuse(input, reason string, suggestions ...string) (platform, error) {
	return platform{}, &UnknownPlatformError{Input: input, Reason: reason, Suggestions: suggestions}
}

// findSystem returns the system of an operating system and a C library whose
// tag says arch (and sdk), or nil.
func findSystem(os osKind, libc libcKind, arch, sdk string) *system {
	for i := range systems {
		s := &systems[i]
		if s.os == os && s.libc == libc && s.arch == arch && s.sdk == sdk {
			return s
		}
	}
	return nil
}

// likelySystem finds the system that somebody means who calls a processor by
// another of its names, or nearly by its own.
func likelySystem(os osKind, libc libcKind, arch string) *system {
	if arch == "" {
		return nil
	}
	cpu, known := cpuNames[arch]
	best, limit := (*system)(nil), 3
	for i := range systems {
		s := &systems[i]
		if s.os != os || s.libc != libc {
			continue
		}
		if known && s.cpu == cpu {
			return s
		}
		if !s.named() {
			continue
		}
		word := s.arch
		if s.sdk != "" {
			word += "_" + s.sdk
		}
		d := editDistance(arch, word)
		for other, cpu := range cpuNames {
			if cpu == s.cpu && s.sdk == "" && len(other) > 3 {
				d = min(d, editDistance(arch, other))
			}
		}
		if d < limit {
			best, limit = s, d
		}
	}
	return best
}

// parseIOS reads PEP 730's ios_13_0_arm64_iphoneos, and the short form
// without an SDK: an arm64 is the device, an x86_64 can only be a simulator.
func parseIOS(s, rest string) (platform, string, error) {
	numbers, tail := leadingNumbers(rest)
	var sys *system
	var note string
	switch tail {
	case "arm64":
		sys = findSystem(osIOS, libcNone, "arm64", "iphoneos")
		note = "the device"
	case "x86_64":
		sys = findSystem(osIOS, libcNone, "x86_64", "iphonesimulator")
		note = "the simulator"
	default:
		arch, sdk, _ := cutLast(tail, "_")
		sys = findSystem(osIOS, libcNone, arch, sdk)
	}
	if sys == nil {
		return refuseIOS(s, numbers, tail)
	}
	if len(numbers) != 2 {
		v := sys.nearest(versionOr(numbers, sys.usual))
		wanted := fmt.Sprintf("ios_%d_%d_%s", v.major, v.minor, tail)
		reason := "An iOS tag names major and minor version: " + wanted + "."
		if len(numbers) == 1 {
			reason = "An iOS tag names a minor version: " + wanted + "."
		}
		p, err := refuse(s, reason, wanted)
		return p, "", err
	}
	v := version{numbers[0], numbers[1]}
	if v.less(sys.floor) {
		wanted := sys.tagAt(sys.floor)
		p, err := refuse(s, "Python runs on iOS 12.0 and newer: "+wanted+".", wanted)
		return p, "", err
	}
	if v.major > maxVersion || v.minor > maxVersion {
		p, err := refuse(s, "There is no iOS "+dotted(v)+".", sys.tagAt(sys.usual))
		return p, "", err
	}
	p := sys.at(v)
	if note != "" {
		note = s + " is " + note + ": " + p.name
	}
	return p, note, nil
}

func refuseIOS(s string, numbers []int, tail string) (platform, string, error) {
	device := findSystem(osIOS, libcNone, "arm64", "iphoneos")
	v := device.nearest(versionOr(numbers, device.usual))
	if tail == "x86_64_iphoneos" {
		simulator := findSystem(osIOS, libcNone, "x86_64", "iphonesimulator")
		p, err := refuse(s, "No iPhone has an x86_64 processor, only simulators on a Mac do: "+
			simulator.tagAt(v)+" or, for the device, "+device.tagAt(v)+".", simulator.tagAt(v), device.tagAt(v))
		return p, "", err
	}
	sys := likelySystem(osIOS, libcNone, tail)
	if sys == nil {
		sys = device
		for _, name := range []string{"simulator", "sim"} {
			if strings.Contains(tail, name) {
				sys = findSystem(osIOS, libcNone, "arm64", "iphonesimulator")
			}
		}
	}
	p, err := refuse(s, "An iOS tag ends in arm64_iphoneos, arm64_iphonesimulator or x86_64_iphonesimulator: "+
		sys.tagAt(v)+".", sys.tagAt(v))
	return p, "", err
}

// parseAndroid reads PEP 738's android_24_arm64_v8a.
func parseAndroid(s, rest string) (platform, error) {
	numbers, tail := leadingNumbers(rest)
	sys := findSystem(osAndroid, libcNone, tail, "")
	exact := sys != nil
	if !exact {
		sys = likelySystem(osAndroid, libcNone, tail)
	}
	level := version{24, 0}
	if len(numbers) > 0 {
		level.major = min(max(numbers[0], 16), maxVersion)
	}
	switch {
	case sys == nil:
		wanted := findSystem(osAndroid, libcNone, "arm64_v8a", "").tagAt(level)
		return refuse(s, "An Android tag ends in arm64_v8a, x86_64, armeabi_v7a or x86: "+wanted+".", wanted)
	case !exact:
		wanted := sys.tagAt(level)
		return refuse(s, "Android calls this processor "+sys.arch+": "+wanted+".", wanted)
	case len(numbers) != 1:
		wanted := sys.tagAt(level)
		return refuse(s, "An Android tag names the API level, one number: "+wanted+".", wanted)
	case numbers[0] != level.major:
		wanted := sys.tagAt(level)
		reason := "Python runs on Android API level 16 and newer: "
		if numbers[0] > maxVersion {
			reason = fmt.Sprintf("There is no Android API level %d; the nearest name is ", numbers[0])
		}
		return refuse(s, reason+wanted+".", wanted)
	}
	return sys.at(level), nil
}

// parseMacOS reads macosx_11_0_arm64.
func parseMacOS(s, rest string) (platform, error) {
	numbers, tail := leadingNumbers(rest)
	sys := findSystem(osMacOS, libcNone, tail, "")
	exact := sys != nil
	if !exact {
		if sys = likelySystem(osMacOS, libcNone, tail); sys == nil {
			sys = findSystem(osMacOS, libcNone, "arm64", "")
			wanted := sys.tagAt(sys.nearest(versionOr(numbers, sys.usual)))
			return refuse(s, "A macOS tag ends in arm64, x86_64 or universal2: "+wanted+".", wanted)
		}
	}
	v := versionOr(numbers, version{13, 0})
	wanted := func(v version) string { return sys.tagAt(sys.nearest(v)) }
	switch {
	case !exact:
		return refuse(s, "macOS calls this processor "+sys.arch+": "+wanted(v)+".", wanted(v))
	case len(numbers) == 1:
		return refuse(s, "A macOS tag names a minor version: "+wanted(v)+".", wanted(v))
	case len(numbers) != 2:
		return refuse(s, "A macOS tag names major and minor version: "+wanted(v)+".", wanted(v))
	case v.less(sys.floor):
		return refuse(s, "macOS on "+sys.arch+" begins with "+dotted(sys.floor)+": "+wanted(v)+".", wanted(v))
	case v.major == 10 && v.minor > 16, v.major > maxVersion, v.minor > maxVersion:
		return refuse(s, "There is no macOS "+dotted(v)+".", wanted(version{13, 0}))
	}
	return sys.at(v), nil
}

func parseWindows(s string) (platform, error) {
	arch := strings.TrimPrefix(s, "win_")
	if sys := findSystem(osWindows, libcNone, arch, ""); sys != nil && (s == sys.tagAt(version{})) {
		return sys.at(version{}), nil
	}
	if sys := likelySystem(osWindows, libcNone, arch); sys != nil && arch != "win" {
		name := sys.tagAt(version{})
		return refuse(s, "Windows calls this processor "+sys.arch+": "+name+".", name)
	}
	return refuse(s, "Windows has win_amd64, win_arm64 and win32.", "win_amd64", "win_arm64", "win32")
}

func parsePlainLinux(s, arch string) (platform, error) {
	if sys := findSystem(osLinux, libcNone, arch, ""); sys != nil {
		return sys.at(version{}), nil
	}
	if sys := likelySystem(osLinux, libcNone, arch); sys != nil {
		return refuse(s, "Linux calls this processor "+sys.arch+": linux_"+sys.arch+".", "linux_"+sys.arch)
	}
	return refuse(s, "")
}

// parseLibcLinux reads manylinux_2_28_x86_64 (PEP 600), its older names, and
// musllinux_1_2_x86_64 (PEP 656).
func parseLibcLinux(s, prefix, rest string) (platform, error) {
	libc, usual := libcGlibc, version{2, 28}
	if prefix == "musllinux" {
		libc, usual = libcMusl, version{1, 2}
	}
	numbers, tail := leadingNumbers(rest)
	legacy := false
	for v, name := range legacyManylinux {
		if name == prefix {
			numbers, tail, legacy = []int{v.major, v.minor}, rest, true
		}
	}
	v := versionOr(numbers, usual)
	if tail == "" {
		return refuseWithoutCPU(s, libc, v, legacy || len(numbers) == 2)
	}
	sys := findSystem(osLinux, libc, tail, "")
	exact := sys != nil
	if !exact {
		if sys = likelySystem(osLinux, libc, tail); sys == nil {
			return refuse(s, "")
		}
	}
	nearest := v
	if len(numbers) != 2 || v.major != sys.floor.major || v.minor > maxVersion {
		nearest = sys.usual
	} else if v.less(sys.floor) {
		nearest = sys.floor
	}
	wanted := sys.tagAt(nearest)
	if legacy && nearest == v {
		wanted = prefix + "_" + sys.arch
	}
	switch {
	case !exact:
		return refuse(s, "Linux calls this processor "+sys.arch+": "+wanted+".", wanted)
	case len(numbers) != 2:
		return refuse(s, fmt.Sprintf("A %s tag names two numbers of %s: %s.", prefix, libc, wanted), wanted)
	case v.major != sys.floor.major || v.minor > maxVersion:
		return refuse(s, fmt.Sprintf("There is no %s %s; the usual one is %s.", libc, dotted(v), wanted), wanted)
	case v.less(sys.floor):
		return refuse(s, fmt.Sprintf("%s on %s begins with %s: %s.", prefix, sys.arch, dotted(sys.floor), wanted), wanted)
	}
	p := sys.at(v)
	if legacy {
		p.name = s
	}
	return p, nil
}

// refuseWithoutCPU answers manylinux_2_28 and musllinux_1_2, half a tag: it
// lists the processors that have the version.
func refuseWithoutCPU(s string, libc libcKind, v version, versioned bool) (platform, error) {
	var archs, tags []string
	for i := range systems {
		sys := &systems[i]
		nearest := sys.nearest(v)
		if !versioned {
			nearest = sys.usual
		}
		if sys.libc != libc || versioned && nearest != v {
			continue
		}
		archs = append(archs, sys.arch)
		if len(tags) < 2 && (sys.cpu == cpuX8664 || sys.cpu == cpuAArch64) {
			tags = append(tags, sys.tagAt(nearest))
		}
	}
	if len(archs) == 0 {
		usual := findSystem(osLinux, libc, "x86_64", "")
		return refuse(s, fmt.Sprintf("There is no %s %s; the usual one is %s.", libc, dotted(v), usual.tagAt(usual.usual)), usual.tagAt(usual.usual))
	}
	return refuse(s, "The tag names no processor: it ends in one of "+strings.Join(archs, ", ")+", as in "+strings.Join(tags, " and ")+".", tags...)
}

// parseEmscripten reads PEP 783's pyemscripten_2026_0_wasm32, the same with
// the older name pyodide, and emscripten_4_0_9_wasm32.
func parseEmscripten(s, prefix, rest string) (platform, error) {
	sys := findSystem(osEmscripten, libcNone, "wasm32", "")
	numbers, tail := leadingNumbers(rest)
	wanted := sys.tagAt(sys.usual)
	if len(numbers) > 0 {
		for _, abi := range pyodideABIs {
			if abi.version.major == numbers[0] {
				wanted = sys.tagAt(abi.version)
			}
		}
	}
	if prefix == "emscripten" {
		if tail != "wasm32" || len(numbers) != 3 {
			return refuse(s, "An Emscripten tag names three numbers and wasm32: emscripten_4_0_9_wasm32.", "emscripten_4_0_9_wasm32", wanted)
		}
		return platform{os: osEmscripten, system: sys, name: s}, nil
	}
	if tail != "wasm32" || len(numbers) != 2 {
		return refuse(s, "A Pyodide tag names year, patch and wasm32: "+wanted+".", wanted)
	}
	v := version{numbers[0], numbers[1]}
	if v.less(sys.floor) || v.major > 2000+maxVersion || v.minor > maxVersion {
		return refuse(s, "Pyodide's ABI is named by the year since 2024: "+wanted+".", wanted)
	}
	p := sys.at(v)
	p.name = s
	return p, nil
}

// parseFreeBSD reads what sysconfig makes of uname: freebsd_14_3_release_amd64,
// also with a patch level, freebsd_14_3_release_p2_amd64, or another branch.
func parseFreeBSD(s, rest string) (platform, error) {
	numbers, tail := leadingNumbers(rest)
	branch, arch, _ := cutLast(tail, "_")
	sys := findSystem(osFreeBSD, libcNone, arch, "")
	if sys == nil {
		if sys = likelySystem(osFreeBSD, libcNone, arch); sys == nil {
			sys = findSystem(osFreeBSD, libcNone, "amd64", "")
		}
		arch = ""
	}
	v := versionOr(numbers, sys.usual)
	if len(numbers) != 2 || arch == "" || branch == "" || v.less(sys.floor) || v.major > maxVersion || v.minor > maxVersion {
		wanted := sys.tagAt(sys.nearest(v))
		return refuse(s, "A FreeBSD tag names major and minor version (11.0 and newer), branch and amd64 or arm64: "+wanted+".", wanted)
	}
	p := sys.at(v)
	p.name = s
	return p, nil
}

// parseWASI reads wasi_0_0_0_wasm32; the numbers are those of wasi-libc, which
// counts none.
func parseWASI(s, rest string) (platform, error) {
	sys := findSystem(osWASI, libcNone, "wasm32", "")
	if numbers, tail := leadingNumbers(rest); tail != "wasm32" || len(numbers) != 3 {
		return refuse(s, "A WASI tag names three numbers and wasm32: "+sys.tagAt(version{})+".", sys.tagAt(version{}))
	}
	p := sys.at(version{})
	p.name = s
	return p, nil
}

// versionOr completes the numbers of a tag to a version; those that are
// missing are 0, or all of them usual.
func versionOr(numbers []int, usual version) version {
	switch len(numbers) {
	case 0:
		return usual
	case 1:
		return version{numbers[0], 0}
	}
	return version{numbers[0], numbers[1]}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
