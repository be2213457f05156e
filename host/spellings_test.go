package host

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestForeignNames reads what other tools call the systems. The names are
// theirs: config.sub, dpkg, rustc, clang, conda-forge, nixpkgs, CPython,
// uv, container images.
func TestForeignNames(t *testing.T) {
	for want, names := range map[string]string{
		"manylinux_2_28_x86_64": "x86_64-pc-linux-gnu x86_64-redhat-linux x86_64-suse-linux-gnu x86_64-conda_cos7-linux-gnu x86_64-poky-linux " +
			"amd64-linux-gnu linux-64 linux/amd64 linux/amd64/v3 linux/x86_64 linux-x64 linux-amd64 x86_64-linux gnu64 x86_64-unknown-linux x86_64-linux-gnu.2.28",
		"manylinux_2_28_i686": "i386-linux-gnu i586-pc-linux-gnu i386 linux-32 linux/386 linux-x86 i686-linux gnu32 x86-linux-gnu.2.28",
		"manylinux_2_28_aarch64": "aarch64-linux-gnu arm64-linux-gnu aarch64-none-linux-gnu aarch64-poky-linux aarch64-buildroot-linux-gnu " +
			"linux-arm64 linux/arm64 linux/arm64/v8 linux/aarch64 aarch64-multiplatform aarch64-conda-linux-gnu",
		"manylinux_2_31_armv7l": "arm-linux-gnueabihf arm-none-linux-gnueabihf armv8l-unknown-linux-gnueabihf armv7-unknown-linux-gnueabihf " +
			"armv7l-linux armv7l-hf-multiplatform armhf linux/arm/v7 linux/arm linux-arm armv7l thumbv7neon-unknown-linux-gnueabihf linux-armv8l",
		"linux_armv6l":               "arm-unknown-linux-gnueabihf armv6l-unknown-linux-gnueabihf armv6-linux-gnueabihf linux-armv6l linux/arm/v6 raspberrypi raspberryPi armv6l",
		"manylinux_2_28_ppc64le":     "powerpc64le-linux-gnu powerpc64le-ibm-linux-gnu ppc64le-redhat-linux ppc64el ppc64le linux-ppc64le powerpc64le-linux powernv linux/ppc64le",
		"manylinux_2_28_s390x":       "s390x-ibm-linux-gnu s390x-linux-gnu s390x linux/s390x linux-s390x",
		"manylinux_2_39_riscv64":     "riscv64gc-unknown-linux-gnu riscv64-unknown-linux riscv64-linux-gnu riscv64 linux/riscv64 riscv64-linux",
		"manylinux_2_36_loongarch64": "loongarch64-unknown-linux-gnu loong64 loongarch64-linux linux/loong64 loongarch64",
		"musllinux_1_2_x86_64":       "x86_64-alpine-linux-musl x86_64-linux-musl x86_64-openwrt-linux-musl musl64 musl-linux-amd64 linux-musl-x64 alpine",
		"musllinux_1_2_i686":         "i386-linux-musl i586-alpine-linux-musl musl32 musl-linux-i386",
		"musllinux_1_2_aarch64":      "aarch64-alpine-linux-musl aarch64-multiplatform-musl musl-linux-arm64 linux-musl-arm64",
		"musllinux_1_2_armv7l":       "armv7-alpine-linux-musleabihf arm-linux-musleabihf musl-linux-armhf",
		"musllinux_1_2_ppc64le":      "powerpc64le-alpine-linux-musl musl-power musl-linux-ppc64el",
		"musllinux_1_2_s390x":        "s390x-alpine-linux-musl",
		"musllinux_1_2_riscv64":      "riscv64-alpine-linux-musl riscv64gc-unknown-linux-musl riscv64-musl",
		"musllinux_1_2_loongarch64":  "loongarch64-unknown-linux-musl musl-linux-loong64",
		"macosx_13_0_x86_64":         "x86_64-apple-darwin x86_64-darwin osx-64 osx-amd64 osx-x64 darwin/amd64 macos-x86_64 x86_64-macos x86_64-apple-darwin22",
		"macosx_13_0_arm64":          "aarch64-apple-darwin arm64-apple-darwin aarch64-darwin osx-arm64 darwin/arm64 darwin-arm64 macos-aarch64 aarch64-macos",
		"macosx_11_0_arm64":          "arm-apple-darwin20.3.0 arm64-apple-darwin20.0.0 arm64-apple-macosx11.0 macosx-11.0-arm64 aarch64-macos.11.0",
		"macosx_10_9_x86_64":         "x86_64-apple-darwin13.4.0 x86_64-apple-macosx10.9 macosx-10.9-x86_64",
		"macosx_13_0_universal2":     "universal2-apple-darwin macosx_universal2 macos-universal2",
		"ios_13_0_arm64_iphoneos": "aarch64-apple-ios arm64-apple-ios arm64-apple-ios13.0 arm64-apple-ios13 ios-13.0-arm64-iphoneos arm64-iphoneos iphone64 aarch64-ios " +
			"ios_13_0_iphoneos_arm64 ios-arm64 ios/arm64 ios",
		"ios_13_0_arm64_iphonesimulator": "arm64-apple-ios13.0-simulator aarch64-apple-ios-sim arm64-apple-ios-simulator arm64-iphonesimulator aarch64-ios-simulator " +
			"ios-13.0-arm64-iphonesimulator",
		"ios_13_0_x86_64_iphonesimulator": "x86_64-apple-ios13.0-simulator x86_64-apple-ios x86_64-apple-ios-simulator x86_64-iphonesimulator iphone64-simulator ios-x86_64",
		"android_24_arm64_v8a": "aarch64-linux-android24 aarch64-linux-android aarch64-unknown-linux-android android-24-arm64_v8a aarch64-android-prebuilt " +
			"arm64-v8a android-arm64 android/arm64 aarch64-none-linux-android24 android",
		"android_24_x86_64":      "x86_64-linux-android24 x86_64-unknown-linux-android android-24-x86_64 android-x64 android/amd64",
		"android_24_armeabi_v7a": "armv7a-linux-androideabi24 armv7-linux-androideabi arm-linux-androideabi armv7a-unknown-linux-androideabi armv7a-android-prebuilt armeabi-v7a",
		"android_24_x86":         "i686-linux-android24 i686-linux-android i686-unknown-linux-android android-24-x86",
		"win_amd64": "x86_64-w64-mingw32 x86_64-pc-windows-msvc x86_64-pc-windows-gnu x86_64-pc-windows-gnullvm x86_64-w64-windows-gnu x86_64-windows " +
			"mingwW64 win-64 win-amd64 win-x64 windows/amd64 windows-x64 x86_64-windows-gnu win64",
		"win_arm64": "aarch64-pc-windows-msvc aarch64-w64-mingw32 aarch64-windows win-arm64 windows/arm64 windows-arm64",
		"win32":     "i686-pc-windows-msvc i686-w64-mingw32 mingw32 i686-windows win-32 win-x86 windows/386",
		"pyemscripten_2026_0_wasm32": "wasm32-unknown-emscripten emscripten-5.0.3-wasm32 wasm32-emscripten emscripten-wasm32 pyodide-2026 pyodide-2026.0 pyodide_2026_0 pyodide-314 " +
			"pyodide-314.0.7 pyodide",
		"pyemscripten_2025_0_wasm32":    "pyodide-2025 pyodide_2025_0 pyodide_2025 wasm32-pyodide2025 emscripten-4.0.9-wasm32 pyodide-0.28 pyodide-0.29.0 PYODIDE-2025",
		"freebsd_14_3_release_amd64":    "freebsd freebsd-14.3-RELEASE-amd64 x86_64-unknown-freebsd amd64-portbld-freebsd14.3 x86_64-unknown-freebsd14.3 freebsd-64 x86_64-freebsd freebsd/amd64",
		"freebsd_13_0_release_amd64":    "x86_64-freebsd13 x86_64-unknown-freebsd13.0 amd64-portbld-freebsd13",
		"freebsd_14_3_release_arm64":    "aarch64-unknown-freebsd aarch64-portbld-freebsd14.3 freebsd-arm64 freebsd/arm64",
		"freebsd_14_3_release_p2_amd64": "freebsd-14.3-RELEASE-p2-amd64",
		"wasi_0_0_0_wasm32":             "wasi wasi-0.0.0-wasm32 wasm32-wasi wasm32-unknown-wasi wasm32-wasip1 wasm32-wasip2 wasm32-wasip1-threads wasi32 wasi-wasm32 wasi/wasm",
		"pyemscripten_2024_0_wasm32":    "pyodide-2024 pyodide-0.27.7 pyodide-0.26 emscripten-3.1.58-wasm32",
		"pyemscripten_2026_5_wasm32":    "pyodide-2026.5 pyodide_2026_5",
		"manylinux_2_34_aarch64":        "pypa/manylinux_2_34_aarch64 registry.example.com/pypa/manylinux_2_34_aarch64:2026.11.01-1 manylinux_2_34_aarch64:latest",
		"manylinux2014_x86_64":          "pypa/manylinux2014_x86_64",
	} {
		for name := range strings.FieldsSeq(names) {
			if h, err := New(Options{Platforms: []string{name}}); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if h.Platform() != want {
				t.Errorf("%s is %s, want %s", name, h.Platform(), want)
			}
		}
	}
}

