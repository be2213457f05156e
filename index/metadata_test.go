package index

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/wheel"
)

const (
	wheelName = "foo-1.0-py3-none-any.whl"
	wheelPath = "/f/" + wheelName
)

const wantMetadata = "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\nRequires-Dist: dep>=1\n"

func wheelFile(idx *fakeIndex, data []byte) File {
	f := File{Project: "foo", Filename: wheelName, URL: idx.URL + wheelPath, Size: -1}
	if data != nil {
		f.Hashes = map[string]string{"sha256": sha(data)}
	}
	return f
}

func checkMetadata(t *testing.T, c *Client, f File) {
	t.Helper()
	text, err := c.Metadata(t.Context(), f)
	if err != nil || string(text) != wantMetadata {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestSidecar(t *testing.T) {
	idx := newFakeIndex(t)
	data := makeWheel(t, 10)
	idx.file(wheelPath, data)
	idx.file(wheelPath+".metadata", []byte(wantMetadata))
	f := wheelFile(idx, data)
	f.HasMetadata = true
	f.MetadataHashes = map[string]string{"sha256": sha([]byte(wantMetadata))}
	dir := t.TempDir()
	checkMetadata(t, newClient(t, Config{CacheDir: dir}), f)
	if asked := idx.take(); len(asked) != 1 || asked[0] != wheelPath+".metadata" {
		t.Errorf("asked %q", asked)
	}
	checkMetadata(t, newClient(t, Config{CacheDir: dir}), f)
	if asked := idx.take(); len(asked) != 0 {
		t.Errorf("with a cache, asked %q", asked)
	}

	// A sidecar that is not what was announced is an error, in the cache or not.
	f.MetadataHashes = map[string]string{"sha256": sha([]byte("other"))}
	var hash *HashError
	if text, err := newClient(t, Config{CacheDir: dir}).Metadata(t.Context(), f); !errors.As(err, &hash) || !hash.FromIndex {
		t.Errorf("got %q, %v", text, err)
	}
	// Announced without a hash.
	f.MetadataHashes = nil
	checkMetadata(t, newClient(t, Config{}), f)
	// Announced and not there: the wheel has it as well.
	f.URL = strings.Replace(f.URL, "/f/", "/g/", 1)
	idx.file("/g/"+wheelName, data)
	checkMetadata(t, newClient(t, Config{}), f)
	// A server in trouble is not a missing file.
	idx.status("/g/"+wheelName+".metadata", 500)
	if _, err := newClient(t, Config{}).Metadata(t.Context(), f); !IsUnavailable(err) {
		t.Errorf("got %v", err)
	}
}

func TestTail(t *testing.T) {
	for name, size := range map[string]int{"small": 10, "a little more than the tail": tailSize, "large": 1 << 20} {
		idx := newFakeIndex(t)
		data := makeWheel(t, size)
		idx.file(wheelPath, data)
		for _, f := range []File{wheelFile(idx, data), wheelFile(idx, nil)} {
			c := newClient(t, Config{})
			checkMetadata(t, c, f)
			asked := idx.take()
			if len(asked) != 1 || asked[0] != wheelPath+" bytes=-"+strconv.Itoa(tailSize) {
				t.Errorf("%s: asked %q", name, asked)
			}
			blob, err := c.Download(t.Context(), f, nil)
			if err != nil || blob.SHA256 != sha(data) || blob.Size != int64(len(data)) {
				t.Errorf("%s: %+v, %v", name, blob, err)
			}
			// A small wheel came whole; it is not downloaded again.
			if again := len(idx.take()) > 0; again != (size >= tailSize) {
				t.Errorf("%s: downloaded again: %v", name, again)
			}
		}
	}
}

// METADATA at the beginning, and a directory larger than the tail.
func TestTailFarAway(t *testing.T) {
	name, err := wheel.ParseFilename(wheelName)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := wheel.NewWriter(&b, name, time.Time{})
	add := func(path string, data []byte) {
		if err := w.Add(path, 0o644, data); err != nil {
			t.Fatal(err)
		}
	}
	add(w.DistInfo()+"/METADATA", []byte(wantMetadata))
	for i := range 2000 {
		add(fmt.Sprintf("pkg/%s_%04d.py", strings.Repeat("n", 40), i), fmt.Appendf(nil, "%x", i*i*i))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	idx := newFakeIndex(t)
	idx.file(wheelPath, b.Bytes(), "ETag", `"1"`)
	checkMetadata(t, newClient(t, Config{}), wheelFile(idx, b.Bytes()))
	if asked := idx.take(); len(asked) < 2 || len(asked) > 3 {
		t.Errorf("asked %q", asked)
	}

	// The file changes between two parts: nothing is glued together.
	n := 0
	idx.handle(wheelPath, func(w http.ResponseWriter, req *http.Request) {
		n++
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, min(n, 2)))
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(b.Bytes()))
	})
	checkMetadata(t, newClient(t, Config{}), wheelFile(idx, b.Bytes()))
	if asked := idx.take(); len(asked) != 3 || asked[2] != wheelPath {
		t.Errorf("asked %q", asked)
	}
	// Even if the server pays no attention to If-Range.
	n = 0
	idx.handle(wheelPath, func(w http.ResponseWriter, req *http.Request) {
		n++
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, min(n, 2)))
		req.Header.Del("If-Range")
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(b.Bytes()))
	})
	checkMetadata(t, newClient(t, Config{}), wheelFile(idx, b.Bytes()))
	if asked := idx.take(); len(asked) != 3 || asked[2] != wheelPath {
		t.Errorf("asked %q", asked)
	}
}

