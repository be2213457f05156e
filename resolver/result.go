package resolver

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/resolver/pubgrub"
)

type decision = pubgrub.Decision[int32]

// selected is a project in the solution.
type selected struct {
	e       *entry
	version int32
	extras  []string
	// needed and metadata for each host.
	needed   []bool
	metadata []*metadata
	// edges to what the project requires, for each host, in the order of the
	// metadata.
	edges [][]edge
	why   []Step
}

type edge struct {
	to          string
	requirement *requirements.Requirement
}

// result makes the Resolution of the solver's decisions.
func (s *search) result(ctx context.Context, decisions []decision) (*Resolution, error) {
	chosen := map[string]*selected{}
	s.solution = map[handle]int32{pubgrub.Root: 0}
	for _, d := range decisions {
		s.solution[d.Package] = d.Version
		n := s.nodes[d.Package]
		sel := chosen[n.project.name]
		if sel == nil {
			sel = &selected{
				e: n.project, version: d.Version, needed: make([]bool, len(s.hosts)),
				metadata: make([]*metadata, len(s.hosts)), edges: make([][]edge, len(s.hosts)),
			}
			chosen[n.project.name] = sel
		}
		switch {
		case n.extra != "":
			if !slices.Contains(sel.extras, n.extra) {
				sel.extras = append(sel.extras, n.extra)
			}
		case n.host != sharedHost:
			m, err := s.metadataOf(ctx, n.project, d.Version, n.host)
			if err != nil {
				return nil, err
			}
			sel.needed[n.host], sel.metadata[n.host] = true, m
		}
	}
	res := &Resolution{}
	unknown := unknownMarkers{}
	for _, sel := range chosen {
		slices.Sort(sel.extras)
		s.connect(sel, unknown)
	}
	s.chains(chosen, unknown)
	for _, name := range installOrder(chosen) {
		sel := chosen[name]
		if s.request.Policy.OnlyDeps && s.named[name] {
			continue
		}
		res.Packages = append(res.Packages, s.describePackage(sel))
		res.Warnings = append(res.Warnings, s.warn(sel)...)
	}
	res.Warnings = append(res.Warnings, unknown.warnings(s.hosts)...)
	return res, nil
}

// connect finds what a selected project requires, with its extras.
func (s *search) connect(sel *selected, unknown unknownMarkers) {
	if s.request.Policy.NoDeps {
		return
	}
	for h, m := range sel.metadata {
		if m == nil {
			continue
		}
		env := s.hosts[h].Environment()
		for _, extra := range append([]string{""}, sel.extras...) {
			if _, ok := s.handles[nodeKey{sel.e, extra, h}]; !ok {
				continue
			}
			places, _ := m.needs(env, extra)
			sel.edges[h] = slices.Grow(sel.edges[h], len(places))
			for _, k := range places {
				sel.edges[h] = append(sel.edges[h], edge{m.requires[k].key, &m.requires[k].Requirement})
			}
		}
		for _, r := range m.requires {
			unknown.note(&r.Requirement, env, h, sel.extras)
		}
	}
}

// chains finds the shortest chain of requirements to every project.
func (s *search) chains(chosen map[string]*selected, unknown unknownMarkers) {
	var queue []*selected
	reach := func(to string, before []Step, step func() Step) {
		if sel := chosen[to]; sel != nil && sel.why == nil {
			sel.why = make([]Step, len(before)+1)
			sel.why[copy(sel.why, before)] = step()
			queue = append(queue, sel)
		}
	}
	for i := range s.roots {
		reach(s.roots[i].name, nil, func() Step { return s.step(&dependency{root: &s.roots[i]}) })
	}
	for i := range s.request.Roots {
		for h, host := range s.hosts {
			unknown.note(&s.request.Roots[i].Requirement, host.Environment(), h, nil)
		}
	}
	for i := range s.request.Constraints {
		c := &s.request.Constraints[i].Requirement
		if chosen[c.Key()] == nil {
			continue // nothing is decided by it
		}
		for h, host := range s.hosts {
			unknown.note(c, host.Environment(), h, nil)
		}
	}
	for len(queue) > 0 {
		sel := queue[0]
		queue = queue[1:]
		for _, edges := range sel.edges {
			for _, e := range edges {
				reach(e.to, sel.why, func() Step {
					return s.step(&dependency{requirement: e.requirement, parent: sel.e, version: sel.version})
				})
			}
		}
	}
}

// step is a link of a requirement chain.
func (s *search) step(why *dependency) Step {
	if why.root != nil {
		return Step{Origin: why.root.Origin, Requirement: why.root.Requirement}
	}
	return Step{
		Project: why.parent.name, Version: why.parent.versions[why.version].number.String(),
		Requirement: *why.requirement,
	}
}

