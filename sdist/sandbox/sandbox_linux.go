package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC

// Probe finds out what this kernel, and what may stand around it (containers,
// AppArmor), lets an ordinary process do. It starts self once to see; ask once
// and keep the answer.
func Probe(self string) Support {
	s := Support{Landlock: landlockVersion()}
	cmd := exec.Command(self)
	cmd.Args = []string{helperName}
	isolate(cmd, Support{Namespaces: true}, Policy{})
	exit, _ := errors.AsType[*exec.ExitError](cmd.Run())
	s.Namespaces = exit != nil && exit.ExitCode() == helperAlive
	if s.Landlock == 0 {
		s.Missing = append(s.Missing, "files outside of the build stay readable and writable, and programs executable (the kernel has no Landlock)")
	}
	if !s.Namespaces {
		what := "the network stays reachable"
		if s.Landlock >= 4 {
			what = "the network stays reachable by other means than TCP"
		}
		s.Missing = append(s.Missing, what+" (unprivileged namespaces are not permitted)")
	}
	return s
}

// helperAlive is the exit code by which Probe knows that it met the helper.
const helperAlive = 42

func landlockVersion() int {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(v)
}

func helped(Policy, Support) bool { return true }

// isolate puts the command into a process group and, where possible, into
// namespaces of its own.
func isolate(cmd *exec.Cmd, support Support, policy Policy) {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if support.Namespaces {
		attr.Cloneflags = namespaces
		if policy.Network {
			attr.Cloneflags &^= unix.CLONE_NEWNET
		}
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		if os.Getuid() != 0 {
			attr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
		}
	}
	cmd.SysProcAttr = attr
}

// kill ends the command's process group; inside namespaces all that descends
// from it ends with it.
func kill(cmd *exec.Cmd) error {
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

type inode struct{ dev, ino uint64 }

func identity(file string, info os.FileInfo) any {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return inode{uint64(st.Dev), st.Ino} //nolint:unconvert // Dev is narrower on some architectures
	}
	return file
}

// Main plays the helper if that is what the program was started as. On success
// it does not return: the process becomes the command.
func Main(args []string) (handled bool, exit int) {
	if len(args) == 0 || args[0] != helperName {
		return false, 0
	}
	if len(args) == 1 {
		return true, helperAlive
	}
	err := become(args[1])
	fmt.Fprintf(os.Stderr, "xpip: entering the build sandbox: %v\n", err)
	return true, 126
}

// become lays the restrictions of a job on this thread and turns into its
// command. Landlock and capabilities belong to threads: execve makes the one
// that calls it the only one.
func become(job string) error {
	runtime.LockOSThread()
	b, err := os.ReadFile(job)
	if err != nil {
		return err
	}
	var s sandboxed
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s.Support.Namespaces {
		s.Policy.Writable = append(s.Policy.Writable, privateMounts()...)
	}
	if err := s.Policy.Limits.lay(s.Support.Namespaces); err != nil {
		return err
	}
	if err := dropPrivileges(); err != nil {
		return err
	}
	if s.Support.Landlock > 0 {
		if err := restrict(s.Policy, s.Support.Landlock); err != nil {
			return err
		}
	}
	return &os.PathError{Op: "exec", Path: s.Command[0], Err: unix.Exec(s.Command[0], s.Command, os.Environ())}
}

// privateMounts gives the new namespaces a /proc that shows only the build's
// processes and an empty /dev/shm (semaphores and shared memory), where the
// machine permits it, and returns what of it is writable.
func privateMounts() []string {
	if unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") != nil {
		return nil
	}
	// Inside a container /proc can be partly hidden, and may then not be mounted.
	_ = unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	if unix.Mount("tmpfs", "/dev/shm", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=1777,size=256m") != nil {
		return nil
	}
	return []string{"/dev/shm"}
}

