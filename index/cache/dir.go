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
	content   = "content" // what fill made
	factsName = "facts"   // what the content is compared with: here (Dir), or by who uses it (Linkable)
)

// Dir returns a folder that fill has filled, now or in an earlier run of any
// process. fill gets an empty folder; when it fails there is no entry. While
// one process fills, others that want the same entry wait for it.
//
// The folder is for reading. Before it is handed out each file's size, mode and
// modification time are compared with those recorded when it was made: an entry
// that was edited, or is another one in this one's place, is made anew. What
// keeps size and time while changing content is not noticed.
func (s *Store) Dir(ctx context.Context, kind, key string, fill func(dir string) error) (string, error) {
	path := s.path(kind, key)
	err := s.provide(ctx, path, func() bool { return s.intact(path) }, func(dir string) ([]byte, error) {
		if err := fill(dir); err != nil {
			return nil, err
		}
		record, err := s.described(path, dir)
		if err != nil {
			return nil, fmt.Errorf("recording a cache folder: %w", err)
		}
		return record, nil
	})
	if err != nil {
		return "", err
	}
	s.verified.Store(path, struct{}{})
	return filepath.Join(path, content), nil
}

// HasDir reports whether an intact entry of Dir is there, and returns it.
func (s *Store) HasDir(kind, key string) (string, bool) {
	path := s.path(kind, key)
	return filepath.Join(path, content), s.intact(path)
}

// Linkable is Dir for a folder from which files are linked into prefixes, so
// that they share their bytes with it, and of which fill returns the facts: what
// those who use a file must compare it with. Nothing else does: this one looks
// at the facts alone, which are sealed as small entries are. Who finds a file
// that is not as they say calls Remove.
func (s *Store) Linkable(ctx context.Context, kind, key string, fill func(dir string) (facts []byte, err error)) (dir string, facts []byte, err error) {
	path := s.path(kind, key)
	err = s.provide(ctx, path, func() bool {
		var ok bool
		dir, facts, ok = s.HasLinkable(kind, key)
		return ok
	}, func(dir string) ([]byte, error) {
		if facts, err = fill(dir); err != nil {
			return nil, err
		}
		return append(binary.LittleEndian.AppendUint32(nil, s.sealAt(path, facts)), facts...), nil
	})
	return filepath.Join(path, content), facts, err
}

// HasLinkable reports whether an entry of Linkable is there whose facts are
// intact, and returns it.
func (s *Store) HasLinkable(kind, key string) (dir string, facts []byte, ok bool) {
	path := s.path(kind, key)
	sealed, err := os.ReadFile(filepath.Join(path, factsName))
	if err != nil || len(sealed) < sealSize {
		return "", nil, false
	}
	facts = sealed[sealSize:]
	return filepath.Join(path, content), facts, binary.LittleEndian.Uint32(sealed) == s.sealAt(path, facts)
}

// sealAt is the seal of the facts of the folder entry at path, whatever key it
// was reached by.
func (s *Store) sealAt(path string, facts []byte) uint32 {
	return seal(filepath.Base(filepath.Dir(filepath.Dir(path))), filepath.Base(path), facts)
}

// provide sees to it that there is a folder entry at path: one that isThere
// accepts, or a new one that fill has filled and returned the facts of.
func (s *Store) provide(ctx context.Context, path string, isThere func() bool, fill func(dir string) ([]byte, error)) error {
	if isThere() {
		return nil
	}
	unlock, err := s.lock(ctx, path)
	if err != nil {
		return err
	}
	defer unlock()
	if isThere() {
		return nil
	}

	tmp, err := os.MkdirTemp(filepath.Join(s.dir, "tmp"), "")
	if err != nil {
		return fmt.Errorf("making a cache folder: %w", err)
	}
	defer func() { _ = removeTree(tmp) }()
	if err := s.discard(path); err != nil {
		return err
	}
	dir := filepath.Join(tmp, content)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("making a cache folder: %w", err)
	}
	facts, err := fill(dir)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, factsName), facts, 0o600); err != nil {
		return fmt.Errorf("recording a cache folder: %w", err)
	}
	if err := s.publish(tmp, path); err != nil {
		if isThere() { // where there are no locks, another was faster
			return nil
		}
		return fmt.Errorf("storing a cache folder: %w", err)
	}
	return nil
}

// Has reports whether a folder entry is there, without looking at what is in it.
func (s *Store) Has(kind, key string) bool {
	_, err := os.Lstat(filepath.Join(s.path(kind, key), factsName))
	return err == nil
}

// intact reports whether the folder entry at path is as it was made.
func (s *Store) intact(path string) bool {
	if _, ok := s.verified.Load(path); ok {
		return true
	}
	want, err := os.ReadFile(filepath.Join(path, factsName))
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
