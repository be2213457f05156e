package host

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xpip/xpip/host/crossfile"
	"github.com/xpip/xpip/wheel"
)

// described of a file: the host that New makes of it.
func hostOf(t *testing.T, f Facts) *Host {
	t.Helper()
	return mustNew(t, Options{Prefix: &f})
}

// refusalOf is the error of reading a file, or of making a host of it.
func refusalOf(f Facts, err error) error {
	if err == nil {
		_, err = New(Options{Prefix: &f})
	}
	return err
}

func TestMesonCross(t *testing.T) {
	linux := "[host_machine]\nsystem = 'linux'\ncpu_family = 'aarch64'\ncpu = 'cortex-a53'\nendian = 'little'\n"
	for _, test := range []struct{ text, platform, note string }{
		{linux, "manylinux_2_28_aarch64", "aarch64-linux-gnu is taken as manylinux_2_28_aarch64: glibc 2.28"},
		{linux + "[binaries]\nc = 'aarch64-linux-gnu-gcc-13'\n", "manylinux_2_28_aarch64", ""},
		{linux + "[binaries]\nc = '/opt/cross/bin/aarch64-alpine-linux-musl-gcc'\n", "musllinux_1_2_aarch64", "musl 1.2"},
		{linux + "[binaries]\nc = ['zig', 'cc', '-target', 'aarch64-linux-gnu.2.31']\n", "manylinux_2_31_aarch64", ""},
		{linux + "[binaries]\nc = ['clang', '--target=aarch64-linux-musl']\n", "musllinux_1_2_aarch64", ""},
		{linux + "[binaries]\nc = 'aarch64-wrapper-cc'\nar = 'aarch64-linux-gnu-gcc-ar'\nstrip = 'x-linux-strip'\n", "manylinux_2_28_aarch64", ""},
		{linux + "[binaries]\nc = ['ccache', 'gcc']\ncpp = find\n", "manylinux_2_28_aarch64", ""},
		{linux + "[binaries]\nc = 'aarch64-linux-android21-clang'\n", "android_21_arm64_v8a", ""},
		{linux + "[properties]\nsys_root = '/srv/root'\nneeds_exe_wrapper = true\n", "manylinux_2_28_aarch64", ""},
		{strings.ReplaceAll(linux, "aarch64", "arm"), "manylinux_2_31_armv7l", ""},
		{"[host_machine]\nsystem = 'linux'\ncpu_family = 'arm'\ncpu = 'armv6l'\nendian = 'little'\n", "linux_armv6l", ""},
		{"[host_machine]\nsystem = 'linux'\ncpu_family = 'ppc64'\ncpu = 'power9'\nendian = 'little'\n", "manylinux_2_28_ppc64le", ""},
		{"[host_machine]\nsystem = 'linux'\ncpu_family = 'ppc64'\ncpu = 'power7'\nendian = 'big'\n", "manylinux_2_28_ppc64", ""},
		{"[host_machine]\nsystem = 'linux'\ncpu_family = 'x86'\ncpu = 'i686'\nendian = 'little'\n[binaries]\nc = 'x86_64-linux-gnu-gcc'\n", "manylinux_2_28_i686", ""},
		{"[host_machine]\nsystem = 'darwin'\ncpu_family = 'aarch64'\ncpu = 'arm64'\nendian = 'little'\n[built-in options]\nc_args = ['-mmacosx-version-min=11.0']\n", "macosx_11_0_arm64", ""},
		{"[host_machine]\nsystem = 'darwin'\nsubsystem = 'ios-simulator'\ncpu_family = 'aarch64'\ncpu = 'arm64'\nendian = 'little'\n", "ios_13_0_arm64_iphonesimulator", "iOS 13.0"},
		{"[host_machine]\nsystem = 'darwin'\ncpu_family = 'x86_64'\ncpu = 'x86_64'\nendian = 'little'\n[binaries]\nc = ['clang', '-target', 'x86_64-apple-ios14.0-simulator']\n", "ios_14_0_x86_64_iphonesimulator", ""},
		{"[host_machine]\nsystem = 'ios'\ncpu_family = 'aarch64'\ncpu = 'arm64'\nendian = 'little'\n[properties]\nc_args = ['-miphoneos-version-min=15.1']\n", "ios_15_1_arm64_iphoneos", ""},
		{"[host_machine]\nsystem = 'windows'\ncpu_family = 'x86_64'\ncpu = 'x86_64'\nendian = 'little'\n[binaries]\nc = 'x86_64-w64-mingw32-gcc'\n", "win_amd64", ""},
		{"[host_machine]\nsystem = 'emscripten'\ncpu_family = 'wasm32'\ncpu = 'wasm32'\nendian = 'little'\n", "pyemscripten_2026_0_wasm32", ""},
		{"[host_machine]\nsystem = 'freebsd'\ncpu_family = 'x86_64'\ncpu = 'x86_64'\nendian = 'little'\n[binaries]\nc = 'x86_64-unknown-freebsd13.2-clang'\n", "freebsd_13_2_release_amd64", ""},
	} {
		f, err := readMesonCross("cross.ini", []byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if f.PlatformOrigin != "cross.ini" || len(f.Sources) == 0 {
			t.Errorf("%+v", f)
		}
		h := hostOf(t, f)
		if h.Platform() != test.platform || !strings.Contains(strings.Join(h.Notes(), "\n"), test.note) {
			t.Errorf("%s\nis %s %q, want %s %q", test.text, h.Platform(), h.Notes(), test.platform, test.note)
		}
	}
	for text, want := range map[string]string{
		"[binaries]\nc = 'gcc'\n":                                        "does not say the system of the host",
		"[host_machine]\nsystem = ['a', 'b']\n":                          "system is a list",
		"[host_machine]\nsystem = 'plan9'\n":                             `no Python on "plan9"; --platform names the host instead`,
		"[host_machine]\nsystem = 'openbsd'\n":                           `no Python on "OpenBSD"`,
		"[host_machine]\nsystem = 'linux'\n":                             `no Python on "linux"`,
		"[host_machine]\nsystem = 'linux'\ncpu_family = 'mips'\n":        `no Python on "linux mips"`,
		strings.ReplaceAll(linux, "'little'", "'big'"):                   `no Python on "big-endian aarch64 cortex-a53"`,
		"[host_machine]\nsystem = 'emscripten'\ncpu_family = 'wasm64'\n": `no Python on "emscripten wasm64"`,
		"[host_machine]\nsystem = 'darwin'\ncpu_family = 'aarch64'\n[built-in options]\nc_args = '-miphoneos-version-min=11.0'\n[binaries]\nc = 'arm64-apple-ios11.0-clang'\n": "Python runs on iOS 12.0 and newer",
		linux + "[binaries]\nc = 'x86_64-linux-gnu-gcc'\n":         `says "linux aarch64"`,
		linux + "[binaries]\nc = 'aarch64-apple-darwin20-clang'\n": `says "aarch64-apple-darwin20-clang"`,
		linux + "[properties]\nxpip_platform = 'win_amd64'\n":      `says "win_amd64"`,
		linux + "[properties]\nxpip_platform = 'words'\n":          "unknown platform 'words'",
		linux + "[properties]\nxpip_python_version = '4.x'\n":      "invalid --python-version",
		linux + "[properties]\nxpip_implementation = '../x'\n":     "invalid --implementation",
	} {
		err := refusalOf(readMesonCross("cross.ini", []byte(text)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"cross.ini"`) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	var conflict *ConflictError
	f, err := readMesonCross("cross.ini", []byte(linux+"[binaries]\nc = 'x86_64-linux-gnu-gcc'\n"))
	if err = refusalOf(f, err); !errors.As(err, &conflict) || conflict.Field != "platform" || conflict.Second.Value != "x86_64-linux-gnu-gcc" {
		t.Errorf("%v", err)
	}
	if h := mustNew(t, Options{Prefix: &f, Platforms: []string{"linux/arm64"}}); h.Platform() != "manylinux_2_28_aarch64" {
		t.Errorf("an option does not settle it: %s", h)
	}
}

func TestCMakeToolchain(t *testing.T) {
	for _, test := range []struct{ text, platform string }{
		{"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR aarch64)\n", "manylinux_2_28_aarch64"},
		{"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR armv7-a)\nset(t arm-linux-gnueabihf)\nset(CMAKE_C_COMPILER ${t}-gcc)\n", "manylinux_2_31_armv7l"},
		{"set(CMAKE_SYSTEM_NAME Linux)\nset(triple riscv64-linux-musl)\nset(CMAKE_C_COMPILER_TARGET ${triple})\n", "musllinux_1_2_riscv64"},
		{"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_C_FLAGS \"-O2 --target=aarch64-linux-gnu\")\n", "manylinux_2_28_aarch64"},
		{"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR cortexa72)\nset(CMAKE_CXX_COMPILER /opt/x/aarch64-poky-linux-g++)\n", "manylinux_2_28_aarch64"},
		{"set(CMAKE_SYSTEM_NAME Windows)\nset(CMAKE_SYSTEM_PROCESSOR ARM64)\n", "win_arm64"},
		{"set(CMAKE_SYSTEM_NAME Windows)\nset(CMAKE_SYSTEM_PROCESSOR X86)\n", "win32"},
		{"set(CMAKE_SYSTEM_NAME Android)\nset(CMAKE_SYSTEM_VERSION 21)\nset(CMAKE_ANDROID_ARCH_ABI arm64-v8a)\n", "android_21_arm64_v8a"},
		{"set(CMAKE_SYSTEM_NAME Android)\nset(CMAKE_SYSTEM_VERSION 1)\nset(ANDROID_ABI armeabi-v7a)\nset(ANDROID_PLATFORM android-26)\n", "android_26_armeabi_v7a"},
		{"set(CMAKE_SYSTEM_NAME Android)\nif(NOT DEFINED ANDROID_ABI)\nset(ANDROID_ABI x86_64)\nendif()\nset(ANDROID_PLATFORM 24 CACHE STRING \"\")\n", "android_24_x86_64"},
		{"set(CMAKE_SYSTEM_NAME Darwin)\nset(CMAKE_OSX_ARCHITECTURES arm64)\nset(CMAKE_OSX_DEPLOYMENT_TARGET 12.3)\n", "macosx_12_3_arm64"},
		{"set(CMAKE_SYSTEM_NAME Darwin)\nset(CMAKE_OSX_ARCHITECTURES \"x86_64;arm64\")\nset(CMAKE_OSX_DEPLOYMENT_TARGET 10.13 CACHE STRING \"\")\n", "macosx_10_13_universal2"},
		{"set(CMAKE_SYSTEM_NAME iOS)\nset(CMAKE_OSX_SYSROOT iphonesimulator)\nset(CMAKE_OSX_ARCHITECTURES arm64)\nset(CMAKE_OSX_DEPLOYMENT_TARGET 14.0)\n", "ios_14_0_arm64_iphonesimulator"},
		{"set(CMAKE_SYSTEM_NAME iOS)\nset(CMAKE_SYSTEM_PROCESSOR arm64)\n", "ios_13_0_arm64_iphoneos"},
		{"set(CMAKE_SYSTEM_NAME Darwin)\nset(CMAKE_SYSTEM_PROCESSOR arm64)\nset(CMAKE_OSX_SYSROOT /X/iPhoneOS.platform/Developer/SDKs/iPhoneOS17.0.sdk)\n", "ios_13_0_arm64_iphoneos"},
		{"set(CMAKE_SYSTEM_NAME Emscripten)\nset(CMAKE_SYSTEM_PROCESSOR x86)\n", "pyemscripten_2026_0_wasm32"},
		{"set(CMAKE_SYSTEM_NAME WASI)\nset(CMAKE_SYSTEM_PROCESSOR wasm32)\n", "wasi_0_0_0_wasm32"},
		{"set(CMAKE_SYSTEM_NAME FreeBSD)\nset(CMAKE_SYSTEM_PROCESSOR amd64)\n", "freebsd_14_3_release_amd64"},
	} {
		f, err := readCMakeToolchain("t.cmake", []byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if h := hostOf(t, f); h.Platform() != test.platform {
			t.Errorf("%s\nis %s, want %s", test.text, h.Platform(), test.platform)
		}
	}
	for text, want := range map[string]string{
		"set(A 1)\n": "no set(CMAKE_SYSTEM_NAME …) that counts in any case",
		"if(x)\nset(CMAKE_SYSTEM_NAME Linux)\nendif()\n":                   "no set(CMAKE_SYSTEM_NAME …) that counts",
		"set(CMAKE_SYSTEM_NAME Generic)\n":                                 `no Python on "Generic"`,
		"set(CMAKE_SYSTEM_NAME tvOS)\n":                                    `no Python on "tvOS"`,
		"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR mips)\n": `no Python on "Linux mips"`,
		"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR aarch64)\nset(CMAKE_C_COMPILER_TARGET x86_64-linux-gnu)\n":                                 `says "Linux aarch64"`,
		"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR arm)\nset(CMAKE_C_COMPILER arm-linux-gnueabi-gcc)\n":                                       `no Python on "arm-linux-gnueabi"`,
		"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_C_COMPILER_TARGET x86_64-linux-gnux32)\n":                                                                   `no Python on "x86_64-linux-gnux32"`,
		"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_C_FLAGS \"-target arm-none-eabi\")\n":                                                                       `no Python on "arm-none-eabi"`,
		"set(CMAKE_SYSTEM_NAME iOS)\nset(CMAKE_SYSTEM_PROCESSOR arm64)\nset(CMAKE_OSX_DEPLOYMENT_TARGET 15.0)\nset(XPIP_PLATFORM ios_13_0_arm64_iphoneos)\n": `says "ios_13_0_arm64_iphoneos"`,
		"set(CMAKE_SYSTEM_NAME Android)\nset(CMAKE_ANDROID_API 24)\nset(CMAKE_C_COMPILER aarch64-linux-android21-clang)\n":                                   `says "aarch64-linux-android21-clang"`,
		"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)\nset(CMAKE_CXX_COMPILER aarch64-linux-musl-g++)\n":                        `says "aarch64-linux-musl-g++"`,
		"set(CMAKE_SYSTEM_NAME iOS)\nset(CMAKE_OSX_SYSROOT iphoneos)\nset(CMAKE_C_COMPILER_TARGET arm64-apple-ios13.0-simulator)\n":                          `says "arm64-apple-ios13.0-simulator"`,
		"set(CMAKE_SYSTEM_NAME Linux": "does not end",
		"set(CMAKE_SYSTEM_NAME iOS)\nset(CMAKE_OSX_SYSROOT iphonesimulator)\nset(CMAKE_OSX_ARCHITECTURES \"arm64;x86_64\")\n": "describes 2 hosts: arm64-iphonesimulator, x86_64-iphonesimulator; --platform chooses one",
	} {
		err := refusalOf(readCMakeToolchain("t.cmake", []byte(text)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"t.cmake"`) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestPyBuildCMakeCross(t *testing.T) {
	for text, want := range map[string]string{
		"os = 'linux'\nimplementation = 'cp'\nversion = '313'\nabi = 'cp313'\narch = 'linux_aarch64'\n":      "manylinux_2_28_aarch64 3.13 cp [cp313]",
		"os = 'linux'\nversion = '313'\nabi = 'cp313t'\narch = 'manylinux_2_31_armv7l'\n":                    "manylinux_2_31_armv7l 3.13t cp [cp313t]",
		"os = 'linux'\nabi = 'cp312'\narch = 'linux_armv6l'\ntoolchain_file = 'x.cmake'\n[cmake]\na = 1\n":   "linux_armv6l 3.12 cp [cp312]",
		"os = 'mac'\nversion = '310'\narch = 'macosx_11_0_arm64'\n":                                          "macosx_11_0_arm64 3.10 cp [cp310]",
		"os = 'windows'\nimplementation = 'pp'\nversion = '311'\nabi = 'pypy311_pp73'\narch = 'win_amd64'\n": "win_amd64 3.11 pp [pypy311_pp73]",
		"arch = 'ios_13_0_arm64_iphoneos'\nversion = '3.14'\n":                                               "ios_13_0_arm64_iphoneos 3.14 cp [cp314]",
	} {
		f, err := readPyBuildCMake("py-build-cmake.cross.toml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		h := hostOf(t, f)
		if got := fmt.Sprint(h.Platform(), " ", h.Python(), " ", h.Implementation(), " ", h.ABIs()); got != want {
			t.Errorf("%s\nis %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"[cmake]\n":                           "it has none of the keys",
		"os = 1":                              "os",
		"os = 'plan9'\narch = 'linux_x86_64'": `os "plan9" is none of linux, mac, windows, pyodide`,
		"os = 'linux'\narch = 'win_amd64'":    `says "linux"`,
		"implementation = 'words words'\n":    `implementation "words words" is none`,
		"version = 'x'\n":                     "invalid --python-version",
	} {
		err := refusalOf(readPyBuildCMake("c.toml", []byte(text)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `"c.toml"`) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestPyodideLockFile(t *testing.T) {
	for info, want := range map[string]string{
		`"abi_version": "2026_0", "arch": "wasm32", "platform": "emscripten_5_0_3", "python": "3.14.2"`: "pyemscripten_2026_0_wasm32 3.14.2 5.0.3",
		`"arch": "wasm32", "platform": "emscripten_3_1_58", "python": "3.12.7"`:                         "pyemscripten_2024_0_wasm32 3.12.7 3.1.58",
		`"arch": "wasm32", "platform": "emscripten_3_1_45", "python": "3.11.3"`:                         "emscripten_3_1_45_wasm32 3.11.3 3.1.45",
		`"abi_version": "2027_0", "platform": "emscripten_7_0_0", "python": "3.16.0"`:                   "pyemscripten_2027_0_wasm32 3.16.0 7.0.0",
	} {
		f, err := readPyodideLock("pyodide-lock.json", []byte(`{"info": {`+info+`}, "packages": {"a": {}}}`))
		if err != nil {
			t.Errorf("%s: %v", info, err)
			continue
		}
		h := hostOf(t, f)
		release, _ := h.Environment().Get("platform_release")
		if got := fmt.Sprint(h.Platform(), " ", h.Python(), " ", release.Text); got != want || !release.Known {
			t.Errorf("%s\nis %s, want %s", info, got, want)
		}
	}
	for info, want := range map[string]string{
		`"platform": "emscripten_5_0_3", "python": "words"`:                          `python "words" is no version`,
		`"platform": "linux_x86_64", "python": "3.14.2"`:                             "is none of Emscripten",
		`"platform": "emscripten_../x", "python": "3.14.2"`:                          "is none of Emscripten",
		`"abi_version": "words", "platform": "emscripten_5_0_3", "python": "3.14.2"`: "A Pyodide tag names year, patch and wasm32",
	} {
		if _, err := readPyodideLock("lock", []byte(`{"info": {`+info+`}}`)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", info, err, want)
		}
	}
}

func TestXCFrameworkPlatforms(t *testing.T) {
	slice := func(platform, variant string, architectures ...string) crossfile.Slice {
		return crossfile.Slice{Identifier: platform, Platform: platform, Variant: variant, Architectures: architectures}
	}
	for want, slices := range map[string][]crossfile.Slice{
		"arm64-iphoneos": {slice("ios", "", "arm64")},
		"arm64-iphonesimulator x86_64-iphonesimulator arm64-iphoneos": {slice("ios", "simulator", "arm64", "x86_64"), slice("ios", "", "arm64"), slice("tvos", "", "arm64")},
		"universal2-apple-darwin":                                     {slice("macos", "", "arm64", "x86_64")},
		"arm64-apple-darwin":                                          {slice("macos", "", "arm64"), slice("ios", "maccatalyst", "arm64")},
		"":                                                            {slice("tvos", "", "arm64"), slice("xros", "simulator", "arm64"), slice("ios", "", "armv7")},
	} {
		platforms, err := xcframeworkPlatforms(slices)
		if strings.Join(platforms, " ") != want || (err == nil) != (want != "") {
			t.Errorf("%v: %q, %v; want %q", slices, platforms, err, want)
		}
	}
}

// TestWrittenFilesAreRead: what is written of a host is read as the same host,
// by what the format can say.
func TestWrittenFilesAreRead(t *testing.T) {
	hosts := roundTripHosts(t)
	hosts = append(hosts,
		mustNew(t, Options{Platforms: []string{"manylinux_2_28_aarch64"}, PythonVersion: "3.13.2"}),
		mustNew(t, Options{Platforms: []string{"win_amd64"}, ABIs: []string{"cp313", "abi3"}}),
		mustNew(t, Options{Platforms: []string{"manylinux2014_x86_64"}, Implementation: "pp", PythonVersion: "3.11"}))
	for _, h := range hosts {
		for _, format := range CrossFormats() {
			text, err := h.CrossFile(format)
			if err != nil {
				var refused *CrossFileError
				universal := h.main().cpu() == cpuUniversal && format == CrossMeson
				if !errors.As(err, &refused) || h.main().system.named() && !universal {
					t.Errorf("%s: %v", h, err)
				}
				continue
			}
			read := map[CrossFormat]func(string, []byte) (Facts, error){
				CrossMeson: readMesonCross, CrossCMake: readCMakeToolchain, CrossPyBuildCMake: readPyBuildCMake,
			}[format]
			f, err := read("written", text)
			if err != nil {
				t.Errorf("%s: %v\n%s", h, err, text)
				continue
			}
			again := hostOf(t, f)
			if format == CrossPyBuildCMake {
				plain := strings.HasPrefix(h.Platform(), "linux_") // which its format cannot say
				if !plain && (again.Platform() != h.Platform() || again.Tags()[0] != h.Tags()[0]) || again.Python().Short() != h.Python().Short() {
					t.Errorf("%s is %s in\n%s", h, again, text)
				}
				continue
			}
			if again.Digest() != h.Digest() {
				t.Errorf("%s is %s in\n%s", h, again, text)
			}
		}
	}
	for _, o := range []Options{{Platforms: []string{"any"}}, {Platforms: []string{"haiku_r1_x86_64"}, Exact: true}} {
		if _, err := mustNew(t, o).CrossFile(CrossMeson); err == nil {
			t.Errorf("%q has a cross file", o.Platforms)
		}
	}
	if _, err := mustNew(t, Options{Platforms: []string{"ios"}}).CrossFile("scons"); err == nil || !strings.Contains(err.Error(), "[meson cmake py-build-cmake]") {
		t.Errorf("%v", err)
	}
}

// TestCompletePlatformRoundTrip: pex's JSON keeps tags and markers, and which
// of these are unknown.
func TestCompletePlatformRoundTrip(t *testing.T) {
	hosts := roundTripHosts(t)
	hosts = append(hosts,
		mustNew(t, Options{Platforms: []string{"manylinux_2_28_aarch64", "linux_aarch64"}, PythonVersion: "3.13.2"}),
		mustNew(t, Options{Platforms: []string{"linux_aarch64", "manylinux_2_28_aarch64"}, PythonVersion: "3.13"}),
		mustNew(t, Options{Platforms: []string{"android_24_arm64_v8a"}, PythonVersion: "3.13", Exact: true}),
		mustNew(t, Options{Platforms: []string{"ios"}, PythonVersion: "3.14", Markers: map[string]string{"platform_release": "17.4"}}))
	for _, h := range hosts {
		text, err := h.CompletePlatform()
		if err != nil {
			t.Fatal(err)
		}
		f, err := readCompletePlatform("complete.json", text)
		if err != nil {
			t.Errorf("%s: %v", h, err)
			continue
		}
		again := hostOf(t, f)
		if fmt.Sprint(again.Tags()) != fmt.Sprint(h.Tags()) {
			t.Errorf("%s: the tags differ", h)
		}
		for _, name := range h.Environment().Names() {
			a, _ := h.Environment().Get(name)
			b, _ := again.Environment().Get(name)
			if fmt.Sprint(a) != fmt.Sprint(b) {
				t.Errorf("%s: %s is %+v, was %+v", h, name, b, a)
			}
		}
		if again.Scheme() != h.Scheme() || again.FreeThreaded() != h.FreeThreaded() {
			t.Errorf("%s: scheme %+v, want %+v", h, again.Scheme(), h.Scheme())
		}
	}
}

func TestCompletePlatformOfOthers(t *testing.T) {
	f, err := readCompletePlatform("c.json", []byte(`{"compatible_tags": ["cp311-cp311-linux_aarch64", "cp311-cp311-manylinux_2_36_aarch64", "py3-none-any", "cp311-cp311-linux_aarch64"],
		"marker_environment": {"python_full_version": "3.11.7", "python_version": "3.11", "platform_release": "6.1", "platform_machine": null}}`))
	if err != nil {
		t.Fatal(err)
	}
	h := hostOf(t, f)
	release, _ := h.Environment().Get("platform_release")
	if len(h.Tags()) != 3 || h.Platform() != "manylinux_2_36_aarch64" || h.Python().String() != "3.11.7" || release.Text != "6.1" || !release.Known {
		t.Errorf("%s %v %+v", h, h.Tags(), release)
	}
	if rank, ok := h.Rank(wheel.Tag{Python: "py3", ABI: "none", Platform: "any"}); !ok || rank != 2 {
		t.Errorf("%d, %v", rank, ok)
	}
	if _, ok := h.Rank(wheel.Tag{Python: "py3", ABI: "none", Platform: "manylinux_2_36_aarch64"}); ok {
		t.Error("it has a tag that is not listed")
	}
	_, err = readCompletePlatform("c.json", []byte(`{"compatible_tags": ["py3-none-any"], "marker_environment": {"sys_plattform": "x"}}`))
	var unknown *MarkerError
	if !errors.As(err, &unknown) || unknown.Suggestion != "sys_platform" {
		t.Errorf("%v", err)
	}
}

// FuzzDescriptions: whatever a file says, it is read in bounded time as a host
// or refused.
func FuzzDescriptions(f *testing.F) {
	f.Add([]byte("[host_machine]\nsystem = 'linux'\ncpu_family = 'aarch64'\ncpu = 'x'\nendian = 'little'\n[binaries]\nc = 'a-gcc'\n"))
	f.Add([]byte("set(CMAKE_SYSTEM_NAME Android)\nset(CMAKE_ANDROID_API 24)\nset(ANDROID_ABI x86)\n"))
	f.Add([]byte("os = 'linux'\nabi = 'cp313t'\narch = 'linux_x86_64'\n"))
	f.Add([]byte(`{"info": {"abi_version": "2026_0", "platform": "emscripten_5_0_3", "python": "3.14.2"}}`))
	f.Add([]byte(`{"compatible_tags": ["cp313-cp313-win_amd64"], "marker_environment": {"python_version": "3.13"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func(string, []byte) (Facts, error){
			readMesonCross, readCMakeToolchain, readPyBuildCMake, readPyodideLock, readCompletePlatform,
		} {
			facts, err := read("f", text)
			if err != nil {
				continue
			}
			if h, err := New(Options{Prefix: &facts}); err == nil {
				h.Tags()
				h.Spellings()
			}
		}
	})
}
