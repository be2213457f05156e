package installer

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// present is what a plan knows of the distributions in the prefix.
type present struct {
	leaving []Distribution
	staying []Distribution
	// gone are the files that leave with their distributions, and nobody else
	// has a claim to.
	gone  []string
	notes []Note

	prefix *Prefix
	root   *os.Root
	owners map[string]string // of the files of those who stay, read when needed
}

// leaving finds the distributions that go, for being removed or replaced, and
// their files.
func (p *Prefix) leaving(root *os.Root, items []Item, remove []Distribution, opts Options) (*present, error) {
	old := &present{prefix: p, root: root}
	if root == nil {
		return old, nil
	}
	all, err := p.installed(root)
	if err != nil {
		return nil, err
	}
	going := map[string]bool{}
	for _, d := range remove {
		going[d.InfoDir] = true
	}
	replaced := map[string]bool{}
	for _, item := range items {
		replaced[item.Wheel.Filename.Project] = true
	}
	for _, d := range all {
		if !going[d.InfoDir] && !replaced[d.Key] {
			old.staying = append(old.staying, d)
			continue
		}
		old.leaving = append(old.leaving, d)
	}
	return old, old.collect(func(d Distribution) bool { return opts.Overwrite && !going[d.InfoDir] }, opts.AllowManaged)
}

// collect lists the files that leave. abandon says of which distributions, if
// they have no list of their files, the metadata alone may go. managed gives
// leave to remove what a package manager of the system has installed.
func (o *present) collect(abandon func(Distribution) bool, managed bool) error {
	if len(o.leaving) == 0 {
		return nil
	}
	owners := o.owned()
	for _, d := range o.leaving {
		files, outside, err := o.prefix.files(o.root, d)
		if unlisted := (*NotRemovableError)(nil); errors.As(err, &unlisted) && abandon(d) {
			o.notes = append(o.notes, Note{Path: d.InfoDir, Text: "replaced without removing its files: " + unlisted.Reason})
		} else if err != nil {
			return err
		}
		if manager := d.Manager(); manager != "" && !managed {
			return &ManagedError{Name: d.Name, Version: d.Version, InfoDir: d.InfoDir, Manager: manager}
		}
		for _, row := range outside {
			o.notes = append(o.notes, Note{Path: row, Text: "not removed with " + d.Name + ": it is recorded outside of the prefix"})
		}
		for _, f := range files {
			if owner, shared := owners[f.Path]; shared {
				o.notes = append(o.notes, Note{Path: f.Path, Text: "not removed with " + d.Name + ": it belongs to " + owner + " too"})
				continue
			}
			o.gone = append(o.gone, f.Path)
		}
		o.gone = append(o.gone, infoFiles(o.root, d.InfoDir)...)
	}
	slices.Sort(o.gone)
	o.gone = slices.Compact(o.gone)
	o.gone = append(o.gone, o.bytecode()...)
	return nil
}

// owned returns who owns each file of the distributions that stay.
func (o *present) owned() map[string]string {
	if o.owners != nil {
		return o.owners
	}
	o.owners = map[string]string{}
	for _, d := range o.staying {
		// One whose files nobody knows claims none.
		files, _, err := o.prefix.files(o.root, d)
		if err != nil {
			continue
		}
		for _, f := range files {
			o.owners[f.Path] = d.Name + " " + d.Version
		}
	}
	return o.owners
}

// bytecode lists the compiled forms of the modules that leave, which Python
// wrote later and nobody recorded.
func (o *present) bytecode() []string {
	modules := map[string]bool{}
	caches := map[string]bool{}
	for _, f := range o.gone {
		if strings.HasSuffix(f, ".py") {
			modules[f] = true
			caches[path.Join(path.Dir(f), "__pycache__")] = true
		}
	}
	var found []string
	for cache := range caches {
		entries, err := readDir(o.root, cache)
		if err != nil {
			continue
		}
		for _, e := range entries {
			source, ok := sourceOf(e.Name())
			if ok && modules[path.Join(path.Dir(cache), source)] {
				found = append(found, path.Join(cache, e.Name()))
			}
		}
	}
	slices.Sort(found)
	return found
}

// sourceOf returns the module file of a file of __pycache__ (PEP 3147, PEP
// 488): "x.py" for "x.cpython-314.opt-1.pyc".
func sourceOf(name string) (string, bool) {
	stem, ok := strings.CutSuffix(name, ".pyc")
	if !ok {
		return "", false
	}
	if i := strings.LastIndexByte(stem, '.'); i > 0 && strings.HasPrefix(stem[i:], ".opt-") {
		stem = stem[:i]
	}
	i := strings.LastIndexByte(stem, '.')
	if i <= 0 {
		return "", false
	}
	return stem[:i] + ".py", true
}

// infoFiles lists the files of a .dist-info or .egg-info folder, recorded or
// not: one that stays behind would look like a broken distribution.
func infoFiles(root *os.Root, dir string) []string {
	entries, err := readDir(root, dir)
	if err != nil {
		return []string{dir} // a file itself
	}
	var files []string
	for _, e := range entries {
		if name := path.Join(dir, e.Name()); e.IsDir() {
			files = append(files, infoFiles(root, name)...)
		} else {
			files = append(files, name)
		}
	}
	return files
}

// readDir lists a folder, which is not reached through a link.
func readDir(root *os.Root, name string) ([]fs.DirEntry, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a folder")}
	}
	dir, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.ReadDir(-1)
}
