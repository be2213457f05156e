//go:build !linux || !(amd64 || arm64)

package systrace

import "os/exec"

// Child does nothing on this system.
func Child() {}

// Run starts nothing on this system and returns ErrUnavailable.
func Run(*exec.Cmd, func(Call) bool, func(Call) Verdict) error { return ErrUnavailable }
