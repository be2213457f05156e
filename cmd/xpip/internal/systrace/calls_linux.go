//go:build amd64 || arm64

package systrace

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// none stands for an argument that a call does not have.
const none = -1

// form says where the arguments of a system call are. A call with at names
// files by a directory's descriptor, in the argument before the path; one
// without a path works on the descriptor fd.
type form struct {
	name       string
	path, from int // arguments that hold names
	two        bool
	at         bool
	fd         int // of the argument that holds a descriptor; counts without a path alone
	flags      int // argument with the flags of open
	byFD       bool
}

// changing are the system calls by which a file system is changed, or told to
// keep a change. flock is here because file systems differ in it.
var changing = map[int32]form{
	unix.SYS_OPENAT:    {name: "openat", at: true, path: 1, flags: 2},
	unix.SYS_MKDIRAT:   {name: "mkdirat", at: true, path: 1, flags: none},
	unix.SYS_MKNODAT:   {name: "mknodat", at: true, path: 1, flags: none},
	unix.SYS_UNLINKAT:  {name: "unlinkat", at: true, path: 1, flags: none},
	unix.SYS_FCHMODAT:  {name: "fchmodat", at: true, path: 1, flags: none},
	unix.SYS_FCHOWNAT:  {name: "fchownat", at: true, path: 1, flags: none},
	unix.SYS_UTIMENSAT: {name: "utimensat", at: true, path: 1, flags: none},
	unix.SYS_RENAMEAT:  {name: "renameat", at: true, path: 3, from: 1, two: true, flags: none},
	unix.SYS_RENAMEAT2: {name: "renameat2", at: true, path: 3, from: 1, two: true, flags: none},
	unix.SYS_LINKAT:    {name: "linkat", at: true, path: 3, from: 1, two: true, flags: none},
	unix.SYS_SYMLINKAT: {name: "symlinkat", at: true, path: 2, flags: none},

	unix.SYS_WRITE: byFD("write", 0), unix.SYS_PWRITE64: byFD("pwrite64", 0), unix.SYS_WRITEV: byFD("writev", 0),
	unix.SYS_PWRITEV: byFD("pwritev", 0), unix.SYS_FTRUNCATE: byFD("ftruncate", 0), unix.SYS_FALLOCATE: byFD("fallocate", 0),
	unix.SYS_FCHMOD: byFD("fchmod", 0), unix.SYS_FCHOWN: byFD("fchown", 0), unix.SYS_FLOCK: byFD("flock", 0),
	unix.SYS_FSYNC: byFD("fsync", 0), unix.SYS_FDATASYNC: byFD("fdatasync", 0), unix.SYS_SYNCFS: byFD("syncfs", 0),
	unix.SYS_SENDFILE: byFD("sendfile", 0), unix.SYS_COPY_FILE_RANGE: byFD("copy_file_range", 2), unix.SYS_SPLICE: byFD("splice", 2),
	unix.SYS_IOCTL: byFD("ioctl", 0),
}

func byFD(name string, fd int) form { return form{name: name, byFD: true, fd: fd, flags: none} }

func forms() map[int32]form {
	all := maps.Clone(changing)
	maps.Copy(all, older)
	return all
}

// call reads the arguments out of the stopped thread. It reports false for
// what works on no file with a name, such as a write to a pipe.
func (f form) call(pid int, args [6]uint64) (Call, bool) {
	c := Call{Name: f.name}
	if f.byFD {
		c.Path = descriptor(pid, args[f.fd])
		return c, strings.HasPrefix(c.Path, "/")
	}
	c.Path = f.named(pid, args, f.path)
	if f.two {
		c.From = f.named(pid, args, f.from)
	}
	return c, c.Path != ""
}

func (f form) named(pid int, args [6]uint64, i int) string {
	dir := func() string {
		if !f.at || int32(args[i-1]) == unix.AT_FDCWD {
			cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
			if err != nil {
				return ""
			}
			return cwd
		}
		return descriptor(pid, args[i-1])
	}
	name := text(pid, uintptr(args[i]))
	switch {
	case name == "":
		return dir() // a call on the descriptor itself
	case filepath.IsAbs(name):
		return filepath.Clean(name)
	}
	return filepath.Join(dir(), name)
}

// descriptor is the path of an open file.
func descriptor(pid int, fd uint64) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, int32(fd)))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(path, " (deleted)")
}

// text reads a string of the other process, page by page.
func text(pid int, at uintptr) string {
	if at == 0 {
		return ""
	}
	var out []byte
	page := os.Getpagesize()
	for len(out) < unix.PathMax {
		part := make([]byte, page-int(at)%page)
		local := []unix.Iovec{{Base: &part[0]}}
		local[0].SetLen(len(part))
		n, err := unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: at, Len: len(part)}}, 0)
		if err != nil {
			return ""
		}
		before, _, found := strings.Cut(string(part[:n]), "\x00")
		out = append(out, before...)
		if found {
			break
		}
		at += uintptr(n)
	}
	return string(out)
}
