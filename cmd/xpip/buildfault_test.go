package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// backend is a build backend that needs nothing but Python.
const backend = `import base64, hashlib, os, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    files = {
        "built/__init__.py": "built = True\n" * 400,
        "built-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: built\nVersion: 1.0\n",
        "built-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = ""
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows += "%s,sha256=%s,%d\n" % (name, digest, len(text))
    files["built-1.0.dist-info/RECORD"] = rows + "built-1.0.dist-info/RECORD,,\n"
    with zipfile.ZipFile(os.path.join(directory, "built-1.0-py3-none-any.whl"), "w") as z:
        for name, text in files.items():
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text)
    return "built-1.0-py3-none-any.whl"
`

// sdist writes a source archive of a project with that backend.
func (b *bench) sdist(t *testing.T) string {
	t.Helper()
	return b.archive(t, map[string]string{
		"PKG-INFO":       "Metadata-Version: 2.2\nName: built\nVersion: 1.0\n",
		"pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n",
		"backend.py":     backend,
	})
}

// archive writes built-1.0.tar.gz with the files and returns its path.
func (b *bench) archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := w.WriteHeader(&tar.Header{Name: "built-1.0/" + name, Mode: 0o644, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(b.dir, "built-1.0.tar.gz")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestKillWhileBuilding has the program die at system calls by which it changes
// a cache while it builds a wheel from source. What the cache has then is whole: the
// next run makes the right tree.
func TestKillWhileBuilding(t *testing.T) {
	// The program itself, not what a version manager puts before it: that needs a PATH.
	asked, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Skip("builds need a Python 3")
	}
	python := strings.TrimSpace(string(asked))
	b := newBench(t)
	args := []string{"install", "--no-deps", "--build-python", python, "--build-sandbox", "off", b.sdist(t)}
	tr := &trial{bench: b, operation: operation{args: args}, layout: "target"}
	p := tr.copy(t)
	if out, code := b.run(t, p, args...); code != 0 {
		if strings.Contains(out, "Python") {
			t.Skipf("nothing can be built here:\n%s", out)
		}
		t.Fatalf("exit %d\n%s", code, out)
	}
	want := snapshot(t, p.path)
	total, _ := tr.killedInCache(t, 0)
	for _, at := range points(total, 5) {
		_, p := tr.killedInCache(t, at)
		out := b.must(t, p, args...)
		if got := snapshot(t, p.path); got != want {
			t.Fatal(fmt.Sprintf("killed at call %d of %d: the next run left", at, total), got, out)
		}
		b.must(t, p, "check")
	}
	t.Logf("%d system calls change the cache", total)
}