// Servers that do ranges badly or not at all.
func TestTailFallbacks(t *testing.T) {
	data := makeWheel(t, 1<<20)
	for name, answer := range map[string]struct {
		ranged func(w http.ResponseWriter, req *http.Request)
		asked  int
	}{
		"ignored": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }, 1},
		"416":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(416) }, 2},
		"501":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(501) }, 2},
		"no Content-Range": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(206)
			_, _ = w.Write(data[len(data)-tailSize:])
		}, 2},
		"unknown size": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/*", len(data)-tailSize, len(data)-1))
			w.WriteHeader(206)
			_, _ = w.Write(data[len(data)-tailSize:])
		}, 2},
		"the beginning": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", tailSize-1, len(data)))
			w.WriteHeader(206)
			_, _ = w.Write(data[:tailSize])
		}, 2},
		"more than announced": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", len(data)-100, len(data)-1, len(data)))
			w.WriteHeader(206)
			_, _ = w.Write(data)
		}, 2},
	} {
		idx := newFakeIndex(t)
		idx.handle(wheelPath, func(w http.ResponseWriter, req *http.Request) {
			if req.Header.Get("Range") != "" {
				answer.ranged(w, req)
				return
			}
			_, _ = w.Write(data)
		})
		c := newClient(t, Config{})
		f := wheelFile(idx, data)
		text, err := c.Metadata(t.Context(), f)
		if err != nil || string(text) != wantMetadata {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if asked := idx.take(); len(asked) != answer.asked {
			t.Errorf("%s: asked %q", name, asked)
		}
		// The whole came: the download is done.
		if _, err := c.Download(t.Context(), f, nil); err != nil || len(idx.take()) != 0 {
			t.Errorf("%s: downloaded again, %v", name, err)
		}
	}
	idx := newFakeIndex(t)
	for status, want := range map[int]func(error) bool{404: IsUnavailable, 403: IsUnavailable, 500: IsUnavailable} {
		idx.status(wheelPath, status)
		if _, err := newClient(t, Config{}).Metadata(t.Context(), wheelFile(idx, data)); !want(err) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// What no hash describes is kept with its validators and asked for again.
func TestMetadataWithoutHash(t *testing.T) {
	idx := newFakeIndex(t)
	dir := t.TempDir()
	data := makeWheel(t, 1<<20)
	f := wheelFile(idx, nil)
	idx.file(wheelPath, data, "ETag", `"1"`)
	checkMetadata(t, newClient(t, Config{CacheDir: dir}), f)
	idx.take()
	checkMetadata(t, newClient(t, Config{CacheDir: dir}), f)
	if asked := idx.take(); len(asked) != 1 || idx.last.Get("If-None-Match") != `"1"` {
		t.Errorf("asked %q with %v", asked, idx.last)
	}
	checkMetadata(t, newClient(t, Config{CacheDir: dir, Offline: true}), f)

	idx.file(wheelPath, makeWheel(t, 2<<20), "ETag", `"2"`)
	checkMetadata(t, newClient(t, Config{CacheDir: dir}), f)
	if idx.take(); idx.last.Get("If-None-Match") != `"1"` {
		t.Errorf("asked with %v", idx.last)
	}
}

func TestMetadataOfNoWheel(t *testing.T) {
	idx := newFakeIndex(t)
	html := []byte("<html>" + strings.Repeat("not a wheel ", 20000))
	idx.file(wheelPath, html)
	var invalid *wheel.InvalidError
	if text, err := newClient(t, Config{}).Metadata(t.Context(), wheelFile(idx, html)); !errors.As(err, &invalid) {
		t.Errorf("got %q, %v", text, err)
	}
	f := wheelFile(idx, nil)
	f.Filename = "foo-1.0.tar.gz"
	var name *wheel.FilenameError
	if _, err := newClient(t, Config{}).Metadata(t.Context(), f); !errors.As(err, &name) {
		t.Errorf("got %v", err)
	}
}

func TestLocalMetadata(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, wheelName), makeWheel(t, 1000))
	c := newClient(t, Config{FindLinks: []string{dir}})
	checkMetadata(t, c, first(t, c, "foo"))
}
