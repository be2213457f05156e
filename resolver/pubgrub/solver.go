package pubgrub

import (
	"context"
	"fmt"
	"slices"
)

// Provider answers the solver's questions. It is called from one goroutine,
// with one question at a time; it is free to fetch ahead in others. Its answers
// must depend on nothing but the questions so far.
type Provider[S Set[S], V any] interface {
	// Priority says when to decide p: the lowest first, equals by handle. It is
	// asked again whenever allowed or conflicts have changed.
	Priority(p Package, allowed S, conflicts Conflicts) int64
	// Choose picks a version of p in allowed. Where it finds that versions do
	// not exist it says so by Facts, which the solver learns whatever else the
	// choice is; without OK nothing in allowed exists.
	Choose(ctx context.Context, p Package, allowed S, now View[V]) (Choice[S, V], error)
	// Dependencies returns what is known of version v of p: what it requires,
	// or that it cannot be used after all. It is asked once for each version
	// that is decided, and may tell facts about other versions on the way.
	Dependencies(ctx context.Context, p Package, v V) ([]Fact[S], error)
}

// View shows a Provider the decisions so far.
type View[V any] interface {
	Selected(Package) (V, bool)
}

// Choice is a Provider's pick.
type Choice[S Set[S], V any] struct {
	OK      bool
	Version V
	// Exactly is the set of Version alone.
	Exactly S
	Facts   []Fact[S]
}

// Conflicts counts how often a package stood in a conflict right after its own
// decision (Affected), or as an earlier decision that another one failed at
// (Culprit).
type Conflicts struct {
	Affected, Culprit int
}

// NoVersions is the Reason of the incompatibility of a package of which no
// version is left, where the Provider gives none.
type NoVersions struct{}

// Decision is one line of a solution.
type Decision[V any] struct {
	Package Package
	Version V
}

// UnsolvableError says that there is no solution. Proof has the derivation.
type UnsolvableError[S Set[S]] struct {
	Proof *Incompatibility[S]
}

func (e *UnsolvableError[S]) Error() string { return "the requirements have no common solution" }

// LimitError says that the search was given up after so many steps.
type LimitError struct{ Steps int }

func (e *LimitError) Error() string {
	return fmt.Sprintf("no solution found in %d steps", e.Steps)
}

// Options of a search. The zero value has the defaults.
type Options struct {
	// MaxSteps bounds decisions and resolved conflicts together; default 200,000.
	MaxSteps int
	// SwapAfter is the number of conflicts between two packages after which the
	// later is decided before the earlier, by going back to before the earlier;
	// default 5, negative = never.
	SwapAfter int
}

// Stats are numbers about a search.
type Stats struct {
	Decisions, Conflicts, Incompatibilities int
}

const rootLevel = 1

// Solve searches a version for every package that root requires. root is the
// version of the package Root, exactly the set of it alone. The solution lists
// every selected package but Root, by handle.
func Solve[S Set[S], V any](ctx context.Context, p Provider[S, V], root V, exactly S, o Options) ([]Decision[V], Stats, error) {
	if o.MaxSteps == 0 {
		o.MaxSteps = 200_000
	}
	if o.SwapAfter == 0 {
		o.SwapAfter = 5
	}
	s := &solver[S, V]{provider: p, options: o}
	solution, err := s.run(ctx, root, exactly)
	s.stats.Incompatibilities = len(s.all)
	return solution, s.stats, err
}

type solver[S Set[S], V any] struct {
	provider Provider[S, V]
	options  Options
	partial  partial[S]
	stats    Stats
	packages []packageInfo[S, V]
	all      []*Incompatibility[S]
	// contradicted lists what was marked so, by rising level.
	contradicted []*Incompatibility[S]
	// changed are the packages of which more is known now, as a stack.
	changed []Package
	// pending are incompatibilities that were never looked at, as a stack.
	pending []*Incompatibility[S]
}

// packageInfo is what the solver keeps of a package across backtracking.
type packageInfo[S Set[S], V any] struct {
	incompatibilities []*Incompatibility[S]
	// asked are the versions whose dependencies are known.
	asked     S
	version   V
	conflicts Conflicts
	priority  int64
	// fresh if priority belongs to what is known now.
	fresh   bool
	swapped bool
	queued  bool
}

func (s *solver[S, V]) run(ctx context.Context, root V, exactly S) ([]Decision[V], error) {
	s.info(Root)
	s.partial.decide(Root, exactly)
	if err := s.ask(ctx, Root, root, exactly); err != nil {
		return nil, err
	}
	s.enqueue(Root)
	for {
		if err := s.propagate(); err != nil {
			return nil, err
		}
		p, ok := s.next()
		if !ok {
			break
		}
		if err := s.decide(ctx, p); err != nil {
			return nil, err
		}
	}
	return s.solution()
}

func (s *solver[S, V]) info(p Package) *packageInfo[S, V] {
	for int(p) >= len(s.packages) {
		s.packages = append(s.packages, packageInfo[S, V]{})
	}
	return &s.packages[p]
}

func (s *solver[S, V]) step(n *int) error {
	*n++
	if steps := s.stats.Decisions + s.stats.Conflicts; steps > s.options.MaxSteps {
		return &LimitError{Steps: steps}
	}
	return nil
}

func (s *solver[S, V]) enqueue(p Package) {
	info := s.info(p)
	info.fresh = false
	if !info.queued {
		info.queued = true
		s.changed = append(s.changed, p)
	}
}

