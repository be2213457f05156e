package resolver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver/pubgrub"
)

// suggest lists what would help; only what is known to work as far as the
// project itself goes.
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
		if r.Source != nil && r.Source.Remedy != (Suggestion{}) {
			near = true // its wheels are not what is missing
			add(r.Source.Remedy.Text, r.Source.Remedy.Command)
		}
		if r.Nearest != nil && r.Nearest.Mismatch.Fix != "" {
			near = true
			fix := r.Nearest.Mismatch.Fix
			if len(ev.hosts) > 1 {
				fix = strings.Replace(fix, "--platform ", "--slice ", 1)
			}
			add("a host that can have "+r.Nearest.File, fix)
		}
		foreign = foreign || ev.any(e, h, w.set, func(v *verdict) bool { return v.reason == otherTags })
		if python := ev.nextPython(e, h, w.set); python != "" {
			add("a newer Python", "--python-version "+python)
		}
		if len(r.Usable) == 0 && ev.hasSource(e, h, w.set) {
			ev.suggestSource(err, e, add)
		}
		ev.suggestHidden(w, h, add)
	}
	ev.suggestWithout(w, add)
	if newest, known := ev.newestUsable(w); newest != "" && w.root != nil && w.root.Direct == nil && w.requirement.URL == "" {
		text := fmt.Sprintf("%s %s, the newest version for %s", e.name, newest, whom(err))
		if !known {
			text = fmt.Sprintf("%s %s, if its source can be built without a compiler", e.name, newest)
		}
		add(text, e.name+"=="+newest)
	}
	if foreign && !near && len(err.Versions) == 0 && err.Direct == "" {
		add("an index that has "+e.name+" for "+whom(err), "--extra-index-url URL")
	}
}

// whom names the hosts that a refusal is about.
func whom(err *NoCandidateError) string {
	if len(err.Hosts) > 1 {
		return "all hosts"
	}
	return "this host"
}

// suggestSource proposes source distributions, of the other missing projects
// as well if they have such.
func (ev *evidence) suggestSource(err *NoCandidateError, e *entry, add func(text, command string)) {
	names := []string{e.name}
	for i := range err.Also {
		if also := &err.Also[i]; also.Source {
			names = append(names, also.Project)
		}
	}
	if len(names) == 1 {
		add("its source distribution, if it can be built without a compiler", "--no-binary "+e.name)
		return
	}
	add("their source distributions, if they can be built without a compiler", "--no-binary "+strings.Join(names, ","))
}

// hasSource reports whether the policy hides sdists among the versions of set
// that would otherwise be considered.
func (s *search) hasSource(e *entry, h int, set indexSet) (found bool) {
	if e.sdists || e.unbuildable > 0 {
		return false
	}
	set.descend(func(i int32) bool {
		for _, f := range e.versions[i].files() {
			found = found || !f.IsWheel() && s.offered(f) && !f.Yanked && s.acceptsPython(h, f.RequiresPython)
		}
		return !found
	})
	return found
}

// offered reports whether f is not too new for --uploaded-prior-to.
func (w *world) offered(f *File) bool {
	limit := w.request.Policy.UploadedPriorTo
	return limit.IsZero() || f.Local || f.URL != "" || f.UploadTime.Before(limit)
}

// suggestHidden names versions that only have to be asked for.
func (ev *evidence) suggestHidden(w *want, h int, add func(text, command string)) {
	e := w.project
	for _, x := range ev.whyNot(e, h) {
		set := x.set.Intersect(w.set)
		switch x.reason.(type) {
		case *prereleases:
			newest, ok := ev.newestIn(e, set, func(i int32) bool { return !ev.hiddenYanked(e, i) })
			switch {
			case !ok:
			case e.final:
				add("pre-releases, such as "+newest+": leave out --only-final", "")
			default:
				add("pre-releases, such as "+newest, "--pre")
			}
		case *yanked:
			if newest, ok := ev.newestIn(e, set, nil); ok {
				add("the yanked version "+newest, e.name+"=="+newest)
			}
		}
	}
}

// suggestWithout looks for a version of what the user named that does without
// the project of w. Only what was read before is looked at.
func (ev *evidence) suggestWithout(w *want, add func(text, command string)) {
	chain := ev.chainWants(w)
	first := chain[0]
	if len(chain) < 2 || first.root == nil || first.requirement.URL != "" {
		return
	}
	avoided := map[string]bool{}
	for _, o := range chain[1:] {
		avoided[o.project.name] = true
	}
	e := first.project
	set := ev.allowedBeside(first)
	newest, ok := ev.newestIn(e, set.Minus(first.set), func(i int32) bool {
		return !e.versions[i].number.IsPrerelease() && !ev.hiddenYanked(e, i) && ev.doesWithout(e, i, avoided)
	})
	if ok {
		add(fmt.Sprintf("%s %s, the newest version that is known to work without %s", e.name, newest, w.project.name), e.name+"=="+newest)
	}
}

