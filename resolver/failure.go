package resolver

import (
	"context"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/resolver/pubgrub"
)

// evidence is what a proof that there is no solution rests on, sorted.
type evidence struct {
	*search
	// wants are the requirements, in the order in which the proof reads, each
	// for all versions of its parent that have it.
	wants []*want
	// excluded are the versions that a host cannot have or may not take, and
	// why. With several hosts there are also those that no host may take.
	excluded map[placeKey]indexSet
	why      map[placeKey][]exclusion
	// bound are the constraints in the proof.
	bound []*constrained
}

// want is a requirement of some versions of a project, or of the user.
type want struct {
	*dependency
	by       handle
	of       handle // the package that is required
	versions indexSet
}

// placeKey is a project on a host.
type placeKey struct {
	project *entry
	host    int
}

type exclusion struct {
	set    indexSet
	reason any
}

// explain makes the error of a proof.
func (s *search) explain(_ context.Context, p *proof) error {
	ev := s.collect(p)
	dead := ev.deadEnds()
	for _, w := range dead {
		if err := ev.wrongPython(w); err != nil {
			return err
		}
	}
	if len(dead) > 0 && (dead[0].root != nil || !ev.clashes(dead)) {
		return ev.noCandidate(dead[0])
	}
	return ev.conflict(dead)
}

func (s *search) collect(p *proof) *evidence {
	ev := &evidence{search: s, excluded: map[placeKey]indexSet{}, why: map[placeKey][]exclusion{}}
	eachFact(p, func(f *proof) {
		first := f.Terms[0]
		switch why := f.Reason.(type) {
		case *dependency:
			ev.addWant(why, first, f.Terms[len(f.Terms)-1])
		case *spoiledDirect:
			ev.addWant(why.dependency, first, first)
		case *constrained:
			ev.bound = append(ev.bound, why)
		case tie:
		default:
			n := ev.nodes[first.Package]
			key := placeKey{n.project, n.host}
			ev.excluded[key] = ev.excluded[key].Union(first.Set)
			ev.why[key] = append(ev.why[key], exclusion{first.Set, why})
		}
	})
	for _, w := range ev.wants {
		if w.project != nil && ev.missesDirect(w) {
			ev.addRoots(w)
		}
	}
	slices.SortStableFunc(ev.wants, func(a, b *want) int { return int(a.depth() - b.depth()) })
	return ev
}

// addRoots adds what the user says of the project of a requirement.
func (ev *evidence) addRoots(w *want) {
	for i := range ev.roots {
		if r := &ev.roots[i]; r.name == w.project.name && ev.files[r.Root] != nil {
			why := &dependency{requirement: &r.Requirement, root: r, project: w.project, set: w.project.direct(ev.files[r.Root].URL)}
			root := pubgrub.Term[indexSet]{Package: pubgrub.Root, Positive: true, Set: single(0)}
			ev.addWant(why, root, pubgrub.Term[indexSet]{Package: w.of})
		}
	}
}

// depth sorts the user's requirements before others.
func (w *want) depth() handle { return min(w.by, 1) }

func (ev *evidence) addWant(why *dependency, by, of pubgrub.Term[indexSet]) {
	for _, w := range ev.wants {
		if w.by == by.Package && w.of == of.Package && w.requirement.String() == why.requirement.String() {
			w.versions = w.versions.Union(by.Set)
			return
		}
	}
	w := &want{dependency: why, by: by.Package, of: of.Package, versions: by.Set}
	if by.Package == of.Package && why.project != nil {
		// The solver was told that the version is impossible, as nothing at all
		// satisfies what it requires.
		w.of = ev.handles[nodeKey{why.project, "", ev.nodes[max(by.Package, 0)].host}]
	}
	ev.wants = append(ev.wants, w)
}

// left are the versions that a requirement allows and the hosts can have, those
// that the proof speaks of.
func (ev *evidence) left(w *want) indexSet {
	return ev.had(w.project, w.set)
}

