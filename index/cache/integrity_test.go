package cache

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// TestSmallEntryIntegrity changes every bit and every length of an entry: what
// is left is none.
func TestSmallEntryIntegrity(t *testing.T) {
	s := open(t)
	path := s.path("pages", "the-key-of-it")
	put := func(data string) []byte {
		if err := s.Put("pages", "the-key-of-it", []byte(data)); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	gone := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get("pages", "the-key-of-it"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %q, %v", what, got, err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the entry stays: %v", what, err)
		}
	}
	raw := put("what was stored")
	for i := range 8 * len(raw) {
		flipped := bytes.Clone(raw)
		flipped[i/8] ^= 1 << (i % 8)
		gone(fmt.Sprintf("bit %d flipped", i), flipped)
	}
	for n := range raw {
		gone(fmt.Sprintf("cut to %d bytes", n), raw[:n])
	}
	gone("longer", append(bytes.Clone(raw), 0))
	for _, other := range [][2]string{{"pages", "another-key"}, {"notes", "the-key-of-it"}} {
		if err := s.Put(other[0], other[1], []byte("what was stored")); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(s.path(other[0], other[1]))
		if err != nil {
			t.Fatal(err)
		}
		gone("the entry of "+other[0]+" "+other[1], content)
	}
	// Not even a folder in its place is in the way.
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get("pages", "the-key-of-it"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder: got %q, %v", got, err)
	}
	put("once more")
	if got, err := s.Get("pages", "the-key-of-it"); err != nil || string(got) != "once more" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestFolderEntrySwapped: a folder entry in the place of another is not that
// one, even if it is intact.
func TestFolderEntrySwapped(t *testing.T) {
	s := open(t)
	var calls atomic.Int32
	for _, key := range []string{"aaaaaaaaaa", "bbbbbbbbbb"} {
		if _, err := s.Dir(t.Context(), "wheels", key, fillWith("of "+key, &calls)); err != nil {
			t.Fatal(err)
		}
	}
	a, b := s.path("wheels", "aaaaaaaaaa"), s.path("wheels", "bbbbbbbbbb")
	for _, step := range [][2]string{{a, a + ".x"}, {b, a}, {a + ".x", b}} {
		if err := os.Rename(step[0], step[1]); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(filepath.Dir(s.dir)) // as another process
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"aaaaaaaaaa", "bbbbbbbbbb"} {
		if _, ok := s.HasDir("wheels", key); ok {
			t.Errorf("%s: another entry is taken for it", key)
		}
		dir, err := s.Dir(t.Context(), "wheels", key, fillWith("of "+key, &calls))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "pkg", "sub", "a.py")); err != nil || string(got) != "of "+key {
			t.Errorf("%s: got %q, %v", key, got, err)
		}
	}
	if calls.Load() != 4 {
		t.Errorf("filled %d times", calls.Load())
	}
}
