package pep440

import (
	"errors"
	"strings"
)

// interval is what lies between two cuts: [Set] for one clause, without a
// slice. A zero high is no upper bound; the interval with a zero low is empty.
type interval struct{ low, high Version }

// meaning returns the versions that a clause accepts, or with != those that it
// does not accept; or the reason why it is malformed. It sets c.operand.
//
// The intervals are those of packaging since 26.1 (pypa/packaging#1140, #1141).
func (c *clause) meaning() (accepted interval, reason string) {
	if c.Op == "===" {
		return c.identity(), ""
	}
	text, prefix := strings.CutSuffix(c.Version, ".*")
	v, err := Parse(text)
	if err != nil {
		return interval{}, c.operandReason(err)
	}
	equality := c.Op == "==" || c.Op == "!="
	var buf [packedLength]number
	p := v.parts(&buf)
	switch {
	case prefix && !equality:
		return interval{}, "a prefix match (.*) goes with == and != only"
	case prefix && (p.pre != preNone || p.hasPost || p.hasDev || len(p.local) > 0):
		return interval{}, "a prefix match (.*) follows release numbers only"
	case prefix && trimSpace(text) != text:
		return interval{}, "a prefix match (.*) follows the version without a space"
	case prefix:
		return interval{releaseDev(v, len(p.release), 0), releaseDev(v, len(p.release), 1)}, ""
	case len(p.local) > 0 && !equality:
		return interval{}, "a local version goes with == and != only"
	case c.Op == "~=" && len(p.release) < 2:
		return interval{}, "~= takes a version of two numbers or more, such as ~=" + v.Base() + ".0"
	}
	c.operand = v
	return bounds(c.Op, v, &p), ""
}

// bounds is meaning for an operand without wildcard; p is v taken apart.
func bounds(op string, v Version, p *parts) interval {
	switch op {
	case "==", "!=":
		if len(p.local) > 0 {
			return interval{v, after(v)}
		}
		return interval{v, afterLocals(v)}
	case ">=":
		return interval{low: v}
	case "<=":
		return interval{lowest, afterLocals(v)}
	case "<":
		// The pre-releases of V are not below V, unless V is one itself.
		if v.IsPrerelease() {
			return interval{lowest, v}
		}
		return interval{lowest, firstDev(v)}
	case ">":
		// Nor are the post-releases of V above it.
		if p.hasPost || p.hasDev {
			return interval{low: afterLocals(v)}
		}
		return interval{low: afterPosts(v)}
	default: // ~=
		return interval{v, releaseDev(v, len(p.release)-1, 1)}
	}
}

// identity is meaning for ===. The version is looked for in the folded operand;
// whether that asks for pre-releases goes by the operand as written.
func (c *clause) identity() interval {
	c.operand, _ = Parse(c.Version)
	folded := foldArbitrary(c.Version)
	v, err := Parse(folded)
	if err != nil || folded != v.String() {
		return interval{}
	}
	return interval{v, after(v)}
}

// set returns the versions between the cuts of i, or all others when excluded
// is set, with room for the cuts in buf.
func (i interval) set(excluded bool, buf *[3]Version) Set {
	cuts := buf[:0]
	if excluded {
		cuts = append(cuts, lowest)
	}
	switch {
	case i.low.IsZero():
	case i.high.IsZero():
		cuts = append(cuts, i.low)
	case i.low.Less(i.high):
		cuts = append(cuts, i.low, i.high)
	}
	if len(cuts) > 1 && cuts[0].Equal(cuts[1]) {
		cuts = cuts[2:]
	}
	return Set{cuts: cuts}
}

func (c *clause) operandReason(err error) string {
	switch {
	case c.Version == "":
		return "no version after " + c.Op
	case strings.ContainsFunc(c.Version, func(r rune) bool { return isSpace(r) || strings.ContainsRune("<>=~", r) }):
		return "a comma goes between clauses"
	}
	var wrong *ParseError
	if errors.As(err, &wrong) {
		return wrong.Reason
	}
	return err.Error()
}
