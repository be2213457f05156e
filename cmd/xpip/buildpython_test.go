package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// onPath runs a command line at a fresh place with a PATH of one folder.
func (b *bench) onPath(t *testing.T, dir string, args ...string) (output string, err error) {
	t.Helper()
	p := place{path: filepath.Join(t.TempDir(), "out"), layout: "target"}
	cmd := b.command(b.at(p, args...)...)
	cmd.Env = append(cmd.Env, "PATH="+dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestBuiltBeforeRunsNothing: what was built before is installed again without
// running a program, as long as the Python is the one that answered.
func TestBuiltBeforeRunsNothing(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("needs a Python 3 and files that can't be run")
	}
	b := newBench(t)
	env := filepath.Join(b.dir, "env") // of copies: no link leads out of it
	if out, err := exec.Command(python, "-m", "venv", "--copies", "--without-pip", env).CombinedOutput(); err != nil {
		t.Skipf("making a virtual environment: %v\n%s", err, out)
	}
	bin := filepath.Join(env, "bin")
	args := []string{"install", "--no-deps", "--build-sandbox", "off", b.sdist(t)}
	out, err := b.onPath(t, bin, args...)
	if err != nil {
		t.Skipf("nothing can be built here:\n%s", out)
	}
	if !strings.Contains(out, "Building built") {
		t.Fatalf("nothing was built:\n%s", out)
	}
	programs, err := filepath.Glob(filepath.Join(bin, "python*"))
	if err != nil || len(programs) == 0 {
		t.Fatal("the environment has no Python", err)
	}
	for _, program := range programs {
		if err := os.Chmod(program, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := b.onPath(t, bin, args...); err != nil || strings.Contains(out, "Building") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, program := range programs {
		if err := os.Chtimes(program, time.Time{}, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := b.onPath(t, bin, args...); err == nil || !strings.Contains(out, "no Python to build with") {
		t.Errorf("another Python was not asked: %v\n%s", err, out)
	}
}

// TestNoPythonIsLeftRunning: a Python is asked while the sdist comes here, a
// refusal that the files tell does not wait for its answer, and it ends with the
// command.
func TestNoPythonIsLeftRunning(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	b := newBench(t)
	bin := t.TempDir()
	started := filepath.Join(bin, "started")
	script := "#!/bin/sh\necho $$ > " + started + ".new\n/bin/mv " + started + ".new " + started + "\nexec /bin/sleep 1000\n"
	if err := os.WriteFile(filepath.Join(bin, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	archive := b.archive(t, map[string]string{
		"PKG-INFO":       "Metadata-Version: 2.2\nName: built\nVersion: 1.0\n",
		"pyproject.toml": "[build-system]\nrequires = ['maturin']\nbuild-backend = 'maturin'\n",
		"Cargo.toml":     "[package]\nname = 'built'\n",
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Method == http.MethodGet && r.Context().Err() == nil {
			if _, err := os.Stat(started); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		http.ServeFile(w, r, archive)
	}))
	t.Cleanup(server.Close)
	out, err := b.onPath(t, bin, "install", server.URL+"/built-1.0.tar.gz")
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || !strings.Contains(out, "needs a compiler") {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(started)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(number)
	if err == nil && process.Signal(syscall.Signal(0)) == nil {
		t.Errorf("process %d goes on", number)
	}
}
