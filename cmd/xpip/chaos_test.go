package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/xpip/xpip/cmd/xpip/internal/systrace"
	"github.com/xpip/xpip/fixtures"
)

// some is a number of rounds: the first ordinarily, the second when every
// point is to be visited.
func some(ordinary, full int) int {
	if visitAll() {
		return full
	}
	return ordinary
}

// crowd is an index of n projects in two versions, some of whose folders are
// shared, with some files each.
func crowd(n, files int) *fixtures.Index {
	ix := &fixtures.Index{}
	for i := range n {
		p := fixtures.Project{Name: fmt.Sprintf("crowd%02d", i)}
		for _, version := range []string{"1.0", "2.0"} {
			r := fixtures.Release{
				Version: version, Wheels: []string{"py3-none-any"},
				Files:   map[string]string{fmt.Sprintf("shared/part%d.py", i): "part = '{version}'\n"},
				Scripts: map[string]string{p.Name: p.Name + ":main", p.Name + "-" + version: p.Name + ":main"},
			}
			for k := range files {
				r.Files[fmt.Sprintf("%s/sub%d/module%d.py", p.Name, k%5, k)] = strings.Repeat(fmt.Sprintf("x%d = '{version}'\n", k), 1+k%40)
			}
			r.Files[p.Name+"/only_"+version[:1]+".py"] = ""
			p.Releases = append(p.Releases, r)
		}
		ix.Projects = append(ix.Projects, p)
	}
	return ix
}

// names are those of the index's projects, each followed by the same text.
func names(ix *fixtures.Index, suffix string) []string {
	var out []string
	for _, p := range ix.Projects {
		out = append(out, p.Name+suffix)
	}
	return out
}

// TestRandomKills kills installs, upgrades and removals of 30 wheels (here 8, if not all points are visited) at random
// moments, with and without a cache, and demands after the next run a prefix that
// is the old or the new one and that check has nothing against.
func TestRandomKills(t *testing.T) {
	ix := crowd(some(8, 30), some(10, 40))
	b := newBenchOf(t, ix)
	one, two := names(ix, "==1.0"), names(ix, "==2.0")
	rounds := []*trial{
		{operation: operation{name: "fresh", args: append([]string{"install"}, one...)}},
		{operation: operation{name: "upgrade", before: one, args: append([]string{"install"}, two...)}},
		{operation: operation{name: "uninstall", before: two, args: append([]string{"uninstall", "-y"}, names(ix, "")...)}},
	}
	for i, tr := range rounds {
		tr.bench, tr.layout = b, []string{"target", "prefix"}[i%2]
		p := tr.copy(t)
		if tr.before != nil {
			b.must(t, p, append([]string{"install"}, tr.before...)...)
			tr.template = p.path
		}
		p = tr.copy(t)
		tr.old = snapshot(t, p.parent)
		b.must(t, p, tr.args...)
		tr.new = snapshot(t, p.parent)
		b.must(t, p, "check")
	}
	random := rand.New(rand.NewPCG(7, 0))
	for n := range some(6, 200) {
		tr := rounds[n%len(rounds)]
		p := tr.copy(t)
		forget := func() {
			if n%4 < 2 {
				if err := os.RemoveAll(b.cache); err != nil {
					t.Fatal(err)
				}
			}
		}
		// The moment is a random share of the time that it takes undisturbed.
		forget()
		after := time.Duration(random.Float64() * float64(tr.time(t)))
		forget()
		tr.killed(t, p, after)
		when := fmt.Sprintf("kill %d, %s after %v", n, tr, after)
		if tr.settle(t, p, when) != "" {
			b.must(t, p, "check")
		}
		b.must(t, p, tr.args...)
		if got := snapshot(t, p.parent); got != tr.new {
			t.Fatalf("%s: the same command again left:\n%s", when, got)
		}
		b.must(t, p, "check")
		if err := os.RemoveAll(p.parent); err != nil {
			t.Fatal(err)
		}
	}
}

// time is how long the operation takes as the machine is now.
func (tr *trial) time(t testing.TB) time.Duration {
	t.Helper()
	p := tr.copy(t)
	start := time.Now()
	tr.must(t, p, tr.args...)
	took := time.Since(start)
	if err := os.RemoveAll(p.parent); err != nil {
		t.Fatal(err)
	}
	return took
}

