package installer

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/xpip/xpip/installer/internal/txn"
)

// Orphans returns the files in the folders of packages that no distribution
// recorded, sorted: those of users, of tools, and what was left of projects.
// Bytecode does not count.
func (p *Prefix) Orphans() ([]string, error) {
	m, err := p.Mender(p.scheme, Options{})
	if err != nil {
		return nil, err
	}
	defer m.Close()
	libs, err := p.libraries(m.root)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, lib := range libs {
		err := fs.WalkDir(m.root.FS(), lib, func(name string, e fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case isWork(name) || e.IsDir() && e.Name() == "__pycache__":
				return fs.SkipDir
			case !e.IsDir() && len(m.claims[name]) == 0 && path.Ext(name) != ".pyc":
				found = append(found, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// Leftovers returns what interrupted runs left in and beside the prefix, as
// absolute paths: the next Lock removes it, after it has finished or taken back what
// they were about.
func (p *Prefix) Leftovers() []string {
	var found []string
	for _, name := range []string{
		filepath.Join(p.path, txn.WorkName),
		filepath.Join(filepath.Dir(p.path), txn.FreshWorkName(filepath.Base(p.path))),
	} {
		if _, err := os.Lstat(name); err == nil {
			found = append(found, name)
		}
	}
	return found
}
