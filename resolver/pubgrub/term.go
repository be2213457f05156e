package pubgrub

// Set is a set of versions of one package. Sets are immutable. The zero value
// of S is the empty set.
type Set[S any] interface {
	Intersect(S) S
	Union(S) S
	// Minus returns the versions of the receiver that are not in S.
	Minus(S) S
	IsEmpty() bool
	SubsetOf(S) bool
	Disjoint(S) bool
}

// Package is a handle that the Provider gives out: small numbers, dense from
// Root on.
type Package int32

// Root is the package that stands for the request as a whole.
const Root Package = 0

// Term is a statement about a package: positive, that a version in Set is
// selected; negative, that none in Set is (perhaps none at all).
type Term[S Set[S]] struct {
	Package  Package
	Positive bool
	Set      S
}

// relation says what a set of facts means for a term.
type relation uint8

const (
	inconclusive relation = iota
	satisfied
	contradicted
)

// relate says what knowing t means for u, a term of the same package.
func relate[S Set[S]](t, u *Term[S]) relation {
	switch {
	case t.Positive && u.Positive:
		if t.Set.SubsetOf(u.Set) {
			return satisfied
		}
		if t.Set.Disjoint(u.Set) {
			return contradicted
		}
	case t.Positive:
		if t.Set.Disjoint(u.Set) {
			return satisfied
		}
		if t.Set.SubsetOf(u.Set) {
			return contradicted
		}
	case u.Positive:
		if u.Set.SubsetOf(t.Set) {
			return contradicted
		}
	default:
		if u.Set.SubsetOf(t.Set) {
			return satisfied
		}
	}
	return inconclusive
}

func (t Term[S]) negate() Term[S] {
	t.Positive = !t.Positive
	return t
}

// and is the term that is true iff both are.
func (t Term[S]) and(u Term[S]) Term[S] {
	switch {
	case t.Positive && u.Positive:
		t.Set = t.Set.Intersect(u.Set)
	case t.Positive:
		t.Set = t.Set.Minus(u.Set)
	case u.Positive:
		t.Positive, t.Set = true, u.Set.Minus(t.Set)
	default:
		t.Set = t.Set.Union(u.Set)
	}
	return t
}

// or is the term that is true iff one of them is.
func (t Term[S]) or(u Term[S]) Term[S] {
	return t.negate().and(u.negate()).negate()
}

// always reports whether the term says nothing.
func (t Term[S]) always() bool { return !t.Positive && t.Set.IsEmpty() }
