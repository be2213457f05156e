package resolver

import (
	"fmt"
	"strings"
)

// describeVersions names versions of a project, shortly. Versions that are out
// of the question anyhow do not interrupt a row.
func (ev *evidence) describeVersions(e *entry, set indexSet) string {
	n := set.len()
	if n > 1 && e.all().Minus(set).IsEmpty() {
		return "all versions of " + e.name
	}
	name := func(i int32) string { return e.versions[i].number.String() }
	var rows []interval
	for k := 0; ; k++ {
		v, ok := set.interval(k)
		if !ok {
			break
		}
		if m := len(rows); m > 0 && ev.idle(e, interval{rows[m-1].hi, v.lo}) {
			rows[m-1].hi = v.hi
		} else {
			rows = append(rows, v)
		}
	}
	var parts []string
	for _, v := range rows {
		switch {
		case v.hi-v.lo == 1:
			parts = append(parts, name(v.lo))
		case v.hi-v.lo == 2 && set.contains(v.lo) && set.contains(v.lo+1):
			parts = append(parts, name(v.lo), name(v.lo+1))
		default:
			parts = append(parts, name(v.lo)+" to "+name(v.hi-1))
		}
	}
	if len(parts) > maxSides {
		lo, hi, _ := hull(set)
		return fmt.Sprintf("%d versions of %s between %s and %s", n, e.name, name(lo), name(hi))
	}
	return e.name + " " + joinAnd(parts)
}

// idle reports whether no version of a row is a candidate for the hosts.
func (ev *evidence) idle(e *entry, v interval) bool {
	for i := v.lo; i < v.hi; i++ {
		if ev.obtainable(e, i) && !e.versions[i].number.IsPrerelease() && !ev.hiddenYanked(e, i) {
			return false
		}
	}
	return true
}

func joinAnd(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// hull are the ends of a set.
func hull(set indexSet) (lo, hi int32, ok bool) {
	lo = set.first.lo
	set.descend(func(i int32) bool {
		hi, ok = i, true
		return false
	})
	return lo, hi, ok
}

// names lists projects, at most so many.
func names(list []*entry, most int) (out []string) {
	for i, e := range list {
		if i == most {
			return append(out, fmt.Sprintf("%d more projects", len(list)-most))
		}
		out = append(out, e.name)
	}
	return out
}

// paren puts in parentheses what is not empty.
func paren(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}
