package sandbox

import (
	"os/exec"
	"syscall"
)

func isolate(cmd *exec.Cmd, _ Support, _ Policy) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }
