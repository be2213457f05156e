package pep440

import "slices"

// Set is a set of versions: any union of intervals that specifiers can make.
// The zero Set is empty. Sets are immutable and canonical, so that [Set.Equal]
// compares representations.
type Set struct {
	// cuts strictly increase. A version is in the set when an odd number of
	// them is below it.
	cuts []Version
}

// All returns the set of all versions.
func All() Set { return Set{cuts: []Version{lowest}} }

// None returns the empty set.
func None() Set { return Set{} }

// Exactly returns the set that holds v and versions equal to it, but not v's
// local versions. It is empty for the zero Version.
func Exactly(v Version) Set {
	if v.IsZero() {
		return Set{}
	}
	return Set{cuts: []Version{v, after(v)}}
}

// Contains reports whether v is in s.
func (s Set) Contains(v Version) bool {
	low, high := 0, len(s.cuts)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if s.cuts[middle].Compare(v) <= 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low&1 == 1
}

// IsEmpty reports whether no version at all is in s.
func (s Set) IsEmpty() bool { return len(s.cuts) == 0 }

// IsAll reports whether every version is in s.
func (s Set) IsAll() bool { return len(s.cuts) == 1 && s.startsBelowAll() }

// Equal reports whether s and t hold the same versions.
func (s Set) Equal(t Set) bool { return slices.EqualFunc(s.cuts, t.cuts, Version.Equal) }

// Union returns the versions that are in s or t.
func (s Set) Union(t Set) Set {
	switch {
	case s.IsEmpty(), t.IsAll():
		return t
	case t.IsEmpty(), s.IsAll():
		return s
	}
	return s.combine(t, either)
}

// Intersect returns the versions that are in s and t.
func (s Set) Intersect(t Set) Set {
	switch {
	case s.IsEmpty(), t.IsAll():
		return s
	case t.IsEmpty(), s.IsAll():
		return t
	}
	return s.combine(t, both)
}

// Minus returns the versions that are in s but not in t.
func (s Set) Minus(t Set) Set {
	switch {
	case s.IsEmpty(), t.IsEmpty():
		return s
	case t.IsAll():
		return Set{}
	}
	return s.combine(t, firstOnly)
}

// Complement returns the versions that are not in s.
func (s Set) Complement() Set {
	if s.startsBelowAll() {
		return Set{cuts: s.cuts[1:]}
	}
	return Set{cuts: append(append(make([]Version, 0, len(s.cuts)+1), lowest), s.cuts...)}
}

// SubsetOf reports whether every version of s is in t.
func (s Set) SubsetOf(t Set) bool {
	return !s.anyRegion(t, firstOnly)
}

// Disjoint reports whether no version is in both s and t.
func (s Set) Disjoint(t Set) bool {
	return !s.anyRegion(t, both)
}

func either(inS, inT bool) bool    { return inS || inT }
func both(inS, inT bool) bool      { return inS && inT }
func firstOnly(inS, inT bool) bool { return inS && !inT }

func (s Set) startsBelowAll() bool { return len(s.cuts) > 0 && s.cuts[0].Equal(lowest) }

// combine returns the set of the versions for which keep holds, given whether
// they are in s and in t. keep(false, false) is false.
func (s Set) combine(t Set, keep func(inS, inT bool) bool) Set {
	out := make([]Version, 0, len(s.cuts)+len(t.cuts))
	for i, j := 0, 0; i < len(s.cuts) || j < len(t.cuts); {
		cut, nextI, nextJ := s.nextCut(t, i, j)
		i, j = nextI, nextJ
		if in := keep(i&1 == 1, j&1 == 1); in != (len(out)&1 == 1) {
			out = append(out, cut)
		}
	}
	if len(out) == 0 {
		return Set{}
	}
	return Set{cuts: out}
}

// anyRegion reports whether there are versions for which test holds, given
// whether they are in s and in t. test(false, false) is false.
func (s Set) anyRegion(t Set, test func(inS, inT bool) bool) bool {
	for i, j := 0, 0; i < len(s.cuts) || j < len(t.cuts); {
		_, i, j = s.nextCut(t, i, j)
		if test(i&1 == 1, j&1 == 1) {
			return true
		}
	}
	return false
}

// nextCut returns the lower of s.cuts[i] and t.cuts[j], and the indexes of the
// cuts above it. At least one of the two exists.
func (s Set) nextCut(t Set, i, j int) (cut Version, nextI, nextJ int) {
	switch {
	case i == len(s.cuts):
		return t.cuts[j], i, j + 1
	case j == len(t.cuts):
		return s.cuts[i], i + 1, j
	}
	switch c := s.cuts[i].Compare(t.cuts[j]); {
	case c < 0:
		return s.cuts[i], i + 1, j
	case c > 0:
		return t.cuts[j], i, j + 1
	}
	return s.cuts[i], i + 1, j + 1
}
