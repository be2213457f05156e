package cache

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Usage says what one kind of entry takes up.
type Usage struct {
	Kind    string
	Entries int
	Bytes   int64
}

// Usage counts the entries of every kind, by kind in alphabetical order.
func (s *Store) Usage() ([]Usage, error) {
	kinds, err := s.kinds()
	if err != nil {
		return nil, err
	}
	out := make([]Usage, 0, len(kinds))
	for _, kind := range kinds {
		u := Usage{Kind: kind}
		root := filepath.Join(s.dir, kind)
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return skipMissing(err) // others may be deleting at the same time
			}
			depth := 0
			if rel, err := filepath.Rel(root, path); err == nil && rel != "." {
				depth = strings.Count(rel, string(filepath.Separator)) + 1
			}
			if depth == 2 && !strings.HasSuffix(path, ".lock") {
				u.Entries++
			}
			if d.Type().IsRegular() {
				if info, err := d.Info(); err == nil {
					u.Bytes += info.Size()
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// Purge removes all entries of the given kinds, or of every kind when none is
// given. It must not run while other processes fill folders of the store; files
// that they have open stay readable where the system allows it.
func (s *Store) Purge(kinds ...string) error {
	if len(kinds) == 0 {
		var err error
		if kinds, err = s.kinds(); err != nil {
			return err
		}
	}
	for _, kind := range kinds {
		if !filepath.IsLocal(kind) {
			continue
		}
		if err := removeTree(filepath.Join(s.dir, kind)); err != nil {
			return err
		}
	}
	s.verified.Clear()
	return nil
}

func (s *Store) kinds() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "tmp" {
			kinds = append(kinds, e.Name())
		}
	}
	return kinds, nil
}

func skipMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}
