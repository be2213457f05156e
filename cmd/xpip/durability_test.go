package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/cmd/xpip/internal/systrace"
)

// An event is a system call that counts for what survives a loss of power.
type event struct {
	call string
	path string // relative to the folder that the prefix is in
	from string
}

// events runs the operation and returns its calls in their order.
func (tr *trial) events(t *testing.T) []event {
	t.Helper()
	var out []event
	p := tr.copy(t)
	inside := func(path string) string {
		if path == "" {
			return ""
		}
		rel, err := filepath.Rel(p.parent, path)
		if err != nil {
			t.Error(err)
		}
		return filepath.ToSlash(rel)
	}
	text, err := tr.disturbed(t, p, func(c systrace.Call) systrace.Verdict {
		out = append(out, event{c.Name, inside(c.Path), inside(c.From)})
		return systrace.Verdict{}
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// before fails unless some event that is a comes before every one that is b,
// and there is one of each.
func before(t *testing.T, events []event, what string, a, b func(event) bool) {
	t.Helper()
	first, then := slices.IndexFunc(events, a), slices.IndexFunc(events, b)
	if first < 0 || then < 0 || first > then {
		t.Errorf("%s: first at %d, then at %d of %d", what, first, then, len(events))
	}
}

// lastBefore fails unless every event that is a comes before every one that is b.
func lastBefore(t *testing.T, events []event, what string, a, b func(event) bool) {
	t.Helper()
	last := -1
	for i, e := range events {
		if a(e) {
			last = i
		}
	}
	if then := slices.IndexFunc(events, b); last < 0 || then < 0 || last > then {
		t.Errorf("%s: last at %d, then at %d of %d", what, last, then, len(events))
	}
}

// TestOrderOnTheDisk reads from the system calls of a run what a loss of power
// can do to it. The new files are on the disk before the journal is written, the
// journal and its name before the first name in the prefix changes, all new names before
// the journal goes, and its going before the old files go. A fresh prefix gets its
// name when its files are on the disk, and that name is forced there, too.
func TestOrderOnTheDisk(t *testing.T) {
	for _, tr := range newBench(t).trials(t) {
		t.Run(tr.String(), func(t *testing.T) {
			events := tr.events(t)
			const work = "there/.xpip"
			in := func(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
			is := func(call, path string) func(event) bool {
				return func(e event) bool {
					return e.path == path && (e.call == call || call == "rename" && strings.HasPrefix(e.call, "rename"))
				}
			}
			if tr.template == "" {
				const stage = ".there.xpip"
				written := func(e event) bool {
					return in(e.path, stage) && e.call != "syncfs" && !strings.HasPrefix(e.call, "rename")
				}
				lastBefore(t, events, "files, syncfs", written, is("syncfs", stage))
				before(t, events, "syncfs, the prefix's name", is("syncfs", stage), is("rename", "there"))
				before(t, events, "the prefix's name, fsync", is("rename", "there"), is("fsync", "."))
				return
			}
			const journal, draft, done = work + "/journal", work + "/journal.new", work + "/done"
			staged := func(e event) bool {
				return in(e.path, work+"/stage") && !in(e.from, work+"/stage") && !strings.HasPrefix(e.call, "rename") &&
					e.call != "syncfs" && e.call != "unlinkat"
			}
			committed := is("rename", journal)
			switches := func(e event) bool {
				moved := strings.HasPrefix(e.call, "rename") && (!in(e.path, work) || !in(e.from, work))
				return moved || e.call == "linkat" && in(e.path, work+"/trash")
			}
			synced := func(e event) bool { return e.call == "fsync" && !in(e.path, work) }
			if slices.ContainsFunc(events, staged) {
				lastBefore(t, events, "staged files, syncfs", staged, is("syncfs", work+"/stage"))
			}
			before(t, events, "syncfs, journal", is("syncfs", work+"/stage"), is("openat", draft))
			lastBefore(t, events, "journal's content, its fsync", is("write", draft), is("fsync", draft))
			before(t, events, "its fsync, its name", is("fsync", draft), committed)
			before(t, events, "its name, fsync of that", committed, is("fsync", work))
			before(t, events, "fsync of its name, the switch", is("fsync", work), switches)
			lastBefore(t, events, "the switch, the journal's end", switches, is("rename", done))
			lastBefore(t, events, "the switch's fsyncs, the journal's end", synced, is("rename", done))
			// Every folder in which a name has changed.
			at := slices.IndexFunc(events, is("rename", done))
			for i, e := range events[:max(at, 0)] {
				if !switches(e) || in(e.path, work) && in(e.from, work) {
					continue
				}
				name := e.path
				if in(name, work) {
					name = e.from
				}
				forced := func(f event) bool { return f.call == "fsync" && f.path == filepath.ToSlash(filepath.Dir(name)) }
				if !slices.ContainsFunc(events[i:at], forced) {
					t.Errorf("%s of %s: its folder is not forced to the disk before the journal goes", e.call, name)
				}
			}
			gone := func(e event) bool { return e.call == "unlinkat" && in(e.path, work) }
			ended := slices.IndexFunc(events[max(at, 0):], is("fsync", work))
			if first := slices.IndexFunc(events[max(at, 0):], gone); ended < 0 || first < ended {
				t.Errorf("the end of the journal is forced to the disk at %d, the old files go from %d on", ended, first)
			}
		})
	}
}
