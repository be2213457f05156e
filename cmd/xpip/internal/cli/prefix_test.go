package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xpip/xpip/installer"
)

func TestSchemeOf(t *testing.T) {
	cases := []struct {
		library, python, purelib, scripts string // purelib "" is no scheme at all
	}{
		{"lib/python3.13/site-packages", "3.13", "lib/python3.13/site-packages", "bin"},
		{"lib/python3.13t/site-packages", "3.13t", "lib/python3.13t/site-packages", "bin"},
		{"lib64/python3.9/site-packages", "3.9", "lib/python3.9/site-packages", "bin"},
		{"lib/pypy3.11/site-packages", "3.11", "lib/pypy3.11/site-packages", "bin"},
		{"Lib/site-packages", "", "Lib/site-packages", "Scripts"},
		{"lib/python3/dist-packages", "", "", ""},
		{"lib/python3.13/site-packages/x", "", "", ""},
		{"site-packages", "", "", ""},
		{"lib/python3.x/site-packages", "", "", ""},
	}
	for _, c := range cases {
		at, ok := schemeOf(t.TempDir(), c.library)
		if ok != (c.purelib != "") || at.python != c.python || at.scheme.Purelib != c.purelib || at.scheme.Scripts != c.scripts {
			t.Errorf("%s: %v %+v", c.library, ok, at)
		}
	}
}

// TestLibraries finds the schemes that a prefix shows, whatever its own name
// would mean in a pattern.
func TestLibraries(t *testing.T) {
	cases := []struct {
		folders []string
		want    []string // Python versions
		platlib string   // of the first
	}{
		{nil, nil, ""},
		{[]string{"lib/python3.14/site-packages"}, []string{"3.14"}, "lib/python3.14/site-packages"},
		{[]string{"lib/python3.14/site-packages", "lib64/python3.14/site-packages"}, []string{"3.14"}, "lib64/python3.14/site-packages"},
		{[]string{"lib/python3.14/site-packages", "lib/python3.9/site-packages"}, []string{"3.14", "3.9"}, "lib/python3.14/site-packages"},
		{[]string{"lib/python3.14"}, nil, ""},
		{[]string{"Lib/site-packages"}, []string{""}, "Lib/site-packages"},
	}
	for _, c := range cases {
		prefix := filepath.Join(t.TempDir(), "a[b]*c")
		for _, folder := range c.folders {
			if err := os.MkdirAll(filepath.Join(prefix, filepath.FromSlash(folder)), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		found := libraries(prefix)
		var got []string
		for _, at := range found {
			got = append(got, at.python)
		}
		if !slices.Equal(got, c.want) || len(found) > 0 && found[0].scheme.Platlib != c.platlib {
			t.Errorf("%v: %+v, want %v", c.folders, found, c.want)
		}
	}
}

func TestWiden(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	library := filepath.Join(root, "venv", "lib", "python3.14", "site-packages")
	if err := os.MkdirAll(library, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "link")
	if err := os.Symlink(library, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	flat := location{layout: installer.TargetLayout}
	for path, want := range map[string]string{
		library: filepath.Join(root, "venv"), link: filepath.Join(root, "venv"),
		root: root, filepath.Join(root, "absent"): filepath.Join(root, "absent"),
	} {
		at := flat
		at.path = path
		if got := at.widen(); got.path != want {
			t.Errorf("%s: %s, want %s", path, got.path, want)
		}
	}
	own := location{path: library, layout: installer.PrefixLayout}
	if got := own.widen(); got.path != library {
		t.Errorf("a prefix became %s", got.path)
	}
}
