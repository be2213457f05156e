package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

const kindBlob = "blobs"

// Blob returns the path and size of the file with the given SHA-256
// (lower-case hex). The content is hashed again before it is handed out (at
// more than 1 GB/s that is little beside reading it): an entry that was edited
// or cut short is removed, and there is none.
func (s *Store) Blob(sum string) (path string, size int64, ok bool) {
	if len(sum) != 2*sha256.Size || !plain(sum) {
		return "", 0, false
	}
	path = s.path(kindBlob, sum)
	f, err := os.Open(path)
	if err != nil {
		return "", 0, false
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	if err == nil && hex.EncodeToString(h.Sum(nil)) == sum {
		return path, size, true
	}
	if err == nil {
		_ = os.Remove(path)
	}
	return "", 0, false
}

// HasBlob reports whether there is a file for the given SHA-256, without looking
// at what is in it.
func (s *Store) HasBlob(sum string) bool {
	if len(sum) != 2*sha256.Size || !plain(sum) {
		return false
	}
	_, err := os.Lstat(s.path(kindBlob, sum))
	return err == nil
}

// BlobWriter takes a file's bytes and hashes them on their way to the disk.
// It ends with Commit or Abort; Abort after Commit does nothing.
type BlobWriter struct {
	store *Store
	file  *os.File
	sha   hash.Hash
	size  int64
	done  bool
}

// NewBlob begins a file whose hash is not known yet.
func (s *Store) NewBlob() (*BlobWriter, error) {
	f, err := s.temp()
	if err != nil {
		return nil, fmt.Errorf("storing a download: %w", err)
	}
	return &BlobWriter{store: s, file: f, sha: sha256.New()}, nil
}

// Write implements io.Writer.
func (w *BlobWriter) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.sha.Write(p[:n])
	w.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("storing a download: %w", err)
	}
	return n, nil
}

// Size returns how many bytes were written.
func (w *BlobWriter) Size() int64 { return w.size }

// SHA256 returns the hash of the bytes so far, as lower-case hex.
func (w *BlobWriter) SHA256() string { return hex.EncodeToString(w.sha.Sum(nil)) }

// Reset forgets the bytes so far: the file begins anew.
func (w *BlobWriter) Reset() error {
	w.sha.Reset()
	w.size = 0
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return w.file.Truncate(0)
}

// Commit publishes the file under its hash and returns its path.
func (w *BlobWriter) Commit() (path string, err error) {
	if w.done {
		return "", errors.New("storing a download: already finished")
	}
	w.done = true
	path = w.store.path(kindBlob, w.SHA256())
	if err = w.file.Close(); err == nil {
		err = w.store.publishFile(w.file.Name(), path)
	}
	if err == nil {
		return path, nil
	}
	_ = os.Remove(w.file.Name())
	// Windows refuses to replace a file that is open; then the content is there already.
	if info, statErr := os.Stat(path); statErr == nil && info.Size() == w.size {
		return path, nil
	}
	return "", fmt.Errorf("storing a download: %w", err)
}

// Abort discards the file.
func (w *BlobWriter) Abort() {
	if w.done {
		return
	}
	w.done = true
	_ = w.file.Close()
	_ = os.Remove(w.file.Name())
}
