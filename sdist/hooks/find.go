package hooks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements/pep440"
)

// oldest is the minor version of the oldest Python that can build.
const oldest = 8

// NoPythonError tells that no Python was found to build with.
type NoPythonError struct {
	// Wanted is the version that was looked for, as X.Y, or the path given.
	Wanted string
	// Tried are the programs that are there, but are no usable Python, each
	// with the reason.
	Tried []string
}

func (e *NoPythonError) Error() string {
	where := " and others on PATH"
	if filepath.IsAbs(e.Wanted) {
		where = ""
	}
	s := fmt.Sprintf("no Python to build with (looked for %s%s; Python 3.%d or later is needed)", e.Wanted, where, oldest)
	if len(e.Tried) > 0 {
		s += ": " + strings.Join(e.Tried, "; ")
	}
	return s
}

// tried notes why a program will not do.
func (e *NoPythonError) tried(program string, err error) {
	reason := err.Error()
	var native *host.NativeError
	if errors.As(err, &native) {
		reason = native.Err.Error()
		if line, _, _ := strings.Cut(native.Stderr, "\n"); line != "" {
			reason += fmt.Sprintf(" (%q)", line)
		}
	}
	e.Tried = append(e.Tried, fmt.Sprintf("%q: %s", program, reason))
}

// A Describer asks a program of the build machine what Python it is, as
// [host.Native] does.
type Describer func(ctx context.Context, program string) (*host.Host, error)

const askTimeout = 20 * time.Second

// Ask asks a program what Python it is. The error is a [*NoPythonError] if it is
// none that can build.
func (d Describer) Ask(ctx context.Context, program string) (*Python, error) {
	p, err := d.ask(ctx, program)
	if err != nil && ctx.Err() == nil {
		none := &NoPythonError{Wanted: program}
		none.tried(program, err)
		return nil, none
	}
	return p, err
}

func (d Describer) ask(ctx context.Context, program string) (*Python, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	h, err := d(ctx, program)
	if err != nil {
		return nil, err
	}
	return pythonOf(h)
}

// Find finds the Python on path (folders, as in PATH) whose version is nearest
// to 3.minor, the newer one of two equally near, then the first. What names and
// links tell of versions is believed until the program says otherwise, so that
// in most cases a single one is asked.
func (d Describer) Find(ctx context.Context, path []string, minor int) (*Python, error) {
	none := &NoPythonError{Wanted: fmt.Sprintf("python3.%d", minor)}
	var best *Python
	for _, c := range candidates(path, minor) {
		if best != nil && (best.Version[1] == minor || c.minor != unknown && !nearer(minor, c.minor, best.Version[1])) {
			continue
		}
		p, err := d.ask(ctx, c.program)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			none.tried(c.program, err)
			continue
		}
		if best == nil || nearer(minor, p.Version[1], best.Version[1]) {
			best = p
		}
	}
	if best == nil {
		return nil, none
	}
	return best, nil
}

// nearer reports whether version 3.a is to be preferred to 3.b where 3.minor is
// wanted.
func nearer(minor, a, b int) bool {
	far, near := max(minor-a, a-minor), max(minor-b, b-minor)
	return far < near || far == near && a > b
}

// candidate is a program that is Python by its name.
type candidate struct {
	program string
	minor   int    // of its version, or unknown
	real    string // where links lead; two that lead to the same place are the same Python
}

const unknown = -1

// candidates lists the programs worth asking, best guess first: those of the
// version 3.minor, those of no known version, then the others by distance.
func candidates(path []string, minor int) []candidate {
	var exact, untold, other []candidate
	seen := map[string]bool{}
	for _, dir := range path {
		if !filepath.IsAbs(dir) {
			continue // never from the working directory
		}
		for _, folder := range installations(dir) {
			for _, c := range pythons(folder) {
				switch {
				case seen[c.real]:
				case c.minor == unknown:
					untold = append(untold, c)
				case c.minor == minor:
					exact = append(exact, c)
				case c.minor >= oldest:
					other = append(other, c)
				}
				seen[c.real] = true
			}
		}
	}
	slices.SortStableFunc(other, func(a, b candidate) int {
		switch {
		case nearer(minor, a.minor, b.minor):
			return -1
		case a.minor == b.minor:
			return 0
		}
		return 1
	})
	return slices.Concat(exact, untold, other)
}

// installations are the folders of the programs that a folder of PATH stands
// for: itself or, where a version manager (pyenv, asdf, mise) keeps the scripts
// that look for the right version, those of all versions that it has installed,
// the newest first. The scripts take long, and fail for what is not activated.
func installations(dir string) []string {
	if filepath.Base(dir) != "shims" {
		return []string{dir}
	}
	type installation struct {
		folder  string
		version pep440.Version // zero, the least, for what is no release of CPython
	}
	var all []installation
	for _, place := range []string{"versions", filepath.Join("installs", "python")} {
		root := filepath.Join(filepath.Dir(dir), place)
		entries, _ := os.ReadDir(root) // each manager has one of the two
		for _, e := range entries {
			version, _ := pep440.Parse(e.Name())
			all = append(all, installation{programs(filepath.Join(root, e.Name())), version})
		}
	}
	if len(all) == 0 {
		return []string{dir}
	}
	slices.SortStableFunc(all, func(a, b installation) int { return b.version.Compare(a.version) })
	folders := make([]string, len(all))
	for i := range all {
		folders[i] = all[i].folder
	}
	return folders
}

// programs is the folder of the programs of an installation.
func programs(root string) string {
	if runtime.GOOS == "windows" {
		return root
	}
	return filepath.Join(root, "bin")
}

// offered are the names that are looked for, and actual what interpreters are
// called where those lead to: python3.13t, pypy3.11.
var (
	offered = regexp.MustCompile(`^python(3(\.\d{1,2})?)?(\.exe)?$`)
	actual  = regexp.MustCompile(`^(?:python|pypy)(?:(2)[\d.]*|3(?:\.(\d{1,2})[a-z]?)?)?(?:\.exe)?$`)
)

// versionOf reads the minor version out of an interpreter's name; Python 2 is as
// good as 3.0.
func versionOf(name string) (minor int, isPython bool) {
	m := actual.FindStringSubmatch(strings.ToLower(name))
	switch {
	case m == nil:
		return unknown, false
	case m[1] != "":
		return 0, true
	case m[2] == "":
		return unknown, true
	}
	minor, _ = strconv.Atoi(m[2]) // two digits
	return minor, true
}

// pythons lists the Pythons in a folder, python3.13 before python3 before
// python.
func pythons(folder string) []candidate {
	entries, _ := os.ReadDir(folder) // a folder of PATH may well be missing
	var found []candidate
	for _, e := range entries {
		if offered.MatchString(strings.ToLower(e.Name())) {
			found = append(found, follow(filepath.Join(folder, e.Name())))
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return len(b.program) - len(a.program) })
	return found
}

// follow finds out what a program's name and links tell of it. Only an
// interpreter's name tells anything where a link leads: another program may go
// by the name that it is called by. The interpreter in a virtual environment
// stands for the one that the environment was made of.
func follow(program string) candidate {
	c := candidate{program: program, real: program}
	c.minor, _ = versionOf(filepath.Base(program))
	real, err := filepath.EvalSymlinks(program)
	if err != nil {
		return c
	}
	minor, ok := versionOf(filepath.Base(real))
	if !ok {
		return c
	}
	c.real = real
	if c.minor == unknown {
		c.minor = minor
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(filepath.Dir(program)), "pyvenv.cfg")); err == nil {
		c.program = real
	}
	return c
}
