package installer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

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
		"below a link": func(t *testing.T, file string) {
			dir := filepath.Dir(file)
			if err := errors.Join(os.Rename(dir, dir+".real"), os.Symlink(dir+".real", dir)); err != nil || runtime.GOOS == "windows" {
				t.Skip(err)
			}
		},
		"below a file": func(t *testing.T, file string) {
			if err := errors.Join(os.RemoveAll(filepath.Dir(file)), os.WriteFile(filepath.Dir(file), nil, 0o644)); err != nil {
				t.Fatal(err)
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
