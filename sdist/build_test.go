package sdist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xpip/xpip/sdist/hooks"
	"github.com/xpip/xpip/sdist/project"
	"github.com/xpip/xpip/sdist/sandbox"
	"github.com/xpip/xpip/sdist/trap"
	"github.com/xpip/xpip/wheel"
)

func TestPureProject(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, "def build_wheel(d, config=None, meta=None):\n    return wheel(d, {'demo.py': open('demo.py').read()}, requires=['six'])", nil)
	res, err := build(t, newBuilder(t, Config{}, nil), archive)
	if err != nil {
		t.Fatal(err)
	}
	if res.Filename != "demo-1.0-py3-none-any.whl" || res.Retagged || res.Trapped || res.Switch != nil || res.Attempts != 1 || len(res.Notes) > 0 {
		t.Errorf("result = %+v", res)
	}
	if res.Metadata.Name != "demo" || !slices.Equal(res.Metadata.RequiresDist, []string{"six"}) {
		t.Errorf("metadata = %+v", res.Metadata)
	}
	if _, err := wheel.UnpackFile(t.Context(), res.WheelPath, res.Filename, "", t.TempDir(), wheel.Limits{}); err != nil {
		t.Error(err)
	}
}

// TestOptionalExtension is PyYAML's way: the extension fails, the wheel keeps
// the platform's tag. The second is MarkupSafe's: everything runs once more.
func TestOptionalExtension(t *testing.T) {
	needPython(t)
	for name, backend := range map[string]string{
		"declared optional": `
def build_wheel(d, config=None, meta=None):
    compiles()
    return wheel(d, {'demo.py': 'x'}, tag=NATIVE_TAG)`,
		"second attempt of its own": `
def build_wheel(d, config=None, meta=None):
    def setup(fast):
        if fast and not compiles(os.environ["CC"], "-c", "src/fast.c"):
            raise RuntimeError("failed")
        return wheel(d, {'demo.py': 'x'}, tag=NATIVE_TAG if fast else "py2.py3-none-any")
    try:
        return setup(True)
    except RuntimeError:
        return setup(False)`,
		"by way of the linker": `
def build_wheel(d, config=None, meta=None):
    subprocess.run(os.environ["LDSHARED"].split() + ["a.o", "-o", "a.so"])
    return wheel(d, {'demo.py': 'x'}, tag=NATIVE_TAG)`,
	} {
		t.Run(name, func(t *testing.T) {
			res, err := build(t, newBuilder(t, Config{}, nil), sdistOf(t, backend, nil))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(res.Filename, "py3-none-any.whl") || !res.Trapped || !contains(res.Notes, "left out") {
				t.Errorf("result = %+v", res)
			}
			if res.Retagged != strings.Contains(res.BuiltAs, "linux") {
				t.Errorf("built as %s, retagged: %v", res.BuiltAs, res.Retagged)
			}
			u, err := wheel.UnpackFile(t.Context(), res.WheelPath, res.Filename, "", t.TempDir(), wheel.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(u.Native) > 0 {
				t.Errorf("native files: %v", u.Native)
			}
			if log := readLog(t, res.LogPath); !strings.Contains(log, "trapped: ") {
				t.Errorf("the log doesn't name the trapped call:\n%s", log)
			}
		})
	}
}

func TestNoRetag(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, "def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo.py': 'x'}, tag=NATIVE_TAG)", nil)
	_, err := build(t, newBuilder(t, Config{NoRetag: true}, nil), archive)
	if _, ok := errors.AsType[*WheelError](err); !ok {
		t.Errorf("error = %v", err)
	}
}