// TestNamesWithPython reads names that say which Python runs there.
func TestNamesWithPython(t *testing.T) {
	for _, test := range []struct{ name, platform, python, tag string }{
		{"cp313-manylinux_x86_64", "manylinux_2_28_x86_64", "3.13", "cp313-cp313-manylinux_2_28_x86_64"},
		{"cp313t-manylinux_aarch64", "manylinux_2_28_aarch64", "3.13t", "cp313-cp313t-manylinux_2_28_aarch64"},
		{"cp38-musllinux_i686", "musllinux_1_2_i686", "3.8", "cp38-cp38-musllinux_1_2_i686"},
		{"cp314-ios_arm64_iphoneos", "ios_13_0_arm64_iphoneos", "3.14", "cp314-cp314-ios_13_0_arm64_iphoneos"},
		{"cp314-android_arm64_v8a", "android_24_arm64_v8a", "3.14", "cp314-cp314-android_24_arm64_v8a"},
		{"cp314t-win32", "win32", "3.14t", "cp314-cp314t-win32"},
		{"cp312-win_amd64", "win_amd64", "3.12", "cp312-cp312-win_amd64"},
		{"cp310-macosx_universal2", "macosx_13_0_universal2", "3.10", "cp310-cp310-macosx_13_0_universal2"},
		{"cp312-pyodide_wasm32", "pyemscripten_2024_0_wasm32", "3.12", "cp312-cp312-pyemscripten_2024_0_wasm32"},
		{"cp313-pyodide_wasm32", "pyemscripten_2025_0_wasm32", "3.13", "cp313-cp313-pyemscripten_2025_0_wasm32"},
		{"pp311-manylinux_x86_64", "manylinux_2_28_x86_64", "3.11", "pp311-pypy311_pp73-manylinux_2_28_x86_64"},
		{"gp311_242-manylinux_aarch64", "manylinux_2_28_aarch64", "3.11", "graalpy311-graalpy242_311_native-manylinux_2_28_aarch64"},
		{"cp313-manylinux_2_34_x86_64", "manylinux_2_34_x86_64", "3.13", "cp313-cp313-manylinux_2_34_x86_64"},
		{"aws-lambda-python3.12", "manylinux_2_34_x86_64", "3.12", "cp312-cp312-manylinux_2_34_x86_64"},
		{"aws-lambda python3.13 arm64", "manylinux_2_34_aarch64", "3.13", "cp313-cp313-manylinux_2_34_aarch64"},
		{"aws-lambda-python3.11-x86_64", "manylinux_2_26_x86_64", "3.11", "cp311-cp311-manylinux_2_26_x86_64"},
		{"lambda/python:3.14-arm64", "manylinux_2_34_aarch64", "3.14", "cp314-cp314-manylinux_2_34_aarch64"},
		{"AWS-Lambda-Python3.9", "manylinux_2_26_x86_64", "3.9", "cp39-cp39-manylinux_2_26_x86_64"},
	} {
		h, err := New(Options{Platforms: []string{test.name}})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := h.Tags()[0].String(); h.Platform() != test.platform || h.Python().String() != test.python || got != test.tag {
			t.Errorf("%s is %s, Python %s, best tag %s; want %+v", test.name, h.Platform(), h.Python(), got, test)
		}
		if !strings.HasPrefix(h.Origin("python"), "implied by ") {
			t.Errorf("%s: the Python is from %q", test.name, h.Origin("python"))
		}
	}
	// An option counts more, and that is said.
	h := mustNew(t, Options{Platforms: []string{"cp312-pyodide_wasm32"}, PythonVersion: "3.13"})
	if h.Platform() != "pyemscripten_2025_0_wasm32" || h.Python().String() != "3.13" ||
		!slices.Contains(h.Notes(), "Python 3.13 (--python-version) counts, not the 3.12 of cp312-pyodide_wasm32") {
		t.Errorf("%s %q", h, h.Notes())
	}
	h = mustNew(t, Options{Platforms: []string{"pp311-manylinux_x86_64"}, PythonVersion: "3.11.4", Implementation: "cp"})
	if h.Implementation() != "cp" || len(h.Notes()) != 1 {
		t.Errorf("%s %q", h, h.Notes())
	}
	_, err := New(Options{Platforms: []string{"cp312-win32", "cp313-win_amd64"}})
	var conflict *PlatformConflictError
	if !errors.As(err, &conflict) || conflict.Part != "Pythons" {
		t.Errorf("two Pythons: %v", err)
	}
	for _, name := range []string{
		"cp3-win32", "cp-win32", "cp313x-win32", "cp313-nowhere", "pp-win32", "gp311-win32", "gp311_-win32", "cp313-", "cp312t-win32",
		"aws-lambda-python3.99", "aws-lambda-python2.7", "aws-lambda-ruby3.3", "aws-lambda", "lambda/python:3.12-riscv64",
	} {
		if h, err := New(Options{Platforms: []string{name}}); err == nil {
			t.Errorf("%s is %s", name, h)
		}
	}
}

