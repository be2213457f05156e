package installer

import (
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
	nodes     map[string]*node // by path
	last      *node            // that a file was entered into
	protected map[string]bool
	conflicts []Conflict
	fatal     bool // some conflict can't be settled by overwriting
	notes     []Note
	found     []txn.Step
}

// A node is a folder.
type node struct {
	path    string // relative to the prefix; "." is the prefix
	parent  *node
	folders []*node
	files   []*placement // that come here, sorted by name once they are settled
	gone    []string     // names of files of leaving distributions that are recorded here, sorted
	comes   bool         // something comes here or below
	leaves  bool         // something leaves here or below
}

// name is the folder's own.
func (n *node) name() string { return n.path[strings.LastIndexByte(n.path, '/')+1:] }

// in is the path of something in the folder.
func (n *node) in(name string) string {
	if n.parent == nil {
		return name
	}
	return n.path + "/" + name
}

// file returns the file of that name that comes here, or nil.
func (n *node) file(name string) *placement {
	if i, ok := slices.BinarySearchFunc(n.files, name, byName); ok {
		return n.files[i]
	}
	return nil
}

func byName(f *placement, name string) int { return strings.Compare(f.name(), name) }

// goes reports whether a file of that name leaves.
func (n *node) goes(name string) bool {
	_, ok := slices.BinarySearch(n.gone, name)
	return ok
}

// sub returns the folder of that name in this one.
func (n *node) sub(name string) *node {
	return n.folders[slices.IndexFunc(n.folders, func(sub *node) bool { return sub.name() == name })]
}

// firstFile returns a file that comes to the folder or below it.
func (n *node) firstFile() *placement {
	for len(n.files) == 0 {
		n = n.folders[slices.IndexFunc(n.folders, func(sub *node) bool { return sub.comes })]
	}
	return n.files[0]
}

func newTree(p *Prefix, root *os.Root, overwrite bool, old *present) *tree {
	top := &node{path: "."}
	return &tree{
		prefix: p, root: root, overwrite: overwrite, old: old,
		top: top, nodes: map[string]*node{".": top}, last: top, protected: map[string]bool{},
	}
}

// folder returns the node at a path, which is made if there is none.
func (t *tree) folder(dir string) *node {
	n := t.nodes[dir]
	if n == nil {
		n = &node{path: dir, parent: t.folder(parentOf(dir))}
		n.parent.folders = append(n.parent.folders, n)
		t.nodes[dir] = n
	}
	return n
}

// parentOf is the folder of a path as it is written: path.Dir would clean it.
func parentOf(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return "."
}

// build enters what comes and what goes, settles what several wheels bring, and
// writes the RECORD of each.
func (t *tree) build(jobs []*job) error {
	t.leave()
	for _, j := range jobs {
		t.enter(j.files...)
	}
	for _, j := range jobs {
		j.record = &placement{dest: path.Join(j.infoDir(), "RECORD"), perm: plain, from: j}
		t.enter(j.record)
	}
	if err := t.settle(); err != nil {
		return err
	}
	return each(jobs, (*job).writeRecord)
}

// leave enters what goes.
func (t *tree) leave() {
	for _, gone := range t.old.gone {
		n := t.folder(parentOf(gone))
		n.gone = append(n.gone, path.Base(gone))
		for ; n != nil && !n.leaves; n = n.parent {
			n.leaves = true
		}
	}
	for _, n := range t.nodes {
		slices.Sort(n.gone)
	}
}

// enter puts files into their folders. Mostly many in a row go into one.
func (t *tree) enter(files ...*placement) {
	for _, f := range files {
		if dir := parentOf(f.dest); dir != t.last.path {
			t.last = t.folder(dir)
		}
		t.last.files = append(t.last.files, f)
		for n := t.last; n != nil && !n.comes; n = n.parent {
			n.comes = true
		}
	}
}

// settle decides which of the files that have one path gets it, and finds the
// files that are in the way of a folder.
func (t *tree) settle() error {
	t.settleFolder(t.top)
	return t.failure()
}

func (t *tree) settleFolder(n *node) {
	n.files = t.winners(n.files)
	for _, sub := range n.folders {
		if f := n.file(sub.name()); f != nil && sub.comes {
			t.conflict(Conflict{Path: f.dest, Wheel: f.from.wheel(), Owner: sub.firstFile().from.wheel(),
				Reason: "it is a folder there"}, false)
		}
		t.settleFolder(sub)
	}
}