func TestMandatoryExtension(t *testing.T) {
	needPython(t)
	for name, c := range map[string]struct {
		backend, call, source, language string
		probed                          bool
	}{
		"C":               {`def build_wheel(d, c=None, m=None):` + "\n    compiles() or sys.exit('error: command cc failed')", "cc -c src/fast.c", "src/fast.c", "C", false},
		"C++":             {`def build_wheel(d, c=None, m=None):` + "\n    subprocess.run([os.environ['CXX'], '-c', 'a.cpp'], check=True)", "c++ -c a.cpp", "a.cpp", "C++", false},
		"Rust":            {`def build_wheel(d, c=None, m=None):` + "\n    subprocess.run(['cargo', 'rustc', '--lib'], check=True)", "cargo rustc --lib", "", "Rust", false},
		"probe":           {`def build_wheel(d, c=None, m=None):` + "\n    compiles('g++', '--version'); sys.exit('no compiler')", "g++ --version", "", "C++", true},
		"library":         {`def build_wheel(d, c=None, m=None):` + "\n    compiles('pkg-config', '--version'); compiles('pg_config', '--libdir'); sys.exit('no pg_config')", "pg_config --libdir", "", "", true},
		"in get_requires": {`def get_requires_for_build_wheel(c=None):` + "\n    subprocess.run(['cmake', '-S', '.'], check=True)", "cmake -S .", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, newBuilder(t, Config{}, nil), sdistOf(t, c.backend, nil))
			e, ok := errors.AsType[*NeedsCompilerError](err)
			if !ok {
				t.Fatalf("error = %v", err)
			}
			if e.Static || e.Probed != c.probed || e.Call == nil || e.Call.String() != c.call || e.Source != c.source || e.Project != "demo" || e.Version != "1.0" {
				t.Errorf("verdict = %+v, call %v", e, e.Call)
			}
			if strings.Join(e.Languages, " ") != c.language || !strings.Contains(e.Reason, c.call) || e.Host == "" {
				t.Errorf("languages %q, reason %q", e.Languages, e.Reason)
			}
			readLog(t, e.LogPath)
		})
	}
}

// TestOrdinaryFailures fail for reasons of their own, whatever the trap saw.
func TestOrdinaryFailures(t *testing.T) {
	needPython(t)
	for name, c := range map[string]struct{ backend, reason string }{
		"exception":    {"def build_wheel(d, c=None, m=None):\n    raise ValueError('wrong \\x1b]0;title\\x07')", "ValueError"},
		"exit":         {"def build_wheel(d, c=None, m=None):\n    sys.exit('needs a newer Python')", "newer Python"},
		"find_library": {"def build_wheel(d, c=None, m=None):\n    compiles('gcc', '-Wl,-t', '-o', 'x', '-lfoo'); compiles('ld', '-t', '-lfoo'); sys.exit('no foo')", "no foo"},
		"no backend":   {"import no_such_module", "no_such_module"},
		"killed":       {"def build_wheel(d, c=None, m=None):\n    os._exit(7)", "exit status 7"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, newBuilder(t, Config{}, nil), sdistOf(t, c.backend, nil))
			e, ok := errors.AsType[*BuildError](err)
			if !ok || !strings.Contains(e.Error(), c.reason) {
				t.Fatalf("error = %v", err)
			}
			if strings.ContainsAny(e.Error()+strings.Join(e.Tail, ""), "\x1b\x07") {
				t.Errorf("control characters reach the message: %q", e)
			}
			readLog(t, e.LogPath)
		})
	}
}

func TestBrokenPromise(t *testing.T) {
	needPython(t)
	for requires, broke := range map[string]bool{"Six >= 1.0": false, "six>=2": true} {
		archive := sdistOf(t, "def build_wheel(d, c=None, m=None):\n    return wheel(d, {}, requires=['six>=1.0'])",
			map[string]string{"PKG-INFO": "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Dist: " + requires + "\n"})
		res, err := build(t, newBuilder(t, Config{}, nil), archive)
		if err != nil {
			t.Fatal(err)
		}
		if res.BrokePromise != broke || contains(res.Notes, "promises") != broke {
			t.Errorf("%s: %+v", requires, res)
		}
	}
}

func TestComputedRequirementsAreTheHosts(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, `
def build_wheel(d, c=None, m=None):
    return wheel(d, {}, requires=["colorama" if sys.platform == "win32" else "uvloop", "m-" + __import__("platform").machine()])`, nil)
	b := newBuilder(t, Config{}, nil)
	release := sdistOf(t, "import platform\ndef build_wheel(d, c=None, m=None):\n    return wheel(d, {}, requires=['r' + platform.release()])", nil)
	res, err := build(t, b, release)
	if err != nil || !slices.Equal(res.Metadata.RequiresDist, []string{"r"}) || !contains(res.Notes, "platform.release") {
		t.Errorf("a question nobody can answer: %+v, %v", res, err)
	}
	for platform, want := range map[string][]string{
		"win_amd64": {"colorama", "m-AMD64"}, "ios_13_0_arm64": {"uvloop", "m-arm64"}, "musllinux_1_2_aarch64": {"uvloop", "m-aarch64"},
	} {
		res, err := b.Build(t.Context(), Request{Archive: archive, Name: "demo", Host: hostOf(t, platform, "3.12")}, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(res.Metadata.RequiresDist, want) || res.SawBuildMachine || !slices.Contains(res.Asked, "sys.platform") {
			t.Errorf("%s: requires %q, asked %q", platform, res.Metadata.RequiresDist, res.Asked)
		}
	}
}

