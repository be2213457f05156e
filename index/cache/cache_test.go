package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEntries(t *testing.T) {
	s := open(t)
	if _, err := s.Get("pages", "k"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent entry: %v", err)
	}
	for _, key := range []string{"https://example.com/a\n/../..", strings.Repeat("a", 64), "k", ""} {
		for _, data := range []string{"one", "", "two"} {
			if err := s.Put("pages", key, []byte(data)); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Get("pages", key); err != nil || string(got) != data {
				t.Errorf("key %q: got %q, %v", key, got, err)
			}
		}
	}
	if err := s.Delete("pages", "k"); err != nil {
		t.Error(err)
	}
	if err := s.Delete("pages", "k"); err != nil {
		t.Error(err)
	}
	if _, err := s.Get("pages", "k"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deleted entry: %v", err)
	}
}

func TestPrivateAndTagged(t *testing.T) {
	s := open(t)
	if err := s.Put("pages", "key", []byte("x")); err != nil {
		t.Fatal(err)
	}
	tag, err := os.ReadFile(filepath.Join(s.Root(), "CACHEDIR.TAG"))
	if err != nil || !strings.HasPrefix(string(tag), "Signature: 8a477f597d28d172789f06886806bc55") {
		t.Errorf("CACHEDIR.TAG: %q, %v", tag, err)
	}
	if filepath.Separator == '\\' {
		return // modes mean little there
	}
	err = filepath.WalkDir(s.Root(), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a file was opened as a cache")
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, layout)); err != nil {
		t.Skip(err)
	}
	if _, err := Open(dir); err == nil {
		t.Error("a symbolic link was opened as a cache")
	}
}

func TestBlob(t *testing.T) {
	s := open(t)
	w, err := s.NewBlob()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "wrong")
	if err := w.Reset(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "hello ")
	fmt.Fprint(w, "world")
	const sum = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	if w.SHA256() != sum || w.Size() != 11 {
		t.Fatalf("got %s, %d bytes", w.SHA256(), w.Size())
	}
	if _, _, ok := s.Blob(sum); ok {
		t.Error("there before Commit")
	}
	path, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	w.Abort()
	got, size, ok := s.Blob(sum)
	if !ok || got != path || size != 11 {
		t.Errorf("Blob = %q, %d, %v", got, size, ok)
	}

	// Same size, other content: not handed out, and gone.
	if err := os.WriteFile(path, []byte("hello_world"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.Blob(sum); ok {
		t.Error("an edited blob was handed out")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an edited blob is still there: %v", err)
	}
	if _, _, ok := s.Blob("../../etc/passwd"); ok {
		t.Error("a path was taken for a hash")
	}
	checkTmpEmpty(t, s)
}

func checkTmpEmpty(t *testing.T, s *Store) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.Root(), "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("left in tmp: %s", e.Name())
	}
}

func fillWith(text string, calls *atomic.Int32) func(string) error {
	return func(dir string) error {
		calls.Add(1)
		if err := os.MkdirAll(filepath.Join(dir, "pkg", "sub"), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "pkg", "sub", "a.py"), []byte(text), 0o644)
	}
}

func TestDir(t *testing.T) {
	root := t.TempDir()
	var calls atomic.Int32
	get := func() string {
		t.Helper()
		s, err := Open(root) // as another process would
		if err != nil {
			t.Fatal(err)
		}
		dir, err := s.Dir(t.Context(), "wheels", "key-of-a-wheel", fillWith("one", &calls))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "pkg", "sub", "a.py"))
		if err != nil || string(got) != "one" {
			t.Fatalf("got %q, %v", got, err)
		}
		checkTmpEmpty(t, s)
		return dir
	}
	dir := get()
	get()
	if calls.Load() != 1 {
		t.Fatalf("filled %d times", calls.Load())
	}
	file := filepath.Join(dir, "pkg", "sub", "a.py")
	damage := map[string]func() error{
		"edited": func() error { return os.WriteFile(file, []byte("two"), 0o644) },
		"edited through a link": func() error {
			link := filepath.Join(t.TempDir(), "linked.py")
			if err := os.Link(file, link); err != nil {
				return err
			}
			return os.WriteFile(link, []byte("three"), 0o644)
		},
		"removed":   func() error { return os.Remove(file) },
		"added":     func() error { return os.WriteFile(filepath.Join(dir, "new.py"), nil, 0o644) },
		"no record": func() error { return os.Remove(filepath.Join(filepath.Dir(dir), factsName)) },
		"emptied":   func() error { return os.RemoveAll(dir) },
	}
	for name, do := range damage {
		before := calls.Load()
		// The clock of a file system may be too coarse to tell two writes apart.
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		get()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		get()
		if got := calls.Load() - before; got != 2 {
			t.Errorf("%s: filled %d times, want 2 (the new time, the damage)", name, got)
		}
	}
	// A hard link from a prefix is no damage.
	before := calls.Load()
	if err := os.Link(file, filepath.Join(t.TempDir(), "linked.py")); err != nil {
		t.Skip(err)
	}
	get()
	if calls.Load() != before {
		t.Error("linking a file made its entry anew")
	}
}