func (l Limits) lay(namespaced bool) error {
	set := func(resource int, limit int64) error {
		if limit <= 0 {
			return nil
		}
		want := unix.Rlimit{Cur: uint64(limit), Max: uint64(limit)}
		var has unix.Rlimit
		if err := unix.Getrlimit(resource, &has); err == nil && has.Max < want.Max {
			want = unix.Rlimit{Cur: has.Max, Max: has.Max}
		}
		return unix.Setrlimit(resource, &want)
	}
	err := errors.Join(
		set(unix.RLIMIT_CPU, int64(l.CPU/time.Second)),
		set(unix.RLIMIT_FSIZE, l.FileSize),
		set(unix.RLIMIT_AS, l.Memory),
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}),
	)
	if namespaced {
		err = errors.Join(err, set(unix.RLIMIT_NPROC, l.Processes))
	}
	return err
}

// dropPrivileges sees to it that the command has no capability, not even inside
// its namespaces, and can't gain one.
func dropPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) // kernels before 4.3 have none
	for c := uintptr(0); c <= 63; c++ {
		if unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) != nil {
			break // past the last capability, or none to drop
		}
	}
	return nil
}

const (
	readAccess = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	execAccess = readAccess | unix.LANDLOCK_ACCESS_FS_EXECUTE
	fileAccess = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_READ_FILE |
		unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
)

// handled is everything that this version of Landlock can restrict.
func handled(version int) (fs, net, scoped uint64) {
	fs = 1<<13 - 1
	if version >= 2 {
		fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 5 {
		fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return fs, net, scoped
}

// restrict enforces the policy by Landlock.
func restrict(p Policy, version int) error {
	attr := unix.LandlockRulesetAttr{}
	attr.Handled_access_fs, attr.Handled_access_net, attr.Scoped = handled(version)
	if p.Network {
		attr.Handled_access_net = 0
	}
	// Older kernels take a longer structure when what they don't know is zero.
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return fmt.Errorf("creating the Landlock ruleset: %w", errno)
	}
	ruleset := int(fd)
	defer func() { _ = unix.Close(ruleset) }()
	for _, group := range []struct {
		paths  []string
		access uint64
	}{{p.Writable, attr.Handled_access_fs}, {p.Readable, readAccess}, {p.Programs, execAccess}} {
		for _, path := range group.paths {
			if err := allow(ruleset, path, group.access&attr.Handled_access_fs); err != nil {
				return err
			}
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(ruleset), 0, 0); errno != 0 {
		return fmt.Errorf("enforcing the Landlock ruleset: %w", errno)
	}
	return nil
}

// allow adds a rule for a path; one that doesn't exist needs none.
func allow(ruleset int, path string, access uint64) error {
	fd, err := unix.Open(filepath.Clean(path), unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil //nolint:nilerr // missing, or out of reach for the command too
	}
	defer func() { _ = unix.Close(fd) }()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fmt.Errorf("looking at %q: %w", path, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= fileAccess
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("allowing %q: %w", path, errno)
	}
	return nil
}

// System returns what every command needs of a Linux system: shared libraries,
// configuration without secrets of the user, devices; readable, writable, and
// the loaders that programs are started by.
func System() Policy {
	p := Policy{
		Readable: []string{
			"/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/lib", "/lib32", "/lib64", "/usr/share", "/usr/include",
			"/usr/local/lib", "/usr/local/share", "/proc", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/urandom", "/dev/random",
			"/nix/store", "/gnu/store",
		},
		Writable: []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/tty"},
	}
	for _, name := range []string{
		"ld.so.cache", "ld.so.conf", "ld.so.conf.d", "passwd", "group", "nsswitch.conf", "host.conf", "hosts", "resolv.conf",
		"localtime", "timezone", "os-release", "lsb-release", "debian_version", "alternatives", "locale.alias", "mime.types",
		"magic", "ssl/certs", "ssl/openssl.cnf", "pki/tls/certs", "ca-certificates", "xml", "fonts", "gitconfig", "inputrc",
	} {
		p.Readable = append(p.Readable, filepath.Join("/etc", name))
	}
	for _, pattern := range []string{"/lib*/ld-*", "/lib/*/ld-*", "/usr/lib*/ld-*", "/usr/lib/*/ld-*"} {
		loaders, _ := filepath.Glob(pattern) // the patterns are well formed
		p.Programs = append(p.Programs, loaders...)
	}
	return p
}
