package index

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/xpip/xpip/index/cache"
)

// maxFile bounds a download whose size nobody says, in bytes.
const maxFile = 32 << 30

// kindURL keeps, for files whose hash no index says, which blob an URL gave and
// how to ask whether it still would.
const kindURL = "urls"

// Download brings f's bytes onto this machine. They are verified against every
// hash that the index announces, against the announced size, and against want:
// algorithm -> allowed digests in lower-case hex, of which one must match. Only
// sha256, sha384 and sha512 count there. The blob belongs to the client's store
// and is read-only to the caller; its path says nothing about the file's name.
//
// A file of this machine is copied into the store unless it is there already,
// so that what happens to the original later cannot matter.
//
// Errors: *HashError, *SizeError, *UnavailableError, *InsecureError.
func (c *Client) Download(ctx context.Context, f File, want map[string][]string) (Blob, error) {
	if len(want) > 0 && !hasStrong(want) {
		return Blob{}, fmt.Errorf("checking %q: none of the required hashes is sha256, sha384 or sha512", f.Filename)
	}
	if err := c.checkFile(f, len(want) > 0); err != nil {
		return Blob{}, err
	}
	blob, err := c.downloads.do(ctx, fileKey(f), func() (Blob, error) {
		blob, err := c.fetchBlob(ctx, f, want)
		if err == nil {
			err = checkIndexHashes(f, blob)
		}
		c.distrust(f, err)
		return blob, err
	})
	if err != nil {
		return Blob{}, err
	}
	if err := checkWanted(f, blob, want); err != nil {
		return Blob{}, err
	}
	return blob, nil
}

// fileKey tells two files apart: by where they are and what they must be.
func fileKey(f File) string { return f.URL + "\n" + f.Hashes["sha256"] }

// checkFile refuses a file that would come in the clear although its index is
// secure, unless a hash makes up for it.
func (c *Client) checkFile(f File, wanted bool) error {
	if wanted || !strings.HasPrefix(f.URL, "http:") || !strings.HasPrefix(f.Index, "https:") {
		return nil
	}
	for algorithm := range f.Hashes {
		if strong(algorithm) {
			return nil
		}
	}
	u, err := url.Parse(f.URL)
	if err != nil {
		return fmt.Errorf("%q is not an URL", f.Redacted())
	}
	return c.checkSecure(u)
}

func strong(algorithm string) bool {
	return algorithm == "sha256" || algorithm == "sha384" || algorithm == "sha512"
}

func hasStrong(want map[string][]string) bool {
	for algorithm, digests := range want {
		if strong(algorithm) && len(digests) > 0 {
			return true
		}
	}
	return false
}

func (c *Client) fetchBlob(ctx context.Context, f File, want map[string][]string) (Blob, error) {
	if f.Local {
		return c.localBlob(f)
	}
	for _, sum := range knownSums(f, want) {
		if path, size, ok := c.store.Blob(sum); ok {
			c.reportCached(f.Filename, size)
			return Blob{Path: path, SHA256: sum, Size: size, FromCache: true}, nil
		}
	}
	d := &download{client: c, file: f, total: -1}
	if f.Hashes["sha256"] == "" {
		d.known = c.loadURL(f)
		if d.known != nil && c.http.Offline() {
			return d.known.blob(c, f)
		}
	}
	blob, err := d.run(ctx)
	if err == nil && f.Hashes["sha256"] == "" && !blob.FromCache {
		c.storeURL(f.URL, urlRecord{Validators: d.validators, SHA256: blob.SHA256})
	}
	return blob, err
}

// knownSums lists the SHA-256 that the file must, or may, have.
func knownSums(f File, want map[string][]string) []string {
	if sum := f.Hashes["sha256"]; sum != "" {
		return []string{sum}
	}
	return want["sha256"]
}

