package pubgrub

import "errors"

// propagate derives everything that follows.
func (s *solver[S, V]) propagate() error {
	for {
		if n := len(s.pending); n > 0 {
			i := s.pending[n-1]
			s.pending = s.pending[:n-1]
			if _, err := s.visit(i); err != nil {
				return err
			}
			continue
		}
		n := len(s.changed)
		if n == 0 {
			return nil
		}
		p := s.changed[n-1]
		s.changed = s.changed[:n-1]
		s.packages[p].queued = false
		list := s.packages[p].incompatibilities
		for k := len(list) - 1; k >= 0; k-- {
			if list[k].contradicted != 0 {
				continue
			}
			jumped, err := s.visit(list[k])
			if err != nil {
				return err
			}
			if jumped {
				break // what is known of p has changed: what matters is queued
			}
		}
	}
}

// visit does what i demands in the present state. jumped reports whether it
// was violated, so that the search went back.
func (s *solver[S, V]) visit(i *Incompatibility[S]) (jumped bool, err error) {
	open, state := s.inspect(i)
	switch {
	case state == contradicted:
		s.markContradicted(i)
	case state == satisfied:
		if i, err = s.resolveConflict(i); err != nil {
			return true, err
		}
		if open, _ = s.inspect(i); open < 0 {
			return true, errors.New("internal error: a resolved conflict left no choice")
		}
		s.clearQueue()
		s.derive(i, open)
		return true, nil
	case open >= 0:
		s.derive(i, open)
	}
	return false, nil
}

func (s *solver[S, V]) markContradicted(i *Incompatibility[S]) {
	i.contradicted = s.partial.level + 1
	s.contradicted = append(s.contradicted, i)
}

func (s *solver[S, V]) derive(i *Incompatibility[S], open int) {
	t := i.Terms[open]
	s.partial.derive(t.negate(), i)
	s.markContradicted(i)
	s.enqueue(t.Package)
}

func (s *solver[S, V]) clearQueue() {
	for _, p := range s.changed {
		s.packages[p].queued = false
	}
	s.changed = s.changed[:0]
}

// inspect says what is known about i: satisfied if all its terms are true,
// contradicted if one is false; else open is the only term not known to be
// true, or -1 if there are several.
func (s *solver[S, V]) inspect(i *Incompatibility[S]) (open int, state relation) {
	open, state = -1, satisfied
	for k := range i.Terms {
		switch s.partial.relate(&i.Terms[k]) {
		case contradicted:
			return -1, contradicted
		case inconclusive:
			if state == inconclusive {
				open = -1
				// Several open terms; a false one may still follow.
				continue
			}
			open, state = k, inconclusive
		}
	}
	return open, state
}

// resolveConflict finds, from an incompatibility whose terms are all true, the
// one that would have prevented it, goes back to where that leaves a choice,
// and learns it.
func (s *solver[S, V]) resolveConflict(i *Incompatibility[S]) (*Incompatibility[S], error) {
	if err := s.step(&s.stats.Conflicts); err != nil {
		return nil, err
	}
	learned := false
	for !i.isTerminal() {
		c := s.partial.analyse(i)
		if c.newest.cause == nil || c.level < c.newest.level {
			s.backtrack(c.level)
			if learned {
				s.register(i)
			}
			return i, nil
		}
		i = resolve(i, c.newest.cause, c.newest.known.Package)
		learned = true
	}
	return nil, &UnsolvableError[S]{Proof: i}
}

func (s *solver[S, V]) backtrack(level int32) {
	n := len(s.partial.trail)
	for ; n > 0; n-- {
		p := s.partial.trail[n-1]
		list := s.partial.states[p].assignments
		if list[len(list)-1].level <= level {
			break
		}
		s.packages[p].fresh = false
	}
	s.partial.backtrack(level)
	m := len(s.contradicted)
	for ; m > 0 && s.contradicted[m-1].contradicted > level+1; m-- {
		s.contradicted[m-1].contradicted = 0
	}
	s.contradicted = s.contradicted[:m]
}
