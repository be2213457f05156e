package requirements

import (
	"errors"
	"strings"
	"testing"
)

func TestHints(t *testing.T) {
	for input, hint := range map[string]string{
		"pillow=13":                             "a version follows ==, not =",
		"pillow = 13":                           "a version follows ==, not =",
		"pillow 13":                             "an operator such as == is missing before the version",
		"pillow v13":                            "an operator such as == is missing before the version",
		"pillow=>13":                            "the operator is >=, not =>",
		"pillow=<13":                            "the operator is <=, not =<",
		"pillow~>1.2":                           "the operator is ~=, not ~>",
		"pillow<>1.2":                           "the operator is !=, not <>",
		"pillow~1.2":                            "the operator is ~=, not ~",
		"pillow!1.2":                            "the operator is !=, not !",
		"pillow^1.2":                            "^ is no operator here; a range is written >=1.2,<2",
		"pillow~=1":                             "~= needs a version of two parts or more, such as ~=1.0",
		"pillow==":                              "a version is missing after ==",
		"pillow>= ,<2":                          "a version is missing after >=",
		"pillow==latest":                        "this is not a version",
		`pillow=="13"`:                          "a version is written without quotes",
		"pillow>=1 <2":                          "clauses are separated by commas",
		"pillow>=1 [x]":                         "extras stand behind the name, before the version",
		"pillow>=1 @ https://example.com":       "a direct URL takes the place of the version",
		"pillow requests":                       "a requirement names one project",
		"pillow python_version > '3'":           "a marker begins with ;",
		"pillow>=1 os_name == 'nt'":             "a marker begins with ;",
		"'pillow'":                              "a requirement is written without quotes",
		"==1.0":                                 "the project's name is missing",
		"a; python_version >= 3.8":              `a value is quoted: "3.8"`,
		"a; (python_version >= 3.8)":            `a value is quoted: "3.8"`,
		"a; os_name = 'nt'":                     "the operator is ==, not =",
		"a; os_name => 'nt'":                    "the operator is >=, not =>",
		"a; os_name <> 'nt'":                    "",
		"a; os_name is 'nt'":                    "the operator is ==, not is",
		"a; os_name == 'nt":                     "this quote is never closed",
		"a; os_name == “nt”":                    `quotes are " or '`,
		"a; os_name == 'a' && os_name == 'b'":   `comparisons are joined by "and", not "&&"`,
		"a; (os_name == 'a' || os_name == 'b')": `comparisons are joined by "or", not "||"`,
		"a; os_name == 'a', os_name == 'b'":     `comparisons are joined by "and", not ","`,
		"a; os_name == 'a' OR os_name == 'b'":   `comparisons are joined by "or", not "OR"`,
		"foo[a":                                 "",
		"":                                      "",
	} {
		_, err := Parse(input)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v, want a *SyntaxError", input, err)
		} else if syntax.Hint != hint {
			t.Errorf("%q: %q with hint %q, want %q", input, syntax.Msg, syntax.Hint, hint)
		}
	}
}

func TestCaret(t *testing.T) {
	for _, c := range []struct{ input, caret string }{
		{"pillow=13", "    pillow=13\n          ^ a version follows ==, not ="},
		{"foo>=1.*", "    foo>=1.*\n       ~~~~^"},
		{"fü; x == 1", "    fü; x == 1\n    ^"},
		{"foo\t bar", "    foo\t bar\n       \t ^ a requirement names one project"},
		{"foo \x1b[31m", "    foo \ufffd[31m\n        ^"},
		{"foo\nbar", "    foo\ufffdbar\n       ^"},
	} {
		_, err := Parse(c.input)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v", c.input, err)
		} else if got := syntax.Caret(); got != c.caret {
			t.Errorf("%q:\n%s\nwant\n%s", c.input, got, c.caret)
		}
	}
	_, err := Parse("foo " + strings.Repeat("ü", 5000))
	if len(err.Error()) > 2000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
	_, err = Parse("foo; " + strings.Repeat("os_name == 'x' and ", 500) + "!")
	if len(err.Error()) > 2000 || !strings.HasSuffix(err.Error(), "^") {
		t.Errorf("an error of %d bytes: %v", len(err.Error()), err)
	}
}

