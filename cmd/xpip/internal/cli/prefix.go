package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// prefixOptions name the prefix that a command looks at or changes.
type prefixOptions struct {
	paths       []string // flat folders: --path, --target
	prefix      string
	host        hostOptions
	user, local bool
}

// register adds the options of the commands that look at a prefix.
func (o *prefixOptions) register(r *registry) {
	r.heading("Host prefix (what is looked at; default: the active virtual environment)")
	r.list(&o.paths, "path", "", "dir", "Look at the packages in this folder; repeatable.")
	r.list(&o.paths, "target", "t", "dir", "The same, by the name that install has for it.")
	r.text(&o.prefix, "prefix", "", "dir", "Look at what lies below this folder in the host's own layout.")
	o.host.register(r)
	r.group = hiddenGroup
	r.on(&o.user, "user", "", "")
	r.on(&o.local, "local", "l", "")
}

// check refuses what contradicts itself, and what only makes sense for the
// Python that runs pip.
func (o *prefixOptions) check() error {
	switch {
	case len(o.paths) > 0 && (o.user || o.local):
		return &commandError{msg: "Cannot combine '--path' with '--user' or '--local'"}
	case len(o.paths) > 0 && o.prefix != "":
		return &commandError{msg: "Cannot combine '--path' or '--target' with '--prefix'"}
	case o.user:
		return &commandError{msg: "--user is about the Python that runs pip; xpip looks at host prefixes: name one with --path, --target or --prefix"}
	}
	return nil
}

// location is a prefix as it lies on the disk.
type location struct {
	path   string
	layout installer.Layout
	scheme host.Scheme
	python string // the version that its folders name, "3.13" or "3.13t"; "" if they name none
}

// locate finds the prefix that the options name. Several flat folders are
// several locations.
func (a *app) locate(ctx context.Context, o *prefixOptions) ([]location, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(o.paths) > 0 {
		out := make([]location, len(o.paths))
		for i, path := range o.paths {
			out[i] = location{path: path, layout: installer.TargetLayout}
		}
		return out, nil
	}
	if o.prefix != "" {
		at, err := a.laidOut(ctx, o.prefix, o.host)
		return []location{at}, err
	}
	h, err := a.host(ctx, o.host)
	if err != nil {
		return nil, err
	}
	if !h.IsNative() {
		at, err := a.laidOut(ctx, filepath.Join(hostPrefixes, h.Platform()), o.host)
		return []location{at}, err
	}
	return []location{{path: h.Prefix(), layout: installer.PrefixLayout, scheme: h.Scheme()}}, nil
}

// laidOut describes the prefix at path, which has the layout of a host. The
// folders say which, unless a Python version is asked for.
func (a *app) laidOut(ctx context.Context, path string, o hostOptions) (location, error) {
	at := location{path: path, layout: installer.PrefixLayout}
	if o.pythonVersion == "" {
		switch found := libraries(path); len(found) {
		case 0:
		case 1:
			at.scheme, at.python = found[0].scheme, found[0].python
			return at, nil
		default:
			versions := make([]string, len(found))
			for i, f := range found {
				versions[i] = f.python
			}
			return location{}, &commandError{
				msg:   fmt.Sprintf("%s has packages of several Pythons: %s", path, strings.Join(versions, ", ")),
				hints: []string{"Choose one with --python-version."},
			}
		}
	}
	h, err := a.host(ctx, o)
	if err != nil {
		return location{}, err
	}
	at.scheme = h.Scheme()
	return at, nil
}

// libraryFolder matches the folder of a posix_prefix scheme that holds the
// packages, relative to the prefix.
var libraryFolder = regexp.MustCompile(`^lib(?:64)?/((?:python|pypy)(\d+\.\d+t?))/site-packages$`)

// libraries returns what schemes the folders of a prefix show.
func libraries(prefix string) []location {
	var out []location
	for _, pattern := range []string{"python*", "pypy*"} {
		found, err := filepath.Glob(filepath.Join(escapeGlob(prefix), "lib", pattern, "site-packages"))
		if err != nil {
			continue
		}
		for _, dir := range found {
			rel, err := filepath.Rel(prefix, dir)
			if err != nil {
				continue
			}
			if at, ok := schemeOf(prefix, filepath.ToSlash(rel)); ok {
				out = append(out, at)
			}
		}
	}
	if len(out) > 0 {
		return out
	}
	if at, ok := schemeOf(prefix, "Lib/site-packages"); ok && isFolder(filepath.Join(prefix, "Lib", "site-packages")) {
		out = append(out, at)
	}
	return out
}

