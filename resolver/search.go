package resolver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/xpip/xpip/resolver/pubgrub"
)

type (
	fact    = pubgrub.Fact[indexSet]
	choice  = pubgrub.Choice[indexSet, int32]
	proof   = pubgrub.Incompatibility[indexSet]
	handle  = pubgrub.Package
	visible = pubgrub.View[int32]
)

// search is one run of the solver. It sees a project as several packages:
//
//   - for each host a package of what the host needs of the project: the file
//     and its dependencies;
//   - for each extra and host a package of what the extra adds, tied to the
//     former by being of the same version;
//   - if there are several hosts, one more, to which those of the hosts are tied
//     in the same way: so that all get the same version.
//
// Decisions are made in the order in which the packages come up, but for what
// leaves less choice: direct files, single versions, and packages in conflicts.
//
// Versions of a project must be numbered before anything is said of them. When
// it turns out later that there are more, the search begins again with what
// was learned; that takes no question to the Source twice. See [again].
type search struct {
	*world
	lore     *lore
	nodes    []node
	handles  map[nodeKey]handle
	projects map[string]*entry
	// lastAllowed is what the last choice was made from.
	lastAllowed indexSet
	// learned are the versions that turned out to be of no use, by package.
	learned map[handle][]exclusion
	// solution has the version of each selected package, at the end.
	solution map[handle]int32
}

// forbid makes the fact that versions of p cannot be selected.
func (s *search) forbid(p handle, set indexSet, reason any) fact {
	s.learned[p] = append(s.learned[p], exclusion{set, reason})
	return pubgrub.Forbids(p, set, reason)
}

// lore is what searches leave to the next one. It only grows, so that there is
// a last search.
type lore struct {
	// expanded are projects whose installed version is not enough.
	expanded map[string]bool
	// direct are the files that requirements name, by project; byURL the same
	// by the URL of the requirement.
	direct map[string][]*File
	byURL  map[string]*File
	// prereleases are projects of which the requirements leave nothing else.
	prereleases map[string]bool
	// yanked are versions that a requirement pins, by project.
	yanked map[string]pins
}

type pins map[string]bool

// again ends a search that must begin anew.
type again struct{ why string }

func (a *again) Error() string { return "searching again: " + a.why }

// sharedHost is the host of the package that ties the hosts together.
const sharedHost = -1

type nodeKey struct {
	project *entry
	extra   string
	host    int
}

// node is what a handle of the solver stands for. The root has no project.
type node struct {
	nodeKey
	// tied is the package that has to have the same version; the root if none.
	tied handle
	// told are the versions whose dependencies the solver knows.
	told indexSet
}

func newSearch(w *world, l *lore) *search {
	s := &search{
		world: w, lore: l,
		handles: map[nodeKey]handle{}, projects: map[string]*entry{}, learned: map[handle][]exclusion{},
	}
	s.nodes = append(s.nodes, node{})
	return s
}

// handle returns the package for an extra of a project on a host, and what is
// to be known of it from the beginning.
func (s *search) handle(e *entry, extra string, h int, facts []fact) (handle, []fact) {
	key := nodeKey{e, extra, h}
	if p, ok := s.handles[key]; ok {
		return p, facts
	}
	n := node{nodeKey: key}
	switch {
	case extra != "":
		n.tied, facts = s.handle(e, "", h, facts)
	case h != sharedHost && len(s.hosts) > 1:
		n.tied, facts = s.handle(e, "", sharedHost, facts)
	}
	p := handle(len(s.nodes))
	s.nodes = append(s.nodes, n)
	s.handles[key] = p
	if extra != "" {
		return p, facts
	}
	if n.tied != pubgrub.Root {
		// What no file of the host does for is nothing that the hosts can share.
		var usable indexSet
		for i := range int32(len(e.versions)) {
			if e.versions[i].standIn || s.verdict(e, i, h).usable() {
				usable.add(interval{i, i + 1})
			}
		}
		facts = append(facts, pubgrub.Forbids(p, e.all().Minus(usable), &noFile{e, h}))
		facts = append(facts, pubgrub.Requires(p, usable, n.tied, usable, tie{}))
		return p, facts
	}
	for _, c := range s.constraints[e.name] {
		set := e.match(c.Requirement.Specifiers)
		if f := s.files[c]; f != nil {
			set = e.direct(f.URL)
		}
		facts = append(facts, pubgrub.Forbids(p, e.all().Minus(set), &constrained{e, c}))
		e.parties = append(e.parties, party{
			by: pubgrub.Root, versions: single(0), set: set, prerelease: c.Requirement.Specifiers.AllowsPrereleases(),
			constraint: c,
		})
		s.note(e, c.Requirement.Specifiers, set) // nothing can be hidden yet
	}
	return p, facts
}

