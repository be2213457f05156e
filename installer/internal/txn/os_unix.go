//go:build unix

package txn

import (
	"errors"
	"io/fs"
	"os"
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
		return uint64(st.Ino)
	}
	return 0
}

// link is linkat into the open directory: the name can't be led astray by a
// link on the way to it.
func (d *osDir) link(src, name string) error {
	return unix.Linkat(unix.AT_FDCWD, src, int(d.handle.Fd()), name, 0)
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
