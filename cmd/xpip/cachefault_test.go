package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xpip/xpip/cmd/xpip/internal/systrace"
	"github.com/xpip/xpip/fixtures"
)

// online gives the bench an index that is asked by HTTP, so that pages and
// metadata are cached as well.
func (b *bench) online(t testing.TB) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "crash.toml"))
	if err != nil {
		t.Fatal(err)
	}
	ix, err := fixtures.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := fixtures.NewServer(ix)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	b.index = server.URL + "/simple/"
}

// TestLieAboutTheCached: an index that says something else of a file than what
// the cache has of it under the same hash is refused as it is without a cache.
func TestLieAboutTheCached(t *testing.T) {
	b := newBench(t)
	b.online(t)
	p := (&trial{bench: b, layout: "target"}).copy(t)
	b.must(t, p, "install", "beta", "alpha==1.0")
	sum := func(name string) (sum string, size int) {
		data, err := os.ReadFile(filepath.Join(b.dir, "index", "files", name))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", sha256.Sum256(data)), len(data)
	}
	betas, size := sum("beta-1.0-py3-none-any.whl")
	alphas, _ := sum("alpha-1.0-py3-none-any.whl")
	for what, lie := range map[string]string{
		"size":                fmt.Sprintf(`"hashes": {"sha256": %q}, "size": %d`, betas, size+1),
		"another one's bytes": fmt.Sprintf(`"hashes": {"sha256": %q}`, alphas),
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".whl") {
				http.ServeFile(w, r, filepath.Join(b.dir, "index", "files", filepath.Base(r.URL.Path)))
				return
			}
			w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
			fmt.Fprintf(w, `{"meta": {"api-version": "1.0"}, "name": "beta", "files": [{"filename": "beta-1.0-py3-none-any.whl", "url": "/beta-1.0-py3-none-any.whl", %s}]}`, lie)
		}))
		b.index = server.URL
		for _, cache := range []string{b.cache, t.TempDir()} {
			known := *b
			known.cache = cache
			p := (&trial{bench: b, layout: "target"}).copy(t)
			if out, code := known.run(t, p, "install", "beta"); code != 1 || snapshot(t, p.parent) != "" {
				t.Errorf("%s: exit %d\n%s", what, code, out)
			}
		}
		server.Close()
	}
}

// entries are the files of the cache, but for locks and its tag.
func (b *bench) entries(t testing.TB) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(b.cache, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, ".lock") && d.Name() != "CACHEDIR.TAG" {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// corruptions are what can happen to a file of a cache; other is another one.
var corruptions = []struct {
	name string
	do   func(random *rand.Rand, file, other string) error
}{
	{"flip", func(random *rand.Rand, file, _ string) error {
		data, err := os.ReadFile(file)
		if err != nil || len(data) == 0 {
			return err
		}
		data[random.IntN(len(data))] ^= 1 << random.IntN(8)
		return os.WriteFile(file, data, 0o600)
	}},
	{"truncate", func(random *rand.Rand, file, _ string) error {
		info, err := os.Stat(file)
		if err != nil || info.Size() == 0 {
			return err
		}
		return os.Truncate(file, random.Int64N(info.Size()))
	}},
	{"append", func(_ *rand.Rand, file, _ string) error {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString("# more\n")
		return errors.Join(err, f.Close())
	}},
	{"delete", func(_ *rand.Rand, file, _ string) error { return os.Remove(file) }},
	{"replace", func(_ *rand.Rand, file, other string) error {
		data, err := os.ReadFile(other)
		if err != nil {
			return err
		}
		return os.WriteFile(file, data, 0o600)
	}},
	{"swap", func(_ *rand.Rand, file, other string) error {
		return errors.Join(os.Rename(file, file+".x"), os.Rename(other, file), os.Rename(file+".x", other))
	}},
	{"swap entries", func(_ *rand.Rand, file, other string) error {
		file, other = entryOf(file), entryOf(other)
		if file == other {
			return nil
		}
		return errors.Join(os.Rename(file, file+".x"), os.Rename(other, file), os.Rename(file+".x", other))
	}},
	{"folder for a file", func(_ *rand.Rand, file, _ string) error {
		return errors.Join(os.Remove(file), os.Mkdir(file, 0o700))
	}},
	{"delete the folder", func(_ *rand.Rand, file, _ string) error { return os.RemoveAll(filepath.Dir(file)) }},
}

// entryOf is the entry that a file of the cache belongs to: CACHE/xpip-1/KIND/AB/ENTRY.
func entryOf(file string) string {
	for dir := file; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if filepath.Base(filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(dir))))) == "cache" {
			return dir
		}
	}
	return file
}

