package txn

import (
	"io/fs"
	"os"
	"path/filepath"
)

// openDir is an open directory.
type openDir struct{ root *os.Root }

func newOpenDir(root *os.Root, name string, _ *os.File) (openDir, error) {
	dir, err := root.OpenRoot(name)
	return openDir{dir}, err
}

func (h openDir) close() error { return h.root.Close() }

// mkdir makes and opens a directory in this one.
func (h openDir) mkdir(name string, perm fs.FileMode) (openDir, error) {
	if err := h.root.Mkdir(name, perm); err != nil {
		return openDir{}, err
	}
	child, err := h.root.OpenRoot(name)
	return openDir{child}, err
}

// create makes a file that is not there yet.
func (h openDir) create(name string, perm fs.FileMode) (*os.File, error) {
	return h.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
}

// link gives file name of directory src a second name here, the same.
func (h openDir) link(src, name string) error {
	return os.Link(filepath.Join(src, name), filepath.Join(h.root.Name(), name))
}

// inspect describes file name of directory src, links not followed.
func (h openDir) inspect(src, name string) (sourceInfo, error) {
	info, err := os.Lstat(filepath.Join(src, name))
	if err != nil {
		return sourceInfo{}, err
	}
	return sourceInfo{
		regular: info.Mode().IsRegular(), perm: info.Mode().Perm(), owner: ownerOf(info),
		size: info.Size(), modTime: info.ModTime(),
	}, nil
}
