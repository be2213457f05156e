package cache

import (
	"os"
	"path/filepath"
)

// survey describes a tree in a canonical form: for each entry, in order, its
// path, kind, permissions, size and modification time.
func survey(root string) ([]byte, error) {
	var record []byte
	var walk func(dir, prefix string) error
	walk = func(dir, prefix string) error {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			info, err := e.Info() // comes with the folder's entries
			if err != nil {
				return err
			}
			d := described{name: e.Name(), mode: info.Mode(), size: info.Size(), time: info.ModTime().UnixNano()}
			record = d.append(record, prefix)
			if e.IsDir() {
				if err := walk(filepath.Join(dir, e.Name()), prefix+e.Name()+"/"); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return record, walk(root, "")
}
