package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/requirements"
)

// venv is the answer of a Python in a virtual environment, with the given
// fields changed.
func venv(t testing.TB, change map[string]any) []byte {
	t.Helper()
	facts := map[string]any{
		"schema": 1, "executable": "/srv/env/bin/python", "prefix": "/srv/env", "base_prefix": "/usr",
		"base":    map[string]any{"executable": "/usr/bin/python3.14", "library": []string{"/usr/lib/python3.14"}, "purelib": "lib/python3.14/site-packages"},
		"version": []int{3, 14, 2}, "implementation": "cpython", "nodot": "314", "ext_suffix": ".cpython-314-x86_64-linux-gnu.so",
		"system": "Linux", "platform": "linux-x86_64", "bits": 64, "glibc": "2.36", "pymalloc": true,
		"paths": map[string]string{
			"purelib": "/srv/env/lib/python3.14/site-packages", "platlib": "/srv/env/lib/python3.14/site-packages",
			"scripts": "/srv/env/bin", "data": "/srv/env", "include": "/usr/include/python3.14",
		},
		"markers": map[string]string{
			"implementation_name": "cpython", "implementation_version": "3.14.2", "os_name": "posix", "platform_machine": "x86_64",
			"platform_python_implementation": "CPython", "platform_release": "6.1.0", "platform_system": "Linux",
			"platform_version": "#1 SMP", "python_full_version": "3.14.2", "python_version": "3.14", "sys_platform": "linux",
		},
	}
	maps.Copy(facts, change)
	data, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parseNative(t testing.TB, data []byte) *Host {
	t.Helper()
	h, err := ParseNative(data)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestParseNative(t *testing.T) {
	h := parseNative(t, venv(t, nil))
	if h.String() != "Linux (linux_x86_64), CPython 3.14.2" || h.Prefix() != "/srv/env" || h.Executable() != "/srv/env/bin/python" {
		t.Errorf("%s, %s, %s", h, h.Prefix(), h.Executable())
	}
	if !h.IsVirtual() || !h.IsNative() || h.Given() != "" || len(h.Notes()) != 0 {
		t.Errorf("virtual %t, native %t, given %q, notes %q", h.IsVirtual(), h.IsNative(), h.Given(), h.Notes())
	}
	if b := h.Base(); b.Executable != "/usr/bin/python3.14" || b.Prefix != "/usr" || b.Implementation != "cpython" || b.Platform != "linux-x86_64" ||
		b.Purelib != "lib/python3.14/site-packages" || !slices.Equal(b.Library, []string{"/usr/lib/python3.14"}) {
		t.Errorf("base %+v", b)
	}
	want := Scheme{Purelib: "lib/python3.14/site-packages", Platlib: "lib/python3.14/site-packages", Scripts: "bin",
		Headers: "include/site/python3.14", ScriptKind: ScriptsPOSIX}
	if h.Scheme() != want {
		t.Errorf("scheme %+v, want %+v", h.Scheme(), want)
	}
	for _, name := range requirements.VariableNames() {
		if v, ok := h.Environment().Get(name); !ok || !v.Known || v.Text == "" || h.Origin(name) != "/srv/env/bin/python" {
			t.Errorf("%s is %+v from %q", name, v, h.Origin(name))
		}
	}
	if m := h.Explain(mustFilename(t, "p-1-cp314-cp314-manylinux_2_39_x86_64.whl")); m.Sentence != "needs glibc 2.39, this host promises 2.36" || m.Fix != "" {
		t.Errorf("%+v", m)
	}
	if err := checkFile(t, h, elf("x86_64", "glibc", "2.36")); err != nil {
		t.Error(err)
	}
	for _, n := range []struct{ machine, libc, need string }{{"x86_64", "glibc", "2.37"}, {"x86_64", "musl", ""}, {"aarch64", "glibc", ""}} {
		if err := checkFile(t, h, elf(n.machine, n.libc, n.need)); err == nil {
			t.Errorf("takes %+v", n)
		}
	}
}

// TestNativeVersions: what is no release is a version all the same.
func TestNativeVersions(t *testing.T) {
	for reported, want := range map[string]string{"3.14.0+": "3.14.0+local", "3.15.0a7": "3.15.0a7", "3.14.2": "3.14.2"} {
		h := parseNative(t, venv(t, map[string]any{"markers": map[string]string{"python_full_version": reported}}))
		if v, _ := h.Environment().Get("python_full_version"); v.Text != want || h.Python().Full() != want || h.Python().Version().IsZero() {
			t.Errorf("%s is %s in markers, %s as a version", reported, v.Text, h.Python().Full())
		}
	}
}

func TestNativeSchemes(t *testing.T) {
	for name, test := range map[string]struct {
		change map[string]any
		want   Scheme
	}{
		"Debian's own Python": {
			map[string]any{"prefix": "/usr", "paths": map[string]string{
				"purelib": "/usr/local/lib/python3.14/dist-packages", "platlib": "/usr/local/lib/python3.14/dist-packages",
				"scripts": "/usr/local/bin", "include": "/usr/include/python3.14"}},
			Scheme{Purelib: "local/lib/python3.14/dist-packages", Platlib: "local/lib/python3.14/dist-packages", Scripts: "local/bin",
				Headers: "include/python3.14", ScriptKind: ScriptsPOSIX},
		},
		"platlib apart, as on Fedora": {
			map[string]any{"prefix": "/usr", "paths": map[string]string{
				"purelib": "/usr/lib/python3.14/site-packages", "platlib": "/usr/lib64/python3.14/site-packages", "scripts": "/usr/bin"}},
			Scheme{Purelib: "lib/python3.14/site-packages", Platlib: "lib64/python3.14/site-packages", Scripts: "bin",
				Headers: "include/python3.14", ScriptKind: ScriptsPOSIX},
		},
		"paths outside of the prefix": {
			map[string]any{"prefix": "/usr", "paths": map[string]string{"purelib": "/etc", "platlib": "/usr/../etc", "scripts": "/usr/", "include": "/usrlocal"}},
			Scheme{Purelib: "lib/python3.14/site-packages", Platlib: "lib/python3.14/site-packages", Scripts: "bin",
				Headers: "include/python3.14", ScriptKind: ScriptsPOSIX},
		},
		"Windows": {
			map[string]any{"system": "Windows", "platform": "win-amd64", "prefix": `C:\env`, "base_prefix": `C:\Python`, "paths": map[string]string{
				"purelib": `C:\env\Lib\site-packages`, "platlib": `C:\env\Lib\site-packages`, "scripts": `C:\env\Scripts`}},
			Scheme{Purelib: "Lib/site-packages", Platlib: "Lib/site-packages", Scripts: "Scripts", Headers: "include/site/python3.14",
				ScriptKind: ScriptsWindows, CaseFolds: true, Windows: true},
		},
	} {
		if got := parseNative(t, venv(t, test.change)).Scheme(); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestParseNativeRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":            nil,
		"no JSON":            []byte("Python 3.14"),
		"another schema":     venv(t, map[string]any{"schema": 2}),
		"no version":         venv(t, map[string]any{"version": []int{3}}),
		"a huge version":     venv(t, map[string]any{"version": []int{3, 1 << 30, 0}}),
		"a negative version": venv(t, map[string]any{"version": []int{3, -4, 0}}),
		"no full version":    venv(t, map[string]any{"markers": map[string]string{}}),
		"a path for a tag":   venv(t, map[string]any{"platform": "linux-../../x"}),
		"no Linux":           venv(t, map[string]any{"platform": "plan9-x"}),
		"macOS of no age":    venv(t, map[string]any{"system": "Darwin", "platform": "macosx-11.0-arm64"}),
		"too much":           append(venv(t, nil), bytes.Repeat([]byte(" "), maxProbe)...),
	} {
		if h, err := ParseNative(data); err == nil {
			t.Errorf("%s: %s", name, h)
		}
	}
}

// TestOptionsOnNative: options without a platform change the build machine's
// Python, as in pip.
func TestOptionsOnNative(t *testing.T) {
	native := parseNative(t, venv(t, nil))
	for _, test := range []struct {
		options Options
		first   string // the best tag
		markers string
		purelib string
		native  bool
	}{
		{Options{}, "cp314-cp314-linux_x86_64", "3.14.2 cpython linux", "lib/python3.14/site-packages", true},
		{Options{Markers: map[string]string{"sys_platform": "linux2"}}, "cp314-cp314-linux_x86_64", "3.14.2 cpython linux2", "lib/python3.14/site-packages", true},
		{Options{PythonVersion: "3.12"}, "cp312-cp312-linux_x86_64", "3.12.0?(3.12.*) cpython linux", "lib/python3.12/site-packages", false},
		{Options{PythonVersion: "3.13.1t"}, "cp313-cp313t-linux_x86_64", "3.13.1 cpython linux", "lib/python3.13t/site-packages", false},
		{Options{ABIs: []string{"none"}}, "cp314-abi3-linux_x86_64", "3.14.2 cpython linux", "lib/python3.14/site-packages", false},
		{Options{Implementation: "py"}, "py314-none-linux_x86_64", "3.14.2 cpython? linux", "lib/python3.14/site-packages", false},
		{Options{Implementation: "pp", PythonVersion: "3.11"}, "pp311-pypy311_pp73-linux_x86_64", "3.11.0?(3.11.*) pypy linux", "lib/pypy3.11/site-packages", false},
	} {
		test.options.Native = native
		h := mustNew(t, test.options)
		if got := h.Tags()[0].String(); got != test.first {
			t.Errorf("%+v: the best tag is %s, want %s", test.options, got, test.first)
		}
		if got := markers(h.Environment(), "python_full_version", "implementation_name", "sys_platform"); got != test.markers {
			t.Errorf("%+v: %s, want %s", test.options, got, test.markers)
		}
		if h.Scheme().Purelib != test.purelib || h.IsNative() != test.native || h.Prefix() != "/srv/env" {
			t.Errorf("%+v: %s, native %t, prefix %s", test.options, h.Scheme().Purelib, h.IsNative(), h.Prefix())
		}
	}
	if mustNew(t, Options{Native: native}).Digest() != native.Digest() {
		t.Error("no options make another host")
	}
	// With a platform, nothing of the build machine is left.
	h := mustNew(t, Options{Native: native, Platforms: []string{"win_amd64"}})
	if h.Python().String() != "3.14" || h.Prefix() != "" || h.Base().Executable != "" || h.IsNative() || h.IsVirtual() {
		t.Errorf("%s with the prefix %q", h, h.Prefix())
	}
}

// pythons are the Pythons that PATH offers.
func pythons() []string {
	var found []string
	for _, name := range []string{"python3", "python", "pypy3"} {
		if path, err := exec.LookPath(name); err == nil && !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	return found
}

// TestNativeOfThisMachine asks the Pythons of this machine; those that have
// packaging 26.3 are asked for its opinion too.
func TestNativeOfThisMachine(t *testing.T) {
	found := pythons()
	if len(found) == 0 {
		t.Skip("PATH has no Python")
	}
	for _, python := range found {
		h, err := Native(context.Background(), python)
		if err != nil {
			t.Errorf("%s: %v", python, err)
			continue
		}
		if v, ok := h.Environment().Get("sys_platform"); !ok || v.Text != map[string]string{"windows": "win32"}[runtime.GOOS] && v.Text != runtime.GOOS {
			t.Errorf("%s: sys_platform is %q", python, v.Text)
		}
		if _, err := os.Stat(filepath.Join(h.Prefix(), filepath.FromSlash(h.Scheme().Scripts))); err != nil {
			t.Errorf("%s: the folder of scripts: %v", python, err)
		}
		compareWithPackaging(t, python, h)
	}
}

const packagingScript = `
import packaging, packaging.tags, packaging.markers, json
assert packaging.__version__ == "26.3"
print(json.dumps([[str(t) for t in packaging.tags.sys_tags()], packaging.markers.default_environment()]))`

func compareWithPackaging(t *testing.T, python string, h *Host) {
	out, err := exec.Command(python, "-c", packagingScript).Output()
	if err != nil {
		t.Logf("%s has no packaging 26.3", python)
		return
	}
	var tags []string
	var environment map[string]string
	if err := json.Unmarshal(out, &[]any{&tags, &environment}); err != nil {
		t.Fatal(err)
	}
	if i, got, want := firstDifference(tagStrings(h.Tags()), tags); i >= 0 {
		t.Errorf("%s: tag %d is %s, packaging has %s", python, i, got, want)
	}
	for name, want := range environment {
		if got := h.Environment().Map()[name]; got != want {
			t.Errorf("%s: %s is %q, packaging has %q", python, name, got, want)
		}
	}
}

func TestNativeErrors(t *testing.T) {
	dir := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct{ python, want string }{
		{filepath.Join(dir, "absent"), "absent"},
		{script("fails", "echo no such thing >&2; exit 3"), "no such thing"},
		{script("silent", "exit 0"), "did not answer"},
		{script("talks", "echo xpip-probe:{}"), "did not answer"},
	} {
		if runtime.GOOS == "windows" && !strings.HasSuffix(test.python, "absent") {
			continue // a script needs a shell
		}
		_, err := Native(context.Background(), test.python)
		var native *NativeError
		if !errors.As(err, &native) || native.Python != test.python || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.python, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Native(ctx, script("any", "exit 0")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// FuzzParseNative: any answer is a host with tags or an error.
func FuzzParseNative(f *testing.F) {
	f.Add(venv(f, nil))
	f.Add(venv(f, map[string]any{"system": "Darwin", "macos": []string{"14.5", "arm64"}}))
	f.Add(venv(f, map[string]any{"system": "Android", "platform": "android-24-arm64_v8a", "android_api": 34}))
	f.Add(venv(f, map[string]any{"system": "iOS", "ios": []string{"17.4", "arm64-iphoneos"}}))
	f.Add(venv(f, map[string]any{"glibc": "", "musl": "1.2.4", "implementation": "pypy"}))
	f.Add(venv(f, map[string]any{"system": "FreeBSD", "platform": "freebsd-14.3-RELEASE-amd64"}))
	f.Add(venv(f, map[string]any{"glibc": "2"}))
	f.Add(venv(f, map[string]any{"prefix": "", "paths": map[string]string{"purelib": "//", "platlib": "/.", "scripts": "/..", "include": "/"}}))
	f.Add([]byte(`{"schema":1,"version":[3,14,0],"markers":{"python_full_version":"3.14.0"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ParseNative(data)
		if err != nil {
			return
		}
		if n := len(h.Tags()); n == 0 || n > 200_000 {
			t.Fatalf("%d tags", n)
		}
		for i, tag := range h.Tags() {
			if rank, ok := h.Rank(tag); !ok || rank > i {
				t.Fatalf("Rank(%v) = %d, %t at %d", tag, rank, ok, i)
			}
		}
		scheme := h.Scheme()
		for _, p := range []string{scheme.Purelib, scheme.Platlib, scheme.Scripts, scheme.Headers} {
			if p == "" || !filepath.IsLocal(filepath.FromSlash(p)) {
				t.Fatalf("the path %q leaves the prefix", p)
			}
		}
	})
}
