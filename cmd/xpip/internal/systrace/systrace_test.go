package systrace

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestMain(m *testing.M) {
	Child()
	if dir := os.Getenv("SYSTRACE_TEST_DIR"); dir != "" {
		os.Exit(change(dir))
	}
	os.Exit(m.Run())
}

// change is the traced program: three changes of a folder.
func change(dir string) int {
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(a, []byte("x"), 0o600); err != nil {
		return 3
	}
	if err := os.Rename(a, b); err != nil {
		if errors.Is(err, syscall.EXDEV) {
			return 4
		}
		return 5
	}
	_, _ = os.ReadFile(b)
	return 0
}

func run(t *testing.T, decide func(Call) Verdict) (dir string, calls []string, err error) {
	t.Helper()
	dir = t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SYSTRACE_TEST_DIR="+dir)
	err = Run(cmd, func(c Call) bool { return strings.HasPrefix(c.Path, dir) }, func(c Call) Verdict {
		line := c.Name + " " + filepath.Base(c.Path)
		if c.From != "" {
			line += " from " + filepath.Base(c.From)
		}
		calls = append(calls, line)
		return decide(c)
	})
	if errors.Is(err, ErrUnavailable) {
		t.Skip(err)
	}
	return dir, calls, err
}

func TestRun(t *testing.T) {
	dir, calls, err := run(t, func(Call) Verdict { return Verdict{} })
	if want := []string{"openat a", "write a", "renameat b from a"}; err != nil || !slices.Equal(calls, want) {
		t.Errorf("got %q, %v; want %q", calls, err, want)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "b")); err != nil || string(data) != "x" {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestKill(t *testing.T) {
	for n, want := range []string{"", "a", "a"} {
		dir, _, err := run(t, func(c Call) Verdict { return Verdict{Kill: c.N == n+1} })
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Exited() {
			t.Errorf("call %d: %v", n+1, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, e := range entries {
			names += e.Name()
		}
		if names != want {
			t.Errorf("killed before call %d: %q, want %q", n+1, names, want)
		}
	}
}

func TestErrno(t *testing.T) {
	_, _, err := run(t, func(c Call) Verdict {
		if c.From != "" {
			return Verdict{Errno: syscall.EXDEV}
		}
		return Verdict{}
	})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 4 {
		t.Errorf("got %v", err)
	}
}
