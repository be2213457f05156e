package pep440

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// What [ParseSpecifiers] refuses to go beyond.
const (
	MaxSpecifiersLength = 4096 // bytes
	MaxClauses          = 100
)

// Specifiers is a list of clauses of which a version must fulfil all, as in
// ">=1.0,!=1.5,<2". The zero Specifiers has no clause and contains every
// version. It is immutable.
type Specifiers struct {
	clauses   []clause // sorted as printed, no two alike
	set       Set      // what all clauses have in common; unused when there are none
	arbitrary []string // operands of ===, folded
	pre       bool
}

// Clause is one operator with its version, both as written: Op is one of ~= ==
// != <= >= < > ===, and Version may end in ".*" or, after ===, be any text.
type Clause struct {
	Op, Version string
}

// clause is a Clause with the version it names: zero for one with a wildcard,
// and for one with === and any other text.
type clause struct {
	Clause
	operand Version
}

// String returns the clause without white space: ">=1.0".
func (c Clause) String() string { return c.Op + c.Version }

// ParseSpecifiers reads clauses separated by commas. It accepts what packaging
// accepts: white space around clauses and operands, empty clauses, any case.
// The error is a [*ParseError].
func ParseSpecifiers(s string) (Specifiers, error) {
	if len(s) > MaxSpecifiersLength {
		return Specifiers{}, &ParseError{Kind: "specifier", Input: cutText(s), Reason: fmt.Sprintf("longer than %d characters", MaxSpecifiersLength)}
	}
	if trimSpace(s) == "" {
		return Specifiers{}, nil
	}
	out := Specifiers{clauses: make([]clause, 0, min(strings.Count(s, ",")+1, MaxClauses))}
	for offset, more := 0, true; more; {
		var text string
		text, _, more = strings.Cut(s[offset:], ",")
		next := offset + len(text) + 1
		if trimmed := trimSpace(text); trimmed != "" {
			if len(out.clauses) == MaxClauses {
				return Specifiers{}, &ParseError{Kind: "specifier", Input: cutText(s), Reason: fmt.Sprintf("more than %d clauses", MaxClauses)}
			}
			if reason := out.add(trimmed); reason != "" {
				offset += strings.Index(text, trimmed)
				return Specifiers{}, &ParseError{Kind: "specifier", Input: s, Clause: trimmed, Offset: offset, Reason: reason}
			}
		}
		offset = next
	}
	out.clauses = canonicalClauses(out.clauses)
	return out, nil
}

// add reads one clause into s; reason says what is wrong with it.
func (s *Specifiers) add(text string) (reason string) {
	op := scanOperator(text)
	if op == "" {
		return missingOperator(text)
	}
	c := clause{Clause: Clause{Op: op, Version: trimSpace(text[len(op):])}}
	if op == "===" {
		if strings.ContainsFunc(c.Version, func(r rune) bool { return isSpace(r) || r == ';' || r == ')' }) {
			return "=== takes one word without ; or )"
		}
		s.arbitrary = append(s.arbitrary, foldArbitrary(c.Version))
	}
	accepted, reason := c.meaning()
	if reason != "" {
		return reason
	}
	var buf [3]Version
	if set := accepted.set(op == "!=", &buf); len(s.clauses) == 0 {
		s.set = Set{cuts: slices.Clone(set.cuts)}
	} else {
		s.set = s.set.combine(set, both)
	}
	s.pre = s.pre || op != "!=" && c.operand.IsPrerelease()
	s.clauses = append(s.clauses, c)
	return ""
}

// scanOperator returns the operator that text starts with, "" for none.
func scanOperator(text string) string {
	for _, op := range [...]string{"===", "==", ">=", "<=", "!=", "~=", ">", "<"} {
		if strings.HasPrefix(text, op) {
			return text[:len(op)]
		}
	}
	return ""
}

func missingOperator(text string) string {
	switch {
	case text[0] == '=':
		return "a version follows ==, not ="
	case text[0] == '~', text[0] == '!':
		return "the operator is " + text[:1] + "=, not " + text[:1]
	case isDigit(text[0]):
		return "an operator such as == or >= goes before the version"
	}
	return "a clause starts with one of ~= == != <= >= < > ==="
}

// foldArbitrary is what the operand of === and a version's text are compared
// in. Python folds one letter from outside ASCII into it.
func foldArbitrary(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case r == '\u212a': // Kelvin sign
			return 'k'
		}
		return r
	}, s)
}

