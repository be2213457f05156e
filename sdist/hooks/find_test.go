package hooks

import (
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

	"github.com/xpip/xpip/host"
)

// machine is a folder with files that stand for programs: what a file says is
// the version that it answers, or "broken".
type machine struct {
	t     testing.TB
	root  string
	asked []string // below root, with slashes
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &machine{t: t, root: root}
}

func (m *machine) path(name string) string { return filepath.Join(m.root, filepath.FromSlash(name)) }

// put makes programs, "NAME VERSION", and links, "NAME -> TARGET", where TARGET
// is relative to the root or, without a slash, to the link's own folder.
func (m *machine) put(lines ...string) {
	m.t.Helper()
	for _, line := range lines {
		name, rest, _ := strings.Cut(line, " ")
		path := m.path(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			m.t.Fatal(err)
		}
		target, isLink := strings.CutPrefix(rest, "-> ")
		var err error
		switch {
		case isLink && strings.Contains(target, "/"):
			err = os.Symlink(m.path(target), path)
		case isLink:
			err = os.Symlink(target, path)
		default:
			err = os.WriteFile(path, []byte(rest), 0o755)
		}
		if err != nil {
			m.t.Skip(err)
		}
	}
}

// describe answers as the program would.
func (m *machine) describe(_ context.Context, program string) (*host.Host, error) {
	rel, err := filepath.Rel(m.root, program)
	if err != nil {
		return nil, err
	}
	m.asked = append(m.asked, filepath.ToSlash(rel))
	text, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	if string(text) == "broken" {
		return nil, &host.NativeError{Python: program, Err: errors.New("exit status 127"), Stderr: "no such version\nreally"}
	}
	return described(m.t, program, string(text)), nil
}

