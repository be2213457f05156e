package installer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xpip/xpip/installer/internal/faultfs"
	"github.com/xpip/xpip/installer/internal/txn"
)

// A scenario is a change of a prefix whose every step gets its turn to be the
// last.
type scenario struct {
	name   string
	layout Layout
	before []Item
	edit   func(t testing.TB, dir string) // of the prefix, before the change
	items  []Item
	remove string
	fresh  bool // the prefix does not exist

	template string // the prefix before the change
}

func scenarios(t testing.TB) []scenario {
	app1 := item(t, "app-1.0-py3-none-any.whl", files{
		"app/__init__.py": "v = 1\n", "app/stale.py": "", "ns/app_part.py": "1", "kind/x.py": "", "single.py": "1",
		"{info}/entry_points.txt": "[console_scripts]\nold-cli = app:main\ncli = app:main\n",
	})
	app2 := item(t, "app-2.0-py3-none-any.whl", files{
		"app/__init__.py": "v = 2\n", "app/fresh/y.py": "", "ns/app_part.py": "3", "kind": "a file", "single.py": "2",
		"{info}/entry_points.txt": "[console_scripts]\ncli = app:main2\n",
	})
	other := item(t, "other-1.0-py3-none-any.whl", files{"ns/other_part.py": "2"})
	third := item(t, "third-1.0-py3-none-any.whl", files{"third/a.py": "", "third/b.py": ""})
	mine := func(t testing.TB, dir string) {
		write(t, dir, "mine.txt", "mine")
		write(t, dir, "ns/mine.txt", "mine")
	}
	all := []scenario{
		{name: "fresh", layout: PrefixLayout, items: []Item{app1, other}, fresh: true},
		{name: "empty", layout: TargetLayout, items: []Item{app1}},
		{name: "add", layout: PrefixLayout, before: []Item{app1}, items: []Item{third}},
		{name: "upgrade", layout: TargetLayout, before: []Item{app1, other}, edit: mine, items: []Item{app2, third}},
		{name: "reinstall", layout: TargetLayout, before: []Item{app2}, items: []Item{app2}},
		{name: "remove", layout: TargetLayout, before: []Item{app1, other}, edit: mine, remove: "app"},
	}
	for i := range all {
		s := &all[i]
		s.template = t.TempDir()
		if s.before != nil {
			install(t, open(t, s.template, s.layout), Options{}, s.before...)
		}
		if s.edit != nil {
			s.edit(t, s.template)
		}
	}
	return all
}

