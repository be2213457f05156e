package resolver

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements/pep440"
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
		err.NotFound, err.Looked = true, e.notFound.Looked
		return err
	}
	w.set.descend(func(i int32) bool {
		if f := e.versions[i].files; i >= e.indexed && f[0].IsWheel() {
			err.Direct = f[0].Filename
		}
		return false
	})
	ev.listVersions(err, e)
	for _, h := range ev.askedHosts(e) {
		err.Hosts = append(err.Hosts, ev.report(e, h, w.set, ev.whyNot(e, h)))
	}
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
		for _, f := range v.files {
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
	r.Nearest = ev.nearest(e, h, set)
	for _, x := range why {
		if c, ok := x.reason.(*needsCompiler); ok {
			v := e.versions[c.version]
			r.Source = &SourceVerdict{Version: v.number.String(), File: c.verdict.File, Reason: c.verdict.Reason, Log: c.verdict.Log}
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
			return "only a source distribution, and a newer one needs a compiler"
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
		return "no wheel for " + s.hosts[h].Name()
	}
	return m.Sentence
}

// nearestOf is the wheel of a version that misses host h by least.
func (s *search) nearestOf(e *entry, i int32, h int) (best host.Mismatch, file *File) {
	for _, f := range e.versions[i].files {
		if !f.IsWheel() {
			continue
		}
		if m := s.hosts[h].Explain(*f.Wheel); file == nil || m.Distance < best.Distance {
			best, file = m, f
		}
	}
	return best, file
}

// nearest is the wheel among the versions of set that misses by least, the
// newest of equals; nil if all are for other systems.
func (s *search) nearest(e *entry, h int, set indexSet) (near *NearMiss) {
	set.descend(func(i int32) bool {
		if s.verdict(e, i, h).reason != otherTags {
			return true
		}
		m, f := s.nearestOf(e, i, h)
		if f != nil && m.Part != host.PartOS && m.Part != host.PartTag && (near == nil || m.Distance < near.Mismatch.Distance) {
			near = &NearMiss{Version: e.versions[i].number.String(), File: f.Filename, Mismatch: m}
		}
		return true
	})
	return near
}

// suggest lists what would help; only what is known to work.
func (ev *evidence) suggest(err *NoCandidateError, w *want) {
	e := w.project
	add := func(text, command string) {
		if s := (Suggestion{text, command}); !slices.Contains(err.Try, s) {
			err.Try = append(err.Try, s)
		}
	}
	foreign, near := false, false
	for i, h := range ev.askedHosts(e) {
		r := &err.Hosts[i]
		if r.Nearest != nil && r.Nearest.Mismatch.Fix != "" {
			near = true
			add("a host that can have "+r.Nearest.File, r.Nearest.Mismatch.Fix)
		}
		foreign = foreign || ev.any(e, h, w.set, func(v *verdict) bool { return v.reason == otherTags })
		if python := ev.nextPython(e, h, w.set); python != "" {
			add("a newer Python", "--python-version "+python)
		}
		if !e.sdists && r.Sdists > 0 && len(r.Usable) == 0 {
			add("its source distribution, if it can be built without a compiler", "--no-binary "+e.name)
		}
		ev.suggestHidden(e, h, add)
	}
	if newest := ev.newestUsable(e); newest != "" && w.root != nil && w.root.Direct == nil && w.requirement.URL == "" {
		add(fmt.Sprintf("%s %s, the newest version for this host", e.name, newest), e.name+"=="+newest)
	}
	if foreign && !near && len(err.Versions) == 0 && err.Direct == "" {
		whom := "this host"
		if len(err.Hosts) > 1 {
			whom = "all hosts"
		}
		add("an index that has "+e.name+" for "+whom, "--extra-index-url URL")
	}
}

// suggestHidden names versions that only have to be asked for.
func (ev *evidence) suggestHidden(e *entry, h int, add func(text, command string)) {
	for _, x := range ev.whyNot(e, h) {
		newest := e.versions[(&want{versions: x.set}).newest()].number.String()
		switch x.reason.(type) {
		case *prereleases:
			if e.final {
				add("pre-releases, such as "+newest+": leave out --only-final", "")
			} else {
				add("pre-releases, such as "+newest, "--pre")
			}
		case *yanked:
			add("the yanked version "+newest, e.name+"=="+newest)
		}
	}
}

func (ev *evidence) any(e *entry, h int, set indexSet, test func(*verdict) bool) (found bool) {
	set.descend(func(i int32) bool {
		found = test(ev.verdict(e, i, h))
		return !found
	})
	return found
}

// nextPython is the next Python after the host's that a version of set is for,
// if the version is for no other reason unfit.
func (ev *evidence) nextPython(e *entry, h int, set indexSet) (found string) {
	const last = 20
	python := ev.hosts[h].Python()
	ev.any(e, h, set, func(v *verdict) bool {
		if v.reason != otherPython || v.best == nil {
			return false
		}
		spec, err := pep440.ParseSpecifiers(v.best.RequiresPython)
		for minor := python.Minor + 1; err == nil && minor <= last; minor++ {
			version := fmt.Sprintf("%d.%d", python.Major, minor)
			if number, err := pep440.Parse(version); err == nil && spec.Contains(number) {
				found = version
				break
			}
		}
		return found != ""
	})
	return found
}

// newestUsable is the newest version that the hosts could have if the
// requirement allowed it.
func (ev *evidence) newestUsable(e *entry) (found string) {
	e.all().descend(func(i int32) bool {
		v := e.versions[i]
		if i >= e.indexed || v.number.IsPrerelease() {
			return true
		}
		for _, h := range ev.askedHosts(e) {
			verdict := ev.verdict(e, i, h)
			if !verdict.usable() || verdict.yanked || ev.excluded[placeKey{e, h}].contains(i) {
				return true
			}
		}
		found = v.number.String()
		return false
	})
	return found
}
