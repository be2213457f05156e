// Package systrace runs a program and stands before each system call by which
// it changes a file system: the call can be let through, fail in its place, or
// be the last that the program comes to. It is for tests.
//
// It is made of seccomp's user notifications (Linux 5.0), which need no
// privilege and no other program. The filter is inherited, so the children of
// the program are seen as well.
package systrace

import (
	"errors"
	"syscall"
)

// ErrUnavailable is what Run's error is where programs can't be traced.
var ErrUnavailable = errors.New("system calls can't be traced here")

// A Call is a system call that is about to happen. It names a file or a
// directory, by what the kernel says at that moment.
type Call struct {
	N    int    // counts from 1 the calls that were asked about
	Name string // as in the kernel's manual: "renameat2"
	Path string // absolute; the new name of a call that has two
	From string // the old name of a call that has two, or ""
}

// A Verdict is what becomes of a Call. The zero value lets it happen.
type Verdict struct {
	Kill  bool          // the program dies of SIGKILL, and the call does not happen
	Errno syscall.Errno // the call fails with this and does not happen
}
