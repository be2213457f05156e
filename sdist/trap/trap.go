// Package trap stands in for compilers. A trap is a folder of programs named
// like compilers, linkers and build drivers; each writes down how it was called
// and fails as a compiler fails. It comes first on a build's PATH and in the
// variables that name compilers.
//
// A missing compiler would not do: build code that finds none takes other
// paths (it downloads a toolchain, it asks for one as a build requirement),
// while a compiler that fails is what optional extensions are made for.
//
// The program behind all the names is the running one: its main function calls
// [Main] before anything else.
package trap

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Version is part of the key of every cached result: it grows when the trap or
// what is read from its log changes.
const Version = 1

const (
	onWindows = runtime.GOOS == "windows"
	logName   = "calls.jsonl"
	logVar    = "XPIP_TRAP_LOG"
	maxLog    = 4 << 20
	maxArgs   = 200
	maxArg    = 1000
)

// Trap is a folder of stand-ins and the record of their calls.
type Trap struct {
	dir    string
	except []string
}

// Set makes a trap in dir, which must exist, with program (this very
// executable) behind every name. Besides the known names it takes those of
// compilers found in the folders of path, such as gcc-12 and
// x86_64-linux-gnu-gcc. It leaves out those of except.
func Set(dir, program string, path []string, except ...string) (*Trap, error) {
	t := &Trap{dir: dir, except: except}
	if err := os.MkdirAll(t.Bin(), 0o755); err != nil {
		return nil, fmt.Errorf("setting the compiler trap: %w", err)
	}
	names := map[string]bool{}
	for name := range tools {
		if IsTool(name) {
			names[name] = true
		}
	}
	for _, folder := range path {
		entries, _ := os.ReadDir(folder) // a folder of PATH may well be missing
		for _, e := range entries {
			if name := strings.TrimSuffix(e.Name(), ".exe"); IsTool(name) {
				names[name] = !tellsOnly(name)
			}
		}
	}
	for name, wanted := range names {
		if !wanted || slices.Contains(except, name) {
			continue
		}
		if err := standIn(program, filepath.Join(t.Bin(), name)); err != nil {
			return nil, fmt.Errorf("setting the compiler trap: %w", err)
		}
	}
	log, err := os.OpenFile(t.Log(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("setting the compiler trap: %w", err)
	}
	return t, log.Close()
}

func standIn(program, name string) error {
	if !onWindows {
		return os.Symlink(program, name)
	}
	name += ".exe"
	if os.Link(program, name) == nil {
		return nil
	}
	from, err := os.Open(program)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// Bin is the folder to put first on PATH.
func (t *Trap) Bin() string { return filepath.Join(t.dir, "bin") }

// Log is the file that the stand-ins write to; a build needs the right to.
func (t *Trap) Log() string { return filepath.Join(t.dir, logName) }

// variables name the tool that each environment variable of a build chooses.
var variables = [][2]string{
	{"CC", "cc"}, {"CXX", "c++"}, {"CPP", "cpp"}, {"LD", "ld"}, {"AR", "ar"}, {"RANLIB", "ranlib"},
	{"FC", "gfortran"}, {"F77", "gfortran"}, {"F90", "gfortran"}, {"RUSTC", "rustc"}, {"CARGO", "cargo"},
	{"CMAKE", "cmake"}, {"CMAKE_EXECUTABLE", "cmake"}, {"NINJA", "ninja"}, {"MAKE", "make"},
	{"NVCC", "nvcc"}, {"CUDACXX", "nvcc"}, {"PKG_CONFIG", "pkg-config"},
}

// Environ returns the variables, as "NAME=value", that lead builds to the trap
// where they don't look at PATH.
func (t *Trap) Environ() []string {
	env := []string{logVar + "=" + t.Log()}
	for _, v := range variables {
		if !slices.Contains(t.except, v[1]) {
			env = append(env, v[0]+"="+t.program(v[1]))
		}
	}
	env = append(env, "LDSHARED="+t.program("cc")+" -shared", "LDCXXSHARED="+t.program("c++")+" -shared", "GOTOOLCHAIN=local")
	switch runtime.GOOS {
	case "windows":
		// Keeps distutils from asking the registry for a compiler's full path.
		env = append(env, "DISTUTILS_USE_SDK=1", "MSSdk=1")
	case "darwin":
		env = append(env, "DEVELOPER_DIR="+t.dir)
	}
	return env
}

func (t *Trap) program(name string) string {
	if onWindows {
		name += ".exe"
	}
	return filepath.Join(t.Bin(), name)
}

// Call is one call of a stand-in.
type Call struct {
	// Tool is the name it was called by, without folder.
	Tool string `json:"tool"`
	// Args are its arguments, at most 200 of at most 1,000 bytes.
	Args []string `json:"args"`
	// Dir is the folder it was called in.
	Dir string `json:"dir"`
	// PID and Parent are process numbers as the build saw them.
	PID    int `json:"pid"`
	Parent int `json:"parent"`
	// Caller is the command line of the calling process, where it is known.
	Caller []string `json:"caller,omitempty"`
}

// Calls reads the record, oldest call first. Lines that no stand-in wrote are
// passed over: the build can write to the file too.
func (t *Trap) Calls() ([]Call, error) {
	switch info, err := os.Lstat(t.Log()); {
	case err != nil:
		return nil, fmt.Errorf("reading the compiler trap's record: %w", err)
	case !info.Mode().IsRegular():
		return nil, errors.New("reading the compiler trap's record: the build put something else in its place")
	}
	f, err := os.Open(t.Log())
	if err != nil {
		return nil, fmt.Errorf("reading the compiler trap's record: %w", err)
	}
	defer f.Close()
	var calls []Call
	lines := bufio.NewScanner(io.LimitReader(f, maxLog))
	lines.Buffer(nil, maxLog)
	for lines.Scan() {
		var c Call
		if json.Unmarshal(lines.Bytes(), &c) == nil && classify(c.Tool) != none {
			calls = append(calls, c)
		}
	}
	if err := lines.Err(); err != nil {
		return calls, fmt.Errorf("reading the compiler trap's record: %w", err)
	}
	return calls, nil
}

// Clear forgets the calls so far.
func (t *Trap) Clear() error { return os.Truncate(t.Log(), 0) }

// Main plays the compiler if that is what the program was started as, told by
// the last part of args[0]. It then writes the call down, says one line on
// standard error, and returns the exit code for the caller to end with.
func Main(args []string) (handled bool, exit int) {
	if len(args) == 0 {
		return false, 0
	}
	tool := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	if classify(tool) == none {
		return false, 0
	}
	log := findLog(args[0])
	if log == "" {
		return false, 0
	}
	c := Call{Tool: tool, Args: shorten(args[1:]), PID: os.Getpid(), Parent: os.Getppid()}
	c.Dir, _ = os.Getwd()
	c.Caller = commandLine(c.Parent)
	if err := record(log, c); err != nil {
		fmt.Fprintf(os.Stderr, "%s: error: the call could not be recorded: %v\n", tool, err)
		return true, 1
	}
	fmt.Fprintf(os.Stderr, "%s: error: no compiler is used in this build (xpip)\n", tool)
	return true, 1
}

// findLog finds the record: by variable, or, for builds that clear their
// environment, beside the folder the stand-in lies in.
func findLog(program string) string {
	if log := os.Getenv(logVar); log != "" {
		return log
	}
	if !strings.ContainsRune(program, filepath.Separator) {
		found, err := exec.LookPath(program)
		if err != nil {
			return ""
		}
		program = found
	}
	log := filepath.Join(filepath.Dir(filepath.Dir(program)), logName)
	if info, err := os.Stat(log); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return log
}

// record appends one line in one write, so that parallel calls don't mix.
func record(log string, c Call) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

func shorten(args []string) []string {
	if len(args) > maxArgs {
		args = args[:maxArgs]
	}
	args = slices.Clone(args)
	for i, a := range args {
		if len(a) > maxArg {
			args[i] = a[:maxArg]
		}
	}
	return args
}

// commandLine reads how a process was started, where /proc shows the same
// process numbers that this process sees.
func commandLine(pid int) []string {
	self, err := os.Readlink("/proc/self")
	if err != nil || self != strconv.Itoa(os.Getpid()) {
		return nil
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var args []string
	for a := range bytes.SplitSeq(bytes.TrimRight(b, "\x00"), []byte{0}) {
		args = append(args, string(a))
	}
	return shorten(args[:min(len(args), 20)])
}
