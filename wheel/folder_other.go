//go:build !unix

package wheel

import (
	"io/fs"
	"os"
)

// folder is an open folder to make files in.
type folder struct{ root *os.Root }

func openFolder(root *os.Root, name string) (folder, error) {
	sub, err := root.OpenRoot(name)
	return folder{sub}, err
}

// create makes a file that is not there yet; name is a single element.
func (f folder) create(name string, mode fs.FileMode) (*os.File, error) {
	return f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
}

func (f folder) close() error { return f.root.Close() }
