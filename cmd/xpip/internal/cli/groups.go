package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/groups"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/pylock"
	"github.com/xpip/xpip/requirements/reqfile"
	"github.com/xpip/xpip/requirements/script"
)

// sourceOptions are sources of requirements beside requirements files.
type sourceOptions struct {
	groups  []string
	scripts []string
}

func (o *sourceOptions) register(r *registry) {
	r.list(&o.groups, "group", "", "[path:]group", "Take the requirements of a dependency group of pyproject.toml or pylock.toml; repeatable.")
	r.list(&o.scripts, "requirements-from-script", "", "file", "Take the requirements that a Python script states in its metadata.")
}

func (o *sourceOptions) given() bool { return len(o.groups) > 0 || len(o.scripts) > 0 }

// scriptDemand is the Python that a script needs.
type scriptDemand struct {
	name   string
	python pep440.Specifiers
}

// groupOf is the group of a file.
type groupOf struct{ path, name string }

// split reads [path:]group. The name of a group has no colon.
func (o *sourceOptions) split() ([]groupOf, error) {
	var out []groupOf
	for _, text := range o.groups {
		at := strings.LastIndexByte(text, ':')
		if at < 0 {
			out = append(out, groupOf{"pyproject.toml", text})
			continue
		}
		g := groupOf{text[:at], text[at+1:]}
		name, _, isLock := reqfile.SplitPylock(g.path)
		if filepath.Base(g.path) != "pyproject.toml" && (!isLock || strings.Contains(name, "://")) {
			return nil, &usageError{msg: "--group error: group paths use local 'pyproject.toml' or 'pylock.toml' files"}
		}
		out = append(out, g)
	}
	return out, nil
}

// collect reads groups, scripts and lock files into w and returns the files
// that are left: requirements files. A lock that is named several times is
// read once, with all that is asked of it.
func (w *wanted) collect(ctx context.Context, o sourceOptions, files []string, open func(context.Context, string) ([]byte, error)) (rest []string, err error) {
	asked, err := o.split()
	if err != nil {
		return nil, err
	}
	for _, location := range files {
		name, extras, isLock := reqfile.SplitPylock(location)
		if !isLock {
			rest = append(rest, location)
			continue
		}
		l := w.request(name)
		l.choice.Default = true
		l.choice.Extras = union(l.choice.Extras, extras)
	}
	read := map[string]*groups.Groups{}
	for _, g := range asked {
		if name, extras, isLock := reqfile.SplitPylock(g.path); isLock {
			l := w.request(name)
			l.choice.Groups = union(l.choice.Groups, []string{requirements.NormalizeName(g.name)})
			l.choice.Extras = union(l.choice.Extras, extras)
			continue
		}
		if read[g.path] == nil {
			if read[g.path], err = readGroups(g.path); err != nil {
				return nil, err
			}
		}
		all, err := read[g.path].Resolve(g.name)
		if err != nil {
			return nil, &lockError{msg: fmt.Sprintf("[dependency-groups] resolution failed for %s from %s", pyQuote(g.name), pyQuote(g.path)), err: err}
		}
		w.add(all)
	}
	for _, l := range w.locks {
		if err := l.read(ctx, open); err != nil {
			return nil, err
		}
	}
	return rest, w.fromScript(o.scripts)
}

// add asks for requirements that stand in no requirements file.
func (w *wanted) add(all []requirements.Requirement) {
	for _, r := range all {
		w.entries = append(w.entries, reqfile.Entry{Requirement: r, Raw: r.String()})
	}
}

// request is the request for a lock file, made when it is first named. Paths
// in a lock begin at the lock as it is named, so its links are not followed.
func (w *wanted) request(name string) *lockRequest {
	same := func(l *lockRequest) bool {
		return l.name == name || !strings.Contains(name, "://") && !l.remote() && absolute(l.name) == absolute(name)
	}
	if i := slices.IndexFunc(w.locks, same); i >= 0 {
		return w.locks[i]
	}
	w.locks = append(w.locks, &lockRequest{name: name, choice: pylock.Choice{}})
	return w.locks[len(w.locks)-1]
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// readGroups reads the dependency groups of a pyproject.toml, with pip's words
// for what goes wrong.
func readGroups(path string) (*groups.Groups, error) {
	data, err := readFile(path, groups.MaxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &commandError{msg: path + " not found. Cannot resolve '--group' option."}
	case err != nil:
		return nil, &lockError{msg: "Error reading " + path, err: err}
	}
	g, err := groups.Parse(data)
	switch {
	case errors.Is(err, groups.ErrNoTable):
		return nil, &commandError{msg: fmt.Sprintf("[dependency-groups] table was missing from %s. Cannot resolve '--group' option.", pyQuote(path))}
	case err != nil:
		return nil, &lockError{msg: "Error parsing " + path, err: err}
	}
	return g, nil
}

// readFile reads a file up to one byte more than limit, so that who parses it
// sees that it is too large.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// fromScript asks for what a script needs.
func (w *wanted) fromScript(names []string) error {
	if len(names) == 0 {
		return nil
	}
	if len(names) > 1 {
		return &commandError{msg: "--requirements-from-script can only be given once"}
	}
	name := names[0]
	data, err := readFile(name, script.MaxFileSize)
	if errors.Is(err, fs.ErrNotExist) {
		return &commandError{msg: fmt.Sprintf("Could not open the script: [Errno 2] No such file or directory: %s", pyQuote(name))}
	}
	if err != nil {
		return &lockError{msg: "Error reading " + pyQuote(name), err: err}
	}
	m, err := script.Parse(data)
	switch {
	case errors.Is(err, script.ErrNoBlock):
		return &commandError{msg: "File does not contain 'script' metadata: " + pyQuote(name)}
	case errors.Is(err, script.ErrTwice):
		return &commandError{msg: "Multiple 'script' blocks found in " + pyQuote(name)}
	case err != nil:
		return &lockError{msg: "Failed to parse TOML in " + pyQuote(name), err: err}
	}
	w.add(m.Dependencies)
	w.script = &scriptDemand{name: name, python: m.RequiresPython}
	return nil
}

// checkScript holds the Python that a script needs against the host's.
func (s *session) checkScript(d *scriptDemand, ignore bool) error {
	if d == nil || ignore || s.host.AcceptsPython(d.python) {
		return nil
	}
	return &commandError{msg: fmt.Sprintf("Script %s requires a different Python: %s not in %s",
		pyQuote(d.name), s.host.Python().Full(), pyQuote(d.python.String()))}
}
