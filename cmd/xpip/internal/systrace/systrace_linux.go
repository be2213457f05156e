//go:build amd64 || arm64

package systrace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What a traced program is told in its environment before it is itself.
const (
	socketVariable  = "XPIP_SYSTRACE_SOCKET"
	programVariable = "XPIP_SYSTRACE_PROGRAM"
)

// Child is for TestMain, before anything else: in a process that Run has
// started it puts the filter in place and becomes the program to be traced.
// Elsewhere it does nothing.
func Child() {
	socket, err := strconv.Atoi(os.Getenv(socketVariable))
	if err != nil {
		return
	}
	err = become(socket, os.Getenv(programVariable))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(childFailed)
}

// childFailed is the exit code of a child that could not be traced.
const childFailed = 97

func become(socket int, program string) error {
	// The filter is this thread's alone, and exec keeps that of the thread which calls it.
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up privileges: %w", err)
	}
	environ := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "XPIP_SYSTRACE_")
	})
	code := filter()
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	var listener uintptr
	var errno syscall.Errno
	// Without the second flag a signal repeats the call, which counts twice.
	for _, flags := range []uintptr{unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER} {
		listener, _, errno = unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
		if errno == 0 {
			break
		}
	}
	if errno != 0 {
		return fmt.Errorf("filtering system calls: %w", errno)
	}
	if err := unix.Sendmsg(socket, []byte{0}, unix.UnixRights(int(listener)), nil, 0); err != nil {
		return fmt.Errorf("handing the filter over: %w", err)
	}
	unix.CloseOnExec(int(listener))
	unix.CloseOnExec(socket)
	return syscall.Exec(program, os.Args, environ)
}

// filter lets everything through but the calls of forms, and of open those
// that can write.
func filter() []unix.SockFilter {
	// Offsets in struct seccomp_data; of an argument the low word counts.
	const number, arguments, argument = 0, 16, 8
	load := func(at int) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: uint32(at)}
	}
	// unless goes on with the next instruction if the test holds, else passes over some.
	unless := func(test uint16, k uint32, over uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | test, K: k, Jf: over}
	}
	answer := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	notify, allow := answer(unix.SECCOMP_RET_USER_NOTIF), answer(unix.SECCOMP_RET_ALLOW)
	const writes = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC

	code := []unix.SockFilter{load(number)}
	for nr, f := range forms() {
		switch {
		case f.flags >= 0:
			code = append(code, unless(unix.BPF_JEQ, uint32(nr), 4),
				load(arguments+argument*f.flags), unless(unix.BPF_JSET, writes, 1), notify, allow)
		case nr == unix.SYS_IOCTL:
			code = append(code, unless(unix.BPF_JEQ, uint32(nr), 4),
				load(arguments+argument), unless(unix.BPF_JEQ, unix.FICLONE, 1), notify, allow)
		default:
			code = append(code, unless(unix.BPF_JEQ, uint32(nr), 1), notify)
		}
	}
	return append(code, allow)
}

// Run runs cmd to its end and asks decide about each system call that changes
// a file which about picks; the calls are asked about one at a time, in the order
// in which they are made. It returns what cmd.Wait does, or an error that is
// ErrUnavailable. The process and its children are one process group, and what
// of them outlives the process is killed with it.
func Run(cmd *exec.Cmd, about func(Call) bool, decide func(Call) Verdict) error {
	listener, err := start(cmd)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	s := &supervisor{listener: listener, group: cmd.Process.Pid, forms: forms(), about: about, decide: decide}
	defer unix.Close(listener)
	for {
		select {
		case err := <-done:
			_ = unix.Kill(-s.group, unix.SIGKILL) // mostly there is nobody
			return errors.Join(err, s.err)
		default:
		}
		if err := s.serve(); err != nil {
			_ = unix.Kill(-s.group, unix.SIGKILL)
			return errors.Join(err, <-done)
		}
	}
}

// start starts the program by way of Child and returns the descriptor on which
// the kernel tells of its calls.
func start(cmd *exec.Cmd) (listener int, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("making a pair of sockets: %w", err)
	}
	defer unix.Close(pair[0])
	theirs := os.NewFile(uintptr(pair[1]), "socket")
	defer theirs.Close()
	self, err := os.Executable()
	if err != nil {
		return -1, err
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", socketVariable, 3+len(cmd.ExtraFiles)), programVariable+"="+cmd.Path)
	cmd.Path = self
	cmd.ExtraFiles = append(cmd.ExtraFiles, theirs)
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if err := cmd.Start(); err != nil {
		return -1, err
	}
	_ = theirs.Close() // so that the child's death ends the wait below
	buf, rights := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	var n, rn int
	for {
		n, rn, _, _, err = unix.Recvmsg(pair[0], buf, rights, unix.MSG_CMSG_CLOEXEC)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil || n == 0 || rn == 0 {
		return -1, errors.Join(ErrUnavailable, err, cmd.Wait())
	}
	messages, err := unix.ParseSocketControlMessage(rights[:rn])
	if err != nil {
		return -1, err
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return -1, err
	}
	return fds[0], nil
}

type supervisor struct {
	listener int
	group    int
	forms    map[int32]form
	about    func(Call) bool
	decide   func(Call) Verdict
	n        int
	killed   bool
	err      error
}

// notification is struct seccomp_notif of the kernel, response is struct
// seccomp_notif_resp.
type notification struct {
	id          uint64
	pid         uint32
	flags       uint32
	number      int32
	arch        uint32
	instruction uint64
	args        [6]uint64
}

type response struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

// pollMillis is how long a program that changes nothing is left alone before
// it is looked whether it has ended.
const pollMillis = 20

// serve answers one notification, if there is one soon.
func (s *supervisor) serve() error {
	fds := []unix.PollFd{{Fd: int32(s.listener), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, pollMillis)
	if n <= 0 || fds[0].Revents&unix.POLLIN == 0 {
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("waiting for a system call: %w", err)
		}
		if n > 0 { // hung up: nobody is left that could be heard
			_, _ = unix.Poll(nil, 1)
		}
		return nil
	}
	var req notification
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(s.listener), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&req))); errno != 0 {
		if errno == unix.ENOENT || errno == unix.EINTR {
			return nil // its thread died before it was heard
		}
		return fmt.Errorf("hearing of a system call: %w", errno)
	}
	resp := response{id: req.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	verdict := s.judge(&req)
	switch {
	case verdict.Kill:
		s.killed = true
		return unix.Kill(-s.group, unix.SIGKILL)
	case verdict.Errno != 0:
		resp.flags, resp.errno = 0, -int32(verdict.Errno)
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(s.listener), unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&resp)))
	if errno != 0 && errno != unix.ENOENT {
		return fmt.Errorf("answering a system call: %w", errno)
	}
	return nil
}

func (s *supervisor) judge(req *notification) Verdict {
	if s.killed {
		return Verdict{Kill: true}
	}
	call, ok := s.forms[req.number].call(int(req.pid), req.args)
	if !ok || !s.about(call) {
		return Verdict{}
	}
	s.n++
	call.N = s.n
	return s.decide(call)
}
