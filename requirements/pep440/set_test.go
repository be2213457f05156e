package pep440

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// operands of the sets under test: the neighbourhood of a few releases, with
// every segment, both forms of representation and the edges between them.
var operands = []string{
	"0.dev0", "0", "0a0", "1.0.dev0", "1.0.dev1", "1.0a0.dev0", "1.0a1", "1.0a1.dev1", "1.0a1.post0", "1.0a1.post1.dev0", "1.0a2.dev0", "1.0b1",
	"1.0rc1", "1.0", "1.0.post0.dev0", "1.0.post0", "1.0.post1.dev0", "1.0.post1", "1.0.post2.dev1", "1.0.0.1", "1.0.1", "1.1.dev0", "1.1",
	"2.dev0", "2", "1!1.0", "1!1.0.post1", "1!2", "1.0.post65533", "1.0.post65534", "1.0.dev33554430", "1.0.dev33554431", "1.0a65535",
	"4294967295", "4294967296", "18446744073709551615", "18446744073709551616", "1.2.3.4.5",
}

var locals = []string{"+x", "+1", "+x.1"}

// probes has a version between any two distinct cuts that the operands give.
func probes() []Version {
	var out []Version
	add := func(s string) { out = append(out, MustParse(s)) }
	for _, s := range operands {
		p := *readNormal(s)
		add(s)
		for _, l := range append([]string{"+00a", "+x.00a", "+1.00a", "+x.1.00a", "+2"}, locals...) {
			add(s + l)
		}
		for _, cut := range []Version{afterLocals(MustParse(s)), afterPosts(MustParse(p.base())), firstDev(MustParse(s))} {
			if cut.exact == nil && cut.packedPost() != postMax || cut.exact != nil && !cut.exact.allPosts {
				out = append(out, cut)
			}
		}
		add(p.base() + ".post99999999")
		add(MustParse(s).Base() + strings.Repeat(".0", 6) + ".1.dev0")
		for raise := range 2 {
			out = append(out, releaseDev(MustParse(s), len(p.release), raise), releaseDev(MustParse(s), max(1, len(p.release)-1), raise))
		}
	}
	return out
}

// base is p without post, dev and local segment.
func (p *parts) base() string {
	q := parts{epoch: p.epoch, release: p.release, pre: p.pre, preNum: p.preNum}
	return q.text()
}

func TestNoTwoCutsAreTheSamePlace(t *testing.T) {
	var cuts []Version
	for _, s := range operands {
		v := MustParse(s)
		base := MustParse(readNormal(s).base())
		cuts = append(cuts, v, after(v), afterLocals(v), afterPosts(base), firstDev(base))
		for _, l := range locals {
			cuts = append(cuts, MustParse(s+l), after(MustParse(s+l)))
		}
	}
	between := probes()
	for _, c := range cuts {
		for _, d := range cuts {
			if c.Compare(d) >= 0 {
				continue
			}
			if !slices.ContainsFunc(between, func(v Version) bool { return c.Compare(v) <= 0 && v.Compare(d) < 0 }) {
				t.Errorf("no version between the cuts %s and %s", describe(c), describe(d))
			}
		}
	}
}

func describe(cut Version) string {
	var buf [packedLength]number
	p := cut.parts(&buf)
	switch {
	case p.allPosts:
		return "afterPosts(" + p.text() + ")"
	case p.after:
		return "after(" + p.text() + ")"
	}
	return p.text()
}

// randomSet makes a set from specifiers and the operations on sets.
func randomSet(rng *rand.Rand, depth int) Set {
	if depth > 0 {
		s := randomSet(rng, depth-1)
		switch rng.IntN(4) {
		case 0:
			return s.Union(randomSet(rng, depth-1))
		case 1:
			return s.Intersect(randomSet(rng, depth-1))
		case 2:
			return s.Complement()
		}
	}
	operand := operands[rng.IntN(len(operands))]
	switch op := rng.IntN(10); op {
	case 0:
		return Exactly(MustParse(operand))
	case 1:
		return Exactly(MustParse(operand + locals[rng.IntN(len(locals))]))
	case 2:
		return mustSpecifiers("==" + MustParse(operand).Base() + ".*").Set()
	default:
		ops := [...]string{"==", "!=", ">=", "<=", "<", ">", "~="}
		if ops[op-3] == "~=" && !strings.Contains(operand, ".0") {
			operand = "1.0.post1"
		}
		return mustSpecifiers(ops[op-3] + operand).Set()
	}
}

