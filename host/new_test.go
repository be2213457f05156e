package host

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

func TestParsePythonVersion(t *testing.T) {
	for _, test := range []struct {
		in, short, full, given string
		parts                  int
		threaded               bool
	}{
		{"3", "3.0", "3.0.0", "3", 1, false},
		{"37", "3.7", "3.7.0", "3.7", 2, false},
		{"313", "3.13", "3.13.0", "3.13", 2, false},
		{"3.13", "3.13", "3.13.0", "3.13", 2, false},
		{"3.13.2", "3.13", "3.13.2", "3.13.2", 3, false},
		{"3.13t", "3.13", "3.13.0", "3.13", 2, true},
		{"313t", "3.13", "3.13.0", "3.13", 2, true},
		{"3.14.1t", "3.14", "3.14.1", "3.14.1", 3, true},
		{"2.7", "2.7", "2.7.0", "2.7", 2, false},
	} {
		v, err := ParsePythonVersion(test.in)
		if err != nil || v.Short() != test.short || v.Full() != test.full || v.given() != test.given ||
			v.Parts != test.parts || v.FreeThreaded != test.threaded {
			t.Errorf("%s: %+v, %v", test.in, v, err)
		}
	}
	for in, want := range map[string]string{
		// pip's own words.
		"3.13.2.1": "invalid --python-version value: '3.13.2.1': at most three version parts are allowed",
		"3.x":      "invalid --python-version value: '3.x': each version part must be an integer",
		"":         "invalid --python-version value: '': each version part must be an integer",
		"three":    "invalid --python-version value: 'three': each version part must be an integer",
		"3.":       "invalid --python-version value: '3.': each version part must be an integer",
		"3.-1":     "invalid --python-version value: '3.-1': each version part must be an integer",
		"3.13tt":   "invalid --python-version value: '3.13tt': each version part must be an integer",
		// What no Python is.
		"1":                      "invalid --python-version value: '1': no Python has such a version",
		"3.100":                  "invalid --python-version value: '3.100': no Python has such a version",
		"30.1":                   "invalid --python-version value: '30.1': no Python has such a version",
		"3.99999999999999999999": "invalid --python-version value: '3.99999999999999999999': no Python has such a version",
		"3.12t":                  "invalid --python-version value: '3.12t': free-threaded builds begin with 3.13t",
		"3t":                     "invalid --python-version value: '3t': free-threaded builds begin with 3.13t",
	} {
		_, err := ParsePythonVersion(in)
		var bad *PythonVersionError
		if !errors.As(err, &bad) || err.Error() != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

func TestDefaultPython(t *testing.T) {
	for _, test := range []struct {
		options      Options
		python, note string
	}{
		{Options{Platforms: []string{"ios_13_0_arm64_iphoneos"}}, "3.14", "CPython 3.14 (default; --python-version chooses another)"},
		{Options{Platforms: []string{"win_amd64"}, DefaultPython: "3.12"}, "3.12", "CPython 3.12 (default; --python-version chooses another)"},
		{Options{Platforms: []string{"pyemscripten_2024_0_wasm32"}}, "3.12", "CPython 3.12 (implied by pyemscripten_2024_0_wasm32; --python-version chooses another)"},
		{Options{Platforms: []string{"pyodide_2025_0_wasm32"}}, "3.13", "implied by pyodide_2025_0_wasm32"},
		{Options{Platforms: []string{"pyemscripten_2026_0_wasm32"}}, "3.14", "implied by"},
		{Options{Platforms: []string{"pyemscripten_2026_5_wasm32"}}, "3.15", "implied by"},
		{Options{Platforms: []string{"pyemscripten_2031_0_wasm32"}}, "3.14", "default"},
		{Options{Platforms: []string{"emscripten_4_0_9_wasm32"}}, "3.13", "implied by"},
		{Options{Platforms: []string{"win_amd64"}, ABIs: []string{"cp312"}}, "3.12", "implied by --abi cp312"},
		{Options{Platforms: []string{"win_amd64"}, ABIs: []string{"abi3", "cp313t"}}, "3.13t", "implied by --abi cp313t"},
		{Options{Platforms: []string{"linux"}, ABIs: []string{"pypy311_pp73"}}, "3.11", "PyPy 3.11 (implied by --abi pypy311_pp73"},
		{Options{Platforms: []string{"win32"}, PythonVersion: "3.9"}, "3.9", ""},
	} {
		h := mustNew(t, test.options)
		if h.Python().String() != test.python {
			t.Errorf("%+v: Python %s, want %s", test.options, h.Python(), test.python)
		}
		notes := strings.Join(h.Notes(), "\n")
		if test.note == "" && strings.Contains(notes, "Python") || !strings.Contains(notes, test.note) {
			t.Errorf("%+v: notes %q, want %q", test.options, notes, test.note)
		}
		if h.Origin("python") == "" {
			t.Errorf("%+v: no origin of the Python", test.options)
		}
	}
	// A spelling that leaves Pyodide's ABI open follows the Python.
	for python, want := range map[string]string{"3.12": "pyemscripten_2024_0_wasm32", "3.15": "pyemscripten_2026_5_wasm32", "": "pyemscripten_2026_0_wasm32"} {
		if h := mustNew(t, Options{Platforms: []string{"pyodide"}, PythonVersion: python}); h.Platform() != want {
			t.Errorf("pyodide on Python %q is %s, want %s", python, h.Platform(), want)
		}
	}
}

// TestWiderThanPip lists in full what decision 1 adds to pip's expansion.
func TestWiderThanPip(t *testing.T) {
	numbered := func(format string, from, to int, legacy map[int]string, arch string) []string {
		var tags []string
		for minor := from; minor >= to; minor-- {
			tags = append(tags, strings.ReplaceAll(format, "N", version{minor, 0}.text())+arch)
			if name := legacy[minor]; name != "" {
				tags = append(tags, name+"_"+arch)
			}
		}
		return tags
	}
	legacy := map[int]string{17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
	for name, want := range map[string][]string{
		"manylinux_2_28_x86_64":      numbered("manylinux_2_N_", 28, 5, legacy, "x86_64"),
		"manylinux_2_17_i686":        numbered("manylinux_2_N_", 17, 5, legacy, "i686"),
		"manylinux2014_x86_64":       numbered("manylinux_2_N_", 17, 5, legacy, "x86_64"),
		"manylinux2010_x86_64":       numbered("manylinux_2_N_", 12, 5, legacy, "x86_64"),
		"manylinux1_i686":            {"manylinux_2_5_i686", "manylinux1_i686"},
		"manylinux_2_19_aarch64":     {"manylinux_2_19_aarch64", "manylinux_2_18_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"},
		"manylinux2014_armv7l":       {"manylinux_2_17_armv7l", "manylinux2014_armv7l"},
		"manylinux_2_39_riscv64":     numbered("manylinux_2_N_", 39, 17, legacy, "riscv64"),
		"musllinux_1_2_x86_64":       {"musllinux_1_2_x86_64", "musllinux_1_1_x86_64", "musllinux_1_0_x86_64"},
		"pyemscripten_2025_0_wasm32": {"pyemscripten_2025_0_wasm32", "pyodide_2025_0_wasm32", "emscripten_4_0_9_wasm32"},
		"pyodide_2024_0_wasm32":      {"pyemscripten_2024_0_wasm32", "pyodide_2024_0_wasm32", "emscripten_3_1_58_wasm32"},
		"pyemscripten_2026_0_wasm32": {"pyemscripten_2026_0_wasm32", "pyodide_2026_0_wasm32", "emscripten_5_0_3_wasm32"},
		"pyemscripten_2026_5_wasm32": {"pyemscripten_2026_5_wasm32", "pyodide_2026_5_wasm32", "emscripten_6_0_5_wasm32"},
		"freebsd_14_3_release_amd64": {"freebsd_14_3_release_amd64"},
		"wasi_0_0_0_wasm32":          {"wasi_0_0_0_wasm32"},
		"pyemscripten_2031_0_wasm32": {"pyemscripten_2031_0_wasm32", "pyodide_2031_0_wasm32"},
	} {
		h := mustNew(t, Options{Platforms: []string{name}})
		if i, got, want := firstDifference(h.tags.platforms, want); i >= 0 {
			t.Errorf("%s: platform %d is %s, want %s", name, i, got, want)
		}
		if h.Platform() != name {
			t.Errorf("%s goes by %s", name, h.Platform())
		}
	}
}

func (v version) text() string { s, _, _ := strings.Cut(dotted(v), "."); return s }

// markers names the variables in the order of the tables below.
func markers(env requirements.Environment, names ...string) string {
	var values []string
	for _, name := range names {
		v, _ := env.Get(name)
		text := v.Text
		if !v.Known {
			text += "?"
		}
		if len(v.Among) > 0 {
			text += "(" + strings.Join(v.Among, ",") + ")"
		}
		values = append(values, text)
	}
	return strings.Join(values, " ")
}

func TestMarkersOfPlatforms(t *testing.T) {
	for _, test := range []struct{ platform, python, want string }{
		{"ios_13_0_arm64_iphoneos", "3.14", "posix ios iOS?(iOS,iPadOS) arm64 ? ?"},
		{"ios_13_0_arm64_iphonesimulator", "3.14", "posix ios iOS?(iOS,iPadOS) arm64 ? ?"},
		{"ios_13_0_x86_64_iphonesimulator", "3.14", "posix ios iOS?(iOS,iPadOS) x86_64 ? ?"},
		{"ios_13_0_arm64_iphoneos", "3.11", "posix ios iOS?(iOS,iPadOS) arm64 ? ?"},
		{"android_24_arm64_v8a", "3.13", "posix android Android aarch64 ? ?"},
		{"android_24_arm64_v8a", "3.12", "posix linux Linux aarch64 ? ?"},
		{"android_24_x86_64", "3.14", "posix android Android x86_64 ? ?"},
		{"android_24_armeabi_v7a", "3.14", "posix android Android armv7l?(armv7l,armv8l) ? ?"},
		{"android_24_x86", "3.14", "posix android Android i686?(i686,x86_64) ? ?"},
		{"manylinux_2_28_x86_64", "3.14", "posix linux Linux x86_64 ? ?"},
		{"manylinux_2_28_aarch64", "3.14", "posix linux Linux aarch64 ? ?"},
		{"musllinux_1_2_ppc64le", "3.14", "posix linux Linux ppc64le ? ?"},
		{"manylinux2014_armv7l", "3.14", "posix linux Linux armv7l?(armv7l,armv8l,aarch64) ? ?"},
		{"linux_s390x", "3.14", "posix linux Linux s390x ? ?"},
		{"macosx_11_0_arm64", "3.14", "posix darwin Darwin arm64 ? ?"},
		{"macosx_10_13_x86_64", "3.14", "posix darwin Darwin x86_64 ? ?"},
		{"macosx_10_13_universal2", "3.14", "posix darwin Darwin arm64?(arm64,x86_64) ? ?"},
		{"win_amd64", "3.14", "nt win32 Windows AMD64 ? ?"},
		{"win_arm64", "3.14", "nt win32 Windows ARM64 ? ?"},
		{"win32", "3.14", "nt win32 Windows x86?(x86,AMD64) ? ?"},
		{"pyemscripten_2024_0_wasm32", "", "posix emscripten Emscripten wasm32 3.1.58 #1"},
		{"pyemscripten_2025_0_wasm32", "", "posix emscripten Emscripten wasm32 4.0.9 #1"},
		{"pyemscripten_2026_0_wasm32", "", "posix emscripten Emscripten wasm32 5.0.3 #1"},
		{"pyodide_2026_5_wasm32", "", "posix emscripten Emscripten wasm32 6.0.5 #1"},
		{"emscripten_3_1_39_wasm32", "", "posix emscripten Emscripten wasm32 3.1.39 #1"},
		{"pyemscripten_2031_0_wasm32", "", "posix emscripten Emscripten wasm32 ? #1"},
		{"freebsd_14_3_release_amd64", "3.13", "posix freebsd14 FreeBSD amd64 ? ?"},
		{"freebsd_14_3_release_arm64", "3.14", "posix freebsd FreeBSD arm64 ? ?"},
		{"wasi_0_0_0_wasm32", "", "posix wasi wasi wasm32 0.0.0 0.0.0"},
		{"any", "", "? ? ? ? ? ?"},
	} {
		h := mustNew(t, Options{Platforms: []string{test.platform}, PythonVersion: test.python})
		got := markers(h.Environment(), "os_name", "sys_platform", "platform_system", "platform_machine", "platform_release", "platform_version")
		if got != test.want {
			t.Errorf("%s on %s: %s, want %s", test.platform, test.python, got, test.want)
		}
	}
}

func TestMarkersOfPythons(t *testing.T) {
	for _, test := range []struct{ python, impl, want string }{
		{"3.13", "", "3.13 3.13.0?(3.13.*) cpython 3.13.0?(3.13.*) CPython"},
		{"3.13.2", "cp", "3.13 3.13.2 cpython 3.13.2 CPython"},
		{"3.13t", "cp", "3.13 3.13.0?(3.13.*) cpython 3.13.0?(3.13.*) CPython"},
		{"3.11.13", "pp", "3.11 3.11.13 pypy 3.11.13? PyPy"},
		{"3.11", "pypy", "3.11 3.11.0?(3.11.*) pypy 3.11.0? PyPy"},
		{"3.14", "py", "3.14 3.14.0?(3.14.*) cpython? 3.14.0? CPython?"},
		{"3.14", "rustpython", "3.14 3.14.0?(3.14.*) rustpython? 3.14.0? rustpython?"},
	} {
		h := mustNew(t, Options{Platforms: []string{"win_amd64"}, PythonVersion: test.python, Implementation: test.impl})
		got := markers(h.Environment(), "python_version", "python_full_version", "implementation_name", "implementation_version", "platform_python_implementation")
		if got != test.want {
			t.Errorf("%s %s: %s, want %s", test.impl, test.python, got, test.want)
		}
	}
}

func TestEnvironmentIsComplete(t *testing.T) {
	for _, platform := range []string{"ios", "android", "linux", "musllinux", "macos", "windows", "pyodide", "any", "linux_armv6l"} {
		h := mustNew(t, Options{Platforms: []string{platform}})
		if names := h.Environment().Names(); !slices.Equal(names, requirements.VariableNames()) {
			t.Errorf("%s: %q", platform, names)
		}
		for _, f := range h.Fields() {
			if f.Origin == "" || f.Origin != h.Origin(f.Name) {
				t.Errorf("%s: %s has the origin %q", platform, f.Name, f.Origin)
			}
		}
	}
}

func TestMarkersSettled(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"ios"}, Markers: map[string]string{"platform_release": "17.4", "platform.machine": "iPhone13,2"}})
	if got := markers(h.Environment(), "platform_release", "platform_machine"); got != "17.4 iPhone13,2" {
		t.Error(got)
	}
	if h.Origin("platform_release") != "--marker" || h.Origin("platform_machine") != "--marker" {
		t.Errorf("origins %q, %q", h.Origin("platform_release"), h.Origin("platform_machine"))
	}
	_, err := New(Options{Platforms: []string{"ios"}, Markers: map[string]string{"platform_relase": "1", "zzz": "1"}})
	var bad *MarkerError
	if !errors.As(err, &bad) || bad.Name != "platform_relase" || bad.Suggestion != "platform_release" {
		t.Errorf("%v", err)
	}
	if _, err := New(Options{Platforms: []string{"ios"}, Markers: map[string]string{"extra": "x"}}); !errors.As(err, &bad) {
		t.Errorf("extra is no variable of an environment: %v", err)
	}
}

