package pubgrub

import "slices"

// Incompatibility is a set of terms, at most one per package, that must not
// all be true. It is either given by the Provider or derived from two others.
type Incompatibility[S Set[S]] struct {
	Terms []Term[S]
	// Reason is what the Provider gave with the fact; nil if derived.
	Reason any

	left, right *Incompatibility[S]
	// contradicted is one more than the decision level since which a term is
	// known to be false, 0 if it is not.
	contradicted int32
}

// Causes returns the two incompatibilities that this one follows from.
func (i *Incompatibility[S]) Causes() (left, right *Incompatibility[S], derived bool) {
	return i.left, i.right, i.left != nil
}

// Term returns the term about p.
func (i *Incompatibility[S]) Term(p Package) (Term[S], bool) {
	if k := i.index(p); k >= 0 {
		return i.Terms[k], true
	}
	return Term[S]{}, false
}

func (i *Incompatibility[S]) index(p Package) int {
	for k := range i.Terms {
		if i.Terms[k].Package == p {
			return k
		}
	}
	return -1
}

// isTerminal reports whether i says that there is no solution at all.
func (i *Incompatibility[S]) isTerminal() bool {
	return len(i.Terms) == 0 || len(i.Terms) == 1 && i.Terms[0].Package == Root && i.Terms[0].Positive
}

// resolve combines two incompatibilities by the rule of resolution: not all of
// a's other terms and all of b's other terms can be true, unless both of their
// terms about pivot are.
func resolve[S Set[S]](a, b *Incompatibility[S], pivot Package) *Incompatibility[S] {
	terms := make([]Term[S], 0, len(a.Terms)+len(b.Terms))
	for _, t := range a.Terms {
		if u, ok := b.Term(t.Package); ok {
			if t.Package == pivot {
				t = t.or(u)
			} else {
				t = t.and(u)
			}
		}
		if !t.always() {
			terms = append(terms, t)
		}
	}
	for _, u := range b.Terms {
		if a.index(u.Package) < 0 && !u.always() {
			terms = append(terms, u)
		}
	}
	return &Incompatibility[S]{Terms: slices.Clip(terms), left: a, right: b}
}

// Fact is an incompatibility that the Provider knows, with its reason.
type Fact[S Set[S]] struct {
	Terms  []Term[S]
	Reason any
}

// Requires is the fact that the given versions of p need a version of q in set.
func Requires[S Set[S]](p Package, versions S, q Package, set S, reason any) Fact[S] {
	if p == q {
		return Forbids(p, versions.Minus(set), reason)
	}
	return Fact[S]{
		Terms:  []Term[S]{{p, true, versions}, {q, false, set}},
		Reason: reason,
	}
}

// Forbids is the fact that none of the given versions of p can be selected.
func Forbids[S Set[S]](p Package, versions S, reason any) Fact[S] {
	return Fact[S]{Terms: []Term[S]{{p, true, versions}}, Reason: reason}
}

// Excludes is the fact that a version of p in set and one of q in others do
// not go together.
func Excludes[S Set[S]](p Package, set S, q Package, others S, reason any) Fact[S] {
	return Fact[S]{Terms: []Term[S]{{p, true, set}, {q, true, others}}, Reason: reason}
}
