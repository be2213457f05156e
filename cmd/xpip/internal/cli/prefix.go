package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
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
	r.note("user", refusedAnnotation, "it is about the Python that runs pip; name a prefix with --path, --target or --prefix")
	r.on(&o.local, "local", "l", "")
	r.note("local", ignoredAnnotation, "only what is in the environment itself is ever looked at")
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
	// foreign: its packages are seen and count, but are not for us to change.
	foreign bool
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
	named, err := a.destination(o.host)
	if err != nil {
		return nil, err
	}
	if named != nil {
		at, err := a.within(ctx, named, o.host)
		return append([]location{at}, foreignFolders(named, at.scheme)...), err
	}
	h, err := a.host(ctx, o.host)
	if err != nil {
		return nil, err
	}
	if !h.IsNative() || o.host.from != "" {
		at, err := a.laidOut(ctx, filepath.Join(hostPrefixes, h.Platform()), o.host)
		return []location{at}, err
	}
	return []location{{path: h.Prefix(), layout: installer.PrefixLayout, scheme: h.Scheme()}}, nil
}

// within describes the prefix of an environment whose files have been read.
func (a *app) within(ctx context.Context, f *host.Facts, o hostOptions) (location, error) {
	if f.Scheme == nil {
		return a.laidOut(ctx, f.Prefix, o)
	}
	at := location{path: f.Prefix, layout: installer.PrefixLayout, scheme: *f.Scheme}
	if v, err := host.ParsePythonVersion(f.Python); err == nil && v.Parts > 1 {
		if at.python = v.Short(); v.FreeThreaded {
			at.python += "t"
		}
	}
	return at, nil
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
	if at.layout != installer.TargetLayout || at.foreign {
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
