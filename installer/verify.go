package installer

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Damage is a file of a distribution that is not as it was installed.
type Damage struct {
	Path   string // relative to the prefix
	Reason string // "is missing", "has 3 bytes, not 12", "was modified", …
}

// Verify compares the files of a distribution with what its RECORD says, and
// returns those that differ, sorted by path.
func (p *Prefix) Verify(ctx context.Context, d Distribution) ([]Damage, error) {
	root, err := os.OpenRoot(p.path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, outside, err := p.files(root, d)
	if err != nil {
		return nil, err
	}
	reasons := make([]string, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			reasons[i] = f.verify(root)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var damage []Damage
	for i, reason := range reasons {
		if reason != "" {
			damage = append(damage, Damage{Path: files[i].Path, Reason: reason})
		}
	}
	for _, row := range outside {
		damage = append(damage, Damage{Path: row, Reason: "is recorded outside of the prefix"})
	}
	return damage, nil
}

// verify returns why the file is not the recorded one, or "".
func (f InstalledFile) verify(root *os.Root) string {
	info, err := root.Lstat(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "is missing"
	case err != nil: // something is in the way, or there is no permission
		return fmt.Sprintf("can't be reached (%v)", reasonOf(err))
	case !info.Mode().IsRegular():
		return "is not a regular file"
	case f.Size >= 0 && info.Size() != f.Size:
		return fmt.Sprintf("has %d bytes, not %d", info.Size(), f.Size)
	}
	h := newHash(f.Algorithm)
	if h == nil {
		return ""
	}
	file, err := root.Open(f.Path)
	if err != nil {
		return fmt.Sprintf("can't be read (%v)", reasonOf(err))
	}
	defer file.Close()
	if _, err := io.Copy(h, file); err != nil {
		return fmt.Sprintf("can't be read (%v)", reasonOf(err))
	}
	if encodeDigest(h) != f.Digest {
		return "was modified"
	}
	return ""
}

// reasonOf is an error without the operation and the path that it happened to.
func reasonOf(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// newHash returns the hash of a RECORD algorithm, or nil for none and for those
// that prove nothing.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return nil
}

// encodeDigest is a digest in the form that RECORD has it.
func encodeDigest(h hash.Hash) string { return base64.RawURLEncoding.EncodeToString(h.Sum(nil)) }
