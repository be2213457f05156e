package resolver

import (
	"context"

	"github.com/xpip/xpip/resolver/pubgrub"
)

// Where one version after the other fails, reading ahead helps: from the
// version patience on, the next ones are read at once, and when they are used
// up twice as many. What they require is told together, so that versions that
// require the same fail together.
const (
	patience      = 4
	maxNeighbours = 16
)

// neighbours appends what is known of the next versions that would be chosen
// after version i of p. It waits for what it asks, so that the search does not
// depend on how fast the Source answers.
func (s *search) neighbours(ctx context.Context, facts []fact, p handle, i int32) ([]fact, error) {
	n := s.nodes[p]
	e := n.project
	if e.read < patience || s.request.Policy.NoDeps {
		return facts, nil
	}
	next := s.nextCandidates(p, i, min(1<<e.batches, maxNeighbours))
	if len(next) == 0 {
		return facts, nil
	}
	e.batches++
	for _, k := range next {
		s.read(e.name, s.verdict(e, k, n.host).file, n.host, true)
	}
	var merged mergedFacts
	for _, k := range next {
		m, err := s.metadataOf(ctx, e, k, n.host)
		if err != nil || m.unusable != "" {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			continue // said when the version is chosen
		}
		s.nodes[p].told = s.nodes[p].told.Union(single(k))
		s.tell(&merged, p, k, m)
	}
	return append(facts, merged.facts(p)...), nil
}

// nextCandidates are versions after i that could be chosen and have a wheel;
// none as long as there are such that are told.
func (s *search) nextCandidates(p handle, i int32, count int) (list []int32) {
	n := s.nodes[p]
	e := n.project
	behind := false
	for k := range s.bestFirst(e, s.lastAllowed) {
		if k == i {
			behind = true
			continue
		}
		v := e.versions[k]
		if !behind || k >= e.indexed || v.standIn || v.installed != nil || v.number.IsPrerelease() {
			continue
		}
		if n.told.contains(k) {
			break
		}
		if verdict := s.verdict(e, k, n.host); verdict.usable() && !verdict.yanked && verdict.file.IsWheel() {
			if list = append(list, k); len(list) == count {
				break
			}
		}
	}
	return list
}

// tell adds what version k requires of projects that are known already; the
// rest is told when the version is chosen.
func (s *search) tell(merged *mergedFacts, p handle, k int32, m *metadata) {
	n := s.nodes[p]
	places, undefined := m.needs(s.hosts[n.host].Environment(), "")
	if undefined != nil || !s.acceptsPython(n.host, m.raw.RequiresPython) {
		return
	}
	for _, place := range places {
		r := &m.requires[place].Requirement
		e := s.projects[m.requires[place].key]
		if e == nil || r.URL != "" {
			continue
		}
		q, ok := s.handles[nodeKey{e, "", n.host}]
		if !ok || q == p {
			continue
		}
		set := e.matching(r)
		why := &dependency{requirement: r, parent: n.project, version: k, project: e, set: set}
		merged.add(k, q, set, why)
	}
}

// mergedFacts are requirements of versions of one package, those of the same
// meaning together.
type mergedFacts []mergedFact

type mergedFact struct {
	versions []int32
	of       handle
	set      indexSet
	why      *dependency
}

func (m *mergedFacts) add(k int32, q handle, set indexSet, why *dependency) {
	for i := range *m {
		f := &(*m)[i]
		if f.of == q && f.set.SubsetOf(set) && set.SubsetOf(f.set) {
			f.versions = append(f.versions, k)
			return
		}
	}
	*m = append(*m, mergedFact{[]int32{k}, q, set, why})
}

func (m mergedFacts) facts(p handle) (facts []fact) {
	for _, f := range m {
		facts = append(facts, pubgrub.Requires(p, setOf(f.versions), f.of, f.set, f.why))
	}
	return facts
}
