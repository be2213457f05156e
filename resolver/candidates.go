package resolver

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
)

// noCandidate describes a requirement that nothing satisfies.
func (ev *evidence) noCandidate(w *want) error {
	err := &NoCandidateError{Requirement: plain(w.requirement), Project: keyOf(w), Chain: ev.chain(w)}
	e := w.project
	if e == nil {
		// The file that the requirement names is unusable.
		err.Hosts = []HostReport{{Host: ev.hosts[0], Reasons: []ReasonGroup{{Reason: ev.directReason(w)}}}}
		return err
	}
	err.FinalOnly = e.final
	if e.notFound != nil {
		err.NotFound, err.Looked, err.Withheld = true, e.notFound.Looked, e.notFound.Withheld
		return err
	}
	w.set.descend(func(i int32) bool {
		if f := e.versions[i].given; i >= e.indexed && f[0].IsWheel() {
			err.Direct = f[0].Filename
		}
		return false
	})
	ev.listVersions(err, e)
	for _, h := range ev.askedHosts(e) {
		err.Hosts = append(err.Hosts, ev.report(e, h, w.set, ev.whyNot(e, h)))
	}
	err.Also = ev.alsoMissing(w)
	ev.suggest(err, w)
	return err
}

// askedHosts are the hosts that need a project.
func (ev *evidence) askedHosts(e *entry) (list []int) {
	for h := range ev.hosts {
		if _, asked := ev.handles[nodeKey{e, "", h}]; asked {
			list = append(list, h)
		}
	}
	return list
}

func (ev *evidence) directReason(w *want) string {
	_, err := ev.identifyAgain(w)
	return err
}

// identifyAgain asks the Source, which has answered it before, what is wrong
// with the file of a requirement.
func (ev *evidence) identifyAgain(w *want) (*File, string) {
	_, f, err := ev.identify(ev.ctx, *w.requirement, nil, 0)
	if err != nil {
		return nil, unusableReason(err)
	}
	return f, ""
}

// listVersions fills pip's lists.
func (ev *evidence) listVersions(err *NoCandidateError, e *entry) {
	for i, v := range e.versions {
		usable, yanked := !v.standIn, false
		for _, h := range ev.askedHosts(e) {
			verdict := ev.verdict(e, int32(i), h)
			usable = usable && verdict.usable()
			yanked = yanked || verdict.yanked
			if verdict.reason == otherPython {
				err.OtherPython = append(err.OtherPython, v.number.String()+" Requires-Python "+verdict.best.RequiresPython)
			}
		}
		switch {
		case usable && yanked:
			err.Yanked = append(err.Yanked, v.number.String())
		case usable:
			err.Versions = append(err.Versions, v.number.String())
		}
	}
	slices.Sort(err.OtherPython)
	err.OtherPython = slices.Compact(err.OtherPython)
}

// report says what there is of a project for a host.
func (ev *evidence) report(e *entry, h int, set indexSet, why []exclusion) HostReport {
	r := HostReport{Host: ev.hosts[h], VersionCount: len(e.versions)}
	families := map[string]int{}
	for _, v := range e.versions {
		for _, f := range v.files() {
			r.Files++
			if !f.IsWheel() {
				r.Sdists++
				continue
			}
			r.Wheels++
			families[familyOf(f)]++
		}
	}
	for what, n := range families {
		r.Families = append(r.Families, Count{what, n})
	}
	slices.SortFunc(r.Families, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.What, b.What))
	})
	if set.IsEmpty() {
		return r
	}
	r.Reasons = ev.reasons(e, h, set, why)
	set.Minus(ev.excluded[placeKey{e, h}]).Minus(ev.excluded[placeKey{e, sharedHost}]).descend(func(i int32) bool {
		if ev.verdict(e, i, h).usable() {
			r.Usable = append(r.Usable, e.versions[i].number.String())
		}
		return true
	})
	if len(r.Usable) == 0 { // else it is another host that the project is not for
		r.Nearest = ev.nearest(e, h, set)
	}
	for _, x := range why {
		if c, ok := x.reason.(*needsCompiler); ok {
			v := e.versions[c.version]
			r.Source = &SourceVerdict{Version: v.number.String(), File: c.verdict.File, Reason: c.verdict.Reason, Log: c.verdict.Log, Remedy: c.verdict.Remedy}
			break
		}
	}
	return r
}

