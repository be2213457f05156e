package txn

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Lock is held on a directory by one process at a time. It ends with the
// process, however that dies, and leaves nothing in the directory.
type Lock struct {
	handle handle
	// created are the directories that Acquire made, deepest first.
	created []string
	// Unsupported says why the file system has no locks; nil when it has.
	// Without one nothing keeps two processes apart.
	Unsupported error
}

// errHeld is what tryLock returns while another process has the lock.
var errHeld = errors.New("the lock is held by another process")

const (
	firstWait = 5 * time.Millisecond
	maxWait   = 200 * time.Millisecond
)

// Acquire locks directory dir, making it when it is missing. While another
// process has it, Acquire calls waiting (once, unless nil) and tries again
// until ctx ends.
func Acquire(ctx context.Context, dir string, waiting func()) (*Lock, error) {
	lock := &Lock{}
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		if err := lock.makeDir(dir); err != nil {
			lock.removeCreated()
			return nil, err
		}
		handle, err := tryLock(dir)
		if err == nil {
			lock.handle = handle
			return lock, nil
		}
		if errors.Is(err, errors.ErrUnsupported) {
			lock.Unsupported = err
			return lock, nil
		}
		if !errors.Is(err, errHeld) {
			lock.removeCreated()
			return nil, fmt.Errorf("locking %q: %w", dir, err)
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			lock.removeCreated()
			return nil, fmt.Errorf("waiting for another process to finish with %q: %w", dir, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// makeDir makes dir and its parents, remembering which of them are new.
func (l *Lock) makeDir(dir string) error {
	err := l.mkdir(dir)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
		if err := l.makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		// Once more, and only once: some file systems (proc) say of a folder
		// in a folder that is there that it does not exist.
		err = l.mkdir(dir)
	}
	return err
}

// mkdir makes one folder; that it is there already is no error.
func (l *Lock) mkdir(dir string) error {
	err := os.Mkdir(dir, 0o777)
	switch {
	case err == nil:
		l.created = append([]string{dir}, l.created...)
		return nil
	case errors.Is(err, fs.ErrExist):
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			err = fmt.Errorf("%q is not a directory", dir)
		}
		return err
	}
	return err
}

// Created reports whether Acquire made the directory itself.
func (l *Lock) Created(dir string) bool { return len(l.created) > 0 && l.created[0] == dir }

// Release ends the lock. Directories that Acquire made and nobody filled go.
func (l *Lock) Release() error {
	l.removeCreated()
	if l.handle == nil {
		return nil
	}
	err := l.handle.Close()
	l.handle = nil
	return err
}

// removeCreated removes the directories that Acquire made, as far as they are
// empty.
func (l *Lock) removeCreated() {
	for _, dir := range l.created {
		// Not empty is the good case; in any other, an empty directory that
		// stays harms nobody.
		if os.Remove(dir) != nil {
			break
		}
	}
	l.created = nil
}

// handle is what holds the lock for as long as it is open.
type handle interface{ Close() error }
