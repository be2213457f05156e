package resolver

import (
	"slices"
	"strings"

	"github.com/xpip/xpip/resolver/pubgrub"
)

// Bounds on what is looked at to say why a version was passed over.
const (
	maxPassedOver = 64  // rows
	maxLookedAt   = 512 // versions
	maxLinks      = 6
)

// passedOver lists the newer versions that requirements allow and that the
// hosts cannot have, or that need something which they cannot have.
func (s *search) passedOver(sel *selected) (list []PassedOver) {
	e := sel.e
	if sel.version >= e.indexed || e.unexpanded {
		return nil
	}
	set := e.all()
	prereleases := e.pre || s.lore.prereleases[e.name]
	for i := range e.parties {
		if y := &e.parties[i]; s.settled(y) {
			set = set.Intersect(y.set)
			prereleases = prereleases || y.prerelease
		}
	}
	last, looked := "", 0 // last is the reason of the version before
	set.descend(func(i int32) bool {
		if looked++; i <= sel.version || len(list) == maxPassedOver || looked > maxLookedAt {
			return false
		}
		number := e.versions[i].number
		if i >= e.indexed || number.IsPrerelease() && !prereleases {
			return true
		}
		reason := s.passReason(sel, i)
		switch reason {
		case "":
		case last:
			row := &list[len(list)-1]
			row.Oldest = number
			row.Count++
		default:
			list = append(list, PassedOver{Version: number, Oldest: number, Count: 1, Reason: reason})
		}
		last = reason
		return true
	})
	return list
}

// settled reports whether a party is part of the solution.
func (s *search) settled(y *party) bool {
	i, ok := s.solution[y.by]
	return ok && y.versions.contains(i)
}

// passReason says why a newer version than the selected one is not taken; ""
// if it is not known.
func (s *search) passReason(sel *selected, i int32) string {
	for h, needed := range sel.needed {
		if !needed {
			continue
		}
		v := s.verdict(sel.e, i, h)
		if v.usable() && v.yanked {
			return "yanked"
		}
		if v.reason == uploadedLater {
			return "" // as the user wants it
		}
		if text := s.unfit(sel.e, i, h); text != "" {
			return text
		}
		why := s.learned[s.handles[nodeKey{sel.e, "", h}]]
		if s.spoilt(why, i) != "" {
			return "" // a warning tells it
		}
		if text := s.reasonFor(sel.e, i, h, why); text != "" {
			return text
		}
		if text := s.blocked(sel.e, i, h, sel.extras, maxLinks); text != "" {
			return text
		}
	}
	return ""
}

// blocked says which requirement keeps version i of e, with the given extras
// of those that were asked for, from standing beside the solution: "needs …".
// It draws on what the search has learned alone, and is "" if that is not
// enough. links bounds the length of the chain that it follows.
func (s *search) blocked(e *entry, i int32, h int, extras []string, links int) string {
	m := s.known(e, i, h)
	if m == nil || links == 0 || s.request.Policy.NoDeps {
		return ""
	}
	for _, extra := range append([]string{""}, extras...) {
		places, _ := m.needs(s.hosts[h].Environment(), extra)
		for _, k := range places {
			r := &m.requires[k].Requirement
			q := s.projects[m.requires[k].key]
			if q == nil || q == e || r.URL != "" {
				continue
			}
			why := &dependency{requirement: r, parent: e, version: i, project: q, set: q.matching(r)}
			if text := s.missing(why, h, links); text != "" {
				return "needs " + plain(r) + text
			}
		}
	}
	return ""
}

