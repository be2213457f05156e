package installer

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/xpip/xpip/installer/internal/txn"
)

// A tree is the prefix as the plan sees it: the paths that come and the paths
// that go. Walking it along with what is on disk yields the steps of the
// switch, as few and as large as possible: a package folder that is new, or
// that is replaced as a whole, is one rename.
type tree struct {
	prefix    *Prefix
	root      *os.Root // nil: nothing is on disk
	overwrite bool
	old       *present

	top       *node
	placed    []*placement // in the order of the wheels, without those that lost
	protected map[string]bool
	conflicts []Conflict
	fatal     bool // some conflict can't be settled by overwriting
	notes     []Note
	found     []txn.Step
}

type node struct {
	children map[string]*node
	file     *placement // comes here
	goes     bool       // a file of a leaving distribution is recorded here
	comes    bool       // something comes here or below
	leaves   bool       // something leaves here or below
}

func (n *node) child(name string) *node {
	c := n.children[name]
	if c == nil {
		c = &node{}
		if n.children == nil {
			n.children = map[string]*node{}
		}
		n.children[name] = c
	}
	return c
}

func newTree(p *Prefix, root *os.Root, overwrite bool, old *present) *tree {
	return &tree{prefix: p, root: root, overwrite: overwrite, old: old, top: &node{}, protected: map[string]bool{}}
}

// build enters what comes and what goes, settles what several wheels bring, and
// writes the RECORD of each.
func (t *tree) build(jobs []*job) error {
	t.leave()
	for _, j := range jobs {
		for _, f := range j.files {
			t.enter(f)
		}
	}
	for _, j := range jobs {
		if err := t.record(j); err != nil {
			return err
		}
	}
	return t.failure()
}

// leave enters what goes.
func (t *tree) leave() {
	for _, gone := range t.old.gone {
		n := t.top
		for part := range strings.SplitSeq(gone, "/") {
			n.leaves = true
			n = n.child(part)
		}
		n.leaves, n.goes = true, true
	}
}

// enter puts a file into the tree. Where another of the run is already, equal
// content is shared.
func (t *tree) enter(f *placement) {
	n := t.top
	walked := 0 // bytes of f.dest, the next slash included
	for part := range strings.SplitSeq(f.dest, "/") {
		if n.file != nil {
			t.conflict(Conflict{Path: f.dest, Wheel: f.from.wheel(), Owner: n.file.from.wheel(),
				Reason: fmt.Sprintf("%q is a file there", f.dest[:walked-1])}, false)
			return
		}
		n.comes = true
		n = n.child(part)
		walked += len(part) + 1
	}
	first := n.file
	switch {
	case first == nil && n.comes:
		t.conflict(Conflict{Path: f.dest, Wheel: f.from.wheel(), Owner: "other files of the run",
			Reason: "it is a folder there"}, false)
		return
	case first == nil:
	case first.digest == f.digest && first.size == f.size:
		first.perm |= f.perm
		f.kept = true
		return
	case !t.overwrite:
		t.conflict(Conflict{Path: f.dest, Wheel: f.from.wheel(), Owner: first.from.wheel(), Reason: "the contents differ"}, true)
		return
	default:
		t.notes = append(t.notes, Note{Wheel: f.from.wheel(), Path: f.dest, Text: "replaces the file of " + first.from.wheel()})
		first.kept = true
		first.from.drop(first)
	}
	n.file, n.comes = f, true
	t.placed = append(t.placed, f)
}

// drop takes a file from the wheel that lost it to another, so that its RECORD
// says nothing wrong.
func (j *job) drop(f *placement) {
	j.files = slices.DeleteFunc(j.files, func(g *placement) bool { return g == f })
}

// record adds the RECORD of a wheel whose files are settled.
func (t *tree) record(j *job) error {
	name := path.Join(j.infoDir(), "RECORD")
	data, err := formatRecord(j.lib, name, j.files)
	if err != nil {
		return err
	}
	t.enter(&placement{dest: name, size: int64(len(data)), perm: plain, from: j, data: data})
	return nil
}

func (t *tree) conflict(c Conflict, overwritable bool) {
	t.conflicts = append(t.conflicts, c)
	t.fatal = t.fatal || !overwritable
}

func (t *tree) failure() error {
	if len(t.conflicts) == 0 {
		return nil
	}
	slices.SortStableFunc(t.conflicts, func(a, b Conflict) int { return strings.Compare(a.Path, b.Path) })
	return &ConflictError{Prefix: t.prefix.path, Conflicts: t.conflicts, Overwritable: !t.fatal}
}

// protect keeps the folders of the layout from being replaced or removed as a
// whole, however empty they get: they are the environment's.
func (t *tree) protect(at places) {
	for _, dir := range []string{at.purelib, at.platlib} {
		for ; dir != "."; dir = path.Dir(dir) {
			t.protected[dir] = true
		}
	}
}