func TestBuildThatCantBearTheHost(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, `
def build_wheel(d, c=None, m=None):
    if sys.platform == "ios":
        raise RuntimeError("unsupported platform")
    return wheel(d, {}, requires=["for-" + sys.platform])`, nil)
	res, err := build(t, newBuilder(t, Config{}, nil), archive)
	if err != nil {
		t.Fatal(err)
	}
	if !res.SawBuildMachine || res.Attempts != 2 || !contains(res.Notes, "sys.platform") || !slices.Equal(res.Metadata.RequiresDist, []string{"for-" + pythonPlatform()}) {
		t.Errorf("result = %+v", res)
	}
	_, err = build(t, newBuilder(t, Config{}, nil), sdistOf(t, `
def build_wheel(d, c=None, m=None):
    raise RuntimeError("broken for all" if sys.platform != "ios" else "broken for " + sys.platform)`, nil))
	if e, ok := errors.AsType[*BuildError](err); !ok || !strings.Contains(e.Reason, "broken for ios") {
		t.Errorf("error = %v, want that of the first attempt", err)
	}
}

func pythonPlatform() string {
	if runtime.GOOS == "windows" {
		return "win32"
	}
	return runtime.GOOS
}

// TestSwitch lets every project of the table compile unless its switch is set.
func TestSwitch(t *testing.T) {
	needPython(t)
	for name, s := range switches {
		archive := archiveOf(t, name+"-1.0", map[string]string{"pyproject.toml": inTree, "_build/backend.py": library + `
def build_wheel(d, c=None, m=None):
    if os.environ.get("` + s.Variable + `") == "` + s.Value + `" or compiles():
        return wheel(d, {}, name="` + name + `")
    sys.exit("compiler failed")`})
		req := Request{Archive: archive, Name: name, Version: "1.0", Host: iPhone(t)}
		res, err := newBuilder(t, Config{}, nil).Build(t.Context(), req, t.TempDir())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if res.Switch == nil || *res.Switch != s || res.Attempts != 2 || !contains(res.Notes, s.String()) || s.Source == "" {
			t.Errorf("%s: result = %+v", name, res)
		}
		if name != "msgpack" {
			continue
		}
		_, err = newBuilder(t, Config{NoSwitches: true}, nil).Build(t.Context(), req, t.TempDir())
		if _, ok := errors.AsType[*NeedsCompilerError](err); !ok {
			t.Errorf("error = %v", err)
		}
	}
}

const elf = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00\x3e\x00\x01\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x40\x00\x38\x00\x00\x00\x40\x00\x00\x00\x00\x00"

func TestNativeContent(t *testing.T) {
	needPython(t)
	for name, c := range map[string]struct {
		backend   string
		files     map[string]string
		committed bool
	}{
		"built":           {"def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo/_fast.so': b'" + pyBytes(elf) + "'}, tag=NATIVE_TAG)", nil, false},
		"built as data":   {"def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo/data.bin': b'" + pyBytes(elf) + "'})", nil, false},
		"named":           {"def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo/_fast.so': ''})", nil, false},
		"committed":       {"def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo/_fast.so': open('lib/x.so', 'rb').read()})", map[string]string{"lib/x.so": elf}, true},
		"source replaced": {"open('lib/x.so', 'wb').write(b'" + pyBytes(elf) + "')\ndef build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo/_fast.so': open('lib/x.so', 'rb').read()})", map[string]string{"lib/x.so": "old"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, newBuilder(t, Config{}, nil), sdistOf(t, c.backend, c.files))
			e, ok := errors.AsType[*NativeContentError](err)
			if !ok || e.Committed != c.committed || len(e.Files) != 1 || (e.Err != nil) != c.committed {
				t.Errorf("error = %+v (%v)", e, err)
			}
		})
	}
}

// TestCommittedData may have what only looks like machine code, and launchers
// that are data everywhere.
func TestCommittedData(t *testing.T) {
	needPython(t)
	exe := "MZ" + strings.Repeat("\x00", 58) + "\x40\x00\x00\x00PE\x00\x00\x64\x86" + strings.Repeat("\x00", 300)
	archive := sdistOf(t, "def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo/t.exe': open('t.exe', 'rb').read(), 'demo/fake.so': open('fake.so').read()})",
		map[string]string{"t.exe": exe, "fake.so": "no machine code"})
	if res, err := build(t, newBuilder(t, Config{}, nil), archive); err != nil || res.Filename != "demo-1.0-py3-none-any.whl" {
		t.Errorf("%+v, %v", res, err)
	}
}

func pyBytes(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "\\x%02x", c)
	}
	return b.String()
}

