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

// TestLinkable: its facts are handed out as they were given, for the entry that
// they are of, or not at all; what is in the folder is for others to judge.
func TestLinkable(t *testing.T) {
	s := open(t)
	calls := 0
	get := func(key string) (dir string, facts []byte) {
		t.Helper()
		dir, facts, err := s.Linkable(t.Context(), "wheels", key, func(dir string) ([]byte, error) {
			calls++
			return []byte("facts of " + key), os.WriteFile(filepath.Join(dir, "a.py"), []byte(key), 0o644)
		})
		if err != nil || string(facts) != "facts of "+key {
			t.Fatalf("%s: got %q, %v", key, facts, err)
		}
		return dir, facts
	}
	dir, _ := get("aaaaaaaaaa")
	get("aaaaaaaaaa")
	get("no plain key")
	if calls != 2 {
		t.Fatalf("filled %d times", calls)
	}
	if err := os.WriteFile(filepath.Join(dir, "a.py"), []byte("edited"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, facts, ok := s.HasLinkable("wheels", "aaaaaaaaaa"); !ok || got != dir || string(facts) != "facts of aaaaaaaaaa" {
		t.Errorf("got %q %q %v", got, facts, ok)
	}
	entries, err := s.Entries("wheels")
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if got, facts, ok := s.HasLinkable("wheels", e.Key); !ok || got != e.Path || len(facts) == 0 {
			t.Errorf("%q as it is listed: got %q, %q, %v", e.Key, got, facts, ok)
		}
	}
	file := filepath.Join(filepath.Dir(dir), factsName)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gone := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, facts, ok := s.HasLinkable("wheels", "aaaaaaaaaa"); ok {
			t.Errorf("%s: got %q", what, facts)
		}
	}
	for i := range 8 * len(raw) {
		flipped := bytes.Clone(raw)
		flipped[i/8] ^= 1 << (i % 8)
		gone(fmt.Sprintf("bit %d flipped", i), flipped)
	}
	for n := range raw {
		gone(fmt.Sprintf("cut to %d bytes", n), raw[:n])
	}
	other, err := os.ReadFile(filepath.Join(s.path("wheels", "no plain key"), factsName))
	if err != nil {
		t.Fatal(err)
	}
	gone("those of another entry", other)
	calls = 0
	if get("aaaaaaaaaa"); calls != 1 {
		t.Errorf("a damaged entry: filled %d times", calls)
	}
	if err := s.Remove("wheels", "aaaaaaaaaa"); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.HasLinkable("wheels", "aaaaaaaaaa"); ok {
		t.Error("there after it was removed")
	}
}
