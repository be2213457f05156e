package systrace

import "golang.org/x/sys/unix"

// older are the calls that only this processor has: they name files without a
// directory.
var older = map[int32]form{
	unix.SYS_OPEN: {name: "open", path: 0, flags: 1}, unix.SYS_CREAT: {name: "creat", path: 0, flags: none},
	unix.SYS_MKDIR: {name: "mkdir", path: 0, flags: none}, unix.SYS_RMDIR: {name: "rmdir", path: 0, flags: none},
	unix.SYS_UNLINK: {name: "unlink", path: 0, flags: none}, unix.SYS_CHMOD: {name: "chmod", path: 0, flags: none},
	unix.SYS_CHOWN: {name: "chown", path: 0, flags: none}, unix.SYS_LCHOWN: {name: "lchown", path: 0, flags: none},
	unix.SYS_RENAME:  {name: "rename", path: 1, from: 0, two: true, flags: none},
	unix.SYS_LINK:    {name: "link", path: 1, from: 0, two: true, flags: none},
	unix.SYS_SYMLINK: {name: "symlink", path: 1, flags: none}, unix.SYS_MKNOD: {name: "mknod", path: 0, flags: none},
}