// doesWithout reports whether version i of e is known, on all hosts, to require
// none of the projects to avoid.
func (ev *evidence) doesWithout(e *entry, i int32, avoided map[string]bool) bool {
	for _, h := range ev.askedHosts(e) {
		m := ev.known(e, i, h)
		if m == nil {
			return false
		}
		places, undefined := m.needs(ev.hosts[h].Environment(), "")
		if undefined != nil || slices.ContainsFunc(places, func(k int) bool { return avoided[m.requires[k].key] }) {
			return false
		}
	}
	return true
}

// allowedBeside are the versions of a project that the user's requirements and
// constraints allow, and others in the proof, if w is left out of account.
func (ev *evidence) allowedBeside(w *want) indexSet {
	e := w.project
	set := upTo(int(e.indexed))
	for i := range e.parties {
		if y := &e.parties[i]; y.by == pubgrub.Root && (y.why == nil || y.why.root != w.root || w.root == nil) {
			set = set.Intersect(y.set)
		}
	}
	for _, o := range ev.wants {
		if o != w && o.project == e && o.root == nil {
			set = set.Intersect(o.set)
		}
	}
	return set
}

// newestUsable is the newest version that the hosts could have if the
// requirement allowed it; known is false if that takes a source distribution of
// which nobody knows yet what becomes of it.
func (ev *evidence) newestUsable(w *want) (number string, known bool) {
	e := w.project
	known = true
	number, _ = ev.newestIn(e, ev.allowedBeside(w).Minus(w.set), func(i int32) bool {
		if e.versions[i].number.IsPrerelease() || ev.hiddenYanked(e, i) {
			return false
		}
		for _, h := range ev.askedHosts(e) {
			v := ev.verdict(e, i, h)
			known = known && (v.file == nil || v.file.IsWheel() || e.built.contains(i))
		}
		return true
	})
	return number, known
}

// newestIn is the newest version in set that could be had and passes test.
func (ev *evidence) newestIn(e *entry, set indexSet, test func(int32) bool) (number string, ok bool) {
	set.descend(func(i int32) bool {
		if i < e.indexed && ev.obtainable(e, i) && (test == nil || test(i)) {
			number, ok = e.versions[i].number.String(), true
		}
		return !ok
	})
	return number, ok
}

// obtainable reports whether all hosts that need the project could have version
// i, as far as is known: of an sdist nothing is known that was not probed, so
// one counts only as long as none of the project's turned out to be of no use.
func (ev *evidence) obtainable(e *entry, i int32) bool {
	if e.versions[i].standIn {
		return false
	}
	for _, h := range ev.askedHosts(e) {
		v := ev.verdict(e, i, h)
		if !v.usable() || v.file != nil && !v.file.IsWheel() && e.unbuildable > 0 && !e.built.contains(i) {
			return false
		}
		if slices.ContainsFunc(ev.learned[ev.handles[nodeKey{e, "", h}]], func(x exclusion) bool { return x.set.contains(i) }) {
			return false
		}
	}
	return true
}

// hiddenYanked reports whether version i is yanked for some host.
func (ev *evidence) hiddenYanked(e *entry, i int32) bool {
	return slices.ContainsFunc(ev.askedHosts(e), func(h int) bool { return ev.verdict(e, i, h).yanked })
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
	set.descend(func(i int32) bool {
		v := ev.verdict(e, i, h)
		if v.reason != otherPython || v.best.Yanked || e.versions[i].number.IsPrerelease() && !e.pre ||
			!v.best.IsWheel() && e.unbuildable > 0 {
			return true
		}
		spec, err := pep440.ParseSpecifiers(v.best.RequiresPython)
		for minor := python.Minor + 1; err == nil && minor <= last; minor++ {
			version := fmt.Sprintf("%d.%d", python.Major, minor)
			if number, err := pep440.Parse(version); err == nil && spec.Contains(number) {
				found = version
				break
			}
		}
		return found == ""
	})
	return found
}

// nearest is the wheel among the versions of set that misses by least, the
// newest of equals; nil if all are for other systems. Only wheels count that
// would be taken if they fitted.
func (s *search) nearest(e *entry, h int, set indexSet) (near *NearMiss) {
	set.descend(func(i int32) bool {
		v := e.versions[i]
		if s.verdict(e, i, h).usable() || v.number.IsPrerelease() && !e.pre {
			return true
		}
		for _, f := range v.files() {
			if !f.IsWheel() || !e.wheels || f.Yanked || !s.offered(f) {
				continue
			}
			m := s.hosts[h].Explain(*f.Wheel)
			if m.Fits() || m.Part == host.PartOS || m.Part == host.PartTag || !s.pythonAfter(h, f, m.Fix) {
				continue
			}
			if near == nil || m.Distance < near.Mismatch.Distance {
				near = &NearMiss{Version: v.number.String(), File: f.Filename, Mismatch: m}
			}
		}
		return true
	})
	return near
}

// pythonAfter reports whether f is for the Python of a host after a fix of it.
func (s *search) pythonAfter(h int, f *File, fix string) bool {
	_, option, changes := strings.Cut(fix, "--python-version ")
	if !changes {
		return s.acceptsPython(h, f.RequiresPython)
	}
	version, _, _ := strings.Cut(option, " ")
	number, err := pep440.Parse(strings.TrimSuffix(version, "t"))
	spec, err2 := pep440.ParseSpecifiers(f.RequiresPython)
	return err == nil && (err2 != nil || spec.Contains(number))
}
