//go:build unix

package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// memory is the peak resident memory of one more run, in MiB: that of the
// largest process.
func (l *lab) memory(ctx context.Context, t tool, sc scenario) (float64, error) {
	j, err := l.bring(ctx, t, sc)
	if err != nil {
		return 0, err
	}
	unit := 1024.0 // of ru_maxrss: KiB, on macOS bytes
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	peak := 0.0
	for _, argv := range t.commands(j) {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Env = l.environment()
		if out, err := cmd.CombinedOutput(); (err != nil) != sc.fails {
			return 0, fmt.Errorf("running %s: %w\n%s", strings.Join(argv, " "), err, out)
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = max(peak, float64(usage.Maxrss)*unit/(1<<20))
		}
	}
	return peak, nil
}