// deadEnds are the requirements that nothing satisfies, whatever the others:
// the user's first, then those of newer versions.
func (ev *evidence) deadEnds() (dead []*want) {
	for _, w := range ev.wants {
		if w.project == nil || ev.left(w).IsEmpty() && !ev.missesDirect(w) {
			dead = append(dead, w)
		}
	}
	slices.SortStableFunc(dead, func(a, b *want) int {
		if a.by == b.by {
			return int(b.newest() - a.newest())
		}
		return int(a.by - b.by)
	})
	return dead
}

// missesDirect reports whether a requirement only fails at the user's choice
// of a file: then it is in conflict with that.
func (ev *evidence) missesDirect(w *want) bool {
	return ev.only[w.project.name] && w.root == nil && w.set.IsEmpty()
}

// clashes reports whether the proof needs more than dead ends: two
// requirements on one project that only exclude each other, or a constraint.
func (ev *evidence) clashes(dead []*want) bool {
	for _, c := range ev.bound {
		if !slices.ContainsFunc(dead, func(w *want) bool { return w.project == c.project }) {
			return true
		}
	}
	return len(ev.clash(dead)) > 0
}

// clash finds requirements on one project that nothing satisfies together.
func (ev *evidence) clash(dead []*want) (list []*want) {
	for _, w := range ev.wants {
		if slices.Contains(dead, w) {
			continue
		}
		if w.parent == w.project && w.versions.Disjoint(w.set) {
			list = append(list, w) // asks for another version of itself
		}
		for _, o := range ev.wants {
			if ev.together(o, w) && !slices.Contains(dead, o) && ev.left(o).Disjoint(ev.left(w)) {
				list = append(list, w)
				break
			}
		}
	}
	if len(list) > 0 {
		return list
	}
	for _, w := range ev.wants {
		all := ev.left(w)
		for _, o := range ev.wants {
			if ev.together(o, w) && !slices.Contains(dead, o) {
				all = all.Intersect(ev.left(o))
			}
		}
		if all.IsEmpty() && !slices.Contains(dead, w) {
			list = append(list, w)
		}
	}
	return list
}

// together reports whether two requirements are on one project, and not of
// different versions of one other.
func (ev *evidence) together(a, b *want) bool {
	return a != b && a.project == b.project && (a.by != b.by || !a.versions.Disjoint(b.versions))
}

// whyNot are the exclusions of a project's versions on a host.
func (ev *evidence) whyNot(e *entry, h int) []exclusion {
	return slices.Concat(ev.why[placeKey{e, h}], ev.why[placeKey{e, sharedHost}])
}

// wrongPython is the error for a file of the user's that is for another Python.
func (ev *evidence) wrongPython(w *want) error {
	if w.project == nil || !ev.only[w.project.name] {
		return nil
	}
	for _, x := range ev.whyNot(w.project, ev.nodes[w.of].host) {
		if why, ok := x.reason.(*forOtherPython); ok {
			return &RequiresPythonError{
				Project: w.project.name, Version: w.project.versions[x.set.first.lo].number.String(), RequiresPython: why.spec,
				Python: pythonOf(ev.world, why.host), Host: ev.hosts[why.host], Chain: ev.chain(w),
			}
		}
	}
	return nil
}

func pythonOf(w *world, h int) string {
	v, _ := w.hosts[h].Environment().Get("python_full_version")
	return v.Text
}

// chain leads from the user to a requirement, through the proof.
func (ev *evidence) chain(w *want) (steps []Step) {
	for _, w := range ev.chainWants(w) {
		steps = append(steps, ev.stepOf(w))
	}
	return steps
}

func (ev *evidence) chainWants(w *want) []*want {
	chain := []*want{w}
	seen := map[*want]bool{w: true}
	for w.root == nil {
		i := slices.IndexFunc(ev.wants, func(o *want) bool {
			return !seen[o] && o.project == w.parent && !o.set.Disjoint(w.versions)
		})
		if i < 0 {
			break
		}
		w = ev.wants[i]
		seen[w] = true
		chain = append(chain, w)
	}
	slices.Reverse(chain)
	return chain
}

