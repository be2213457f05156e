//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xpip/xpip/cmd/xpip/internal/systrace"
)

// stop stops a program until goOn.
func stop(cmd *exec.Cmd) syscall.Errno { return send(cmd, syscall.SIGSTOP) }
func goOn(cmd *exec.Cmd) syscall.Errno { return send(cmd, syscall.SIGCONT) }

func send(cmd *exec.Cmd, signal syscall.Signal) syscall.Errno {
	if err := syscall.Kill(cmd.Process.Pid, signal); err != nil {
		return syscall.ESRCH
	}
	return 0
}

// TestSignals sends SIGINT and SIGTERM at system calls that change a prefix. What
// has not been committed is cleaned up, and the exit code is a shell's for the
// signal; what has been is finished.
func TestSignals(t *testing.T) {
	ends := map[int]int{}
	for i, tr := range newBench(t).trials(t) {
		t.Run(tr.String(), func(t *testing.T) {
			for k, at := range append([]int{1}, points(tr.count(t), 1)...) {
				signal, code := syscall.SIGINT, 130
				if (i+k)%2 == 1 {
					signal, code = syscall.SIGTERM, 143
				}
				p := tr.copy(t)
				cmd := tr.command(tr.at(p, tr.args...)...)
				var out strings.Builder
				cmd.Stdout, cmd.Stderr = &out, &out
				err := systrace.Run(cmd, p.changedBy, func(c systrace.Call) systrace.Verdict {
					if c.N == at {
						// It is delivered before the call goes on, and heard in a
						// while.
						defer time.Sleep(10 * time.Millisecond)
						return systrace.Verdict{Errno: send(cmd, signal)}
					}
					return systrace.Verdict{}
				})
				when := fmt.Sprintf("%v at call %d", signal, at)
				got, exit := snapshot(t, p.parent), (*exec.ExitError)(nil)
				switch {
				case err == nil && got == tr.new:
					ends[0]++
				case errors.As(err, &exit) && exit.ExitCode() == code && got == tr.old:
					ends[code]++
				default:
					t.Fatalf("%s: %v\n%s\n%s", when, err, &out, got)
				}
				if err := os.RemoveAll(p.parent); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if ends[0] == 0 || ends[130] == 0 || ends[143] == 0 {
		t.Errorf("not all ends were met: %v", ends)
	}
	t.Logf("exit codes: %v", ends)
}
