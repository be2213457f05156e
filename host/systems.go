package host

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
)

var osTitles = [...]string{
	osUnknown: "unknown", osAny: "any platform", osLinux: "Linux", osMacOS: "macOS", osIOS: "iOS",
	osAndroid: "Android", osWindows: "Windows", osEmscripten: "Emscripten",
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
// iOS, the API level of Android, year and patch of Pyodide's ABI.
type version struct{ major, minor int }

func (v version) less(w version) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

// A system is a platform without its version. The table of systems is the one
// place that says which exist, what their parts are called, and which other
// names they go by.
type system struct {
	os   osKind
	libc libcKind
	arch string // as in the platform tag
	sdk  string // iOS: iphoneos or iphonesimulator

	// cpu is one name for a processor over all operating systems.
	cpu string
	// machine is the marker platform_machine, also what it can be instead: a
	// 32-bit Python on a 64-bit kernel reports the kernel's word.
	machine string
	also    []string

	// floor is the oldest version that a host of this system can have, usual
	// the one to take where a name does not say any.
	floor, usual version

	// names are other spellings. In them {} stands for a version, and
	// {darwin} for the version of macOS's kernel.
	names []string
	// loose are spellings that leave more open than the version; open says
	// what.
	loose []looseName
}

type looseName struct{ name, open string }

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
	"x86": cpuI686, "i386": cpuI686, "i486": cpuI686, "i586": cpuI686, "i686": cpuI686, "32": cpuI686,
	"aarch64": cpuAArch64, "arm64": cpuAArch64, "armv8": cpuAArch64, "arm64_v8a": cpuAArch64, "arm64v8": cpuAArch64,
	"armv7l": cpuARMv7, "armv7": cpuARMv7, "armhf": cpuARMv7, "arm": cpuARMv7, "armeabi_v7a": cpuARMv7, "armv7a": cpuARMv7,
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

// systems: glibc versions taken by default are the ones of today's manylinux
// images (2.28; 2.31 on armv7l, 2.39 on riscv64, 2.36 where loongarch64
// begins); macOS 13, iOS 13 and Android 24 are the floors that other tools take.
var systems = []system{
	{os: osLinux, libc: libcGlibc, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: glibcX86, usual: version{2, 28},
		names: []string{"x86_64-unknown-linux-gnu", "x86_64-pc-linux-gnu", "x86_64-linux-gnu", "x86_64-conda-linux-gnu", "x86_64-linux-gnu.{}",
			"linux-64", "linux-x86_64", "x86_64-linux", "manylinux_x86_64", "x86_64-manylinux{}", "x86_64-manylinux_{}"},
		loose: []looseName{{"linux", "x86_64"}, {"manylinux", "x86_64"}}},
	{os: osLinux, libc: libcGlibc, arch: "i686", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}, floor: glibcX86, usual: version{2, 28},
		names: []string{"i686-unknown-linux-gnu", "i686-pc-linux-gnu", "i686-linux-gnu", "i386-linux-gnu", "i686-linux-gnu.{}",
			"linux-32", "manylinux_i686", "i686-manylinux{}", "i686-manylinux_{}", "linux-i686", "i686-linux"}},
	{os: osLinux, libc: libcGlibc, arch: "aarch64", cpu: cpuAArch64, machine: "aarch64", floor: glibcOther, usual: version{2, 28},
		names: []string{"aarch64-unknown-linux-gnu", "aarch64-linux-gnu", "aarch64-conda-linux-gnu", "aarch64-linux-gnu.{}",
			"manylinux_aarch64", "aarch64-manylinux{}", "aarch64-manylinux_{}", "linux-aarch64", "aarch64-linux"}},
	{os: osLinux, libc: libcGlibc, arch: "armv7l", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l", "aarch64"}, floor: glibcOther, usual: version{2, 31},
		names: []string{"armv7-unknown-linux-gnueabihf", "arm-linux-gnueabihf", "armv7l-unknown-linux-gnueabihf",
			"manylinux_armv7l", "armv7l-manylinux{}", "armv7l-manylinux_{}", "linux-armv7l", "armv7l-linux"}},
	{os: osLinux, libc: libcGlibc, arch: "ppc64le", cpu: cpuPPC64LE, machine: "ppc64le", floor: glibcOther, usual: version{2, 28},
		names: []string{"powerpc64le-unknown-linux-gnu", "powerpc64le-linux-gnu", "powerpc64le-conda-linux-gnu",
			"manylinux_ppc64le", "ppc64le-manylinux{}", "ppc64le-manylinux_{}", "linux-ppc64le", "powerpc64le-linux"}},
	{os: osLinux, libc: libcGlibc, arch: "ppc64", cpu: cpuPPC64, machine: "ppc64", floor: glibcOther, usual: version{2, 28},
		names: []string{"powerpc64-unknown-linux-gnu", "powerpc64-linux-gnu", "linux-ppc64"}},
	{os: osLinux, libc: libcGlibc, arch: "s390x", cpu: cpuS390X, machine: "s390x", floor: glibcOther, usual: version{2, 28},
		names: []string{"s390x-unknown-linux-gnu", "s390x-ibm-linux-gnu", "s390x-linux-gnu", "s390x-conda-linux-gnu",
			"manylinux_s390x", "s390x-manylinux{}", "s390x-manylinux_{}", "linux-s390x", "s390x-linux"}},
	{os: osLinux, libc: libcGlibc, arch: "riscv64", cpu: cpuRISCV64, machine: "riscv64", floor: glibcOther, usual: version{2, 39},
		names: []string{"riscv64gc-unknown-linux-gnu", "riscv64-unknown-linux-gnu", "riscv64-linux-gnu",
			"manylinux_riscv64", "riscv64-manylinux{}", "riscv64-manylinux_{}", "riscv64-unknown-linux", "linux-riscv64", "riscv64-linux"}},
	{os: osLinux, libc: libcGlibc, arch: "loongarch64", cpu: cpuLoong64, machine: "loongarch64", floor: glibcOther, usual: version{2, 36},
		names: []string{"loongarch64-unknown-linux-gnu", "loongarch64-linux-gnu",
			"manylinux_loongarch64", "loongarch64-manylinux{}", "loongarch64-manylinux_{}", "linux-loongarch64", "loongarch64-linux"}},

	{os: osLinux, libc: libcMusl, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: musl10, usual: version{1, 2},
		names: []string{"x86_64-unknown-linux-musl", "x86_64-linux-musl", "musllinux_x86_64", "x86_64-musllinux_{}"},
		loose: []looseName{{"musllinux", "x86_64"}, {"alpine", "x86_64"}}},
	{os: osLinux, libc: libcMusl, arch: "i686", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}, floor: musl10, usual: version{1, 2},
		names: []string{"i686-unknown-linux-musl", "i686-linux-musl", "i386-linux-musl", "musllinux_i686", "i686-musllinux_{}"}},
	{os: osLinux, libc: libcMusl, arch: "aarch64", cpu: cpuAArch64, machine: "aarch64", floor: musl10, usual: version{1, 2},
		names: []string{"aarch64-unknown-linux-musl", "aarch64-linux-musl", "musllinux_aarch64", "aarch64-musllinux_{}"}},
	{os: osLinux, libc: libcMusl, arch: "armv7l", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l", "aarch64"}, floor: musl10, usual: version{1, 2},
		names: []string{"armv7-unknown-linux-musleabihf", "arm-linux-musleabihf", "musllinux_armv7l", "armv7l-musllinux_{}"}},
	{os: osLinux, libc: libcMusl, arch: "ppc64le", cpu: cpuPPC64LE, machine: "ppc64le", floor: musl10, usual: version{1, 2},
		names: []string{"powerpc64le-unknown-linux-musl", "powerpc64le-linux-musl", "musllinux_ppc64le"}},
	{os: osLinux, libc: libcMusl, arch: "s390x", cpu: cpuS390X, machine: "s390x", floor: musl10, usual: version{1, 2},
		names: []string{"s390x-unknown-linux-musl", "s390x-linux-musl", "musllinux_s390x"}},
	{os: osLinux, libc: libcMusl, arch: "riscv64", cpu: cpuRISCV64, machine: "riscv64", floor: musl10, usual: version{1, 2},
		names: []string{"riscv64gc-unknown-linux-musl", "riscv64-linux-musl", "musllinux_riscv64"}},
	{os: osLinux, libc: libcMusl, arch: "loongarch64", cpu: cpuLoong64, machine: "loongarch64", floor: musl10, usual: version{1, 2},
		names: []string{"loongarch64-unknown-linux-musl", "loongarch64-linux-musl", "musllinux_loongarch64"}},

	{os: osLinux, arch: "x86_64", cpu: cpuX8664, machine: "x86_64"},
	{os: osLinux, arch: "i686", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}},
	{os: osLinux, arch: "aarch64", cpu: cpuAArch64, machine: "aarch64"},
	{os: osLinux, arch: "armv8l", cpu: cpuARMv7, machine: "armv8l"},
	{os: osLinux, arch: "armv7l", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l", "aarch64"}},
	{os: osLinux, arch: "armv6l", cpu: cpuARMv6, machine: "armv6l",
		names: []string{"arm-unknown-linux-gnueabihf", "linux-armv6l"}},
	{os: osLinux, arch: "ppc64le", cpu: cpuPPC64LE, machine: "ppc64le"},
	{os: osLinux, arch: "ppc64", cpu: cpuPPC64, machine: "ppc64"},
	{os: osLinux, arch: "s390x", cpu: cpuS390X, machine: "s390x"},
	{os: osLinux, arch: "riscv64", cpu: cpuRISCV64, machine: "riscv64"},
	{os: osLinux, arch: "loongarch64", cpu: cpuLoong64, machine: "loongarch64"},

	{os: osMacOS, arch: "arm64", cpu: cpuAArch64, machine: "arm64", floor: version{11, 0}, usual: version{13, 0},
		names: []string{"aarch64-apple-darwin", "arm64-apple-darwin", "aarch64-apple-darwin{darwin}", "arm64-apple-darwin{darwin}",
			"arm64-apple-macos{}", "arm64-apple-macosx{}", "aarch64-darwin", "osx-arm64", "macosx_arm64", "macosx-arm64", "macos-arm64"},
		loose: []looseName{{"macos", "arm64"}, {"darwin", "arm64"}}},
	{os: osMacOS, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: version{10, 4}, usual: version{13, 0},
		names: []string{"x86_64-apple-darwin", "x86_64-apple-darwin{darwin}", "x86_64-apple-macos{}", "x86_64-apple-macosx{}",
			"x86_64-darwin", "osx-64", "macosx_x86_64", "macosx-x86_64", "macos-x86_64"}},
	{os: osMacOS, arch: "universal2", cpu: cpuUniversal, machine: "arm64", also: []string{"x86_64"}, floor: version{10, 4}, usual: version{13, 0},
		names: []string{"universal2-apple-darwin", "macosx_universal2", "macos-universal2"}},
	{os: osMacOS, arch: "intel", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},
	{os: osMacOS, arch: "i386", cpu: cpuI686, machine: "i386", floor: version{10, 4}},
	{os: osMacOS, arch: "fat64", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},
	{os: osMacOS, arch: "fat3", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},
	{os: osMacOS, arch: "fat", cpu: cpuI686, machine: "i386", floor: version{10, 0}},
	{os: osMacOS, arch: "universal", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},

	{os: osIOS, arch: "arm64", sdk: "iphoneos", cpu: cpuAArch64, machine: "arm64", floor: version{12, 0}, usual: version{13, 0},
		names: []string{"aarch64-apple-ios", "arm64-apple-ios", "arm64-apple-ios{}", "aarch64-apple-ios{}", "aarch64-ios", "arm64-iphoneos", "ios_arm64_iphoneos"},
		loose: []looseName{{"ios", "the device"}, {"iphone", "the device"}, {"iphoneos", "the device"}}},
	{os: osIOS, arch: "arm64", sdk: "iphonesimulator", cpu: cpuAArch64, machine: "arm64", floor: version{12, 0}, usual: version{13, 0},
		names: []string{"aarch64-apple-ios-sim", "arm64-apple-ios-sim", "arm64-apple-ios-simulator", "aarch64-apple-ios-simulator",
			"arm64-apple-ios{}-simulator", "arm64-iphonesimulator", "ios_arm64_iphonesimulator"},
		loose: []looseName{{"iphonesimulator", "arm64"}, {"ios-simulator", "arm64"}}},
	{os: osIOS, arch: "x86_64", sdk: "iphonesimulator", cpu: cpuX8664, machine: "x86_64", floor: version{12, 0}, usual: version{13, 0},
		names: []string{"x86_64-apple-ios", "x86_64-apple-ios-sim", "x86_64-apple-ios-simulator", "x86_64-apple-ios{}-simulator",
			"x86_64-iphonesimulator", "ios_x86_64_iphonesimulator"}},

	{os: osAndroid, arch: "arm64_v8a", cpu: cpuAArch64, machine: "aarch64", floor: version{16, 0}, usual: version{24, 0},
		names: []string{"aarch64-linux-android", "aarch64-linux-android{}", "aarch64-unknown-linux-android", "android_arm64_v8a", "android-arm64_v8a", "arm64-v8a"},
		loose: []looseName{{"android", "arm64_v8a"}}},
	{os: osAndroid, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: version{16, 0}, usual: version{24, 0},
		names: []string{"x86_64-linux-android", "x86_64-linux-android{}", "x86_64-unknown-linux-android", "android_x86_64", "android-x86_64"}},
	{os: osAndroid, arch: "armeabi_v7a", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l"}, floor: version{16, 0}, usual: version{24, 0},
		names: []string{"armv7-linux-androideabi", "armv7a-linux-androideabi{}", "arm-linux-androideabi", "android_armeabi_v7a", "android-armeabi_v7a", "armeabi-v7a"}},
	{os: osAndroid, arch: "x86", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}, floor: version{16, 0}, usual: version{24, 0},
		names: []string{"i686-linux-android", "i686-linux-android{}", "i686-unknown-linux-android", "android_x86", "android-x86"}},

	{os: osWindows, arch: "amd64", cpu: cpuX8664, machine: "AMD64",
		names: []string{"x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu", "x86_64-w64-mingw32", "x86_64-windows", "win-64", "win64", "windows-amd64", "windows-x86_64"},
		loose: []looseName{{"windows", "amd64"}}},
	{os: osWindows, arch: "arm64", cpu: cpuAArch64, machine: "ARM64",
		names: []string{"aarch64-pc-windows-msvc", "aarch64-w64-mingw32", "aarch64-windows", "windows-arm64"}},
	{os: osWindows, arch: "win32", cpu: cpuI686, machine: "x86", also: []string{"AMD64"},
		names: []string{"i686-pc-windows-msvc", "i686-pc-windows-gnu", "i686-w64-mingw32", "i686-windows", "win-32", "windows-x86"}},

	{os: osEmscripten, arch: "wasm32", cpu: cpuWasm32, machine: "wasm32", floor: version{2024, 0}, usual: version{2026, 0},
		names: []string{"wasm32-unknown-emscripten", "wasm32-emscripten", "emscripten-wasm32", "pyodide_wasm32", "wasm32-pyodide{}"},
		loose: []looseName{{"pyodide", ""}, {"emscripten", "Pyodide"}}},
}

// pyodideABI is one version of PEP 783's platform: the year and patch of its
// name go with one Python and one compiler.
type pyodideABI struct {
	version    version
	minor      int // of the CPython 3 it is for
	emscripten string
}

var pyodideABIs = []pyodideABI{
	{version{2024, 0}, 12, "3.1.58"},
	{version{2025, 0}, 13, "4.0.9"},
	{version{2026, 0}, 14, "5.0.3"},
	{version{2026, 5}, 15, "6.0.5"},
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
