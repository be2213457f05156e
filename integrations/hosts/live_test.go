package hosts

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/xpip/xpip/host"
)

// qemus are the programs that run the Pythons of Debian's architectures.
var qemus = map[string]string{
	"amd64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static", "armhf": "qemu-arm-static", "i386": "qemu-i386-static",
	"riscv64": "qemu-riscv64-static", "ppc64el": "qemu-ppc64le-static", "s390x": "qemu-s390x-static",
}

// live skips the test unless XPIP_LIVE asks for the real index, and where is
// not said what the variable is to name.
func live(t *testing.T, variable, advice string) string {
	t.Helper()
	if os.Getenv("XPIP_LIVE") == "" {
		t.Skip("XPIP_LIVE is not set: this test installs from the real index")
	}
	dir := os.Getenv(variable)
	if dir == "" {
		t.Skipf("%s is not set: %s", variable, advice)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

const rootsAdvice = "it names a folder in which ./roots.sh has unpacked Debian's Pythons"

// builtXpip is the program under test, built once.
var builtXpip = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "xpip-hosts-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "xpip")
	out, err := exec.Command("go", "build", "-o", program, "../../cmd/xpip").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building xpip: %w\n%s", err, out)
	}
	return program, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("XPIP_LIVE") != "" {
		if program, err := builtXpip(); err == nil {
			_ = os.RemoveAll(filepath.Dir(program))
		}
	}
	os.Exit(code)
}

// xpip runs a command line and returns what it wrote to standard output.
func xpip(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tryXpip(t, args...)
	if err != nil {
		t.Fatalf("xpip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// tryXpip returns, of a command that fails, all that it wrote.
func tryXpip(t *testing.T, args ...string) (string, error) {
	t.Helper()
	program, err := builtXpip()
	if err != nil {
		t.Fatal(err)
	}
	var out, messages bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		return out.String() + messages.String(), err
	}
	return out.String(), nil
}

// oracle is a folder with packaging and pip, which xpip itself installs.
var oracle = sync.OnceValues(func() (string, error) {
	program, err := builtXpip()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(filepath.Dir(program), "oracle")
	out, err := exec.Command(program, "install", "-q", "-t", dir, "--platform", "any", "--python-version", "3.13", "--no-scripts", "packaging==26.3", "pip==26.3").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("installing packaging and pip: %w\n%s", err, out)
	}
	return dir, nil
})

// A machine is a root file system with the program that runs its Python.
type machine struct{ root, qemu, python string }

func newMachine(t *testing.T, root, architecture string) machine {
	t.Helper()
	if _, err := os.Stat(root); err != nil {
		t.Skipf("%s: %s", root, rootsAdvice)
	}
	qemu, err := exec.LookPath(qemus[architecture])
	if err != nil {
		t.Skipf("%s is not installed; Debian has it in qemu-user-static", qemus[architecture])
	}
	found, err := filepath.Glob(filepath.Join(root, "usr/bin/python3.[0-9]*[0-9]"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the Pythons of %s: %q (%v)", root, found, err)
	}
	return machine{root: root, qemu: qemu, python: found[0]}
}

// run runs the machine's Python, which writes nothing of its own.
func (m machine) run(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	var messages bytes.Buffer
	cmd := exec.Command(m.qemu, append([]string{"-L", m.root, m.python}, args...)...)
	cmd.Env = append([]string{"PYTHONDONTWRITEBYTECODE=1", "PATH=/usr/bin:/bin", "HOME=" + t.TempDir()}, environ...)
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(cmd.Args, " "), err, out, messages.String())
	}
	return string(out)
}

func decodeTruth(t *testing.T, text string) (said truth) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return said
}

// TestLiveHosts asks the Pythons themselves, and not their frozen answers.
func TestLiveHosts(t *testing.T) {
	roots := live(t, "XPIP_HOSTS", rootsAdvice)
	packages, err := oracle()
	if err != nil {
		t.Fatal(err)
	}
	for architecture := range qemus {
		t.Run(architecture, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, filepath.Join(roots, architecture), architecture)
			want := decodeTruth(t, m.run(t, []string{"PYTHONPATH=" + packages}, "truth.py", m.root))
			compare(t, m.root, m.root, want, false)
			compare(t, m.root, m.python, want, false)
		})
	}
}

