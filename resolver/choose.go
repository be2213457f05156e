package resolver

import (
	"context"
	"iter"
	"slices"

	"github.com/xpip/xpip/resolver/pubgrub"
)

// order ranks the versions: what is installed if it is to be kept, a preferred
// one, allowed hashes; then newest first. Wheels before sdists, if these are
// preferred, is for bestFirst. Direct files come last: where one of them is meant,
// nothing else is allowed.
func (s *search) order(e *entry) {
	n := len(e.versions)
	e.rank = make([]int32, n)
	for i := range e.rank {
		e.rank[i] = int32(n - 1 - i)
	}
	_, installed := s.installed(e.name)
	keep := installed && s.keepsInstalled(e.name)
	if e.preferred.IsZero() && !keep && e.hashes == nil && int(e.indexed) == n {
		return
	}
	var hashed indexSet
	if e.hashes != nil {
		hashed = s.choosable(e)
	}
	e.weights = make([]int8, n)
	for i, v := range e.versions {
		switch {
		case int32(i) >= e.indexed || v.standIn:
			e.weights[i] = -1
			continue
		case keep && v.installed != nil:
			e.weights[i] += 8
		}
		if !e.preferred.IsZero() && v.number.Equal(e.preferred) {
			e.weights[i] += 4
		}
		if hashed.contains(int32(i)) && slices.ContainsFunc(v.files(), e.hashes.allow) {
			e.weights[i] += 2
		}
	}
	slices.SortStableFunc(e.rank, func(a, b int32) int { return int(e.weights[b]) - int(e.weights[a]) })
}

// bestFirst yields the versions of set, best first. With PreferBinary, of those of
// one weight, the ones that every host has a wheel of come first; no more are
// looked at than are asked for.
func (s *search) bestFirst(e *entry, set indexSet) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		var weight int8
		var later []int32 // of that weight, without wheels
		flush := func() bool {
			for _, i := range later {
				if !yield(i) {
					return false
				}
			}
			later = later[:0]
			return true
		}
		for _, i := range e.rank {
			if !set.contains(i) {
				continue
			}
			if e.weights != nil && e.weights[i] != weight {
				if !flush() {
					return
				}
				weight = e.weights[i]
			}
			if s.request.Policy.PreferBinary && !s.hasWheel(e, i) {
				later = append(later, i)
			} else if !yield(i) {
				return
			}
		}
		flush()
	}
}

// choosable are the versions of a project that the user's requirements on it allow,
// so far as these count on every host. No other version is ever chosen.
func (s *search) choosable(e *entry) indexSet {
	set := e.all()
	for i := range s.roots {
		if r := &s.roots[i]; r.name == e.name && !slices.Contains(r.on, false) {
			set = set.Intersect(e.match(r.Requirement.Specifiers))
		}
	}
	return set
}

// hasWheel reports whether every host has a wheel of version i of the index.
func (s *search) hasWheel(e *entry, i int32) bool {
	if v := e.versions[i]; i >= e.indexed || v.standIn || v.installed != nil {
		return false
	}
	for h := range s.hosts {
		if v := s.verdict(e, i, h); v.file == nil || !v.file.IsWheel() {
			return false
		}
	}
	return true
}

// Choose implements pubgrub.Provider.
func (s *search) Choose(_ context.Context, p handle, allowed indexSet, now visible) (choice, error) {
	s.lastAllowed = allowed
	n := &s.nodes[p]
	if n.tied != pubgrub.Root {
		if i, ok := now.Selected(n.tied); ok {
			return s.follow(p, i, allowed), nil
		}
	}
	return s.best(p, allowed, now)
}

// follow chooses the version that the tied package has, or says that the two
// do not go together.
func (s *search) follow(p handle, i int32, allowed indexSet) choice {
	n := &s.nodes[p]
	if allowed.contains(i) {
		return choice{OK: true, Version: i, Exactly: single(i)}
	}
	others := n.project.all().Minus(single(i))
	return choice{Facts: []fact{pubgrub.Excludes(n.tied, single(i), p, others, tie{})}}
}

// candidates sorts the allowed versions by what speaks against them.
type candidates struct {
	best                          int32 // -1 if there is none
	prereleases, yanked, unusable []int32
}

