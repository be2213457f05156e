package installer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

func kitchenSink(t testing.TB) Item {
	return item(t, "Kitchen_Sink-1.0-py3-none-any.whl", files{
		"sink/__init__.py":             "",
		"sink/data/x.txt":              "x",
		"sink/tool*":                   "#!/bin/sh\n",
		"sink.pth":                     "import sink\n",
		"{data}/purelib/pure.py":       "pure = 1\n",
		"{data}/platlib/plat.py":       "plat = 1\n",
		"{data}/headers/sink.h":        "#define SINK\n",
		"{data}/data/share/man/sink.1": ".TH\n",
		"{data}/scripts/hello.py":      "#!python\nprint('hello')\n",
		"{data}/scripts/plain.sh":      "#!/bin/sh\necho\n",
		"{data}/scripts/sink-cli":      "#!python\n# setuptools made this\n",
		"{info}/entry_points.txt":      "[console_scripts]\nsink-cli = sink:main\n[gui_scripts]\nsink-gui = sink.gui:App.run\n",
		"{info}/licenses/LICENSE":      "free\n",
		"{info}/INSTALLER":             "somebody\n",
	})
}

func TestLayouts(t *testing.T) {
	for name, c := range map[string]struct {
		layout Layout
		want   []string
	}{
		"target": {TargetLayout, []string{
			"bin/hello.py", "bin/plain.sh", "bin/sink-cli", "bin/sink-gui",
			"include/site/python3.14/kitchen-sink/sink.h", "plat.py", "pure.py", "share/man/sink.1",
			"sink.pth", "sink/__init__.py", "sink/data/x.txt", "sink/tool",
		}},
		"prefix": {PrefixLayout, []string{
			"bin/hello.py", "bin/plain.sh", "bin/sink-cli", "bin/sink-gui",
			"include/python3.14/kitchen-sink/sink.h",
			"lib/python3.14/site-packages/plat.py", "lib/python3.14/site-packages/pure.py",
			"lib/python3.14/site-packages/sink.pth", "lib/python3.14/site-packages/sink/__init__.py",
			"lib/python3.14/site-packages/sink/data/x.txt", "lib/python3.14/site-packages/sink/tool",
			"share/man/sink.1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "b")
			p := open(t, dir, c.layout)
			plan := install(t, p, Options{Host: newHost(t, "manylinux_2_28_x86_64", "3.14")}, kitchenSink(t))
			if got := paths(t, dir); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if len(plan.Installs) != 1 || plan.Installs[0].Files != len(c.want)+8-1 {
				t.Errorf("plan: %+v", plan.Installs)
			}
			d := find(t, p, "kitchen-sink")
			if len(d) != 1 || d[0].Installer != "xpip" || !d[0].Requested || len(d[0].Problems) > 0 || d[0].Version != "1.0" {
				t.Fatalf("installed: %+v", d)
			}
			if damage, err := p.Verify(context.Background(), d[0]); err != nil || damage != nil {
				t.Errorf("damage: %v, %v", damage, err)
			}
			for file, mode := range map[string]fs.FileMode{"bin/hello.py": 0o111, "bin/plain.sh": 0o111, "bin/sink-gui": 0o111, "share/man/sink.1": 0} {
				info, err := os.Stat(filepath.Join(dir, file))
				if err != nil || info.Mode()&0o111 != mode {
					t.Errorf("%s: %v, %v", file, info.Mode(), err)
				}
			}
			if left := leftovers(t, dir); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			remove(t, p, "kitchen-sink")
			if got := snapshot(t, dir); got != "./" && got != "lib/python3.14/site-packages/" {
				t.Errorf("after removing it:\n%s", got)
			}
		})
	}
}

