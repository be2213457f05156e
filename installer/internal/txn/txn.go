package txn

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strconv"

	"golang.org/x/sync/errgroup"
)

// A Folder is a directory with new content.
type Folder struct {
	Path    string // where it will be, relative to the root; "." is the root itself
	Files   []File
	Folders []*Folder
}

// A File is one file of the new content.
type File struct {
	Name string
	// Data is the content, unless Source says where a file of that name is to be
	// taken from.
	Data   []byte
	Source Source
	Perm   fs.FileMode
}

// A Change is a transaction that has been planned in full.
type Change struct {
	Content *Folder // of the root
	Steps   []Step
	Summary []string
	Link    LinkMode
	// NoSync leaves out what protects against a loss of power (not against the
	// death of the process).
	NoSync bool
	// Workers bounds the parallel file operations; 0 is a sensible number.
	Workers int
	// Staged, if set, is called when all files have been made, before anything
	// is forced to the disk.
	Staged func()
}

func (c *Change) durability(fsys FS) FS {
	if c.NoSync {
		return unsynced{fsys}
	}
	return fsys
}

// Run carries the change out. When it returns an error the tree is as it was,
// except for an *UnfinishedError. Cancelling ctx ends it before the commit
// point and is ignored after.
func Run(ctx context.Context, fsys FS, change *Change) error {
	if len(change.Steps) == 0 {
		return nil
	}
	fsys = change.durability(fsys)
	if _, err := Recover(fsys); err != nil {
		return err
	}
	err := stage(ctx, fsys, WorkName, path.Join(WorkName, stageName), change)
	var journal []byte
	if err == nil {
		journal, err = identified(fsys, change).Encode()
	}
	if err == nil && len(journal) > maxJournal {
		err = fmt.Errorf("writing the journal: %d bytes are more than %d", len(journal), maxJournal)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = commit(fsys, journal)
	}
	if err != nil {
		return unfinished(err, abandon(fsys))
	}
	if err := forward(fsys, change.Steps); err != nil {
		return undo(fsys, change.Steps, err)
	}
	return finish(fsys, change.Steps)
}

// RunFresh makes directory name, which must be absent or empty, with the
// change's files as its content, by one rename: nobody ever sees a part of it.
// The paths are relative to name; steps are not needed.
func RunFresh(ctx context.Context, fsys FS, name string, change *Change) error {
	fsys = change.durability(fsys)
	work := FreshWorkName(name)
	if err := fsys.RemoveAll(work); err != nil {
		return err
	}
	err := stage(ctx, fsys, "", work, change)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = replaceEmpty(fsys, work, name)
	}
	if err != nil {
		return unfinished(err, fsys.RemoveAll(work))
	}
	if err := fsys.SyncDir("."); err != nil {
		return &UnfinishedError{Err: err}
	}
	return nil
}

// FreshWorkName is the directory in which RunFresh prepares name, beside it.
func FreshWorkName(name string) string { return "." + name + WorkName }

// replaceEmpty renames work to name, over an empty directory. Where the system
// can't do that, the directory is removed first.
func replaceEmpty(fsys FS, work, name string) error {
	if runtime.GOOS == "windows" {
		if err := fsys.Remove(name); err != nil {
			return err
		}
	}
	return fsys.Replace(work, name)
}

// stage writes the change's files below dir. work, when given, is made first
// and hides the stage from other users.
func stage(ctx context.Context, fsys FS, work, dir string, change *Change) error {
	if work != "" {
		if err := fsys.Mkdir(work, 0o700); err != nil {
			return err
		}
		if err := fsys.Mkdir(path.Join(work, trashName), 0o700); err != nil {
			return err
		}
	}
	if err := fsys.Mkdir(dir, 0o777); err != nil {
		return err
	}
	top, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers(change.Workers))
	s := &stager{ctx: ctx, group: group, how: change.Link}
	group.Go(func() error { return s.fill(top, change.Content) })
	if err := group.Wait(); err != nil {
		return err
	}
	if change.Staged != nil {
		change.Staged()
	}
	return fsys.SyncAll(dir)
}

func workers(n int) int {
	if n > 0 {
		return n
	}
	// Most of the work is waiting for the file system's locks: a few more
	// than there are processors keep them busy, many more get in each
	// other's way.
	return min(max(4, 2*runtime.GOMAXPROCS(0)), 16)
}

// stager fills directories, several at a time. Files of one directory are made
// one after the other: the system lets nobody make two at once.
type stager struct {
	ctx   context.Context // of the one stage that it lives for
	group *errgroup.Group
	how   LinkMode
}