// stepOf is the step of the newest version that has the requirement.
func (ev *evidence) stepOf(w *want) Step {
	newest := *w.dependency
	newest.version = w.newest()
	return ev.step(&newest)
}

// plain is a requirement without its marker, as pip shows it.
func plain(r *requirements.Requirement) string {
	short := *r
	short.Marker = requirements.Marker{}
	return short.Shown()
}

// conflict describes requirements that exclude each other.
func (ev *evidence) conflict(dead []*want) error {
	err := &ConflictError{}
	parties := ev.clash(dead)
	for _, c := range ev.bound {
		for _, w := range ev.wants {
			if w.project == c.project && !slices.Contains(parties, w) && !slices.Contains(dead, w) {
				parties = append(parties, w)
			}
		}
	}
	for _, w := range dead {
		if !slices.Contains(parties, w) {
			parties = append(parties, w)
		}
	}
	if len(parties) == 0 {
		parties = ev.wants
	}
	for _, w := range mainParties(parties) {
		cause := Cause{Requirement: formatForError(w.requirement)}
		trigger := cause.Requirement
		if w.root != nil {
			cause.Origin = w.root.Origin
		} else {
			cause.Parent, cause.Version = w.parent.name, w.parent.versions[w.newest()].number.String()
			trigger = ev.trigger(w)
		}
		if !slices.Contains(err.Wants, trigger) {
			err.Wants = append(err.Wants, trigger)
		}
		if !slices.Contains(err.Causes, cause) {
			err.Causes = append(err.Causes, cause)
		}
	}
	slices.Sort(err.Wants)
	for _, c := range ev.bound {
		cause := Cause{Requirement: plain(&c.constraint.Requirement), Origin: c.constraint.Origin, Constraint: true}
		if !slices.Contains(err.Causes, cause) {
			err.Causes = append(err.Causes, cause)
		}
	}
	for _, w := range dead {
		if name := keyOf(w); !slices.Contains(err.NoCandidates, name) && (w.project == nil || !ev.hasAny(w.project)) {
			err.NoCandidates = append(err.NoCandidates, name)
		}
	}
	slices.Sort(err.NoCandidates)
	err.Explanation = ev.argument(parties, dead)
	err.Try = ev.wayOut(parties, dead)
	return err
}

// hasAny reports whether the hosts could have any version of a project.
func (ev *evidence) hasAny(e *entry) bool {
	for _, h := range ev.askedHosts(e) {
		set := e.all().Minus(ev.excluded[placeKey{e, h}])
		if !ev.any(e, h, set, func(v *verdict) bool { return v.usable() }) {
			return false
		}
	}
	return true
}

func keyOf(w *want) string {
	if w.project != nil {
		return w.project.name
	}
	return w.requirement.Key()
}

// newest is the newest version of the parent that has the requirement.
func (w *want) newest() (i int32) {
	w.versions.descend(func(k int32) bool {
		i = k
		return false
	})
	return i
}

// trigger is who brought in the parent of a requirement, as pip names it.
func (ev *evidence) trigger(w *want) string {
	for _, o := range ev.wants {
		if o.project != w.parent || o.set.Disjoint(w.versions) {
			continue
		}
		switch {
		case o.root == nil:
			return o.parent.name
		case o.root.Origin != "":
			return o.root.Origin
		}
	}
	return w.parent.name + "==" + w.parent.versions[w.newest()].number.String()
}

// mainParties keeps what is needed to see a conflict: of each parent the
// requirement of its newest version, and not too many.
func mainParties(list []*want) (out []*want) {
	const most = 8
	for _, w := range list {
		i := slices.IndexFunc(out, func(o *want) bool {
			return o.by == w.by && o.project == w.project && w.root == nil
		})
		switch {
		case i < 0 && len(out) < most:
			out = append(out, w)
		case i >= 0 && w.newest() > out[i].newest():
			out[i] = w
		}
	}
	return out
}

// formatForError writes a requirement the way pip does in conflicts.
func formatForError(r *requirements.Requirement) string {
	parts := strings.Split(plain(r), ",")
	if len(parts) == 1 {
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
