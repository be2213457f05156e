package pubgrub

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"testing"
)

// mask is a set of up to 32 versions.
type mask uint32

func (m mask) Intersect(n mask) mask { return m & n }
func (m mask) Union(n mask) mask     { return m | n }
func (m mask) Minus(n mask) mask     { return m &^ n }
func (m mask) IsEmpty() bool         { return m == 0 }
func (m mask) SubsetOf(n mask) bool  { return m&^n == 0 }
func (m mask) Disjoint(n mask) bool  { return m&n == 0 }

func only(v int) mask { return 1 << v }

// universe is a random world. Package 0 is the root, with one version.
type universe struct {
	versions []mask // that the package seems to have
	facts    []Fact[mask]
	// tellAt says at which question a fact comes up: the dependencies of a
	// version of its first package, or a choice of its first package.
	atChoice []bool
	// rank orders versions and packages in the search, at random.
	rank     [][]int
	priority []int64
	swap     int
	wide     bool
}

func newUniverse(r *rand.Rand) *universe {
	n := 2 + r.IntN(5)
	u := &universe{swap: r.IntN(4) - 1, wide: r.IntN(3) == 0}
	u.versions = append(u.versions, 1)
	for range n {
		u.versions = append(u.versions, 1<<(1+r.IntN(4))-1)
	}
	set := func(p int) mask {
		s := mask(r.Uint32()) & u.versions[p]
		if r.IntN(4) == 0 {
			s = only(r.IntN(bits.Len32(uint32(u.versions[p]))))
		}
		return s
	}
	add := func(f Fact[mask], atChoice bool) {
		f.Reason = len(u.facts)
		u.facts = append(u.facts, f)
		u.atChoice = append(u.atChoice, atChoice)
	}
	for p, all := range u.versions {
		for v := 0; only(v)&all != 0; v++ {
			for range r.IntN(4) {
				q := 1 + r.IntN(n)
				if q != p || r.IntN(8) == 0 {
					add(Requires(Package(p), only(v), Package(q), set(q), nil), false)
				}
			}
			switch r.IntN(12) {
			case 0: // turns out not to exist, when its metadata is read
				if p > 0 {
					add(Forbids(Package(p), only(v), nil), false)
				}
			case 1: // is seen not to exist when it is about to be chosen
				if p > 0 {
					add(Forbids(Package(p), only(v), nil), true)
				}
			}
		}
		if p == 0 {
			continue
		}
		switch r.IntN(5) {
		case 0: // many versions need the same
			if q := 1 + r.IntN(n); q != p {
				add(Requires(Package(p), set(p), Package(q), set(q), nil), false)
			}
		case 1: // like an extra: p at a version needs q at the same
			if q := 1 + r.IntN(n); q != p {
				for v := 0; only(v)&all != 0; v++ {
					add(Requires(Package(p), only(v), Package(q), only(v)&u.versions[q], nil), false)
				}
			}
		case 2:
			if q := 1 + r.IntN(n); q != p {
				add(Excludes(Package(p), set(p), Package(q), set(q), nil), false)
			}
		}
	}
	for _, all := range u.versions {
		u.rank = append(u.rank, r.Perm(bits.Len32(uint32(all))))
		u.priority = append(u.priority, r.Int64N(3))
	}
	return u
}

func (u *universe) Priority(p Package, _ mask, c Conflicts) int64 {
	return u.priority[p] - int64(c.Affected/2) + int64(c.Culprit/2)
}

func (u *universe) Choose(_ context.Context, p Package, allowed mask, _ View[int]) (c Choice[mask, int], _ error) {
	gone := mask(0)
	for i, f := range u.facts {
		if u.atChoice[i] && f.Terms[0].Package == p {
			gone |= f.Terms[0].Set
		}
	}
	for _, v := range u.rank[p] {
		switch {
		case only(v)&allowed == 0:
		case only(v)&gone != 0:
			c.Facts = append(c.Facts, u.fact(p, v))
		case !c.OK:
			c.OK, c.Version, c.Exactly = true, v, only(v)
		}
	}
	return c, nil
}