func TestRefusedOptions(t *testing.T) {
	for _, test := range []struct {
		options Options
		want    any
	}{
		{Options{}, nil},
		{Options{PythonVersion: "3.13"}, nil},
		{Options{Platforms: []string{"ios"}, PythonVersion: "3.x"}, new(*PythonVersionError)},
		{Options{Platforms: []string{"ios"}, DefaultPython: "new"}, new(*PythonVersionError)},
		{Options{Platforms: []string{"ios"}, ABIs: []string{"cp313-x"}}, new(*TagError)},
		{Options{Platforms: []string{"ios"}, ABIs: []string{""}}, new(*TagError)},
		{Options{Platforms: []string{"ios"}, Implementation: "c p"}, new(*TagError)},
		{Options{Platforms: []string{"ios"}, Implementation: "3"}, new(*TagError)},
		{Options{Platforms: []string{"ios"}, Implementation: "pp", PythonVersion: "3.13t"}, new(*TagError)},
		{Options{Platforms: []string{"ios"}, ABIs: []string{"cp313"}, PythonVersion: "3.13t"}, new(*TagError)},
		{Options{Platforms: []string{"ios", "win_amd64"}}, new(*PlatformConflictError)},
		{Options{Platforms: []string{"any", "win32", "linux"}}, new(*PlatformConflictError)},
	} {
		_, err := New(test.options)
		switch want := test.want.(type) {
		case nil:
			if !errors.Is(err, ErrNoPlatform) {
				t.Errorf("%+v: %v", test.options, err)
			}
		case **PythonVersionError:
			if !errors.As(err, want) {
				t.Errorf("%+v: %v", test.options, err)
			}
		case **TagError:
			if !errors.As(err, want) {
				t.Errorf("%+v: %v", test.options, err)
			}
		case **PlatformConflictError:
			if !errors.As(err, want) {
				t.Errorf("%+v: %v", test.options, err)
			}
		}
	}
}

