package hooks

import (
	"bytes"
	"context"
	_ "embed" // facts.py
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed facts.py
var factsProgram string

// Python is a Python of the build machine that runs build backends.
type Python struct {
	// Executable is its absolute path, never inside a virtual environment.
	Executable string `json:"executable"`
	// Version is major, minor, micro.
	Version [3]int `json:"version"`
	// Implementation is sys.implementation.name.
	Implementation string `json:"implementation"`
	// Platform is sysconfig.get_platform().
	Platform string `json:"platform"`
	// Prefix is where it is installed.
	Prefix string `json:"prefix"`
	// Paths are the folders of its library, headers and shared library.
	Paths []string `json:"paths"`
	// Purelib is the folder for packages below the root of a virtual
	// environment, with slashes: "lib/python3.13/site-packages".
	Purelib string `json:"purelib"`
}

// String is "CPython 3.13.2 (path)".
func (p *Python) String() string {
	name := p.Implementation
	if name == "cpython" {
		name = "CPython"
	}
	return fmt.Sprintf("%s %d.%d.%d (%s)", name, p.Version[0], p.Version[1], p.Version[2], p.Executable)
}

// NoPythonError tells that no Python was found to build with.
type NoPythonError struct {
	// Wanted is the version that was looked for, as X.Y, or the path given.
	Wanted string
	// Tried are the programs that are there, but are no usable Python, each
	// with the reason.
	Tried []string
}

func (e *NoPythonError) Error() string {
	s := fmt.Sprintf("no Python to build with (looked for %s and others on PATH; Python 3.8 or later is needed)", e.Wanted)
	if len(e.Tried) > 0 {
		s += ": " + strings.Join(e.Tried, "; ")
	}
	return s
}

const askTimeout = 20 * time.Second

// Ask asks a program what Python it is.
func Ask(ctx context.Context, program string) (*Python, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-I", "-c", factsProgram)
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		return nil, fmt.Errorf("asking %q for its version: %w (%q)", program, err, line)
	}
	return parseFacts(out.Bytes())
}

// parseFacts reads the answer of facts.py.
func parseFacts(b []byte) (*Python, error) {
	var facts struct {
		Python
		Version    []any  `json:"version"`
		ExecPrefix string `json:"exec_prefix"`
	}
	if err := json.Unmarshal(b, &facts); err != nil {
		return nil, fmt.Errorf("reading what Python says of itself: %w", err)
	}
	p := facts.Python
	for i := range min(3, len(facts.Version)) {
		n, _ := facts.Version[i].(float64)
		p.Version[i] = int(n)
	}
	if p.Version[0] != 3 || p.Version[1] < 8 {
		return nil, fmt.Errorf("it is Python %d.%d; 3.8 or later is needed", p.Version[0], p.Version[1])
	}
	if !filepath.IsAbs(p.Executable) || p.Purelib == "" || !filepath.IsLocal(filepath.FromSlash(p.Purelib)) {
		return nil, errors.New("it doesn't know where it is installed")
	}
	if facts.ExecPrefix != p.Prefix && facts.ExecPrefix != "" {
		p.Paths = append(p.Paths, facts.ExecPrefix)
	}
	return &p, nil
}

var versionedName = regexp.MustCompile(`^python3\.(\d{1,2})(\.exe)?$`)

// FindPython finds the Python on path (folders, as in PATH) whose version is
// nearest to 3.minor, the newer one of two equally near. The exact version is
// taken as soon as it is found.
func FindPython(ctx context.Context, path []string, minor int) (*Python, error) {
	missing := &NoPythonError{Wanted: fmt.Sprintf("python3.%d", minor)}
	var best *Python
	distance := func(m int) int { return max(minor-m, m-minor) }
	nearer := func(m int) bool {
		if best == nil {
			return true
		}
		d, has := distance(m), distance(best.Version[1])
		return d < has || d == has && m > best.Version[1]
	}
	for _, c := range pythons(path, minor) {
		if best != nil && (best.Version[1] == minor || c.minor >= 0 && !nearer(c.minor)) {
			continue
		}
		p, err := Ask(ctx, c.program)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			missing.Tried = append(missing.Tried, fmt.Sprintf("%q: %v", c.program, err))
			continue
		}
		if nearer(p.Version[1]) {
			best = p
		}
	}
	if best == nil {
		return nil, missing
	}
	return best, nil
}