// roundTripHosts are hosts of every system, at versions that are usual and at
// others, on several Pythons.
func roundTripHosts(t *testing.T) []*Host {
	var hosts []*Host
	pythons := []string{"3.12", "3.13", "3.13t", "3.14"}
	for i := range systems {
		s := &systems[i]
		versions := []version{s.usual}
		if s.floor != (version{}) && s.named() {
			versions = append(versions, s.floor)
		}
		for j, v := range versions {
			if !s.named() {
				v = s.floor
			}
			o := Options{Platforms: []string{s.tagAt(v)}, PythonVersion: pythons[(i+j)%len(pythons)]}
			if s.os == osEmscripten {
				o.PythonVersion = ""
			}
			hosts = append(hosts, mustNew(t, o))
		}
	}
	for _, name := range []string{
		"manylinux_2_17_aarch64", "manylinux_2_35_x86_64", "macosx_10_9_x86_64", "macosx_11_0_arm64", "macosx_26_0_arm64", "macosx_14_2_arm64",
		"ios_17_4_arm64_iphoneos", "android_21_arm64_v8a", "freebsd_13_5_release_amd64", "freebsd_14_3_release_p2_amd64", "pyemscripten_2025_0_wasm32", "pyemscripten_2026_5_wasm32",
	} {
		hosts = append(hosts, mustNew(t, Options{Platforms: []string{name}}))
	}
	return append(hosts, mustNew(t, Options{Platforms: []string{"win_amd64"}, ABIs: []string{"pypy311_pp73"}}))
}

