package txn

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// forward takes every step that has not been taken yet.
func forward(fsys FS, steps []Step) error {
	for _, s := range steps {
		if err := s.forward(fsys); err != nil {
			return fmt.Errorf("switching %q: %w", s.Path, err)
		}
	}
	return nil
}

func (s Step) forward(fsys FS) error {
	switch s.Kind {
	case In:
		return moveIn(fsys, s.Path)
	case Out:
		return moveOut(fsys, s)
	case Replace:
		return s.replace(fsys)
	default:
		return s.swap(fsys)
	}
}

// moveIn brings the staged content to its place, unless that has happened.
func moveIn(fsys FS, p string) error {
	if !exists(fsys, staged(p)) {
		return nil
	}
	return fsys.Rename(staged(p), p)
}

// moveOut brings old content to the trash, unless that has happened.
func moveOut(fsys FS, s Step) error {
	if exists(fsys, trashed(s.Trash)) {
		return nil
	}
	return ignoreMissing(fsys.Rename(s.Path, trashed(s.Trash)))
}

// replace keeps the old file in the trash under a second name and renames the
// new one over it, so that the name is never without a file.
func (s Step) replace(fsys FS) error {
	if !exists(fsys, trashed(s.Trash)) {
		err := ignoreMissing(fsys.Link(s.Path, trashed(s.Trash)))
		if errors.Is(err, errors.ErrUnsupported) {
			err = moveOut(fsys, s)
		}
		if err != nil {
			return err
		}
	}
	if !exists(fsys, staged(s.Path)) {
		return nil
	}
	return fsys.Replace(staged(s.Path), s.Path)
}

// swap puts a directory in the place of another, by one exchange where the
// system has that.
func (s Step) swap(fsys FS) error {
	if exists(fsys, trashed(s.Trash)) {
		return moveIn(fsys, s.Path)
	}
	if !exists(fsys, staged(s.Path)) {
		return nil
	}
	if !s.arrived(fsys) {
		err := errors.ErrUnsupported
		if s.Identity != 0 {
			err = fsys.Exchange(staged(s.Path), s.Path)
		}
		if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrNotExist) {
			if err := moveOut(fsys, s); err != nil {
				return err
			}
			return moveIn(fsys, s.Path)
		}
		if err != nil {
			return err
		}
	}
	return fsys.Rename(staged(s.Path), trashed(s.Trash))
}

// arrived reports whether the new directory of a swap is in its place.
func (s Step) arrived(fsys FS) bool {
	return s.Identity != 0 && fsys.Identity(s.Path) == s.Identity
}

// undo takes back the steps that were taken before cause stopped the switch,
// and returns cause; or an *UnfinishedError when that fails too.
func undo(fsys FS, steps []Step, cause error) error {
	mark := path.Join(WorkName, undoName)
	err := fsys.WriteFile(mark, nil)
	if err == nil {
		err = fsys.SyncFile(mark)
	}
	if err == nil {
		err = fsys.SyncDir(WorkName)
	}
	if err == nil {
		err = retreat(fsys, steps)
	}
	return unfinished(cause, err)
}

// retreat takes back a switch that has its undo mark.
func retreat(fsys FS, steps []Step) error {
	if err := backward(fsys, steps); err != nil {
		return err
	}
	if err := syncParents(fsys, steps); err != nil {
		return err
	}
	return abandon(fsys)
}

// backward takes back every step that has been taken, last first.
func backward(fsys FS, steps []Step) error {
	for _, s := range slices.Backward(steps) {
		if err := s.backward(fsys); err != nil {
			return fmt.Errorf("switching %q back: %w", s.Path, err)
		}
	}
	return nil
}

func (s Step) backward(fsys FS) error {
	switch s.Kind {
	case In:
		return takeBack(fsys, s.Path)
	case Out:
		return putBack(fsys, s)
	case Replace:
		if !exists(fsys, trashed(s.Trash)) {
			return nil
		}
		return fsys.Replace(trashed(s.Trash), s.Path)
	default:
		if exists(fsys, trashed(s.Trash)) {
			if err := takeBack(fsys, s.Path); err != nil {
				return err
			}
			return putBack(fsys, s)
		}
		if s.arrived(fsys) {
			return fsys.Exchange(staged(s.Path), s.Path)
		}
		return nil
	}
}

// takeBack moves new content back to the stage.
func takeBack(fsys FS, p string) error {
	if exists(fsys, staged(p)) || !exists(fsys, p) {
		return nil
	}
	return fsys.Rename(p, staged(p))
}

// putBack moves old content back from the trash.
func putBack(fsys FS, s Step) error {
	if !exists(fsys, trashed(s.Trash)) {
		return nil
	}
	return fsys.Rename(trashed(s.Trash), s.Path)
}

func exists(fsys FS, name string) bool {
	_, err := fsys.Lstat(name)
	return err == nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