// localBlob copies a file of this machine into the store.
func (c *Client) localBlob(f File) (Blob, error) {
	u, err := url.Parse(f.URL)
	if err != nil {
		return Blob{}, fmt.Errorf("%q is not an URL", f.Redacted())
	}
	path, err := filePath(u)
	if err != nil {
		return Blob{}, fmt.Errorf("reading %q: %w", f.Redacted(), err)
	}
	src, err := os.Open(path)
	if err != nil {
		return Blob{}, err
	}
	defer src.Close()
	if info, err := src.Stat(); err != nil || !info.Mode().IsRegular() {
		return Blob{}, fmt.Errorf("reading %q: it is not a regular file", path)
	}
	h := sha256.New()
	if _, err := io.Copy(h, src); err != nil {
		return Blob{}, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if path, size, ok := c.store.Blob(sum); ok {
		return Blob{Path: path, SHA256: sum, Size: size, FromCache: true}, nil
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return Blob{}, err
	}
	w, err := c.store.NewBlob()
	if err != nil {
		return Blob{}, err
	}
	defer w.Abort()
	if _, err := io.Copy(w, src); err != nil {
		return Blob{}, err
	}
	return commit(w, false)
}

func commit(w *cache.BlobWriter, fromCache bool) (Blob, error) {
	b := Blob{SHA256: w.SHA256(), Size: w.Size(), FromCache: fromCache}
	var err error
	b.Path, err = w.Commit()
	return b, err
}

func (c *Client) reportCached(name string, size int64) {
	if c.progress != nil {
		c.progress.Started(name, size).Done(true, nil)
	}
}

// checkIndexHashes verifies what the index announced beyond the SHA-256, which
// the store has computed.
func checkIndexHashes(f File, b Blob) error {
	if f.Size >= 0 && b.Size != f.Size {
		return &SizeError{Filename: f.Filename, URL: f.Redacted(), Want: f.Size, Got: b.Size}
	}
	for _, algorithm := range slices.Sorted(maps.Keys(f.Hashes)) {
		got, err := digest(b, algorithm)
		if err != nil {
			return err
		}
		if want := f.Hashes[algorithm]; got != want {
			return &HashError{Filename: f.Filename, URL: f.Redacted(), Algorithm: algorithm, Want: []string{want}, Got: got, FromIndex: true}
		}
	}
	return nil
}

// checkWanted verifies that one of the hashes that the caller allows is the blob's.
func checkWanted(f File, b Blob, want map[string][]string) error {
	var mismatch *HashError
	for _, algorithm := range [...]string{"sha256", "sha384", "sha512"} {
		allowed := want[algorithm]
		if len(allowed) == 0 {
			continue
		}
		got, err := digest(b, algorithm)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, got) }) {
			return nil
		}
		if mismatch == nil {
			mismatch = &HashError{Filename: f.Filename, URL: f.Redacted(), Algorithm: algorithm, Want: allowed, Got: got}
		}
	}
	if mismatch != nil {
		return mismatch
	}
	return nil
}

// digest returns a blob's digest; SHA-256 is known, others are computed.
func digest(b Blob, algorithm string) (string, error) {
	if algorithm == "sha256" {
		return b.SHA256, nil
	}
	h := newHash(algorithm)
	if h == nil {
		return "", fmt.Errorf("unknown hash algorithm %q", algorithm)
	}
	file, err := os.Open(b.Path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// newHash returns nil for an algorithm that is not known.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	case "sha224":
		return sha256.New224()
	case "sha1":
		return sha1.New()
	case "md5":
		return md5.New()
	}
	return nil
}

// urlRecord is what is remembered of an URL whose content no hash describes.
type urlRecord struct {
	Validators validator
	SHA256     string
}

func (r *urlRecord) blob(c *Client, f File) (Blob, error) {
	path, size, ok := c.store.Blob(r.SHA256)
	if !ok {
		return Blob{}, &UnavailableError{URL: f.Redacted(), Err: errors.New("its cache entry was removed meanwhile")}
	}
	c.reportCached(f.Filename, size)
	return Blob{Path: path, SHA256: r.SHA256, Size: size, FromCache: true}, nil
}

// loadURL returns what is remembered of a file's URL, if its blob is still there.
func (c *Client) loadURL(f File) *urlRecord {
	if c.wantsRefresh(f.Project) {
		return nil
	}
	data, err := c.store.Get(kindURL, f.URL)
	if err != nil {
		return nil
	}
	var r urlRecord
	if json.Unmarshal(data, &r) != nil {
		return nil
	}
	if _, _, ok := c.store.Blob(r.SHA256); !ok {
		return nil
	}
	return &r
}

func (c *Client) storeURL(rawURL string, r urlRecord) {
	if r.Validators == (validator{}) || !c.store.Persistent() {
		return // there would be no way to ask
	}
	data, err := json.Marshal(r)
	if err == nil {
		err = c.store.Put(kindURL, rawURL, data)
	}
	if err != nil {
		c.warn("A download is not remembered in the cache: %v.", err)
	}
}
