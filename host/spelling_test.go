package host

import (
	"errors"
	"strings"
	"testing"
)

// mapEnv is a Getenv of fixed variables.
func mapEnv(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

func mustNew(t testing.TB, o Options) *Host {
	t.Helper()
	h, err := New(o)
	if err != nil {
		t.Fatalf("New(%+v): %v", o, err)
	}
	return h
}

func TestSpellings(t *testing.T) {
	for _, test := range []struct{ name, want, note string }{
		// Tags of today stand for themselves.
		{"ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphoneos", ""},
		{"ios_17_4_x86_64_iphonesimulator", "ios_17_4_x86_64_iphonesimulator", ""},
		{"android_24_arm64_v8a", "android_24_arm64_v8a", ""},
		{"android_21_x86", "android_21_x86", ""},
		{"manylinux_2_28_aarch64", "manylinux_2_28_aarch64", ""},
		{"manylinux2014_s390x", "manylinux2014_s390x", ""},
		{"manylinux1_i686", "manylinux1_i686", ""},
		{"musllinux_1_2_armv7l", "musllinux_1_2_armv7l", ""},
		{"macosx_10_13_universal2", "macosx_10_13_universal2", ""},
		{"win32", "win32", ""},
		{"pyemscripten_2026_5_wasm32", "pyemscripten_2026_5_wasm32", ""},
		{"pyodide_2025_0_wasm32", "pyodide_2025_0_wasm32", ""},
		{"emscripten_4_0_9_wasm32", "emscripten_4_0_9_wasm32", ""},
		{"any", "any", ""},
		{"WIN_AMD64", "win_amd64", ""},

		// Short and older forms.
		{"ios_13_0_arm64", "ios_13_0_arm64_iphoneos", "ios_13_0_arm64 is the device: ios_13_0_arm64_iphoneos"},
		{"ios_15_2_x86_64", "ios_15_2_x86_64_iphonesimulator", "is the simulator"},
		{"ios_12_0_iphoneos_arm64", "ios_12_0_arm64_iphoneos", "older name"},
		{"ios_13_0_iphonesimulator_x86_64", "ios_13_0_x86_64_iphonesimulator", "older name"},
		{"android_24_aarch64", "android_24_arm64_v8a", "older name"},
		{"android_21_arm", "android_21_armeabi_v7a", "older name"},
		{"android_21_i686", "android_21_x86", "older name"},

		// sysconfig.get_platform().
		{"ios-13.0-arm64-iphoneos", "ios_13_0_arm64_iphoneos", ""},
		{"ios-17.4-arm64-iphonesimulator", "ios_17_4_arm64_iphonesimulator", ""},
		{"android-24-arm64_v8a", "android_24_arm64_v8a", ""},
		{"macosx-11.0-arm64", "macosx_11_0_arm64", ""},
		{"macosx-10.13-universal2", "macosx_10_13_universal2", ""},
		{"win-amd64", "win_amd64", ""},
		{"win-arm64", "win_arm64", ""},
		{"linux-aarch64", "manylinux_2_28_aarch64", "glibc 2.28"},
		{"linux-x86_64", "manylinux_2_28_x86_64", "glibc 2.28"},
		{"linux-armv7l", "manylinux_2_31_armv7l", "glibc 2.31"},
		{"emscripten-5.0.3-wasm32", "pyemscripten_2026_0_wasm32", "taken for Pyodide"},

		// Triples, with and without a version.
		{"x86_64-unknown-linux-gnu", "manylinux_2_28_x86_64", "glibc 2.28"},
		{"x86_64-linux-gnu", "manylinux_2_28_x86_64", "glibc 2.28"},
		{"aarch64-linux-gnu.2.34", "manylinux_2_34_aarch64", ""},
		{"riscv64gc-unknown-linux-gnu", "manylinux_2_39_riscv64", "glibc 2.39"},
		{"armv7-unknown-linux-gnueabihf", "manylinux_2_31_armv7l", "glibc 2.31"},
		{"aarch64-unknown-linux-musl", "musllinux_1_2_aarch64", "musl 1.2"},
		{"aarch64-apple-ios", "ios_13_0_arm64_iphoneos", "iOS 13.0 (IPHONEOS_DEPLOYMENT_TARGET or a platform tag says another)"},
		{"arm64-apple-ios17.0", "ios_17_0_arm64_iphoneos", ""},
		{"arm64-apple-ios-simulator", "ios_13_0_arm64_iphonesimulator", "iOS 13.0"},
		{"arm64-apple-ios15.4-simulator", "ios_15_4_arm64_iphonesimulator", ""},
		{"x86_64-apple-ios", "ios_13_0_x86_64_iphonesimulator", "iOS 13.0"},
		{"aarch64-linux-android", "android_24_arm64_v8a", "Android API level 24 (ANDROID_API_LEVEL"},
		{"aarch64-linux-android28", "android_28_arm64_v8a", ""},
		{"armv7a-linux-androideabi21", "android_21_armeabi_v7a", ""},
		{"arm64-apple-darwin", "macosx_13_0_arm64", "macOS 13.0 (MACOSX_DEPLOYMENT_TARGET"},
		{"arm64-apple-darwin20.0.0", "macosx_11_0_arm64", ""},
		{"aarch64-apple-darwin25", "macosx_26_0_arm64", ""},
		{"x86_64-apple-darwin13.4.0", "macosx_10_9_x86_64", ""},
		{"arm64-apple-macos14.2", "macosx_14_2_arm64", ""},
		{"x86_64-pc-windows-msvc", "win_amd64", ""},
		{"i686-w64-mingw32", "win32", ""},
		{"wasm32-unknown-emscripten", "pyemscripten_2026_0_wasm32", "is taken as"},

		// uv's names and conda's subdirs.
		{"linux", "manylinux_2_28_x86_64", "x86_64, glibc 2.28"},
		{"macos", "macosx_13_0_arm64", "arm64, macOS 13.0"},
		{"windows", "win_amd64", "amd64"},
		{"x86_64-manylinux_2_31", "manylinux_2_31_x86_64", ""},
		{"aarch64-manylinux2014", "manylinux_2_17_aarch64", ""},
		{"wasm32-pyodide2025", "pyemscripten_2025_0_wasm32", ""},
		{"riscv64-unknown-linux", "manylinux_2_39_riscv64", "glibc 2.39"},
		{"linux-64", "manylinux_2_28_x86_64", "glibc 2.28"},
		{"linux-ppc64le", "manylinux_2_28_ppc64le", "glibc 2.28"},
		{"osx-arm64", "macosx_13_0_arm64", "macOS 13.0"},
		{"osx-64", "macosx_13_0_x86_64", "macOS 13.0"},
		{"win-64", "win_amd64", ""},
		{"win-32", "win32", ""},
		{"linux_x86_64", "linux_x86_64", "manylinux_2_28_x86_64 is a Linux with glibc"},
	} {
		h, err := New(Options{Platforms: []string{test.name}, PythonVersion: "3.14"})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if h.Platform() != test.want {
			t.Errorf("%s is %s, want %s", test.name, h.Platform(), test.want)
		}
		if notes := strings.Join(h.Notes(), "\n"); test.note == "" && notes != "" || !strings.Contains(notes, test.note) {
			t.Errorf("%s: notes %q, want %q", test.name, notes, test.note)
		}
	}
}

// TestNamesOfUV: every value of uv's --python-platform (0.13) is understood.
func TestNamesOfUV(t *testing.T) {
	names := map[string]string{
		"windows": "win_amd64", "x86_64-pc-windows-msvc": "win_amd64", "aarch64-pc-windows-msvc": "win_arm64", "i686-pc-windows-msvc": "win32",
		"linux": "manylinux_2_28_x86_64", "x86_64-unknown-linux-gnu": "manylinux_2_28_x86_64", "aarch64-unknown-linux-gnu": "manylinux_2_28_aarch64",
		"x86_64-unknown-linux-musl": "musllinux_1_2_x86_64", "aarch64-unknown-linux-musl": "musllinux_1_2_aarch64",
		"riscv64-unknown-linux": "manylinux_2_39_riscv64",
		"macos":                 "macosx_13_0_arm64", "aarch64-apple-darwin": "macosx_13_0_arm64", "x86_64-apple-darwin": "macosx_13_0_x86_64",
		"aarch64-linux-android": "android_24_arm64_v8a", "x86_64-linux-android": "android_24_x86_64",
		"wasm32-pyodide2024": "pyemscripten_2024_0_wasm32", "wasm32-pyodide2025": "pyemscripten_2025_0_wasm32",
		"arm64-apple-ios": "ios_13_0_arm64_iphoneos", "arm64-apple-ios-simulator": "ios_13_0_arm64_iphonesimulator",
		"x86_64-apple-ios-simulator": "ios_13_0_x86_64_iphonesimulator",
	}
	for _, arch := range []string{"x86_64", "aarch64"} {
		names[arch+"-manylinux2014"] = "manylinux_2_17_" + arch
		for _, glibc := range []string{"2_17", "2_28", "2_31", "2_32", "2_33", "2_34", "2_35", "2_36", "2_37", "2_38", "2_39", "2_40"} {
			names[arch+"-manylinux_"+glibc] = "manylinux_" + glibc + "_" + arch
		}
	}
	if len(names) != 46 {
		t.Fatalf("uv has 46 names, not %d", len(names))
	}
	for name, want := range names {
		if h := mustNew(t, Options{Platforms: []string{name}}); h.Platform() != want {
			t.Errorf("%s is %s, want %s", name, h.Platform(), want)
		}
	}
}

// TestTable checks what the table of systems promises: every name that is read
// stands for the system it is a name of, the others do not, and every system's
// tag is read back.
func TestTable(t *testing.T) {
	context := spellingContext{}
	for i := range systems {
		s := &systems[i]
		v := s.usual
		if v == (version{}) {
			v = s.floor
		}
		tag := s.tagAt(v)
		if p, _, ok, err := parseTag(tag); err != nil || !ok || p.system != s || p.tag() != tag {
			t.Errorf("%s is read as %s: %v", tag, p.name, err)
		}
		if cpuNames[s.arch] != s.cpu && s.os != osWindows && s.os != osMacOS && s.arch != "armv8l" {
			t.Errorf("%s: the processor %s is not among the names of %s", tag, s.arch, s.cpu)
		}
		number := "13.0"
		switch {
		case s.libc == libcGlibc:
			number = "2.28"
		case s.libc == libcMusl:
			number = "1.1"
		case s.os == osEmscripten:
			number = "2025.0"
		case s.os == osAndroid:
			number = "24"
		}
		whole, _, _ := strings.Cut(number, ".")
		values := strings.NewReplacer("{.}", number, "{_}", strings.ReplaceAll(number, ".", "_"), "{n}", whole,
			"{darwin}", "21", "{legacy}", "2014", "{emscripten}", "4.0.9")
		for kind, column := range s.names {
			for text := range strings.FieldsSeq(column) {
				if text[0] == '>' {
					continue
				}
				name := values.Replace(strings.TrimPrefix(text, "<"))
				if r, err := context.resolve(name); err != nil || r.system != s {
					t.Errorf("%s %s is read as %s, the table has it at %s: %v", Kind(kind), name, r.name, tag, err)
				}
			}
		}
		for _, short := range s.short {
			if short.name != strings.ToLower(short.name) {
				t.Errorf("%s is not in lower case and can never be found", short.name)
			}
			if r, err := context.resolve(short.name); err != nil || r.system != s {
				t.Errorf("%s is read as %s, want %s: %v", short.name, r.name, tag, err)
			}
		}
	}
}

func TestRefusedPlatforms(t *testing.T) {
	for _, test := range []struct{ name, reason, suggestion string }{
		{"ios_13_arm64", "An iOS tag names a minor version: ios_13_0_arm64.", "ios_13_0_arm64"},
		{"ios_13_arm64_iphoneos", "names a minor version: ios_13_0_arm64_iphoneos.", "ios_13_0_arm64_iphoneos"},
		{"ios_arm64", "names major and minor version", "ios_13_0_arm64"},
		{"ios_13_0_1_arm64_iphoneos", "names major and minor version: ios_13_0_arm64_iphoneos.", "ios_13_0_arm64_iphoneos"},
		{"ios_13_0_x86_64_iphoneos", "No iPhone has an x86_64 processor", "ios_13_0_x86_64_iphonesimulator"},
		{"ios_13_0_aarch64", "", "ios_13_0_arm64_iphoneos"},
		{"ios_13_0_arm64_iphonos", "", "ios_13_0_arm64_iphoneos"},
		{"ios_13_0_arm64_simulator", "", "ios_13_0_arm64_iphonesimulator"},
		{"ios_11_0_arm64_iphoneos", "iOS 12.0 and newer", "ios_12_0_arm64_iphoneos"},
		{"ios_1300_0_arm64_iphoneos", "There is no iOS 1300.0.", "ios_13_0_arm64_iphoneos"},
		{"ios_013_0_arm64_iphoneos", "", "ios_13_0_arm64_iphoneos"},
		{"android_24_arm64", "arm64_v8a", "android_24_arm64_v8a"},
		{"android_24_armv7", "armeabi_v7a", "android_24_armeabi_v7a"},
		{"android_24_amd64", "x86_64", "android_24_x86_64"},
		{"android_arm64-v8a_24", "", "android_24_arm64_v8a"},
		{"android_15_arm64_v8a", "API level 16 and newer", "android_16_arm64_v8a"},
		{"android_240_x86", "no Android API level 240", "android_99_x86"},
		{"android_24_0_x86_64", "one number", "android_24_x86_64"},
		{"win_x64", "Windows calls this processor amd64", "win_amd64"},
		{"win_amd46", "", "win_amd64"},
		{"win_aarch64", "arm64", "win_arm64"},
		{"win_32", "", "win32"},
		{"win", "win_amd64, win_arm64 and win32", "win_amd64"},
		{"win_win32", "", "win32"},
		{"manylinux_2_28_arm64", "Linux calls this processor aarch64: manylinux_2_28_aarch64.", "manylinux_2_28_aarch64"},
		{"manylinux_2_28_amd64", "x86_64", "manylinux_2_28_x86_64"},
		{"manylinux2014_arm64", "aarch64", "manylinux2014_aarch64"},
		{"manylinux_3_0_x86_64", "no glibc 3.0", "manylinux_2_28_x86_64"},
		{"manylinux_2_228_x86_64", "no glibc 2.228", "manylinux_2_28_x86_64"},
		{"manylinux_2_4_x86_64", "begins with 2.5", "manylinux_2_5_x86_64"},
		{"manylinux_2_12_aarch64", "begins with 2.17", "manylinux_2_17_aarch64"},
		{"manylinux2010_aarch64", "begins with 2.17", "manylinux_2_17_aarch64"},
		{"manylinux_2_x86_64", "two numbers of glibc", "manylinux_2_28_x86_64"},
		{"musllinux_1_2_arm64", "aarch64", "musllinux_1_2_aarch64"},
		{"musllinux_2_0_x86_64", "no musl 2.0", "musllinux_1_2_x86_64"},
		{"linux_amd64", "x86_64", "linux_x86_64"},
		{"linux_arm64", "aarch64", "linux_aarch64"},
		{"macosx_14_arm64", "minor version: macosx_14_0_arm64", "macosx_14_0_arm64"},
		{"macosx_14_0_aarch64", "arm64", "macosx_14_0_arm64"},
		{"macosx_10_9_arm64", "begins with 11.0", "macosx_11_0_arm64"},
		{"macosx_10_17_x86_64", "There is no macOS 10.17.", "macosx_13_0_x86_64"},
		{"pyemscripten_2025_0", "", "pyemscripten_2025_0_wasm32"},
		{"pyodide_2023_0_wasm32", "since 2024", "pyemscripten_2026_0_wasm32"},
		{"manylinx_2_34_aarch64", "", "manylinux_2_34_aarch64"},
		{"androd_24_arm64_v8a", "", "android_24_arm64_v8a"},
		{"aarch64-aple-ios", "", "aarch64-apple-ios"},
		{"ios-13-arm64-iphoneos", "names a minor version", "ios_13_0_arm64_iphoneos"},
		{"openbsd_7_7_amd64", "--platform-exact", ""},
		{"freebsd_14_amd64", "major and minor version", "freebsd_14_0_release_amd64"},
		{"freebsd_14_3_release_x86_64", "amd64 or arm64", "freebsd_14_3_release_amd64"},
		{"wasi_wasm32", "three numbers and wasm32", "wasi_0_0_0_wasm32"},
		{"pc", "Platforms are named like", ""},
		{"manylinux_2_28", "The tag names no processor: it ends in one of x86_64, i686, aarch64, armv7l, ppc64le, ppc64, s390x, riscv64, loongarch64, as in " +
			"manylinux_2_28_x86_64 and manylinux_2_28_aarch64.", "manylinux_2_28_x86_64"},
		{"manylinux_2_12", "it ends in one of x86_64, i686, as in manylinux_2_12_x86_64.", "manylinux_2_12_x86_64"},
		{"manylinux2014", "names no processor", "manylinux_2_17_x86_64"},
		{"manylinux_2", "names no processor", "manylinux_2_28_x86_64"},
		{"manylinux_2_300", "There is no glibc 2.300", "manylinux_2_28_x86_64"},
		{"musllinux_1_2", "it ends in one of x86_64, i686, aarch64, armv7l, ppc64le, s390x, riscv64, loongarch64, as in", "musllinux_1_2_x86_64"},
		{"arm64", "arm64 is a processor, and several systems have it: manylinux_2_28_aarch64, macosx_13_0_arm64, " +
			"ios_13_0_arm64_iphoneos, android_24_arm64_v8a, win_arm64, freebsd_14_3_release_arm64.", "manylinux_2_28_aarch64"},
		{"aarch64", "is a processor", "manylinux_2_28_aarch64"},
		{"x86_64", "manylinux_2_28_x86_64, macosx_13_0_x86_64, ios_13_0_x86_64_iphonesimulator, android_24_x86_64, win_amd64, freebsd_14_3_release_amd64.", "manylinux_2_28_x86_64"},
		{"amd64", "is a processor", "manylinux_2_28_x86_64"},
		{"x86", "manylinux_2_28_i686, android_24_x86, win32.", "manylinux_2_28_i686"},
		{"ios13", "ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphoneos"},
		{"ios17.4", "ios_17_4_arm64_iphoneos", "ios_17_4_arm64_iphoneos"},
		{"ios_13", "ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphoneos"},
		{"ios_13_0", "ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphoneos"},
		{"ios_1300_arm64", "ios_13_0_arm64", "ios_13_0_arm64"},
		{"ios_11_arm64", "ios_12_0_arm64", "ios_12_0_arm64"},
		{"android_24", "An Android tag ends in arm64_v8a, x86_64, armeabi_v7a or x86: android_24_arm64_v8a.", "android_24_arm64_v8a"},
		{"android30", "android_30_arm64_v8a", "android_30_arm64_v8a"},
		{"macos14", "macosx_14_0_arm64", "macosx_14_0_arm64"},
		{"macosx_14_0", "macosx_14_0_arm64", "macosx_14_0_arm64"},
		{"macosx_200_arm64", "macosx_13_0_arm64", "macosx_13_0_arm64"},
		{"linux-arm46", "", "linux-arm64"},
		{"linux_arm46", "Linux calls this processor aarch64", "linux_aarch64"},
		{"macos-14-arm64", "minor version: macosx_14_0_arm64", "macosx_14_0_arm64"},
		{"ios17.4-arm64", "", "ios_17_4_arm64"},
		{"wasm32", "", "pyemscripten_2026_0_wasm32"},
		{"aarch64-linux-gun", "", "aarch64-linux-gnu"},
		{"arm-linux-gnueabi", "", "arm-linux-gnueabihf"},
		{"linux/mips64le", "", ""},
		{"manylinux_ _28086", "", ""}, // numbers that no version has
		{"linux_99999_1", "", ""},
		{"", "It is empty. Platforms are named like", ""},
		{strings.Repeat("a", 4000), "It is too long.", ""},
		{"ios_13_0_arm64\x1b[31m", "", ""},
	} {
		_, err := New(Options{Platforms: []string{test.name}})
		var unknown *UnknownPlatformError
		if !errors.As(err, &unknown) {
			t.Errorf("%q: %v, want an *UnknownPlatformError", test.name, err)
			continue
		}
		if !strings.Contains(unknown.Reason, test.reason) {
			t.Errorf("%q: reason %q, want %q", test.name, unknown.Reason, test.reason)
		}
		if test.suggestion != "" && (len(unknown.Suggestions) == 0 || unknown.Suggestions[0] != test.suggestion) {
			t.Errorf("%q: suggestions %q, want %q", test.name, unknown.Suggestions, test.suggestion)
		}
		for _, suggestion := range unknown.Suggestions {
			if _, err := New(Options{Platforms: []string{suggestion}}); err != nil {
				t.Errorf("%q: the suggestion does not work: %v", test.name, err)
			}
		}
		if strings.ContainsAny(err.Error(), "\x1b") || len(err.Error()) > 500 {
			t.Errorf("%q: unsafe message %q", test.name, err)
		}
	}
}

func TestUnknownPlatformMessage(t *testing.T) {
	_, err := New(Options{Platforms: []string{"ios_13_arm64"}})
	want := "unknown platform 'ios_13_arm64'. An iOS tag names a minor version: ios_13_0_arm64."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = New(Options{Platforms: []string{"androd_24_arm64_v8a"}})
	want = "unknown platform 'androd_24_arm64_v8a'. Did you mean android_24_arm64_v8a?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestExactTakesUnknownFamilies(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"openbsd_7_7_amd64"}, Exact: true, PythonVersion: "3.14"})
	if h.Platform() != "openbsd_7_7_amd64" || len(h.Notes()) != 1 {
		t.Errorf("%s %q", h.Platform(), h.Notes())
	}
	for _, name := range []string{"os_name", "sys_platform", "platform_system", "platform_machine"} {
		if v, ok := h.Environment().Get(name); !ok || v.Known {
			t.Errorf("%s is %+v, want it unknown", name, v)
		}
	}
	for _, name := range []string{"FreeBSD 14", "freebsd-14!", "../..", "x"} {
		if _, err := New(Options{Platforms: []string{name}, Exact: true}); err == nil {
			t.Errorf("%q was taken literally", name)
		}
	}
}

func TestFloorsFromEnvironment(t *testing.T) {
	env := map[string]string{
		"IPHONEOS_DEPLOYMENT_TARGET": "15.4", "ANDROID_API_LEVEL": "30", "MACOSX_DEPLOYMENT_TARGET": "12",
	}
	for _, test := range []struct{ name, want string }{
		{"aarch64-apple-ios", "ios_15_4_arm64_iphoneos"},
		{"x86_64-apple-ios", "ios_15_4_x86_64_iphonesimulator"},
		{"aarch64-linux-android", "android_30_arm64_v8a"},
		{"macos", "macosx_12_0_arm64"},
		{"windows", "win_amd64"},
		{"linux", "manylinux_2_28_x86_64"},
		// What is said stays said.
		{"ios_13_0_arm64", "ios_13_0_arm64_iphoneos"},
		{"macosx-11.0-arm64", "macosx_11_0_arm64"},
		{"aarch64-linux-android28", "android_28_arm64_v8a"},
	} {
		h := mustNew(t, Options{Platforms: []string{test.name}, Getenv: mapEnv(env)})
		if h.Platform() != test.want {
			t.Errorf("%s is %s, want %s", test.name, h.Platform(), test.want)
		}
	}
	old := Options{Platforms: []string{"macos"}, Getenv: mapEnv(map[string]string{"MACOSX_DEPLOYMENT_TARGET": "10.13"})}
	if h := mustNew(t, old); h.Platform() != "macosx_11_0_arm64" {
		t.Errorf("the first macOS for arm64 is %s", h.Platform())
	}
	for variable, values := range map[string][]string{
		"IPHONEOS_DEPLOYMENT_TARGET": {"new", "11.0", "1.2.3.4", "-1", "13."},
		"MACOSX_DEPLOYMENT_TARGET":   {"100", "latest"},
		"ANDROID_API_LEVEL":          {"15", "24a"},
	} {
		name := map[string]string{"IPHONEOS_DEPLOYMENT_TARGET": "ios", "MACOSX_DEPLOYMENT_TARGET": "macos", "ANDROID_API_LEVEL": "android"}[variable]
		for _, value := range values {
			_, err := New(Options{Platforms: []string{name}, Getenv: mapEnv(map[string]string{variable: value})})
			var floor *FloorError
			if !errors.As(err, &floor) || floor.Variable != variable || floor.Value != value {
				t.Errorf("%s=%s: %v, want a *FloorError", variable, value, err)
			}
		}
	}
}

// spelledPython reports whether the spelling of a platform named the Python.
func (h *Host) spelledPython() bool {
	return strings.HasPrefix(h.origins["python"], "implied by ") && h.origins["python"] != "implied by "+h.Platform()
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"abc", "", 3}, {"", "ab", 2}, {"abcd", "abdc", 1}, {"kitten", "sitting", 3}, {"amd46", "amd64", 1},
	} {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.a, test.b, got, test.want)
		}
		if got := editDistance(test.b, test.a); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.b, test.a, got, test.want)
		}
	}
}

