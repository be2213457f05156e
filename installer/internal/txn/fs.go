package txn

import (
	"io/fs"
	"time"
)

// An FS is the part of a file system that a transaction works on: everything
// below one root. Names are slash-separated, relative to the root and local in
// the sense of filepath.IsLocal. Methods that change the tree are few and
// small, because each of them is a point at which the machine may stop.
type FS interface {
	Lstat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	ReadFile(name string, limit int64) ([]byte, error)
	// Identity returns a number that stays with a file or directory when it is
	// renamed, or 0 where the file system has none.
	Identity(name string) uint64

	Mkdir(name string, perm fs.FileMode) error
	// OpenDir returns a handle through which files are made in directory name.
	OpenDir(name string) (Dir, error)
	// Rename moves old to new. It fails with fs.ErrExist where new exists.
	Rename(oldName, newName string) error
	// Replace moves file old over file new, or directory old over the empty
	// directory new, in one step.
	Replace(oldName, newName string) error
	// Exchange swaps two names in one step; errors.ErrUnsupported where the
	// system cannot.
	Exchange(a, b string) error
	// Link gives file old a second name; errors.ErrUnsupported where the
	// system cannot.
	Link(oldName, newName string) error
	Remove(name string) error
	RemoveAll(name string) error
	// WriteFile writes a file of the work directory.
	WriteFile(name string, data []byte) error
	// SyncFile forces a file to the disk.
	SyncFile(name string) error
	// SyncAll forces all that was written below name to the disk.
	SyncAll(name string) error
	// SyncDir forces the entries of directory name to the disk.
	SyncDir(name string) error
}

// A Dir makes files in one directory. Names are single path elements. It
// serves one goroutine.
type Dir interface {
	// Place makes name a copy of the file of that name in a directory outside of
	// the tree, by the cheapest way that the policy and the file systems allow.
	Place(name string, src Source, perm fs.FileMode, how LinkMode) error
	// Mkdir makes directory name and opens it.
	Mkdir(name string, perm fs.FileMode) (Dir, error)
	// Write makes a new file with the given content.
	Write(name string, data []byte, perm fs.FileMode) error
	Close() error
}

// A Source is a directory outside of the tree from which a file is to be placed in
// it, with what is known of the file: one that differs is refused with a
// *ChangedError.
type Source struct {
	Dir     string
	Size    int64
	ModTime time.Time // zero: not compared
}

// LinkMode says how Place may make a file.
type LinkMode int

// The ways of placing a file. Each falls back to those named after it.
const (
	LinkAuto  LinkMode = iota // clone, hard link, copy
	LinkClone                 // clone, copy
	LinkCopy                  // copy
)

// unsynced is an FS that forces nothing to the disk.
type unsynced struct{ FS }

func (unsynced) SyncFile(string) error { return nil }
func (unsynced) SyncAll(string) error  { return nil }
func (unsynced) SyncDir(string) error  { return nil }
