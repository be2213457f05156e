package installer

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestUpgrade(t *testing.T) {
	old := item(t, "app-1.0-py3-none-any.whl", files{
		"app/__init__.py": "v = 1\n", "app/stale.py": "", "app/sub/gone.py": "", "ns/app_part.py": "1", "kind/x.py": "",
		"{info}/entry_points.txt": "[console_scripts]\nold-cli = app:main\ncli = app:main\n",
	})
	other := item(t, "other-1.0-py3-none-any.whl", files{"ns/other_part.py": "2"})
	next := item(t, "app-2.0-py3-none-any.whl", files{
		"app/__init__.py": "v = 2\n", "app/fresh.py": "", "ns/app_part.py": "3", "kind": "a file now",
		"{info}/entry_points.txt": "[console_scripts]\ncli = app:main2\n",
	})
	for name, layout := range map[string]Layout{"target": TargetLayout, "prefix": PrefixLayout} {
		t.Run(name, func(t *testing.T) {
			dir, clean := t.TempDir(), t.TempDir()
			p := open(t, dir, layout)
			install(t, p, Options{}, old, other)
			lib := map[Layout]string{TargetLayout: "", PrefixLayout: posix.Purelib + "/"}[layout]
			write(t, dir, lib+"app/__pycache__/stale.cpython-314.pyc", "bytecode")
			write(t, dir, lib+"ns/__pycache__/app_part.cpython-314.opt-2.pyc", "bytecode")
			plan := install(t, p, Options{}, next)
			if r := plan.Installs[0].Replaces; len(r) != 1 || r[0].Version != "1.0" {
				t.Errorf("replaces %+v", r)
			}
			q := open(t, clean, layout)
			install(t, q, Options{}, other, next)
			if got, want := snapshot(t, dir), snapshot(t, clean); got != want {
				t.Errorf("upgraded:\n%s\nfresh:\n%s", got, want)
			}
			// A file of somebody else's keeps the folder.
			write(t, dir, lib+"app/mine.txt", "mine")
			remove(t, p, "app")
			remove(t, p, "other")
			if got := paths(t, dir); !slices.Equal(got, []string{lib + "app/mine.txt"}) {
				t.Errorf("after removal: %q", got)
			}
		})
	}
}

func TestReinstallReplacesAsAWhole(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, TargetLayout)
	app := item(t, "app-1.0-py3-none-any.whl", files{"app/__init__.py": "", "app/a/b.py": "b"})
	install(t, p, Options{Link: LinkCopy}, app)
	before := snapshot(t, dir)
	write(t, dir, "app/__init__.py", "edited")
	plan, err := p.Plan([]Item{app}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(plan.change.Steps); n != 3 { // swap app, metadata out, metadata in
		t.Errorf("%d steps: %+v", n, plan.change.Steps)
	}
	if err := plan.Apply(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, dir); got != before {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
}

func TestConflicts(t *testing.T) {
	one := item(t, "one-1.0-py3-none-any.whl", files{"shared/__init__.py": "same", "tests/conftest.py": "one"})
	two := item(t, "two-1.0-py3-none-any.whl", files{"shared/__init__.py": "same", "tests/conftest.py": "two"})
	file := item(t, "file-1.0-py3-none-any.whl", files{"thing": "a file"})
	folder := item(t, "folder-1.0-py3-none-any.whl", files{"thing/x.py": ""})
	for name, c := range map[string]struct {
		before  []Item
		onDisk  string // unowned
		items   []Item
		path    string
		owner   string
		settled bool // by Overwrite
	}{
		"two wheels":            {items: []Item{one, two}, path: "tests/conftest.py", owner: "one-1.0-py3-none-any.whl", settled: true},
		"installed":             {before: []Item{one}, items: []Item{two}, path: "tests/conftest.py", owner: "one 1.0", settled: true},
		"unowned":               {onDisk: "tests/conftest.py", items: []Item{two}, path: "tests/conftest.py", settled: true},
		"file and folder":       {items: []Item{file, folder}, path: "thing", owner: "folder-1.0-py3-none-any.whl"},
		"folder and file":       {items: []Item{folder, file}, path: "thing", owner: "folder-1.0-py3-none-any.whl"},
		"folder on a file":      {before: []Item{file}, items: []Item{folder}, path: "thing", owner: "file 1.0"},
		"file on a folder":      {before: []Item{folder}, items: []Item{file}, path: "thing", owner: "folder 1.0"},
		"file on a folder left": {onDisk: "thing/mine", items: []Item{file}, path: "thing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			p := open(t, dir, TargetLayout)
			if c.before != nil {
				install(t, p, Options{}, c.before...)
			}
			if c.onDisk != "" {
				write(t, dir, c.onDisk, "mine")
			}
			before := snapshot(t, dir)
			_, err := p.Plan(c.items, nil, Options{})
			var conflict *ConflictError
			if !errors.As(err, &conflict) {
				t.Fatalf("got %v", err)
			}
			if got := conflict.Conflicts[0]; got.Path != c.path || got.Owner != c.owner || conflict.Overwritable != c.settled {
				t.Errorf("got %+v", conflict)
			}
			if got := snapshot(t, dir); got != before {
				t.Errorf("the prefix changed:\n%s", got)
			}
			if !c.settled {
				return
			}
			install(t, p, Options{Overwrite: true}, c.items...)
			if got := read(t, dir, "tests/conftest.py"); got != "two" {
				t.Errorf("the last one doesn't win: %q", got)
			}
			for _, d := range append(find(t, p, "two"), find(t, p, "one")...) {
				damage, err := p.Verify(context.Background(), d)
				if lost := d.Key == "one" && c.before != nil; err != nil || len(damage) > 0 != lost {
					t.Errorf("%s: %v, %v", d.Key, damage, err)
				}
			}
		})
	}
}

func TestSharedFileStaysWithItsOtherOwner(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, TargetLayout)
	install(t, p, Options{},
		item(t, "one-1.0-py3-none-any.whl", files{"ns/__init__.py": "same", "ns/one.py": ""}),
		item(t, "two-1.0-py3-none-any.whl", files{"ns/__init__.py": "same", "ns/two.py": ""}))
	remove(t, p, "one")
	if got := paths(t, dir); !slices.Equal(got, []string{"ns/__init__.py", "ns/two.py"}) {
		t.Errorf("got %q", got)
	}
	remove(t, p, "two")
	if got := snapshot(t, dir); got != "./" {
		t.Errorf("got %q", got)
	}
}
