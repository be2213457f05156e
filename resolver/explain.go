package resolver

import (
	"fmt"
	"slices"
	"strings"
)

// argument says in sentences why the requirements exclude each other: what is
// asked, by whom, from the user on, and where it does not meet. Each fact is
// told once, for all the versions that share it.
func (ev *evidence) argument(parties, dead []*want) (lines []string) {
	const most = 12
	told := ev.relevant(parties)
	for i, w := range told {
		if i == most {
			lines = append(lines, fmt.Sprintf("And %d more requirements of other versions.", len(told)-most))
			break
		}
		if line := ev.sentenceOn(w); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, c := range ev.bound {
		line := "The constraint " + plain(&c.constraint.Requirement)
		if c.constraint.Origin != "" {
			line += " (" + c.constraint.Origin + ")"
		}
		if line += " limits " + c.project.name + "."; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	said := map[string]bool{}
	for _, w := range dead {
		if name := keyOf(w); !said[name] {
			said[name] = true
			lines = append(lines, ev.emptyHanded(w))
		}
	}
	for _, w := range parties {
		if name := keyOf(w); !said[name] && !slices.Contains(dead, w) {
			said[name] = true
			lines = append(lines, ev.meeting(w.project, parties))
		}
	}
	return lines
}

// relevant are the requirements to tell: the parties, and who brought them in.
func (ev *evidence) relevant(parties []*want) (list []*want) {
	needed := map[*want]bool{}
	var mark func(w *want)
	mark = func(w *want) {
		if needed[w] {
			return
		}
		needed[w] = true
		for _, o := range ev.wants {
			if w.root == nil && o.project == w.parent && !o.set.Disjoint(w.versions) {
				mark(o)
			}
		}
	}
	for _, w := range parties {
		mark(w)
	}
	for _, w := range ev.wants {
		if needed[w] {
			list = append(list, w)
		}
	}
	return list
}

// sentenceOn adds the host to what is not so on all of them.
func (ev *evidence) sentenceOn(w *want) string {
	line := ev.sentence(w)
	n := 0
	for _, o := range ev.wants {
		if ev.sentence(o) == line {
			n++
		}
	}
	h := ev.nodes[w.of].host
	if n >= len(ev.hosts) || h < 0 {
		return line
	}
	return strings.TrimSuffix(line, ".") + " on " + ev.hosts[h].Platform() + "."
}

// sentence tells one requirement.
func (ev *evidence) sentence(w *want) string {
	what := plain(w.requirement)
	if w.root != nil {
		if w.root.Origin == "" {
			return "You ask for " + what + "."
		}
		return "You ask for " + what + " (" + w.root.Origin + ")."
	}
	verb := " needs "
	if w.versions.len() > 1 {
		verb = " need "
	}
	who := ev.describeVersions(w.parent, w.versions)
	if w.extra != "" {
		who = strings.Replace(who, w.parent.name, w.parent.name+"["+w.extra+"]", 1)
	}
	return who + verb + what + "."
}

// meeting says that the requirements on a project do not meet.
func (ev *evidence) meeting(e *entry, parties []*want) string {
	var asked []string
	for _, w := range parties {
		if what := plain(w.requirement); w.project == e && !slices.Contains(asked, what) {
			asked = append(asked, what)
		}
	}
	switch n := len(asked); {
	case slices.ContainsFunc(ev.bound, func(c *constrained) bool { return c.project == e }):
		return "No version of " + e.name + " is within both the requirements and the constraint."
	case n == 2:
		return "No version of " + e.name + " is both."
	}
	return "No version of " + e.name + " satisfies all of them."
}

// emptyHanded says that nothing satisfies a requirement, and why.
func (ev *evidence) emptyHanded(w *want) string {
	switch {
	case w.project == nil:
		return "The file of " + plain(w.requirement) + " cannot be used."
	case w.project.notFound != nil:
		return "There is no project " + w.project.name + "."
	case w.set.IsEmpty():
		return "There is no version of " + w.project.name + " that satisfies " + plain(w.requirement) + "."
	}
	h := ev.nodes[w.of].host
	groups := ev.reasons(w.project, h, w.set, ev.whyNot(w.project, h))
	line := "No version of " + plain(w.requirement) + " can be used"
	if len(groups) > 0 {
		line += ": " + groups[0].Reason
	}
	return line + "."
}

// describeVersions names versions of a project, shortly.
func (ev *evidence) describeVersions(e *entry, set indexSet) string {
	n := set.len()
	if n > 1 && e.all().Minus(set).IsEmpty() {
		return "All versions of " + e.name
	}
	name := func(i int32) string { return e.versions[i].number.String() }
	var parts []string
	for k := 0; ; k++ {
		v, ok := set.interval(k)
		if !ok {
			break
		}
		switch v.hi - v.lo {
		case 1:
			parts = append(parts, name(v.lo))
		case 2:
			parts = append(parts, name(v.lo), name(v.lo+1))
		default:
			parts = append(parts, name(v.lo)+" to "+name(v.hi-1))
		}
	}
	if len(parts) > 4 {
		first, last := set.first.lo, int32(0)
		set.descend(func(i int32) bool { last = i; return false })
		return fmt.Sprintf("%d versions of %s between %s and %s", n, e.name, name(first), name(last))
	}
	return e.name + " " + joinAnd(parts)
}

func joinAnd(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