// missing says why a requirement cannot be met, to be read behind it: ", which
// …"; "" if nothing is known to be in its way.
func (s *search) missing(why *dependency, h, links int) string {
	q := why.project
	if q.notFound != nil {
		return q.notFound.words(", which", ", which no index has")
	}
	if why.set.IsEmpty() {
		return ", and there is no such version"
	}
	available := s.available(q, why.set, h)
	if available.IsEmpty() {
		return s.unavailable(why, h)
	}
	for _, c := range s.constraints[q.name] {
		if set := q.match(c.Requirement.Specifiers); set.Disjoint(available) {
			return ", but the constraint is " + plain(&c.Requirement)
		}
	}
	chosen, needed := s.solution[s.handles[nodeKey{q, "", h}]]
	if _, asked := s.handles[nodeKey{q, "", h}]; asked && needed {
		if !why.set.contains(chosen) {
			return ", but " + s.opponent(why, h, chosen)
		}
		available = single(chosen)
		if len(why.requirement.Extras) == 0 {
			return ""
		}
	}
	// Every version must be out of the question; the newest is told of.
	text, newest := "", int32(0)
	available.descend(func(i int32) bool {
		reason := s.blocked(q, i, h, why.requirement.Extras, links-1)
		if text == "" {
			text, newest = reason, i
		}
		if reason == "" {
			text = ""
		}
		return reason != ""
	})
	if text == "" {
		return ""
	}
	return ", and " + q.name + " " + q.versions[newest].number.String() + " " + text
}

// available are the versions in set that host h could have, as far as is known.
func (s *search) available(e *entry, set indexSet, h int) indexSet {
	if p, ok := s.handles[nodeKey{e, "", h}]; ok {
		for _, x := range s.learned[p] {
			set = set.Minus(x.set)
		}
	}
	var list []int32
	set.descend(func(i int32) bool {
		if e.versions[i].standIn || s.verdict(e, i, h).usable() && s.hidden(e, i, h) == "" {
			list = append(list, i)
		}
		return true
	})
	return setOf(list)
}

// hidden says why a version is not offered though host h could have it; "" if
// it is.
func (s *search) hidden(e *entry, i int32, h int) string {
	v := e.versions[i]
	switch {
	case i >= e.indexed || v.installed != nil:
		return ""
	case s.verdict(e, i, h).yanked && !s.lore.yanked[e.name][v.number.Key()]:
		return "yanked"
	case v.number.IsPrerelease() && !e.pre && !s.lore.prereleases[e.name] &&
		!slices.ContainsFunc(e.parties, func(y party) bool { return y.prerelease }):
		return "a pre-release, which is not asked for"
	}
	return ""
}

// unavailable says that a host can have none of the versions of a requirement.
func (s *search) unavailable(why *dependency, h int) string {
	reason := s.unavailableReason(why, h)
	whom := "this host"
	if len(s.hosts) > 1 {
		whom = s.hosts[h].Platform()
	}
	text := ", which can't be had for " + whom
	switch {
	case reason == "":
		return text
	case reason == s.noWheel(h):
		return text + " (no wheel fits)"
	case strings.Contains(reason, "("):
		return text + ": " + reason
	}
	return text + " (" + reason + ")"
}

// unavailableReason is what is wrong with the source that was tried, else with
// the newest release that a requirement allows.
func (s *search) unavailableReason(why *dependency, h int) (reason string) {
	q := why.project
	switch {
	case q.notFound != nil:
		return q.notFound.words("it", "no index has it")
	case why.set.IsEmpty():
		return "there is no such version"
	}
	var learned []exclusion
	if p, ok := s.handles[nodeKey{q, "", h}]; ok {
		learned = s.learned[p]
	}
	for _, x := range learned {
		if c, ok := x.reason.(*needsCompiler); ok {
			reason = c.verdict.Reason
		}
	}
	for _, final := range []bool{true, false} {
		why.set.descend(func(i int32) bool {
			if reason == "" && (!final || !q.versions[i].number.IsPrerelease()) {
				if reason = s.reasonFor(q, i, h, learned); reason == "" {
					reason = s.hidden(q, i, h)
				}
			}
			return reason == ""
		})
	}
	return reason
}

// opponent names who in the solution wants another version than a requirement.
func (s *search) opponent(why *dependency, h int, chosen int32) string {
	q := why.project
	for i := range q.parties {
		y := &q.parties[i]
		if !s.settled(y) || !y.set.Disjoint(why.set) || y.by != pubgrub.Root && s.nodes[y.by].host != h {
			continue
		}
		switch {
		case y.constraint != nil:
			return "the constraint is " + plain(&y.constraint.Requirement)
		case y.why.root != nil:
			return plain(y.why.requirement) + " is asked for"
		}
		by := s.solution[y.by]
		return y.why.parent.name + " " + y.why.parent.versions[by].number.String() + " needs " + plain(y.why.requirement)
	}
	return "the other requirements leave " + q.name + " " + q.versions[chosen].number.String()
}
