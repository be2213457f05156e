package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestPythonBehindScript has a version manager's script stand where the Python
// is: what it leads to can change while the script stays the same, so that an
// answer must not be kept.
func TestPythonBehindScript(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("needs a Python 3 and scripts that stand for programs")
	}
	xpip, err := exec.LookPath("xpip")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"one", "two"} {
		if out, err := exec.Command(python, "-m", "venv", "--without-pip", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Skipf("making a virtual environment: %v\n%s", err, out)
		}
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nread -r which < " + filepath.Join(dir, "which") + "\nexec " + dir + "/$which/bin/python \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"one", "two", "one"} {
		if err := os.WriteFile(filepath.Join(dir, "which"), []byte(name+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(xpip, "debug")
		cmd.Env = append(os.Environ(), "PATH="+bin, "VIRTUAL_ENV=", "XPIP_CACHE_DIR="+filepath.Join(dir, "cache"), "PIP_CONFIG_FILE="+os.DevNull)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, name) + string(filepath.Separator); !strings.Contains(string(out), want) {
			t.Errorf("with the script leading to %s, xpip debug does not mention %s:\n%s", name, want, out)
		}
	}
}
