//go:build unix

package cache

import (
	"errors"
	"io/fs"
	"slices"

	"golang.org/x/sys/unix"
)

// survey describes a tree in a canonical form: for each entry, in order, its
// path, kind, permissions, size and modification time. Trees have tens of
// thousands of files, so each is looked up in its folder, which is open, and
// not by a path from the root on.
func survey(root string) ([]byte, error) {
	v := surveyor{buf: make([]byte, 32<<10)}
	err := v.folder(unix.AT_FDCWD, root, "", 0)
	return v.record, err
}

type surveyor struct {
	record []byte
	buf    []byte // for the names in a folder
}

// folder adds what is in a folder; flags say how to open it.
func (v *surveyor) folder(parent int, name, prefix string, flags int) error {
	fd, err := openFolder(parent, name, flags)
	if err != nil {
		return &fs.PathError{Op: "open", Path: prefix + name, Err: err}
	}
	defer func() { _ = unix.Close(fd) }() // was only ever read from
	names, err := v.names(fd)
	if err != nil {
		return &fs.PathError{Op: "read", Path: prefix + name, Err: err}
	}
	for _, name := range names {
		d, err := describe(fd, name)
		if err != nil {
			return &fs.PathError{Op: "stat", Path: prefix + name, Err: err}
		}
		v.record = d.append(v.record, prefix)
		if d.mode.IsDir() {
			if err := v.folder(fd, name, prefix+name+"/", unix.O_NOFOLLOW); err != nil {
				return err
			}
		}
	}
	return nil
}

func openFolder(parent int, name string, flags int) (fd int, err error) {
	for {
		fd, err = unix.Openat(parent, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC|flags, 0)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

// names returns the sorted names in an open folder.
func (v *surveyor) names(fd int) ([]string, error) {
	var names []string
	for {
		n, err := unix.ReadDirent(fd, v.buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n <= 0 {
			slices.Sort(names)
			return names, err
		}
		_, _, names = unix.ParseDirent(v.buf[:n], -1, names)
	}
}

// describe describes an entry of an open folder, links not followed.
func describe(fd int, name string) (described, error) {
	var st unix.Stat_t
	for {
		err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		d := described{name: name, mode: fs.FileMode(st.Mode & 0o777), size: st.Size, time: st.Mtim.Nano()}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
		case unix.S_IFDIR:
			d.mode |= fs.ModeDir
		case unix.S_IFLNK:
			d.mode |= fs.ModeSymlink
		default:
			d.mode |= fs.ModeIrregular
		}
		return d, err
	}
}
