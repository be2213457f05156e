package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Entry is one entry of the store as it lies on the disk.
type Entry struct {
	// Key is the entry's key, or the hash of one that is no plain short name.
	Key string
	// Path is the file of a small entry or of a blob, the folder that Dir
	// returned for a folder entry.
	Path string
}

// Entries lists the entries of a kind, sorted by key. They are not verified,
// and others may remove them at any time.
func (s *Store) Entries(kind string) ([]Entry, error) {
	var out []Entry
	folders, err := os.ReadDir(filepath.Join(s.dir, kind))
	if err != nil {
		return nil, skipMissing(err)
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		at := filepath.Join(s.dir, kind, folder.Name())
		entries, err := os.ReadDir(at)
		if err := skipMissing(err); err != nil {
			return nil, err
		}
		for _, e := range entries {
			name := e.Name()
			if strings.HasSuffix(name, ".lock") {
				continue
			}
			entry := Entry{Key: name, Path: filepath.Join(at, name)}
			if e.IsDir() {
				entry.Path = filepath.Join(entry.Path, content)
			}
			out = append(out, entry)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return out, nil
}

// Remove removes an entry of any sort; that there was none is no error. Like
// Purge, it must not run while others fill the same entry.
func (s *Store) Remove(kind, key string) error {
	path := s.path(kind, key)
	s.verified.Delete(path)
	if err := s.discard(path); err != nil {
		return fmt.Errorf("removing cache entry %q: %w", key, err)
	}
	return skipMissing(os.Remove(path + ".lock"))
}