func TestWheelHasToBeTheSdists(t *testing.T) {
	needPython(t)
	for name, c := range map[string]struct{ backend, reason string }{
		"other name":    {"def build_wheel(d, c=None, m=None):\n    return wheel(d, {}, name='evil')", "evil 1.0"},
		"other version": {"def build_wheel(d, c=None, m=None):\n    return wheel(d, {}, version='2.0')", "demo 2.0"},
		"not a wheel":   {"def build_wheel(d, c=None, m=None):\n    open(d + '/demo-1.0-py3-none-any.whl', 'w').write('no zip'); return 'demo-1.0-py3-none-any.whl'", ""},
		"odd name":      {"def build_wheel(d, c=None, m=None):\n    os.rename(d + '/' + wheel(d, {}), d + '/x.whl'); return 'x.whl'", ""},
		"wrong digest":  {"def build_wheel(d, c=None, m=None):\n    f = wheel(d, {'demo.py': 'abc'}); b = open(d + '/' + f, 'rb').read()\n    import zipfile\n    src = zipfile.ZipFile(d + '/' + f); out = zipfile.ZipFile(d + '/t', 'w')\n    [out.writestr(n, b'abd' if n == 'demo.py' else src.read(n)) for n in src.namelist()]; out.close(); os.rename(d + '/t', d + '/' + f); return f", "demo.py"},
		"climbs":        {"def build_wheel(d, c=None, m=None):\n    return wheel(d, {'../../evil.py': ''})", "evil.py"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, newBuilder(t, Config{}, nil), sdistOf(t, c.backend, nil))
			if e, ok := errors.AsType[*WheelError](err); !ok || !strings.Contains(e.Error(), c.reason) {
				t.Errorf("error = %v, want %q", err, c.reason)
			}
		})
	}
	lies := sdistOf(t, "", map[string]string{"PKG-INFO": "Metadata-Version: 2.2\nName: evil\nVersion: 1.0\n"})
	if _, err := build(t, newBuilder(t, Config{}, nil), lies); err == nil || !strings.Contains(err.Error(), "evil") {
		t.Errorf("PKG-INFO of another project: %v", err)
	}
}

// TestHostileBuild lets build code try what it must not do.
func TestHostileBuild(t *testing.T) {
	needPython(t)
	b := newBuilder(t, Config{}, nil)
	support := b.Sandbox()
	if !support.Full() {
		t.Skipf("this machine's sandbox is not complete: %s", support.Missing)
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("API_TOKEN", "secret-value")
	if err := os.WriteFile(filepath.Join(home, ".netrc"), []byte("secret-value"), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	var reached sync.Once
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
			reached.Do(func() { t.Error("the network was reached") })
		}
	}()
	outside := t.TempDir()
	archive := sdistOf(t, `
import pathlib, socket
def tries(what, action):
    try:
        action()
        print("DONE", what)
    except OSError as e:
        print("denied", what, e)
def build_wheel(d, c=None, m=None):
    tries("network", lambda: socket.create_connection(("127.0.0.1", `+fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)+`), 2))
    tries("home", lambda: open(`+fmt.Sprintf("%q", filepath.Join(home, ".bashrc"))+`, "w").write("x"))
    tries("secret", lambda: open(`+fmt.Sprintf("%q", filepath.Join(home, ".netrc"))+`).read())
    tries("outside", lambda: open(`+fmt.Sprintf("%q", filepath.Join(outside, "x"))+`, "w").write("x"))
    tries("environment", lambda: open(os.path.join(os.path.dirname(os.path.dirname(sys.executable)), "pyvenv.cfg"), "a").write("x"))
    tries("trap", lambda: os.unlink(os.environ["CC"]))
    pathlib.Path.home().joinpath("mine").write_text("x")
    assert "secret" not in repr(dict(os.environ))
    return wheel(d, {})`, nil)
	res, err := build(t, b, archive)
	if err != nil {
		t.Fatal(err)
	}
	if log := readLog(t, res.LogPath); strings.Contains(log, "DONE") || strings.Count(log, "\ndenied ") != 6 {
		t.Errorf("log:\n%s", log)
	}
	if entries, _ := os.ReadDir(home); len(entries) != 1 {
		t.Errorf("home = %v", entries)
	}
}

