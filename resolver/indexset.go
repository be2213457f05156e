package resolver

import "slices"

// indexSet is a set of versions of one project, given by their places in the
// project's list of versions. Specifiers make few intervals, so a set is a
// list of them; the first is kept in place, as most sets have no other.
type indexSet struct {
	first interval
	rest  []interval
}

// interval holds the places from lo up to, not including, hi.
type interval struct{ lo, hi int32 }

func single(i int32) indexSet { return indexSet{first: interval{i, i + 1}} }

// upTo is the set of all places of a list of length n.
func upTo(n int) indexSet { return indexSet{first: interval{0, int32(n)}} }

// intervals returns the i-th interval; ok is false behind the last.
func (s *indexSet) interval(i int) (v interval, ok bool) {
	if i == 0 {
		return s.first, s.first.lo < s.first.hi
	}
	if i-1 < len(s.rest) {
		return s.rest[i-1], true
	}
	return interval{}, false
}

// add appends an interval that begins behind or at the end of the last one.
func (s *indexSet) add(v interval) {
	if v.lo >= v.hi {
		return
	}
	last := &s.first
	if n := len(s.rest); n > 0 {
		last = &s.rest[n-1]
	}
	switch {
	case last.lo >= last.hi:
		*last = v
	case last.hi == v.lo:
		last.hi = v.hi
	default:
		s.rest = append(s.rest, v)
	}
}

func (s indexSet) contains(i int32) bool {
	if i < s.first.hi || len(s.rest) == 0 {
		return s.first.lo <= i && i < s.first.hi
	}
	k, _ := slices.BinarySearchFunc(s.rest, i, func(v interval, i int32) int {
		if v.hi <= i {
			return -1
		}
		return 1
	})
	return k < len(s.rest) && s.rest[k].lo <= i
}

// descend calls f with every place, highest first, until f returns false.
func (s indexSet) descend(f func(int32) bool) {
	for k := len(s.rest); k >= 0; k-- {
		v, _ := s.interval(k)
		for i := v.hi - 1; i >= v.lo; i-- {
			if !f(i) {
				return
			}
		}
	}
}

func (s indexSet) len() int {
	n := int(s.first.hi - s.first.lo)
	for _, v := range s.rest {
		n += int(v.hi - v.lo)
	}
	return n
}

// isSingle reports whether exactly one place is in s.
func (s indexSet) isSingle() bool {
	return len(s.rest) == 0 && s.first.hi-s.first.lo == 1
}

func (s indexSet) IsEmpty() bool { return s.first.lo >= s.first.hi }

func (s indexSet) Intersect(t indexSet) (out indexSet) {
	if len(s.rest) == 0 && len(t.rest) == 0 {
		out.add(interval{max(s.first.lo, t.first.lo), min(s.first.hi, t.first.hi)})
		return out
	}
	i, j := 0, 0
	for {
		a, ok := s.interval(i)
		b, ok2 := t.interval(j)
		if !ok || !ok2 {
			return out
		}
		out.add(interval{max(a.lo, b.lo), min(a.hi, b.hi)})
		if a.hi < b.hi {
			i++
		} else {
			j++
		}
	}
}

func (s indexSet) Union(t indexSet) (out indexSet) {
	i, j := 0, 0
	var open interval
	for {
		a, ok := s.interval(i)
		b, ok2 := t.interval(j)
		switch {
		case !ok && !ok2:
			out.add(open)
			return out
		case !ok2 || ok && a.lo <= b.lo:
			i++
		default:
			a = b
			j++
		}
		switch {
		case open.lo >= open.hi:
			open = a
		case a.lo <= open.hi:
			open.hi = max(open.hi, a.hi)
		default:
			out.add(open)
			open = a
		}
	}
}

func (s indexSet) Minus(t indexSet) (out indexSet) {
	j := 0
	for i := 0; ; i++ {
		a, ok := s.interval(i)
		if !ok {
			return out
		}
		for a.lo < a.hi {
			b, ok := t.interval(j)
			if !ok || b.lo >= a.hi {
				out.add(a)
				break
			}
			if b.hi <= a.lo {
				j++
				continue
			}
			out.add(interval{a.lo, b.lo})
			a.lo = b.hi
		}
	}
}

func (s indexSet) SubsetOf(t indexSet) bool {
	j := 0
	for i := 0; ; i++ {
		a, ok := s.interval(i)
		if !ok {
			return true
		}
		for {
			b, ok := t.interval(j)
			if !ok || b.lo > a.lo {
				return false
			}
			if a.hi <= b.hi {
				break
			}
			j++
		}
	}
}

func (s indexSet) Disjoint(t indexSet) bool {
	i, j := 0, 0
	for {
		a, ok := s.interval(i)
		b, ok2 := t.interval(j)
		switch {
		case !ok || !ok2:
			return true
		case a.hi <= b.lo:
			i++
		case b.hi <= a.lo:
			j++
		default:
			return false
		}
	}
}
