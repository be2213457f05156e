package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/xpip/xpip/cmd/xpip/internal/systrace"
)

// unfinished are the words for a prefix that the next run has to put right.
const unfinished = "which the next run will finish"

// faulty runs the operation with faults, and sees that the prefix is the new
// one if that succeeds; if not, that the run says why, that the prefix is the old one or
// said to be unfinished, and that all is well after the next run.
func (tr *trial) faulty(t *testing.T, name string, errno syscall.Errno, hit func(systrace.Call) bool) {
	t.Helper()
	p := tr.copy(t)
	var first systrace.Call
	out, err := tr.disturbed(t, p, func(c systrace.Call) systrace.Verdict {
		if !hit(c) {
			return systrace.Verdict{}
		}
		if first.N == 0 {
			first = c
		}
		return systrace.Verdict{Errno: errno}
	})
	when := fmt.Sprintf("%s: %q at call %d, %s %s", name, errno, first.N, first.Name, first.Path)
	got := snapshot(t, p.parent)
	switch {
	case err == nil && got != tr.new:
		t.Fatalf("%s: success, but\n%s\nwant:\n%s", when, got, tr.new)
	case err != nil && (!strings.Contains(out, "ERROR: ") || !strings.Contains(out, errno.Error())):
		t.Fatalf("%s: does not say why (%v):\n%s", when, err, out)
	case err != nil && got != tr.old && !strings.Contains(out, unfinished):
		t.Fatalf("%s: the prefix is not the old one:\n%s\nold:\n%s\n%s", when, got, tr.old, out)
	case err != nil:
		tr.settle(t, p, when)
	}
	tr.must(t, p, tr.args...)
	if got := snapshot(t, p.parent); got != tr.new {
		t.Fatalf("%s: the same command again left:\n%s\nwant:\n%s", when, got, tr.new)
	}
	if err := os.RemoveAll(p.parent); err != nil {
		t.Fatal(err)
	}
}

// TestErrorAtEverySystemCall has the n-th system call that changes a prefix
// fail, for every n.
func TestErrorAtEverySystemCall(t *testing.T) {
	errnos := []syscall.Errno{
		syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EDQUOT, syscall.EACCES, syscall.EMFILE, syscall.EINTR,
	}
	turn := 0
	for _, tr := range newBench(t).trials(t) {
		t.Run(tr.String(), func(t *testing.T) {
			for _, at := range points(tr.count(t), 3) {
				some := errnos
				if !visitAll() {
					some = errnos[turn%len(errnos):][:1]
					turn++
				}
				for _, errno := range some {
					tr.faulty(t, "once", errno, func(c systrace.Call) bool { return c.N == at })
				}
			}
		})
	}
}

// TestErrorFromSystemCallOn has a fault begin at the n-th system call and stay:
// a disk that is full takes nothing new, one that has become read-only or fails takes
// no change at all, and without permission no name can be changed.
func TestErrorFromSystemCallOn(t *testing.T) {
	grows := []string{"write", "pwrite64", "mkdirat", "linkat", "copy_file_range", "sendfile", "ioctl", "openat"}
	names := []string{"mkdirat", "linkat", "renameat", "renameat2", "unlinkat", "openat"}
	faults := []struct {
		name  string
		errno syscall.Errno
		calls []string // nil: all
	}{
		{"full disk", syscall.ENOSPC, grows},
		{"quota", syscall.EDQUOT, grows},
		{"read-only", syscall.EROFS, nil},
		{"broken disk", syscall.EIO, nil},
		{"permission", syscall.EACCES, names},
	}
	turn := 0
	for _, tr := range newBench(t).trials(t) {
		t.Run(tr.String(), func(t *testing.T) {
			for _, at := range points(tr.count(t), 2) {
				some := faults
				if !visitAll() {
					some = faults[turn%len(faults):][:1]
					turn++
				}
				for _, f := range some {
					tr.faulty(t, f.name, f.errno, func(c systrace.Call) bool {
						return c.N >= at && (f.calls == nil || slices.Contains(f.calls, c.Name))
					})
				}
			}
		})
	}
}