// leftovers are names that only a transaction uses, in and beside a prefix.
func leftovers(t testing.TB, dir string) []string {
	t.Helper()
	var left []string
	for _, d := range []string{dir, filepath.Dir(dir)} {
		entries, err := os.ReadDir(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.Contains(e.Name(), ".xpip") {
				left = append(left, e.Name())
			}
		}
	}
	return left
}

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, PrefixLayout)
	install(t, p, Options{}, kitchenSink(t))
	got := read(t, dir, "lib/python3.14/site-packages/Kitchen_Sink-1.0.dist-info/RECORD")
	for _, row := range []string{
		"../../../bin/sink-cli,sha256=", "../../../share/man/sink.1,sha256=", "../../../include/python3.14/kitchen-sink/sink.h,sha256=",
		"sink/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n",
		"Kitchen_Sink-1.0.dist-info/RECORD,,\n", "Kitchen_Sink-1.0.dist-info/REQUESTED,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n",
	} {
		if !strings.Contains(got, row) {
			t.Errorf("no row %q in\n%s", row, got)
		}
	}
	if strings.Contains(got, ".data/") {
		t.Errorf("names of the archive in\n%s", got)
	}
}

func TestScriptsFitTheHost(t *testing.T) {
	for platform, c := range map[string]struct {
		layout Layout
		file   string
		first  string
	}{
		"manylinux_2_28_aarch64": {PrefixLayout, "bin/sink-cli", "#!/bin/sh"},
		"musllinux_1_2_x86_64":   {TargetLayout, "bin/sink-cli", "#!/usr/bin/env python3"},
		"win_amd64":              {PrefixLayout, "Scripts/sink-cli.cmd", `@"%~dp0../python.exe" -x "%~f0" %* & exit /b`},
		"ios_13_0_arm64":         {TargetLayout, "", ""},
		"android_24_arm64_v8a":   {PrefixLayout, "", ""},
	} {
		t.Run(platform, func(t *testing.T) {
			h := newHost(t, platform, "3.14")
			dir := t.TempDir()
			p, err := Open(dir, c.layout, h.Scheme())
			if err != nil {
				t.Fatal(err)
			}
			plan := install(t, p, Options{Host: h}, kitchenSink(t))
			if c.file == "" {
				for _, name := range paths(t, dir) {
					if strings.HasPrefix(name, "bin/") {
						t.Errorf("a script for a host that starts none: %s", name)
					}
				}
				if len(plan.Notes) == 0 {
					t.Error("nothing said about the scripts")
				}
				return
			}
			first, _, _ := strings.Cut(read(t, dir, c.file), "\n")
			if strings.ReplaceAll(strings.TrimSpace(first), `\`, "/") != strings.ReplaceAll(c.first, `\`, "/") {
				t.Errorf("%s begins with %q", c.file, first)
			}
		})
	}
}

func TestPipsOwnScripts(t *testing.T) {
	pip := item(t, "pip-26.3-py3-none-any.whl", files{
		"pip/__init__.py":         "",
		"{info}/entry_points.txt": "[console_scripts]\npip = pip:main\npip3 = pip:main\npip3.11 = pip:main\n",
	})
	dir := t.TempDir()
	install(t, open(t, dir, TargetLayout), Options{Host: newHost(t, "manylinux_2_28_x86_64", "3.14")}, pip)
	want := []string{"bin/pip", "bin/pip3", "bin/pip3.14", "pip/__init__.py"}
	if got := paths(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

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
		"file and folder":       {items: []Item{file, folder}, path: "thing/x.py", owner: "file-1.0-py3-none-any.whl"},
		"folder and file":       {items: []Item{folder, file}, path: "thing", owner: "other files of the run"},
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

func TestRefusedPaths(t *testing.T) {
	windows := newHost(t, "win_amd64", "3.14")
	mac := newHost(t, "macosx_14_0_arm64", "3.14")
	linux := newHost(t, "manylinux_2_28_x86_64", "3.14")
	for name, c := range map[string]struct {
		host    *host.Host
		members files
		refused bool
	}{
		"device name on Windows": {windows, files{"aux.py": ""}, true},
		"device name elsewhere":  {linux, files{"aux.py": ""}, false},
		"case on macOS":          {mac, files{"Mod.py": "", "mod.py": "x"}, true},
		"case on Linux":          {linux, files{"Mod.py": "", "mod.py": "x"}, false},
		"interpreter as script":  {linux, files{"{data}/scripts/python3": "x"}, true},
		"interpreter as data":    {linux, files{"{data}/data/bin/python": "x"}, true},
		"python-like name":       {linux, files{"{data}/scripts/python-argcomplete": "x"}, false},
		"work folder":            {linux, files{"{data}/data/.xpip/journal": "x"}, true},
		"unknown scheme key":     {linux, files{"{data}/etc/x": "x"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			p, err := Open(dir, PrefixLayout, c.host.Scheme())
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if r := recover(); r != nil {
					t.Fatal(r)
				}
			}()
			u := unpackOrSkip(t, "bad-1.0-py3-none-any.whl", c.members)
			if u == nil {
				return // refused even earlier
			}
			_, err = p.Plan([]Item{{Wheel: u}}, nil, Options{Host: c.host})
			var refused *PathError
			if errors.As(err, &refused) != c.refused || refused != nil && refused.Wheel != "bad-1.0-py3-none-any.whl" {
				t.Errorf("got %v", err)
			}
			if got := snapshot(t, dir); got != "./" {
				t.Errorf("written: %s", got)
			}
		})
	}
}

// unpackOrSkip returns nil where the wheel itself is refused.
func unpackOrSkip(t *testing.T, filename string, members files) *wheel.Unpacked {
	u := unpack(t, filename, files{})
	// The facts are given as the wheel's reader would, without its judgement,
	// so that the installer's own is seen.
	for p, content := range members {
		p = strings.ReplaceAll(p, "{data}", "bad-1.0.data")
		if strings.HasPrefix(p, "bad-1.0.data/") {
			u.DataDir = "bad-1.0.data"
		}
		write(t, u.Dir, p, content)
		u.Files = append(u.Files, wheel.File{Path: p, SHA256: "x", Size: int64(len(content))})
	}
	return u
}

func TestDuplicateItems(t *testing.T) {
	p := open(t, t.TempDir(), TargetLayout)
	a := item(t, "a-1.0-py3-none-any.whl", files{"a.py": ""})
	b := item(t, "a-2.0-py3-none-any.whl", files{"a.py": ""})
	var dup *DuplicateError
	if _, err := p.Plan([]Item{a, b}, nil, Options{}); !errors.As(err, &dup) || dup.Project != "a" {
		t.Errorf("got %v", err)
	}
}

func TestStoreDamaged(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, file string){
		"edited":  func(t *testing.T, file string) { write(t, filepath.Dir(file), filepath.Base(file), "edited!") },
		"longer":  func(t *testing.T, file string) { write(t, filepath.Dir(file), filepath.Base(file), "very much longer") },
		"missing": func(t *testing.T, file string) { _ = os.Remove(file) },
		"a link": func(t *testing.T, file string) {
			_ = os.Remove(file)
			if err := os.Symlink(os.DevNull, file); err != nil {
				t.Skip(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "prefix")
			p := open(t, dir, TargetLayout)
			app := item(t, "app-1.0-py3-none-any.whl", files{"app/x.py": "correct"})
			damage(t, filepath.Join(app.Wheel.Dir, "app/x.py"))
			plan, err := p.Plan([]Item{app}, nil, Options{})
			if err != nil {
				t.Fatal(err)
			}
			err = plan.Apply(context.Background())
			var damaged *StoreDamagedError
			if !errors.Is(err, ErrStoreDamaged) || !errors.As(err, &damaged) || damaged.Path != "app/x.py" || damaged.Dir != app.Wheel.Dir {
				t.Errorf("got %v", err)
			}
			if got := snapshot(t, dir); got != "(nothing)" {
				t.Errorf("left:\n%s", got)
			}
			if left := leftovers(t, filepath.Dir(dir)); len(left) > 0 {
				t.Errorf("left beside: %q", left)
			}
		})
	}
}

// An edit of an installed file that is shared with the store is found out by
// the next installation from there.
func TestEditThroughAHardLinkIsNoticed(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, TargetLayout)
	app := item(t, "app-1.0-py3-none-any.whl", files{"app.py": "correct"})
	install(t, p, Options{}, app)
	a, err := os.Stat(filepath.Join(app.Wheel.Dir, "app.py"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.Stat(filepath.Join(dir, "app.py")); err != nil || !os.SameFile(a, b) {
		t.Skip("no hard links here")
	}
	write(t, dir, "app.py", "changed")
	plan, err := open(t, t.TempDir(), TargetLayout).Plan([]Item{app}, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(context.Background()); !errors.Is(err, ErrStoreDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestLinkModes(t *testing.T) {
	for mode, want := range map[LinkMode]bool{LinkAuto: true, LinkClone: false, LinkCopy: false} {
		dir := t.TempDir()
		app := item(t, "app-1.0-py3-none-any.whl", files{"app/x.py": "x", "{data}/scripts/s": "#!python\n"})
		install(t, open(t, dir, TargetLayout), Options{Link: mode}, app)
		a, err := os.Stat(filepath.Join(app.Wheel.Dir, "app/x.py"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.Stat(filepath.Join(dir, "app/x.py"))
		if err != nil {
			t.Fatal(err)
		}
		// A clone or a copy where links don't work is as good.
		if os.SameFile(a, b) && !want {
			t.Errorf("mode %v: the file is shared with the store", mode)
		}
		s, err := os.Stat(filepath.Join(app.Wheel.Dir, "app-1.0.data/scripts/s"))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = os.Stat(filepath.Join(dir, "bin/s")); err != nil || os.SameFile(s, b) {
			t.Errorf("a rewritten script is the store's own: %v", err)
		}
	}
}

func TestLinksInThePrefix(t *testing.T) {
	app := item(t, "app-1.0-py3-none-any.whl", files{"app/x.py": "x"})
	t.Run("lib64", func(t *testing.T) {
		dir := t.TempDir()
		write(t, dir, "lib/python3.14/site-packages/README", "")
		if err := os.Symlink("lib", filepath.Join(dir, "lib64")); err != nil {
			t.Skip(err)
		}
		scheme := posix
		scheme.Platlib = "lib64/python3.14/site-packages"
		p, err := Open(dir, PrefixLayout, scheme)
		if err != nil {
			t.Fatal(err)
		}
		install(t, p, Options{}, app)
		if d := find(t, p, "app"); len(d) != 1 {
			t.Errorf("found %d times", len(d))
		}
	})
	t.Run("out of the prefix", func(t *testing.T) {
		dir, outside := t.TempDir(), t.TempDir()
		if err := os.Symlink(outside, filepath.Join(dir, "lib")); err != nil {
			t.Skip(err)
		}
		var link *LinkError
		if _, err := open(t, dir, PrefixLayout).Plan([]Item{app}, nil, Options{}); !errors.As(err, &link) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("package folder", func(t *testing.T) {
		dir, outside := t.TempDir(), t.TempDir()
		if err := os.Symlink(outside, filepath.Join(dir, "app")); err != nil {
			t.Skip(err)
		}
		var conflict *ConflictError
		if _, err := open(t, dir, TargetLayout).Plan([]Item{app}, nil, Options{}); !errors.As(err, &conflict) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the prefix itself", func(t *testing.T) {
		dir := t.TempDir()
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Skip(err)
		}
		install(t, open(t, link, TargetLayout), Options{}, app)
		if got := paths(t, dir); !slices.Equal(got, []string{"app/x.py"}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestHostileRecord(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "victim", "keep")
	dir := filepath.Join(outside, "prefix")
	p := open(t, dir, PrefixLayout)
	install(t, p, Options{}, item(t, "app-1.0-py3-none-any.whl", files{"app.py": ""}))
	record := filepath.Join(posix.Purelib, "app-1.0.dist-info", "RECORD")
	write(t, dir, record, read(t, dir, record)+"../../../../victim,,\n"+filepath.Join(outside, "victim")+",,\n../../..,,\n")
	plan, err := p.Plan(nil, find(t, p, "app"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Notes) != 3 {
		t.Errorf("notes: %+v", plan.Notes)
	}
	if err := plan.Apply(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, outside, "victim"); got != "keep" {
		t.Errorf("got %q", got)
	}
}

func TestDirectURL(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, TargetLayout)
	app := item(t, "app-1.0-py3-none-any.whl", files{"app.py": ""})
	app.Requested = false
	app.DirectURL = &DirectURL{URL: "https://user:secret@example.com/app.whl?a=1&b=2", ArchiveInfo: &ArchiveInfo{Hashes: map[string]string{"sha256": "00"}}}
	install(t, p, Options{}, app)
	want := `{"archive_info":{"hashes":{"sha256":"00"}},"url":"https://example.com/app.whl?a=1&b=2"}`
	if got := read(t, dir, "app-1.0.dist-info/direct_url.json"); got != want {
		t.Errorf("got %s", got)
	}
	d := find(t, p, "app")[0]
	if d.Requested || d.DirectURL == nil || d.DirectURL.ArchiveInfo.Hashes["sha256"] != "00" {
		t.Errorf("got %+v", d)
	}
}

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, TargetLayout)
	install(t, p, Options{Link: LinkCopy}, item(t, "app-1.0-py3-none-any.whl", files{"a.py": "a", "b.py": "b", "c.py": "c", "d.py": "d"}))
	write(t, dir, "a.py", "A")
	write(t, dir, "b.py", "longer")
	if err := os.Remove(filepath.Join(dir, "c.py")); err != nil {
		t.Fatal(err)
	}
	damage, err := p.Verify(context.Background(), find(t, p, "app")[0])
	want := []Damage{{"a.py", "was modified"}, {"b.py", "has 6 bytes, not 1"}, {"c.py", "is missing"}}
	if err != nil || !slices.Equal(damage, want) {
		t.Errorf("got %v, %v", damage, err)
	}
}

func TestInstalledToleratesDamage(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "good-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Good\nVersion: 1.0\n")
	write(t, dir, "empty-2.0.dist-info/INSTALLER", "pip\n")
	write(t, dir, "bad-3.0.dist-info/METADATA", "Name: \xff\n")
	write(t, dir, "bad-3.0.dist-info/direct_url.json", "{")
	write(t, dir, "old-4.0-py3.11.egg-info", "Metadata-Version: 1.1\nName: old\nVersion: 4.0\n")
	write(t, dir, "older-5.0.egg-info/PKG-INFO", "Metadata-Version: 1.1\nName: older\nVersion: 5.0\n")
	write(t, dir, "older-5.0.egg-info/installed-files.txt", "../older.py\n../../outside.py\nPKG-INFO\n")
	write(t, dir, "older.py", "")
	write(t, dir, "~ood-1.0.dist-info/METADATA", "")
	p := open(t, dir, TargetLayout)
	all, err := p.Installed()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range all {
		got = append(got, d.Key+" "+d.Version)
	}
	if want := []string{"bad 3.0", "empty 2.0", "good 1.0", "old 4.0", "older 5.0"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if len(all[0].Problems) != 2 || all[1].Installer != "pip" || all[1].Metadata != nil {
		t.Errorf("got %+v", all[:2])
	}
	var refused *NotRemovableError
	if _, err := p.Plan(nil, find(t, p, "empty"), Options{}); !errors.As(err, &refused) || refused.Name != "empty" {
		t.Errorf("got %v", err)
	}
	if _, err := p.Plan(nil, find(t, p, "old"), Options{}); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	remove(t, p, "older")
	if _, err := os.Stat(filepath.Join(dir, "older.py")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("older.py stays")
	}
	// A new wheel takes the place of damaged metadata only when told to.
	empty := item(t, "empty-2.1-py3-none-any.whl", files{"empty.py": ""})
	if _, err := p.Plan([]Item{empty}, nil, Options{}); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	install(t, p, Options{Overwrite: true}, empty)
	if d := find(t, p, "empty"); len(d) != 1 || d[0].Version != "2.1" {
		t.Errorf("got %+v", d)
	}
}

func TestPipTargetRecordIsUnderstood(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "app.py", "")
	write(t, dir, "bin/app", "")
	write(t, dir, "app-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: app\nVersion: 1.0\n")
	write(t, dir, "app-1.0.dist-info/RECORD", "app.py,,\n../../bin/app,,\n__pycache__/app.cpython-311.pyc,,\napp-1.0.dist-info/METADATA,,\napp-1.0.dist-info/RECORD,,\n")
	remove(t, open(t, dir, TargetLayout), "app")
	if got := snapshot(t, dir); got != "./" {
		t.Errorf("left:\n%s", got)
	}
}
