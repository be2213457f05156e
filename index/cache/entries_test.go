package cache

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestEntriesAndRemove(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Entries("trees"); err != nil || len(got) != 0 {
		t.Fatalf("entries of a kind that is not there: %v, %v", got, err)
	}
	fill := func(dir string) error { return os.WriteFile(filepath.Join(dir, "f"), []byte("x"), 0o600) }
	var dirs []string
	for _, key := range []string{"bbbbbbbbbb", "aaaaaaaaaa"} {
		dir, err := s.Dir(context.Background(), "trees", key, fill)
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
	}
	if err := s.Put("notes", "not a plain key", []byte("y")); err != nil {
		t.Fatal(err)
	}
	trees, err := s.Entries("trees")
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{Key: "aaaaaaaaaa", Path: dirs[1]}, {Key: "bbbbbbbbbb", Path: dirs[0]}}
	if !slices.Equal(trees, want) {
		t.Errorf("trees: %v, want %v", trees, want)
	}
	notes, err := s.Entries("notes")
	if err != nil || len(notes) != 1 {
		t.Fatalf("notes: %v, %v", notes, err)
	}
	if data, err := os.ReadFile(notes[0].Path); err != nil || string(data[sealSize:]) != "y" {
		t.Errorf("note: %q, %v", data, err)
	}
	for kind, key := range map[string]string{"trees": "aaaaaaaaaa", "notes": notes[0].Key} {
		for range 2 { // the second time there is nothing
			if err := s.Remove(kind, key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, ok := s.HasDir("trees", "aaaaaaaaaa"); ok {
		t.Error("the removed folder is still there")
	}
	if _, ok := s.HasDir("trees", "bbbbbbbbbb"); !ok {
		t.Error("another folder went with the removed one")
	}
	if _, err := s.Get("notes", "not a plain key"); err == nil {
		t.Error("the removed note is still there")
	}
}