// TestSpellingsRoundTrip: every name that a host is said to have is understood
// again, as the host or as what the name says it leaves open.
func TestSpellingsRoundTrip(t *testing.T) {
	hosts, names, faithful := roundTripHosts(t), 0, 0
	if len(hosts) < 40 {
		t.Fatalf("only %d hosts", len(hosts))
	}
	for i := range systems {
		if systems[i].source == "" {
			t.Errorf("%s: no source", systems[i].tagAt(systems[i].usual))
		}
	}
	for _, h := range hosts {
		list := h.Spellings()
		if len(list) == 0 || list[0] != (Spelling{Kind: KindTag, Text: h.Platform()}) {
			t.Fatalf("%s begins with %+v", h.Platform(), list[:min(1, len(list))])
		}
		for i, s := range list {
			names++
			if s.Kind.Source() == "" {
				t.Errorf("%s: no source", s.Kind)
			}
			if slices.Contains(list[:i], s) {
				t.Errorf("%s has %+v twice", h.Platform(), s)
			}
			o := Options{Platforms: []string{s.Text}}
			if s.Kind != KindCibuildwheel && h.main().os != osEmscripten {
				o.PythonVersion, o.ABIs = h.Python().String(), h.given.ABIs
			}
			again, err := New(o)
			var unknown *UnknownPlatformError
			switch {
			case errors.As(err, &unknown):
				// Several systems have the name: this one is among them.
				known := slices.ContainsFunc(unknown.Suggestions, func(name string) bool {
					p := mustNew(t, Options{Platforms: []string{name}}).main()
					return p.os == h.main().os && p.cpu() == h.main().cpu()
				})
				if s.Open != "system" || !known {
					t.Errorf("%s: %+v is refused: %v", h.Platform(), s, err)
				}
			case err != nil:
				t.Errorf("%s: %+v: %v", h.Platform(), s, err)
			case s.Open == "":
				faithful++
				if again.Platform() != h.Platform() && again.main().system.at(again.main().version).name != h.Platform() || again.Python() != h.Python() {
					t.Errorf("%s: %+v is %s", h, s, again)
				}
				if again.Platform() == h.Platform() && again.Implementation() == h.Implementation() && again.Digest() != h.Digest() {
					t.Errorf("%s: %+v is another host: %s", h, s, again)
				}
			case again.Platform() == h.Platform():
				t.Errorf("%s: %+v leaves nothing open", h.Platform(), s)
			}
		}
	}
	t.Logf("%d hosts, %d names, of which %d say all", len(hosts), names, faithful)
}

