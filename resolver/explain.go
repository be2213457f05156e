package resolver

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds on an explanation: people read ten lines.
const (
	maxBlocks = 3 // projects that requirements do not meet on
	maxSides  = 4 // who asks for one of them
	maxLines  = 3 // requirements of different versions of one who asks
)

// argument says in sentences why the requirements exclude each other. For each
// project on which they do not meet: who asks for what, and the conclusion.
func (ev *evidence) argument(parties, dead []*want) (lines []string) {
	var blocks []*entry
	for _, w := range parties {
		if w.project != nil && !slices.Contains(blocks, w.project) && !slices.Contains(dead, w) {
			blocks = append(blocks, w.project)
		}
	}
	for _, c := range ev.bound {
		if !slices.Contains(blocks, c.project) {
			blocks = append(blocks, c.project)
		}
	}
	for i, e := range blocks {
		if i == maxBlocks {
			lines = append(lines, fmt.Sprintf("The requirements on %s do not meet either.", joinAnd(names(blocks[i:], maxSides))))
			break
		}
		lines = append(lines, ev.block(e, parties, dead)...)
	}
	return append(lines, ev.inVain(dead)...)
}

// block tells of one project.
func (ev *evidence) block(e *entry, parties, dead []*want) (lines []string) {
	sides := ev.sides(e, parties, dead)
	shown := 0
	for _, side := range sides {
		if shown++; shown > maxSides && len(sides) > maxSides+1 {
			lines = append(lines, fmt.Sprintf("  and %d more ask for it", len(sides)-maxSides))
			break
		}
		lines = append(lines, side...)
	}
	n := len(sides)
	bound := map[string]bool{}
	for _, c := range ev.bound {
		if c.project == e {
			bound["  the constraint is "+plain(&c.constraint.Requirement)+paren(c.constraint.Origin)] = true
		}
	}
	for _, c := range ev.bound {
		line := "  the constraint is " + plain(&c.constraint.Requirement) + paren(c.constraint.Origin)
		if bound[line] {
			delete(bound, line)
			lines = append(lines, line)
			n++
		}
	}
	return append(lines, ev.conclusion(e, n == 2 && len(lines) == 2, parties, dead))
}

// conclusion says that no version of a project is what all ask for, or what is
// wrong with those that are.
func (ev *evidence) conclusion(e *entry, two bool, parties, dead []*want) string {
	all := "satisfies all of them"
	if two {
		all = "is both"
	}
	common := ev.meet(e, parties, dead, func(*want) bool { return false })
	for _, h := range ev.askedHosts(e) {
		if groups := ev.reasons(e, h, common, ev.whyNot(e, h)); len(groups) > 0 {
			return "No version of " + e.name + " that " + all + " can be had: " + groups[0].line() + "."
		}
	}
	return "No version of " + e.name + " " + all + "."
}

// sides are the lines of each who asks for a project: the user's first. What is
// so on all hosts is said once, else with the hosts.
func (ev *evidence) sides(e *entry, parties, dead []*want) (sides [][]string) {
	hosts := map[string][]string{} // by text, the platforms it is true on
	texts := map[string][]string{}
	var order []string
	add := func(lines []string, h int) {
		key := strings.Join(lines, "\n")
		if texts[key] == nil {
			texts[key] = lines
			order = append(order, key)
		}
		if platform := ev.hosts[max(h, 0)].Platform(); !slices.Contains(hosts[key], platform) {
			hosts[key] = append(hosts[key], platform)
		}
	}
	var askers []handle
	groups := map[handle][]*want{}
	for _, w := range parties {
		if w.project != e || slices.Contains(dead, w) {
			continue
		}
		if w.root != nil {
			add([]string{"  you ask for " + plain(w.requirement) + paren(w.root.Origin)}, ev.nodes[w.of].host)
			continue
		}
		if groups[w.by] == nil {
			askers = append(askers, w.by)
		}
		groups[w.by] = append(groups[w.by], w)
	}
	for _, by := range askers {
		others := ev.meet(e, parties, dead, func(w *want) bool { return w.by == by })
		add(ev.sentences(groups[by], ev.had(e, others)), ev.nodes[by].host)
	}
	for _, key := range order {
		lines := texts[key]
		if len(hosts[key]) < len(ev.hosts) {
			for i := range lines {
				lines[i] += " on " + joinAnd(hosts[key])
			}
		}
		sides = append(sides, lines)
	}
	return sides
}

// had are the versions in set that the proof does not exclude.
func (ev *evidence) had(e *entry, set indexSet) indexSet {
	set = set.Minus(ev.excluded[placeKey{e, sharedHost}])
	for h := range ev.hosts {
		set = set.Minus(ev.excluded[placeKey{e, h}])
	}
	return set
}

// meet are the versions of a project that all parties allow, but for those
// that skip names, and that the constraints do.
func (ev *evidence) meet(e *entry, parties, dead []*want, skip func(*want) bool) indexSet {
	set := e.all()
	alternatives := map[handle]indexSet{}
	for _, w := range parties {
		switch {
		case w.project != e || skip(w) || slices.Contains(dead, w):
		case w.root != nil:
			set = set.Intersect(w.set)
		default: // its versions are alternatives
			alternatives[w.by] = alternatives[w.by].Union(w.set)
		}
	}
	for _, either := range alternatives {
		set = set.Intersect(either)
	}
	for _, c := range ev.bound {
		if c.project == e {
			set = set.Intersect(e.match(c.constraint.Requirement.Specifiers))
		}
	}
	return set
}

