//go:build unix

package txn

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"syscall"

	"golang.org/x/sys/unix"
)

type owner struct{ uid, gid uint32 }

func ownerOf(info fs.FileInfo) owner {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return owner{st.Uid, st.Gid}
	}
	return owner{}
}

func identity(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}

func isTooManyLinks(err error) bool { return errors.Is(err, unix.EMLINK) }

func syncDirectory(dir *os.File) error {
	err := dir.Sync()
	// Some file systems have nothing to sync for a directory.
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}

// rename is renameat(2), with which a directory takes the place of an empty one
// in one step; os.Root.Rename refuses that.
func rename(root *os.Root, a, b string) error {
	return betweenParents(root, a, b, unix.Renameat)
}

// betweenParents calls a system call that takes two names, each in a directory
// that is opened through root.
func betweenParents(root *os.Root, a, b string, call func(fromFD int, from string, toFD int, to string) error) error {
	from, err := root.Open(path.Dir(a))
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.Open(path.Dir(b))
	if err != nil {
		return err
	}
	defer to.Close()
	err = again(func() error { return call(int(from.Fd()), path.Base(a), int(to.Fd()), path.Base(b)) })
	if err != nil {
		return &os.LinkError{Op: "rename", Old: a, New: b, Err: err}
	}
	return nil
}
