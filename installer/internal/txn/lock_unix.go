//go:build unix

package txn

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes flock(2) on the directory itself, which needs no file in it
// and ends with the last descriptor.
func tryLock(dir string) (handle, error) {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errHeld // removed by its maker: made again in the next turn
	}
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case err == nil:
	case errors.Is(err, unix.EWOULDBLOCK), errors.Is(err, unix.EINTR):
		return nil, errors.Join(errHeld, f.Close())
	case errors.Is(err, unix.ENOLCK), errors.Is(err, unix.EBADF), errors.Is(err, unix.ENOTSUP),
		errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		// Network file systems: some have no locks, some none on directories.
		return nil, errors.Join(fmt.Errorf("locking %q: %w", dir, err), errors.ErrUnsupported, f.Close())
	default:
		return nil, errors.Join(err, f.Close())
	}
	// While this process waited, the directory may have been replaced; then
	// the lock is on one that nobody sees.
	mine, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	now, err := os.Stat(dir)
	if err != nil || !os.SameFile(mine, now) {
		return nil, errors.Join(errHeld, f.Close())
	}
	return f, nil
}
