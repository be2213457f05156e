//go:build linux

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// maxResident is what xpip may keep in memory at its peak, in bytes, whatever
// the size of what it reads.
const maxResident = 200 << 20

// TestBig installs a wheel of 2 GB, and gives xpip 1 GB of everything that it
// reads as a whole. It needs some 8 GB of disk and minutes, so it runs on demand:
// XPIP_TEST_BIG=1.
func TestBig(t *testing.T) {
	if os.Getenv("XPIP_TEST_BIG") == "" {
		t.Skip("XPIP_TEST_BIG is not set: this needs 8 GB of disk")
	}
	lab := newBigLab(t)
	t.Run("wheel of 2 GB", func(t *testing.T) {
		wheel := filepath.Join(lab.dir, "big-1.0-py3-none-any.whl")
		members := writeBigWheel(t, wheel)
		server := httptest.NewServer(http.FileServer(http.Dir(lab.dir)))
		defer server.Close()
		for i, args := range [][]string{{wheel}, {"--find-links", server.URL + "/", "big"}} {
			into := filepath.Join(lab.dir, fmt.Sprint("into", i))
			if said, code := lab.install(t, into, args...); code != 0 {
				t.Fatalf("%q: exit code %d\n%s", args, code, said)
			}
			entries, err := os.ReadDir(filepath.Join(into, "big"))
			if err != nil || len(entries) != members {
				t.Errorf("%d of %d files, %v", len(entries), members, err)
			}
			if err := os.RemoveAll(into); err != nil {
				t.Fatal(err)
			}
		}
	})
	server := httptest.NewServer(http.HandlerFunc(endless))
	defer server.Close()
	inputs := lab.files(t)
	for name, args := range map[string][]string{
		"page in HTML":                   {"-i", server.URL + "/html/", "demo"},
		"page in JSON":                   {"-i", server.URL + "/json/", "demo"},
		"metadata beside a file":         {"-i", server.URL + "/sidecar/", "demo"},
		"requirements.txt":               {"--no-index", "-r", inputs + "/requirements.txt"},
		"requirements.txt of one line":   {"--no-index", "-r", inputs + "/line.txt"},
		"constraints.txt":                {"--no-index", "-c", inputs + "/requirements.txt", "demo"},
		"requirements.txt from a server": {"--no-index", "-r", server.URL + "/text/requirements.txt"},
		"pylock.toml":                    {"--no-index", "-r", inputs + "/pylock.toml"},
		"pyproject.toml":                 {"--no-index", inputs + "/project"},
		"METADATA":                       {"--no-index", inputs + "/demo-1.0-py3-none-any.whl"},
	} {
		t.Run(name, func(t *testing.T) {
			said, code := lab.install(t, filepath.Join(lab.dir, "none"), args...)
			if code == 0 || said == "" {
				t.Errorf("exit code %d\n%.2000s", code, said)
			}
			t.Logf("%.300s", said)
		})
	}
}

type bigLab struct{ dir, program string }

func newBigLab(t *testing.T) *bigLab {
	t.Helper()
	program, err := exec.LookPath("xpip")
	if err != nil {
		t.Fatal(err)
	}
	return &bigLab{t.TempDir(), program}
}

