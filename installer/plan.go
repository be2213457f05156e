package installer

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer/internal/txn"
	"github.com/xpip/xpip/installer/scripts"
	"github.com/xpip/xpip/wheel"
)

// An Item is a wheel to install.
type Item struct {
	Wheel     *wheel.Unpacked
	Requested bool       // by the user: gets a REQUESTED file
	DirectURL *DirectURL // for one that did not come from an index
}

// A Host is what installing needs to know of where the packages will run;
// *host.Host is one.
type Host interface {
	CheckWheel(wheel.Filename, []wheel.Native) []*host.UnfitError
	Python() host.PythonVersion
	Implementation() string
	FreeThreaded() bool
}

// LinkMode says how files get from an unpacked wheel into the prefix.
type LinkMode = txn.LinkMode

// The link modes. A hard-linked file is the store's file under a second name:
// tools that change files in place (strip, patchelf) would change both, which
// is noticed at the next install from it. Who does that to a prefix chooses
// LinkClone or LinkCopy.
const (
	LinkAuto  = txn.LinkAuto  // copy-on-write clone, else hard link, else copy
	LinkClone = txn.LinkClone // clone, else copy
	LinkCopy  = txn.LinkCopy
)

// Options are the choices that a plan depends on. The zero value is usable.
type Options struct {
	// Host is where it will run. Nil: machine code is not judged, and scripts
	// look for python3.
	Host Host
	// Interpreter is the absolute path of the host's Python for #! lines.
	// Empty: scripts of a PrefixLayout find it in their own folder, those of a
	// TargetLayout on PATH.
	Interpreter string
	// Shebang is what stands behind #! in scripts instead of an interpreter
	// that is found; one line.
	Shebang string
	// Launchers make scripts for Windows .exe files; nil makes .cmd files.
	Launchers *scripts.Launchers
	// AllowNative turns the refusal of machine code that is not the host's
	// into a warning.
	AllowNative bool
	// Overwrite lets wheels replace files that are not their own: those that
	// nobody recorded, those of other distributions, and those of wheels
	// before them in the list.
	Overwrite bool
	// AllowManaged lets distributions of a system's package manager be
	// replaced and removed, see [Distribution.Manager].
	AllowManaged bool
	// NoScripts leaves out scripts, as hosts without a shell always do.
	NoScripts bool
	Link      LinkMode
	// NoSync saves the time that protection against a loss of power takes.
	// The death of the process does no harm in either case.
	NoSync bool
	// Workers bounds parallel file operations; 0 chooses.
	Workers int
	// Installer is what INSTALLER says; empty means xpip.
	Installer string
}

// A Note is something in a plan that a user may want to know.
type Note struct {
	Wheel string // file name, or "" for what concerns an installed distribution
	Path  string // in the wheel or the prefix, or ""
	Text  string
	// Warning tells that what is installed may not work because of it.
	Warning bool
}

// An Installation is one wheel in a plan.
type Installation struct {
	Item     Item
	InfoDir  string // relative to the prefix
	Files    int    // how many, RECORD included
	Replaces []Distribution
}

// A Plan is everything that Apply will do.
type Plan struct {
	Installs []Installation // in the order of the items
	Removes  []Distribution // those replaced, too
	Notes    []Note

	// Staged, if set, is called when all files lie ready and the switch begins:
	// what Apply does before is placing files, what comes after is one change.
	Staged func()

	prefix *Prefix
	lock   *txn.Lock // the lock under which the prefix was looked at
	items  []Item
	remove []Distribution
	opts   Options
	change txn.Change
	jobs   []*job
}

// Plan decides what installing the items and removing the given distributions
// means for the prefix, without changing it. Distributions of the items'
// projects that are installed will be replaced. Who will apply the plan had
// better hold the lock: without it, another process may be seen in the middle
// of its own change. Every destination is decided
// and every conflict found here: *ConflictError, *PathError, *NativeError,
// *NotRemovableError, *ManagedError, *DuplicateError, *LinkError, *StoreDamagedError.
func (p *Prefix) Plan(items []Item, remove []Distribution, opts Options) (*Plan, error) {
	plan := &Plan{prefix: p, lock: p.lock, items: items, remove: remove, opts: opts}
	root, err := os.OpenRoot(p.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("planning: %w", err)
	}
	if root != nil {
		defer root.Close()
	}
	at, err := p.resolvedPlaces(root, opts)
	if err != nil {
		return nil, err
	}
	if plan.jobs, err = plan.place(at); err != nil {
		return nil, err
	}
	old, err := p.leaving(root, items, remove, opts)
	if err != nil {
		return nil, err
	}
	plan.Removes = old.leaving
	tree := newTree(p, root, opts.Overwrite, old)
	if err := tree.build(plan.jobs); err != nil {
		return nil, err
	}
	if err := tree.check(at); err != nil {
		return nil, err
	}
	tree.protect(at)
	if err := tree.walk(); err != nil {
		return nil, err
	}
	plan.finish(tree, old)
	return plan, nil
}

// Empty reports whether there is nothing to do.
func (pl *Plan) Empty() bool { return len(pl.change.Steps) == 0 }

