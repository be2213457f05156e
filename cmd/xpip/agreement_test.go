package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// agreement is a virtual environment with packages in it, which pip and xpip
// look at in turn.
type agreement struct {
	xpip, python string // the programs; python has pip
	index        string // URL
	venv         string
}

// newAgreement makes a virtual environment without pip. The test is skipped
// when there is no pip to compare with.
func newAgreement(t *testing.T) *agreement {
	t.Helper()
	a := &agreement{python: peer(t, "python")}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a.xpip, a.venv = filepath.Join(dir, "xpip"), filepath.Join(dir, "venv")
	if out, err := exec.Command("go", "build", "-o", a.xpip, ".").CombinedOutput(); err != nil {
		t.Fatalf("building xpip: %v\n%s", err, out)
	}
	a.demand(t, a.python, "-m", "venv", "--without-pip", a.venv)
	server := httptest.NewServer(indexes(t))
	t.Cleanup(server.Close)
	a.index = server.URL + "/pypi/simple/"
	t.Setenv("VIRTUAL_ENV", a.venv)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "PIP_") {
			t.Setenv(name, "") // whatever is configured here
		}
	}
	t.Setenv("PIP_CONFIG_FILE", os.DevNull)
	return a
}

func (a *agreement) demand(t *testing.T, argv ...string) {
	t.Helper()
	if stdout, stderr, code := execute(t, argv...); code != 0 {
		t.Fatalf("%v: exit %d\n%s%s", argv, code, stdout, stderr)
	}
}

// pip runs pip on the environment.
func (a *agreement) pip(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	stdout, _, code = execute(t, append([]string{a.python, "-m", "pip", "--python", a.venv}, args...)...)
	return stdout, code
}

func (a *agreement) ours(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	stdout, _, code = execute(t, append([]string{a.xpip}, args...)...)
	return stdout, code
}

// same runs a command line with both and compares what they print and return.
// The lines of check come in no particular order from pip.
func (a *agreement) same(t *testing.T, args ...string) {
	t.Helper()
	want, wantCode := a.pip(t, args...)
	got, gotCode := a.ours(t, args...)
	if args[0] == "check" {
		want, got = sortedLines(want), sortedLines(got)
	}
	if diff := cmp.Diff(want, got); diff != "" || wantCode != gotCode {
		t.Errorf("%v: pip exits %d, xpip %d; - pip, + xpip:\n%s", args, wantCode, gotCode, diff)
	}
}

func sortedLines(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// sameReport compares the reports of inspect, less our own key. pip lists the
// distributions in the order of the folder.
func (a *agreement) sameReport(t *testing.T, args ...string) {
	t.Helper()
	read := func(text string, code int) map[string]any {
		var report map[string]any
		if err := json.Unmarshal([]byte(text), &report); err != nil || code != 0 {
			t.Fatalf("inspect %v: exit %d, %v\n%s", args, code, err, text)
		}
		list := report["installed"].([]any)
		slices.SortFunc(list, func(a, b any) int {
			return strings.Compare(a.(map[string]any)["metadata_location"].(string), b.(map[string]any)["metadata_location"].(string))
		})
		return report
	}
	args = append([]string{"inspect"}, args...)
	want, got := read(a.pip(t, args...)), read(a.ours(t, args...))
	delete(got, "xpip")
	delete(got, "pip_version") // that of the pip we follow
	delete(want, "pip_version")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inspect: - pip, + xpip:\n%s", diff)
	}
}

// library is the folder in which packages lie.
func (a *agreement) library(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(a.venv, "lib", "python*", "site-packages"))
	if err != nil || len(found) != 1 {
		t.Fatalf("site-packages: %v, %v", found, err)
	}
	return found[0]
}

