//go:build unix

package wheel

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// folder is an open folder to make files in. An os.Root would do, but prepares
// each file for waiting: that is half of the system calls that a small file
// takes.
type folder struct{ dir *os.File }

func openFolder(root *os.Root, name string) (folder, error) {
	dir, err := root.Open(name)
	return folder{dir}, err
}

// create makes a file that is not there yet; name is a single element.
func (f folder) create(name string, mode fs.FileMode) (*os.File, error) {
	for {
		fd, err := unix.Openat(int(f.dir.Fd()), name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, uint32(mode))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		return os.NewFile(uintptr(fd), name), nil
	}
}

func (f folder) close() error { return f.dir.Close() }
