package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xpip/xpip/requirements/pylock"
)

// TestLockAgreement has pip and xpip lock the same for the build machine, and
// each install by the other's lock.
func TestLockAgreement(t *testing.T) {
	a := newAgreement(t)
	dir := t.TempDir()
	t.Chdir(dir)
	project := "[dependency-groups]\ntest = ['click', {include-group = 'more'}]\nmore = ['urllib3']\n"
	if err := os.WriteFile("pyproject.toml", []byte(project), 0o644); err != nil {
		t.Fatal(err)
	}
	script := "# /// script\n# dependencies = ['attrs']\n# ///\n"
	if err := os.WriteFile("tool.py", []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"lock", "-i", a.index, "uvicorn", "boto-old==1.9", "--group", "test", "--requirements-from-script", "tool.py"}
	a.demand(t, append([]string{a.xpip}, append(args, "-o", "pylock.ours.toml")...)...)
	if _, code := a.pip(t, append(args, "-o", "pylock.pips.toml")...); code != 0 {
		t.Fatalf("pip lock: exit %d", code)
	}
	if diff := cmp.Diff(locked(t, "pylock.pips.toml"), locked(t, "pylock.ours.toml")); diff != "" {
		t.Errorf("- pip, + xpip:\n%s", diff)
	}
	if _, code := a.pip(t, "install", "--no-index", "--target", "by-pip", "-r", "pylock.ours.toml"); code != 0 {
		t.Errorf("pip install -r pylock.ours.toml: exit %d", code)
	}
	a.demand(t, a.xpip, "install", "--no-index", "--target", "by-xpip", "-r", "pylock.pips.toml")
	want, got := distributions(t, "by-pip"), distributions(t, "by-xpip")
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("- pip, + xpip:\n%s", diff)
	}
	for _, bad := range []string{
		"lock-version = '2.0'\ncreated-by = 'x'\npackages = []\n",
		"lock-version = '1.0'\ncreated-by = 'x'\nrequires-python = '>=4'\npackages = []\n",
		"lock-version = '1.0'\ncreated-by = 'x'\nenvironments = ['sys_platform == \"ios\"']\npackages = []\n",
		"lock-version = '1.0'\npackages = []\n",
	} {
		if err := os.WriteFile("pylock.bad.toml", []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, pip := range []bool{true, false} {
			run := a.ours
			if pip {
				run = a.pip
			}
			if _, code := run(t, "install", "--no-index", "--target", "bad", "-r", "pylock.bad.toml"); code != 1 {
				t.Errorf("pip: %v, exit %d\n%s", pip, code, bad)
			}
		}
	}
}

// locked is what a lock lists: the hash of the file by name and version.
func locked(t *testing.T, name string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	l, err := pylock.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	out := map[string]string{}
	for _, p := range l.Packages {
		for _, w := range p.Wheels {
			out[p.Name+" "+p.Version.String()+" "+w.Name] = w.Hashes["sha256"]
		}
	}
	return out
}

func distributions(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*.dist-info"))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range found {
		found[i] = filepath.Base(path)
	}
	return found
}
