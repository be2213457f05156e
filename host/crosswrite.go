package host

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xpip/xpip/host/crossfile"
)

// CompletePlatform writes the host as a complete platform of pex: all tags,
// best first, and all markers. pex has no unknown markers, and fails where one
// is missing: those of the host are written with the defaults that count here
// too, and named in unknown_markers, which pex ignores and xpip reads.
func (h *Host) CompletePlatform() ([]byte, error) {
	p := crossfile.CompletePlatform{Tags: h.Tags(), Markers: make(map[string]string)}
	for _, name := range h.env.Names() {
		v, _ := h.env.Get(name)
		p.Markers[name] = v.Text
		if !v.Known {
			p.Unknown = append(p.Unknown, name)
		}
	}
	return p.JSON()
}

// CrossFormat is a kind of file by which a build tool is told of a host.
type CrossFormat string

// The formats that are written.
const (
	CrossMeson        CrossFormat = "meson"          // a cross file
	CrossCMake        CrossFormat = "cmake"          // a toolchain file
	CrossPyBuildCMake CrossFormat = "py-build-cmake" // a py-build-cmake.cross.toml
)

// CrossFormats lists the formats of [Host.CrossFile].
func CrossFormats() []CrossFormat { return []CrossFormat{CrossMeson, CrossCMake, CrossPyBuildCMake} }

// CrossFileError says why a host cannot be written in a format.
type CrossFileError struct {
	Format   CrossFormat
	Platform string
	Reason   string
}

func (e *CrossFileError) Error() string {
	return fmt.Sprintf("writing a cross file of %s for %s: %s", e.Format, pyQuote(e.Platform), e.Reason)
}

// CrossFile writes the host in a format: what is known of its preferred
// platform and its Python, no compilers and no paths. What the format has no
// words for is written under names that begin with xpip, so that [Read] makes
// the same host of it. Its errors are *CrossFileError.
func (h *Host) CrossFile(format CrossFormat) ([]byte, error) {
	p := h.main()
	refuse := func(reason string) ([]byte, error) {
		return nil, &CrossFileError{Format: format, Platform: h.Platform(), Reason: reason}
	}
	if p.system == nil || !p.system.named() {
		return refuse("nothing is known of such a machine; name one that xpip platform list has")
	}
	switch format {
	case CrossMeson:
		return h.mesonCross(p)
	case CrossCMake:
		return h.cmakeToolchain(p), nil
	case CrossPyBuildCMake:
		return h.pyBuildCMake(p), nil
	}
	return refuse(fmt.Sprintf("there is no such format; it is one of %v", CrossFormats()))
}

// crossTitle is the comment that every file begins with.
func (h *Host) crossTitle() string {
	return "# " + h.Name() + ", " + h.pythonWords() + ". Written by xpip.\n"
}

func (h *Host) pythonWords() string {
	impl, _, _ := lookupImplementation(h.impl)
	return impl.title + " " + h.ownPython()
}

// ownPython is the version, in the form of --python-version.
func (h *Host) ownPython() string {
	v := h.python
	v.FreeThreaded = h.threaded
	return v.String()
}

// promised is the platform's tag, that of the C library for a running Linux.
func (p platform) promised() string {
	if p.libc() != libcNone && strings.HasPrefix(p.name, "linux_") {
		return p.system.tagAt(p.version)
	}
	return p.name
}

// own lists what is written under xpip's own names.
func (h *Host) own(p platform) [][2]string {
	return [][2]string{
		{ownPlatform, p.promised()}, {ownPython, h.ownPython()}, {ownImplementation, h.impl}, {ownABI, strings.Join(h.abis, ";")},
	}
}

// mesonSystems are Meson's words for an operating system, its subsystem and
// its kernel, of the manual's "Reference tables".
var mesonSystems = map[osKind][3]string{
	osLinux: {"linux", "linux", "linux"}, osMacOS: {"darwin", "macos", "xnu"}, osIOS: {"darwin", "ios", "xnu"},
	osAndroid: {"android", "android", "linux"}, osWindows: {"windows", "windows", "nt"}, osEmscripten: {"emscripten", "emscripten", "none"},
	osFreeBSD: {"freebsd", "freebsd", "freebsd"}, osWASI: {"wasi", "wasi", "none"},
}

// mesonFamilies are Meson's words for the processors that it calls otherwise.
var mesonFamilies = map[string]string{cpuI686: "x86", cpuARMv7: "arm", cpuARMv6: "arm", cpuPPC64LE: "ppc64"}

