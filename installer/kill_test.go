package installer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/xpip/xpip/installer/internal/faultfs"
	"github.com/xpip/xpip/wheel"
)

const (
	killAt    = "XPIP_TEST_KILL_AT"
	killArgs  = "XPIP_TEST_KILL_ARGS" // prefix, project to remove, unpacked wheels; newline-separated
	killWhere = "^TestKilledProcess$"
)

// TestKilledProcess is not a test by itself: it is the process that
// TestKillAtEveryStep kills.
func TestKilledProcess(t *testing.T) {
	at, err := strconv.Atoi(os.Getenv(killAt))
	if err != nil {
		t.Skip("only for TestKillAtEveryStep")
	}
	args := strings.Split(os.Getenv(killArgs), "\n")
	s := scenario{layout: TargetLayout, remove: args[1]}
	for _, dir := range args[2:] {
		facts, err := os.ReadFile(dir + ".facts")
		if err != nil {
			t.Fatal(err)
		}
		u, err := wheel.LoadUnpacked(dir, facts)
		if err != nil {
			t.Fatal(err)
		}
		s.items = append(s.items, Item{Wheel: u, Requested: true})
	}
	err = s.change(t, args[0], func(op faultfs.Op) error {
		if op.N == at {
			self, err := os.FindProcess(os.Getpid())
			if err != nil {
				return err
			}
			if err := self.Kill(); err != nil {
				return err
			}
			select {}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestKillAtEveryStep has a process die of SIGKILL before each step.
func TestKillAtEveryStep(t *testing.T) {
	if testing.Short() {
		t.Skip("starts some hundred processes")
	}
	for _, s := range scenarios(t) {
		if s.layout != TargetLayout {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			before, after := s.outcomes(t)
			for n := 1; ; n++ {
				dir := s.prepare(t)
				args := []string{dir, s.remove}
				for _, i := range s.items {
					facts, err := i.Wheel.Facts()
					if err == nil {
						err = os.WriteFile(i.Wheel.Dir+".facts", facts, 0o644)
					}
					if err != nil {
						t.Fatal(err)
					}
					args = append(args, i.Wheel.Dir)
				}
				cmd := exec.Command(os.Args[0], "-test.run="+killWhere)
				cmd.Env = append(os.Environ(), killAt+"="+strconv.Itoa(n), killArgs+"="+strings.Join(args, "\n"))
				out, err := cmd.CombinedOutput()
				if err == nil {
					if got := snapshot(t, dir); got != after {
						t.Fatalf("not killed, but not new:\n%s\n%s", got, out)
					}
					return
				}
				if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.Exited() && exit.ExitCode() == 1 && strings.Contains(string(out), "FAIL") {
					t.Fatalf("step %d: %v\n%s", n, err, out)
				}
				interrupted := open(t, dir, s.layout).Interrupted()
				if r := s.recover(t, dir); interrupted != r.Finished {
					t.Fatalf("step %d: interrupted %v, recovery %+v", n, interrupted, r)
				}
				s.settled(t, dir, before, after, fmt.Sprintf("killed at step %d", n))
				if err := s.change(t, dir, nil); err != nil {
					t.Fatalf("step %d: the next run: %v", n, err)
				}
				if got := snapshot(t, dir); got != after {
					t.Fatalf("step %d: the next run left:\n%s", n, got)
				}
			}
		})
	}
}