// TestToolsWorkInTheSandbox does what honest build code does.
func TestToolsWorkInTheSandbox(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, `
import ctypes.util, getpass, locale, multiprocessing, pathlib, shutil, socket, sqlite3, ssl, tempfile, threading, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

def double(n):
    return n * 2

def build_wheel(d, c=None, m=None):
    with ProcessPoolExecutor(2) as pool:
        assert list(pool.map(double, range(4))) == [0, 2, 4, 6]
    with multiprocessing.Pool(2) as pool:
        assert pool.map(double, [1]) == [2]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(double, [1])) == [2]
    ctypes.util.find_library("m")
    a, b = socket.socketpair()
    a.sendall(b"x")
    assert b.recv(1) == b"x"
    subprocess.run([sys.executable, "-c", "import email, json"], check=True)
    subprocess.run("echo shell; ls / >/dev/null 2>&1; true", shell=True, check=True)
    with open("script.sh", "w") as f:
        f.write("#!/bin/sh\nexit 0\n")
    os.chmod("script.sh", 0o755)
    subprocess.run(["./script.sh"], check=True)
    with tempfile.TemporaryDirectory() as t:
        shutil.copytree("_build", os.path.join(t, "x"))
        os.rename(os.path.join(t, "x"), "moved")
    with open(os.devnull, "w") as f:
        f.write("x")
    time.localtime()
    os.cpu_count()
    assert pathlib.Path.home().is_dir() and os.access(tempfile.gettempdir(), os.W_OK)
    return wheel(d, {"demo.py": ""})`, nil)
	for mode, name := range map[SandboxMode]string{SandboxAuto: "auto", SandboxOff: "off"} {
		if _, err := build(t, newBuilder(t, Config{Sandbox: mode}, nil), archive); err != nil {
			t.Errorf("sandbox %s: %v", name, err)
			if e, ok := errors.AsType[*BuildError](err); ok {
				t.Log(strings.Join(e.Tail, "\n"))
			}
		}
	}
}

// TestPythonTooOld blames the right thing.
func TestPythonTooOld(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, "def build_wheel(d, c=None, m=None):\n    raise SyntaxError('new syntax')",
		map[string]string{"PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.99\n"})
	_, err := build(t, newBuilder(t, Config{}, nil), archive)
	if e, ok := errors.AsType[*BuildError](err); !ok || !strings.Contains(e.Reason, ">=3.99") || !strings.Contains(e.Reason, "SyntaxError") {
		t.Errorf("error = %v", err)
	}
}

func TestNoIsolation(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, "import json\ndef get_requires_for_build_wheel(c=None):\n    return ['x']\ndef build_wheel(d, c=None, m=None):\n    return wheel(d, {})",
		map[string]string{"pyproject.toml": "[build-system]\nrequires = ['y']\nbuild-backend = 'backend'\nbackend-path = ['_build']\n"})
	p := &provisioner{}
	if _, err := build(t, newBuilder(t, Config{NoIsolation: true}, p), archive); err != nil || len(p.calls) > 0 {
		t.Errorf("%v, provisioned %q", err, p.calls)
	}
}

func TestVerdictSurvivesJSON(t *testing.T) {
	e := &NeedsCompilerError{Subject: Subject{"demo", "1.0"}, Host: "h", Backend: "setuptools", Reason: "r", Call: &trap.Call{Tool: "cc", Args: []string{"-c"}}, Source: "a.c"}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back NeedsCompilerError
	if err := json.Unmarshal(b, &back); err != nil || back.Error() != e.Error() || back.Call.Tool != "cc" || back.Project != "demo" {
		t.Errorf("%s became %+v, %v", b, back, err)
	}
}

// TestCompilerByAbsolutePath has a compiler of its own on PATH, which the build
// calls by its full path, past the trap.
func TestCompilerByAbsolutePath(t *testing.T) {
	needPython(t)
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("needs a shell")
	}
	bin := t.TempDir()
	script := "#!/bin/sh\nprintf '\\177ELF\\002\\001\\001\\000\\000\\000\\000\\000' > fast.so\n"
	if err := os.WriteFile(filepath.Join(bin, "gcc"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	archive := sdistOf(t, `
def build_wheel(d, c=None, m=None):
    if compiles(`+fmt.Sprintf("%q", filepath.Join(bin, "gcc"))+`, "-c", "x.c"):
        return wheel(d, {"fast.so": open("fast.so", "rb").read()}, tag=NATIVE_TAG)
    return wheel(d, {"fast.py": ""}, tag=NATIVE_TAG)`, nil)
	path := append([]string{bin}, filepath.SplitList(os.Getenv("PATH"))...)
	_, err := build(t, newBuilder(t, Config{Path: folders(path...), Sandbox: SandboxOff}, nil), archive)
	if _, ok := errors.AsType[*NativeContentError](err); !ok {
		t.Errorf("without sandbox: %v, want the content to give it away", err)
	}
	b := newBuilder(t, Config{Path: folders(path...)}, nil)
	if b.Sandbox().Landlock == 0 {
		t.Skip("needs Landlock")
	}
	if res, err := build(t, b, archive); err != nil || !res.Retagged {
		t.Errorf("with sandbox: %v, want the compiler to be out of reach", err)
	}
}

// TestSpace has a build write files that are each within bounds.
func TestSpace(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, `
import time
def build_wheel(d, c=None, m=None):
    for i in range(64):
        open("f%d" % i, "wb").write(bytes(1 << 20))
    time.sleep(1000)`, nil)
	_, err := build(t, newBuilder(t, Config{Space: 32 << 20}, nil), archive)
	if e, ok := errors.AsType[*SpaceError](err); !ok || e.Limit != 32<<20 || e.Project != "demo" {
		t.Fatalf("error = %v", err)
	}
}