// walk compares the tree with the disk.
func (t *tree) walk() error {
	if err := t.dir(".", t.top); err != nil {
		return err
	}
	return t.failure()
}

func (t *tree) dir(p string, n *node) error {
	onDisk, err := t.list(p)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(n.children)) {
		c, full := n.children[name], path.Join(p, name)
		e, exists := onDisk[name]
		switch {
		case !exists:
			if c.comes {
				t.step(txn.In, full)
			}
		case e.IsDir():
			err = t.existingDir(full, c)
		default:
			err = t.existingFile(full, e, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list returns the entries of a folder by name.
func (t *tree) list(p string) (map[string]fs.DirEntry, error) {
	if t.root == nil {
		return nil, nil
	}
	entries, err := readDir(t.root, p)
	if err != nil {
		return nil, fmt.Errorf("looking at %q: %w", path.Join(t.prefix.path, p), err)
	}
	byName := make(map[string]fs.DirEntry, len(entries))
	for _, e := range entries {
		byName[e.Name()] = e
	}
	return byName, nil
}

// existingDir decides about a path that is a folder on disk.
func (t *tree) existingDir(p string, c *node) error {
	whole := false
	if c.leaves && !t.protected[p] {
		var err error
		if whole, err = t.leavesWhole(p, c); err != nil {
			return err
		}
	}
	switch {
	case whole && c.comes:
		if c.file != nil || isInfo(p) {
			t.step(txn.Out, p)
			t.step(txn.In, p)
			return nil
		}
		t.step(txn.Swap, p)
	case whole:
		t.step(txn.Out, p)
	case c.file != nil:
		t.conflict(Conflict{Path: p, Wheel: c.file.from.wheel(), Owner: t.ownerBelow(p), Reason: "it is a folder there"}, false)
	default:
		return t.dir(p, c)
	}
	return nil
}

// existingFile decides about a path that is a file or a link on disk.
func (t *tree) existingFile(p string, e fs.DirEntry, c *node) error {
	switch {
	case c.goes && c.file != nil:
		t.step(txn.Replace, p)
	case c.goes && c.comes:
		t.step(txn.Out, p)
		t.step(txn.In, p)
	case c.goes:
		t.step(txn.Out, p)
	case c.file != nil:
		return t.claimed(p, c.file)
	case c.comes:
		what := "it is a file"
		if e.Type()&fs.ModeSymlink != 0 {
			what = "it is a link"
		}
		t.conflict(Conflict{Path: p, Wheel: t.firstBelow(c).from.wheel(), Owner: t.old.owned()[p], Reason: what + " where a folder is needed"}, false)
	default:
		t.notes = append(t.notes, Note{Path: p, Text: "not removed: the way to recorded files leads over a link or a file"})
	}
	return nil
}

// claimed decides about a file that comes to where another, which stays, is.
func (t *tree) claimed(p string, f *placement) error {
	same, err := f.standsAt(t.root, p)
	if err != nil {
		return err
	}
	owner := t.old.owned()[p]
	switch {
	case same:
		f.kept = true
	case !t.overwrite:
		t.conflict(Conflict{Path: p, Wheel: f.from.wheel(), Owner: owner, Reason: "the contents differ"}, true)
	default:
		text := "replaces a file that belongs to no installed project"
		if owner != "" {
			text = "replaces the file of " + owner
		}
		t.notes = append(t.notes, Note{Wheel: f.from.wheel(), Path: p, Text: text})
		t.step(txn.Replace, p)
	}
	return nil
}

// leavesWhole reports whether nothing in a folder on disk stays.
func (t *tree) leavesWhole(p string, c *node) (bool, error) {
	entries, err := readDir(t.root, p)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		child := c.children[e.Name()]
		if !e.IsDir() {
			if child == nil || !child.goes {
				return false, nil
			}
			continue
		}
		if child == nil {
			child = &node{}
		}
		if whole, err := t.leavesWhole(path.Join(p, e.Name()), child); err != nil || !whole {
			return false, err
		}
	}
	return true, nil
}

// ownerBelow names an installed distribution that has a file in a folder.
func (t *tree) ownerBelow(dir string) string {
	owners := t.old.owned()
	for _, f := range slices.Sorted(maps.Keys(owners)) {
		if strings.HasPrefix(f, dir+"/") {
			return owners[f]
		}
	}
	return ""
}

// firstBelow returns a file that comes to a node or below it.
func (t *tree) firstBelow(n *node) *placement {
	for n.file == nil {
		for _, name := range slices.Sorted(maps.Keys(n.children)) {
			if n.children[name].comes {
				n = n.children[name]
				break
			}
		}
	}
	return n.file
}
