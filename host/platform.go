package host

import (
	"strconv"
	"strings"
)

// platform is one platform of a host: a system at a version, with the tag it
// goes by.
type platform struct {
	os      osKind
	system  *system // nil for "any" and for a literal
	version version
	name    string // the platform tag
}

func (p platform) tag() string { return p.name }

// cpu is the processor, "" where none is said.
func (p platform) cpu() string {
	if p.system == nil {
		return ""
	}
	return p.system.cpu
}

func (p platform) libc() libcKind {
	if p.system == nil {
		return libcNone
	}
	return p.system.libc
}

// title is what people call a machine of this platform.
func (p platform) title() string {
	switch p.os {
	case osIOS:
		if p.system.sdk == "iphonesimulator" {
			return "iPhone simulator"
		}
		return "iPhone"
	case osEmscripten:
		if strings.HasPrefix(p.name, "emscripten_") {
			return "Emscripten"
		}
		return "Pyodide"
	case osAny:
		return "any machine"
	case osUnknown:
		return "unknown machine"
	}
	return p.os.String()
}

// release names operating system or C library with the version, as the oldest
// that the host promises: "iOS 13.0", "glibc 2.28", "Android API level 24".
func (p platform) release() string {
	switch {
	case p.os == osLinux && p.libc() == libcNone, p.os == osWindows, p.os == osWASI, p.system == nil:
		return p.title()
	case p.os == osLinux:
		return p.system.libc.String() + " " + dotted(p.version)
	case p.os == osAndroid:
		return "Android API level " + strconv.Itoa(p.version.major)
	case p.os == osEmscripten:
		return p.name
	}
	return p.os.String() + " " + dotted(p.version)
}

func dotted(v version) string { return strconv.Itoa(v.major) + "." + strconv.Itoa(v.minor) }

// at makes the platform of a system at a version.
func (s *system) at(v version) platform {
	return platform{os: s.os, system: s, version: v, name: s.tagAt(v)}
}

func (s *system) tagAt(v version) string {
	two := func(prefix, suffix string) string {
		return prefix + "_" + strconv.Itoa(v.major) + "_" + strconv.Itoa(v.minor) + "_" + suffix
	}
	switch s.os {
	case osLinux:
		switch s.libc {
		case libcGlibc:
			return two("manylinux", s.arch)
		case libcMusl:
			return two("musllinux", s.arch)
		}
		return "linux_" + s.arch
	case osMacOS:
		return two("macosx", s.arch)
	case osIOS:
		return two("ios", s.arch+"_"+s.sdk)
	case osAndroid:
		return "android_" + strconv.Itoa(v.major) + "_" + s.arch
	case osEmscripten:
		return two("pyemscripten", s.arch)
	case osFreeBSD:
		return two("freebsd", "release_"+s.arch)
	case osWASI:
		return "wasi_0_0_0_" + s.arch
	}
	if s.arch == "win32" {
		return "win32"
	}
	return "win_" + s.arch
}

// legacyManylinux are the names that some glibc versions had before PEP 600.
var legacyManylinux = map[version]string{
	{2, 17}: "manylinux2014", // PEP 599
	{2, 12}: "manylinux2010", // PEP 571
	{2, 5}:  "manylinux1",    // PEP 513
}

// expand lists the platform tags whose wheels run on p, best first. Where pip
// expands a platform, its list is a subsequence of this one in the same order.
func (p platform) expand() []string {
	switch {
	case p.os == osLinux && p.libc() == libcGlibc:
		return p.expandGlibc()
	case p.os == osLinux && p.libc() == libcMusl:
		tags := make([]string, 0, p.version.minor+1)
		for minor := p.version.minor; minor >= 0; minor-- {
			tags = append(tags, p.system.tagAt(version{p.version.major, minor}))
		}
		return tags
	case p.os == osMacOS:
		return p.expandMacOS()
	case p.os == osIOS:
		tags := make([]string, 0, p.version.minor+1+10*(p.version.major-12))
		for minor := p.version.minor; minor >= 0; minor-- {
			tags = append(tags, p.system.tagAt(version{p.version.major, minor}))
		}
		for major := p.version.major - 1; major >= 12; major-- {
			for minor := 9; minor >= 0; minor-- {
				tags = append(tags, p.system.tagAt(version{major, minor}))
			}
		}
		return tags
	case p.os == osAndroid:
		tags := make([]string, 0, p.version.major)
		for level := p.version.major; level >= p.system.floor.major; level-- {
			tags = append(tags, p.system.tagAt(version{level, 0}))
		}
		return tags
	case p.os == osEmscripten && !strings.HasPrefix(p.name, "emscripten_"):
		return p.expandPyodide()
	}
	return []string{p.name}
}