// install runs `xpip install` and fails when it took too much memory.
func (l *bigLab) install(t *testing.T, into string, args ...string) (said string, code int) {
	t.Helper()
	args = append([]string{"install", "--no-input", "--platform", "manylinux_2_28_x86_64", "--python-version", "3.13", "--target", into}, args...)
	cmd := exec.Command(l.program, args...)
	cmd.Env = []string{"HOME=" + l.dir, "XDG_CACHE_HOME=" + filepath.Join(l.dir, "cache"), "TMPDIR=" + l.dir, "PIP_CONFIG_FILE=" + os.DevNull, "PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	t.Logf("peak of resident memory: %d MiB, %v", usage.Maxrss>>10, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if usage.Maxrss<<10 > maxResident {
		t.Errorf("%d MiB of memory", usage.Maxrss>>10)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// writeBigWheel writes a wheel of 2 GB: a file of 1 GB stored, 400 of 2 MB
// deflated, and 20,000 of 10 kB. It returns how many files the package has.
func writeBigWheel(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bigWriter{t: t, zip: zip.NewWriter(f), random: rand.NewChaCha8([32]byte{7})}
	w.add("big/huge.bin", zip.Store, 1<<30)
	for i := range 400 {
		w.add(fmt.Sprintf("big/deflated%d.bin", i), zip.Deflate, 2<<20)
	}
	for i := range 20_000 {
		w.add(fmt.Sprintf("big/small%d.bin", i), zip.Store, 10_000)
	}
	w.text("big-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: big\nVersion: 1.0\n")
	w.text("big-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	w.text("big-1.0.dist-info/RECORD", w.record.String()+"big-1.0.dist-info/RECORD,,\n")
	if err := w.zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return 20_401
}

type bigWriter struct {
	t      *testing.T
	zip    *zip.Writer
	random *rand.ChaCha8
	record bytes.Buffer
}

// add adds a file of size random bytes.
func (w *bigWriter) add(name string, method uint16, size int64) {
	w.from(name, method, io.LimitReader(w.random, size), size)
}

func (w *bigWriter) text(name, content string) {
	w.from(name, zip.Deflate, strings.NewReader(content), int64(len(content)))
}

func (w *bigWriter) from(name string, method uint16, r io.Reader, size int64) {
	w.t.Helper()
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, sum), r); err != nil {
		w.t.Fatal(err)
	}
	fmt.Fprintf(&w.record, "%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum.Sum(nil)), size)
}

// gigabyte repeats text until there is 1 GB of it.
func gigabyte(w io.Writer, text string) error {
	block := bytes.Repeat([]byte(text), 1<<20/len(text)+1)
	for written := 0; written < 1<<30; written += len(block) {
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// endless answers everything with 1 GB that begins well.
func endless(w http.ResponseWriter, r *http.Request) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	const file = "demo-1.0-py3-none-any.whl"
	switch {
	case kind == "html":
		w.Header().Set("Content-Type", "text/html")
		_ = gigabyte(w, `<a href="demo-1.0-py3-none-any.whl">demo-1.0-py3-none-any.whl</a>`+"\n") // until it hangs up
	case kind == "json":
		w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
		_, _ = io.WriteString(w, `{"meta": {"api-version": "1.0"}, "name": "demo", "files": [`)
		_ = gigabyte(w, `{"filename": "`+file+`", "url": "`+file+`", "hashes": {}},`)
	case kind == "sidecar" && rest == "demo/":
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<a href="%s" data-core-metadata="true">%s</a>`, file, file)
	default:
		_ = gigabyte(w, "Requires-Dist: a\n")
	}
}

// files writes 1 GB of each kind of file, and returns their folder.
func (l *bigLab) files(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(l.dir, "inputs")
	if err := os.MkdirAll(filepath.Join(dir, "project"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][2]string{
		"requirements.txt": {"", "demo==1.0 # and so on\n"}, "line.txt": {"demo", ",!=1.0"},
		"pylock.toml":            {"lock-version = '1.0'\ncreated-by = 'x'\n", "[[packages]]\nname = 'demo'\nversion = '1.0'\n"},
		"project/pyproject.toml": {"[build-system]\nrequires = []\n", "[tool.x]\n"},
	} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, text[0]); err != nil {
			t.Fatal(err)
		}
		if err := gigabyte(f, text[1]); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	l.bigMetadata(t, filepath.Join(dir, "demo-1.0-py3-none-any.whl"))
	return dir
}

func (l *bigLab) bigMetadata(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bigWriter{t: t, zip: zip.NewWriter(f), random: rand.NewChaCha8([32]byte{7})}
	head := "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n"
	r, pipe := io.Pipe()
	go func() { pipe.CloseWithError(gigabyte(pipe, "a description that deflates\n")) }()
	w.from("demo-1.0.dist-info/METADATA", zip.Store, io.MultiReader(strings.NewReader(head), r), 0)
	w.text("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	w.text("demo-1.0.dist-info/RECORD", w.record.String()+"demo-1.0.dist-info/RECORD,,\n")
	if err := w.zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
