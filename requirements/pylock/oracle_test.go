package pylock

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// fake is a host of known marker values.
type fake struct{ env requirements.Environment }

func newFake(values map[string]string) fake {
	known := map[string]requirements.Value{}
	for name, text := range values {
		known[name] = requirements.Value{Text: text, Known: true}
	}
	return fake{requirements.NewEnvironment(known)}
}

func (f fake) Environment() requirements.Environment { return f.env }

func (f fake) AcceptsPython(s pep440.Specifiers) bool {
	v, _ := f.env.Get("python_full_version")
	return s.Contains(pep440.MustParse(v.Text))
}

// TestOracle compares with packaging.pylock (testdata/generate.py): which files
// are valid, and what of them is selected in three environments.
func TestOracle(t *testing.T) {
	data, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var oracle struct {
		Environments []map[string]string
		Choices      []struct {
			Extras []string
			Groups *[]string
		}
		Cases []struct {
			Text, Error string
			Selected    [][]any
		}
	}
	if err := json.Unmarshal(data, &oracle); err != nil {
		t.Fatal(err)
	}
	for _, c := range oracle.Cases {
		lock, err := Parse([]byte(c.Text))
		if (err == nil) != (c.Error == "") {
			t.Errorf("%s\n%v; packaging has %q", c.Text, err, c.Error)
		}
		if err != nil {
			continue
		}
		for i, env := range oracle.Environments {
			for j, choice := range oracle.Choices {
				asked := Choice{Extras: choice.Extras, Default: choice.Groups == nil}
				if choice.Groups != nil {
					asked.Groups = *choice.Groups
				}
				compare(t, lock, newFake(env), asked, c.Selected[i][j], c.Text)
			}
		}
	}
}

func compare(t *testing.T, lock *Lock, h Host, choice Choice, want any, text string) {
	t.Helper()
	s, err := lock.Select(h, choice)
	if _, refused := want.(string); refused || err != nil {
		if !refused || err == nil {
			t.Errorf("%s\n%+v: %v; packaging has %v", text, choice, err, want)
		}
		return
	}
	got := []any{}
	for i, p := range s.Packages {
		name := p.Name + " " + p.Version.String()
		if names := want.([]any); i < len(names) && names[i] == p.Name {
			name = p.Name // packaging does not look for the version in the file's name
		}
		got = append(got, name)
	}
	if diff := cmp.Diff(want, any(got)); diff != "" {
		t.Errorf("%s\n%+v: - packaging, + ours:\n%s", text, choice, strings.TrimSpace(diff))
	}
}