// Priority implements pubgrub.Provider.
func (s *search) Priority(p handle, allowed indexSet, c pubgrub.Conflicts) int64 {
	n := &s.nodes[p]
	e := n.project
	e.early = e.early || c.Affected >= swapAfter
	e.late = e.late || c.Culprit >= swapAfter
	switch {
	case s.only[e.name]:
		return 0
	case allowed.isSingle():
		return 1
	case e.early:
		return 2
	case e.late:
		return 3
	}
	return 4
}

// swapAfter conflicts, a package is decided before the one it fails at.
const swapAfter = 5

// Dependencies implements pubgrub.Provider.
func (s *search) Dependencies(ctx context.Context, p handle, i int32) ([]fact, error) {
	if p == pubgrub.Root {
		return s.rootFacts(ctx)
	}
	n := s.nodes[p]
	if n.host == sharedHost {
		return nil, nil
	}
	s.nodes[p].told = n.told.Union(single(i))
	var facts []fact
	if n.tied != pubgrub.Root {
		facts = append(facts, pubgrub.Requires(p, single(i), n.tied, single(i), tie{}))
	}
	if n.extra == "" {
		n.project.read++
	}
	known, err := s.metadataOf(ctx, n.project, i, n.host)
	if err != nil {
		return s.unusable(facts, p, i, err)
	}
	s.learnBuilt(n.project, i, n.host)
	facts, err = s.needs(ctx, facts, p, i, known)
	if err != nil || n.extra != "" {
		return facts, err
	}
	if expect := s.request.Expect; expect != nil && n.project.versions[i].installed == nil {
		expect(*s.verdict(n.project, i, n.host).file, n.host)
	}
	return s.neighbours(ctx, facts, p, i)
}

// metadataOf waits for the metadata of a version for a host.
func (s *search) metadataOf(ctx context.Context, e *entry, i int32, h int) (*metadata, error) {
	v := e.versions[i]
	if v.installed != nil {
		return s.parser.metadata(v.installed.Metadata, e.name, nil), nil
	}
	f := s.verdict(e, i, h).file
	if f == nil {
		return nil, &UnusableError{File: e.name, Reason: "no file fits"}
	}
	m, err := s.read(e.name, f, h, true).wait(ctx)
	if err == nil {
		s.heard[readingOf(f, h)] = m
	}
	return m, err
}

// known is the metadata of a version for a host if a search has asked for it
// and got it; else nil. What was only fetched ahead does not count, as that
// depends on timing.
func (s *search) known(e *entry, i int32, h int) *metadata {
	v := e.versions[i]
	if v.installed != nil {
		return s.parser.metadata(v.installed.Metadata, e.name, nil)
	}
	m := s.heard[readingOf(s.verdict(e, i, h).file, h)]
	if m == nil || m.unusable != "" {
		return nil
	}
	return m
}

