package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var projectOptions = map[string]Option{
	"marker":       {Kind: List},
	"exact":        {Kind: Switch},
	"strategy":     {Allowed: []string{"merge", "first-index"}},
	"timeout":      {Kind: Integer},
	"sandbox":      {Allowed: []string{"auto", "off"}, Refused: map[string]string{"off": "not for a project"}},
	"build-python": {Refused: map[string]string{"": "never for a project"}},
}

// project loads the settings of a folder with these files.
func project(t *testing.T, files map[string]string, vars ...string) (*Settings, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Load(machine(t, map[string]string{"home/.pip/pip.conf": "[install]\nexact = no\nstrategy = merge\n"}, vars...), false)
	if err != nil {
		t.Fatal(err)
	}
	return s, s.AddProject(dir, func() map[string]Option { return projectOptions })
}

// TestProjectOrder: pip's files, then the project, then variables, ours last.
func TestProjectOrder(t *testing.T) {
	s, err := project(t, map[string]string{
		"xpip.toml":      "exact = true\nmarker = [\"platform_version=#1 SMP\", \"platform_release=6\"]\ntimeout = 60\nstrategy = \"first-index\"\n",
		"pyproject.toml": "[tool.xpip]\nnonsense = 1\n",
	}, "PIP_TIMEOUT=70", "XPIP_TIMEOUT=80", "XPIP_STRATEGY=merge", "PIP_STRATEGY=first-index")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	var lists [][]string
	for _, item := range s.For("install") {
		got[item.Key] = item.Value // a later item replaces an earlier one
		if item.List != nil {
			lists = append(lists, item.List)
		}
	}
	want := map[string]string{"exact": "true", "timeout": "80", "strategy": "merge", "marker": "[platform_version=#1 SMP platform_release=6]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{{"platform_version=#1 SMP", "platform_release=6"}}, lists); diff != "" {
		t.Error(diff)
	}
}

func TestProjectErrors(t *testing.T) {
	cases := map[string]struct{ file, text, want string }{
		"unknown key":    {"xpip.toml", "exact = true\nexakt = true\n", "line 2, column 1: exakt: it is no setting of xpip's own"},
		"option of pip":  {"pyproject.toml", "[tool.xpip]\nindex-url = \"x\"\n", "line 2, column 1: tool.xpip.index-url: it is no setting"},
		"kind":           {"xpip.toml", "exact = \"yes\"\n", "line 1, column 1: exact: it is a string"},
		"choice":         {"xpip.toml", "strategy = \"both\"\n", `line 1, column 1: strategy: it is "both", not one of ["merge" "first-index"]`},
		"refused value":  {"xpip.toml", "sandbox = \"off\"\n", "line 1, column 1: sandbox: not for a project"},
		"refused option": {"xpip.toml", "build-python = \"./python\"\n", "build-python: never for a project"},
		"list":           {"xpip.toml", "marker = \"a=b\"\n", "line 1, column 1: marker: it is a string"},
		"number":         {"xpip.toml", "timeout = 1.5\n", "line 1, column 1: timeout: it is a float"},
		"twice":          {"xpip.toml", "timeout = 1\ntimeout = 2\n", "line 2"},
		"syntax":         {"pyproject.toml", "[tool.xpip\n", "line 1"},
		"no table":       {"pyproject.toml", "[tool]\nxpip = 1\n", "line 2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := project(t, map[string]string{c.file: c.text})
			var bad *FileError
			if !errors.As(err, &bad) || filepath.Base(bad.Path) != c.file || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in %s", err, c.want, c.file)
			}
		})
	}
}

// TestNoProject: files that say nothing of xpip are not even parsed.
func TestNoProject(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing": nil, "broken, but not ours": {"pyproject.toml": "[[["}, "another tool": {"pyproject.toml": "[project]\nname = \"xpip-user\"\n"},
	} {
		if s, err := project(t, files); err != nil || len(s.Items()) != 2 {
			t.Errorf("%s: %v, %v", name, s.Items(), err)
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "xpip.toml"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (&Settings{}).AddProject(dir, func() map[string]Option { return nil }); err == nil {
		t.Error("a folder is no file")
	}
}

func FuzzProject(f *testing.F) {
	f.Add("marker = [\"a=b\"]\nexact = true\n", false)
	f.Add("[tool.xpip]\nstrategy = \"merge\"\n", true)
	f.Add("[tool]\nxpip = 1\n", true)
	f.Fuzz(func(t *testing.T, text string, nested bool) {
		items, err := parseProject([]byte(text), nested, projectOptions)
		if err != nil && items != nil {
			t.Errorf("%v with error %v", items, err)
		}
		for _, item := range items {
			if _, ok := projectOptions[item.Key]; !ok {
				t.Errorf("%q is no option", item.Key)
			}
		}
	})
}