// described is the host whose Python is a program of a version.
func described(t testing.TB, program, version string) *host.Host {
	t.Helper()
	var v [3]int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &v[0], &v[1], &v[2]); err != nil {
		t.Fatal(err)
	}
	answer, err := json.Marshal(map[string]any{
		"schema": 1, "executable": program, "prefix": "/p", "base_prefix": "/p", "version": v, "implementation": "cpython",
		"base":   map[string]any{"executable": program, "library": []string{"/p/lib"}, "purelib": "lib/x"},
		"system": "Linux", "platform": "linux-x86_64", "bits": 64,
		"markers": map[string]string{"python_full_version": version},
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.ParseNative(answer)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// find looks for 3.minor on a PATH of folders, and tells what was found and
// what was asked.
func (m *machine) find(path string, minor int) (found, asked string) {
	m.t.Helper()
	m.asked = nil
	var dirs []string
	for _, dir := range strings.Fields(path) {
		dirs = append(dirs, m.path(dir))
	}
	p, err := Describer(m.describe).Find(m.t.Context(), dirs, minor)
	if err != nil {
		return err.Error(), strings.Join(m.asked, " ")
	}
	rel, err := filepath.Rel(m.root, p.Executable)
	if err != nil {
		m.t.Fatal(err)
	}
	return filepath.ToSlash(rel), strings.Join(m.asked, " ")
}

func TestFind(t *testing.T) {
	m := newMachine(t)
	m.put("bin/python3.9 3.9.1", "bin/python3.11 3.11.1", "bin/python3.12 broken", "bin/python3.13 3.13.1",
		"bin/python3.13-config broken", "bin/pythonw broken", "bin/python3.13t broken",
		"old/python 2.7.18", "plain/python3 3.12.4", "plain/python broken")
	for _, c := range []struct {
		path         string
		minor        int
		found, asked string
	}{
		{"bin", 9, "bin/python3.9", "bin/python3.9"},
		{"bin", 8, "bin/python3.9", "bin/python3.9"},
		{"bin", 10, "bin/python3.11", "bin/python3.11"}, // newer of two equally near
		{"bin", 14, "bin/python3.13", "bin/python3.13"},
		{"bin", 12, "bin/python3.13", "bin/python3.12 bin/python3.13"},
		{"missing old bin", 13, "bin/python3.13", "bin/python3.13"},
		// What no name tells has to be asked, unless the exact version is known.
		{"plain bin", 11, "bin/python3.11", "bin/python3.11"},
		{"plain bin", 12, "plain/python3", "bin/python3.12 plain/python3"},
		{"plain bin", 14, "bin/python3.13", "plain/python3 plain/python bin/python3.13"},
		{"plain old", 8, "plain/python3", "plain/python3 plain/python old/python"},
	} {
		if found, asked := m.find(c.path, c.minor); found != c.found || asked != c.asked {
			t.Errorf("3.%d on %s: %s, asked %s; want %s, asked %s", c.minor, c.path, found, asked, c.found, c.asked)
		}
	}
	_, err := Describer(m.describe).Find(t.Context(), []string{m.path("old"), m.path("plain")}, 13)
	if err != nil {
		t.Errorf("error = %v", err)
	}
	m.put("bad/python3 broken")
	_, err = Describer(m.describe).Find(t.Context(), []string{"relative", m.path("old"), m.path("bad")}, 13)
	e, ok := errors.AsType[*NoPythonError](err)
	if !ok || len(e.Tried) != 2 || !strings.Contains(e.Error(), "Python 2.7") || !strings.Contains(e.Error(), `exit status 127 ("no such version")`) {
		t.Errorf("error = %v", err)
	}
	if _, err := Describer(m.describe).Find(t.Context(), nil, 13); err == nil || !strings.Contains(err.Error(), "python3.13 and others on PATH") {
		t.Errorf("error = %v", err)
	}
}

// TestFindByLinks: where links lead tells of versions, and which programs are
// one Python.
func TestFindByLinks(t *testing.T) {
	m := newMachine(t)
	m.put("opt/py311/bin/python3.11 3.11.7", "opt/py311/bin/python3 -> python3.11",
		"venv/bin/python3 -> opt/py311/bin/python3", "venv/bin/python -> python3", "venv/bin/python3.11 -> python3", "venv/pyvenv.cfg home=",
		"usr/bin/python3.12 3.12.3", "usr/bin/python3 -> python3.12",
		"local/bin/python3 -> usr/bin/python3",
		"pypy/bin/pypy3.10 3.10.2", "pypy/bin/python3 -> pypy3.10",
		// One program that goes by the name it is called by is not one Python.
		"multi/manager broken", "multi/bin/python3.9 -> multi/manager", "multi/bin/python3.10 -> multi/manager",
		// The copy of an interpreter is all that there is to ask.
		"copied/bin/python3 3.13.5", "copied/pyvenv.cfg home=",
		"lost/bin/python3.13 -> nowhere/python3.13")
	for _, c := range []struct {
		path         string
		minor        int
		found, asked string
	}{
		{"venv/bin usr/bin", 11, "opt/py311/bin/python3.11", "opt/py311/bin/python3.11"}, // outside of the environment
		{"venv/bin usr/bin", 13, "usr/bin/python3.12", "usr/bin/python3.12"},
		{"local/bin usr/bin", 12, "local/bin/python3", "local/bin/python3"}, // the first of the same
		{"pypy/bin venv/bin", 9, "pypy/bin/python3", "pypy/bin/python3"},
		{"multi/bin venv/bin", 10, "opt/py311/bin/python3.11", "multi/bin/python3.10 opt/py311/bin/python3.11"},
		{"copied/bin usr/bin", 12, "usr/bin/python3.12", "usr/bin/python3.12"},
		{"copied/bin usr/bin", 13, "copied/bin/python3", "copied/bin/python3"},
		{"lost/bin usr/bin", 13, "usr/bin/python3.12", "lost/bin/python3.13 usr/bin/python3.12"},
	} {
		found, asked := m.find(c.path, c.minor)
		if found != c.found || asked != c.asked {
			t.Errorf("3.%d on %s: %s, asked %s; want %s, asked %s", c.minor, c.path, found, asked, c.found, c.asked)
		}
	}
}

// TestFindInstalled: scripts of version managers stand for what is installed.
func TestFindInstalled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folders are others")
	}
	m := newMachine(t)
	for _, manager := range []string{"pyenv/versions", "mise/installs/python"} {
		shims := strings.SplitN(manager, "/", 2)[0] + "/shims"
		m.put(shims+"/python broken", shims+"/python3 broken", shims+"/python3.12 broken", shims+"/python3.14 broken")
		for _, version := range []string{"3.9.2", "3.12.9", "3.12.10", "3.13.0rc1", "3.13.0", "2.7.18"} {
			bin := manager + "/" + version + "/bin/"
			name := "python" + version[:strings.LastIndexByte(version, '.')]
			m.put(bin+name+" "+strings.TrimSuffix(version, "rc1"), bin+"python"+version[:1]+" -> "+name, bin+"python -> "+name)
		}
		m.put(manager+"/3.13.0t/bin/python3.13t 3.13.0", manager+"/3.13.0t/bin/python3.13 -> python3.13t",
			manager+"/pypy3.12-7.3/bin/python3.12 3.12.11")
		if err := os.Symlink("3.12.9", m.path(manager+"/3.12")); err != nil {
			t.Fatal(err)
		}
		for minor, want := range map[int]string{
			14: "3.13.0/bin/python3.13", 13: "3.13.0/bin/python3.13", 12: "3.12.10/bin/python3.12", 11: "3.12.10/bin/python3.12",
			10: "3.9.2/bin/python3.9", 8: "3.9.2/bin/python3.9",
		} {
			want = manager + "/" + want
			if found, asked := m.find(shims, minor); found != want || asked != want {
				t.Errorf("3.%d of %s: %s, asked %s; want %s", minor, manager, found, asked, want)
			}
		}
		// Who stands first on PATH wins among those that are equally near.
		m.put("first/python3.12 3.12.0")
		if found, _ := m.find("first "+shims, 12); found != "first/python3.12" {
			t.Errorf("%s, want the first on PATH", found)
		}
		if found, _ := m.find("first "+shims, 13); found != manager+"/3.13.0/bin/python3.13" {
			t.Errorf("%s, want the nearest", found)
		}
	}
	// Without such folders the scripts are all that there is.
	m.put("other/shims/python3 3.12.1")
	if found, asked := m.find("other/shims", 12); found != "other/shims/python3" || asked != found {
		t.Errorf("%s, asked %s", found, asked)
	}
}