// prepare makes the prefix as it is before the change.
func (s scenario) prepare(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "prefix")
	if !s.fresh {
		if err := os.CopyFS(dir, os.DirFS(s.template)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// change makes the change; a hook is asked before each step.
func (s scenario) change(t testing.TB, dir string, hook func(faultfs.Op) error) error {
	t.Helper()
	if hook == nil {
		hook = func(faultfs.Op) error { return nil }
	}
	p := open(t, dir, s.layout)
	p.system = func(r *os.Root) txn.FS { return faultfs.New(txn.OS(r), hook) }
	var gone []Distribution
	if s.remove != "" {
		gone = find(t, p, s.remove)
	}
	// One worker: the same steps in the same order every time.
	plan, err := p.Plan(s.items, gone, Options{Workers: 1})
	if err != nil {
		return err
	}
	return plan.Apply(context.Background())
}

// outcomes returns the tree before and after the change.
func (s scenario) outcomes(t testing.TB) (before, after string) {
	t.Helper()
	dir := s.prepare(t)
	before = snapshot(t, dir)
	if err := s.change(t, dir, nil); err != nil {
		t.Fatal(err)
	}
	if after = snapshot(t, dir); after == before {
		t.Logf("%s changes nothing", s.name)
	}
	return before, after
}

// recover is what the next run does first.
func (s scenario) recover(t testing.TB, dir string) Recovery {
	t.Helper()
	p := open(t, dir, s.layout)
	p.system = func(r *os.Root) txn.FS { return faultfs.New(txn.OS(r), func(faultfs.Op) error { return nil }) }
	r, err := p.Lock(context.Background(), nil)
	if err != nil {
		t.Fatalf("recovering: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}

// settled checks that the tree is the old or the new one with nothing else in
// or beside it.
func (s scenario) settled(t testing.TB, dir, before, after, when string) {
	t.Helper()
	got := snapshot(t, dir)
	if s.fresh && (got == "./" || got == "(nothing)") {
		got = before // a folder that is empty or not there yet is all the same
	}
	if got != before && got != after {
		t.Fatalf("%s: neither old nor new:\n%s\nold:\n%s\nnew:\n%s", when, got, before, after)
	}
	if left := leftovers(t, filepath.Dir(dir)); len(left) > 0 {
		t.Fatalf("%s: left beside: %q", when, left)
	}
}

var errDead = errors.New("the process is dead")

// dieAt returns a hook that lets nothing happen any more from the n-th step on:
// to the disk it is all the same whether the process or its arm is dead.
func dieAt(n int, reached *bool) func(faultfs.Op) error {
	return func(op faultfs.Op) error {
		if op.N >= n {
			*reached = true
			return errDead
		}
		return nil
	}
}

// TestDeathAtEveryStep ends the change before each of its steps, then ends the
// recovery before each of its own, and sees that the next run finds its way.
func TestDeathAtEveryStep(t *testing.T) {
	for _, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			before, after := s.outcomes(t)
			for n := 1; ; n++ {
				reached := false
				dir := s.prepare(t)
				_ = s.change(t, dir, dieAt(n, &reached))
				if !reached {
					if got := snapshot(t, dir); got != after {
						t.Fatalf("undisturbed, but not new:\n%s", got)
					}
					t.Logf("%d steps", n-1)
					break
				}
				// The recovery itself dies too, again and again, a step later
				// each time, going on from where the last one was ended.
				for k, again := 1, true; again; k++ {
					again = false
					p := open(t, dir, s.layout)
					p.system = func(r *os.Root) txn.FS { return faultfs.New(txn.OS(r), dieAt(k, &again)) }
					if _, err := p.Lock(context.Background(), nil); err != nil && !again {
						t.Fatalf("step %d: recovering: %v", n, err)
					}
					if err := p.Close(); err != nil {
						t.Fatal(err)
					}
				}
				s.recover(t, dir)
				when := fmt.Sprintf("died at step %d", n)
				s.settled(t, dir, before, after, when)
				if err := s.change(t, dir, nil); err != nil && s.remove == "" {
					t.Fatalf("%s: the next run: %v", when, err)
				}
				if got := snapshot(t, dir); got != after {
					t.Fatalf("%s: the next run left:\n%s\nwant:\n%s", when, got, after)
				}
			}
		})
	}
}

// TestErrorAtEveryStep lets each step fail once, or all of its kind from then
// on. Unless the error says otherwise the prefix is the old one right away.
func TestErrorAtEveryStep(t *testing.T) {
	faults := map[string]func(first, op faultfs.Op) error{
		"once": func(first, op faultfs.Op) error {
			if op.N == first.N {
				return &fs.PathError{Op: op.Kind, Path: op.Name, Err: syscall.EIO}
			}
			return nil
		},
		"full disk": func(_, op faultfs.Op) error {
			switch op.Kind {
			case "Mkdir", "Place", "Write", "WriteFile":
				return &fs.PathError{Op: op.Kind, Path: op.Name, Err: syscall.ENOSPC}
			}
			return nil
		},
		"no permission": func(_, op faultfs.Op) error {
			switch op.Kind {
			case "Rename", "Replace", "Exchange":
				if !strings.Contains(op.Name, txn.WorkName) {
					return &fs.PathError{Op: op.Kind, Path: op.Name, Err: syscall.EACCES}
				}
			}
			return nil
		},
	}
	for _, s := range scenarios(t) {
		before, after := s.outcomes(t)
		for name, fault := range faults {
			t.Run(s.name+"/"+name, func(t *testing.T) {
				// A fault that stays is met soon wherever it begins.
				stride := 1
				if name != "once" {
					stride = 5
				}
				for n, reached := 1, true; reached; n += stride {
					reached = false
					var first faultfs.Op
					dir := s.prepare(t)
					err := s.change(t, dir, func(op faultfs.Op) error {
						if op.N < n {
							return nil
						}
						if op.N == n {
							reached, first = true, op
						}
						return fault(first, op)
					})
					when := fmt.Sprintf("%s %s at step %d (%+v): %v", s.name, name, n, first, err)
					got := snapshot(t, dir)
					switch {
					case errors.Is(err, ErrUnfinished):
						s.recover(t, dir)
						s.settled(t, dir, before, after, when)
					case err != nil:
						if got != before && (!s.fresh || got != "./") {
							t.Fatalf("%s: the prefix changed:\n%s\nold:\n%s", when, got, before)
						}
						s.settled(t, dir, before, after, when)
					case got != after:
						t.Fatalf("%s: no error, but not new:\n%s", when, got)
					}
					if err := s.change(t, dir, nil); err != nil {
						t.Fatalf("%s: the next run: %v", when, err)
					}
					if got := snapshot(t, dir); got != after {
						t.Fatalf("%s: the next run left:\n%s", when, got)
					}
				}
			})
		}
	}
}

// TestCancel ends a change by its context.
func TestCancel(t *testing.T) {
	for _, s := range scenarios(t) {
		before, after := s.outcomes(t)
		for _, kind := range []string{"Write", "Exchange", "Rename"} {
			t.Run(s.name+"/"+kind, func(t *testing.T) {
				dir := s.prepare(t)
				p := open(t, dir, s.layout)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				p.system = func(r *os.Root) txn.FS {
					return faultfs.New(txn.OS(r), func(op faultfs.Op) error {
						if op.Kind == kind {
							cancel()
						}
						return nil
					})
				}
				var gone []Distribution
				if s.remove != "" {
					gone = find(t, p, s.remove)
				}
				plan, err := p.Plan(s.items, gone, Options{Workers: 1})
				if err != nil {
					t.Fatal(err)
				}
				err = plan.Apply(ctx)
				want := after
				if errors.Is(err, context.Canceled) {
					want = before
				} else if err != nil {
					t.Fatal(err)
				}
				if got := snapshot(t, dir); got != want {
					t.Errorf("%v, but\n%s", err, got)
				}
				s.settled(t, dir, before, after, "cancelled")
			})
		}
	}
}