// sentences tell what versions of one project require of another. Several
// requirements become one that follows from each of them, if that is enough to
// miss what others ask for.
func (ev *evidence) sentences(wants []*want, others indexSet) (lines []string) {
	all := merged(wants)
	if len(all) > 1 {
		if whole, ok := weakest(all); ok && whole.set.Disjoint(others) {
			return []string{ev.sentence(whole, plain(whole.requirement))}
		}
		e := all[0].project
		var union, versions indexSet
		for _, w := range all {
			union, versions = union.Union(w.set), versions.Union(w.versions)
		}
		whole := *all[0]
		whole.versions = versions
		if lo, hi, ok := hull(union); ok && !others.IsEmpty() {
			low, high, _ := hull(others)
			if high < lo {
				return []string{ev.sentence(&whole, e.name+" "+e.versions[lo].number.String()+" or newer")}
			}
			if low > hi {
				return []string{ev.sentence(&whole, e.name+" "+e.versions[hi].number.String()+" or older")}
			}
		}
	}
	for i, w := range all {
		if i == maxLines && len(all) > maxLines+1 {
			rest := 0
			for _, w := range all[i:] {
				rest += w.versions.len()
			}
			return append(lines, fmt.Sprintf("  %d other versions of %s need others", rest, w.parent.name))
		}
		lines = append(lines, ev.sentence(w, plain(w.requirement)))
	}
	return lines
}

// merged puts requirements of one meaning together, newest version first.
func merged(wants []*want) (out []*want) {
	for _, w := range wants {
		i := slices.IndexFunc(out, func(o *want) bool {
			return o.requirement.String() == w.requirement.String() || !w.set.IsEmpty() && o.set.SubsetOf(w.set) && w.set.SubsetOf(o.set)
		})
		if i < 0 {
			one := *w
			out = append(out, &one)
		} else {
			out[i].versions = out[i].versions.Union(w.versions)
		}
	}
	slices.SortStableFunc(out, func(a, b *want) int { return int(b.newest() - a.newest()) })
	return out
}

// weakest is the requirement that follows from each of the others, for the
// versions of all.
func weakest(list []*want) (*want, bool) {
	for _, w := range list {
		whole := *w
		if w.set.IsEmpty() || slices.ContainsFunc(list, func(o *want) bool { return !o.set.SubsetOf(w.set) }) {
			continue
		}
		for _, o := range list {
			whole.versions = whole.versions.Union(o.versions)
		}
		return &whole, true
	}
	return nil, false
}

// sentence says that versions need something, and who wanted them.
func (ev *evidence) sentence(w *want, what string) string {
	verb := " needs "
	if w.versions.len() > 1 {
		verb = " need "
	}
	who := ev.describeVersions(w.parent, w.versions)
	if w.extra != "" {
		who = strings.Replace(who, w.parent.name, w.parent.name+"["+w.extra+"]", 1)
	}
	return "  " + who + paren(ev.wantedBy(w)) + verb + what
}

// wantedBy is who brought in the parent of a requirement: nothing if that is
// the command line.
func (ev *evidence) wantedBy(w *want) string {
	chain := ev.chainWants(w)
	steps := make([]Step, len(chain)-1)
	for i, w := range chain[:len(chain)-1] {
		steps[i] = ev.stepOf(w)
	}
	var parts []string
	for i := range steps {
		switch s := &steps[i]; {
		case s.Project != "":
			parts = append(parts, s.Project+" "+s.Version)
		case s.Origin != "":
			parts = append(parts, s.Origin)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "from " + strings.Join(parts, " -> ")
}

// inVain tells of the requirements that nothing satisfies, project by project.
func (ev *evidence) inVain(dead []*want) (lines []string) {
	var keys []string
	groups := map[string][]*want{}
	for _, w := range dead {
		key := keyOf(w)
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], w)
	}
	for i, key := range keys {
		if i == maxBlocks {
			return append(lines, fmt.Sprintf("Nor can what is asked of %d more projects be had.", len(keys)-maxBlocks))
		}
		list := groups[key]
		shown := 0
		for _, w := range merged(list) {
			if w.root != nil {
				continue // the conclusion says it
			}
			if shown++; shown > maxLines {
				break
			}
			lines = append(lines, ev.sentence(w, plain(w.requirement)))
		}
		lines = append(lines, ev.emptyHanded(list[0]))
	}
	return lines
}

// emptyHanded says that nothing satisfies a requirement, and why.
func (ev *evidence) emptyHanded(w *want) string {
	switch {
	case w.project == nil:
		return "The file of " + plain(w.requirement) + " cannot be used."
	case w.project.notFound != nil:
		return w.project.notFound.words("The project "+w.project.name, "There is no project "+w.project.name) + "."
	case w.set.IsEmpty():
		return "There is no version of " + w.project.name + " that satisfies " + plain(w.requirement) + "."
	}
	h := max(ev.nodes[w.of].host, 0)
	groups := ev.reasons(w.project, h, w.set, ev.whyNot(w.project, h))
	line := "No version of " + plain(w.requirement) + " can be used"
	if len(groups) > 0 {
		line += ": " + groups[0].Reason
	}
	return line + "."
}