// canonicalClauses sorts clauses as packaging does and drops all but the first
// of those that it holds equal. It works in place.
func canonicalClauses(clauses []clause) []clause {
	slices.SortStableFunc(clauses, func(a, b clause) int {
		if strings.HasPrefix(a.Op, b.Op) || strings.HasPrefix(b.Op, a.Op) {
			return cmp.Compare(a.String(), b.String())
		}
		return cmp.Compare(a.Op, b.Op)
	})
	kept := clauses[:0]
	for _, c := range clauses {
		if !slices.ContainsFunc(kept, c.same) {
			kept = append(kept, c)
		}
	}
	clear(clauses[len(kept):])
	return kept
}

// same reports whether packaging holds c and d equal. Trailing zeros of the
// operand have a meaning after ~=; wildcards and === go by their text.
func (c clause) same(d clause) bool {
	switch {
	case c.Op != d.Op:
		return false
	case c.Op == "===" || c.operand.IsZero() || d.operand.IsZero():
		return c.Version == d.Version
	case c.Op == "~=":
		return c.operand.String() == d.operand.String()
	}
	return c.operand.Equal(d.operand)
}

// String returns the clauses as packaging prints a SpecifierSet: as written but
// for white space, sorted, without repetitions, joined by commas.
func (s Specifiers) String() string {
	if len(s.clauses) == 1 {
		return s.clauses[0].String()
	}
	var out strings.Builder
	for i, c := range s.clauses {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(c.Op)
		out.WriteString(c.Version)
	}
	return out.String()
}

// Empty reports whether s has no clause.
func (s Specifiers) Empty() bool { return len(s.clauses) == 0 }

// Clauses returns the clauses in the order of String.
func (s Specifiers) Clauses() []Clause {
	out := make([]Clause, len(s.clauses))
	for i, c := range s.clauses {
		out[i] = c.Clause
	}
	return out
}

// Contains reports whether v fulfils every clause. It says nothing about
// whether pre-releases are wanted: packaging's contains with prereleases=True.
func (s Specifiers) Contains(v Version) bool {
	if len(s.clauses) == 0 {
		return !v.IsZero()
	}
	if !s.set.Contains(v) {
		return false
	}
	for _, operand := range s.arbitrary {
		if v.String() != operand {
			return false
		}
	}
	return true
}

// AllowsPrereleases reports whether a clause names a pre-release and so asks
// for them, as SpecifierSet.prereleases says: >=1.0a1 and ==1.0.dev1 do,
// !=1.0a1 and ==1.0.* do not.
func (s Specifiers) AllowsPrereleases() bool { return s.pre }

// Arbitrary reports whether s has a === clause, so that [Specifiers.Set] may
// hold more than [Specifiers.Contains] accepts.
func (s Specifiers) Arbitrary() bool { return len(s.arbitrary) > 0 }

// Pinned returns the version of the first clause that names one version alone:
// ==V without wildcard, or ===V. Other clauses may stand beside it; that is the
// question pip asks before it takes a yanked file. The version is as written.
func (s Specifiers) Pinned() (version string, ok bool) {
	for _, c := range s.clauses {
		if c.Op == "===" || c.Op == "==" && !strings.HasSuffix(c.Version, ".*") {
			return c.Version, true
		}
	}
	return "", false
}

// Intersect returns the specifiers with the clauses of both.
func (s Specifiers) Intersect(t Specifiers) Specifiers {
	switch {
	case s.Empty():
		return t
	case t.Empty():
		return s
	}
	return Specifiers{
		clauses:   canonicalClauses(slices.Concat(s.clauses, t.clauses)),
		set:       s.set.Intersect(t.set),
		arbitrary: slices.Concat(s.arbitrary, t.arbitrary),
		pre:       s.pre || t.pre,
	}
}

// Set returns the versions that s contains.
//
// It is exact but for one operator. === compares the normalised text of a
// version, and sets cannot tell 1.0 from 1.0.0: for ===1.0 the set holds both
// and [Specifiers.Contains] only the first. So, when [Specifiers.Arbitrary],
// the set is an upper bound, and candidates are filtered by Contains. For text
// that no version normalises to, such as ===1.0-1 or ===latest, it is empty.
func (s Specifiers) Set() Set {
	if len(s.clauses) == 0 {
		return All()
	}
	return s.set
}