func (h *Host) mesonCross(p platform) ([]byte, error) {
	words := mesonSystems[p.os]
	if p.system.sdk == "iphonesimulator" {
		words[1] = "ios-simulator"
	}
	cpu, endian := p.cpu(), "little"
	if cpu == cpuUniversal {
		return nil, &CrossFileError{Format: CrossMeson, Platform: p.name,
			Reason: "Meson builds for one processor at a time; name macosx_…_arm64 or macosx_…_x86_64"}
	}
	if isBigEndian(cpu) {
		endian = "big"
	}
	family := cpu
	if word := mesonFamilies[cpu]; word != "" {
		family = word
	}
	var b strings.Builder
	b.WriteString(h.crossTitle() + "# Compilers are named by another --cross-file.\n\n[host_machine]\n")
	for _, field := range [][2]string{
		{"system", words[0]}, {"subsystem", words[1]}, {"kernel", words[2]}, {"cpu_family", family}, {"cpu", cpu}, {"endian", endian},
	} {
		fmt.Fprintf(&b, "%s = '%s'\n", field[0], field[1])
	}
	b.WriteString("\n[properties]\nneeds_exe_wrapper = true\n")
	for _, field := range h.own(p) {
		switch value := strings.ReplaceAll(field[1], ";", "', '"); {
		case value != field[1]:
			fmt.Fprintf(&b, "%s = ['%s']\n", field[0], value)
		case value != "":
			fmt.Fprintf(&b, "%s = '%s'\n", field[0], value)
		}
	}
	return []byte(b.String()), nil
}

func isBigEndian(cpu string) bool { return cpu == cpuS390X || cpu == cpuPPC64 }

// cmakeSystems are CMake's words for operating systems
// (CMAKE_SYSTEM_NAME in its manual).
var cmakeSystems = map[osKind]string{
	osLinux: "Linux", osMacOS: "Darwin", osIOS: "iOS", osAndroid: "Android", osWindows: "Windows", osEmscripten: "Emscripten",
	osFreeBSD: "FreeBSD", osWASI: "WASI",
}

// cmakeProcessor is what CMake calls a processor: the word of the system
// itself for it.
func cmakeProcessor(p platform) string {
	if p.os == osWindows && p.cpu() == cpuI686 {
		return "X86"
	}
	return p.system.machine
}

func (h *Host) cmakeToolchain(p platform) []byte {
	var b strings.Builder
	set := func(name, value string) {
		if strings.ContainsAny(value, "; ") {
			value = strconv.Quote(value)
		}
		if value != "" {
			fmt.Fprintf(&b, "set(%s %s)\n", name, value)
		}
	}
	b.WriteString(h.crossTitle() + "# Compilers are named by who includes this file, or by CC and CXX.\n\n")
	set("CMAKE_SYSTEM_NAME", cmakeSystems[p.os])
	set("CMAKE_SYSTEM_PROCESSOR", cmakeProcessor(p))
	switch p.os {
	case osLinux: // for Clang; others do not look at it
		if multiarch, _, _ := strings.Cut(strings.TrimPrefix(p.system.names[KindMultiarch], ">"), " "); multiarch != "" {
			set("CMAKE_C_COMPILER_TARGET", multiarch)
			set("CMAKE_CXX_COMPILER_TARGET", multiarch)
		}
	case osAndroid:
		set("CMAKE_ANDROID_API", strconv.Itoa(p.version.major))
		set("CMAKE_ANDROID_ARCH_ABI", androidABIs[p.system.arch])
	case osMacOS:
		architectures := p.system.arch
		if p.cpu() == cpuUniversal {
			architectures = "arm64;x86_64"
		}
		set("CMAKE_OSX_ARCHITECTURES", architectures)
		set("CMAKE_OSX_DEPLOYMENT_TARGET", dotted(p.version))
	case osIOS:
		set("CMAKE_OSX_ARCHITECTURES", p.system.arch)
		set("CMAKE_OSX_SYSROOT", p.system.sdk)
		set("CMAKE_OSX_DEPLOYMENT_TARGET", dotted(p.version))
	}
	b.WriteString("\n")
	for _, field := range h.own(p) {
		set(strings.ToUpper(field[0]), field[1])
	}
	return []byte(b.String())
}

// androidABIs are the NDK's words for processors.
var androidABIs = map[string]string{"arm64_v8a": "arm64-v8a", "armeabi_v7a": "armeabi-v7a", "x86_64": "x86_64", "x86": "x86"}

func (h *Host) pyBuildCMake(p platform) []byte {
	cross := crossfile.PyBuildCMake{Implementation: h.impl, Version: h.python.nodot(), Arch: p.promised()}
	if len(h.abis) > 0 {
		cross.ABI = h.abis[0]
	}
	for word, os := range pbcSystems {
		if os == p.os && os != osEmscripten { // whose word only py-build-cmake itself may use
			cross.OS = word
		}
	}
	return slices.Concat([]byte(h.crossTitle()), cross.TOML())
}
