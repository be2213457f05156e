// Package cache is the store on disk that all hosts and all runs share: small
// entries by key, files by the hash of their content, and whole folders.
//
// What is not guaranteed: that an entry stays. Anybody may delete the folder at
// any time between two runs. What is guaranteed: an entry is there whole or not
// at all, whoever is killed when; several processes may use one store at once;
// content that was changed behind the store's back is not handed out.
//
//	<dir>/xpip-1/           private to its owner, tagged as a cache
//	    <kind>/ab/<key>     entries; ab spreads them over folders
//	    tmp/                what is being made; same file system, so that rename publishes it
//
// An entry is made beside its place and renamed into it. A reader therefore
// needs no lock; a lock (released by the system when its holder dies) only
// keeps two processes from doing the same long work.
package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// layout is part of every path: a change of format is a new folder beside the old.
const layout = "xpip-1"

// maxEntry bounds what Get reads, in bytes.
const maxEntry = 256 << 20

// staleAfter is the age at which a temporary that nobody finished is removed.
const staleAfter = 48 * time.Hour

// Store is an open cache. It is safe for concurrent use by many processes.
type Store struct {
	dir       string // …/xpip-1
	temporary bool
	verified  sync.Map     // entry path -> struct{}: folders found intact in this run
	unwritten atomic.Int64 // bytes, see WriteBack
	writing   atomic.Bool
}

// Open opens the store below dir and makes it if need be. It fails when the
// folder is not to be had or belongs to somebody else, who could then put
// files of their own in our hands.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: filepath.Join(dir, layout)}
	if os.Geteuid() == 0 {
		// As in pip: root must not leave files that are root's in a user's folder.
		if info, err := existing(dir); err == nil && !owned(info) {
			return nil, fmt.Errorf("%q belongs to another user, and this is root", dir)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "tmp"), 0o700); err != nil {
		return nil, err
	}
	info, err := os.Lstat(s.dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%q is not a folder", s.dir)
	}
	if !owned(info) {
		return nil, fmt.Errorf("%q belongs to another user", s.dir)
	}
	if info.Mode().Perm()&0o077 != 0 {
		// Some file systems know no modes; there the owner is all there is to check.
		_ = os.Chmod(s.dir, 0o700)
	}
	if err := s.tag(); err != nil {
		return nil, err
	}
	if err := s.probe(); err != nil {
		return nil, err
	}
	s.removeStale()
	return s, nil
}

// existing describes the nearest folder above path, or path, that is there.
func existing(path string) (fs.FileInfo, error) {
	for {
		info, err := os.Stat(path)
		parent := filepath.Dir(path)
		if err == nil || parent == path {
			return info, err
		}
		path = parent
	}
}

// Temporary opens a store of its own in the system's folder for temporary
// files; Close removes it.
func Temporary() (*Store, error) {
	dir, err := os.MkdirTemp("", "xpip-")
	if err != nil {
		return nil, err
	}
	s, err := Open(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.temporary = true
	return s, nil
}

// Close removes a temporary store; of another it leaves everything in place.
func (s *Store) Close() error {
	if !s.temporary {
		return nil
	}
	return removeTree(filepath.Dir(s.dir))
}

// Persistent reports whether entries outlive Close.
func (s *Store) Persistent() bool { return !s.temporary }

// Root returns the folder that holds the entries.
func (s *Store) Root() string { return s.dir }

// tag marks the folder for backup programs (the Cache Directory Tagging specification).
func (s *Store) tag() error {
	path := filepath.Join(s.dir, "CACHEDIR.TAG")
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, []byte("Signature: 8a477f597d28d172789f06886806bc55\n"+
		"# This folder is a cache made by xpip. It can be deleted at any time.\n"), 0o600)
}

// probe finds out now whether the store can be written to.
func (s *Store) probe() error {
	f, err := s.temp()
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// removeStale clears away what killed processes left behind.
func (s *Store) removeStale() {
	tmp := filepath.Join(s.dir, "tmp")
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleAfter {
			_ = removeTree(filepath.Join(tmp, e.Name()))
		}
	}
}

// sealSize is the length of what stands before the data of a small entry: a
// checksum of them and of what they are kept as.
const sealSize = 4

// seal returns the checksum (CRC-32C) of a small entry. It covers kind and key,
// so that one entry in the place of another is noticed like one that was edited.
func seal(kind, key string, data []byte) uint32 {
	sum := crc32.Checksum([]byte(kind+"\x00"+key+"\x00"), castagnoli)
	return crc32.Update(sum, castagnoli, data)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Get returns a small entry. The error wraps fs.ErrNotExist when there is none;
// one that is not what Put stored under this key is removed and none.
func (s *Store) Get(kind, key string) ([]byte, error) {
	f, err := os.Open(s.path(kind, key))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() && info.Size() >= sealSize && info.Size() <= maxEntry {
		entry := make([]byte, info.Size())
		if _, err := io.ReadFull(f, entry); err != nil {
			return nil, fmt.Errorf("reading cache entry %q: %w", f.Name(), err)
		}
		if data := entry[sealSize:]; binary.LittleEndian.Uint32(entry) == seal(kind, key, data) {
			return data, nil
		}
	}
	_ = os.Remove(f.Name()) // it will be replaced anyway
	return nil, fmt.Errorf("cache entry %q is damaged: %w", f.Name(), fs.ErrNotExist)
}

// Put stores a small entry, replacing the one before it.
func (s *Store) Put(kind, key string, data []byte) error {
	f, err := s.temp()
	if err != nil {
		return err
	}
	_, err = f.Write(binary.LittleEndian.AppendUint32(nil, seal(kind, key, data)))
	if err == nil {
		_, err = f.Write(data)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = s.publishFile(f.Name(), s.path(kind, key))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("storing cache entry: %w", err)
	}
	return nil
}

// Delete removes a small entry; that there was none is no error.
func (s *Store) Delete(kind, key string) error {
	err := os.Remove(s.path(kind, key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (s *Store) temp() (*os.File, error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, "tmp"), "") // O_EXCL, mode 0600
	if errors.Is(err, fs.ErrNotExist) {
		// The cache was deleted under us.
		if err = os.MkdirAll(filepath.Join(s.dir, "tmp"), 0o700); err == nil {
			f, err = os.CreateTemp(filepath.Join(s.dir, "tmp"), "")
		}
	}
	return f, err
}

// publish renames a finished temporary into its place.
func (s *Store) publish(tmp, path string) error {
	err := os.Rename(tmp, path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.Rename(tmp, path)
		}
	}
	return err
}

// publishFile is publish for a file. A folder in its place is none of ours, and
// goes.
func (s *Store) publishFile(tmp, path string) error {
	err := s.publish(tmp, path)
	if err == nil {
		return nil
	}
	if info, statErr := os.Lstat(path); statErr != nil || !info.IsDir() {
		return err
	}
	if err := s.discard(path); err != nil {
		return err
	}
	return s.publish(tmp, path)
}

// path returns an entry's place. A key that is a plain short name stands as it
// is, so that a hash can be found by eye; any other is hashed.
func (s *Store) path(kind, key string) string {
	name := key
	if !plain(key) {
		sum := sha256.Sum256([]byte(key))
		name = hex.EncodeToString(sum[:])
	}
	return filepath.Join(s.dir, kind, name[:2], name)
}

func plain(key string) bool {
	if len(key) < 8 || len(key) > 128 {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}