// familyOf names the operating system of a wheel's platform tags.
func familyOf(f *File) string {
	for _, platform := range f.Wheel.Platforms() {
		prefix, _, _ := strings.Cut(platform, "_")
		switch prefix {
		case "any":
			return "any platform"
		case "macosx":
			return "macOS"
		case "win", "win32":
			return "Windows"
		case "ios":
			return "iOS"
		case "android":
			return "Android"
		case "linux", "manylinux", "manylinux1", "manylinux2010", "manylinux2014", "musllinux":
			return "Linux"
		case "emscripten", "pyodide", "pyemscripten", "wasm32":
			return "Emscripten"
		}
	}
	return "other"
}

// reasons groups the versions of set by why they are no candidates.
func (ev *evidence) reasons(e *entry, h int, set indexSet, why []exclusion) (groups []ReasonGroup) {
	set.descend(func(i int32) bool {
		text := ev.reasonFor(e, i, h, why)
		if text == "" {
			return true
		}
		k := slices.IndexFunc(groups, func(g ReasonGroup) bool { return g.Reason == text })
		if k < 0 {
			k = len(groups)
			groups = append(groups, ReasonGroup{Reason: text})
		}
		groups[k].Versions = append(groups[k].Versions, e.versions[i].number.String())
		return true
	})
	return groups
}

// reasonFor says why version i is no candidate for host h.
func (s *search) reasonFor(e *entry, i int32, h int, why []exclusion) string {
	if text := s.unfit(e, i, h); text != "" {
		return text
	}
	for _, x := range why {
		if !x.set.contains(i) {
			continue
		}
		switch why := x.reason.(type) {
		case *spoiled:
			return why.why
		case *forOtherPython:
			return "requires Python " + why.spec
		case *needsCompiler:
			return "its source " + why.verdict.Reason
		case *notProbed:
			return "no wheel fits, and the source of " + e.versions[why.probed].number.String() + " can't be built"
		case *prereleases:
			if e.final {
				return "a pre-release, which --only-final excludes"
			}
			return "a pre-release, which is not asked for"
		case *yanked:
			return "yanked"
		}
	}
	return ""
}

// unfit says why no file of version i can be used on host h; "" if one can.
func (s *search) unfit(e *entry, i int32, h int) string {
	v := s.verdict(e, i, h)
	switch v.reason {
	case fits:
		return ""
	case otherTags:
		return s.tagReason(e, i, h)
	case otherPython:
		return "requires Python " + v.best.RequiresPython
	case onlySource:
		return "only a source distribution, which --only-binary excludes"
	case onlyWheels:
		return "only wheels, which --no-binary excludes"
	case uploadedLater:
		return "uploaded after the time limit"
	}
	return "no files"
}

// tagReason says by which part of their tags the wheels of a version miss.
func (s *search) tagReason(e *entry, i int32, h int) string {
	m, _ := s.nearestOf(e, i, h)
	if m.Part == host.PartOS {
		return s.noWheel(h)
	}
	return m.Sentence
}

// noWheel is the reason of a version whose wheels are all for other systems.
func (s *search) noWheel(h int) string { return "no wheel for " + s.hosts[h].Name() }

// nearestOf is the wheel of a version that misses host h by least.
func (s *search) nearestOf(e *entry, i int32, h int) (best host.Mismatch, file *File) {
	for _, f := range e.versions[i].files() {
		if !f.IsWheel() {
			continue
		}
		if m := s.hosts[h].Explain(*f.Wheel); file == nil || m.Distance < best.Distance {
			best, file = m, f
		}
	}
	return best, file
}

// alsoMissing lists what else the parent of a requirement, or the user, asks
// for in vain, so that it need not be found out one by one.
func (ev *evidence) alsoMissing(w *want) (list []AlsoMissing) {
	const most = 8
	h := max(ev.nodes[w.of].host, 0)
	look := func(r *requirements.Requirement, key string) {
		q := ev.projects[key]
		if q == nil || q == w.project || r.URL != "" || ev.only[key] || len(list) == most {
			return
		}
		set := q.match(r.Specifiers)
		if !ev.available(q, set, h).IsEmpty() || slices.ContainsFunc(list, func(a AlsoMissing) bool { return a.Project == key }) {
			return
		}
		list = append(list, AlsoMissing{
			Requirement: plain(r), Project: key, Source: ev.hasSource(q, h, set),
			Reason: ev.unavailableReason(&dependency{requirement: r, project: q, set: set}, h),
		})
	}
	if w.root != nil {
		for i := range ev.roots {
			if r := &ev.roots[i]; r.on[h] {
				look(&r.Requirement, r.name)
			}
		}
		return list
	}
	m := ev.known(w.parent, w.newest(), h)
	if m == nil {
		return nil
	}
	places, _ := m.needs(ev.hosts[h].Environment(), w.extra)
	for _, k := range places {
		look(&m.requires[k].Requirement, m.requires[k].key)
	}
	return list
}
