package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xpip/xpip/host"
)

// buildPython returns a Python of this machine; tests that need one are skipped
// where there is none.
func buildPython(t testing.TB) *Python {
	t.Helper()
	p, err := Describer(host.Native).Find(t.Context(), filepath.SplitList(os.Getenv("PATH")), 13)
	if err != nil {
		t.Skipf("needs a Python: %v", err)
	}
	return p
}

// project writes a source tree with an in-tree backend.
func project(t testing.TB, backend string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("_build/backend.py", backend)
	for name, text := range files {
		write(name, text)
	}
	return dir
}

func runner(t testing.TB, p *Python, source string, view *View) (*Runner, *bytes.Buffer) {
	t.Helper()
	env := t.TempDir()
	if err := p.MakeEnvironment(env); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &Runner{
		Python: p.Interpreter(env), Source: source, Work: t.TempDir(), Bytecode: t.TempDir(), View: view, Output: &out,
		Backend: Backend{Name: "backend", Path: []string{"_build"}},
		Start: func(ctx context.Context, argv ...string) (*exec.Cmd, func(), error) {
			cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
			cmd.Env = []string{"PATH=" + p.Scripts(env), "LANG=C.UTF-8"}
			return cmd, func() {}, nil
		},
	}, &out
}

func view(t testing.TB, platform, python string) View {
	t.Helper()
	h, err := host.New(host.Options{Platforms: []string{platform}, PythonVersion: python})
	if err != nil {
		t.Fatal(err)
	}
	return ViewOf(h)
}

// TestHostInView asks from everywhere: the project's code sees the host, the
// library and the tools see the build machine and go on working.
func TestHostInView(t *testing.T) {
	p := buildPython(t)
	const backend = `
import json, os, platform, subprocess, sys, sysconfig, tempfile, pathlib, shutil, multiprocessing
from sys import platform as imported
import helper, tool

def facts():
    return {
        "sys.platform": sys.platform, "imported": imported, "getattr": getattr(sys, "platform"),
        "os.name": os.name, "system": platform.system(), "machine": platform.machine(),
        "uname": platform.uname().system, "uname.machine": platform.uname().machine,
        "os.uname": os.uname().sysname if hasattr(os, "uname") else "", "get_platform": sysconfig.get_platform(),
        "version": "%d.%d" % sys.version_info[:2], "python_version": platform.python_version(),
        "tuple": sys.version_info >= (3, 0) and sys.version_info.major,
        "bits": platform.architecture()[0],
        # Modules made later, as importlib makes them, are plain modules.
        "later": tool.plain(),
    }

def get_requires_for_build_wheel(config_settings=None):
    namespace = {"__file__": os.path.abspath("setup.py"), "__name__": "__main__"}
    exec(open("setup.py").read(), namespace)
    nested = {}
    exec("import sys; seen = sys.platform", nested)
    # The library keeps working as on the machine it runs on.
    child = subprocess.run([sys.executable, "-c", "import sys; print(sys.platform)"], stdout=subprocess.PIPE, check=True)
    with tempfile.TemporaryDirectory() as d:
        path = pathlib.Path(d) / "x"
        path.write_text("x")
        shutil.copy(str(path), str(path) + "2")
        shutil.which("python")
        multiprocessing.get_context()
    return [json.dumps({
        "direct": facts(), "helper": helper.seen(), "setup": namespace["seen"], "nested": nested["seen"],
        "tool": tool.seen(), "child": child.stdout.decode().strip(), "sep": os.sep, "path": str(pathlib.Path("a/b")),
    })]
`
	source := project(t, backend, map[string]string{
		"_build/helper.py": "import sys\ndef seen(): return sys.platform\n",
		"setup.py":         "import sys, os\nseen = sys.platform + ' ' + os.name\n",
	})
	r, out := runner(t, p, source, nil)
	env := filepath.Dir(filepath.Dir(r.Python))
	tool := "import sys, os, platform\ndef seen(): return sys.platform + ' ' + os.name + ' ' + platform.system()\n" +
		"def plain():\n    m = type(sys)('m'); m.platform = 'mine'; return m.platform + ' ' + type(m).__name__\n"
	if err := os.WriteFile(filepath.Join(env, filepath.FromSlash(p.Purelib), "tool.py"), []byte(tool), 0o644); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		Direct              map[string]any
		Helper, Setup, Tool string
		Nested, Child       string
		Sep, Path           string
	}
	ask := func(v *View) (a answer, asked []string) {
		t.Helper()
		r.View = v
		list, asked, err := r.Requires(t.Context(), nil)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v\n%s", err, out)
		}
		if err := json.Unmarshal([]byte(list[0]), &a); err != nil {
			t.Fatal(err)
		}
		return a, asked
	}
	machine, asked := ask(nil)
	if !slices.Contains(asked, "sys.platform") || !slices.Contains(asked, "platform.machine") {
		t.Errorf("asked = %q", asked)
	}
	ios := view(t, "ios_13_0_arm64", "3.9")
	got, asked := ask(&ios)
	want := map[string]any{
		"sys.platform": "ios", "imported": "ios", "getattr": "ios", "os.name": "posix", "system": "iOS", "machine": "arm64",
		"uname": "iOS", "uname.machine": "arm64", "os.uname": "iOS", "get_platform": "ios-13.0-arm64-iphoneos",
		"version": "3.9", "python_version": "3.9.0", "tuple": 3.0, "bits": "64bit", "later": "mine module",
	}
	if machine.Direct["os.uname"] == "" {
		want["os.uname"] = ""
	}
	if d := cmp.Diff(want, got.Direct); d != "" {
		t.Errorf("the project's view of iOS (-want +got):\n%s", d)
	}
	if got.Helper != "ios" || got.Setup != "ios posix" || got.Nested != "ios" {
		t.Errorf("helper, setup.py, nested exec see %q, %q, %q", got.Helper, got.Setup, got.Nested)
	}
	if got.Tool != machine.Tool || got.Child != machine.Child || got.Sep != machine.Sep || got.Path != machine.Path {
		t.Errorf("tools see %+v, on the build machine it is %+v", got, machine)
	}
	if !slices.Contains(asked, "sysconfig.get_platform") {
		t.Errorf("asked = %q", asked)
	}
	windows := view(t, "win_amd64", "3.12")
	got, _ = ask(&windows)
	if got.Direct["sys.platform"] != "win32" || got.Direct["os.name"] != "nt" || got.Direct["machine"] != "AMD64" || got.Direct["get_platform"] != "win-amd64" {
		t.Errorf("the project's view of Windows: %v", got.Direct)
	}
	if got.Tool != machine.Tool || got.Child != machine.Child || got.Path != machine.Path {
		t.Errorf("tools see %+v, on the build machine it is %+v", got, machine)
	}
}