// best chooses the best version that can be used. A pre-release counts if it
// is asked for, or if there is no other release that the requirements allow; a
// yanked version, if it is pinned and nothing else would do (PEP 592).
func (s *search) best(p handle, allowed indexSet, now visible) (choice, error) {
	e := s.nodes[p].project
	c, err := s.sift(p, allowed, now)
	if err != nil {
		return choice{}, err
	}
	out := choice{}
	forbid := func(list []int32, reason any) {
		if set := setOf(list); !set.IsEmpty() {
			out.Facts = append(out.Facts, pubgrub.Forbids(p, set, reason))
		}
	}
	forbid(c.unusable, &noFile{e, s.nodes[p].host})
	take := func(i int32) choice {
		out.OK, out.Version, out.Exactly = true, i, single(i)
		return out
	}
	if c.best >= 0 {
		return take(c.best), nil
	}
	if len(c.prereleases) > 0 && !e.final {
		if s.lore.prereleases[e.name] || !s.hasFinal(e, s.nodes[p].host, now) {
			return take(c.prereleases[0]), nil
		}
	}
	forbid(c.prereleases, &prereleases{e})
	pinned := c.yanked[:0:0]
	hidden := c.yanked[:0:0]
	for _, i := range c.yanked {
		if s.lore.yanked[e.name][e.versions[i].number.Key()] {
			pinned = append(pinned, i)
		} else {
			hidden = append(hidden, i)
		}
	}
	if len(pinned) > 0 && len(c.prereleases) == 0 {
		return take(pinned[0]), nil
	}
	e.hiddenYanked = e.hiddenYanked || len(hidden) > 0
	forbid(hidden, &yanked{e})
	return out, nil
}

// sift looks at the allowed versions, best first, until one will do.
func (s *search) sift(p handle, allowed indexSet, now visible) (candidates, error) {
	n := &s.nodes[p]
	e := n.project
	c := candidates{best: -1}
	asked := e.pre || s.prereleasesAsked(e, now)
	for i := range s.bestFirst(e, allowed) {
		v := e.versions[i]
		switch {
		case v.standIn:
			s.lore.expanded[e.name] = true
			return c, &again{"the installed version of " + e.name + " will not do"}
		case v.installed != nil || i >= e.indexed && s.fitsSome(e, i, n.host):
			c.best = i
			return c, nil
		}
		usable, yanked := s.fitsAll(e, i, n.host)
		switch {
		case !usable && n.host != sharedHost: // the hosts' own packages forbid it, if they are needed
			c.unusable = append(c.unusable, i)
		case yanked:
			c.yanked = append(c.yanked, i)
		case v.number.IsPrerelease() && (e.final || !asked):
			c.prereleases = append(c.prereleases, i)
		default:
			c.best = i
			return c, nil
		}
	}
	return c, nil
}

func (s *search) fitsSome(e *entry, i int32, h int) bool {
	usable, _ := s.fitsAll(e, i, h)
	return usable
}

// fitsAll says whether version i can be used on host h; for the package that
// ties the hosts, on all that have asked for the project so far.
func (s *search) fitsAll(e *entry, i int32, h int) (usable, yanked bool) {
	if h != sharedHost {
		v := s.verdict(e, i, h)
		return v.usable(), v.yanked
	}
	usable = true
	for h := range s.hosts {
		if _, needed := s.handles[nodeKey{e, "", h}]; needed {
			v := s.verdict(e, i, h)
			usable, yanked = usable && v.usable(), yanked || v.yanked
		}
	}
	return usable, yanked
}

// prereleasesAsked reports whether a requirement in play names a pre-release
// of the project, which by pip's rule makes all of them eligible.
func (s *search) prereleasesAsked(e *entry, now visible) bool {
	for i := range e.parties {
		if e.parties[i].prerelease && e.parties[i].inPlay(now) {
			return true
		}
	}
	return false
}

func (y *party) inPlay(now visible) bool {
	i, ok := now.Selected(y.by)
	return ok && y.versions.contains(i)
}

// hasFinal reports whether the requirements in play allow a final release that
// can be used. As in pip one that is yanked counts, though it is not taken.
func (s *search) hasFinal(e *entry, h int, now visible) bool {
	set := e.all()
	for i := range e.parties {
		if e.parties[i].inPlay(now) {
			set = set.Intersect(e.parties[i].set)
		}
	}
	return s.anyFinal(e, h, set)
}

func (s *search) anyFinal(e *entry, h int, set indexSet) (found bool) {
	set.descend(func(i int32) bool {
		if v := e.versions[i]; !v.standIn && !v.number.IsPrerelease() && i < e.indexed {
			found = s.fitsSome(e, i, h)
		}
		return !found
	})
	return found
}

// setOf makes a set of places in any order.
func setOf(list []int32) (set indexSet) {
	slices.Sort(list)
	for _, i := range list {
		set.add(interval{i, i + 1})
	}
	return set
}
