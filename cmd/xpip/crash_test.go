package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/cmd/xpip/internal/systrace"
	"github.com/xpip/xpip/fixtures"
)

// fullFaults makes the tests of crashes and faults visit every point, not some.
const fullFaults = "XPIP_FAULTS"

func visitAll() bool { return os.Getenv(fullFaults) == "full" }

// bench is where programs are made to fail: an index of small wheels on this
// machine, a cache that has them unpacked, and a home of its own.
type bench struct {
	program string
	dir     string // of everything here
	index   string
	cache   string
}

func newBench(t testing.TB) *bench {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "crash.toml"))
	if err != nil {
		t.Fatal(err)
	}
	ix, err := fixtures.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return newBenchOf(t, ix)
}

func newBenchOf(t testing.TB, ix *fixtures.Index) *bench {
	t.Helper()
	program, err := exec.LookPath("xpip")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{program: program, dir: t.TempDir()}
	b.cache = filepath.Join(b.dir, "cache")
	if err := ix.WriteFolder(filepath.Join(b.dir, "index")); err != nil {
		t.Fatal(err)
	}
	b.index = filepath.Join(b.dir, "index", "simple")
	return b
}

// foreignIndex is an index whose beta 1.0 is another than ours.
func (b *bench) foreignIndex(t testing.TB) string {
	t.Helper()
	ix, err := fixtures.Parse([]byte("[[project]]\nname = 'beta'\n[[project.release]]\nversion = '1.0'\n" +
		"wheels = ['py3-none-any']\nfiles = { 'beta/__init__.py' = 'another', 'shared/beta_part.py' = 'another' }\n"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := ix.WriteFolder(dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "simple")
}

// command is a command line of xpip, with the options that hold for all.
func (b *bench) command(args ...string) *exec.Cmd {
	cmd := exec.Command(b.program, args...)
	home := filepath.Join(b.dir, "home")
	cmd.Env = []string{
		"HOME=" + home, "PATH=" + filepath.Join(b.dir, "no-programs"), "XDG_CACHE_HOME=" + home, "LocalAppData=" + home,
		"PIP_CONFIG_FILE=" + os.DevNull, "XPIP_CACHE_DIR=" + b.cache, "TMPDIR=" + os.TempDir(), "SystemRoot=" + os.Getenv("SystemRoot"),
	}
	cmd.Dir = b.dir
	return cmd
}

// place is a prefix in a folder of its own, in one of the two layouts.
type place struct{ parent, path, layout string }

// at completes a command line by where it works and for whom.
func (b *bench) at(p place, args ...string) []string {
	out := append([]string{args[0], "--platform", "manylinux_2_28_aarch64", "--python-version", "3.13", "--" + p.layout, p.path}, args[1:]...)
	if args[0] == "install" || slices.Contains(args, "--repair") {
		out = append(out, "-i", b.index)
	}
	return out
}

// run runs a command line at a place and returns all that it prints, and its
// exit code.
func (b *bench) run(t testing.TB, p place, args ...string) (output string, code int) {
	t.Helper()
	out, err := b.command(b.at(p, args...)...).CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// must is run for what has to succeed.
func (b *bench) must(t testing.TB, p place, args ...string) string {
	t.Helper()
	out, code := b.run(t, p, args...)
	if code != 0 {
		t.Fatalf("xpip %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// An operation is a change of a prefix that is going to be disturbed.
type operation struct {
	name   string
	before []string                       // what is installed; nil: there is no prefix
	edit   func(t testing.TB, dir string) // then happens to it
	args   []string                       // the change
}

func operations() []operation {
	mine := func(t testing.TB, dir string) {
		for _, name := range []string{"mine.txt", "shared/mine.txt", "alpha/mine.txt"} {
			lib, err := filepath.Glob(filepath.Join(dir, "lib/python3.13/site-packages"))
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(append(lib, dir)[0], filepath.FromSlash(name))
			if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []operation{
		{name: "fresh", args: []string{"install", "alpha==1.0", "beta"}},
		{name: "beside", before: []string{"alpha==1.0"}, args: []string{"install", "gamma"}},
		{name: "upgrade", before: []string{"alpha==1.0", "beta"}, args: []string{"install", "-U", "alpha"}},
		{name: "upgrade-mixed", before: []string{"alpha==1.0", "beta"}, edit: mine, args: []string{"install", "-U", "alpha"}},
		{name: "downgrade", before: []string{"alpha==2.0"}, args: []string{"install", "alpha==1.0"}},
		{name: "uninstall", before: []string{"alpha==1.0", "beta"}, args: []string{"uninstall", "-y", "alpha"}},
		{name: "uninstall-mixed", before: []string{"alpha==1.0", "beta"}, edit: mine, args: []string{"uninstall", "-y", "alpha", "beta"}},
		{name: "reinstall", before: []string{"alpha==2.0"}, edit: func(t testing.TB, dir string) {
			if err := os.Remove(filepath.Join(dir, "bin", "alpha")); err != nil {
				t.Fatal(err)
			}
		}, args: []string{"install", "--force-reinstall", "alpha==2.0"}},
		{name: "repair", before: []string{"alpha==1.0", "beta"}, edit: func(t testing.TB, dir string) {
			for _, pattern := range []string{"bin/alpha", "*/*/*/shared/alpha_part.py", "shared/alpha_part.py", "*/*/*/beta", "beta", "*/*/*/alpha-1.0.dist-info/RECORD"} {
				found, err := filepath.Glob(filepath.Join(dir, pattern))
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range found {
					if err := os.RemoveAll(name); err != nil {
						t.Fatal(err)
					}
				}
			}
		}, args: []string{"check", "--repair"}},
	}
}

// A trial is an operation in a layout, with the tree before and after it.
type trial struct {
	*bench
	operation
	layout   string
	template string // a copy of the prefix before; "" without one
	old, new string
}

// trials are all operations in both layouts; if not all points are visited, each
// in one of them.
func (b *bench) trials(t testing.TB) []*trial {
	t.Helper()
	var out []*trial
	for i, layout := range []string{"target", "prefix"} {
		for k, op := range operations() {
			if !visitAll() && k%2 != i {
				continue
			}
			tr := &trial{bench: b, operation: op, layout: layout}
			p := tr.copy(t)
			if op.before != nil {
				b.must(t, p, append([]string{"install"}, op.before...)...)
				if op.edit != nil {
					op.edit(t, p.path)
				}
				tr.template = p.path
			}
			p = tr.copy(t)
			tr.old = snapshot(t, p.parent)
			b.must(t, p, op.args...)
			tr.new = snapshot(t, p.parent)
			if tr.old == tr.new {
				t.Fatalf("%s changes nothing", op.name)
			}
			// What the trees are, their hashes tell from now on; that they are right, check.
			b.must(t, p, "check")
			out = append(out, tr)
		}
	}
	return out
}

func (tr *trial) String() string { return tr.layout + "/" + tr.name }

// copy is the place before the operation, once more.
func (tr *trial) copy(t testing.TB) place {
	t.Helper()
	parent, err := os.MkdirTemp(tr.dir, "place-")
	if err != nil {
		t.Fatal(err)
	}
	p := place{parent: parent, path: filepath.Join(parent, "there"), layout: tr.layout}
	if tr.template != "" {
		if err := os.CopyFS(p.path, os.DirFS(tr.template)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// disturbed runs the operation at p under a tracer that asks decide about each
// call that changes something there.
func (tr *trial) disturbed(t testing.TB, p place, decide func(systrace.Call) systrace.Verdict) (output string, err error) {
	t.Helper()
	cmd := tr.command(tr.at(p, tr.args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = systrace.Run(cmd, p.changedBy, decide)
	if errors.Is(err, systrace.ErrUnavailable) {
		t.Skip(err)
	}
	return out.String(), err
}

// changedBy reports whether a call changes the prefix, or what is beside it, or
// makes the disk keep that.
func (p place) changedBy(c systrace.Call) bool {
	return strings.HasPrefix(c.Path, p.parent) && c.Name != "flock"
}

// Tells of a run that finds an interrupted one.
const interrupted = "An earlier run was interrupted"

// settle is the next run, one that changes nothing itself, and what has to be
// true then: the prefix is the old or the new one, and if it was neither before, the
// run has said so.
func (tr *trial) settle(t testing.TB, p place, when string) (state string) {
	t.Helper()
	left := snapshot(t, p.parent)
	if tr.template == "" && left == "" {
		return tr.old
	}
	out, code := tr.run(t, p, "uninstall", "-y", "nothing-of-that-name")
	healed := snapshot(t, p.parent)
	switch {
	case code != 0:
		t.Fatalf("%s: the next run: exit %d\n%s", when, code, out)
	case healed != tr.old && healed != tr.new:
		t.Fatalf("%s: neither old nor new:\n%s\nold:\n%s\nnew:\n%s", when, healed, tr.old, tr.new)
	case left != healed && !strings.Contains(out, interrupted):
		t.Fatalf("%s: healed, but not said:\n%s\n%s", when, left, out)
	case strings.Contains(out, "rolled back") && healed != tr.old, strings.Contains(out, "was finished") && healed != tr.new:
		t.Fatalf("%s: not what the next run says of it:\n%s\n%s", when, healed, out)
	}
	return healed
}

// snapshot describes all that is below a folder, by name, permissions and
// digest, a line each. Folders count only where there is nothing in them.
func snapshot(t testing.TB, root string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			if below, err := os.ReadDir(path); err != nil || len(below) > 0 {
				return err
			}
			if filepath.Dir(path) == root {
				return nil // an empty prefix is none
			}
			lines = append(lines, rel+"/")
			return nil
		}
		data, err := os.ReadFile(path)
		lines = append(lines, fmt.Sprintf("%s %v %x", filepath.ToSlash(rel), info.Mode(), sha256.Sum256(data)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// slack is by how many the calls of two runs may differ: how often a worker
// tries what the file system can't do before all of them know that.
const slack = 16

// points are those of n points that a test visits: all, or some that are
// spread evenly over them, the last among them.
func points(n, some int) []int {
	var out []int
	if visitAll() {
		n += slack
	}
	for i := 1; i <= n; i++ {
		if visitAll() || n <= some || i*some/n != (i-1)*some/n {
			out = append(out, i)
		}
	}
	return out
}

// count is how many calls change the prefix if nobody disturbs the operation.
func (tr *trial) count(t testing.TB) int {
	t.Helper()
	n := 0
	p := tr.copy(t)
	out, err := tr.disturbed(t, p, func(systrace.Call) systrace.Verdict { n++; return systrace.Verdict{} })
	if err != nil || snapshot(t, p.parent) != tr.new {
		t.Fatalf("%s, only watched: %v\n%s", tr, err, out)
	}
	return n
}

// TestKillAtEverySystemCall has the program die of SIGKILL at the n-th system
// call by which it changes a prefix, for every n, and looks at the prefix then, after
// the next run, and after the same command has been given again.
func TestKillAtEverySystemCall(t *testing.T) {
	visited := 0
	for _, tr := range newBench(t).trials(t) {
		t.Run(tr.String(), func(t *testing.T) {
			n := tr.count(t)
			states := map[string]int{}
			for _, at := range points(n, 4) {
				p := tr.copy(t)
				var last systrace.Call
				out, err := tr.disturbed(t, p, func(c systrace.Call) systrace.Verdict {
					last = c
					return systrace.Verdict{Kill: c.N == at}
				})
				when := fmt.Sprintf("killed at call %d of %d, %s %s", at, n, last.Name, last.Path)
				if err == nil && at > n-slack {
					continue
				}
				if err == nil {
					t.Fatalf("%s: it lives\n%s", when, out)
				}
				visited++
				if tr.settle(t, p, when) == tr.old {
					states["old"]++
				} else {
					states["new"]++
				}
				tr.must(t, p, tr.args...)
				if got := snapshot(t, p.parent); got != tr.new {
					t.Fatalf("%s: the same command again left:\n%s\nwant:\n%s", when, got, tr.new)
				}
				if err := os.RemoveAll(p.parent); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d system calls change the prefix; visited: %v", n, states)
		})
	}
	t.Logf("%d deaths", visited)
}
