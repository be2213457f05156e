package installer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xpip/xpip/installer/internal/txn"
)

// ErrUnfinished is in the chain of an error after which the prefix is neither
// the old one nor the new one, or still has the work folder of the change in
// it: the next Lock finishes or takes back what is left. (Or all is done, but
// the disk refused to promise that it will survive a loss of power.)
var ErrUnfinished = errors.New("the prefix was left in the middle of a change, which the next run will finish")

// maxName leaves room for the work folder's name beside the prefix.
const maxName = 240

// Apply carries the plan out. The prefix is then the new one, or, if an error
// is returned, the old one (see ErrUnfinished for the exception). Cancelling
// ctx ends it as long as the prefix is untouched, and is ignored from then on.
//
// Without a lock, Apply takes it and plans anew, since others may have changed
// the prefix meanwhile. A prefix that did not exist is made beside its place
// and appears by one rename; the lock ends with that.
func (pl *Plan) Apply(ctx context.Context) error {
	p := pl.prefix
	if p.lock == nil {
		if _, err := p.Lock(ctx, nil); err != nil {
			return err
		}
		err := pl.applyLocked(ctx)
		return errors.Join(err, p.Close())
	}
	return pl.applyLocked(ctx)
}

func (pl *Plan) applyLocked(ctx context.Context) error {
	p := pl.prefix
	if pl.lock != p.lock {
		again, err := p.Plan(pl.items, pl.remove, pl.opts)
		if err != nil {
			return err
		}
		again.Staged = pl.Staged
		*pl = *again
	}
	if pl.Empty() {
		return nil
	}
	pl.change.Staged = pl.Staged
	root, err := os.OpenRoot(p.path)
	if err != nil {
		return err
	}
	defer root.Close()
	if p.isFresh(root) {
		return pl.applyFresh(ctx)
	}
	return pl.explain(txn.Run(ctx, p.system(root), &pl.change))
}

// isFresh reports whether the folder is one that was made for the lock and that
// nobody has put anything into since: another process may have had the lock
// between its making and its locking. A folder that was there before is kept,
// even an empty one, since somebody may stand in it.
func (p *Prefix) isFresh(root *os.Root) bool {
	if !p.lock.Created(p.path) || len(filepath.Base(p.path)) > maxName {
		return false
	}
	entries, err := readDir(root, ".")
	return err == nil && len(entries) == 0
}

// applyFresh makes a prefix that did not exist before it was locked.
func (pl *Plan) applyFresh(ctx context.Context) error {
	p := pl.prefix
	parent, err := os.OpenRoot(filepath.Dir(p.path))
	if err != nil {
		return err
	}
	defer parent.Close()
	if err := txn.RunFresh(ctx, p.system(parent), filepath.Base(p.path), &pl.change); err != nil {
		return pl.explain(err)
	}
	// The lock was on the folder that was replaced.
	return p.Close()
}

// explain puts a transaction's error into the words of the installer.
func (pl *Plan) explain(err error) error {
	if err == nil {
		return nil
	}
	if changed := (*txn.ChangedError)(nil); errors.As(err, &changed) {
		for _, j := range pl.jobs {
			rel, relErr := filepath.Rel(j.item.Wheel.Dir, changed.Path)
			if relErr == nil && filepath.IsLocal(rel) {
				return &StoreDamagedError{Wheel: j.wheel(), Dir: j.item.Wheel.Dir, Path: filepath.ToSlash(rel), Reason: changed.Reason}
			}
		}
	}
	if unfinished := (*txn.UnfinishedError)(nil); errors.As(err, &unfinished) {
		return fmt.Errorf("changing %q: %w: %w", pl.prefix.path, ErrUnfinished, unfinished.Err)
	}
	return fmt.Errorf("changing %q: %w", pl.prefix.path, err)
}