// FuzzPlatform: any string is a platform or a clear error, and a platform's
// canonical tag stands for itself.
func FuzzPlatform(f *testing.F) {
	for _, seed := range []string{
		"ios_13_0_arm64", "ios_12_0_iphoneos_arm64", "android_24_aarch64", "manylinux_2_28_x86_64", "manylinux2014_", "win",
		"macosx-11.0-arm64", "aarch64-linux-android24", "x86_64-manylinux_2_31", "wasm32-pyodide2025", "emscripten-4.0.9-wasm32",
		"linux/arm64/v8", "cp313t-manylinux_aarch64", "gp311_242-win_amd64", "aws-lambda-python3.12-arm64", "x86_64-alpine-linux-musl", "ios13",
		"manylinux_2_28", "pypa/manylinux_2_28_x86_64:1", "arm64", "linux-musl-x64", "pyodide-0.27.1", "x86_64-unknown-freebsd", "wasm32-wasip1", "freebsd-14.3-release-p2-amd64", "macosx_14_0", "macos100.A", "macosx_99_99_i686",
		"arm64-apple-darwin20.0.0", "any", "linux-64", "freebsd_14_3_release_amd64", "ios_99_99_arm64", "a\x00b", "manylinux_2_5_x86_64",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, name string, exact bool) {
		h, err := New(Options{Platforms: []string{name}, Exact: exact})
		if err != nil {
			var unknown *UnknownPlatformError
			if !errors.As(err, &unknown) {
				return
			}
			for _, suggestion := range unknown.Suggestions {
				if _, err := New(Options{Platforms: []string{suggestion}}); err != nil {
					t.Fatalf("%q: the suggestion does not work: %v", name, err)
				}
			}
			for word := range strings.FieldsSeq(unknown.Reason) { // what it names in passing works too
				word = strings.Trim(word, ",.:;")
				_, _, family, err := parseTag(word)
				if family && err != nil && strings.Count(word, "_") > 1 && !strings.Contains(name, word) {
					t.Fatalf("%q: %q names %q: %v", name, unknown.Reason, word, err)
				}
			}
			return
		}
		if n := len(h.tags.platforms); n == 0 || n > 2000 {
			t.Fatalf("%q has %d platform tags", name, n)
		}
		again, err := New(Options{Platforms: []string{h.Platform()}, Exact: exact})
		if err != nil {
			t.Fatalf("%q is %q, which is refused: %v", name, h.Platform(), err)
		}
		if h.spelledPython() { // the tag does not say it
			return
		}
		if again.Platform() != h.Platform() || again.Digest() != h.Digest() {
			t.Fatalf("%q is %q, which is %q", name, h.Platform(), again.Platform())
		}
	})
}