// lookedAt compares every command that looks at the environment.
func (a *agreement) lookedAt(t *testing.T) {
	t.Helper()
	for _, where := range [][]string{nil, {"--path", a.library(t)}} {
		for _, args := range [][]string{
			{"list"}, {"list", "-v"}, {"list", "--format", "json"}, {"list", "--format", "json", "-v"},
			{"list", "--format", "freeze", "-v"}, {"list", "--not-required"}, {"list", "--exclude", "click", "--editable"},
			{"freeze"}, {"freeze", "--all"}, {"freeze", "--exclude", "click"},
		} {
			a.same(t, append(args, where...)...)
		}
		a.sameReport(t, where...)
	}
	all := []string{"uvicorn", "click", "attrs", "urllib3", "Boto.Old", "jinja2", "old-thing", "nothing-there"}
	a.same(t, append([]string{"show"}, all...)...)
	a.same(t, append([]string{"show", "-f", "-v"}, all...)...)
	a.same(t, "show", "nothing-there")
	a.same(t, "check")
}

// packages do not fit together, so that check has something to say.
var packages = []string{"uvicorn", "click", "attrs", "urllib3==2.5.0", "boto-old==1.9", "jinja2"}

// TestAgreementOnOurs has pip and xpip look at what xpip installed.
func TestAgreementOnOurs(t *testing.T) {
	a := newAgreement(t)
	a.same(t, "list")
	a.same(t, "check")
	a.demand(t, append([]string{a.xpip, "install", "--no-deps", "-i", a.index}, packages...)...)
	wheels := filepath.Join(t.TempDir(), "wheels")
	a.demand(t, a.xpip, "download", "--no-deps", "-i", a.index, "-d", wheels, "colorama")
	a.demand(t, a.xpip, "install", filepath.Join(wheels, "colorama-0.4.6-py2.py3-none-any.whl"))
	a.older(t)
	a.lookedAt(t)
	a.uninstalled(t)
}

// TestAgreementOnPips has them look at what pip installed.
func TestAgreementOnPips(t *testing.T) {
	a := newAgreement(t)
	argv := []string{"install", "--no-deps", "--no-cache-dir", "-i", a.index}
	if out, code := a.pip(t, append(argv, packages...)...); code != 0 {
		t.Fatalf("pip install: exit %d\n%s", code, out)
	}
	a.lookedAt(t)
	a.uninstalled(t)
}

// older puts into the environment what setuptools installed before there were
// wheels.
func (a *agreement) older(t *testing.T) {
	t.Helper()
	info := filepath.Join(a.library(t), "Old_Thing-1.0.egg-info")
	if err := os.Mkdir(info, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"PKG-INFO":     "Metadata-Version: 2.1\nName: Old.Thing\nVersion: 1.0\n",
		"requires.txt": "click>99\n\n[:python_version>\"3\"]\nabsent\n\n[:python_version<\"3\"]\nnot-here\n",
	} {
		if err := os.WriteFile(filepath.Join(info, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// uninstalled removes the same with both, and compares what they say and what
// is left.
func (a *agreement) uninstalled(t *testing.T) {
	t.Helper()
	kept := filepath.Join(t.TempDir(), "kept")
	a.demand(t, "cp", "-a", a.venv, kept)
	args := []string{"uninstall", "-y", "uvicorn", "nothing-there", "Jinja2", "boto.old"}
	said, code := a.pip(t, args...)
	want := files(t, a.venv)
	a.demand(t, "rm", "-r", a.venv)
	a.demand(t, "mv", kept, a.venv)
	got, gotCode := a.ours(t, args...)
	if diff := cmp.Diff(said, got); diff != "" || code != gotCode {
		t.Errorf("uninstall: pip exits %d, xpip %d; - pip, + xpip:\n%s", code, gotCode, diff)
	}
	if diff := cmp.Diff(want, files(t, a.venv)); diff != "" {
		t.Errorf("uninstall left: - pip, + xpip:\n%s", diff)
	}
	a.same(t, "check")
	a.same(t, "list")
}

// files are the files below root, sorted.
func files(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, strings.TrimPrefix(path, root))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
