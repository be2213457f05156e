package resolver

import (
	"context"
	"slices"
	"strings"

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
	to  string
	why dependency
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
			for _, k := range places {
				sel.edges[h] = append(sel.edges[h], edge{m.keys[k], dependency{
					requirement: &m.requires[k], parent: sel.e, version: sel.version, extra: extra,
				}})
			}
		}
		for i := range m.requires {
			unknown.note(&m.requires[i], env, h, sel.extras)
		}
	}
}

// chains finds the shortest chain of requirements to every project.
func (s *search) chains(chosen map[string]*selected, unknown unknownMarkers) {
	var queue []*selected
	reach := func(to string, before []Step, why *dependency) {
		if sel := chosen[to]; sel != nil && sel.why == nil {
			sel.why = append(slices.Clip(before), s.step(why))
			queue = append(queue, sel)
		}
	}
	for i := range s.roots {
		reach(s.roots[i].name, nil, &dependency{root: &s.roots[i]})
	}
	for i := range s.request.Roots {
		for h, host := range s.hosts {
			unknown.note(&s.request.Roots[i].Requirement, host.Environment(), h, nil)
		}
	}
	for len(queue) > 0 {
		sel := queue[0]
		queue = queue[1:]
		for _, edges := range sel.edges {
			for _, e := range edges {
				reach(e.to, sel.why, &e.why)
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
func installOrder(chosen map[string]*selected) (order []string) {
	names := make([]string, 0, len(chosen))
	open := map[string]map[string]bool{}
	users := map[string][]string{}
	for name := range chosen {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	for _, name := range names {
		open[name] = map[string]bool{}
		for _, edges := range chosen[name].edges {
			for _, e := range edges {
				if e.to != name && chosen[e.to] != nil && !open[name][e.to] {
					open[name][e.to] = true
					users[e.to] = append(users[e.to], name)
				}
			}
		}
	}
	var round []string
	for _, name := range names {
		if len(open[name]) == 0 {
			round = append(round, name)
		}
	}
	done := map[string]bool{}
	for len(round) > 0 {
		var next []string
		for _, name := range round {
			order, done[name] = append(order, name), true
			for _, user := range users[name] {
				delete(open[user], name)
				if len(open[user]) == 0 {
					next = append(next, user)
				}
			}
		}
		slices.SortFunc(next, func(a, b string) int { return strings.Compare(b, a) })
		round = next
	}
	// What is left stands in cycles, or needs something that does: dependencies
	// first, depth first.
	var visit func(name string)
	visit = func(name string) {
		if done[name] {
			return
		}
		done[name] = true
		for _, dep := range names {
			if open[name][dep] {
				visit(dep)
			}
		}
		order = append(order, name)
	}
	for _, name := range names {
		visit(name)
	}
	return order
}
