package sdist

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/sdist/hooks"
)

// TestMain lets the test binary be the trap and the sandbox's helper, as xpip
// is.
func TestMain(m *testing.M) {
	if handled, exit := Main(os.Args); handled {
		os.Exit(exit)
	}
	os.Exit(m.Run())
}

// inTree is a pyproject.toml whose backend lies in the source tree, so that
// tests need nothing but a Python.
const inTree = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['_build']\n"

// library is what the backends of the tests are written with.
const library = `
import base64, hashlib, os, subprocess, sys, sysconfig, zipfile

NATIVE_TAG = "cp%d%d-cp%d%d-linux_x86_64" % (sys.version_info[:2] * 2)

def wheel(folder, files, tag="py3-none-any", name="demo", version="1.0", requires=(), extra=""):
    info = "%s-%s.dist-info" % (name, version)
    files = dict(files)
    files[info + "/METADATA"] = "Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s%s" % (
        name, version, "".join("Requires-Dist: %s\n" % r for r in requires), extra)
    files[info + "/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: %s\nTag: %s\n" % (
        str(tag.endswith("any")).lower(), tag)
    record = ""
    file = "%s-%s-%s.whl" % (name, version, tag)
    with zipfile.ZipFile(os.path.join(folder, file), "w", zipfile.ZIP_DEFLATED) as z:
        for path, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += "%s,sha256=%s,%d\n" % (path, digest, len(data))
            z.writestr(zipfile.ZipInfo(path), data)
        z.writestr(info + "/RECORD", record + info + "/RECORD,,\n")
    return file

def compiles(*argv):
    try:
        return subprocess.run(argv or ["cc", "-O2", "-c", "src/fast.c", "-o", "fast.o"]).returncode == 0
    except OSError:
        return False
`

// sdistOf writes a source archive demo-1.0.tar.gz of an in-tree backend and
// returns its path.
func sdistOf(t testing.TB, backend string, files map[string]string) string {
	t.Helper()
	all := map[string]string{"pyproject.toml": inTree, "_build/backend.py": library + backend, "demo.py": "answer = 42\n"}
	maps.Copy(all, files)
	return archiveOf(t, "demo-1.0", all)
}

func archiveOf(t testing.TB, stem string, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := w.WriteHeader(&tar.Header{Name: stem + "/" + name, Mode: 0o644, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), stem+".tar.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// provisioner is a Provisioner that writes modules it was given instead of
// installing anything.
type provisioner struct {
	mu      sync.Mutex
	calls   [][]string
	modules map[string]string
	hook    func(ctx context.Context, requires []string) error
}

func (p *provisioner) Provision(ctx context.Context, dir string, requires []string, python *BuildPython) error {
	p.mu.Lock()
	p.calls = append(p.calls, slices.Clone(requires))
	p.mu.Unlock()
	for name, text := range p.modules {
		file := filepath.Join(dir, filepath.FromSlash(python.Purelib), name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if p.hook != nil {
		return p.hook(ctx, requires)
	}
	return nil
}

// machinePython is a Python of this machine, looked for once.
var machinePython = sync.OnceValues(func() (*BuildPython, error) {
	return hooks.Describer(host.Native).Find(context.Background(), filepath.SplitList(os.Getenv("PATH")), 13)
})

// needPython skips a test where there is no Python to build with.
func needPython(t testing.TB) {
	t.Helper()
	if _, err := machinePython(); err != nil {
		t.Skipf("needs a Python: %v", err)
	}
}

func newBuilder(t testing.TB, c Config, p Provisioner) *Builder {
	t.Helper()
	if c.TempDir == "" {
		c.TempDir = t.TempDir()
	}
	if c.LogDir == "" {
		c.LogDir = t.TempDir()
	}
	if p == nil {
		p = &provisioner{}
	}
	if python, err := machinePython(); err == nil && c.Python == "" && c.Path == nil {
		c.Python = python.Executable
	}
	b, err := New(c, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func hostOf(t testing.TB, platform, python string) *host.Host {
	t.Helper()
	h, err := host.New(host.Options{Platforms: []string{platform}, PythonVersion: python})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func iPhone(t testing.TB) *host.Host { return hostOf(t, "ios_13_0_arm64", "3.13") }

// build builds demo 1.0 of an archive for an iPhone.
func build(t testing.TB, b *Builder, archive string) (*Result, error) {
	t.Helper()
	return b.Build(t.Context(), Request{Archive: archive, Name: "demo", Version: "1.0", Host: iPhone(t), FromIndex: true}, t.TempDir())
}

// readLog returns a log, and checks that it can be shown.
func readLog(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsAny(b, "\x1b\x07\r") {
		t.Errorf("the log has control characters")
	}
	return string(b)
}

func contains(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}

// folders are a search path.
func folders(path ...string) func() []string { return func() []string { return path } }