func TestSeveralPlatforms(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"ios_13_0_arm64_iphonesimulator", "ios_13_0_x86_64_iphonesimulator"}, PythonVersion: "3.14"})
	if got := markers(h.Environment(), "platform_machine"); got != "arm64" {
		t.Errorf("platform_machine is %s", got)
	}
	if len(h.Notes()) != 1 || !strings.Contains(h.Notes()[0], "markers are those of ios_13_0_arm64_iphonesimulator") {
		t.Errorf("notes %q", h.Notes())
	}
	if !slices.Equal(h.Platforms(), []string{"ios_13_0_arm64_iphonesimulator", "ios_13_0_x86_64_iphonesimulator"}) {
		t.Errorf("platforms %q", h.Platforms())
	}
	// "any" stands for no machine: the other platform has the say.
	h = mustNew(t, Options{Platforms: []string{"any", "win_amd64"}, PythonVersion: "3.14"})
	if got := markers(h.Environment(), "sys_platform"); got != "win32" || !h.Scheme().Windows || len(h.Notes()) != 0 {
		t.Errorf("sys_platform %s, scheme %+v, notes %q", got, h.Scheme(), h.Notes())
	}
}

func TestSchemes(t *testing.T) {
	posix := Scheme{Purelib: "lib/python3.14/site-packages", Platlib: "lib/python3.14/site-packages", Scripts: "bin",
		Headers: "include/python3.14", ScriptKind: ScriptsPOSIX}
	noScripts := posix
	noScripts.ScriptKind = ScriptsNone
	bundled, mac, threaded, pypy := noScripts, posix, posix, posix
	bundled.CaseFolds, mac.CaseFolds = true, true
	threaded.Purelib, threaded.Platlib, threaded.Headers = "lib/python3.14t/site-packages", "lib/python3.14t/site-packages", "include/python3.14t"
	pypy.Purelib, pypy.Platlib, pypy.Headers = "lib/pypy3.11/site-packages", "lib/pypy3.11/site-packages", "include/pypy3.11"
	windows := Scheme{Purelib: "Lib/site-packages", Platlib: "Lib/site-packages", Scripts: "Scripts", Headers: "Include",
		ScriptKind: ScriptsWindows, CaseFolds: true, Windows: true}
	for _, test := range []struct {
		options Options
		want    Scheme
	}{
		{Options{Platforms: []string{"manylinux_2_28_aarch64"}}, posix},
		{Options{Platforms: []string{"musllinux_1_2_x86_64"}}, posix},
		{Options{Platforms: []string{"any"}}, posix},
		{Options{Platforms: []string{"macosx_14_0_arm64"}}, mac},
		{Options{Platforms: []string{"ios_13_0_arm64_iphoneos"}}, bundled},
		{Options{Platforms: []string{"android_24_x86_64"}}, noScripts},
		{Options{Platforms: []string{"pyemscripten_2026_0_wasm32"}}, noScripts},
		{Options{Platforms: []string{"wasi_0_0_0_wasm32"}}, noScripts},
		{Options{Platforms: []string{"win_arm64"}}, windows},
		{Options{Platforms: []string{"win_amd64"}, PythonVersion: "3.13t"}, windows},
		{Options{Platforms: []string{"linux"}, PythonVersion: "3.14t"}, threaded},
		{Options{Platforms: []string{"linux"}, ABIs: []string{"cp314t"}}, threaded},
		{Options{Platforms: []string{"linux"}, PythonVersion: "3.11", Implementation: "pp"}, pypy},
	} {
		if got := mustNew(t, test.options).Scheme(); got != test.want {
			t.Errorf("%+v: %+v, want %+v", test.options, got, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	for platform, want := range map[string]string{
		"ios_13_0_arm64":                 "iPhone (ios_13_0_arm64_iphoneos), CPython 3.13t",
		"ios_13_0_arm64_iphonesimulator": "iPhone simulator (ios_13_0_arm64_iphonesimulator), CPython 3.13t",
		"android_24_arm64_v8a":           "Android (android_24_arm64_v8a), CPython 3.13t",
		"manylinux_2_28_aarch64":         "Linux (manylinux_2_28_aarch64), CPython 3.13t",
		"macosx_14_0_arm64":              "macOS (macosx_14_0_arm64), CPython 3.13t",
		"win32":                          "Windows (win32), CPython 3.13t",
		"pyodide":                        "Pyodide (pyemscripten_2025_0_wasm32), CPython 3.13t",
		"emscripten_4_0_9_wasm32":        "Emscripten (emscripten_4_0_9_wasm32), CPython 3.13t",
		"any":                            "any machine (any), CPython 3.13t",
	} {
		h := mustNew(t, Options{Platforms: []string{platform}, PythonVersion: "3.13t"})
		if h.String() != want {
			t.Errorf("%s: %s, want %s", platform, h, want)
		}
	}
}

func TestAcceptsPython(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"win_amd64"}, PythonVersion: "3.13"})
	for text, want := range map[string]bool{">=3.9": true, ">=3.13": true, "<3.13": false, "": true, ">3.13": false, "!=3.13.0": false} {
		s, err := pep440.ParseSpecifiers(text)
		if err != nil {
			t.Fatal(err)
		}
		if h.AcceptsPython(s) != want {
			t.Errorf("Requires-Python %q on 3.13: %t", text, !want)
		}
	}
}