func (p platform) expandGlibc() []string {
	floor := p.system.floor
	tags := make([]string, 0, max(0, p.version.minor-floor.minor+4)) // a running machine may be older
	for minor := p.version.minor; minor >= floor.minor; minor-- {
		v := version{p.version.major, minor}
		tags = append(tags, p.system.tagAt(v))
		if legacy, ok := legacyManylinux[v]; ok {
			tags = append(tags, legacy+"_"+p.system.arch)
		}
	}
	return tags
}

// expandPyodide adds the names that PEP 783's platform had before the PEP. No
// version of it runs wheels of another.
func (p platform) expandPyodide() []string {
	tags := []string{p.system.tagAt(p.version),
		"pyodide_" + strings.TrimPrefix(p.system.tagAt(p.version), "pyemscripten_")}
	if abi, ok := pyodideByVersion(p.version); ok {
		tags = append(tags, "emscripten_"+strings.ReplaceAll(abi.emscripten, ".", "_")+"_"+p.system.arch)
	}
	return tags
}

func (p platform) expandMacOS() []string {
	var tags []string
	add := func(major, minor int, formats ...string) {
		for _, format := range formats {
			tags = append(tags, "macosx_"+strconv.Itoa(major)+"_"+strconv.Itoa(minor)+"_"+format)
		}
	}
	arch := p.system.arch
	if p.version.major == 10 {
		for minor := p.version.minor; minor >= 0; minor-- {
			add(10, minor, macFormats(arch, minor)...)
		}
		return tags
	}
	for major := p.version.major; major > 10; major-- {
		add(major, 0, macFormats(arch, 16)...)
	}
	// x86_64 runs what was made for macOS 10; of arm64, which begins with 11,
	// only the other half of a universal2 file says 10.
	older := []string{"universal2"}
	if arch == "x86_64" {
		older = macFormats(arch, 16)
	}
	for minor := 16; minor > 3; minor-- {
		add(10, minor, older...)
	}
	return tags
}

// macFormats lists the file formats that contain code for arch, given the
// minor version of macOS 10.
func macFormats(arch string, minor int) []string {
	switch arch {
	case "x86_64":
		if minor < 4 {
			return nil
		}
		return []string{arch, "intel", "fat64", "fat3", "universal2", "universal"}
	case "i386":
		if minor < 4 {
			return nil
		}
		return []string{arch, "intel", "fat3", "fat", "universal"}
	case "arm64":
		return []string{arch, "universal2"}
	case "intel":
		return []string{arch, "universal"}
	}
	return []string{arch}
}

// listedByPip is the part of expand that pip lists too.
func (p platform) listedByPip() []string {
	switch {
	case p.os == osLinux && p.libc() != libcNone:
		tags := []string{p.name}
		for _, older := range []version{{2, 12}, {2, 5}} {
			name := legacyManylinux[older]
			if !strings.HasPrefix(p.name, "manylinux_") && older.less(p.version) && !older.less(p.system.floor) && p.libc() == libcGlibc {
				tags = append(tags, name+"_"+p.system.arch)
			}
		}
		return tags
	case p.os == osEmscripten:
		return []string{p.name}
	}
	return p.expand()
}

// expandAll concatenates the expansions in order of preference, each tag once.
// A tag that the caller asked for at a later place, in pip's sense, keeps that
// place, though an earlier platform's expansion has it here.
func expandAll(platforms []platform, exact bool) []string {
	if len(platforms) == 1 && !exact {
		return platforms[0].expand()
	}
	asked := make(map[string]int)
	for i, p := range platforms {
		for _, tag := range p.listedByPip() {
			if _, ok := asked[tag]; !ok {
				asked[tag] = i
			}
		}
	}
	var tags []string
	seen := make(map[string]bool)
	for i, p := range platforms {
		expanded := []string{p.name}
		if !exact {
			expanded = p.expand()
		}
		for _, tag := range expanded {
			if later, ok := asked[tag]; seen[tag] || ok && later > i && !exact {
				continue
			}
			seen[tag] = true
			tags = append(tags, tag)
		}
	}
	return tags
}
