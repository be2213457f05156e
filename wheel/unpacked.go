package wheel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
)

// Unpacked is a wheel that was verified and unpacked, as a store keeps it: the
// tree, and beside it what an installer wants to know without reading the tree.
type Unpacked struct {
	Dir         string      `json:"-"`        // path of the tree, exactly as in the archive
	Filename    Filename    `json:"filename"` // marshalled as text
	SHA256      string      `json:"sha256"`   // of the archive, in lower-case hex
	DistInfo    string      `json:"dist_info"`
	DataDir     string      `json:"data_dir,omitempty"` // "" without one
	Metadata    *Metadata   `json:"metadata"`           // all but the description
	Info        Info        `json:"info"`
	EntryPoints EntryPoints `json:"entry_points"`
	Files       []File      `json:"files"`            // sorted by path, RECORD among them
	Native      []Native    `json:"native,omitempty"` // sorted by path
}

// UnpackedFormat names the form in which UnpackFile leaves a wheel. It changes
// whenever facts of an older form would mislead; a cache that is to outlive a
// version of this package keeps wheels of different forms apart by it.
const UnpackedFormat = "2"

const (
	unpackedTree  = "tree"
	unpackedFacts = "wheel.json"
)

// unpackedFile is the form of wheel.json.
type unpackedFile struct {
	Format string `json:"format"`
	*Unpacked
}

// UnpackFile verifies the wheel at path, whose name is filename, and unpacks it
// into dir, an empty folder or none yet: the tree goes into dir/tree, the facts
// into dir/wheel.json, the last to be written. sha256 is the archive's digest in
// hex if the caller has verified it; with "" it is computed. A caller who wants
// all or nothing gives a temporary folder and renames it.
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
	if digest == "" {
		var err error
		if digest, err = fileDigest(a.closer.(*os.File)); err != nil {
			return nil, err
		}
	}
	tree := filepath.Join(dir, unpackedTree)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.Mkdir(tree, 0o755); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(tree)
	if err != nil {
		return nil, err
	}
	contents, err := a.Unpack(ctx, root, 0)
	if err := errors.Join(err, root.Close()); err != nil {
		return nil, err
	}
	u := &Unpacked{
		Dir: tree, Filename: a.name, SHA256: strings.ToLower(digest),
		DistInfo: a.distInfo, DataDir: a.dataDir,
		Metadata: a.metadata, Info: a.info, EntryPoints: a.points,
		Files: contents.Files, Native: contents.Native,
	}
	facts, err := json.Marshal(unpackedFile{UnpackedFormat, u})
	if err != nil {
		return nil, err
	}
	return u, os.WriteFile(filepath.Join(dir, unpackedFacts), facts, 0o644)
}

func fileDigest(f *os.File) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, 1<<62)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// LoadUnpacked returns what UnpackFile left in dir, by one read. It does not look
// at the tree; [File.Unchanged] tells an entry that was edited since.
func LoadUnpacked(dir string) (*Unpacked, error) {
	facts, err := os.ReadFile(filepath.Join(dir, unpackedFacts))
	if err != nil {
		return nil, err
	}
	u := &Unpacked{Dir: filepath.Join(dir, unpackedTree)}
	file := unpackedFile{Unpacked: u}
	if err := json.Unmarshal(facts, &file); err != nil {
		return nil, fmt.Errorf("reading the facts of an unpacked wheel in %q: %w", dir, err)
	}
	if file.Format != UnpackedFormat || u.Metadata == nil {
		return nil, fmt.Errorf("reading the facts of an unpacked wheel in %q: they are of format %q, not %q", dir, file.Format, UnpackedFormat)
	}
	return u, nil
}

// ReadMetadata reads METADATA anew, with the description.
func (u *Unpacked) ReadMetadata() (*Metadata, error) {
	raw, err := os.ReadFile(filepath.Join(u.Dir, u.DistInfo, "METADATA"))
	if err != nil {
		return nil, err
	}
	m, err := ParseMetadata(raw)
	if err != nil {
		return nil, blame("reading", u.Filename, err)
	}
	return m, nil
}