// unusable turns a Source's verdict on a version into facts.
func (s *search) unusable(facts []fact, p handle, i int32, err error) ([]fact, error) {
	n := s.nodes[p]
	e := n.project
	var bad *UnusableError
	var compiler *NeedsCompilerError
	switch {
	case errors.As(err, &bad):
		return append(facts, s.forbid(p, single(i), &spoiled{e, bad.Reason})), nil
	case errors.As(err, &compiler):
		facts = append(facts, s.forbid(p, single(i), &needsCompiler{e, i, n.host, compiler}))
	default:
		return nil, fmt.Errorf("reading the metadata of %s %s: %w", e.name, e.versions[i].number, err)
	}
	e.unbuildable++
	if e.unbuildable < max(s.request.Policy.ProbeSdists, 1) {
		return facts, nil
	}
	var rest indexSet
	for k := range e.indexed {
		if k == i || e.built.contains(k) {
			continue
		}
		if v := s.verdict(e, k, n.host); v.usable() && v.file != nil && !v.file.IsWheel() {
			rest.add(interval{k, k + 1})
		}
	}
	return append(facts, s.forbid(p, rest, &notProbed{e, n.host, i})), nil
}

// learnBuilt remembers that the sdist of a version will do.
func (s *search) learnBuilt(e *entry, i int32, h int) {
	if v := s.verdict(e, i, h); v.file != nil && !v.file.IsWheel() {
		e.built = e.built.Union(single(i))
	}
}

// needs appends what version i of p requires by its metadata.
func (s *search) needs(ctx context.Context, facts []fact, p handle, i int32, m *metadata) ([]fact, error) {
	n := s.nodes[p]
	if m.unusable != "" {
		return append(facts, s.forbid(p, single(i), &spoiled{n.project, m.unusable})), nil
	}
	if n.extra == "" && n.project.versions[i].installed == nil && !s.acceptsPython(n.host, m.raw.RequiresPython) {
		return append(facts, s.forbid(p, single(i), &forOtherPython{n.project, n.host, m.raw.RequiresPython})), nil
	}
	if s.request.Policy.NoDeps {
		return facts, nil
	}
	places, undefined := m.needs(s.hosts[n.host].Environment(), n.extra)
	if undefined != nil {
		return append(facts, s.forbid(p, single(i), &spoiled{n.project,
			fmt.Sprintf("its requirement %.120q has a marker of no defined meaning", undefined.String())})), nil
	}
	for _, k := range places {
		s.fetchAhead(&m.requires[k].Requirement, m.requires[k].key, n.host)
	}
	var err error
	facts = slices.Grow(facts, 2*len(places))
	for _, k := range places {
		why := &dependency{requirement: &m.requires[k].Requirement, parent: n.project, version: i, extra: n.extra}
		if facts, err = s.require(ctx, facts, p, single(i), n.host, m.requires[k].key, why); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

// require appends the facts of one requirement of the given versions of p.
func (s *search) require(ctx context.Context, facts []fact, p handle, versions indexSet, h int, name string, why *dependency) ([]fact, error) {
	r := why.requirement
	file, err := s.directFile(ctx, why, name)
	if err != nil {
		if reason := unusableReason(err); reason != "" {
			return append(facts, pubgrub.Forbids(p, versions, &spoiledDirect{why, reason})), nil
		}
		return nil, err
	}
	e, err := s.entry(ctx, name)
	if err != nil {
		return nil, err
	}
	why.project = e
	var set indexSet
	if file != nil {
		if set = e.direct(file.URL); set.IsEmpty() {
			return nil, &again{"a requirement names the file " + file.Filename}
		}
	} else {
		set = e.matching(r)
	}
	why.set = set
	q, facts := s.handle(e, "", h, facts)
	facts = append(facts, pubgrub.Requires(p, versions, q, set, why))
	e.parties = append(e.parties, party{
		by: p, versions: versions, set: set, prerelease: r.Specifiers.AllowsPrereleases(), why: why,
	})
	if s.note(e, r.Specifiers, set) && e.hiddenYanked {
		return nil, &again{"a requirement pins a yanked version of " + e.name}
	}
	for _, extra := range r.Extras {
		if q, facts = s.handle(e, extra, h, facts); q != p {
			facts = append(facts, pubgrub.Requires(p, versions, q, set, why))
		}
	}
	return facts, nil
}