// winners sorts the files of a folder by name and takes out those that don't get
// theirs: equal content is shared, and of other content the last one wins, if
// overwriting is allowed.
func (t *tree) winners(files []*placement) []*placement {
	ordered := func(a, b *placement) int { return strings.Compare(a.dest, b.dest) }
	if !slices.IsSortedFunc(files, ordered) {
		slices.SortStableFunc(files, ordered)
	}
	won := files[:0]
	for _, f := range files {
		last := len(won) - 1
		if last < 0 || won[last].dest != f.dest {
			won = append(won, f)
			continue
		}
		switch first := won[last]; {
		case first.isLike(f):
			first.perm |= f.perm
			f.kept = true
		case !t.overwrite:
			t.conflict(Conflict{Path: f.dest, Wheel: f.from.wheel(), Owner: first.from.wheel(), Reason: "the contents differ"}, true)
		default:
			t.notes = append(t.notes, Note{Wheel: f.from.wheel(), Path: f.dest, Text: "replaces the file of " + first.from.wheel()})
			first.lost = true
			won[last] = f
		}
	}
	return won
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
	if err := t.dir(t.top); err != nil {
		return err
	}
	return t.failure()
}

// change is what the plan has for one name in a folder.
type change struct {
	path   string
	file   *placement // comes
	goes   bool       // a file leaves
	folder *node      // what comes and goes below it, or nil
}

func (c *change) comes() bool  { return c.file != nil || c.folder != nil && c.folder.comes }
func (c *change) leaves() bool { return c.goes || c.folder != nil && c.folder.leaves }

// changes returns what the plan has for the names in a folder, sorted.
func (t *tree) changes(n *node) []change {
	names := slices.Clone(n.gone)
	for _, f := range n.files {
		names = append(names, f.name())
	}
	for _, sub := range n.folders {
		names = append(names, sub.name())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	all := make([]change, len(names))
	for i, name := range names {
		full := n.in(name)
		all[i] = change{path: full, file: n.file(name), goes: n.goes(name), folder: t.nodes[full]}
	}
	return all
}

func (t *tree) dir(n *node) error {
	onDisk, err := t.list(n.path)
	if err != nil {
		return err
	}
	for _, c := range t.changes(n) {
		e, exists := onDisk[path.Base(c.path)]
		switch {
		case !exists:
			if c.comes() {
				t.step(txn.In, c.path)
			}
		case e.IsDir():
			err = t.existingDir(c)
		default:
			err = t.existingFile(e, c)
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
func (t *tree) existingDir(c change) error {
	whole := false
	if c.leaves() && !t.protected[c.path] {
		var err error
		if whole, err = t.leavesWhole(c.path); err != nil {
			return err
		}
	}
	switch {
	case whole && c.comes():
		if c.file != nil || isInfo(c.path) {
			t.step(txn.Out, c.path)
			t.step(txn.In, c.path)
			return nil
		}
		t.step(txn.Swap, c.path)
	case whole:
		t.step(txn.Out, c.path)
	case c.file != nil:
		t.conflict(Conflict{Path: c.path, Wheel: c.file.from.wheel(), Owner: t.ownerBelow(c.path), Reason: "it is a folder there"}, false)
	case c.folder != nil:
		return t.dir(c.folder)
	}
	return nil
}

// existingFile decides about a path that is a file or a link on disk.
func (t *tree) existingFile(e fs.DirEntry, c change) error {
	switch {
	case c.goes && c.file != nil:
		t.step(txn.Replace, c.path)
	case c.goes && c.comes():
		t.step(txn.Out, c.path)
		t.step(txn.In, c.path)
	case c.goes:
		t.step(txn.Out, c.path)
	case c.file != nil:
		return t.claimed(c.path, c.file)
	case c.comes():
		what := "it is a file"
		if e.Type()&fs.ModeSymlink != 0 {
			what = "it is a link"
		}
		t.conflict(Conflict{Path: c.path, Wheel: c.folder.firstFile().from.wheel(), Owner: t.old.owned()[c.path], Reason: what + " where a folder is needed"}, false)
	default:
		t.notes = append(t.notes, Note{Path: c.path, Text: "not removed: the way to recorded files leads over a link or a file"})
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
func (t *tree) leavesWhole(p string) (bool, error) {
	dir, err := t.root.OpenRoot(p)
	if err != nil {
		return false, err
	}
	return t.allLeaves(dir, p)
}

// allLeaves is leavesWhole for an open folder, which it closes: that way none is
// looked up from the prefix on.
func (t *tree) allLeaves(dir *os.Root, p string) (bool, error) {
	defer dir.Close()
	entries, err := readDir(dir, ".")
	if err != nil {
		return false, err
	}
	n := t.nodes[p]
	for _, e := range entries {
		if !e.IsDir() {
			if n == nil || !n.goes(e.Name()) {
				return false, nil
			}
			continue
		}
		sub, err := dir.OpenRoot(e.Name())
		if err != nil {
			return false, err
		}
		if whole, err := t.allLeaves(sub, p+"/"+e.Name()); err != nil || !whole {
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