// checkLaws holds the algebra of s and t against what their members say.
func checkLaws(t *testing.T, s, u Set, versions []Version) {
	t.Helper()
	union, both, complement := s.Union(u), s.Intersect(u), s.Complement()
	subset, disjoint, equal := true, true, true
	empty, all := true, true
	for _, v := range versions {
		inS, inU := s.Contains(v), u.Contains(v)
		if union.Contains(v) != (inS || inU) || both.Contains(v) != (inS && inU) || complement.Contains(v) == inS {
			t.Fatalf("%v and %v: wrong about %s", s, u, v)
		}
		subset = subset && (!inS || inU)
		disjoint = disjoint && (!inS || !inU)
		equal = equal && inS == inU
		empty, all = empty && !inS, all && inS
	}
	if s.SubsetOf(u) != subset || s.Disjoint(u) != disjoint || s.Equal(u) != equal || s.IsEmpty() != empty || s.IsAll() != all {
		t.Fatalf("%v and %v: subset %t, disjoint %t, equal %t, empty %t, all %t; the members say otherwise",
			s, u, s.SubsetOf(u), s.Disjoint(u), s.Equal(u), s.IsEmpty(), s.IsAll())
	}
	for name, law := range map[string][2]Set{
		"double complement": {complement.Complement(), s},
		"difference":        {s.Minus(u), s.Intersect(u.Complement())},
		"De Morgan":         {both.Complement(), complement.Union(u.Complement())},
		"excluded middle":   {s.Union(complement), All()},
		"contradiction":     {s.Intersect(complement), None()},
		"absorption":        {s.Union(both), s},
		"commutation":       {u.Union(s), union},
		"idempotence":       {s.Intersect(s), s},
	} {
		if !law[0].Equal(law[1]) {
			t.Fatalf("%v and %v: %s: %v is not %v", s, u, name, law[0], law[1])
		}
	}
	for _, set := range []Set{s, u, union, both, complement} {
		if !slices.IsSortedFunc(set.cuts, Version.Compare) || len(slices.CompactFunc(slices.Clone(set.cuts), Version.Equal)) != len(set.cuts) {
			t.Fatalf("the cuts of %v do not increase", set)
		}
	}
}

func TestSetLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(440, 0))
	versions := probes()
	for range 3000 {
		checkLaws(t, randomSet(rng, 3), randomSet(rng, 2), versions)
	}
}

func FuzzSets(f *testing.F) {
	f.Add(">=1.0,!=1.5", "~=1.4.2", "1.4.5")
	f.Add("<1.0.post1", ">1.0a1", "1.0+x")
	f.Add("==1.0+x", "!=1.0", "1!2")
	versions := probes()
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s, errS := ParseSpecifiers(a)
		u, errU := ParseSpecifiers(b)
		v, errV := Parse(c)
		if errS != nil || errU != nil || errV != nil {
			return
		}
		// The probes do not know these operands, so only the one-way laws hold.
		set, other := s.Set(), u.Set()
		for _, v := range append(versions, v) {
			inS, inU := set.Contains(v), other.Contains(v)
			if set.Union(other).Contains(v) != (inS || inU) || set.Intersect(other).Contains(v) != (inS && inU) || set.Complement().Contains(v) == inS {
				t.Fatalf("%q and %q: wrong about %s", a, b, v)
			}
			if set.SubsetOf(other) && inS && !inU || set.Disjoint(other) && inS && inU || set.Equal(other) && inS != inU {
				t.Fatalf("%q and %q: relations deny %s", a, b, v)
			}
		}
		if !set.Equal(other.Union(set).Intersect(set)) || !set.Complement().Complement().Equal(set) || !s.Intersect(u).Set().Equal(set.Intersect(other)) {
			t.Fatalf("%q and %q: not canonical", a, b)
		}
	})
}

func TestExactly(t *testing.T) {
	s := Exactly(MustParse("1.0"))
	for version, want := range map[string]bool{"1.0": true, "1": true, "1.0.0": true, "1.0+x": false, "1.0.post0": false, "1.0rc1": false} {
		if s.Contains(MustParse(version)) != want {
			t.Errorf("Exactly(1.0) contains %s: %t", version, !want)
		}
	}
	if !Exactly(Version{}).IsEmpty() || All().Contains(Version{}) || (Specifiers{}).Contains(Version{}) {
		t.Error("the zero Version is in a set")
	}
	if !s.SubsetOf(mustSpecifiers("==1.0").Set()) || s.Equal(mustSpecifiers("==1.0").Set()) {
		t.Error("Exactly(1.0) is not a proper subset of ==1.0")
	}
}
