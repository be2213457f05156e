//go:build unix

package txn

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// openDir is an open directory. An os.Root would do for it, but prepares every
// file for waiting and has no names in two directories at once: that is three
// times as many system calls, of which a prefix of ten thousand files takes
// ten thousands. What os.Root promises holds here as well: names are single
// elements, looked up in a directory that is open, and no link is followed.
type openDir struct {
	fd     int
	source *sourceDir
}

// sourceDir is the directory outside of the tree where the last file came
// from, since the next one mostly comes from there too.
type sourceDir struct {
	path string
	fd   int // -1: none is open
}

func newOpenDir(_ *os.Root, _ string, dir *os.File) (openDir, error) {
	fd, err := unix.FcntlInt(dir.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return openDir{}, &fs.PathError{Op: "open", Path: dir.Name(), Err: err}
	}
	return openDir{fd: fd, source: &sourceDir{fd: -1}}, nil
}

func (h openDir) close() error {
	var err error
	if h.source.fd >= 0 {
		err = unix.Close(h.source.fd)
	}
	return errors.Join(err, unix.Close(h.fd))
}

// mkdir makes and opens a directory in this one.
func (h openDir) mkdir(name string, perm fs.FileMode) (openDir, error) {
	if err := again(func() error { return unix.Mkdirat(h.fd, name, uint32(perm)) }); err != nil {
		return openDir{}, &fs.PathError{Op: "mkdir", Path: name, Err: err}
	}
	fd, err := openAt(h.fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	return openDir{fd: fd, source: &sourceDir{fd: -1}}, err
}

// create makes a file that is not there yet.
func (h openDir) create(name string, perm fs.FileMode) (*os.File, error) {
	fd, err := openAt(h.fd, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW, perm)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// link gives file name of directory src a second name here, the same.
func (h openDir) link(src, name string) error {
	from, err := h.source.open(src)
	if err != nil {
		return err
	}
	err = again(func() error { return unix.Linkat(from, name, h.fd, name, 0) })
	if err != nil {
		return &os.LinkError{Op: "link", Old: filepath.Join(src, name), New: name, Err: err}
	}
	return nil
}

// inspect describes file name of directory src, links not followed.
func (h openDir) inspect(src, name string) (sourceInfo, error) {
	from, err := h.source.open(src)
	if err != nil {
		return sourceInfo{}, err
	}
	var st unix.Stat_t
	err = again(func() error { return unix.Fstatat(from, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	if err != nil {
		return sourceInfo{}, &fs.PathError{Op: "stat", Path: filepath.Join(src, name), Err: err}
	}
	return sourceInfo{
		regular: st.Mode&unix.S_IFMT == unix.S_IFREG,
		perm:    fs.FileMode(st.Mode & 0o777),
		owner:   owner{st.Uid, st.Gid},
		size:    st.Size,
		modTime: time.Unix(st.Mtim.Unix()),
	}, nil
}

func (s *sourceDir) open(path string) (int, error) {
	if s.fd >= 0 && s.path == path {
		return s.fd, nil
	}
	fd, err := openAt(unix.AT_FDCWD, path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return -1, err
	}
	if s.fd >= 0 {
		_ = unix.Close(s.fd) // was only ever looked at
	}
	s.path, s.fd = path, fd
	return fd, nil
}

func openAt(dir int, name string, flags int, perm fs.FileMode) (fd int, err error) {
	err = again(func() error {
		fd, err = unix.Openat(dir, name, flags|unix.O_CLOEXEC, uint32(perm.Perm()))
		return err
	})
	if err != nil {
		return -1, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return fd, nil
}

// again repeats a system call that a signal has interrupted: file systems of
// the network and of user space do that.
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