// add makes f known.
func (s *solver[S, V]) add(f Fact[S]) {
	terms := f.Terms
	idle := func(t Term[S]) bool { return t.always() }
	if slices.ContainsFunc(terms, idle) {
		terms = slices.DeleteFunc(slices.Clone(terms), idle)
	}
	for k := range terms {
		if terms[k].Positive && terms[k].Set.IsEmpty() {
			return // can never be violated
		}
	}
	i := &Incompatibility[S]{Terms: terms, Reason: f.Reason}
	s.register(i)
	s.pending = append(s.pending, i)
}

func (s *solver[S, V]) register(i *Incompatibility[S]) {
	s.all = append(s.all, i)
	for k := range i.Terms {
		p := i.Terms[k].Package
		info := s.info(p)
		info.incompatibilities = append(info.incompatibilities, i)
		s.partial.grow(p)
	}
}

// next is the package to decide.
func (s *solver[S, V]) next() (best Package, ok bool) {
	for _, p := range s.partial.undecided {
		info := &s.packages[p]
		if !info.fresh {
			known, _ := s.partial.states[p].known()
			info.priority = s.provider.Priority(p, known.Set, info.conflicts)
			info.fresh = true
		}
		if !ok {
			best, ok = p, true
			continue
		}
		if b := &s.packages[best]; info.priority < b.priority || info.priority == b.priority && p < best {
			best = p
		}
	}
	return best, ok
}

// decide asks for a version of p and selects it, unless that would violate
// something at once.
func (s *solver[S, V]) decide(ctx context.Context, p Package) error {
	if err := s.step(&s.stats.Decisions); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	known, _ := s.partial.states[p].known()
	allowed, before := known.Set, len(s.all)
	choice, err := s.provider.Choose(ctx, p, allowed, s)
	if err != nil {
		return err
	}
	for _, f := range choice.Facts {
		s.add(f)
	}
	if !choice.OK {
		if len(choice.Facts) == 0 {
			s.add(Forbids(p, allowed, NoVersions{}))
		}
		return nil
	}
	if err := s.ask(ctx, p, choice.Version, choice.Exactly); err != nil {
		return err
	}
	if i := s.violated(p, choice.Exactly, s.all[before:]); i != nil {
		s.blame(p, i)
		return nil
	}
	s.partial.decide(p, choice.Exactly)
	s.enqueue(p)
	return nil
}

// Selected implements View.
func (s *solver[S, V]) Selected(p Package) (v V, ok bool) {
	if int(p) >= len(s.partial.states) || !s.partial.states[p].decided {
		return v, false
	}
	return s.packages[p].version, true
}

// ask learns the dependencies of a version.
func (s *solver[S, V]) ask(ctx context.Context, p Package, v V, exactly S) error {
	info := s.info(p)
	info.version = v
	if exactly.SubsetOf(info.asked) {
		return nil
	}
	info.asked = info.asked.Union(exactly)
	facts, err := s.provider.Dependencies(ctx, p, v)
	if err != nil {
		return err
	}
	for _, f := range facts {
		s.add(f)
	}
	return nil
}

// violated returns the first of list that would be violated if p were decided.
func (s *solver[S, V]) violated(p Package, exactly S, list []*Incompatibility[S]) *Incompatibility[S] {
	decided := Term[S]{p, true, exactly}
	for _, i := range list {
		all := true
		for k := range i.Terms {
			t := &i.Terms[k]
			var state relation
			if t.Package == p {
				state = relate(&decided, t)
			} else {
				state = s.partial.relate(t)
			}
			if all = state == satisfied; !all {
				break
			}
		}
		if all {
			return i
		}
	}
	return nil
}

// blame counts who stood in the way of deciding p, and when it has happened
// often, goes back to before the one that did, so that p is decided first.
func (s *solver[S, V]) blame(p Package, i *Incompatibility[S]) {
	affected := &s.packages[p]
	affected.conflicts.Affected++
	affected.fresh = false
	level := s.partial.level
	for k := range i.Terms {
		q := i.Terms[k].Package
		if q == p || q == Root || !s.partial.states[q].decided {
			continue
		}
		s.packages[q].conflicts.Culprit++
		list := s.partial.states[q].assignments
		level = min(level, list[len(list)-1].level-1)
	}
	if s.options.SwapAfter > 0 && !affected.swapped && affected.conflicts.Affected >= s.options.SwapAfter {
		affected.swapped = true
		if level < s.partial.level {
			s.clearQueue()
			s.backtrack(max(level, rootLevel))
		}
	}
}

// solution collects the decisions, after checking them against everything that
// is known.
func (s *solver[S, V]) solution() ([]Decision[V], error) {
	for _, i := range s.all {
		holds := false
		for k := range i.Terms {
			t := &i.Terms[k]
			st := &s.partial.states[t.Package]
			selected := false
			if st.decided {
				known, _ := st.known()
				selected = known.Set.SubsetOf(t.Set)
			}
			if selected != t.Positive {
				holds = true
				break
			}
		}
		if !holds {
			return nil, fmt.Errorf("internal error: the solution violates what is known (%v)", i.Reason)
		}
	}
	var out []Decision[V]
	for p := 1; p < len(s.partial.states); p++ {
		if s.partial.states[p].decided {
			out = append(out, Decision[V]{Package(p), s.packages[p].version})
		}
	}
	return out, nil
}
