package pep440

import (
	"errors"
	"strings"
)

// meaning returns the versions that a clause accepts and whether it asks for
// pre-releases, or the reason why it is malformed.
//
// The intervals are those of packaging since 26.1 (pypa/packaging#1140, #1141).
func (c Clause) meaning() (set Set, pre bool, reason string) {
	if c.Op == "===" {
		set, pre = c.identity()
		return set, pre, ""
	}
	operand, prefix := strings.CutSuffix(c.Version, ".*")
	v, err := Parse(operand)
	if err != nil {
		return Set{}, false, operandReason(c, err)
	}
	equality := c.Op == "==" || c.Op == "!="
	var buf [packedLength]number
	p := v.parts(&buf)
	switch {
	case prefix && !equality:
		return Set{}, false, "a prefix match (.*) goes with == and != only"
	case prefix && (p.pre != preNone || p.hasPost || p.hasDev || len(p.local) > 0):
		return Set{}, false, "a prefix match (.*) follows release numbers only"
	case len(p.local) > 0 && !equality:
		return Set{}, false, "a local version goes with == and != only"
	case c.Op == "~=" && len(p.release) < 2:
		return Set{}, false, "~= takes a version of two numbers or more, such as ~=" + v.Base() + ".0"
	case prefix:
		set = between(releaseDev(v, len(p.release), false), releaseDev(v, len(p.release), true))
	default:
		set = c.interval(v, &p)
	}
	if c.Op == "!=" {
		return set.Complement(), false, ""
	}
	return set, v.IsPrerelease(), ""
}

// interval returns what an operator accepts of a version without wildcard; for
// != what it does not accept.
func (c Clause) interval(v Version, p *parts) Set {
	switch c.Op {
	case "==", "!=":
		if len(p.local) > 0 {
			return Exactly(v)
		}
		return between(v, afterLocals(v))
	case ">=":
		return from(v)
	case "<=":
		return below(afterLocals(v))
	case "<":
		// The pre-releases of V are not below V, unless V is one itself.
		if v.IsPrerelease() {
			return below(v)
		}
		return below(firstDev(v))
	case ">":
		// Nor are the post-releases of V above it.
		if p.hasPost || p.hasDev {
			return from(afterLocals(v))
		}
		return from(afterPosts(v))
	default: // ~=
		return between(v, releaseDev(v, len(p.release)-1, true))
	}
}

// identity is meaning for ===.
func (c Clause) identity() (set Set, pre bool) {
	v, err := Parse(c.Version)
	if err != nil {
		return Set{}, false
	}
	if foldArbitrary(c.Version) != v.String() {
		return Set{}, v.IsPrerelease()
	}
	return Exactly(v), v.IsPrerelease()
}

func operandReason(c Clause, err error) string {
	switch {
	case c.Version == "":
		return "no version after " + c.Op
	case strings.ContainsFunc(c.Version, func(r rune) bool { return isSpace(r) || strings.ContainsRune("<>=~!", r) }):
		return "a comma goes between clauses"
	}
	var wrong *ParseError
	if errors.As(err, &wrong) {
		return wrong.Reason
	}
	return err.Error()
}

// from holds the versions above a cut.
func from(cut Version) Set { return Set{cuts: []Version{cut}} }

// below holds the versions below a cut.
func below(cut Version) Set {
	if cut.Equal(lowest) {
		return Set{}
	}
	return Set{cuts: []Version{lowest, cut}}
}

// between holds the versions above one cut and below a higher one.
func between(low, high Version) Set {
	if low.Compare(high) >= 0 {
		return Set{}
	}
	return Set{cuts: []Version{low, high}}
}
