package txn

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

const (
	noReplace = unix.RENAME_NOREPLACE
	exchange  = unix.RENAME_EXCHANGE
)

// renameFlags is renameat2(2).
func renameFlags(root *os.Root, a, b string, flags uint) error {
	err := betweenParents(root, a, b, func(fromFD int, from string, toFD int, to string) error {
		return unix.Renameat2(fromFD, from, toFD, to, flags)
	})
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return errors.ErrUnsupported
	}
	return err
}

// clone makes name share the data of src, copy on write.
func (d *osDir) clone(src, name string, perm fs.FileMode) error {
	from, err := os.Open(src)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := d.create(name, perm)
	if err != nil {
		return err
	}
	err = unix.IoctlFileClone(int(to.Fd()), int(from.Fd()))
	if closeErr := to.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		return nil
	}
	if left := again(func() error { return unix.Unlinkat(d.fd, name, 0) }); left != nil {
		return &leftoverError{errors.Join(err, left)}
	}
	return err
}

// syncFileSystem writes out all that the tree's file system holds back: one
// call for thousands of files, where an fsync for each takes minutes.
func syncFileSystem(dir *os.File) error {
	return again(func() error { return unix.Syncfs(int(dir.Fd())) })
}
