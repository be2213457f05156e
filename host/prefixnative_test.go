package host

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// buildPythons are the Pythons of this machine: those on PATH, and pyenv's.
func buildPythons(t *testing.T) []string {
	var found []string
	for _, name := range []string{"python3", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14", "python3.14t", "python3.15"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	roots := []string{os.Getenv("PYENV_ROOT")}
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(home, ".pyenv"))
	}
	for _, root := range roots {
		versions, _ := filepath.Glob(filepath.Join(root, "versions", "*", "bin", "python3"))
		if root != "" {
			found = append(found, versions...)
		}
	}
	var real []string
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err == nil && strings.HasPrefix(string(text[:min(len(text), 2)]), "#!") {
			continue // a version manager's script, that is in no environment
		}
		if resolved, err := filepath.EvalSymlinks(path); err == nil && !slices.Contains(real, resolved) {
			real = append(real, resolved)
		}
	}
	if len(real) == 0 {
		t.Skip("there is no Python on this machine to compare with")
	}
	return real
}

// TestReadIsWhatPythonSays compares what the files of this machine's Pythons
// say with what these say of themselves when they are run.
func TestReadIsWhatPythonSays(t *testing.T) {
	for _, python := range buildPythons(t) {
		t.Run(python, func(t *testing.T) {
			t.Parallel()
			compareWithNative(t, python, python)
			venv := filepath.Join(t.TempDir(), "venv")
			if out, err := exec.Command(python, "-m", "venv", "--without-pip", venv).CombinedOutput(); err != nil {
				t.Logf("no virtual environment: %v: %s", err, out)
				return
			}
			compareWithNative(t, venv, filepath.Join(venv, "bin", "python"))
		})
	}
}

func compareWithNative(t *testing.T, path, python string) {
	t.Helper()
	want, err := Native(t.Context(), python)
	if err != nil {
		t.Skip(err)
	}
	facts, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if facts.Root != "" {
		t.Errorf("%s: this machine has the root %q", path, facts.Root)
	}
	got, err := New(Options{Prefix: &facts})
	if err != nil {
		t.Fatalf("%v, of %+v", err, facts)
	}
	if !slices.Equal(got.Tags(), want.Tags()) {
		t.Errorf("%s: %d tags, %d of the Python: %v … and %v …", path, len(got.Tags()), len(want.Tags()), got.Tags()[:3], want.Tags()[:3])
	}
	if got.Python() != want.Python() || got.Implementation() != want.Implementation() || got.FreeThreaded() != want.FreeThreaded() || !slices.Equal(got.ABIs(), want.ABIs()) {
		t.Errorf("%s: %+v %v, the Python says %+v %v", path, got.Python(), got.ABIs(), want.Python(), want.ABIs())
	}
	for _, name := range want.Environment().Names() {
		a, _ := got.Environment().Get(name)
		b, _ := want.Environment().Get(name)
		if name == "platform_release" || name == "platform_version" {
			if a.Known {
				t.Errorf("%s: %s cannot be known of files", path, name)
			}
		} else if a.Text != b.Text || !a.Known {
			t.Errorf("%s: %s is %+v, the Python says %+v", path, name, a, b)
		}
	}
	scheme, own := got.Scheme(), want.Scheme()
	if facts.Virtual { // pip has a place of its own for headers there
		own.Headers = scheme.Headers
	}
	own.Data = scheme.Data // is the probe's prefix
	if scheme != own {
		t.Errorf("%s: scheme %+v, the Python's is %+v", path, scheme, own)
	}
}