// TestCorruptCache damages a random file of a cache in a random way, again and
// again, and installs from it: the tree is always right, and the cache heals.
func TestCorruptCache(t *testing.T) {
	b := newBench(t)
	b.online(t)
	tr := &trial{bench: b, operation: operation{args: []string{"install", "alpha==1.0", "gamma"}}, layout: "target"}
	p := tr.copy(t)
	b.must(t, p, tr.args...)
	want := snapshot(t, p.parent)
	for seed := range uint64(some(30, 400)) {
		random := rand.New(rand.NewPCG(seed, 1))
		files := b.entries(t)
		file, other := files[random.IntN(len(files))], files[random.IntN(len(files))]
		c := corruptions[random.IntN(len(corruptions))]
		if err := c.do(random, file, other); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		p := tr.copy(t)
		when := fmt.Sprintf("seed %d: %s of %s (%s)", seed, c.name, strings.TrimPrefix(file, b.cache), strings.TrimPrefix(other, b.cache))
		out, code := b.run(t, p, tr.args...)
		if got := snapshot(t, p.parent); code != 0 || got != want {
			t.Fatalf("%s: exit %d\n%s\n%s\nwant:\n%s", when, code, out, got, want)
		}
		if err := os.RemoveAll(p.parent); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamagedWheelsAreRenewed: files of unpacked wheels that were changed since are
// noticed when they are placed, and unpacked anew from the archives; without
// those, and without the index, nothing is done.
func TestDamagedWheelsAreRenewed(t *testing.T) {
	b := newBench(t)
	b.online(t)
	tr := &trial{bench: b, operation: operation{args: []string{"install", "alpha", "gamma"}}, layout: "prefix"}
	p := tr.copy(t)
	b.must(t, p, tr.args...)
	want := snapshot(t, p.parent)
	file := func(pattern string) string {
		found, err := filepath.Glob(filepath.Join(b.cache, "*", "wheels-*", "*", "*", "content", pattern))
		if err != nil || len(found) != 1 {
			t.Fatal(pattern, found, err)
		}
		return found[0]
	}
	damage := func() {
		t.Helper()
		script := file("alpha-2.0.data/scripts/alpha-tool") // made into another one: it is read for the plan
		info, err := os.Stat(script)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)-2] ^= 1
		if err := errors.Join(os.WriteFile(script, data, 0o644), os.Chtimes(script, info.ModTime(), info.ModTime()),
			os.Remove(file("beta/__init__.py")), os.RemoveAll(file("gamma/sub")), os.WriteFile(filepath.Dir(file("gamma/__init__.py"))+"/sub", nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	damage()
	p = tr.copy(t)
	b.must(t, p, "install", "alpha==1.0")
	before := snapshot(t, p.parent)
	out := b.must(t, p, "install", "-v", "--upgrade", "alpha", "gamma", "--offline")
	if got := snapshot(t, p.parent); got != want {
		t.Errorf("got\n%s\nwant\n%s\n%s", got, want, out)
	}
	for _, name := range []string{"alpha-2.0", "beta-1.0", "gamma-1.0"} {
		if n := strings.Count(out, name+"-py3-none-any.whl was changed in the cache"); n != 1 {
			t.Errorf("%s: said %d times\n%s", name, n, out)
		}
	}
	damage()
	if err := os.RemoveAll(filepath.Join(b.cache, "xpip-1", "blobs")); err != nil {
		t.Fatal(err)
	}
	p = tr.copy(t)
	b.must(t, p, "install", "alpha==1.0")
	if out, code := b.run(t, p, "install", "--upgrade", "alpha", "gamma", "--offline"); code != 1 || snapshot(t, p.parent) != before || !strings.Contains(out, "offline") {
		t.Errorf("exit %d\n%s\n%s", code, out, snapshot(t, p.parent))
	}
	b.must(t, p, "install", "--upgrade", "alpha", "gamma")
	if got := snapshot(t, p.parent); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestEditThatHides: what an edit that keeps the size and the time of a file
// does not get past. Archives are hashed whenever they are used, small entries are sealed;
// an unpacked file is hashed when it is unpacked, and when check --repair uses it.
func TestEditThatHides(t *testing.T) {
	b := newBench(t)
	b.online(t)
	tr := &trial{bench: b, operation: operation{args: []string{"install", "alpha==1.0", "gamma"}}, layout: "target"}
	p := tr.copy(t)
	b.must(t, p, tr.args...)
	want := snapshot(t, p.parent)
	for _, file := range b.entries(t) {
		if strings.Contains(file, "/content/") || strings.HasSuffix(file, "/facts") {
			continue
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		if err := errors.Join(os.WriteFile(file, data, 0o600), os.Chtimes(file, info.ModTime(), info.ModTime())); err != nil {
			t.Fatal(err)
		}
	}
	// With the unpacked wheels gone, what has been edited is all that there is.
	unpacked, err := filepath.Glob(filepath.Join(b.cache, "*", "wheels-*"))
	if err != nil || len(unpacked) == 0 {
		t.Fatal(unpacked, err)
	}
	if err := os.RemoveAll(unpacked[0]); err != nil {
		t.Fatal(err)
	}
	p = tr.copy(t)
	b.must(t, p, tr.args...)
	if got := snapshot(t, p.parent); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// An unpacked file, edited through its link in the prefix, and its time put back.
	edited := filepath.Join(p.path, "alpha", "__init__.py")
	info, err := os.Stat(edited)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(edited)
	if err != nil {
		t.Fatal(err)
	}
	data[0] ^= 1
	if err := errors.Join(os.WriteFile(edited, data, 0o644), os.Chtimes(edited, info.ModTime(), info.ModTime())); err != nil {
		t.Fatal(err)
	}
	if out, code := b.run(t, p, "check"); code != 1 || !strings.Contains(out, "alpha/__init__.py was modified") {
		t.Errorf("check: exit %d\n%s", code, out)
	}
	b.must(t, p, "check", "--repair")
	if got := snapshot(t, p.parent); got != want {
		t.Errorf("--repair left\n%s\nwant\n%s", got, want)
	}
	b.must(t, p, "install", "--force-reinstall", "alpha==1.0")
	b.must(t, p, "check")
}

// killedInCache runs the operation on a copy, with a cache that is empty, and has
// the program die at the n-th system call by which it changes the cache; 0 lets
// it live. It returns how many there were.
func (tr *trial) killedInCache(t *testing.T, at int) (calls int, p place) {
	t.Helper()
	if err := os.RemoveAll(tr.cache); err != nil {
		t.Fatal(err)
	}
	p = tr.copy(t)
	err := systrace.Run(tr.command(tr.at(p, tr.args...)...), func(c systrace.Call) bool {
		return strings.HasPrefix(c.Path, tr.cache) && c.Name != "flock"
	}, func(c systrace.Call) systrace.Verdict {
		calls = c.N
		return systrace.Verdict{Kill: c.N == at}
	})
	if errors.Is(err, systrace.ErrUnavailable) {
		t.Skip(err)
	}
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.Exited()) {
		t.Fatal(err)
	}
	return calls, p
}

// TestKillAtEveryCacheCall has the program die at the n-th system call by which it
// changes a cache. What is in the cache then is whole: the next run makes the right
// tree of it.
func TestKillAtEveryCacheCall(t *testing.T) {
	b := newBench(t)
	b.online(t)
	tr := &trial{bench: b, operation: operation{args: []string{"install", "alpha==1.0", "gamma"}}, layout: "target"}
	p := tr.copy(t)
	b.must(t, p, tr.args...)
	want := snapshot(t, p.parent)
	total, _ := tr.killedInCache(t, 0)
	for _, at := range points(total, 10) {
		_, p := tr.killedInCache(t, at)
		b.must(t, p, tr.args...)
		if got := snapshot(t, p.parent); got != want {
			t.Fatalf("killed at call %d of %d: the next run left\n%s", at, total, got)
		}
		if err := os.RemoveAll(p.parent); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d system calls change the cache", total)
}
