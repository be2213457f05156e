package resolver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/resolver/pubgrub"
)

// wayOut lists what would resolve a conflict, without asking anything anew:
// versions that are known to get along and that only the user excludes; else
// what of the user's there is to loosen.
func (ev *evidence) wayOut(parties, dead []*want) (list []Suggestion) {
	seen := map[*entry]bool{}
	for _, w := range parties {
		if w.root != nil || w.project == nil || seen[w.parent] || slices.Contains(dead, w) {
			continue
		}
		seen[w.parent] = true
		if text := ev.peace(w, parties, dead); text != "" {
			list = append(list, Suggestion{Text: text})
		}
	}
	if len(list) > 0 {
		return list
	}
	asked, plainly := ev.responsible(parties)
	switch {
	case len(asked) == 1:
		return []Suggestion{{Text: "loosen " + asked[0]}}
	case len(asked) > 1:
		return []Suggestion{{Text: "loosen one of: " + strings.Join(asked, "; ")}}
	case len(plainly) > 1:
		return []Suggestion{{Text: "leave out one of: " + strings.Join(plainly, "; ")}}
	}
	return nil
}

// peace looks for a version of the parent of w that gets along with what others
// ask of the project of w, and that one requirement of the user's excludes.
func (ev *evidence) peace(w *want, parties, dead []*want) string {
	parent, q := w.parent, w.project
	others := ev.meet(q, parties, dead, func(o *want) bool { return o.root == nil && o.parent == parent })
	if others.IsEmpty() || ev.nodes[w.by].host < 0 {
		return ""
	}
	h := ev.nodes[w.by].host
	found := ""
	upTo(int(parent.indexed)).descend(func(i int32) bool {
		m := ev.known(parent, i, h)
		if m == nil || !ev.obtainable(parent, i) || ev.hiddenYanked(parent, i) || parent.versions[i].number.IsPrerelease() {
			return true
		}
		places, undefined := m.needs(ev.hosts[h].Environment(), w.extra)
		if undefined != nil {
			return true
		}
		left := others
		asks := false
		for _, k := range places {
			if m.requires[k].key == q.name {
				asks = true
				left = left.Intersect(q.match(m.requires[k].Specifiers))
			}
		}
		newest, ok := ev.newestIn(q, left, nil)
		who, single := ev.excluder(parent, i)
		if !ok || !single {
			return true
		}
		name := parent.name + " " + parent.versions[i].number.String()
		if asks {
			found = fmt.Sprintf("%s accepts %s %s: relax %s", name, q.name, newest, who)
		} else {
			found = fmt.Sprintf("%s does without %s: relax %s", name, q.name, who)
		}
		return false
	})
	return found
}

// excluder is the requirement or constraint of the user's that alone excludes
// version i of a project.
func (ev *evidence) excluder(e *entry, i int32) (who string, single bool) {
	n := 0
	for k := range e.parties {
		y := &e.parties[k]
		if y.set.contains(i) {
			continue
		}
		n++
		switch {
		case y.constraint != nil:
			who = "the constraint " + plain(&y.constraint.Requirement) + paren(y.constraint.Origin)
		case y.by == pubgrub.Root:
			who = plain(y.why.requirement) + paren(y.why.root.Origin)
		default:
			if !slices.ContainsFunc(ev.wants, func(w *want) bool { return w.by == y.by && w.project == e }) {
				n-- // of a version that the conflict is not about
				continue
			}
			return "", false
		}
	}
	return who, n == 1
}

// responsible are the user's requirements and constraints that a conflict goes
// back to: those that can be loosened, and the others.
func (ev *evidence) responsible(parties []*want) (narrow, plainly []string) {
	add := func(list *[]string, text string) {
		if !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	for _, w := range ev.relevant(parties) {
		switch {
		case w.root == nil:
		case w.requirement.Specifiers.Empty() || w.requirement.URL != "":
			add(&plainly, plain(w.requirement)+paren(w.root.Origin))
		default:
			add(&narrow, plain(w.requirement)+paren(w.root.Origin))
		}
	}
	for _, c := range ev.bound {
		add(&narrow, "the constraint "+plain(&c.constraint.Requirement)+paren(c.constraint.Origin))
	}
	return narrow, plainly
}

// relevant are the parties, and who brought them in.
func (ev *evidence) relevant(parties []*want) (list []*want) {
	needed := map[*want]bool{}
	stack := slices.Clone(parties)
	for len(stack) > 0 {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if needed[w] {
			continue
		}
		needed[w] = true
		for _, o := range ev.wants {
			if w.root == nil && o.project == w.parent && !o.set.Disjoint(w.versions) {
				stack = append(stack, o)
			}
		}
	}
	for _, w := range ev.wants {
		if needed[w] {
			list = append(list, w)
		}
	}
	return list
}