func TestTimeout(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, `
import time
def build_wheel(d, c=None, m=None):
    if os.fork() == 0:
        os.setsid()
    time.sleep(1000)`, nil)
	_, err := build(t, newBuilder(t, Config{Timeout: time.Second}, nil), archive)
	if e, ok := errors.AsType[*TimeoutError](err); !ok || e.After != time.Second || e.Project != "demo" {
		t.Errorf("error = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(500*time.Millisecond, cancel)
	_, err = newBuilder(t, Config{}, nil).Build(ctx, Request{Archive: archive, Name: "demo", Host: iPhone(t)}, t.TempDir())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func TestBuildRequirements(t *testing.T) {
	needPython(t)
	static := "[build-system]\nrequires = ['tool>=1']\nbuild-backend = 'backend'\nbackend-path = ['_build']\n"
	p := &provisioner{modules: map[string]string{"tool.py": "value = 7\n"}}
	archive := sdistOf(t, `
import tool
def get_requires_for_build_wheel(c=None):
    return ["tool>=1", "more; python_version >= '3'"]
def build_wheel(d, c=None, m=None):
    return wheel(d, {"demo.py": str(tool.value) + repr(c)})`, map[string]string{"pyproject.toml": static})
	b := newBuilder(t, Config{}, p)
	res, err := b.Build(t.Context(), Request{Archive: archive, Name: "demo", Host: iPhone(t), ConfigSettings: map[string][]string{"x": {"1", "2"}, "y": {"3"}}}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.calls) != 2 || !slices.Equal(p.calls[0], []string{"tool>=1"}) || !slices.Equal(p.calls[1], []string{"tool>=1", "more; python_version >= '3'"}) {
		t.Errorf("provisioned %q", p.calls)
	}
	a, err := wheel.OpenFile(res.WheelPath, wheel.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if text, err := a.ReadFile("demo.py"); err != nil || !strings.Contains(string(text), "'x': ['1', '2'], 'y': '3'") {
		t.Errorf("demo.py = %s, %v", text, err)
	}
}

func TestRefusedBuildRequirements(t *testing.T) {
	needPython(t)
	with := func(requires, backend string) string {
		return sdistOf(t, backend, map[string]string{"pyproject.toml": "[build-system]\nrequires = [" + requires + "]\nbuild-backend = 'backend'\nbackend-path = ['_build']\n"})
	}
	for name, archive := range map[string]string{
		"static URL":  with("'x @ https://example.invalid/x.zip'", ""),
		"static path": with("'x @ file:///tmp/x'", ""),
		"dynamic URL": with("", "def get_requires_for_build_wheel(c=None):\n    return ['x @ https://example.invalid/x.zip']"),
		"malformed":   with("", "def get_requires_for_build_wheel(c=None):\n    return ['a b']"),
	} {
		p := &provisioner{}
		_, err := build(t, newBuilder(t, Config{}, p), archive)
		if _, ok := errors.AsType[*RequirementError](err); !ok || len(p.calls) > 0 {
			t.Errorf("%s: %v, provisioned %q", name, err, p.calls)
		}
	}
	for _, tool := range []string{"cmake>=3.15", "puccinialin", "ninja"} {
		p := &provisioner{}
		_, err := build(t, newBuilder(t, Config{}, p), with("", "def get_requires_for_build_wheel(c=None):\n    return ['"+tool+"']"))
		if e, ok := errors.AsType[*NeedsCompilerError](err); !ok || !e.Probed || len(p.calls) > 0 {
			t.Errorf("%s: %v, provisioned %q", tool, err, p.calls)
		}
	}
	fails := &provisioner{hook: func(context.Context, []string) error { return errors.New("index unreachable") }}
	_, err := build(t, newBuilder(t, Config{}, fails), with("'x'", ""))
	if err == nil || !strings.Contains(err.Error(), "index unreachable") || isBuildError(err) {
		t.Errorf("a fault of the provisioner became %v", err)
	}
}

func TestCycle(t *testing.T) {
	needPython(t)
	tree := func(name, requires string) string {
		return archiveOf(t, name+"-1.0", map[string]string{"pyproject.toml": "[build-system]\nrequires = ['" + requires + "']\nbuild-backend = 'x'\n"})
	}
	archives := map[string]string{"a": tree("a", "b"), "b": tree("b", "A")}
	p := &provisioner{}
	b := newBuilder(t, Config{Jobs: 1}, p)
	h := iPhone(t)
	p.hook = func(ctx context.Context, requires []string) error {
		name := strings.ToLower(requires[0])
		_, err := b.Build(ctx, Request{Archive: archives[name], Name: name, Version: "1.0", Host: h}, t.TempDir())
		return err
	}
	_, err := b.Build(t.Context(), Request{Archive: archives["a"], Name: "a", Version: "1.0", Host: h}, t.TempDir())
	if e, ok := errors.AsType[*CycleError](err); !ok || !slices.Equal(e.Chain, []string{"a", "b", "a"}) {
		t.Errorf("error = %v", err)
	}
}

func TestStaticVerdictRunsNothing(t *testing.T) {
	p := &provisioner{}
	b := newBuilder(t, Config{Path: folders()}, p) // not even a Python
	for name, files := range map[string]map[string]string{
		"maturin": {"pyproject.toml": "[build-system]\nrequires=['maturin']\nbuild-backend='maturin'\n", "Cargo.toml": ""},
		"meson":   {"pyproject.toml": "[build-system]\nrequires=['meson-python']\nbuild-backend='mesonpy'\n", "meson.build": "project('demo', 'c')"},
		"cmake":   {"pyproject.toml": "[build-system]\nrequires=['scikit-build-core']\nbuild-backend='scikit_build_core.build'\n", "CMakeLists.txt": "project(demo)"},
	} {
		_, err := build(t, b, archiveOf(t, "demo-1.0", files))
		if e, ok := errors.AsType[*NeedsCompilerError](err); !ok || !e.Static || e.Host == "" || e.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(p.calls) > 0 {
		t.Errorf("provisioned %q", p.calls)
	}
	_, err := build(t, b, sdistOf(t, "", nil))
	if _, ok := errors.AsType[*hooks.NoPythonError](err); !ok {
		t.Errorf("without a Python: %v", err)
	}
}

func TestInspect(t *testing.T) {
	b := newBuilder(t, Config{Path: folders()}, nil)
	info := "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nRequires-Dist: six\n"
	req := Request{Archive: sdistOf(t, "", map[string]string{"PKG-INFO": info}), Name: "Demo", Version: "1.0.0", Host: iPhone(t)}
	in, err := b.Inspect(t.Context(), req)
	if err != nil || in.Metadata == nil || in.NeedsCompiler != nil || !slices.Equal(in.Metadata.RequiresDist, []string{"six"}) || in.Backend != "backend" {
		t.Errorf("%+v, %v", in, err)
	}
	req.Version = "2.0"
	var mismatch *project.MismatchError
	if _, err := b.Inspect(t.Context(), req); !errors.As(err, &mismatch) {
		t.Errorf("error = %v", err)
	}
}

func TestFolder(t *testing.T) {
	needPython(t)
	dir := t.TempDir()
	outside := t.TempDir()
	for name, text := range map[string]string{
		"sub/pyproject.toml": inTree, "sub/_build/backend.py": library + `
def build_wheel(d, c=None, m=None):
    open("made.txt", "w").close()
    names = sorted(os.path.join(base, f)[2:] for base, _, files in os.walk(".") for f in files)
    return wheel(d, {"names.txt": "\n".join(names)})`,
		"sub/build/lib/stale.so": elf, "sub/dist/x": "", "sub/demo.egg-info/x": "", "sub/env/__init__.py": "", "sub/keep/build/x": "",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(outside, "f"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"in": "keep", "out": filepath.Join(outside, "f"), "away": outside, "lost": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, "sub", link)); err != nil {
			t.Skip(err)
		}
	}
	b := newBuilder(t, Config{}, nil)
	for _, req := range []Request{{Dir: filepath.Join(dir, "sub")}, {Dir: dir, Subdirectory: "sub"}} {
		req.Host = iPhone(t)
		res, err := b.Build(t.Context(), req, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		a, err := wheel.OpenFile(res.WheelPath, wheel.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		names, err := a.ReadFile("names.txt")
		_ = a.Close()
		want := "_build/backend.py\nenv/__init__.py\nkeep/build/x\nmade.txt\nout\npyproject.toml"
		if req.Subdirectory != "" { // the leftovers of a part are not looked for
			want = "_build/backend.py\nbuild/lib/stale.so\ndemo.egg-info/x\ndist/x\nenv/__init__.py\nkeep/build/x\nmade.txt\nout\npyproject.toml"
		}
		if err != nil || string(names) != want {
			t.Errorf("the build saw\n%s\n%v; want\n%s", names, err, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "sub", "made.txt")); err == nil {
			t.Error("the build wrote into the user's folder")
		}
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := copyTree(t.Context(), filepath.Join(dir, "sub"), copied, filepath.Join(dir, "sub", "keep"), false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(copied, "out")); err == nil {
		t.Error("a link out of a foreign folder was followed")
	}
	if _, err := os.Lstat(filepath.Join(copied, "keep")); err == nil {
		t.Error("the folder to leave out was copied")
	}
	if _, err := b.Build(t.Context(), Request{Dir: dir, Subdirectory: "../x", Host: iPhone(t)}, t.TempDir()); err == nil {
		t.Error("a subdirectory outside was accepted")
	}
}

func TestSandboxRequire(t *testing.T) {
	needPython(t)
	b := newBuilder(t, Config{Sandbox: SandboxRequire}, nil)
	b.support = func() sandbox.Support { return sandbox.Support{Missing: []string{"no Landlock"}} }
	_, err := build(t, b, sdistOf(t, "", nil))
	if e, ok := errors.AsType[*sandbox.UnavailableError](err); !ok || !strings.Contains(e.Error(), "no Landlock") {
		t.Errorf("error = %v", err)
	}
}

func TestKey(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, "", nil)
	base := Request{Archive: archive, Name: "demo", Host: iPhone(t)}
	seen := map[string]string{}
	for name, c := range map[string]struct {
		config Config
		change func(*Request)
	}{
		"base":      {},
		"host":      {change: func(r *Request) { r.Host = hostOf(t, "ios_13_0_arm64_iphonesimulator", "3.13") }},
		"python":    {change: func(r *Request) { r.Host = hostOf(t, "ios_13_0_arm64", "3.12") }},
		"settings":  {change: func(r *Request) { r.ConfigSettings = map[string][]string{"a": {"b"}} }},
		"subfolder": {change: func(r *Request) { r.Subdirectory = "x" }},
		"content":   {change: func(r *Request) { r.SHA256 = strings.Repeat("0", 64) }},
		"switches":  {config: Config{NoSwitches: true}},
		"network":   {config: Config{Network: true}},
		"salt":      {config: Config{Salt: "constraints"}},
	} {
		req := base
		if c.change != nil {
			c.change(&req)
		}
		key, ok, err := newBuilder(t, c.config, nil).Key(t.Context(), req)
		if err != nil || !ok || len(key) != 64 {
			t.Fatalf("%s: %q, %v, %v", name, key, ok, err)
		}
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s share a key", name, other)
		}
		seen[key] = name
	}
	again, _, _ := newBuilder(t, Config{}, nil).Key(t.Context(), base)
	if seen[again] != "base" {
		t.Error("the key changes from run to run")
	}
	if _, ok, err := newBuilder(t, Config{}, nil).Key(t.Context(), Request{Dir: t.TempDir(), Host: base.Host}); ok || err != nil {
		t.Errorf("a folder has a key: %v", err)
	}
}

func TestParallelBuilds(t *testing.T) {
	needPython(t)
	archive := sdistOf(t, "def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo.py': sys.platform})", nil)
	b := newBuilder(t, Config{Jobs: 2}, nil)
	var wg sync.WaitGroup
	for _, platform := range []string{"ios_13_0_arm64", "win_amd64", "android_24_arm64_v8a", "ios_13_0_arm64"} {
		h := hostOf(t, platform, "3.13")
		out := t.TempDir()
		wg.Go(func() {
			if _, err := b.Build(t.Context(), Request{Archive: archive, Name: "demo", Host: h}, out); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.Close()
	if left, _ := os.ReadDir(b.config.TempDir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func BenchmarkBuild(b *testing.B) {
	needPython(b)
	archive := sdistOf(b, "def build_wheel(d, c=None, m=None):\n    return wheel(d, {'demo.py': ''})", nil)
	builder := newBuilder(b, Config{}, nil)
	h := iPhone(b)
	for b.Loop() {
		if _, err := builder.Build(b.Context(), Request{Archive: archive, Name: "demo", Host: h}, b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
}