func TestSpellingsOfHosts(t *testing.T) {
	for _, test := range []struct {
		platform, python string
		want             []Spelling
	}{
		{"manylinux_2_28_aarch64", "3.13", []Spelling{
			{KindTag, "manylinux_2_28_aarch64", ""}, {KindSysconfig, "linux-aarch64", ""}, {KindMultiarch, "aarch64-linux-gnu", ""},
			{KindRust, "aarch64-unknown-linux-gnu", ""}, {KindZig, "aarch64-linux-gnu.2.28", ""}, {KindConda, "linux-aarch64", ""},
			{KindNix, "aarch64-linux", ""}, {KindNixAttr, "aarch64-multiplatform", ""}, {KindDebian, "arm64", "system"},
			{KindUV, "aarch64-manylinux_2_28", ""}, {KindCibuildwheel, "cp313-manylinux_aarch64", ""}, {KindOCI, "linux/arm64/v8", ""},
		}},
		{"manylinux2014_x86_64", "3.13t", []Spelling{
			{KindTag, "manylinux_2_17_x86_64", ""}, {KindOlderTag, "manylinux2014_x86_64", ""}, {KindUV, "x86_64-manylinux2014", ""},
			{KindRust, "x86_64-unknown-linux-gnu", "glibc version"}, {KindCibuildwheel, "cp313t-manylinux_x86_64", "glibc version"},
			{KindShort, "linux", "glibc version"},
		}},
		{"musllinux_1_2_aarch64", "3.13", []Spelling{
			{KindSysconfig, "linux-aarch64", "C library"}, {KindNix, "aarch64-linux", "C library"}, {KindOCI, "linux/arm64", "C library"},
			{KindNixConfig, "aarch64-unknown-linux-musl", ""}, {KindDebian, "musl-linux-arm64", ""},
		}},
		{"macosx_11_0_arm64", "3.13", []Spelling{
			{KindSysconfig, "macosx-11.0-arm64", ""}, {KindGNU, "arm64-apple-darwin20.0.0", ""}, {KindCondaTriple, "arm64-apple-darwin20.0.0", ""},
			{KindLLVM, "arm64-apple-macosx11.0", ""}, {KindConda, "osx-arm64", "macOS version"}, {KindNix, "aarch64-darwin", "macOS version"},
		}},
		{"ios_13_0_arm64_iphonesimulator", "3.14", []Spelling{
			{KindOlderTag, "ios_13_0_iphonesimulator_arm64", ""}, {KindSysconfig, "ios-13.0-arm64-iphonesimulator", ""},
			{KindLLVM, "arm64-apple-ios13.0-simulator", ""}, {KindCibuildwheel, "cp314-ios_arm64_iphonesimulator", ""},
		}},
		{"android_21_arm64_v8a", "3.13", []Spelling{
			{KindOlderTag, "android_21_aarch64", ""}, {KindSysconfig, "android-21-arm64_v8a", ""}, {KindLLVM, "aarch64-linux-android21", ""},
			{KindNix, "aarch64-linux", "system"}, {KindRust, "aarch64-linux-android", "API level"},
		}},
		{"pyodide_2025_0_wasm32", "", []Spelling{
			{KindTag, "pyemscripten_2025_0_wasm32", ""}, {KindOlderTag, "pyodide_2025_0_wasm32", ""}, {KindSysconfig, "emscripten-4.0.9-wasm32", ""},
			{KindUV, "wasm32-pyodide2025", ""}, {KindPyodide, "pyodide-2025", ""}, {KindRust, "wasm32-unknown-emscripten", "Pyodide version"},
		}},
		{"linux_armv6l", "3.13", []Spelling{{KindRust, "arm-unknown-linux-gnueabihf", ""}, {KindMultiarch, "arm-linux-gnueabihf", "processor"}}},
		{"linux_x86_64", "3.13", []Spelling{{KindTag, "linux_x86_64", ""}, {KindSysconfig, "linux-x86_64", "C library"}}},
		{"emscripten_4_0_9_wasm32", "", []Spelling{{KindTag, "emscripten_4_0_9_wasm32", ""}}},
		{"any", "3.13", []Spelling{{KindTag, "any", ""}}},
	} {
		list := mustNew(t, Options{Platforms: []string{test.platform}, PythonVersion: test.python}).Spellings()
		for _, want := range test.want {
			if !slices.Contains(list, want) {
				t.Errorf("%s: no %+v in %+v", test.platform, want, list)
			}
		}
	}
}

