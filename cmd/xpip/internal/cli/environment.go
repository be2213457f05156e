package cli

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// environment is what a command finds installed: in one prefix, or in several
// folders as if they stood one after the other on sys.path.
type environment struct {
	app     *app
	options hostOptions
	python  string // the version that the prefix names, or ""
	dists   []installed
	// doubles are further distributions of the same projects, which Python
	// would not find.
	doubles []installed
	byKey   map[string]*installed
	// prefixes are those that exist, in the order of sys.path; ours are those
	// of them that are for us to change.
	prefixes, ours []*installer.Prefix

	described *host.Host
}

// installed is a distribution with the prefix that it lies in.
type installed struct {
	installer.Distribution
	prefix *installer.Prefix
}

// environment opens what the options name for looking at it.
func (a *app) environment(ctx context.Context, o prefixOptions) (*environment, error) {
	if err := a.open(); err != nil {
		return nil, err
	}
	locations, err := a.locate(ctx, &o)
	if err != nil {
		return nil, err
	}
	env := &environment{app: a, options: o.host}
	for _, at := range locations {
		at = at.widen()
		if env.python == "" {
			env.python = at.python
		}
		if !isFolder(at.path) {
			a.printer.Warn("%s does not exist", at.path)
			continue
		}
		prefix, err := installer.Open(at.path, at.layout, at.scheme)
		if err != nil {
			return nil, err
		}
		if prefix.Interrupted() {
			a.printer.Warn("A run was interrupted while it changed %s; the next install or uninstall there finishes that or takes it back", at.path)
		}
		env.prefixes = append(env.prefixes, prefix)
		if !at.foreign {
			env.ours = append(env.ours, prefix)
		}
	}
	return env, env.look()
}

// look finds out what is installed, once more if need be.
func (e *environment) look() error {
	e.dists, e.doubles = nil, nil
	seen := map[string]bool{}
	for _, prefix := range e.prefixes {
		found, err := prefix.Installed()
		if err != nil {
			return err
		}
		for _, d := range found {
			one := installed{Distribution: d, prefix: prefix}
			if seen[d.Key] {
				if slices.Contains(e.ours, prefix) { // a system's own version may stand behind
					e.doubles = append(e.doubles, one)
				}
				continue
			}
			seen[d.Key] = true
			e.dists = append(e.dists, one)
		}
	}
	slices.SortStableFunc(e.dists, func(a, b installed) int { return strings.Compare(a.Key, b.Key) })
	e.byKey = make(map[string]*installed, len(e.dists))
	for i := range e.dists {
		e.byKey[e.dists[i].Key] = &e.dists[i]
	}
	return nil
}

// lock keeps others from changing our prefixes until close, finishes what an
// interrupted run left there, and looks again.
func (e *environment) lock(ctx context.Context) error {
	for _, prefix := range e.ours {
		recovery, err := prefix.Lock(ctx, func() {
			e.app.printer.Info("Waiting for another xpip that is changing %s", prefix.Path())
		})
		if err != nil {
			return err
		}
		(&session{app: e.app, printer: e.app.printer}).sayRecovery(recovery)
	}
	return e.look()
}

// close gives the locks back.
func (e *environment) close() error {
	var err error
	for _, prefix := range e.ours {
		err = errors.Join(err, prefix.Close())
	}
	return err
}

// host is the host that the prefix is for: the one of the options, with the
// Python that the prefix is laid out for.
func (e *environment) host(ctx context.Context) (*host.Host, error) {
	if e.described != nil {
		return e.described, nil
	}
	o := e.options
	said, err := e.app.describedBy(o)
	if err != nil {
		return nil, err
	}
	if o.pythonVersion == "" && e.python != "" && (said == nil || said.Python == "") {
		o.pythonVersion = e.python
		if !e.options.given() && said == nil {
			native, err := e.app.buildPython(ctx)
			if err != nil {
				return nil, err
			}
			if native.Python().Short() == strings.TrimSuffix(e.python, "t") && native.FreeThreaded() == strings.HasSuffix(e.python, "t") {
				o.pythonVersion = ""
			}
		}
	}
	e.described, err = e.app.host(ctx, o)
	return e.described, err
}

// find returns the distribution of a project, nil if there is none.
func (e *environment) find(project string) *installed {
	return e.byKey[requirements.NormalizeName(project)]
}

// location is the absolute path of the folder that it is importable from.
func (d *installed) location() string {
	return filepath.Join(d.prefix.Path(), filepath.FromSlash(d.Location))
}

// infoPath is the absolute path of its .dist-info.
func (d *installed) infoPath() string {
	return filepath.Join(d.prefix.Path(), filepath.FromSlash(d.InfoDir))
}

// wheelInstalled reports whether it has the .dist-info of an installed wheel,
// not the .egg-info of older tools.
func (d *installed) wheelInstalled() bool { return filepath.Ext(d.InfoDir) == ".dist-info" }

// editable is the folder of a project that was installed with -e, else "".
func (d *installed) editable() string {
	if d.DirectURL == nil || d.DirectURL.DirInfo == nil || !d.DirectURL.DirInfo.Editable {
		return ""
	}
	parsed, err := url.Parse(d.DirectURL.URL)
	if err != nil || parsed.Scheme != "file" {
		return d.DirectURL.URL
	}
	path := parsed.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	return filepath.FromSlash(path)
}

// shownVersion is the version as pip shows it: normalised, or as written if
// that is no version.
func (d *installed) shownVersion() string {
	if v, err := pep440.Parse(d.Version); err == nil {
		return v.String()
	}
	return d.Version
}

// pinned is the requirement that names exactly this version.
func (d *installed) pinned() string {
	if v, err := pep440.Parse(d.Version); err == nil {
		return d.Name + "==" + v.String()
	}
	return d.Name + "===" + d.Version
}

const maxInfoFile = 1 << 20 // of the small files in a .dist-info, in bytes

// read returns a small file of the .dist-info; false if it has none.
func (d *installed) read(name string) ([]byte, bool) {
	root, err := os.OpenRoot(d.prefix.Path())
	if err != nil {
		return nil, false
	}
	defer root.Close()
	path := filepath.Join(filepath.FromSlash(d.InfoDir), name)
	if info, err := root.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, false // a FIFO would block the open
	}
	f, err := root.Open(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxInfoFile+1))
	if err != nil || len(data) > maxInfoFile {
		return nil, false
	}
	return data, true
}

// dependencies are the requirements of a distribution that count on the host
// with no extra asked for. The error is that of the first that cannot be read.
func (d *installed) dependencies(h *host.Host) ([]requirements.Requirement, error) {
	var out []requirements.Requirement
	for _, text := range d.requiresDist() {
		r, err := requirements.Parse(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		if r.Marker.Evaluate(h.Environment()).Holds {
			out = append(out, r)
		}
	}
	return out, nil
}