func TestBestRank(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"manylinux_2_28_x86_64"}, PythonVersion: "3.13"})
	order := []string{
		"p-1-cp313-cp313-manylinux_2_28_x86_64.whl",
		"p-1-cp312.cp313-cp312.cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
		"p-1-cp39-abi3-manylinux2014_x86_64.whl",
		"p-1-py3-none-manylinux1_x86_64.whl",
		"p-1-cp313-none-any.whl",
		"p-1-py2.py3-none-any.whl",
	}
	last := -1
	for _, name := range order {
		rank, ok := h.BestRank(mustFilename(t, name))
		if !ok || rank <= last {
			t.Errorf("%s has the rank %d, %t, after %d", name, rank, ok, last)
		}
		last = rank
	}
	for _, name := range []string{"p-1-cp312-cp312-manylinux2014_x86_64.whl", "p-1-cp313-cp313-manylinux_2_34_x86_64.whl", "p-1-cp313-cp313-any.whl"} {
		if _, ok := h.BestRank(mustFilename(t, name)); ok {
			t.Errorf("%s fits", name)
		}
	}
	// Wheels named in older orders fit the hosts of today.
	for platform, name := range map[string]string{
		"ios_13_0_arm64_iphoneos": "p-1-1-cp313-cp313-ios_12_0_iphoneos_arm64.whl",
		"android_24_arm64_v8a":    "p-1-cp313-cp313-android_21_aarch64.whl",
	} {
		h := mustNew(t, Options{Platforms: []string{platform}, PythonVersion: "3.13"})
		if _, ok := h.BestRank(mustFilename(t, name)); !ok {
			t.Errorf("%s does not fit %s", name, platform)
		}
	}
}

