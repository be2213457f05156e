package wheel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Unpacked is a wheel that was verified and unpacked: the tree, and what an
// installer wants to know without reading it.
type Unpacked struct {
	Dir         string      `json:"-"`        // path of the tree, exactly as in the archive
	Filename    Filename    `json:"filename"` // marshalled as text
	SHA256      string      `json:"sha256"`   // of the archive, in lower-case hex
	Size        int64       `json:"size"`     // of the archive, in bytes
	DistInfo    string      `json:"dist_info"`
	DataDir     string      `json:"data_dir,omitempty"` // "" without one
	Metadata    *Metadata   `json:"metadata"`           // all but the description
	Info        Info        `json:"info"`
	EntryPoints EntryPoints `json:"entry_points"`
	Files       []File      `json:"-"`                // sorted by path, RECORD among them
	Native      []Native    `json:"native,omitempty"` // sorted by path
}

// UnpackFile verifies the wheel at path, whose name is filename, and unpacks it
// into dir, an empty folder or none yet. sha256 is the archive's digest in hex if
// the caller has verified it; with "" it is computed. A caller who wants all or
// nothing gives a temporary folder and renames it.
func UnpackFile(ctx context.Context, path, filename, sha256, dir string, limits Limits) (*Unpacked, error) {
	name, err := ParseFilename(filename)
	if err != nil {
		return nil, err
	}
	a, err := openAs(path, name, limits)
	if err != nil {
		return nil, err
	}
	u, err := a.unpackInto(ctx, sha256, dir)
	return u, errors.Join(err, a.Close())
}

func (a *Archive) unpackInto(ctx context.Context, digest, dir string) (*Unpacked, error) {
	file := a.closer.(*os.File)
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if digest == "" {
		if digest, err = fileDigest(file); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	contents, err := a.Unpack(ctx, root, 0)
	if err := errors.Join(err, root.Close()); err != nil {
		return nil, err
	}
	return &Unpacked{
		Dir: dir, Filename: a.name, SHA256: strings.ToLower(digest), Size: info.Size(),
		DistInfo: a.distInfo, DataDir: a.dataDir,
		Metadata: a.metadata, Info: a.info, EntryPoints: a.points,
		Files: contents.Files, Native: contents.Native,
	}, nil
}

func fileDigest(f *os.File) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, 1<<62)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Unchanged reports whether the tree has all files as they were written, see
// [File.Unchanged].
func (u *Unpacked) Unchanged() bool {
	return !slices.ContainsFunc(u.Files, func(f File) bool {
		info, err := os.Lstat(filepath.Join(u.Dir, filepath.FromSlash(f.Path)))
		return err != nil || !f.Unchanged(info)
	})
}
