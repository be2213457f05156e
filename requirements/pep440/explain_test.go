package pep440

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSetString(t *testing.T) {
	exactly := func(s string) Set { return Exactly(MustParse(s)) }
	of := func(s string) Set { return mustSpecifiers(s).Set() }
	for _, test := range []struct {
		set  Set
		want string
	}{
		{All(), "any version"},
		{None(), "no version"},
		{Set{}, "no version"},
		{of(">=1.0,<2.0"), ">=1.0,<2.0"},
		{of(">=2,<1"), "no version"},
		{of("==1.5"), "==1.5"},
		{exactly("1.5"), "==1.5"},
		{exactly("1.5+cpu"), "==1.5+cpu"},
		{of("==1.5+cpu"), "==1.5+cpu"},
		{of("===1.5"), "==1.5"},
		{of("!=1.5"), "!=1.5"},
		{of("!=1.5+cpu"), "!=1.5+cpu"},
		{of("==1.5.*"), "==1.5.*"},
		{of("==1.0.*"), "==1.0.*"},
		{of("==1!2.*"), "==1!2.*"},
		{of("!=1.5.*"), "!=1.5.*"},
		{of("==0.*"), "<1"},
		{of("~=1.4.2"), ">=1.4.2,<1.5"},
		{of(">=1.0,!=1.5,!=1.6.*,<2"), ">=1.0,!=1.5,!=1.6.*,<2"},
		{of("<=1.0"), "<=1.0"},
		{of("<=1.0.post2"), "<=1.0.post2"},
		{of("<1.0.post1"), "<=1.0.post0"}, // the same versions
		{of("<1.0a2"), "<1.0a2"},
		{of("<1.0.dev3"), "<1.0.dev3"},
		{of(">1.0"), ">1.0"},
		{of(">1.0a1"), ">1.0a1"},
		{of(">1.0.post1"), ">1.0.post1"},
		{of(">1.0.dev1"), ">=1.0.dev2"},
		{of(">=1.0.dev0"), ">=1.0.dev0"},
		{of("<1").Union(of(">=2")), "<1 or >=2"},
		{of("==1").Union(of("==3")).Union(of(">=5,!=6")), "==1 or ==3 or >=5,!=6"},
		{of(">=1.0").Complement(), "<=1.0,!=1.0"},
		{of("<=1.0").Complement(), ">=1.0,!=1.0"},
		{of("<1.0").Complement(), ">=1.0.dev0"},
		{of(">1.0").Complement(), "<=1.0.post*"},
		{exactly("1.5").Complement(), "!=1.5"},
		{of(">=1.5").Intersect(exactly("1.5").Complement()), ">=1.5,!=1.5"},
		{of("==1.5.0").Union(exactly("1.5")), "==1.5.0"},
	} {
		if got := test.set.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestSetStringMeansTheSet reads what String prints back, wherever it claims to
// print a specifier.
func TestSetStringMeansTheSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(440, 1))
	read := 0
	for range 20_000 {
		s := randomSet(rng, 3)
		if !hasSpecifier(s) {
			continue
		}
		back := None()
		text := s.String()
		if text == "any version" {
			back = All()
		} else if text != "no version" {
			for alternative := range strings.SplitSeq(text, " or ") {
				specifiers, err := ParseSpecifiers(alternative)
				if err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				back = back.Union(specifiers.Set())
			}
		}
		if !back.Equal(s) {
			t.Fatalf("%q means %v, not %v", text, back.cuts, s.cuts)
		}
		read++
	}
	if read < 5000 {
		t.Errorf("only %d sets were read back", read)
	}
}

// hasSpecifier is false for the sets that String's comment excepts.
func hasSpecifier(s Set) bool {
	for i, cut := range s.cuts {
		var buf [packedLength]number
		p := cut.parts(&buf)
		if len(p.local) > 0 || p.after || p.allPosts && i&1 == 1 {
			return false
		}
	}
	return true
}