// named is a program that is Python by its name; minor is -1 when the name
// doesn't tell.
type named struct {
	program string
	minor   int
}

// pythons lists the programs worth asking, best guess first: the one named
// after the version, python3 and python, then the others by distance.
func pythons(path []string, minor int) []named {
	var exact, plain, other []named
	for _, dir := range path {
		if !filepath.IsAbs(dir) {
			continue // never from the working directory
		}
		entries, _ := os.ReadDir(dir) // a folder of PATH may well be missing
		for _, e := range entries {
			program := filepath.Join(dir, e.Name())
			name := strings.ToLower(e.Name())
			if m := versionedName.FindStringSubmatch(name); m != nil {
				n, _ := strconv.Atoi(m[1])
				if n == minor {
					exact = append(exact, named{program, n})
				} else if n >= 8 {
					other = append(other, named{program, n})
				}
				continue
			}
			switch strings.TrimSuffix(name, ".exe") {
			case "python3", "python":
				plain = append(plain, named{program, -1})
			}
		}
	}
	slices.SortStableFunc(plain, func(a, b named) int { // python3 before python in each folder
		if filepath.Dir(a.program) != filepath.Dir(b.program) {
			return 0
		}
		return len(b.program) - len(a.program)
	})
	slices.SortStableFunc(other, func(a, b named) int {
		return max(a.minor-minor, minor-a.minor) - max(b.minor-minor, minor-b.minor)
	})
	return slices.Concat(exact, plain, other)
}

// MakeEnvironment makes an empty virtual environment of p in dir, which exists
// and is empty. It is what python -m venv makes, less pip and the scripts to
// activate it, and nothing is run.
func (p *Python) MakeEnvironment(dir string) error {
	if err := p.makeEnvironment(dir); err != nil {
		return fmt.Errorf("making the build environment: %w", err)
	}
	return nil
}

func (p *Python) makeEnvironment(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(p.Purelib)), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(p.Scripts(dir), 0o755); err != nil {
		return err
	}
	config := fmt.Sprintf("home = %s\ninclude-system-site-packages = false\nversion = %d.%d.%d\nexecutable = %s\n",
		filepath.Dir(p.Executable), p.Version[0], p.Version[1], p.Version[2], p.Executable)
	if err := os.WriteFile(filepath.Join(dir, "pyvenv.cfg"), []byte(config), 0o644); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return p.copyLauncher(dir)
	}
	if strings.HasPrefix(p.Purelib, "lib/") && strconv.IntSize == 64 && runtime.GOOS == "linux" {
		if err := os.Symlink("lib", filepath.Join(dir, "lib64")); err != nil {
			return err
		}
	}
	if err := os.Symlink(p.Executable, p.Interpreter(dir)); err != nil {
		return err
	}
	for _, name := range []string{"python3", fmt.Sprintf("python3.%d", p.Version[1])} {
		if err := os.Symlink("python", filepath.Join(p.Scripts(dir), name)); err != nil {
			return err
		}
	}
	return nil
}

// copyLauncher puts the launcher that comes with Python for Windows in place of
// a link.
func (p *Python) copyLauncher(dir string) error {
	for _, lib := range p.Paths {
		for _, name := range []string{"venvlauncher.exe", "python.exe"} {
			b, err := os.ReadFile(filepath.Join(lib, "venv", "scripts", "nt", name))
			if err == nil {
				return os.WriteFile(p.Interpreter(dir), b, 0o755)
			}
		}
	}
	return fmt.Errorf("%q has no launcher for virtual environments", p.Executable)
}

// Scripts is the folder of programs in a virtual environment of p.
func (p *Python) Scripts(dir string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(dir, "Scripts")
	}
	return filepath.Join(dir, "bin")
}

// Interpreter is the path of the interpreter in a virtual environment of p.
func (p *Python) Interpreter(dir string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(p.Scripts(dir), "python.exe")
	}
	return filepath.Join(p.Scripts(dir), "python")
}
