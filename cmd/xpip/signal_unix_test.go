//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// stop stops a program until SIGCONT.
func stop(cmd *exec.Cmd) syscall.Errno {
	if err := syscall.Kill(cmd.Process.Pid, syscall.SIGSTOP); err != nil {
		return syscall.ESRCH
	}
	return 0
}
