package pep440

import "strings"

// String returns s in the words of specifiers, as a person would write them:
// ">=1.0,!=1.5,<2.0", "==1.5", "<1.0 or >=2.0", "any version", "no version".
//
// Between the words "or" the text is a specifier with the same meaning wherever
// one exists. It does not exist for sets that tell a version from its local
// versions (Exactly prints as "==1.5" nonetheless), for bounds at a local
// version, and below the post-releases of a version ("<=1.0.post*").
func (s Set) String() string {
	switch {
	case s.IsEmpty():
		return "no version"
	case s.IsAll():
		return "any version"
	}
	var out strings.Builder
	for i := 0; i < len(s.cuts); {
		if i > 0 {
			out.WriteString(" or ")
		}
		// An alternative goes on over gaps that are one version or prefix.
		low, clauses := s.cuts[i], ""
		for i++; i+1 < len(s.cuts); i += 2 {
			gap := single(s.cuts[i], s.cuts[i+1])
			if gap == "" {
				break
			}
			clauses += ",!=" + gap
		}
		var high Version // zero: no upper bound
		if i < len(s.cuts) {
			high = s.cuts[i]
			i++
		}
		out.WriteString(conjunction(low, high, clauses))
	}
	return out.String()
}

// conjunction returns the clauses for the versions between two cuts, with those
// for the gaps in it, which begin with a comma.
func conjunction(low, high Version, gaps string) string {
	if operand := single(low, high); operand != "" && gaps == "" {
		return "==" + operand
	}
	clauses := gaps
	if lower := lowerBound(low); lower != "" {
		clauses = "," + lower + clauses
	}
	if !high.IsZero() {
		clauses += "," + upperBound(high)
	}
	return clauses[1:]
}

// single returns the operand with which == accepts what is between two cuts, ""
// when there is none.
func single(low, high Version) string {
	var lowBuf, highBuf [packedLength]number
	p, q := low.parts(&lowBuf), high.parts(&highBuf)
	switch {
	case high.IsZero(), p.after, p.allPosts:
		return ""
	case q.after:
		if q.after = false; q.version().Equal(low) {
			return p.text()
		}
		return ""
	case len(p.local) == 0 && afterLocals(low).Equal(high):
		return p.text()
	case low.Equal(lowest), !p.isFirstOfRelease(), !q.isFirstOfRelease():
		return ""
	}
	return prefix(&p, &q)
}

// isFirstOfRelease reports whether p is 1.2.dev0 for some release 1.2.
func (p *parts) isFirstOfRelease() bool {
	return p.hasDev && p.dev.isZero() && p.pre == preNone && !p.hasPost && len(p.local) == 0
}

// prefix returns "1.2.*" for p = 1.2.dev0 and q = 1.3.dev0.
func prefix(p, q *parts) string {
	low, high := trimZeros(p.release), trimZeros(q.release)
	last := len(high) - 1
	if len(low) > len(high) || p.epoch.compare(q.epoch) != 0 {
		return ""
	}
	base := make([]number, len(high))
	copy(base, low)
	if compareRelease(base[:last], high[:last]) != 0 || base[last].next().compare(high[last]) != 0 {
		return ""
	}
	stem := parts{epoch: p.epoch, release: base, pre: preNone}
	return stem.text() + ".*"
}

// lowerBound returns the clauses for what is above a cut, "" for everything.
func lowerBound(cut Version) string {
	if cut.Equal(lowest) {
		return ""
	}
	var buf [packedLength]number
	p := cut.parts(&buf)
	switch {
	case p.allPosts:
		return ">" + p.text()
	case p.after && len(p.local) > 0:
		return ">" + p.text()
	case p.after:
		return ">=" + p.text() + ",!=" + p.text()
	case !p.hasDev || !p.dev.isZero() || len(p.local) > 0:
		return ">=" + p.text()
	case p.hasPost && p.post.isZero():
		p.hasPost, p.hasDev = false, false
		return ">=" + p.text() + ",!=" + p.text()
	case p.hasPost:
		p.post, p.hasDev = p.post.previous(), false
		return ">" + p.text()
	case p.pre != preNone && !p.preNum.isZero():
		p.preNum, p.hasDev = p.preNum.previous(), false
		return ">" + p.text()
	}
	return ">=" + p.text()
}

// upperBound returns the clauses for what is below a cut.
func upperBound(cut Version) string {
	var buf [packedLength]number
	p := cut.parts(&buf)
	switch {
	case p.allPosts:
		return "<=" + p.text() + ".post*"
	case p.after:
		return "<=" + p.text()
	case len(p.local) > 0:
		return "<" + p.text()
	case p.isFirstOfRelease():
		p.hasDev = false
		return "<" + p.text()
	case p.hasPost && p.hasDev && p.dev.isZero():
		if p.hasDev = false; p.post.isZero() {
			p.hasPost = false
		} else {
			p.post = p.post.previous()
		}
		return "<=" + p.text()
	case cut.IsPrerelease():
		return "<" + p.text()
	}
	return "<=" + p.text() + ",!=" + p.text()
}