// schemeOf returns the scheme in which a folder, relative to the prefix and
// with slashes, is the one that holds the packages.
func schemeOf(prefix, library string) (location, bool) {
	at := location{path: prefix, layout: installer.PrefixLayout}
	if library == "Lib/site-packages" {
		at.scheme = host.Scheme{
			Purelib: library, Platlib: library, Scripts: "Scripts", Headers: "Include",
			ScriptKind: host.ScriptsWindows, CaseFolds: true, Windows: true,
		}
		return at, true
	}
	m := libraryFolder.FindStringSubmatch(library)
	if m == nil {
		return location{}, false
	}
	at.python = m[2]
	at.scheme = host.Scheme{
		Purelib: "lib/" + m[1] + "/site-packages", Platlib: "lib/" + m[1] + "/site-packages",
		Scripts: "bin", Headers: "include/" + m[1], ScriptKind: host.ScriptsPOSIX,
	}
	if lib64 := "lib64/" + m[1] + "/site-packages"; isFolder(filepath.Join(prefix, filepath.FromSlash(lib64))) {
		at.scheme.Platlib = lib64
	}
	return at, true
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// escapeGlob makes filepath.Glob take a path literally.
func escapeGlob(path string) string {
	if runtime.GOOS == "windows" {
		return path // has no escape character, and these are not allowed in names
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// widen takes a flat folder that is the site-packages of an environment for
// what it is, so that the programs which its packages recorded are within.
func (at location) widen() location {
	if at.layout != installer.TargetLayout {
		return at
	}
	abs, err := filepath.Abs(at.path)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return at
	}
	for up, library := abs, ""; library == "" || strings.Count(library, "/") < 3; {
		library = strings.TrimSuffix(filepath.Base(up)+"/"+library, "/")
		up = filepath.Dir(up)
		if wide, ok := schemeOf(up, library); ok {
			return wide
		}
	}
	return at
}

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
	seen := map[string]bool{}
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
		found, err := prefix.Installed()
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			one := installed{Distribution: d, prefix: prefix}
			if seen[d.Key] {
				env.doubles = append(env.doubles, one)
				continue
			}
			seen[d.Key] = true
			env.dists = append(env.dists, one)
		}
	}
	slices.SortStableFunc(env.dists, func(a, b installed) int { return strings.Compare(a.Key, b.Key) })
	return env, nil
}

// host is the host that the prefix is for: the one of the options, with the
// Python that the prefix is laid out for.
func (e *environment) host(ctx context.Context) (*host.Host, error) {
	if e.described != nil {
		return e.described, nil
	}
	o := e.options
	if o.pythonVersion == "" && e.python != "" {
		o.pythonVersion = e.python
		if !e.options.given() {
			native, err := e.app.buildPython(ctx)
			if err != nil {
				return nil, err
			}
			if native.Python().Short() == strings.TrimSuffix(e.python, "t") && native.FreeThreaded() == strings.HasSuffix(e.python, "t") {
				o.pythonVersion = ""
			}
		}
	}
	var err error
	e.described, err = e.app.host(ctx, o)
	return e.described, err
}

// find returns the distribution of a project, nil if there is none.
func (e *environment) find(project string) *installed {
	key := requirements.NormalizeName(project)
	for i := range e.dists {
		if e.dists[i].Key == key {
			return &e.dists[i]
		}
	}
	return nil
}

// location is the absolute path of the folder that it is importable from.
func (d *installed) location() string {
	return filepath.Join(d.prefix.Path(), filepath.FromSlash(d.Location))
}

// infoPath is the absolute path of its .dist-info.
func (d *installed) infoPath() string {
	return filepath.Join(d.prefix.Path(), filepath.FromSlash(d.InfoDir))
}

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
	if d.Metadata == nil {
		return nil, nil
	}
	var out []requirements.Requirement
	for _, text := range d.Metadata.RequiresDist {
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
