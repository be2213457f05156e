package sysvars

import (
	"errors"
	"maps"
	"strings"
	"testing"
)

func TestParseModule(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Vars
	}{
		"numbers and strings":  {"build_time_vars = {'A': 1, 'B': -2,\n 'C': 'x'}", Vars{"A": "1", "B": "-2", "C": "x"}},
		"adjacent strings":     {"build_time_vars = {'A': 'one '\n      \"two's\" '',\n 'B': ''}\n", Vars{"A": "one two's", "B": ""}},
		"words":                {"build_time_vars = {'A': True, 'B': False, 'C': None}", Vars{"A": "1", "B": "0"}},
		"escapes":              {`build_time_vars = {'A': 'a\\b\'c\n\x41é\101\q', "B": r'\n', 'C': '\U0001F40D'}`, Vars{"A": "a\\b'c\nAéA\\q", "B": `\n`, "C": "🐍"}},
		"continued line":       {"build_time_vars = {'A': 'x\\\ny', \\\n'B': '''two\nlines'''}", Vars{"A": "xy", "B": "two\nlines"}},
		"Pyodide's":            {"# x\nimport os\nbuild_time_vars = {'AR': f'{PYODIDE_ROOT}/emar', 'V': u'3.14'}\nimport os\nif os.environ.get('P'):\n    build_time_vars['x'] = build_time_vars['y']\n", Vars{"AR": "{PYODIDE_ROOT}/emar", "V": "3.14"}},
		"comments":             {"build_time_vars = { # one\n 'A': 1, # two\n}", Vars{"A": "1"}},
		"last of equal keys":   {"build_time_vars = {'A': 1, 'A': 2}", Vars{"A": "2"}},
		"name within a string": {"x = 'build_time_vars = {'\nbuild_time_vars = {'A': 'build_time_vars = {}'}", Vars{"A": "build_time_vars = {}"}},
		"used before":          {"build_time_vars.update({})\nbuild_time_vars={'A': 1}", Vars{"A": "1"}},
		"empty":                {"build_time_vars = {}", Vars{}},
	} {
		got, err := ParseModule([]byte(c.text))
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestParseModuleRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line int
	}{
		"nothing":           {"x = {}", 0},
		"code":              {"build_time_vars = {\n'A': os.system('true')}", 2},
		"a call":            {"build_time_vars = dict(A=1)", 0},
		"an operator":       {"build_time_vars = {'A': 1 + 1}", 1},
		"a nested literal":  {"build_time_vars = {'A': " + strings.Repeat("[", 100_000), 1},
		"nested dicts":      {"build_time_vars = " + strings.Repeat("{", 100_000), 1},
		"an open string":    {"build_time_vars = {'A': 'x\n'}", 1},
		"an open table":     {"build_time_vars = {'A': 1,\n\n", 3},
		"a long number":     {"build_time_vars = {'A': " + strings.Repeat("9", 100_000) + "}", 1},
		"a broken escape":   {`build_time_vars = {'A': '\xzz'}`, 1},
		"no character":      {`build_time_vars = {'A': '\UFFFFFFFF'}`, 1},
		"a backslash":       {`build_time_vars = {'A': '\`, 1},
		"no key":            {"build_time_vars = {1: 1}", 1},
		"no comma":          {"build_time_vars = {'A': 1 'B': 2}", 1},
		"too many":          {"build_time_vars = {" + strings.Repeat("'A': 1,", maxVars+1) + "}", 1},
		"too large":         {"build_time_vars = {}" + strings.Repeat(" ", MaxSize), 0},
		"many false starts": {strings.Repeat("build_time_vars\n", 200_000), 0},
	} {
		got, err := ParseModule([]byte(c.text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Line != c.line {
			t.Errorf("%s: %d variables, %v", name, len(got), err)
		}
	}
}

func TestParseJSON(t *testing.T) {
	got, err := ParseJSON([]byte(`{"A": "x", "B": 3, "C": true, "D": null, "E": {"a": [1]}, "F": false}`))
	if err != nil || !maps.Equal(got, Vars{"A": "x", "B": "3", "C": "1", "F": "0"}) || !got.On("B") || got.On("F") || got.On("A") {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"", "[]", `{"A":`, strings.Repeat(`{"a":`, 100_000), "{}" + strings.Repeat(" ", MaxSize)} {
		if _, err := ParseJSON([]byte(text)); err == nil {
			t.Errorf("%.20q is no table", text)
		}
	}
}

func TestParseHeader(t *testing.T) {
	text := "/* x */\n#define PY_VERSION      \t\"3.13.5+\"\n #  define Py_GIL_DISABLED 1\n#define F(x) x\n#define EMPTY\n" +
		"#if X\n#define TWICE 1 /* a */\n#else\n#define TWICE 2\n#endif\n#define SAME 1\n#define SAME 1 /* b */\n#undef SAME2\n# include <aarch64-linux-gnu/python3.13/pyconfig.h>\n#include \"x.h\"\n"
	got, err := ParseHeader([]byte(text))
	if err != nil || !maps.Equal(got, Vars{"PY_VERSION": "3.13.5+", "Py_GIL_DISABLED": "1", "SAME": "1"}) {
		t.Errorf("%q, %v", got, err)
	}
	if found := Includes([]byte(text)); len(found) != 1 || found[0] != "aarch64-linux-gnu/python3.13/pyconfig.h" {
		t.Errorf("includes %q", found)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("build_time_vars = {'A': 'one ' \"two\", 'B': -1, 'C': None, 'D': f'{X}'}\n"))
	f.Add([]byte(`build_time_vars = {'A': '\x41é\101\q', r'B': r'\n', }`))
	f.Add([]byte(`{"A": "x", "B": 3, "C": true, "D": null}`))
	f.Add([]byte("#define A \"x\" /* y */\n#include <a/b.h>\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, parse := range []func([]byte) (Vars, error){ParseModule, ParseJSON, ParseHeader} {
			vars, err := parse(text)
			if err != nil && len(vars) > 0 {
				t.Error("variables and an error")
			}
			size := 0
			for key, value := range vars {
				size += len(key) + len(value)
			}
			if size > 4*len(text)+16 {
				t.Errorf("%d bytes of variables in %d", size, len(text))
			}
		}
		Includes(text)
	})
}
