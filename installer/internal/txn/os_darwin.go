package txn

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

const (
	noReplace = 0
	exchange  = 0
)

func renameFlags(*os.Root, string, string, uint) error { return errors.ErrUnsupported }

// clone makes name share the data of src, copy on write.
func (d *osDir) clone(src, name string, perm fs.FileMode) error {
	const ownedByCaller = unix.CLONE_NOFOLLOW | unix.CLONE_NOOWNERCOPY
	if err := unix.Clonefileat(unix.AT_FDCWD, src, d.fd, name, ownedByCaller); err != nil {
		return err
	}
	return unix.Fchmodat(d.fd, name, uint32(perm&^d.policy.mask), unix.AT_SYMLINK_NOFOLLOW)
}

// syncFileSystem does nothing: there is no call for a whole file system, and
// forcing each file to the disk would take minutes. The journal itself is.
func syncFileSystem(*os.File) error { return nil }
