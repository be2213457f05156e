package resolver

import (
	"context"
	"errors"

	"github.com/xpip/xpip/resolver/pubgrub"
)

// maxSearches bounds how often a search begins again. Each time it knows a
// project, a file or a version more than before.
const maxSearches = 10_000

func resolve(ctx context.Context, r Request, src Source) (*Resolution, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := newWorld(ctx, &r, src)
	if err != nil {
		return nil, err
	}
	defer w.pool.close()
	defer cancel() // runs before the wait: what is still being fetched ahead is not needed
	l := &lore{
		expanded: map[string]bool{}, direct: map[string][]*File{}, byURL: map[string]*File{},
		prereleases: map[string]bool{}, yanked: map[string]pins{},
	}
	warnings, err := w.readRoots(ctx, l)
	if err != nil {
		return nil, err
	}
	for range maxSearches {
		s := newSearch(w, l)
		decisions, _, err := pubgrub.Solve(ctx, s, 0, single(0), pubgrub.Options{SwapAfter: swapAfter})
		var restart *again
		var unsolvable *pubgrub.UnsolvableError[indexSet]
		var limit *pubgrub.LimitError
		switch {
		case err == nil:
			res, err := s.result(ctx, decisions)
			if err != nil {
				return nil, err
			}
			res.Warnings = append(warnings, res.Warnings...)
			return res, s.checkHashes(res)
		case errors.As(err, &restart):
			continue
		case errors.As(err, &unsolvable):
			if s.admitPrereleases(unsolvable.Proof) {
				continue
			}
			return nil, s.explain(ctx, unsolvable.Proof)
		case errors.As(err, &limit):
			return nil, &LimitError{Steps: limit.Steps}
		}
		return nil, err
	}
	return nil, &LimitError{Steps: maxSearches}
}

// admitPrereleases makes pre-releases eligible where a proof rests on their
// exclusion though requirements in it leave nothing else, and reports whether
// there was such a project.
func (s *search) admitPrereleases(p *proof) (changed bool) {
	hidden := map[*entry]bool{}
	sets := map[*entry][]indexSet{}
	eachFact(p, func(f *proof) {
		switch why := f.Reason.(type) {
		case *prereleases:
			hidden[why.project] = !why.project.final
		case *dependency:
			sets[why.project] = append(sets[why.project], why.set)
		case *constrained:
			sets[why.project] = append(sets[why.project], why.project.match(why.constraint.Requirement.Specifiers))
		}
	})
	for e := range hidden {
		if hidden[e] && !s.lore.prereleases[e.name] && s.onlyPrereleases(e, sets[e]) {
			s.lore.prereleases[e.name] = true
			changed = true
		}
	}
	return changed
}

// onlyPrereleases reports whether one or two of the requirements allow
// pre-releases and no other release that could be used.
func (s *search) onlyPrereleases(e *entry, sets []indexSet) bool {
	const enough = 64
	sets = sets[:min(len(sets), enough)]
	for i := range sets {
		for _, t := range sets[i:] {
			both := sets[i].Intersect(t)
			for h := range s.hosts {
				if s.anyPrerelease(e, h, both) && !s.anyFinal(e, h, both) {
					return true
				}
			}
		}
	}
	return false
}

func (s *search) anyPrerelease(e *entry, h int, set indexSet) (found bool) {
	set.descend(func(i int32) bool {
		if v := e.versions[i]; !v.standIn && v.number.IsPrerelease() && i < e.indexed {
			found = s.verdict(e, i, h).usable()
		}
		return !found
	})
	return found
}

// eachFact calls f with every given incompatibility that a proof rests on,
// once, in the order in which the proof reads.
func eachFact(p *proof, f func(*proof)) {
	seen := map[*proof]bool{}
	stack := []*proof{p}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		if left, right, derived := i.Causes(); derived {
			stack = append(stack, right, left)
		} else {
			f(i)
		}
	}
}