// TestLiveInstall installs for an arm64 root as another machine's administrator
// would, and lets that machine's own Python and pip be the judges.
func TestLiveInstall(t *testing.T) {
	roots := live(t, "XPIP_HOSTS", rootsAdvice)
	template := newMachine(t, filepath.Join(roots, "arm64"), "arm64")
	root := filepath.Join(t.TempDir(), "root")
	if out, err := exec.Command("cp", "-a", "--reflink=auto", template.root, root).CombinedOutput(); err != nil {
		t.Fatalf("copying the root: %v\n%s", err, out)
	}
	m := newMachine(t, root, "arm64")
	system := snapshot(t, filepath.Join(root, "usr/lib"))
	wanted := filepath.Join(t.TempDir(), "requirements.txt")
	if err := os.WriteFile(wanted, []byte("charset-normalizer==3.4.4\nsix\npackaging>=26\npip==26.3\n"), 0o644); err != nil {
		t.Fatal(err)
	}

	out, err := tryXpip(t, "install", "--python", root, "-r", wanted)
	if err == nil || !strings.Contains(out, "externally-managed-environment") || !strings.Contains(out, "--break-system-packages") {
		t.Errorf("a managed environment is changed (%v):\n%s", err, out)
	}
	out = xpip(t, "install", "--python", root, "--break-system-packages", "-r", wanted)
	for _, line := range []string{"Requirement already satisfied: six", "Not uninstalling packaging at", "Successfully installed charset-normalizer-3.4.4 packaging-"} {
		if !strings.Contains(out, line) {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
	got := m.run(t, nil, "-c", "import charset_normalizer.md as m, packaging, six, yaml; print(m.__file__, packaging.__file__, six.__file__, yaml.__with_libyaml__)")
	words := strings.Fields(got)
	if len(words) != 4 || !strings.HasPrefix(words[0], root+"/usr/local/lib/python3.13/dist-packages/charset_normalizer/md.cpython-313-aarch64-linux-gnu") ||
		words[1] != root+"/usr/local/lib/python3.13/dist-packages/packaging/__init__.py" || words[2] != root+"/usr/lib/python3/dist-packages/six.py" || words[3] != "True" {
		t.Errorf("imported %q", words)
	}

	script := filepath.Join(root, "usr/local/bin/normalizer")
	if text, err := os.ReadFile(script); err != nil || !strings.HasPrefix(string(text), "#!/usr/bin/python3") {
		t.Errorf("the script begins with %.40q (%v)", text, err)
	}
	if said := m.run(t, nil, script, "--version"); !strings.Contains(said, "3.4.4") {
		t.Errorf("the script says %q", said)
	}
	samePackages(t, m)

	out = xpip(t, "uninstall", "-y", "--python", root, "--break-system-packages", "charset-normalizer", "packaging")
	if !strings.Contains(out, "Successfully uninstalled charset-normalizer-3.4.4") {
		t.Errorf("uninstall says\n%s", out)
	}
	if _, err := os.Stat(script); err == nil {
		t.Error("the script stayed")
	}
	samePackages(t, m)
	out, err = tryXpip(t, "uninstall", "-y", "--python", root, "--break-system-packages", "six")
	if err == nil || !strings.Contains(out, "no RECORD file was found for six") || !strings.Contains(out, "installed by debian") {
		t.Errorf("Debian's own package is uninstalled (%v):\n%s", err, out)
	}
	if now := snapshot(t, filepath.Join(root, "usr/lib")); now != system {
		t.Errorf("what is Debian's has changed")
	}
}

// samePackages compares what pip lists, run by the machine's Python, with what
// xpip lists.
func samePackages(t *testing.T, m machine) {
	t.Helper()
	theirs := m.run(t, []string{"PIP_DISABLE_PIP_VERSION_CHECK=1"}, filepath.Join(m.root, "usr/local/bin/pip"), "list", "--format=freeze")
	ours := xpip(t, "list", "--python", m.root, "--format=freeze")
	if ours != theirs {
		t.Errorf("xpip lists\n%s\npip lists\n%s", ours, theirs)
	}
}

// snapshot is a digest of the names, modes and contents below a folder.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(h, path, info.Mode(), info.ModTime().UnixNano())
		if !info.Mode().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		h.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestLivePyodide installs for Pyodide by its lock alone and imports the result
// in it.
func TestLivePyodide(t *testing.T) {
	modules := live(t, "XPIP_PYODIDE", "it names a folder in which `npm install pyodide` was run")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	packages, err := oracle()
	if err != nil {
		t.Fatal(err)
	}
	pyodide := filepath.Join(modules, "node_modules", "pyodide")
	run := func(packages, program string) string {
		t.Helper()
		out, err := exec.Command(node, "truth.mjs", pyodide, packages, program).CombinedOutput()
		if err != nil {
			t.Fatalf("node: %v\n%s", err, out)
		}
		return string(out)
	}
	lock := filepath.Join(pyodide, "pyodide-lock.json")
	compare(t, pyodide, lock, decodeTruth(t, run(packages, "truth.py")), true)

	site := t.TempDir()
	xpip(t, "install", "--host-from", lock, "-t", site, "msgpack", "bitarray", "jinja2")
	got := run(site, `import msgpack, msgpack._cmsgpack as c, bitarray._bitarray, jinja2; str([msgpack.unpackb(msgpack.packb([1])), c.__file__, jinja2.Template("{{ 6 * 7 }}").render()])`)
	if !strings.Contains(got, "[[1], ") || !strings.Contains(got, "_cmsgpack.cpython-314-wasm32-emscripten.so', '42']") {
		t.Errorf("Pyodide says %s", got)
	}
}

// TestLiveOwnPythons compares what is read of the Pythons of this machine, and
// of virtual environments that they make, with what they say. XPIP_PYTHONS lists
// more of them than PATH has.
func TestLiveOwnPythons(t *testing.T) {
	if os.Getenv("XPIP_LIVE") == "" {
		t.Skip("XPIP_LIVE is not set: this test installs from the real index")
	}
	packages, err := oracle()
	if err != nil {
		t.Fatal(err)
	}
	pythons := filepath.SplitList(os.Getenv("XPIP_PYTHONS"))
	if python, err := exec.LookPath("python3"); err == nil {
		pythons = append(pythons, python)
	}
	asked := 0
	for _, python := range pythons {
		// packaging 26.3 needs 3.9, and the way to a Python may be a program of its own.
		out, err := exec.Command(python, "-c", "import sys, venv; assert sys.version_info >= (3, 9) and sys.platform == 'linux'; print(sys.executable)").Output()
		if err != nil {
			t.Logf("%s is passed over: %v", python, err)
			continue
		}
		asked++
		python = strings.TrimSpace(string(out))
		t.Run(python, func(t *testing.T) {
			compareOwn(t, python, packages)
			env := filepath.Join(t.TempDir(), "env")
			if out, err := exec.Command(python, "-m", "venv", "--without-pip", env).CombinedOutput(); err != nil {
				t.Fatalf("making a virtual environment: %v\n%s", err, out)
			}
			compareOwn(t, filepath.Join(env, "bin", "python"), packages)
		})
	}
	if asked == 0 {
		t.Skip("no Python 3.9 or newer with venv is on PATH, on Linux")
	}
}

// compareOwn compares a Python of this machine, named by its interpreter and by
// its folder.
func compareOwn(t *testing.T, python, packages string) {
	t.Helper()
	cmd := exec.Command(python, "-s", "truth.py")
	cmd.Env = append(os.Environ(), "PYTHONPATH="+packages, "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", python, err)
	}
	want := decodeTruth(t, string(out))
	for _, path := range []string{python, want.Prefix} {
		facts, err := host.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		h, err := host.New(host.Options{Prefix: &facts})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		compareTags(t, h, want.Tags)
		compareMarkers(t, h, want.Markers)
		compareScheme(t, h, want)
		compareSite(t, facts, "/", want)
	}
}