func TestDirFailure(t *testing.T) {
	s := open(t)
	boom := errors.New("boom")
	_, err := s.Dir(t.Context(), "wheels", "some-key", func(dir string) error {
		if err := os.WriteFile(filepath.Join(dir, "half"), nil, 0o644); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if _, ok := s.HasDir("wheels", "some-key"); ok {
		t.Error("a failed fill left an entry")
	}
	checkTmpEmpty(t, s)
}

func TestDirTogether(t *testing.T) {
	root := t.TempDir()
	var calls atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := Open(root)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Dir(context.Background(), "wheels", "some-key", fillWith("x", &calls)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if calls.Load() != 1 {
		t.Errorf("filled %d times", calls.Load())
	}
}

// A process that waits for another's lock gives up when it is cancelled.
func TestDirCancelled(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	filling, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := s.Dir(context.Background(), "wheels", "some-key", func(string) error {
			close(filling)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-filling
	cancel()
	_, err := s.Dir(ctx, "wheels", "some-key", func(string) error { return errors.New("filled under another's lock") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	wg.Wait()
}

// The holder of a lock is killed: the lock goes with it, and so does its half-made entry.
func TestDirKilled(t *testing.T) {
	if dir := os.Getenv("XPIP_TEST_CACHE"); dir != "" {
		s, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = s.Dir(context.Background(), "wheels", "some-key", func(dir string) error {
			if err := os.WriteFile(filepath.Join(dir, "half"), nil, 0o644); err != nil {
				return err
			}
			fmt.Println("filling")
			select {}
		})
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(self, "-test.run=^TestDirKilled$")
	cmd.Env = append(os.Environ(), "XPIP_TEST_CACHE="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()

	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	if _, err := s.Dir(t.Context(), "wheels", "some-key", fillWith("x", &calls)); err != nil || calls.Load() != 1 {
		t.Errorf("after a kill: filled %d times, %v", calls.Load(), err)
	}
}

func TestStaleRemoved(t *testing.T) {
	s := open(t)
	old, young := filepath.Join(s.Root(), "tmp", "old"), filepath.Join(s.Root(), "tmp", "young")
	for _, p := range []string{old, young} {
		if err := os.Mkdir(p, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Dir(s.Root())); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("old temporary: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("young temporary: %v", err)
	}
}

func TestTemporary(t *testing.T) {
	s, err := Temporary()
	if err != nil {
		t.Fatal(err)
	}
	if s.Persistent() {
		t.Error("it says that it is persistent")
	}
	if err := s.Put("pages", "key", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Root()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Close: %v", err)
	}
}

func TestUsageAndPurge(t *testing.T) {
	s := open(t)
	for i := range 3 {
		if err := s.Put("pages", fmt.Sprint(i), []byte("12345")); err != nil {
			t.Fatal(err)
		}
	}
	var calls atomic.Int32
	if _, err := s.Dir(t.Context(), "wheels", "some-key", fillWith("1234567", &calls)); err != nil {
		t.Fatal(err)
	}
	usage, err := s.Usage()
	if err != nil || len(usage) != 2 || usage[0] != (Usage{"pages", 3, 3 * (sealSize + 5)}) || usage[1].Entries != 1 || usage[1].Bytes < 7 {
		t.Errorf("Usage = %+v, %v", usage, err)
	}
	if err := s.Purge("pages"); err != nil {
		t.Fatal(err)
	}
	if usage, err = s.Usage(); err != nil || len(usage) != 1 || usage[0].Kind != "wheels" {
		t.Errorf("after a purge of pages: %+v, %v", usage, err)
	}
	if err := s.Purge(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Dir(t.Context(), "wheels", "some-key", fillWith("x", &calls)); err != nil || calls.Load() != 2 {
		t.Errorf("after a purge: filled %d times, %v", calls.Load(), err)
	}
}