// fill makes all that is in a directory, and closes it.
func (s *stager) fill(dir Dir, f *Folder) (err error) {
	defer func() { err = errors.Join(err, dir.Close()) }()
	for _, sub := range f.Folders {
		child, err := dir.Mkdir(path.Base(sub.Path), 0o777)
		if err != nil {
			return err
		}
		if s.group.TryGo(func() error { return s.fill(child, sub) }) {
			continue
		}
		if err := s.fill(child, sub); err != nil {
			return err
		}
	}
	for i := range f.Files {
		file := &f.Files[i]
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if file.Source.Dir != "" {
			err = dir.Place(file.Name, file.Source, file.Perm, s.how)
		} else {
			err = dir.Write(file.Name, file.Data, file.Perm)
		}
		if err != nil {
			return fmt.Errorf("writing %q: %w", path.Join(f.Path, file.Name), err)
		}
	}
	return nil
}

// identified returns the journal of the change, with the identities of the
// staged directories that it swaps in.
func identified(fsys FS, change *Change) *Journal {
	for i, s := range change.Steps {
		if s.Kind == Swap {
			change.Steps[i].Identity = fsys.Identity(staged(s.Path))
		}
	}
	return &Journal{Summary: change.Summary, Steps: change.Steps}
}

// commit makes the journal appear, whole and durable.
func commit(fsys FS, journal []byte) error {
	draft := path.Join(WorkName, journalName+".new")
	if err := fsys.WriteFile(draft, journal); err != nil {
		return err
	}
	if err := fsys.SyncFile(draft); err != nil {
		return err
	}
	if err := fsys.Rename(draft, path.Join(WorkName, journalName)); err != nil {
		return err
	}
	return fsys.SyncDir(WorkName)
}

// abandon removes a work directory whose switch has not begun or was undone.
// The journal goes first: without one the rest is only litter, whereas a
// journal with a part of its stage would lead the next run astray.
func abandon(fsys FS) error {
	err := fsys.Remove(path.Join(WorkName, journalName))
	if err == nil {
		err = fsys.SyncDir(WorkName)
	}
	if err = ignoreMissing(err); err == nil {
		err = fsys.RemoveAll(WorkName)
	}
	if err != nil {
		return &UnfinishedError{Err: err}
	}
	return nil
}

// finish makes the switch durable before the journal goes, and the journal go
// before the old content does: the order that Recover relies on.
func finish(fsys FS, steps []Step) error {
	err := syncParents(fsys, steps)
	if err == nil {
		err = fsys.Rename(path.Join(WorkName, journalName), path.Join(WorkName, doneName))
	}
	if err == nil {
		err = fsys.SyncDir(WorkName)
	}
	if err == nil {
		err = clean(fsys)
	}
	if err != nil {
		return &UnfinishedError{Err: err}
	}
	return nil
}

// clean removes the work directory of a switch that is complete, last of all
// what says so.
func clean(fsys FS) error {
	for _, name := range []string{stageName, trashName, doneName} {
		if err := fsys.RemoveAll(path.Join(WorkName, name)); err != nil {
			return err
		}
	}
	return fsys.RemoveAll(WorkName)
}

func syncParents(fsys FS, steps []Step) error {
	seen := map[string]bool{}
	for _, s := range steps {
		parent := path.Dir(s.Path)
		if seen[parent] {
			continue
		}
		seen[parent] = true
		// A parent that went to the trash as a whole needs no sync.
		if err := fsys.SyncDir(parent); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func staged(p string) string { return path.Join(WorkName, stageName, p) }
func trashed(n int) string   { return path.Join(WorkName, trashName, strconv.Itoa(n)) }

// An UnfinishedError says that the tree was left between its old and its new
// state, or with a work directory in it, and that Recover will finish; or that
// it is the new one, but not known to be safe from a loss of power.
type UnfinishedError struct {
	Err error
}

// unfinished is cause, or, where cleaning up after it failed too, an
// *UnfinishedError with both.
func unfinished(cause, cleaning error) error {
	if cleaning == nil {
		return cause
	}
	if nested := (*UnfinishedError)(nil); errors.As(cleaning, &nested) {
		cleaning = nested.Err
	}
	return &UnfinishedError{Err: errors.Join(cause, cleaning)}
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("the change was interrupted and will be finished by the next run: %v", e.Err)
}

func (e *UnfinishedError) Unwrap() error { return e.Err }
