package host

import "slices"

// osKind is the operating system of a platform.
type osKind uint8

const (
	osUnknown osKind = iota // a literal platform of --platform-exact
	osAny                   // the platform "any"
	osLinux
	osMacOS
	osIOS
	osAndroid
	osWindows
	osEmscripten
	osFreeBSD
	osWASI
)

var osTitles = [...]string{
	osUnknown: "unknown", osAny: "any platform", osLinux: "Linux", osMacOS: "macOS", osIOS: "iOS",
	osAndroid: "Android", osWindows: "Windows", osEmscripten: "Emscripten",
	osFreeBSD: "FreeBSD", osWASI: "WASI",
}

func (o osKind) String() string { return osTitles[o] }

// libcKind is the C library that a Linux platform tag promises.
type libcKind uint8

const (
	libcNone libcKind = iota // linux_*, and everything that is not Linux
	libcGlibc
	libcMusl
)

var libcTitles = [...]string{libcGlibc: "glibc", libcMusl: "musl"}

func (l libcKind) String() string { return libcTitles[l] }

// version is the number a platform tag carries: of glibc or musl, of macOS or
// iOS or FreeBSD, the API level of Android, year and patch of Pyodide's ABI.
type version struct{ major, minor int }

func (v version) less(w version) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

// A system is a platform without its version. The table of systems is the one
// place that says which exist, what their parts are called, and which other
// names they go by.
type system struct {
	source string // where the row was seen
	os     osKind
	libc   libcKind
	arch   string // as in the platform tag
	sdk    string // iOS: iphoneos or iphonesimulator

	// cpu is one name for a processor over all operating systems.
	cpu string
	// machine is the marker platform_machine, also what it can be instead: a
	// 32-bit Python on a 64-bit kernel reports the kernel's word.
	machine string
	also    []string

	// floor is the oldest version that a host of this system can have, usual
	// the one to take where a name does not say any.
	floor, usual version

	// names are the other spellings, a column for each kind.
	names names
	// short are words that leave more open than the version; open says what
	// is taken.
	short []shortName
}

// names are spellings by their kind, separated by blanks. A version in them is
// one of
//
//	{.} 2.28    {_} 2_28    {n} 24 (the minor number being 0)
//	{legacy} 2014    {darwin} 22.0.0    {emscripten} 4.0.9
//
// and is read in any form. A name behind ">" is only written: it is also the name
// of another system, or of several, or a grammar reads it. A name behind "<" is
// only read: people do not write it.
type names [kindCount]string

type shortName struct{ name, open string }

// named reports whether people speak of the system at all: macOS had formats
// for several processors, of which only tags are left.
func (s *system) named() bool { return s.names != names{} }

// nearest is the version a host of the system can have that is next to v.
func (s *system) nearest(v version) version {
	switch {
	case !s.named():
		return s.floor
	case s.floor == version{}:
		return version{}
	case v.less(s.floor):
		return s.floor
	case s.os == osLinux && v.major != s.floor.major, v.major > maxVersion, v.minor > maxVersion,
		s.os == osMacOS && v.major == 10 && v.minor > 16:
		return s.usual
	}
	return v
}

// The processors: Go has no names of its own here, so they are Linux's.
const (
	cpuX8664     = "x86_64"
	cpuI686      = "i686"
	cpuAArch64   = "aarch64"
	cpuARMv7     = "armv7l"
	cpuARMv6     = "armv6l"
	cpuPPC64     = "ppc64"
	cpuPPC64LE   = "ppc64le"
	cpuS390X     = "s390x"
	cpuRISCV64   = "riscv64"
	cpuLoong64   = "loongarch64"
	cpuWasm32    = "wasm32"
	cpuUniversal = "universal2" // both of macOS's 64-bit processors
)

// cpuNames are the names by which one processor goes somewhere.
var cpuNames = map[string]string{
	"x86_64": cpuX8664, "amd64": cpuX8664, "x64": cpuX8664, "x86-64": cpuX8664, "64": cpuX8664,
	"x86": cpuI686, "386": cpuI686, "i386": cpuI686, "i486": cpuI686, "i586": cpuI686, "i686": cpuI686, "32": cpuI686,
	"aarch64": cpuAArch64, "arm64": cpuAArch64, "armv8": cpuAArch64, "arm64_v8a": cpuAArch64, "arm64v8": cpuAArch64,
	"armv7l": cpuARMv7, "armv7": cpuARMv7, "armhf": cpuARMv7, "arm": cpuARMv7, "armeabi_v7a": cpuARMv7, "armv7a": cpuARMv7,
	"armv8l":  cpuARMv7, // a 64-bit kernel's word for its 32-bit half
	"armv7hl": cpuARMv7, "arm32v7": cpuARMv7,
	"armv6l": cpuARMv6, "armv6": cpuARMv6,
	"ppc64": cpuPPC64, "powerpc64": cpuPPC64,
	"ppc64le": cpuPPC64LE, "powerpc64le": cpuPPC64LE, "ppc64el": cpuPPC64LE,
	"s390x":   cpuS390X,
	"riscv64": cpuRISCV64, "riscv64gc": cpuRISCV64,
	"loongarch64": cpuLoong64, "loong64": cpuLoong64,
	"wasm32": cpuWasm32, "wasm": cpuWasm32,
	"universal2": cpuUniversal, "universal": cpuUniversal,
}

var (
	glibcX86   = version{2, 5}  // PEP 513
	glibcOther = version{2, 17} // PEP 599
	musl10     = version{1, 0}  // PEP 656
)

// pyodideABI is one version of PEP 783's platform: the year and patch of its
// name go with one Python and one compiler, and with some releases of Pyodide.
type pyodideABI struct {
	version    version
	minor      int // of the CPython 3 it is for
	emscripten string
	releases   []version
}

var pyodideABIs = []pyodideABI{
	{version{2024, 0}, 12, "3.1.58", []version{{0, 26}, {0, 27}}},
	{version{2025, 0}, 13, "4.0.9", []version{{0, 28}, {0, 29}}},
	{version{2026, 0}, 14, "5.0.3", []version{{314, 0}}},
	{version{2026, 5}, 15, "6.0.5", nil},
}

func pyodideByVersion(v version) (pyodideABI, bool) {
	for _, abi := range pyodideABIs {
		if abi.version == v {
			return abi, true
		}
	}
	return pyodideABI{}, false
}

func pyodideByPython(minor int) (pyodideABI, bool) {
	for _, abi := range pyodideABIs {
		if abi.minor == minor {
			return abi, true
		}
	}
	return pyodideABI{}, false
}

func pyodideByEmscripten(release string) (pyodideABI, bool) {
	for _, abi := range pyodideABIs {
		if abi.emscripten == release {
			return abi, true
		}
	}
	return pyodideABI{}, false
}

func pyodideByRelease(v version) (pyodideABI, bool) {
	for _, abi := range pyodideABIs {
		if slices.Contains(abi.releases, v) {
			return abi, true
		}
	}
	return pyodideABI{}, false
}