// TestNotesSayWhatIsNew: a note does not repeat itself, and one that says that
// something is taken says what.
func TestNotesSayWhatIsNew(t *testing.T) {
	names := []string{"pyodide", "emscripten", "linux-arm64", "linux/arm64", "arm64-apple-ios", "win-x64", "osx-x64", "ios-arm64", "alpine", "armhf"}
	for _, h := range roundTripHosts(t) {
		for _, s := range h.Spellings() {
			names = append(names, s.Text)
		}
	}
	for _, name := range names {
		for _, python := range []string{"3.13", ""} {
			h, err := New(Options{Platforms: []string{name}, PythonVersion: python})
			if err != nil {
				continue
			}
			for _, note := range h.Notes() {
				before, after, taken := strings.Cut(note, " is taken as ")
				if taken && (strings.Trim(strings.Fields(after)[0], ":") == before || strings.Count(note, h.Platform()) != 1) {
					t.Errorf("%s: %s", name, note)
				}
			}
		}
	}
	for name, want := range map[string]string{
		"pyodide":     "pyodide is taken as pyemscripten_2025_0_wasm32 (from Python 3.13)",
		"linux-arm64": "linux-arm64 is taken as manylinux_2_28_aarch64: glibc 2.28 (a manylinux or musllinux tag says another)",
		"ios":         "ios is taken as ios_13_0_arm64_iphoneos: the device, iOS 13.0 (IPHONEOS_DEPLOYMENT_TARGET or a platform tag says another)",
		"win-x64":     "win-x64 is taken as win_amd64",
	} {
		if h := mustNew(t, Options{Platforms: []string{name}, PythonVersion: "3.13"}); !slices.Equal(h.Notes(), []string{want}) {
			t.Errorf("%q, want %q", h.Notes(), want)
		}
	}
	h := mustNew(t, Options{Platforms: []string{"ios"}})
	if origin := h.Origin("platform_release"); origin != "default" {
		t.Errorf("an unknown marker is from %q", origin)
	}
}

// TestSystemsThatAreRefused: they are named, and taken literally when asked.
func TestSystemsThatAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"openbsd_7_7_amd64": "OpenBSD is not", "x86_64-unknown-openbsd": "OpenBSD is not", "x86_64-unknown-netbsd10.0": "NetBSD is not", "aarch64-apple-tvos": "tvOS is not",
		"aarch64-apple-ios-macabi": "Mac Catalyst is not", "x86_64-pc-cygwin": "Cygwin is not",
	} {
		_, err := New(Options{Platforms: []string{name}})
		var unknown *UnknownPlatformError
		if !errors.As(err, &unknown) || !strings.HasPrefix(unknown.Reason, want) || len(unknown.Suggestions) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"openbsd-7.7-amd64": "openbsd_7_7_amd64", "haiku_r1_x86_64": "haiku_r1_x86_64",
	} {
		if h := mustNew(t, Options{Platforms: []string{name}, Exact: true}); h.Platform() != want {
			t.Errorf("%s is %s, want %s", name, h.Platform(), want)
		}
	}
	for _, name := range []string{"x86_64-unknown-openbsd", "aarch64-aple-ios"} {
		if h, err := New(Options{Platforms: []string{name}, Exact: true}); err == nil {
			t.Errorf("%s is %s", name, h)
		}
	}
}
