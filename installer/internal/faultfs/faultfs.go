// Package faultfs stops, fails or counts the operations by which a transaction
// changes a tree. It is for tests.
package faultfs

import (
	"io/fs"
	"path"
	"sync"

	"github.com/xpip/xpip/installer/internal/txn"
)

// An Op is a point at which the tree is about to change, or, if Half is set,
// has changed in part: some of a file is written.
type Op struct {
	N    int    // counts from 1
	Kind string // the method of txn.FS or txn.Dir: "Rename", "Place", …
	Name string
	Half bool
}

// FS passes every operation on to another file system, after asking Before
// whether it may happen. Before is called by one goroutine at a time; it may
// return an error in place of the operation, or end the process.
type FS struct {
	txn.FS
	Before func(Op) error

	mu sync.Mutex
	n  int
}

// New returns a file system that asks before each operation.
func New(inner txn.FS, before func(Op) error) *FS { return &FS{FS: inner, Before: before} }

func (f *FS) ask(kind, name string, half bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	return f.Before(Op{N: f.n, Kind: kind, Name: name, Half: half})
}

func (f *FS) Mkdir(name string, perm fs.FileMode) error {
	if err := f.ask("Mkdir", name, false); err != nil {
		return err
	}
	return f.FS.Mkdir(name, perm)
}

func (f *FS) Rename(oldName, newName string) error {
	if err := f.ask("Rename", newName, false); err != nil {
		return err
	}
	return f.FS.Rename(oldName, newName)
}

func (f *FS) Replace(oldName, newName string) error {
	if err := f.ask("Replace", newName, false); err != nil {
		return err
	}
	return f.FS.Replace(oldName, newName)
}

func (f *FS) Exchange(a, b string) error {
	if err := f.ask("Exchange", b, false); err != nil {
		return err
	}
	return f.FS.Exchange(a, b)
}

func (f *FS) Link(oldName, newName string) error {
	if err := f.ask("Link", newName, false); err != nil {
		return err
	}
	return f.FS.Link(oldName, newName)
}

func (f *FS) Remove(name string) error {
	if err := f.ask("Remove", name, false); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// RemoveAll removes one file after the other, each an operation.
func (f *FS) RemoveAll(name string) error {
	info, err := f.Lstat(name)
	if err != nil {
		return nil // as os.RemoveAll
	}
	if info.IsDir() {
		entries, err := f.ReadDir(name)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := f.RemoveAll(path.Join(name, e.Name())); err != nil {
				return err
			}
		}
	}
	return f.Remove(name)
}

// WriteFile writes the file in two halves.
func (f *FS) WriteFile(name string, data []byte) error {
	if err := f.ask("WriteFile", name, false); err != nil {
		return err
	}
	if err := f.FS.WriteFile(name, data[:len(data)/2]); err != nil {
		return err
	}
	if err := f.ask("WriteFile", name, true); err != nil {
		return err
	}
	return f.FS.WriteFile(name, data)
}

// The sync operations are asked about but not passed on: tests end processes,
// not the power.

func (f *FS) SyncFile(name string) error { return f.ask("SyncFile", name, false) }
func (f *FS) SyncAll(name string) error  { return f.ask("SyncAll", name, false) }
func (f *FS) SyncDir(name string) error  { return f.ask("SyncDir", name, false) }

func (f *FS) OpenDir(name string) (txn.Dir, error) {
	d, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return dir{Dir: d, fs: f, name: name}, nil
}

type dir struct {
	txn.Dir
	fs   *FS
	name string
}

func (d dir) Place(name string, src txn.Source, perm fs.FileMode, how txn.LinkMode) error {
	if err := d.fs.ask("Place", path.Join(d.name, name), false); err != nil {
		return err
	}
	return d.Dir.Place(name, src, perm, how)
}

func (d dir) Mkdir(name string, perm fs.FileMode) (txn.Dir, error) {
	full := path.Join(d.name, name)
	if err := d.fs.ask("Mkdir", full, false); err != nil {
		return nil, err
	}
	child, err := d.Dir.Mkdir(name, perm)
	if err != nil {
		return nil, err
	}
	return dir{Dir: child, fs: d.fs, name: full}, nil
}

func (d dir) Write(name string, data []byte, perm fs.FileMode) error {
	full := path.Join(d.name, name)
	if err := d.fs.ask("Write", full, false); err != nil {
		return err
	}
	if err := d.fs.ask("Write", full, true); err != nil {
		// The file is there, but not all of its content.
		_ = d.Dir.Write(name, data[:len(data)/2], perm)
		return err
	}
	return d.Dir.Write(name, data, perm)
}