// killed runs the operation and kills it after a time, unless it has ended by then.
func (tr *trial) killed(t testing.TB, p place, after time.Duration) {
	t.Helper()
	cmd := tr.command(tr.at(p, tr.args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		t.Fatalf("%s failed by itself: %v", tr, err)
	}
}

// TestTogether has eight programs install into one prefix with one new cache,
// all at once, and in further rounds upgrade, remove and install different
// things there.
func TestTogether(t *testing.T) {
	ix := crowd(10, 12)
	for round := range some(2, 20) {
		b := newBenchOf(t, ix)
		p := place{parent: t.TempDir(), layout: []string{"target", "prefix"}[round%2]}
		p.path = filepath.Join(p.parent, "there")
		all := append([]string{"install"}, names(ix, "==1.0")...)
		b.together(t, p, slices.Repeat([][]string{all}, 8))
		got := snapshot(t, p.parent)
		alone := place{parent: t.TempDir(), layout: p.layout}
		alone.path = filepath.Join(alone.parent, "there")
		b.must(t, alone, all...)
		if want := snapshot(t, alone.parent); got != want {
			t.Fatalf("round %d: eight together left:\n%s\none alone:\n%s", round, got, want)
		}
		b.must(t, p, "check")

		var mix [][]string
		for i := range 8 {
			name := ix.Projects[i/2].Name
			mix = append(mix, [][]string{
				{"install", "-U", name}, {"uninstall", "-y", name, ix.Projects[9].Name},
				{"install", name + "==1.0"}, {"install", "--force-reinstall", name},
			}[(i+round)%4])
		}
		b.together(t, p, mix)
		b.must(t, p, "check")
		// Whatever came last: brought to one state, it is the one that it should be.
		b.must(t, p, all...)
		if want := snapshot(t, alone.parent); snapshot(t, p.parent) != want {
			t.Fatalf("round %d: after a mix of changes:\n%s\nwant:\n%s", round, snapshot(t, p.parent), want)
		}
	}
}

// together runs several command lines at once; all of them have to succeed.
func (b *bench) together(t testing.TB, p place, lines [][]string) {
	t.Helper()
	var wg sync.WaitGroup
	for _, line := range lines {
		wg.Go(func() {
			if out, code := b.run(t, p, line...); code != 0 {
				t.Errorf("xpip %s: exit %d\n%s", strings.Join(line, " "), code, out)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// heard collects what a program prints, and closes a channel when that contains
// certain words.
type heard struct {
	words string
	found chan struct{}

	mu  sync.Mutex
	all bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := strings.Contains(h.all.String(), h.words)
	h.all.Write(p)
	if !before && strings.Contains(h.all.String(), h.words) {
		close(h.found)
	}
	return len(p), nil
}

// TestLockOfAnother: whoever finds the prefix locked says so and waits. The
// lock ends with its holder, whether that is killed in the middle or stopped
// for a while and then goes on.
func TestLockOfAnother(t *testing.T) {
	b := newBench(t)
	for _, layout := range []string{"target", "prefix"} {
		for _, op := range operations() {
			if op.name != "upgrade" && op.name != "fresh" {
				continue
			}
			tr := &trial{bench: b, operation: op, layout: layout}
			for _, end := range []string{"killed", "stopped"} {
				t.Run(tr.String()+"/"+end, func(t *testing.T) { tr.besideHolder(t, end == "killed") })
			}
		}
	}
}

func (tr *trial) besideHolder(t *testing.T, kill bool) {
	p := tr.copy(t)
	if tr.before != nil {
		tr.must(t, p, append([]string{"install"}, tr.before...)...)
	}
	holder := tr.command(tr.at(p, tr.args...)...)
	holding, waits, held := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		held <- systrace.Run(holder, p.changedBy, func(c systrace.Call) systrace.Verdict {
			if c.N != 30 {
				return systrace.Verdict{}
			}
			close(holding)
			if kill {
				<-waits
				return systrace.Verdict{Kill: true}
			}
			return systrace.Verdict{Errno: stop(holder)}
		})
	}()
	select {
	case <-holding:
	case err := <-held:
		if errors.Is(err, systrace.ErrUnavailable) {
			t.Skip(err)
		}
		t.Fatalf("the holder ended: %v", err)
	}
	out := &heard{words: "Waiting for another xpip", found: waits}
	other := tr.command(tr.at(p, "install", "gamma")...)
	other.Stdout, other.Stderr = out, out
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	<-waits
	if !kill {
		if errno := goOn(holder); errno != 0 {
			t.Fatal(errno)
		}
	}
	if err := <-held; (err != nil) != kill {
		t.Errorf("the holder: %v", err)
	}
	if err := other.Wait(); err != nil {
		t.Errorf("the one that waited: %v\n%s", err, &out.all)
	}
	if said := strings.Contains(out.all.String(), interrupted); said != kill {
		t.Errorf("the holder's death is said: %v\n%s", said, &out.all)
	}
	tr.must(t, p, "check")
	tr.must(t, p, tr.args...)
	tr.must(t, p, "check")
}

// TestNoLocks: a file system that has no locks is used all the same, with a
// word about the prefix; the cache needs none.
func TestNoLocks(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOLCK, syscall.EOPNOTSUPP, syscall.ENOSYS} {
		tr := &trial{bench: newBench(t), operation: operations()[0], layout: "target"}
		p := tr.copy(t)
		cmd := tr.command(tr.at(p, tr.args...)...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		asked := 0
		err := systrace.Run(cmd, func(c systrace.Call) bool { return c.Name == "flock" }, func(systrace.Call) systrace.Verdict {
			asked++
			return systrace.Verdict{Errno: errno}
		})
		if errors.Is(err, systrace.ErrUnavailable) {
			t.Skip(err)
		}
		if err != nil || asked < 2 || strings.Count(out.String(), "cannot be locked") != 1 {
			t.Errorf("%v: %v, %d locks asked for\n%s", errno, err, asked, &out)
		}
		tr.must(t, p, "check")
	}
}
