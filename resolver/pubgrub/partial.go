package pubgrub

import "sort"

// assignment is a step of the search: a decision (cause nil), or what had to
// follow from an incompatibility.
type assignment[S Set[S]] struct {
	// known is all that is known about the package from this step on.
	known Term[S]
	cause *Incompatibility[S]
	level int32
	// order is the place among all assignments.
	order int32
}

// state is what is known about one package.
type state[S Set[S]] struct {
	assignments []assignment[S]
	decided     bool
	// waiting is the place in partial.undecided, -1 if it is not there.
	waiting int32
}

func (s *state[S]) known() (t *Term[S], ok bool) {
	if n := len(s.assignments); n > 0 {
		return &s.assignments[n-1].known, true
	}
	return nil, false
}

// partial is the partial solution: all assignments so far.
type partial[S Set[S]] struct {
	states []state[S]
	// trail has the package of every assignment, oldest first.
	trail []Package
	level int32
	// undecided are the packages that must be selected and are not yet.
	undecided []Package
}

func (s *partial[S]) grow(p Package) *state[S] {
	for int(p) >= len(s.states) {
		s.states = append(s.states, state[S]{waiting: -1})
	}
	return &s.states[p]
}

func (s *partial[S]) relate(t *Term[S]) relation {
	if int(t.Package) >= len(s.states) {
		return unknown(t)
	}
	known, ok := s.states[t.Package].known()
	if !ok {
		return unknown(t)
	}
	return relate(known, t)
}

// unknown is the relation of a term to no knowledge at all.
func unknown[S Set[S]](t *Term[S]) relation {
	if t.always() {
		return satisfied
	}
	if t.Positive && t.Set.IsEmpty() {
		return contradicted
	}
	return inconclusive
}

// decide selects a version; exactly is the set of it alone.
func (s *partial[S]) decide(p Package, exactly S) {
	s.level++
	s.push(assignment[S]{known: Term[S]{p, true, exactly}})
	st := &s.states[p]
	st.decided = true
	s.settle(p)
}

// derive adds what follows from cause.
func (s *partial[S]) derive(t Term[S], cause *Incompatibility[S]) {
	st := s.grow(t.Package)
	if known, ok := st.known(); ok {
		t = known.and(t)
	}
	s.push(assignment[S]{known: t, cause: cause})
	st = &s.states[t.Package]
	if t.Positive && !st.decided && st.waiting < 0 {
		st.waiting = int32(len(s.undecided))
		s.undecided = append(s.undecided, t.Package)
	}
}

func (s *partial[S]) push(a assignment[S]) {
	st := s.grow(a.known.Package)
	a.level, a.order = s.level, int32(len(s.trail))
	st.assignments = append(st.assignments, a)
	s.trail = append(s.trail, a.known.Package)
}

// settle takes p from the undecided packages.
func (s *partial[S]) settle(p Package) {
	st := &s.states[p]
	if st.waiting < 0 {
		return
	}
	last := len(s.undecided) - 1
	moved := s.undecided[last]
	s.undecided[st.waiting] = moved
	s.states[moved].waiting = st.waiting
	s.undecided = s.undecided[:last]
	st.waiting = -1
}

// backtrack forgets everything above level.
func (s *partial[S]) backtrack(level int32) {
	n := len(s.trail)
	for n > 0 {
		p := s.trail[n-1]
		st := &s.states[p]
		last := len(st.assignments) - 1
		if st.assignments[last].level <= level {
			break
		}
		if st.assignments[last].cause == nil {
			st.decided = false
		}
		st.assignments[last] = assignment[S]{}
		st.assignments = st.assignments[:last]
		switch known, ok := st.known(); {
		case !ok || !known.Positive:
			s.settle(p)
		case !st.decided && st.waiting < 0:
			st.waiting = int32(len(s.undecided))
			s.undecided = append(s.undecided, p)
		}
		n--
	}
	s.trail = s.trail[:n]
	s.level = level
}

// satisfier returns the place in the package's assignments from which on t is
// true.
func (s *partial[S]) satisfier(t *Term[S]) int {
	list := s.states[t.Package].assignments
	return sort.Search(len(list), func(i int) bool {
		return relate(&list[i].known, t) == satisfied
	})
}

// conflict describes when an incompatibility became true.
type conflict[S Set[S]] struct {
	newest assignment[S]
	// level is the lowest to which the search can go back so that all terms
	// but the newest's are still true.
	level int32
	// own is what the newest assignment says by itself.
	own Term[S]
}

// analyse finds the assignment that completed i, whose terms are all true.
func (s *partial[S]) analyse(i *Incompatibility[S]) conflict[S] {
	var c conflict[S]
	at, newest := -1, -1
	second := int32(rootLevel)
	for k := range i.Terms {
		t := &i.Terms[k]
		n := s.satisfier(t)
		a := &s.states[t.Package].assignments[n]
		if newest < 0 || a.order > c.newest.order {
			if newest >= 0 {
				second = max(second, c.newest.level)
			}
			newest, at, c.newest = k, n, *a
		} else {
			second = max(second, a.level)
		}
	}
	t := &i.Terms[newest]
	c.own = c.newest.known
	if c.newest.cause != nil {
		given, _ := c.newest.cause.Term(t.Package)
		c.own = given.negate()
	}
	if relate(&c.own, t) != satisfied {
		// It took an older assignment of the same package as well.
		list := s.states[t.Package].assignments[:at]
		n := sort.Search(len(list), func(n int) bool {
			both := list[n].known.and(c.own)
			return relate(&both, t) == satisfied
		})
		second = max(second, list[n].level)
	}
	c.level = second
	return c
}