// TestEveryPythonShowsTheHost runs the view under each Python of the machine.
func TestEveryPythonShowsTheHost(t *testing.T) {
	source := project(t, `
import sys, os, platform, sysconfig, subprocess
def get_requires_for_build_wheel(config_settings=None):
    subprocess.run([sys.executable, "-c", ""], check=True)
    return [sys.platform, os.name, platform.system(), sysconfig.get_platform(), platform.uname().machine]
`, nil)
	want := []string{"android", "posix", "Android", "android-24-arm64_v8a", "aarch64"}
	found := 0
	for _, c := range candidates(filepath.SplitList(os.Getenv("PATH")), 13) {
		p, err := Describer(host.Native).Ask(t.Context(), c.program)
		if err != nil {
			continue
		}
		found++
		v := view(t, "android_24_arm64_v8a", "3.13")
		r, out := runner(t, p, source, &v)
		if got, _, err := r.Requires(t.Context(), nil); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v\n%s", p, got, err, out)
		}
	}
	if found == 0 {
		t.Skip("needs a Python")
	}
}

func TestMarkersOfTheProjectAreTheHosts(t *testing.T) {
	p := buildPython(t)
	source := project(t, `
from packaging.markers import default_environment
import tool
def get_requires_for_build_wheel(config_settings=None):
    return [default_environment()["sys_platform"], tool.environment()["sys_platform"]]
`, nil)
	ios := view(t, "ios_13_0_arm64", "3.13")
	r, out := runner(t, p, source, &ios)
	site := filepath.Join(filepath.Dir(filepath.Dir(r.Python)), filepath.FromSlash(p.Purelib))
	if err := os.Mkdir(filepath.Join(site, "packaging"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"packaging/__init__.py": "",
		"packaging/markers.py":  "import sys\ndef default_environment():\n    return {'sys_platform': sys.platform}\n",
		"tool.py":               "from packaging.markers import default_environment\ndef environment():\n    return default_environment()\n",
	} {
		if err := os.WriteFile(filepath.Join(site, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := r.Requires(t.Context(), nil)
	if err != nil || got[0] != "ios" || got[1] == "ios" {
		t.Errorf("project and tool see %q, %v\n%s", got, err, out)
	}
}

// TestBytecode: what is compiled for a build is kept in the folder for it, by
// children too, and what the library has compiled is not compiled again.
func TestBytecode(t *testing.T) {
	p := buildPython(t)
	source := project(t, `
import subprocess, sys, tool, wave
def get_requires_for_build_wheel(config_settings=None):
    subprocess.run([sys.executable, "-c", "import other"], check=True)
    return [sys.pycache_prefix, wave.__file__]
`, nil)
	r, out := runner(t, p, source, nil)
	site := filepath.Join(filepath.Dir(filepath.Dir(r.Python)), filepath.FromSlash(p.Purelib))
	for _, name := range []string{"tool.py", "other.py"} {
		if err := os.WriteFile(filepath.Join(site, name), []byte("x = 1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := r.Requires(t.Context(), nil)
	if err != nil || got[0] != r.Bytecode {
		t.Fatalf("%q, %v\n%s", got, err, out)
	}
	compiled := map[string]bool{}
	err = filepath.WalkDir(r.Bytecode, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _, _ := strings.Cut(d.Name(), ".")
			compiled[name] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if beside, _ := filepath.Glob(filepath.Join(filepath.Dir(got[1]), "__pycache__", fmt.Sprintf("wave.*3%d.pyc", p.Version[1]))); len(beside) > 0 && compiled["wave"] {
		t.Error("a module of the library was compiled again")
	}
	if !compiled["tool"] || !compiled["other"] || !compiled["backend"] {
		t.Errorf("compiled were %v", compiled)
	}
	for _, dir := range []string{site, filepath.Join(source, "_build")} {
		if _, err := os.Stat(filepath.Join(dir, "__pycache__")); err == nil {
			t.Errorf("bytecode was left in %s", dir)
		}
	}
}

func TestHookFailures(t *testing.T) {
	p := buildPython(t)
	for name, c := range map[string]struct {
		backend     string
		unavailable bool
		want        string
	}{
		"exception":       {"def build_wheel(*a, **k): raise ValueError('no \\x1b[2J')", false, "ValueError"},
		"exit":            {"def build_wheel(*a, **k): raise SystemExit('bye')", false, "SystemExit"},
		"no hook":         {"", true, "no hook build_wheel"},
		"syntax error":    {"def", false, "SyntaxError"},
		"missing import":  {"import no_such_module", true, "no_such_module"},
		"crash":           {"import os\ndef build_wheel(*a, **k): os.abort()", false, "signal"},
		"no name":         {"def build_wheel(*a, **k): return None", false, "no file name"},
		"path":            {"def build_wheel(*a, **k): return '../x.whl'", false, "no file name"},
		"no file":         {"def build_wheel(*a, **k): return 'x.whl'", false, "no such file"},
		"a link":          {"import os\ndef build_wheel(d, *a, **k): os.symlink('/etc/passwd', d + '/x.whl'); return 'x.whl'", false, "no such file"},
		"result unusable": {"def build_wheel(*a, **k): return object()", false, "can't be read"},
	} {
		r, out := runner(t, p, project(t, c.backend, nil), nil)
		_, _, err := r.BuildWheel(t.Context(), t.TempDir(), nil)
		_, _, _, after := r.Build(t.Context(), t.TempDir(), nil, nil)
		r.Source = project(t, strings.ReplaceAll(c.backend, "build_wheel(*a, **k)", "get_requires_for_build_wheel(*a, **k)"), nil)
		_, _, _, before := r.Build(t.Context(), t.TempDir(), nil, nil)
		for i, err := range []error{err, after, before} {
			if i == 2 && strings.Contains(c.want, "file") {
				continue // what it returns is no list, in other words
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Unavailable != c.unavailable || !strings.Contains(e.Error(), c.want) || strings.Contains(e.Error(), "\x1b") {
				t.Errorf("%s, %d: %v (want %q)\n%s", name, i, err, c.want, out)
			}
		}
	}
}

// TestBuildHooksAreApart: what one hook does to its process the next one does
// not see, and the second is called only if the first asks for nothing new.
func TestBuildHooksAreApart(t *testing.T) {
	p := buildPython(t)
	source := project(t, `
import os, sys
with open("imports", "a") as f:
    f.write("x")
changed = False
def get_requires_for_build_wheel(config_settings=None):
    global changed
    changed = True
    os.environ["CHANGED"] = "1"
    sys.path.append("changed")
    here = os.getcwd()
    os.chdir("/")
    print(sys.platform, file=open(os.path.join(here, "seen"), "w"))
    return config_settings["ask"]
def build_wheel(directory, config_settings=None, metadata_directory=None):
    with open(os.path.join(directory, "x.whl"), "w") as f:
        print(changed, "CHANGED" in os.environ, "changed" in sys.path, os.path.exists("seen"), sys.platform, os.name, file=f)
    return "x.whl"
`, nil)
	ios := view(t, "ios_13_0_arm64", "3.13")
	r, out := runner(t, p, source, &ios)
	dir := t.TempDir()
	build := func(requires, have []string) (file string, more, asked []string) {
		t.Helper()
		file, more, asked, err := r.Build(t.Context(), dir, map[string]any{"ask": requires}, have)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return file, more, asked
	}
	if file, more, asked := build([]string{"a", "b", "c"}, []string{"b"}); file != "" || !slices.Equal(more, []string{"a", "c"}) || !slices.Equal(asked, []string{"sys.platform"}) {
		t.Errorf("%q, %q, asked %q", file, more, asked)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("a wheel was built without what it needs: %v", left)
	}
	if err := os.Remove(filepath.Join(source, "imports")); err != nil {
		t.Fatal(err)
	}
	file, more, asked := build([]string{"b"}, []string{"a", "b"})
	if b, _ := os.ReadFile(file); string(b) != "False False False True ios posix\n" || len(more) > 0 || !slices.Contains(asked, "os.name") {
		t.Errorf("%q, %q, asked %q: %s", file, more, asked, b)
	}
	if b, _ := os.ReadFile(filepath.Join(source, "imports")); runtime.GOOS == "linux" && string(b) != "x" {
		t.Errorf("the backend was imported %d times", len(b))
	}
}

func TestBuildWheelPassesSettings(t *testing.T) {
	p := buildPython(t)
	source := project(t, `
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open(wheel_directory + "/x.whl", "w") as f:
        f.write(repr(sorted(config_settings.items())))
    return "x.whl"
`, nil)
	r, out := runner(t, p, source, nil)
	file, asked, err := r.BuildWheel(t.Context(), t.TempDir(), map[string]any{"a": "1", "b": []string{"2", "3"}})
	if err != nil || len(asked) != 0 {
		t.Fatalf("%v, asked %q\n%s", err, asked, out)
	}
	if b, _ := os.ReadFile(file); string(b) != "[('a', '1'), ('b', ['2', '3'])]" {
		t.Errorf("settings arrived as %s", b)
	}
}

func TestBackendPathStaysInside(t *testing.T) {
	p := buildPython(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "backend.py"), []byte("raise RuntimeError('ran')"), 0o644); err != nil {
		t.Fatal(err)
	}
	source := project(t, "", nil)
	if err := os.Symlink(outside, filepath.Join(source, "link")); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{"link", "missing", "link/../_build/.."} {
		r, out := runner(t, p, source, nil)
		r.Backend.Path = []string{path}
		_, _, err := r.Requires(t.Context(), nil)
		if e, ok := errors.AsType[*Error](err); !ok || !e.Unavailable || out.Len() > 0 && strings.Contains(out.String(), "ran") {
			t.Errorf("backend-path %q: %v\n%s", path, err, out)
		}
	}
	r, out := runner(t, p, source, nil)
	r.Backend = Backend{Name: "json", Path: []string{"_build"}}
	if _, _, err := r.Requires(t.Context(), nil); err == nil {
		t.Errorf("a backend from elsewhere than backend-path was used\n%s", out)
	}
}

func TestSysconfigPlatform(t *testing.T) {
	for tag, want := range map[string]string{
		"ios_13_0_arm64_iphoneos": "ios-13.0-arm64-iphoneos", "ios_14_2_x86_64_iphonesimulator": "ios-14.2-x86_64-iphonesimulator",
		"android_24_arm64_v8a": "android-24-arm64_v8a", "manylinux_2_28_aarch64": "linux-aarch64", "manylinux2014_x86_64": "linux-x86_64",
		"musllinux_1_2_x86_64": "linux-x86_64", "linux_armv7l": "linux-armv7l", "win_amd64": "win-amd64", "win32": "win32",
		"macosx_14_0_arm64": "macosx-14.0-arm64", "pyemscripten_2026_0_wasm32": "emscripten-5.0.3-wasm32",
		"emscripten_4_0_9_wasm32": "emscripten-4.0.9-wasm32", "any": "any",
	} {
		if got := sysconfigPlatform(tag); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestLogKeepsHeadAndTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, err := createLog(path, 40)
	if err != nil {
		t.Fatal(err)
	}
	l.Printf("begin\x1b[31m\r")
	for i := range 100 {
		l.Printf("line %d", i)
	}
	l.Printf("%s\nthe end", strings.Repeat("x", 200))
	if lines := l.Tail(2); len(lines) != 2 || lines[1] != "the end" {
		t.Errorf("tail = %q", lines)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	if !strings.HasPrefix(got, "begin?[31m\n\nline 0") || !strings.HasSuffix(got, "xxx\nthe end\n") || !strings.Contains(got, "bytes left out") || len(got) > 100 {
		t.Errorf("log = %q", got)
	}
}