// fact is the one that is told at a choice.
func (u *universe) fact(p Package, v int) Fact[mask] {
	for i, f := range u.facts {
		if u.atChoice[i] && f.Terms[0].Package == p && f.Terms[0].Set == only(v) {
			return f
		}
	}
	panic("no such fact")
}

func (u *universe) Dependencies(_ context.Context, p Package, v int) (facts []Fact[mask], _ error) {
	for i, f := range u.facts {
		if u.atChoice[i] {
			continue
		}
		for k, t := range f.Terms {
			// In a wide universe the facts of other versions are told as well,
			// as a provider does that has read several at once.
			if t.Package == p && t.Positive && (u.wide || t.Set&only(v) != 0 || k > 0) {
				facts = append(facts, f)
				break
			}
		}
	}
	return facts, nil
}

// selection has one more than the version of each package, 0 for none.
type selection []int

func (s selection) violates(terms []Term[mask]) bool {
	for _, t := range terms {
		in := s[t.Package] > 0 && only(s[t.Package]-1)&t.Set != 0
		if in != t.Positive {
			return false
		}
	}
	return true
}

// each calls f with every selection that has the root, until f returns false.
func (u *universe) each(f func(selection) bool) {
	s := make(selection, len(u.versions))
	s[0] = 1
	var walk func(p int) bool
	walk = func(p int) bool {
		if p == len(s) {
			return f(s)
		}
		for v := 0; v <= bits.Len32(uint32(u.versions[p])); v++ {
			s[p] = v
			if !walk(p + 1) {
				return false
			}
		}
		return true
	}
	walk(1)
}

func (u *universe) valid(s selection) bool {
	for _, f := range u.facts {
		if s.violates(f.Terms) {
			return false
		}
	}
	return true
}

func (u *universe) solvable() (found bool) {
	u.each(func(s selection) bool {
		found = u.valid(s)
		return !found
	})
	return found
}

// needed marks what is reachable from the root by requirements of s.
func (u *universe) needed(s selection) []bool {
	needed := make([]bool, len(s))
	needed[0] = true
	for again := true; again; {
		again = false
		for _, f := range u.facts {
			if len(f.Terms) != 2 || f.Terms[1].Positive {
				continue
			}
			t, q := f.Terms[0], f.Terms[1].Package
			if s[t.Package] > 0 && needed[t.Package] && only(s[t.Package]-1)&t.Set != 0 && !needed[q] {
				needed[q], again = true, true
			}
		}
	}
	return needed
}

func (u *universe) solve() ([]Decision[int], Stats, error) {
	return Solve[mask, int](context.Background(), u, 0, only(0), Options{SwapAfter: u.swap})
}

