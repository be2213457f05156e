package requirements

import (
	"errors"
	"slices"
	"testing"
)

// seeds are inputs from which fuzzing starts.
var seeds = []string{
	"foo", "Foo.Bar[a,b_c]>=1.0,<2;python_version>'3' and (os_name == \"nt\" or extra=='x')",
	"foo (~=1.0)", "foo @ https://example.com/a;b ; sys_platform in 'ios android'", "foo===a;b", "foo==1.0.*",
	"python_version not in '3.8 3.9'", "'3.8' <= python_full_version", "((os.name == '\\x41\\u00e9'))", "\"a\" in extras",
	"platform_release > '5' or platform_release <= '5'", "foo; x.y == 'z'", "foo[", "'\\N{DIGIT ONE}' == os_name", "foo_[x_]",
}

func FuzzParse(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := Parse(s)
		if err != nil {
			checkError(t, s, err)
			return
		}
		again, err := Parse(r.String())
		if err != nil {
			t.Fatalf("%q is printed as %q: %v", s, r, err)
		}
		if again.String() != r.String() || again.Key() != r.Key() || again.URL != r.URL || !slices.Equal(again.Extras, r.Extras) {
			t.Fatalf("%q is printed as %q, then as %q", s, r, again)
		}
	})
}

func FuzzParseMarker(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "3.14.0", "x")
	}
	f.Fuzz(func(t *testing.T, s, value, extra string) {
		m, err := ParseMarker(s)
		if err != nil {
			checkError(t, s, err)
			return
		}
		again, err := ParseMarker(m.String())
		if err != nil {
			t.Fatalf("%q is printed as %q: %v", s, m, err)
		}
		if again.String() != m.String() {
			t.Fatalf("%q is printed as %q, then as %q", s, m, again)
		}
		env := iPhone().With("python_version", value).With("os_name", value)
		first, second := m.Evaluate(env, extra), again.Evaluate(env, extra)
		if first.Holds != second.Holds || first.Undefined != second.Undefined || !slices.Equal(first.Unknown, second.Unknown) {
			t.Fatalf("%q: %+v, printed and read again: %+v", s, first, second)
		}
		if first.Undefined != "" && first.Holds {
			t.Fatalf("%q: %+v", s, first)
		}
		m.EvaluateLock(env, []string{extra}, nil)
	})
}

func checkError(t *testing.T, input string, err error) {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("%q: %T is no *SyntaxError", input, err)
	}
	if syntax.Offset < 0 || syntax.Length < 0 || syntax.Offset+syntax.Length > len(input) || syntax.Msg == "" {
		t.Fatalf("%q: %+v", input, syntax)
	}
	if len(syntax.Error())+len(syntax.Caret()) > 8000 {
		t.Fatalf("%q: error of %d bytes", input, len(syntax.Error()))
	}
}