func TestVersionOf(t *testing.T) {
	for name, want := range map[string]int{
		"python": unknown, "python3": unknown, "python.exe": unknown, "python3.9": 9, "python3.13.exe": 13, "Python3.13": 13,
		"python3.13t": 13, "pypy3": unknown, "pypy3.11": 11, "python2.7": 0, "pypy2": 0,
	} {
		if got, ok := versionOf(name); got != want || !ok {
			t.Errorf("%s: %d, %t; want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "python2-config", "python3.13-config", "pythonw", "python3.x", "ipython3", "python3.113", "mise"} {
		if got, ok := versionOf(name); ok {
			t.Errorf("%s is a Python 3.%d", name, got)
		}
	}
}

// TestAskStops: a program that does not answer is given up with the one who asks.
func TestAskStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	slow := Describer(func(ctx context.Context, _ string) (*host.Host, error) {
		asked++
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	})
	m := newMachine(t)
	m.put("bin/python3.13 3.13.1", "bin/python3.12 3.12.1")
	if _, err := slow.Find(ctx, []string{m.path("bin")}, 13); !errors.Is(err, context.Canceled) || asked != 1 {
		t.Errorf("%v, %d programs were asked", err, asked)
	}
}

// TestUnfitToBuild: what a program says has to be enough to build with.
func TestUnfitToBuild(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"no place":       func(f map[string]any) { f["base"] = map[string]any{} },
		"relative":       func(f map[string]any) { f["base"].(map[string]any)["executable"] = "bin/python" },
		"outside":        func(f map[string]any) { f["base"].(map[string]any)["purelib"] = "../x" },
		"an old Python":  func(f map[string]any) { f["version"] = []int{3, 7, 1} },
		"a later Python": func(f map[string]any) { f["version"] = []int{4, 0, 0} },
	} {
		facts := map[string]any{
			"schema": 1, "executable": "/p/bin/python", "version": []int{3, 13, 1}, "implementation": "cpython",
			"base":   map[string]any{"executable": "/p/bin/python", "purelib": "lib/x"},
			"system": "Linux", "platform": "linux-x86_64", "bits": 64, "markers": map[string]string{"python_full_version": "3.13.1"},
		}
		change(facts)
		answer, err := json.Marshal(facts)
		if err != nil {
			t.Fatal(err)
		}
		h, err := host.ParseNative(answer)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := pythonOf(h); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestOutsideOfEnvironments: a build environment is not made of another
// environment, whichever Python is asked.
func TestOutsideOfEnvironments(t *testing.T) {
	found := 0
	for _, c := range candidates(filepath.SplitList(os.Getenv("PATH")), 13) {
		env, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if exec.Command(c.program, "-m", "venv", "--without-pip", env).Run() != nil {
			continue // some have no venv
		}
		p, err := Describer(host.Native).Ask(t.Context(), (&Python{}).Interpreter(env))
		if err != nil {
			continue // or are too old
		}
		found++
		if rel, err := filepath.Rel(env, p.Executable); err == nil && filepath.IsLocal(rel) {
			t.Errorf("%s is that of an environment", p)
		}
	}
	if found == 0 {
		t.Skip("needs a Python with venv")
	}
}

// TestPythonOfThisMachine: what a real Python says of itself is true.
func TestPythonOfThisMachine(t *testing.T) {
	p := buildPython(t)
	if _, err := os.Stat(p.Executable); err != nil || len(p.Paths) == 0 || p.Implementation == "" || p.Platform == "" {
		t.Errorf("%+v, %v", p, err)
	}
	if !slices.ContainsFunc(p.Paths, func(dir string) bool { _, err := os.Stat(filepath.Join(dir, "os.py")); return err == nil }) {
		t.Errorf("the library is not in %q", p.Paths)
	}
}

// FuzzPython: whatever a program says of itself, a Python to build with has a
// place and a folder for packages below an environment.
func FuzzPython(f *testing.F) {
	f.Add([]byte(`{"schema":1,"version":[3,11,2],"implementation":"cpython","system":"Linux","platform":"linux-x86_64","bits":64,
		"base":{"executable":"/usr/bin/python3","purelib":"lib/python3.11/site-packages"},"markers":{"python_full_version":"3.11.2"}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		h, err := host.ParseNative(answer)
		if err != nil {
			return
		}
		if p, err := pythonOf(h); err == nil && (!filepath.IsAbs(p.Executable) || p.Version[0] != 3 || !filepath.IsLocal(p.Purelib)) {
			t.Errorf("accepted %+v", p)
		}
	})
}
