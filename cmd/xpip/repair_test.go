package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A damage is done to an installed alpha 1.0, beta 1.0; check has to tell it, and
// --repair to make it good.
type damage struct {
	name string
	do   func(t *testing.T, lib, bin string)
	said string // by check, of what is wrong
}

func damages() []damage {
	edit := func(elem ...string) func(t *testing.T, lib, bin string) {
		return func(t *testing.T, lib, bin string) {
			file := filepath.Join(append([]string{lib}, elem...)...)
			// As an editor that writes beside and renames: the cache keeps its own.
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte("edited\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(elem ...string) func(t *testing.T, lib, bin string) {
		return func(t *testing.T, lib, bin string) {
			if err := os.RemoveAll(filepath.Join(append([]string{lib}, elem...)...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []damage{
		{"edited", edit("alpha", "__init__.py"), "alpha/__init__.py has 7 bytes, not "},
		{"missing file", remove("alpha", "kind.py"), "alpha/kind.py is missing"},
		{"missing folder", remove("alpha"), "alpha/__init__.py is missing"},
		{"in place, through the link to the cache", func(t *testing.T, lib, bin string) {
			if err := os.WriteFile(filepath.Join(lib, "alpha_single.py"), []byte("edited in place\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "alpha_single.py has 16 bytes, not "},
		{"script", func(t *testing.T, lib, bin string) { remove("alpha-tool")(t, bin, "") }, "bin/alpha-tool is missing"},
		{"entry point", func(t *testing.T, lib, bin string) { edit("alpha")(t, bin, "") }, "bin/alpha has 7 bytes, not "},
		{"METADATA", edit("alpha-1.0.dist-info", "METADATA"), "METADATA has 7 bytes, not "},
		{"INSTALLER and REQUESTED", func(t *testing.T, lib, bin string) {
			remove("alpha-1.0.dist-info", "INSTALLER")(t, lib, bin)
			remove("alpha-1.0.dist-info", "REQUESTED")(t, lib, bin)
		}, "INSTALLER is missing"},
		{"RECORD", remove("alpha-1.0.dist-info", "RECORD"), "RECORD is missing"},
		{"RECORD and files", func(t *testing.T, lib, bin string) {
			remove("alpha-1.0.dist-info", "RECORD")(t, lib, bin)
			remove("alpha", "gone")(t, lib, bin)
			edit("alpha_single.py")(t, lib, bin)
		}, "RECORD is missing"},
		{"a row of RECORD", func(t *testing.T, lib, bin string) {
			file := filepath.Join(lib, "alpha-1.0.dist-info", "RECORD")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before, after, _ := strings.Cut(string(data), "alpha/kind.py,sha256=")
			if err := os.WriteFile(file, []byte(before+"alpha/kind.py,sha256=AAAA"+after[4:]), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "alpha/kind.py was modified"},
		{"a file for a folder", func(t *testing.T, lib, bin string) {
			remove("alpha", "gone")(t, lib, bin)
			if err := os.WriteFile(filepath.Join(lib, "alpha", "gone"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}, "alpha/gone/__init__.py can't be reached"},
		{"a link", func(t *testing.T, lib, bin string) {
			remove("alpha", "kind.py")(t, lib, bin)
			if err := os.Symlink("__init__.py", filepath.Join(lib, "alpha", "kind.py")); err != nil {
				t.Skip(err)
			}
		}, "alpha/kind.py is not a regular file"},
		{"everything", func(t *testing.T, lib, bin string) {
			remove("alpha")(t, lib, bin)
			remove("beta")(t, lib, bin)
			remove("shared")(t, lib, bin)
			remove("alpha")(t, bin, "")
		}, "beta/__init__.py is missing"},
	}
}

// TestRepair damages a prefix in many ways, and has check --repair put it
// right: from the cache, from a cache that has been damaged too, and from the
// index alone.
func TestRepair(t *testing.T) {
	b := newBench(t)
	for _, layout := range []string{"target", "prefix"} {
		tr := &trial{bench: b, layout: layout}
		p := tr.copy(t)
		b.must(t, p, "install", "alpha==1.0", "beta")
		tr.template = p.path
		sound := snapshot(t, p.parent)
		for i, d := range damages() {
			t.Run(layout+"/"+d.name, func(t *testing.T) {
				p := tr.copy(t)
				lib := p.path
				if layout == "prefix" {
					lib = filepath.Join(lib, "lib", "python3.13", "site-packages")
				}
				d.do(t, lib, filepath.Join(p.path, "bin"))
				damaged := snapshot(t, p.parent)
				if i%2 == 0 {
					if err := os.RemoveAll(b.cache); err != nil {
						t.Fatal(err)
					}
				}
				out, code := b.run(t, p, "check")
				if code != 1 || !strings.Contains(out, d.said) {
					t.Errorf("check: exit %d\n%s", code, out)
				}
				repair := []string{"check", "--repair"}
				out, code = b.run(t, p, append(repair, "--dry-run")...)
				if got := snapshot(t, p.parent); code != 1 || got != damaged || !strings.Contains(out, d.said) {
					t.Errorf("--dry-run: exit %d\n%s\n%s", code, out, got)
				}
				if d.name == "a file for a folder" {
					// It may be anybody's, so that it stays; the user is told what to do.
					out, code = b.run(t, p, repair...)
					if code != 1 || !strings.Contains(out, "is not a folder") || !strings.Contains(out, "--force-reinstall") {
						t.Errorf("--repair: exit %d\n%s", code, out)
					}
					return
				}
				if !strings.Contains(out, "Would restore") {
					t.Errorf("--dry-run does not say what it would do:\n%s", out)
				}
				if out, code = b.run(t, p, repair...); code != 0 || !strings.Contains(out, "Restored") {
					t.Errorf("--repair: exit %d\n%s", code, out)
				}
				if got := snapshot(t, p.parent); got != sound {
					t.Errorf("--repair left\n%s\nwant\n%s\n%s", got, sound, out)
				}
				b.must(t, p, "check")
			})
		}
	}
}

// TestRepairTwice: of two records of one project the one that does not tell what
// is there goes; if nothing tells them apart, both stay and the user is told.
func TestRepairTwice(t *testing.T) {
	b := newBench(t)
	p, other := (&trial{bench: b, layout: "target"}).copy(t), (&trial{bench: b, layout: "target"}).copy(t)
	b.must(t, p, "install", "alpha==2.0")
	sound := snapshot(t, p.parent)
	b.must(t, other, "install", "alpha==1.0")
	// As pip leaves it when an upgrade is interrupted.
	old := filepath.Join(p.path, "alpha-1.0.dist-info")
	if err := os.CopyFS(old, os.DirFS(filepath.Join(other.path, "alpha-1.0.dist-info"))); err != nil {
		t.Fatal(err)
	}
	out, code := b.run(t, p, "check", "--repair", "--dry-run")
	if code != 1 || !strings.Contains(out, "Would remove alpha 1.0") {
		t.Errorf("--dry-run: exit %d\n%s", code, out)
	}
	if out = b.must(t, p, "check", "--repair"); !strings.Contains(out, "Removed alpha 1.0") {
		t.Error(out)
	}
	if got := snapshot(t, p.parent); got != sound {
		t.Errorf("got\n%s\nwant\n%s", got, sound)
	}
	if err := os.CopyFS(old, os.DirFS(filepath.Join(other.path, "alpha-1.0.dist-info"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.path, "alpha_single.py")); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, p.parent)
	out, code = b.run(t, p, "check", "--repair")
	if code != 1 || !strings.Contains(out, "cannot be told") || snapshot(t, p.parent) != before {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestRepairLost: what nobody has is named, with what to do; and another wheel
// of the same version is not taken for the one that was installed.
func TestRepairLost(t *testing.T) {
	b := newBench(t)
	p := (&trial{bench: b, layout: "target"}).copy(t)
	b.must(t, p, "install", "beta")
	if err := os.Remove(filepath.Join(p.path, "beta", "__init__.py")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(b.cache); err != nil {
		t.Fatal(err)
	}
	for _, options := range [][]string{{"--no-index"}, {}} {
		if len(options) == 0 {
			b.index = b.foreignIndex(t)
		}
		before := snapshot(t, p.parent)
		out, code := b.run(t, p, append([]string{"check", "--repair"}, options...)...)
		if code != 1 || !strings.Contains(out, "Could not restore beta/__init__.py of beta 1.0") ||
			!strings.Contains(out, "xpip install --force-reinstall --no-deps --platform manylinux_2_28_aarch64 --python-version 3.13 -t ") {
			t.Errorf("%s: exit %d\n%s", options, code, out)
		}
		if got := snapshot(t, p.parent); got != before {
			t.Errorf("%s: changed to\n%s", options, got)
		}
	}
}

// TestRepairFromArchive: what was installed from a file by its path comes from
// that file again, if its hash is the one that was recorded.
func TestRepairFromArchive(t *testing.T) {
	b := newBench(t)
	p := (&trial{bench: b, layout: "target"}).copy(t)
	archive := filepath.Join(b.dir, "index", "files", "beta-1.0-py3-none-any.whl")
	b.must(t, p, "install", archive)
	sound := snapshot(t, p.parent)
	lose := func() {
		if err := os.Remove(filepath.Join(p.path, "beta", "__init__.py")); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(b.cache); err != nil {
			t.Fatal(err)
		}
	}
	lose()
	b.must(t, p, "check", "--repair", "--no-index")
	if got := snapshot(t, p.parent); got != sound {
		t.Errorf("got\n%s\nwant\n%s", got, sound)
	}
	lose()
	other, err := os.ReadFile(filepath.Join(b.foreignIndex(t), "..", "files", filepath.Base(archive)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(archive, other, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, code := b.run(t, p, "check", "--repair", "--no-index"); code != 1 || !strings.Contains(out, "Could not restore") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