func TestAgainstBruteForce(t *testing.T) {
	universes := 30_000
	if testing.Short() {
		universes = 3_000
	}
	solvable, conflicts, proofs := 0, 0, 0
	for seed := range uint64(universes) {
		u := newUniverse(rand.New(rand.NewPCG(seed, 1)))
		solution, stats, err := u.solve()
		conflicts += stats.Conflicts
		again, _, err2 := u.solve()
		if !reflect.DeepEqual(solution, again) || (err == nil) != (err2 == nil) {
			t.Fatalf("seed %d: two answers: %v (%v), %v (%v)", seed, solution, err, again, err2)
		}
		var unsolvable *UnsolvableError[mask]
		switch {
		case err == nil:
			solvable++
			if err := u.check(solution); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		case errors.As(err, &unsolvable):
			if u.solvable() {
				t.Fatalf("seed %d: called unsolvable, but it is not", seed)
			}
			// Enumerating every step of a proof is slow; a part of them will do.
			if seed%4 == 0 {
				proofs++
				if err := u.checkProof(unsolvable.Proof); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		default:
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	t.Logf("%d of %d solvable, %d conflicts, %d proofs checked", solvable, universes, conflicts, proofs)
	if solvable < universes/10 || solvable > universes*9/10 || conflicts < universes/5 {
		t.Error("the universes are too uniform to prove anything")
	}
}

func (u *universe) check(solution []Decision[int]) error {
	s := make(selection, len(u.versions))
	s[0] = 1
	for _, d := range solution {
		if only(d.Version)&u.versions[d.Package] == 0 {
			return fmt.Errorf("package %d has no version %d", d.Package, d.Version)
		}
		s[d.Package] = d.Version + 1
	}
	if !u.valid(s) {
		return fmt.Errorf("%v violates a fact", s)
	}
	for p, needed := range u.needed(s) {
		if s[p] > 0 && !needed {
			return fmt.Errorf("%v has package %d, which nothing needs", s, p)
		}
	}
	return nil
}

// checkProof checks that every step follows from its causes, that every leaf
// is a fact, and that the conclusion is that the root cannot be.
func (u *universe) checkProof(i *Incompatibility[mask]) error {
	if !i.isTerminal() {
		return fmt.Errorf("the proof ends in %v", i.Terms)
	}
	seen := map[*Incompatibility[mask]]bool{}
	var visit func(i *Incompatibility[mask]) error
	visit = func(i *Incompatibility[mask]) (err error) {
		if seen[i] {
			return nil
		}
		seen[i] = true
		l, r, derived := i.Causes()
		if !derived {
			if k, ok := i.Reason.(int); !ok || k >= len(u.facts) {
				return fmt.Errorf("%v is no fact", i)
			}
			return nil
		}
		u.each(func(s selection) bool {
			if s.violates(i.Terms) && !s.violates(l.Terms) && !s.violates(r.Terms) {
				err = fmt.Errorf("%v does not follow from %v and %v: %v", i.Terms, l.Terms, r.Terms, s)
			}
			return err == nil
		})
		if err == nil {
			err = visit(l)
		}
		if err == nil {
			err = visit(r)
		}
		return err
	}
	return visit(i)
}

// Whatever the order of decisions, the answer is found if there is one.
func TestEveryOrderFindsASolution(t *testing.T) {
	for seed := range uint64(2_000) {
		u := newUniverse(rand.New(rand.NewPCG(seed, 2)))
		want := u.solvable()
		for order := range uint64(8) {
			r := rand.New(rand.NewPCG(seed, 3+order))
			for p := range u.priority {
				u.priority[p] = r.Int64N(5)
				r.Shuffle(len(u.rank[p]), func(i, j int) { u.rank[p][i], u.rank[p][j] = u.rank[p][j], u.rank[p][i] })
			}
			solution, _, err := u.solve()
			if (err == nil) != want {
				t.Fatalf("seed %d, order %d: got %v, solvable is %v", seed, order, err, want)
			}
			if err == nil {
				if err := u.check(solution); err != nil {
					t.Fatalf("seed %d, order %d: %v", seed, order, err)
				}
			}
		}
	}
}

// chain is a universe in which package n needs package n+1.
func chain(n int) *universe {
	u := &universe{versions: []mask{1}, rank: [][]int{{0}}, priority: []int64{0}}
	for p := range n {
		u.versions = append(u.versions, 1)
		u.rank = append(u.rank, []int{0})
		u.priority = append(u.priority, 0)
		u.facts = append(u.facts, Requires(Package(p), only(0), Package(p+1), only(0), nil))
		u.atChoice = append(u.atChoice, false)
	}
	return u
}

func TestLimit(t *testing.T) {
	_, stats, err := Solve[mask, int](context.Background(), chain(9), 0, only(0), Options{MaxSteps: 5})
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Steps != 6 {
		t.Fatalf("got %v after %+v, want a LimitError", err, stats)
	}
	if solution, _, err := chain(9).solve(); err != nil || len(solution) != 9 {
		t.Fatalf("got %v, %v, want 9 packages", solution, err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Solve[mask, int](ctx, chain(2), 0, only(0), Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
}