func TestBounds(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat("(", depth) + "os_name == 'x'" + strings.Repeat(")", depth)
	}
	if _, err := ParseMarker(nested(64)); err != nil {
		t.Errorf("64 deep: %v", err)
	}
	for name, text := range map[string]string{
		"65 deep":           nested(65),
		"30000 deep":        strings.Repeat("(", 30000),
		"too long":          "os_name == '" + strings.Repeat("x", 1<<16) + "'",
		"not UTF-8":         "os_name == '\xff'",
		"half a surrogate":  `os_name == '\ud800'`,
		"beyond Unicode":    `os_name == '\U00110000'`,
		"short hex":         `os_name == '\x1'`,
		"named character":   `os_name == '\N{DIGIT ONE}'`,
		"closing backslash": `os_name == '\'`,
		"NUL":               "os_name == '\x00'",
	} {
		_, err := ParseMarker(text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: %v, want a *SyntaxError", name, err)
		}
	}
	// Neighbours may be as many as they like.
	if _, err := ParseMarker(strings.Repeat("(os_name == 'x') and ", 200) + "os_name == 'y'"); err != nil {
		t.Error(err)
	}
}

func TestLiteralsReadBack(t *testing.T) {
	for _, c := range []struct{ literal, value, printed string }{
		{`'a'`, "a", `"a"`},
		{`"it's"`, "it's", `"it's"`},
		{`'say "x"'`, `say "x"`, `'say "x"'`},
		{`'\x22\''`, "", ""}, // the literal ends at the second quote
		{`'\x22\x27'`, `"'`, `"\x22'"`},
		{`'a\\b'`, `a\b`, `"a\\b"`},
		{`'a\db'`, `a\db`, `"a\db"`},
		{`'a\
'`, "", ""},
		{`'\t\n\101\u00e9\U0001F600\0'`, "\t\nAé😀\x00", `"\x09\x0aAé😀\x00"`},
		{`'\400'`, "Ā", `"Ā"`},
	} {
		m, err := ParseMarker("os_name == " + c.literal)
		if c.printed == "" {
			if err == nil {
				t.Errorf("%s was read as %s", c.literal, m)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.literal, err)
			continue
		}
		if got := m.String(); got != "os_name == "+c.printed {
			t.Errorf("%s is printed as %s, want %s", c.literal, got, c.printed)
		}
		if env := (Environment{}).With("os_name", c.value); !m.Evaluate(env).Holds {
			t.Errorf("%s is not %q", c.literal, c.value)
		}
		again, err := ParseMarker(m.String())
		if err != nil || again.String() != m.String() {
			t.Errorf("%s is read back as %s, %v", m, again, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name, normal := range map[string]string{
		"Foo.Bar": "foo-bar", "a__b": "a-b", "a-_.b": "a-b", "foo": "foo", "x-": "x-", "_x": "-x", "": "", "ÜX": "üx", "a--b": "a-b",
	} {
		if got := NormalizeName(name); got != normal {
			t.Errorf("NormalizeName(%q) = %q, want %q", name, got, normal)
		}
	}
	for _, name := range []string{"a", "A1", "foo.bar", "x_y-z", "0"} {
		if !ValidName(name) {
			t.Errorf("%q is no valid name", name)
		}
	}
	for _, name := range []string{"", "-a", "a-", "_", "a b", "ü", "a/b", ".", "a\n"} {
		if ValidName(name) {
			t.Errorf("%q is a valid name", name)
		}
	}
}

func TestRequirementString(t *testing.T) {
	r, err := Parse(` Foo.Bar [ B_c, a,b-C ] ( >= 1.0, <2 ) ; os.name=='posix' `)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.String(); got != `Foo.Bar[a,b-c]<2,>=1.0; os_name == "posix"` || r.Key() != "foo-bar" {
		t.Errorf("%s with key %s", got, r.Key())
	}
	r, err = Parse(`foo@https://example.com/a;b ; os_name=='posix'`)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.String(); got != `foo @ https://example.com/a;b ; os_name == "posix"` {
		t.Error(got)
	}
}