func mustFilename(t testing.TB, name string) wheel.Filename {
	t.Helper()
	f, err := wheel.ParseFilename(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDigest(t *testing.T) {
	base := Options{Platforms: []string{"manylinux_2_28_x86_64"}, PythonVersion: "3.13"}
	digest := mustNew(t, base).Digest()
	if len(digest) != 64 || digest != mustNew(t, base).Digest() {
		t.Fatalf("unstable digest %s", digest)
	}
	same := base
	same.PythonVersion = "313"
	if mustNew(t, same).Digest() != digest {
		t.Error("another way to say the same has another digest")
	}
	seen := map[string]string{digest: "base"}
	for name, change := range map[string]func(*Options){
		"platform":  func(o *Options) { o.Platforms = []string{"manylinux_2_27_x86_64"} },
		"platforms": func(o *Options) { o.Platforms = append(slices.Clone(o.Platforms), "linux_x86_64") },
		"python":    func(o *Options) { o.PythonVersion = "3.13.1" },
		"threads":   func(o *Options) { o.PythonVersion = "3.13t" },
		"abi":       func(o *Options) { o.ABIs = []string{"none"} },
		"impl":      func(o *Options) { o.Implementation = "py" },
		"exact":     func(o *Options) { o.Exact = true },
		"marker":    func(o *Options) { o.Markers = map[string]string{"platform_release": ""} },
	} {
		o := base
		o.Markers = maps.Clone(base.Markers)
		change(&o)
		d := mustNew(t, o).Digest()
		if other, taken := seen[d]; taken {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[d] = name
	}
}

// TestOptionsAreCopied: a Host does not change with what it was made of.
func TestOptionsAreCopied(t *testing.T) {
	o := Options{Platforms: []string{"win_amd64"}, ABIs: []string{"cp313"}, PythonVersion: "3.13"}
	h := mustNew(t, o)
	before := h.Given()
	o.Platforms[0], o.ABIs[0] = "win32", "cp39"
	if h.Given() != before || h.Platform() != "win_amd64" || h.ABIs()[0] != "cp313" {
		t.Error("the host follows its options")
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		h, err := New(Options{Platforms: []string{"macosx_14_0_x86_64"}, PythonVersion: "3.14"})
		if err != nil || len(h.Tags()) < 1000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkBestRank(b *testing.B) {
	h := mustNew(b, Options{Platforms: []string{"manylinux_2_28_x86_64"}, PythonVersion: "3.13"})
	f := mustFilename(b, "p-1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := h.BestRank(f); !ok {
			b.Fatal("does not fit")
		}
	}
}

// TestUnknownMarkersMatterWhereTheyDecide: what cannot be known of a host is
// reported where an answer depends on it, and only there.
func TestUnknownMarkersMatterWhereTheyDecide(t *testing.T) {
	for _, test := range []struct {
		platform, python, marker string
		holds                    bool
		unknown                  string
	}{
		{"ios", "3.14", `python_full_version < "3.11.3"`, false, ""},
		{"ios", "3.11", `python_full_version < "3.11.3"`, true, "python_full_version"},
		{"ios", "3.11.9", `python_full_version < "3.11.3"`, false, ""},
		{"ios", "3.14", `platform_system == "Darwin"`, false, ""},
		{"ios", "3.14", `platform_system == "iOS"`, true, "platform_system"},
		{"ios", "3.14", `platform_release >= "17"`, false, "platform_release"},
		{"ios", "3.14", `sys_platform == "darwin" and platform_release >= "17"`, false, ""},
		{"win32", "3.14", `platform_machine == "x86_64"`, false, ""},
		{"win32", "3.14", `platform_machine == "AMD64"`, false, "platform_machine"},
		{"manylinux_2_28_i686", "3.14", `platform_machine == "aarch64"`, false, ""},
		{"pyodide", "", `platform_release == "5.0.3"`, true, ""},
		{"android_24_arm64_v8a", "3.12", `sys_platform == "linux"`, true, ""},
		{"android_24_arm64_v8a", "3.13", `sys_platform == "linux"`, false, ""},
	} {
		m, err := requirements.ParseMarker(test.marker)
		if err != nil {
			t.Fatal(err)
		}
		h := mustNew(t, Options{Platforms: []string{test.platform}, PythonVersion: test.python})
		d := m.Evaluate(h.Environment())
		if d.Holds != test.holds || strings.Join(d.Unknown, ",") != test.unknown {
			t.Errorf("%s on %s, %s: %t, unknown %q; want %t, %q", test.marker, test.platform, test.python, d.Holds, d.Unknown, test.holds, test.unknown)
		}
	}
}