func (s *search) describePackage(sel *selected) Package {
	e := sel.e
	v := e.versions[sel.version]
	p := Package{
		Project: e.name, Name: e.name, Version: v.number, Extras: sel.extras,
		Requested: s.named[e.name], Installed: v.installed != nil, Direct: sel.version >= e.indexed,
		Chosen: make([]Chosen, len(s.hosts)), Why: sel.why, Hashes: e.hashes,
	}
	for h, needed := range sel.needed {
		if !needed {
			continue
		}
		c := Chosen{Needed: true, Rank: -1, Metadata: sel.metadata[h].raw}
		if verdict := s.verdict(e, sel.version, h); verdict.file != nil {
			c.File, c.Rank = verdict.file, verdict.rank
		}
		for _, edge := range sel.edges[h] {
			if edge.to != e.name {
				c.Dependencies = append(c.Dependencies, edge.to)
			}
		}
		slices.Sort(c.Dependencies)
		c.Dependencies = slices.Compact(c.Dependencies)
		p.Name = c.Metadata.Name
		p.Chosen[h] = c
	}
	p.PassedOver = s.passedOver(sel)
	return p
}

// spoilt is what is wrong with the metadata of version i; "" if nothing is.
func (s *search) spoilt(why []exclusion, i int32) string {
	for _, x := range why {
		if bad, ok := x.reason.(*spoiled); ok && x.set.contains(i) {
			return bad.why
		}
	}
	return ""
}

// warnSpoilt tells of newer versions that were ignored for their metadata.
func (s *search) warnSpoilt(sel *selected, h int) (list []Warning) {
	why := s.learned[s.handles[nodeKey{sel.e, "", h}]]
	for i := sel.e.indexed - 1; i > sel.version; i-- {
		if bad := s.spoilt(why, i); bad != "" {
			list = append(list, Warning{
				Kind: UnusableVersion, Project: sel.e.name, Version: sel.e.versions[i].number.String(), Detail: "cannot be used: " + bad,
			})
		}
	}
	return list
}

// warn is what the user should know of a selected project.
func (s *search) warn(sel *selected) (list []Warning) {
	v := sel.e.versions[sel.version]
	for h, m := range sel.metadata {
		if m == nil {
			continue
		}
		for _, w := range s.warnSpoilt(sel, h) {
			if !containsWarning(list, w) {
				list = append(list, w)
			}
		}
		for _, extra := range sel.extras {
			w := Warning{Kind: MissingExtra, Project: sel.e.name, Version: v.number.String(), Subject: extra}
			if _, asked := s.handles[nodeKey{sel.e, extra, h}]; asked && !m.provides[extra] && !containsWarning(list, w) {
				list = append(list, w)
			}
		}
		if verdict := s.verdict(sel.e, sel.version, h); verdict.file != nil && verdict.file.Yanked {
			w := Warning{Kind: YankedVersion, Project: sel.e.name, Version: v.number.String(), Detail: verdict.file.YankedReason}
			if !containsWarning(list, w) {
				list = append(list, w)
			}
		}
	}
	return list
}

func containsWarning(list []Warning, w Warning) bool {
	return slices.ContainsFunc(list, func(v Warning) bool {
		return v.Kind == w.Kind && v.Project == w.Project && v.Version == w.Version && v.Subject == w.Subject && v.Detail == w.Detail
	})
}

// installOrder sorts projects so that dependencies come before what needs
// them. Like pip it takes those without open dependencies first, the later in
// the alphabet before the earlier, round by round; projects in cycles follow,
// where the cycle is entered last.
func installOrder(chosen map[string]*selected) []string {
	names := slices.SortedFunc(maps.Keys(chosen), func(a, b string) int { return strings.Compare(b, a) })
	place := make(map[string]int, len(names))
	for i, name := range names {
		place[name] = i
	}
	needs, users := make([][]int, len(names)), make([][]int, len(names))
	open := make([]int, len(names)) // dependencies that are not in the order yet
	for i, name := range names {
		for _, edges := range chosen[name].edges {
			for _, e := range edges {
				if k, ok := place[e.to]; ok && k != i {
					needs[i] = append(needs[i], k)
				}
			}
		}
		slices.Sort(needs[i])
		needs[i] = slices.Compact(needs[i])
		open[i] = len(needs[i])
		for _, k := range needs[i] {
			users[k] = append(users[k], i)
		}
	}
	order := make([]string, 0, len(names))
	done := make([]bool, len(names))
	var round []int
	for i := range names {
		if open[i] == 0 {
			round = append(round, i)
		}
	}
	for len(round) > 0 {
		var next []int
		for _, i := range round {
			order, done[i] = append(order, names[i]), true
			for _, user := range users[i] {
				if open[user]--; open[user] == 0 {
					next = append(next, user)
				}
			}
		}
		slices.Sort(next)
		round = next
	}
	// What is left stands in cycles, or needs something that does: dependencies
	// first, depth first.
	var visit func(i int)
	visit = func(i int) {
		if done[i] {
			return
		}
		done[i] = true
		for _, k := range needs[i] {
			visit(k)
		}
		order = append(order, names[i])
	}
	for i := range names {
		visit(i)
	}
	return order
}
