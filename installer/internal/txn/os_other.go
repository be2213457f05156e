//go:build !linux && !darwin

package txn

import (
	"errors"
	"io/fs"
	"os"
)

const (
	noReplace = 0
	exchange  = 0
)

func renameFlags(*os.Root, string, string, uint) error { return errors.ErrUnsupported }

func (d *osDir) clone(string, string, fs.FileMode) error { return errors.ErrUnsupported }

// syncFileSystem does nothing: there is no call for a whole file system, and
// forcing each file to the disk would take minutes. The journal itself is.
func syncFileSystem(*os.File) error { return nil }
