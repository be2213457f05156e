package script

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name, text string
		python     string
		want       []string
	}{
		{"plain", "#!/usr/bin/env python\n# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n#   \"requests<3\",\n#   \"rich\",\n# ]\n# ///\nimport requests\n", ">=3.11", []string{"requests<3", "rich"}},
		{"nothing in it", "# /// script\n#\n# ///", "", nil},
		{"CRLF", "# /// script\r\n# dependencies = [\"a\"]\r\n# ///\r\n", "", []string{"a"}},
		{"other types", "# /// other\n# x\n# ///\n\n# /// script\n# dependencies = [\"a\"]\n# ///\n", "", []string{"a"}},
		{"within another", "# /// other\n# /// script\n# dependencies = [\"a\"]\n# ///\nx = 1\n# /// script\n# dependencies = [\"b\"]\n# ///\n", "", []string{"b"}},
		{"the last line closes", "# /// script\n# dependencies = [\"a\"]\n# note = '''\n# ///\n# '''\n# ///\n", "", []string{"a"}},
		{"never closed, then closed", "# /// script\n# x\nprint()\n# /// script\n# dependencies = [\"a\"]\n# ///\n", "", []string{"a"}},
	} {
		m, err := Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var texts []string
		for _, r := range m.Dependencies {
			texts = append(texts, r.String())
		}
		if diff := cmp.Diff(test.want, texts); diff != "" || m.RequiresPython.String() != test.python {
			t.Errorf("%s: python %q\n%s", test.name, m.RequiresPython, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		text string
		want error
	}{
		{"print()", ErrNoBlock},
		{"# /// script\n# ///\n", ErrNoBlock},
		{"# /// script\n#x\n# ///\n", ErrNoBlock},
		{"#/// script\n# x\n# ///\n", ErrNoBlock},
		{"# /// script\n# a = 1\n", ErrNoBlock},
		{"# /// script\n# a = 1\n# ///\n\n# /// script\n# a = 1\n# ///\n", ErrTwice},
		{"\xff", ErrNotUTF8},
	} {
		if _, err := Parse([]byte(test.text)); !errors.Is(err, test.want) {
			t.Errorf("%q: %v, want %v", test.text, err, test.want)
		}
	}
	for text, want := range map[string]string{
		"\n# /// script\n# a = 1\n# a = 2\n# ///\n":                  "line 4, column 3: a: it is defined twice",
		"# /// script\n# dependencies = 1\n# ///\n":                  "line 2, column 3: dependencies: it is an integer, not an array",
		"# /// script\n# dependencies = ['a', '=b']\n# ///\n":        "line 2, column 24: dependencies[1]: it is not a valid requirement",
		"# /// script\n# requires-python = 'new'\n# ///\n":           "requires-python: it is not a valid version specifier",
		"# /// script\n# dependencies = [\"a; no == 'x'\"]\n# ///\n": "dependencies[0]: it is not a valid requirement",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// reference is the regular expression of the specification.
var reference = regexp.MustCompile(`(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$`)

// FuzzBlock holds the search for blocks against the specification's expression.
func FuzzBlock(f *testing.F) {
	for _, seed := range []string{
		"# /// script\n# a\n# ///", "# /// script\n# ///\n# ///", "# /// other\n#\n# ///\n# /// script\n# b\n# ///\n", "# /// script\n# /// script\n# ///\n",
		"x\n# /// script\n# a\n\n# ///", "# /// a b\n# x\n# ///",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\r\t\v\f") {
			return // the expression's \s is a line's end in what Python reads
		}
		want, n := "", 0
		for _, match := range reference.FindAllStringSubmatch(text, -1) {
			if match[1] != blockType {
				continue
			}
			n++
			for _, line := range strings.Split(strings.TrimSuffix(match[2], "\n"), "\n") {
				want += strings.TrimPrefix(line[1:], " ") + "\n"
			}
		}
		got, _, err := block(strings.Split(text, "\n"))
		switch {
		case n == 0 && errors.Is(err, ErrNoBlock), n > 1 && errors.Is(err, ErrTwice):
		case n != 1 || err != nil || got != want:
			t.Errorf("%q: %q, %v; %d blocks in the expression: %q", text, got, err, n, want)
		}
		_, _ = Parse([]byte(text))
	})
}