// resolvedPlaces returns the layout's folders with the links on the way to
// them followed.
func (p *Prefix) resolvedPlaces(root *os.Root, opts Options) (places, error) {
	python := ""
	if opts.Host != nil {
		python = opts.Host.Python().Short()
	}
	at := p.places(python)
	if root == nil {
		return at, nil
	}
	for _, dir := range []*string{&at.purelib, &at.platlib, &at.scripts, &at.data, &at.headers} {
		real, err := p.follow(root, *dir)
		if err != nil {
			return places{}, err
		}
		*dir = real
	}
	return at, nil
}

// place makes a job of every item.
func (pl *Plan) place(at places) ([]*job, error) {
	placer := pl.prefix.placer(at, pl.opts)
	jobs := make([]*job, 0, len(pl.items))
	seen := map[string]string{}
	for _, item := range pl.items {
		project := item.Wheel.Filename.Project
		if first, ok := seen[project]; ok {
			return nil, &DuplicateError{Project: project, Wheels: [2]string{first, item.Wheel.Filename.Raw}}
		}
		seen[project] = item.Wheel.Filename.Raw
		jobs = append(jobs, &job{item: item})
	}
	return jobs, each(jobs, func(j *job) error {
		if err := pl.judge(j); err != nil {
			return err
		}
		return placer.place(j)
	})
}

// each does something to all jobs, several at a time, and returns the error of
// the first one that has one.
func each(jobs []*job, do func(*job) error) error {
	failed := make([]error, len(jobs))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, j := range jobs {
		group.Go(func() error {
			failed[i] = do(j)
			return nil
		})
	}
	_ = group.Wait() // what failed is above, in order
	return cmp.Or(failed...)
}

// placer returns what decides the destinations of a wheel's files.
func (p *Prefix) placer(at places, opts Options) *placer {
	placer := &placer{at: at, interp: p.interpreter(at, opts), tool: opts.Installer}
	switch {
	case opts.NoScripts:
		placer.skip = "no scripts are wanted"
	case p.scheme.ScriptKind == host.ScriptsNone:
		placer.skip = "the host starts no scripts"
	}
	if placer.tool == "" {
		placer.tool = "xpip"
	}
	if opts.Host != nil {
		placer.python = opts.Host.Python().Short()
	}
	return placer
}

// interpreter says how scripts will find the host's Python.
func (p *Prefix) interpreter(at places, opts Options) scripts.Interpreter {
	in := scripts.Interpreter{
		Path: opts.Interpreter, Shebang: opts.Shebang, Name: "python3",
		Windows: p.scheme.ScriptKind == host.ScriptsWindows, Launchers: opts.Launchers,
	}
	stem, version := "python", ""
	if opts.Host != nil {
		if opts.Host.Implementation() == "pp" {
			stem = "pypy"
		}
		version = opts.Host.Python().Short()
		in.Old = isBefore39(version)
		if opts.Host.FreeThreaded() {
			version += "t"
		}
	}
	switch {
	case in.Windows:
		in.Name = stem
		if p.layout == PrefixLayout {
			in.Folder = p.windowsPython(at, stem)
		}
	case p.layout == PrefixLayout:
		in.Folder, in.Name = ".", p.interpreterName(at, stem, version)
	default:
		// The folder may be used with any Python of the kind: an environment
		// that has a python3.14 has a python3.
		in.Name = stem + "3"
	}
	return in
}

// interpreterName is what the host's Python is called in the folder of the
// scripts: by its version, which in a virtual environment may be a name that is
// not there.
func (p *Prefix) interpreterName(at places, stem, version string) string {
	names := []string{stem + version, stem + "3", stem}
	if version == "" {
		names = names[1:]
	}
	if _, err := os.Lstat(filepath.Join(p.path, "pyvenv.cfg")); err != nil {
		return names[0] // another name may be another Python's
	}
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(p.path, filepath.FromSlash(at.scripts), name)); err == nil {
			return name
		}
	}
	return names[0]
}

// windowsPython returns the folder of the interpreter relative to the scripts:
// their own in a virtual environment, the one above in an installation.
func (p *Prefix) windowsPython(at places, stem string) string {
	if _, err := os.Lstat(p.path + "/" + at.scripts + "/" + stem + ".exe"); err == nil {
		return "."
	}
	return strings.Repeat("../", strings.Count(at.scripts, "/")) + ".."
}

func isBefore39(version string) bool {
	minor, ok := strings.CutPrefix(version, "3.")
	return !ok || len(minor) == 1 && minor < "9"
}

// finish takes the tree's results over into the plan.
func (pl *Plan) finish(tree *tree, old *present) {
	pl.change = txn.Change{
		Content: tree.top.content(), Steps: tree.steps(),
		Link: pl.opts.Link, NoSync: pl.opts.NoSync, Workers: pl.opts.Workers,
	}
	for _, d := range pl.Removes {
		pl.change.Summary = append(pl.change.Summary, "remove "+d.Name+" "+d.Version)
	}
	for _, j := range pl.jobs {
		name := j.item.Wheel.Metadata.Name
		pl.change.Summary = append(pl.change.Summary, "install "+name+" "+j.item.Wheel.Metadata.Version)
		pl.Notes = append(pl.Notes, j.notes...)
		pl.Installs = append(pl.Installs, Installation{
			Item: j.item, InfoDir: j.infoDir(), Files: len(j.files) + 1,
			Replaces: slices.DeleteFunc(slices.Clone(pl.Removes), func(d Distribution) bool {
				return d.Key != j.item.Wheel.Filename.Project
			}),
		})
	}
	pl.Notes = append(pl.Notes, old.notes...)
	pl.Notes = append(pl.Notes, tree.notes...)
}
