package pep440

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestSpecifierErrors(t *testing.T) {
	for _, test := range []struct {
		input, clause string
		offset        int
		reason        string
	}{
		{"=13", "=13", 0, "a version follows ==, not ="},
		{">=1, 2.0", "2.0", 5, "an operator such as == or >= goes before the version"},
		{">=1,  ~2.0 ", "~2.0", 6, "the operator is ~=, not ~"},
		{"!1.0", "!1.0", 0, "the operator is !=, not !"},
		{"*", "*", 0, "a clause starts with one of ~= == != <= >= < > ==="},
		{">=1.0.*", ">=1.0.*", 0, "a prefix match (.*) goes with == and != only"},
		{"==1.0a1.*", "==1.0a1.*", 0, "a prefix match (.*) follows release numbers only"},
		{"==1.0 .*", "==1.0 .*", 0, "a prefix match (.*) follows the version without a space"},
		{">=1.0+cpu", ">=1.0+cpu", 0, "a local version goes with == and != only"},
		{"~=1", "~=1", 0, "~= takes a version of two numbers or more, such as ~=1.0"},
		{">=1.0 <2.0", ">=1.0 <2.0", 0, "a comma goes between clauses"},
		{">=", ">=", 0, "no version after >="},
		{"==latest", "==latest", 0, "it does not follow PEP 440"},
		{"===a b", "===a b", 0, "=== takes one word without ; or )"},
		{">=1;", ">=1;", 0, "a version has no ';' in it"},
	} {
		s, err := ParseSpecifiers(test.input)
		var wrong *ParseError
		if !errors.As(err, &wrong) || !s.Empty() {
			t.Errorf("ParseSpecifiers(%q) = %q, %v", test.input, s, err)
			continue
		}
		want := ParseError{Kind: "specifier", Input: test.input, Clause: test.clause, Offset: test.offset, Reason: test.reason}
		if *wrong != want {
			t.Errorf("ParseSpecifiers(%q): %+v, want %+v", test.input, *wrong, want)
		}
	}
}

func TestSpecifierLimits(t *testing.T) {
	for _, good := range []string{
		strings.Repeat(">=1,", MaxClauses) + ",,,",
		"===" + strings.Repeat("x", MaxSpecifiersLength-3),
	} {
		if _, err := ParseSpecifiers(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{
		strings.Repeat(">=1,", MaxClauses) + ">=1",
		"===" + strings.Repeat("x", MaxSpecifiersLength-2),
		">=" + strings.Repeat("1", MaxVersionLength+1),
	} {
		if _, err := ParseSpecifiers(bad); err == nil {
			t.Errorf("ParseSpecifiers(%.20q…): no error", bad)
		}
	}
}

func TestPinned(t *testing.T) {
	for input, want := range map[string]string{
		"==1.0": "1.0", "== v1.0": "v1.0", "===foo": "foo", "==1.0,!=2": "1.0", "==1.*": "", ">=1.0": "", "": "", "~=1.0,<2": "",
	} {
		got, ok := mustSpecifiers(input).Pinned()
		if got != want || ok != (want != "") {
			t.Errorf("%q: Pinned() = %q, %t", input, got, ok)
		}
	}
}

func TestIntersect(t *testing.T) {
	s := mustSpecifiers(">=1.0,<2").Intersect(mustSpecifiers("!=1.5,>=1,===1.6a1"))
	if got, want := s.String(), "!=1.5,<2,===1.6a1,>=1"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if !s.Contains(MustParse("1.6a1")) || s.Contains(MustParse("1.6")) || !s.AllowsPrereleases() || !s.Arbitrary() {
		t.Error("a clause was lost")
	}
	if got := s.Clauses(); !slices.Contains(got, Clause{Op: "!=", Version: "1.5"}) || len(got) != 4 {
		t.Errorf("Clauses() = %v", got)
	}
	var none Specifiers
	if got := none.Intersect(s); got.String() != s.String() || !none.Intersect(none).Empty() || !none.Set().IsAll() || none.String() != "" {
		t.Error("the zero Specifiers changes what it is intersected with")
	}
}

// TestIntersectLeavesItsOperands guards against clauses shared by two values.
func TestIntersectLeavesItsOperands(t *testing.T) {
	s := mustSpecifiers(">=1,>=1.0,>=1.0.0,<3")
	before := s.String()
	a, b := s.Intersect(mustSpecifiers("!=2")), s.Intersect(mustSpecifiers("!=1"))
	if s.String() != before || a.String() != "!=2,"+before || b.String() != "!=1,"+before {
		t.Errorf("%q, %q, %q", s, a, b)
	}
}

func FuzzParseSpecifiers(f *testing.F) {
	o := readOracle(f)
	for i := 0; i < len(o.Specifiers); i += 20 {
		f.Add(o.Specifiers[i][0].(string))
	}
	versions := probes()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpecifiers(text)
		if err != nil {
			var wrong *ParseError
			if !errors.As(err, &wrong) || !strings.HasPrefix(wrong.Input[min(wrong.Offset, len(wrong.Input)):], wrong.Clause) {
				t.Fatalf("ParseSpecifiers(%q): %#v", text, err)
			}
			return
		}
		again, err := ParseSpecifiers(s.String())
		if err != nil || again.String() != s.String() || !again.Set().Equal(s.Set()) || again.AllowsPrereleases() != s.AllowsPrereleases() {
			t.Fatalf("%q printed as %q reads as %q, %v", text, s, again, err)
		}
		set := s.Set()
		for _, v := range versions {
			if in := set.Contains(v); in != s.Contains(v) && (!in || !s.Arbitrary()) {
				t.Fatalf("%q: Contains(%s) = %t, its set says %t", text, v, s.Contains(v), in)
			}
		}
		_ = set.String()
	})
}
