package groups

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xpip/xpip/requirements/tomldoc"
)

const sample = `
[dependency-groups]
Test = ["pytest>7", "coverage[toml]; python_version < '3.11'"]
typing = ["mypy"]
dev.all = []
both = [{include-group = "test"}, "tox", {include-group = "TYPING"}, {include-group = "test"}]
self = [{include-group = "Self"}]
one = [{include-group = "two"}]
two = ["x", {include-group = "one"}]
lost = [{include-group = "nowhere"}]
number = [1]
syntax = ["a", "b ~~ 1"]
marker = ["a; nonsense == '1'"]
extra-keys = [{include-group = "test", x = 1}]
wrong-name = [{include-group = 1}]
text = "pytest"
`

func TestResolve(t *testing.T) {
	for _, test := range []struct {
		group string
		want  []string
		err   string
	}{
		{"test", []string{"pytest>7", `coverage[toml]; python_version < "3.11"`}, ""},
		{"TEST", []string{"pytest>7", `coverage[toml]; python_version < "3.11"`}, ""},
		{"both", []string{"pytest>7", `coverage[toml]; python_version < "3.11"`, "tox", "mypy", "pytest>7", `coverage[toml]; python_version < "3.11"`}, ""},
		{"self", nil, "Cyclic dependency group include while resolving self: self includes itself"},
		{"one", nil, "Cyclic dependency group include while resolving one: one -> two, two -> one"},
		{"lost", nil, "Dependency group 'nowhere' not found"},
		{"absent", nil, "Dependency group 'absent' not found"},
		{"number", nil, "line 11, column 11: dependency-groups.number[0]: Invalid dependency group item: it is an integer"},
		{"syntax", nil, "line 12, column 16: dependency-groups.syntax[1]: it is not a valid requirement"},
		{"marker", nil, "dependency-groups.marker[0]: it is not a valid requirement"},
		{"extra-keys", nil, "dependency-groups.extra-keys[0]: Invalid dependency group item"},
		{"wrong-name", nil, "dependency-groups.wrong-name[0].include-group: it is an integer, not a string"},
		{"text", nil, "dependency-groups.text: it is a string, not an array"},
		{"dev", nil, "dependency-groups.dev: it is a table, not an array"},
	} {
		g, err := Parse([]byte(sample))
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.Resolve(test.group)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: %v, want %q", test.group, err, test.err)
			}
			continue
		}
		var texts []string
		for _, r := range got {
			texts = append(texts, r.String())
		}
		if diff := cmp.Diff(test.want, texts); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", test.group, err, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	if _, err := Parse([]byte("[project]\n")); !errors.Is(err, ErrNoTable) {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"dependency-groups = 1":                 "it is an integer, not a table",
		"[dependency-groups]\na_b=[]\nA-B=[]":   "line 3, column 1: dependency-groups.A-B: Duplicate dependency group names: a-b (a_b, A-B)",
		"[dependency-groups]\na = [\n":          "line ",
		"[dependency-groups]\na = ['\xff']\n":   "it is not UTF-8",
		"[dependency-groups]\na = []\na = []\n": "it is defined twice",
	} {
		_, err := Parse([]byte(text))
		var place *tomldoc.Error
		if !errors.As(err, &place) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestDoubling has each group include the next one twice.
func TestDoubling(t *testing.T) {
	var b strings.Builder
	b.WriteString("[dependency-groups]\ng0 = [\"x\"]\n")
	for i := range 60 {
		fmt.Fprintf(&b, "g%d = [{include-group = \"g%d\"}, {include-group = \"g%d\"}]\n", i+1, i, i)
	}
	g, err := Parse([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	var refused *Error
	if _, err := g.Resolve("g60"); !errors.As(err, &refused) || refused.Group != "g60" {
		t.Error(err)
	}
}

func FuzzResolve(f *testing.F) {
	f.Add(sample, "both")
	f.Add("[dependency-groups]\na=[{include-group='b'}]\nb=[{include-group='a'}]", "a")
	f.Fuzz(func(t *testing.T, text, name string) {
		g, err := Parse([]byte(text))
		if err != nil {
			return
		}
		all, err := g.Resolve(name)
		if err != nil && all != nil || len(all) > 2*maxRequirements {
			t.Errorf("%d requirements, %v", len(all), err)
		}
	})
}
