package cache

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Names inside a folder entry.
const (
	content = "content" // what fill made
	facts   = "facts"   // whose entry it is, and names, sizes, modes and times as fill left them
)

// Dir returns a folder that fill has filled, now or in an earlier run of any
// process. fill gets an empty folder; when it fails there is no entry. While
// one process fills, others that want the same entry wait for it.
//
// The folder is for reading and for linking into prefixes. Files linked from
// it share their bytes with it, so before it is handed out each file's size,
// mode and modification time are compared with those recorded when it was
// made: an entry that was edited (here or through a link), or is another one in
// this one's place, is made anew. What keeps size and time while changing
// content is not noticed.
func (s *Store) Dir(ctx context.Context, kind, key string, fill func(dir string) error) (string, error) {
	path := s.path(kind, key)
	if s.intact(path) {
		return filepath.Join(path, content), nil
	}
	unlock, err := s.lock(ctx, path)
	if err != nil {
		return "", err
	}
	defer unlock()
	if s.intact(path) {
		return filepath.Join(path, content), nil
	}

	tmp, err := os.MkdirTemp(filepath.Join(s.dir, "tmp"), "")
	if err != nil {
		return "", fmt.Errorf("making a cache folder: %w", err)
	}
	defer func() { _ = removeTree(tmp) }()
	if err := s.discard(path); err != nil {
		return "", err
	}
	dir := filepath.Join(tmp, content)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("making a cache folder: %w", err)
	}
	if err := fill(dir); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	record, err := s.described(path, dir)
	if err != nil {
		return "", fmt.Errorf("recording a cache folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(tmp, facts), record, 0o600); err != nil {
		return "", fmt.Errorf("recording a cache folder: %w", err)
	}
	if err := s.publish(tmp, path); err != nil {
		if s.intact(path) { // where there are no locks, another was faster
			return filepath.Join(path, content), nil
		}
		return "", fmt.Errorf("storing a cache folder: %w", err)
	}
	s.verified.Store(path, struct{}{})
	s.writeBack()
	return filepath.Join(path, content), nil
}

// HasDir reports whether an intact folder entry is there, and returns it.
func (s *Store) HasDir(kind, key string) (string, bool) {
	path := s.path(kind, key)
	return filepath.Join(path, content), s.intact(path)
}

// Has reports whether a folder entry is there, without looking at what is in it.
func (s *Store) Has(kind, key string) bool {
	_, err := os.Lstat(filepath.Join(s.path(kind, key), facts))
	return err == nil
}

// intact reports whether the folder entry at path is as it was made.
func (s *Store) intact(path string) bool {
	if _, ok := s.verified.Load(path); ok {
		return true
	}
	want, err := os.ReadFile(filepath.Join(path, facts))
	if err != nil {
		return false
	}
	got, err := s.described(path, filepath.Join(path, content))
	if err != nil || !bytes.Equal(got, want) {
		return false
	}
	s.verified.Store(path, struct{}{})
	return true
}

// described returns the facts of the tree at dir as the entry at path. They
// begin with its place in the store, so that no entry passes for another.
func (s *Store) described(path, dir string) ([]byte, error) {
	place, err := filepath.Rel(s.dir, path)
	if err != nil {
		return nil, err
	}
	record, err := survey(dir)
	return append([]byte(filepath.ToSlash(place)+"\n"), record...), err
}

// discard takes a damaged entry out of the way in one step, then deletes it.
func (s *Store) discard(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	grave, err := os.MkdirTemp(filepath.Join(s.dir, "tmp"), "")
	if err != nil {
		return fmt.Errorf("removing a damaged cache entry: %w", err)
	}
	defer func() { _ = removeTree(grave) }()
	if err := os.Rename(path, filepath.Join(grave, "x")); err != nil {
		return fmt.Errorf("removing a damaged cache entry: %w", err)
	}
	return nil
}

// lock waits for the lock of one entry, or for ctx. A file system without
// locks is no obstacle: publishing is atomic all the same.
func (s *Store) lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making a cache folder: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "tmp"), 0o700); err != nil {
		return nil, fmt.Errorf("making a cache folder: %w", err)
	}
	type result struct {
		unlock func()
		err    error
	}
	got := make(chan result, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(path + ".lock").Lock()
		got <- result{unlock, err}
	}()
	select {
	case r := <-got:
		if r.err != nil {
			return func() {}, nil
		}
		return r.unlock, nil
	case <-ctx.Done():
		go func() {
			if r := <-got; r.err == nil {
				r.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}

// A described file or folder, as the record of a tree has it.
type described struct {
	name string
	mode fs.FileMode
	size int64 // bytes
	time int64 // of the last modification, in nanoseconds since 1970
}

// append adds what the record says of d, which stands below prefix. Of a folder
// it is the name and the mode alone: its time changes with what is in it.
func (d *described) append(record []byte, prefix string) []byte {
	record = binary.AppendUvarint(record, uint64(len(prefix)+len(d.name)))
	record = append(record, prefix...)
	record = append(record, d.name...)
	record = binary.AppendUvarint(record, uint64(d.mode))
	if d.mode.IsDir() {
		return record
	}
	record = binary.AppendVarint(record, d.size)
	return binary.AppendVarint(record, d.time)
}

// removeTree deletes a tree also when folders in it were made read-only.
func removeTree(path string) error {
	err := os.RemoveAll(path)
	if err == nil || !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(p, 0o700)
		}
		return nil
	})
	return os.RemoveAll(path)
}
