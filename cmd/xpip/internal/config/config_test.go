package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine is a build machine whose home, system and variables are the test's.
func machine(t *testing.T, files map[string]string, vars ...string) Machine {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"XDG_CONFIG_DIRS": filepath.Join(root, "xdg")}
	for _, pair := range vars {
		for i := range pair {
			if pair[i] == '=' {
				env[pair[:i]] = pair[i+1:]
				break
			}
		}
	}
	if file := env["PIP_CONFIG_FILE"]; file != "" && file != os.DevNull {
		env["PIP_CONFIG_FILE"] = filepath.Join(root, file)
	}
	return Machine{
		OS: "linux", Home: filepath.Join(root, "home"), Etc: filepath.Join(root, "etc"), Vars: vars,
		Getenv: func(name string) (string, bool) { value, ok := env[name]; return value, ok },
	}
}

func values(t *testing.T, m Machine, isolated bool, command string) map[string]string {
	t.Helper()
	s, err := Load(m, isolated)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, item := range s.For(command) {
		out[item.Key] = item.Value
	}
	return out
}

func TestOrder(t *testing.T) {
	files := map[string]string{
		"xdg/pip/pip.conf":          "[global]\nindex-url = global\ntimeout = 1\nretries=1\n[install]\nretries = 9\n",
		"home/.pip/pip.conf":        "[global]\nindex_url: legacy\n",
		"home/.config/pip/pip.conf": "[global]\n--timeout = 3\n[download]\nindex-url = for-download\n",
		"other.conf":                "[global]\ntimeout = 4\nno-index =\n",
	}
	cases := []struct {
		name     string
		vars     []string
		isolated bool
		command  string
		want     map[string]string
	}{
		{"user over global, command over global section", nil, false, "install",
			map[string]string{"index-url": "legacy", "timeout": "3", "retries": "9"}},
		{"another command's section", nil, false, "download",
			map[string]string{"index-url": "for-download", "timeout": "3", "retries": "1"}},
		{"the environment over all", []string{"PIP_INDEX_URL=env", "PIP_VERSION=x", "OTHER=y"}, false, "install",
			map[string]string{"index-url": "env", "timeout": "3", "retries": "9"}},
		{"PIP_CONFIG_FILE replaces the user's", []string{"PIP_CONFIG_FILE=other.conf"}, false, "install",
			map[string]string{"config-file": "other.conf", "index-url": "global", "timeout": "4", "retries": "9"}},
		{"the null device is no file at all", []string{"PIP_CONFIG_FILE=" + os.DevNull}, false, "install",
			map[string]string{"config-file": os.DevNull}},
		{"isolated: neither variables nor the user's files", []string{"PIP_INDEX_URL=env"}, true, "install",
			map[string]string{"index-url": "global", "timeout": "1", "retries": "9"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := values(t, machine(t, files, c.vars...), c.isolated, c.command)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestINI(t *testing.T) {
	text := "\ufeff; comment\n[global]\nfind-links =\n    one\n    # not a value\n    two\n\n  three\nextra-index-url = a%20b ; kept\nUPPER_Case: x = y\n"
	items, _, err := parseINI(text)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, item := range items {
		got[item.Key] = item.Value
	}
	want := map[string]string{"find-links": "\none\ntwo\n\nthree", "extra-index-url": "a%20b ; kept", "upper-case": "x = y"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBadFile(t *testing.T) {
	for name, text := range map[string]string{
		"no section":   "timeout = 1\n",
		"twice":        "[global]\ntimeout = 1\ntimeout = 2\n",
		"section":      "[global]\n[global]\n",
		"no separator": "[global]\ntimeout\n",
		"bracket":      "[global\n",
		"bytes":        "[global]\nx = \xff\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(machine(t, map[string]string{"home/.pip/pip.conf": text}), false)
			var bad *FileError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want a FileError", err)
			}
		})
	}
}

func FuzzINI(f *testing.F) {
	f.Add("[global]\nindex-url = x\n  y\n")
	f.Fuzz(func(t *testing.T, text string) {
		items, line, err := parseINI(text)
		if err != nil && (line < 0 || len(items) > 0) {
			t.Errorf("line %d and %d items with error %v", line, len(items), err)
		}
		for _, item := range items {
			if item.Section == "" || item.Key == "" {
				t.Errorf("item without section or key: %+v", item)
			}
		}
	})
}
