package trap

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestMain lets the test binary be the program behind the trap, as xpip is.
func TestMain(m *testing.M) {
	if handled, exit := Main(os.Args); handled {
		os.Exit(exit)
	}
	os.Exit(m.Run())
}

func setTrap(t *testing.T, path ...string) *Trap {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	trap, err := Set(t.TempDir(), self, path)
	if err != nil {
		t.Fatal(err)
	}
	return trap
}

func TestTrapRecordsAndFails(t *testing.T) {
	trap := setTrap(t)
	cmd := exec.Command(trap.program("gcc"), "-O2", "-c", "src/a b.c", "-o", "a.o")
	cmd.Dir = t.TempDir()
	cmd.Env = trap.Environ()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Fatalf("gcc ended with %v, want exit code 1", err)
	}
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "gcc: error: ") {
		t.Errorf("standard error = %q, want one line", got)
	}
	calls, err := trap.Calls()
	if err != nil || len(calls) != 1 {
		t.Fatalf("calls = %v, %v", calls, err)
	}
	c := calls[0]
	if c.Tool != "gcc" || !slices.Equal(c.Args, cmd.Args[1:]) || filepath.Base(c.Dir) != filepath.Base(cmd.Dir) || c.Parent != os.Getpid() {
		t.Errorf("call = %+v", c)
	}
	if runtime.GOOS == "linux" && (len(c.Caller) == 0 || c.Caller[0] != os.Args[0]) {
		t.Errorf("caller = %q, want %q", c.Caller, os.Args[0])
	}
	if c.String() != "gcc -c src/a b.c" || c.Language() != "C" {
		t.Errorf("String, Language = %q, %q", c.String(), c.Language())
	}
	if err := trap.Clear(); err != nil {
		t.Fatal(err)
	}
	if calls, err := trap.Calls(); err != nil || len(calls) != 0 {
		t.Errorf("after Clear: %v, %v", calls, err)
	}
}

func TestTrapWithoutEnvironment(t *testing.T) {
	trap := setTrap(t)
	cmd := exec.Command(trap.program("rustc"), "lib.rs")
	cmd.Env = []string{}
	if err := cmd.Run(); err == nil {
		t.Error("rustc succeeded")
	}
	if runtime.GOOS != "windows" {
		cmd = &exec.Cmd{Path: trap.program("ld"), Args: []string{"ld", "x.o"}, Env: []string{"PATH=" + trap.Bin()}}
		if err := cmd.Run(); err == nil {
			t.Error("ld succeeded")
		}
	}
	calls, err := trap.Calls()
	if err != nil || len(calls) != 2 || calls[0].Tool != "rustc" || calls[1].Tool != "ld" {
		t.Errorf("calls = %+v, %v", calls, err)
	}
}

func TestParallelCallsDontMix(t *testing.T) {
	trap := setTrap(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			cmd := exec.Command(trap.program("c++"), "-c", strings.Repeat("x", 900)+".cpp")
			cmd.Env = trap.Environ()
			if cmd.Run() == nil {
				t.Error("c++ succeeded")
			}
		})
	}
	wg.Wait()
	if calls, err := trap.Calls(); err != nil || len(calls) != 8 {
		t.Errorf("%d calls, %v; want 8", len(calls), err)
	}
}

func TestForgedLinesArePassedOver(t *testing.T) {
	trap := setTrap(t)
	forged := "not json\n{\"tool\":\"\\u001b[2J\"}\n{\"tool\":\"cc\",\"args\":[\"-c\",\"a.c\"]}\n"
	if err := os.WriteFile(trap.Log(), []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	calls, err := trap.Calls()
	if err != nil || len(calls) != 1 || calls[0].Tool != "cc" {
		t.Errorf("calls = %+v, %v", calls, err)
	}
}

func FuzzCalls(f *testing.F) {
	f.Add(`{"tool":"cc","args":["-c","a.c"],"dir":"/","pid":1,"parent":2}`)
	f.Fuzz(func(t *testing.T, s string) {
		trap := &Trap{dir: t.TempDir()}
		if err := os.WriteFile(trap.Log(), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		calls, err := trap.Calls()
		for _, c := range calls {
			if err == nil && classify(c.Tool) == none {
				t.Errorf("took %+v for a call", c)
			}
			_, _, _ = c.Kind(), c.String(), c.Language()
		}
	})
}

func TestSetTakesCompilersOfThePath(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"gcc-12", "aarch64-linux-gnu-g++", "x86_64-linux-gnu-ld.bfd", "clang-15", "ls", "gcc-doc", "link", "xslt-config", "pg_config"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	trap := setTrap(t, dir, filepath.Join(dir, "missing"))
	for name, want := range map[string]bool{
		"gcc-12": true, "aarch64-linux-gnu-g++": true, "x86_64-linux-gnu-ld.bfd": true, "clang-15": true,
		"ls": false, "gcc-doc": false, "link": runtime.GOOS == "windows", "cmake": true, "cargo": true,
		"xslt-config": false, "xml2-config": true, "pg_config": true, "cython": false, "meson": false, "swig": false, "git": false,
	} {
		if _, err := os.Lstat(trap.program(name)); (err == nil) != want {
			t.Errorf("%s is in the trap: %v, want %v", name, err == nil, want)
		}
	}
}

func TestMainLeavesOthersAlone(t *testing.T) {
	for _, args := range [][]string{nil, {"xpip"}, {"/usr/bin/xpip", "gcc"}, {"python3"}, {"xpip.exe"}} {
		if handled, _ := Main(args); handled {
			t.Errorf("Main(%q) took over", args)
		}
	}
}

func TestKind(t *testing.T) {
	for line, want := range map[string]Kind{
		"cc":                   Probe,
		"cc --version":         Probe,
		"c++ -v":               Probe,
		"gcc -dumpmachine":     Probe,
		"gcc -print-multiarch": Probe,
		"cargo --version":      Probe, "rustc -vV": Probe,
		"rustc --print cfg":                    Probe,
		"cmake --version":                      Probe,
		"go version":                           Probe,
		"gcc -Wl,-t -o /tmp/x -lfoo":           Lookup,
		"ld -t -L /usr/lib -o /dev/null -lfoo": Lookup,
		"pg_config --libdir":                   Search, "xml2-config --cflags": Search,
		"pkg-config --exists libffi":        Search,
		"pkg-config --version":              Lookup,
		"cc -O2 -c a.c -o a.o":              Compile,
		"cc -shared a.o -o a.so":            Compile,
		"cl /c a.c":                         Compile,
		"x86_64-linux-gnu-gcc-12 -c a.c":    Compile,
		"cargo metadata --format-version 1": Compile,
		"cargo rustc --lib":                 Compile,
		"ninja -C build":                    Compile,
		"cmake -S . -B build":               Compile,
		"ccache gcc -c a.c":                 Compile,
		"ccache gcc --version":              Probe,
		"ar rcs liba.a a.o":                 Compile,
	} {
		words := strings.Fields(line)
		if got := (Call{Tool: words[0], Args: words[1:]}).Kind(); got != want {
			t.Errorf("%s: kind %d, want %d", line, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for line, want := range map[string]string{
		"cc -c a.c": "C", "cc -c a.cpp": "C++", "g++ --version": "C++", "cargo build": "Rust", "gfortran x.f90": "Fortran",
		"x86_64-linux-gnu-gcc-12 --version": "C", "ninja": "", "cc -o a.c b.o": "C",
	} {
		words := strings.Fields(line)
		if got := (Call{Tool: words[0], Args: words[1:]}).Language(); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
