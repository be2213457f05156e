package index

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/wheel"
)

const (
	maxMetadata  = 16 << 20 // bytes
	kindMetadata = "metadata"
)

// Metadata returns a wheel's METADATA file. From the least costly on: what the
// cache has; the sidecar, where the index announces one (PEP 658); the end of
// the wheel, where its directory and usually METADATA itself stand, by one range
// request; the whole wheel, which then need not be downloaded again. A sidecar
// that is announced with a hash and has another is an error, not a reason to
// look elsewhere.
//
// Errors: *HashError, *UnavailableError, *InsecureError, and *wheel.InvalidError
// or *wheel.FilenameError when the file is no wheel that can be read.
func (c *Client) Metadata(ctx context.Context, f File) ([]byte, error) {
	if err := c.checkFile(f, false); err != nil {
		return nil, err
	}
	return c.metadata.do(ctx, fileKey(f), func() ([]byte, error) {
		text, err := c.readMetadata(ctx, f)
		c.distrust(f, err)
		return text, err
	})
}

func (c *Client) readMetadata(ctx context.Context, f File) ([]byte, error) {
	name, err := wheel.ParseFilename(f.Filename)
	if err != nil {
		return nil, err
	}
	if f.Local {
		return localMetadata(f, name)
	}
	key, stored := c.loadMetadata(f)
	if stored != nil && (f.Hashes["sha256"] != "" || c.http.Offline()) {
		return stored.text, nil
	}
	if sum := f.Hashes["sha256"]; sum != "" {
		if path, _, ok := c.store.Blob(sum); ok {
			text, err := fileMetadata(path, name)
			if err == nil {
				c.storeMetadata(key, &storedMetadata{text: text})
			}
			return text, err
		}
	}
	if f.HasMetadata {
		text, err := c.sidecar(ctx, f)
		if !errors.Is(err, errNoPage) {
			if err == nil {
				c.storeMetadata(key, &storedMetadata{text: text})
			}
			return text, err
		}
		c.log.Info("an announced metadata file is missing", "file", f.Filename)
	}
	text, validators, err := c.tailMetadata(ctx, f, name, stored)
	if err != nil {
		return nil, err
	}
	if f.Hashes["sha256"] != "" || validators != (validator{}) {
		c.storeMetadata(key, &storedMetadata{Validators: validators, text: text})
	}
	return text, nil
}

func localMetadata(f File, name wheel.Filename) ([]byte, error) {
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, fmt.Errorf("%q is not an URL", f.Redacted())
	}
	path, err := filePath(u)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", f.Redacted(), err)
	}
	return fileMetadata(path, name)
}

func fileMetadata(path string, name wheel.Filename) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading %q: it is not a regular file", path)
	}
	return wheel.ReadMetadata(file, info.Size(), name)
}

// sidecar reads the metadata file beside f; errNoPage when the announcement is not kept.
func (c *Client) sidecar(ctx context.Context, f File) ([]byte, error) {
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, fmt.Errorf("%q is not an URL", f.Redacted())
	}
	u.Path += ".metadata"
	if u.RawPath != "" {
		u.RawPath += ".metadata"
	}
	var text []byte
	err = c.http.Do(ctx, transport.Request{
		URL:    u.String(),
		Header: http.Header{"Accept-Encoding": {"gzip"}},
		Handle: func(resp *http.Response) error {
			switch resp.StatusCode {
			case http.StatusOK:
			case http.StatusNotFound, http.StatusGone:
				return errNoPage
			default:
				return &transport.StatusError{URL: transport.RedactURL(resp.Request.URL), Status: resp.StatusCode}
			}
			body, err := transport.ReadBody(resp, maxMetadata)
			if err != nil {
				return err
			}
			text, err = transport.Decode(body, resp.Header.Get("Content-Encoding"), maxMetadata)
			return err
		},
	})
	if errors.Is(err, errNoPage) {
		return nil, err
	}
	if err != nil {
		return nil, unavailable(ctx, transport.RedactURL(u), err)
	}
	for _, algorithm := range slices.Sorted(maps.Keys(f.MetadataHashes)) {
		h := newHash(algorithm)
		if h == nil {
			continue
		}
		h.Write(text)
		if got, want := hex.EncodeToString(h.Sum(nil)), f.MetadataHashes[algorithm]; got != want {
			return nil, &HashError{Filename: f.Filename + ".metadata", URL: transport.RedactURL(u), Algorithm: algorithm,
				Want: []string{want}, Got: got, FromIndex: true}
		}
	}
	return text, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// storedMetadata is a cache entry: a CRC, the length of the JSON, JSON, text.
type storedMetadata struct {
	Validators validator // of the wheel; empty when the key is a hash of its content
	text       []byte
}

// metadataKey is the cache key of f's metadata, and whether a hash that the index
// announces vouches for them. What none does, a part of a wheel or a sidecar
// without a hash, is kept for its place alone, so that no server can speak about
// the wheels of another. "" is the key of what must not be kept.
func metadataKey(f File) (key string, vouched bool) {
	sum := f.Hashes["sha256"]
	switch sidecar := f.MetadataHashes["sha256"]; {
	case sidecar != "":
		return sum + "\n" + sidecar, true
	case sum == "" && f.HasMetadata:
		return "", false // nothing says whether it has changed
	case sum == "":
		return f.URL, false
	}
	place, _, _ := strings.Cut(f.URL, "?")
	return sum + "\n" + place, false
}

// loadMetadata returns the cache key of f's metadata, and the entry if there is one.
func (c *Client) loadMetadata(f File) (string, *storedMetadata) {
	key, vouched := metadataKey(f)
	if key == "" || !vouched && c.wantsRefresh(f.Project) {
		return key, nil
	}
	b, err := c.store.Get(kindMetadata, key)
	if err != nil || len(b) < 8 || binary.LittleEndian.Uint32(b) != crc32.Checksum(b[4:], castagnoli) {
		return key, nil
	}
	size := binary.LittleEndian.Uint32(b[4:])
	var m storedMetadata
	if b = b[8:]; uint64(size) > uint64(len(b)) || json.Unmarshal(b[:size], &m) != nil {
		return key, nil
	}
	m.text = b[size:]
	return key, &m
}

func (c *Client) storeMetadata(key string, m *storedMetadata) {
	if key == "" || !c.store.Persistent() {
		return
	}
	header, err := json.Marshal(m)
	if err != nil {
		return
	}
	var b bytes.Buffer
	b.Write(make([]byte, 4))
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(header))))
	b.Write(header)
	b.Write(m.text)
	binary.LittleEndian.PutUint32(b.Bytes(), crc32.Checksum(b.Bytes()[4:], castagnoli))
	if err := c.store.Put(kindMetadata, key, b.Bytes()); err != nil {
		c.warn("Metadata are not kept in the cache: %v.", err)
	}
}
