package index

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xpip/xpip/wheel"
)

// fakeIndex is a server whose documents a test puts in place, and which notes
// what it is asked.
type fakeIndex struct {
	*httptest.Server
	mu    sync.Mutex
	docs  map[string]http.HandlerFunc
	asked []string // "path" or "path range"
	last  http.Header
}

func newFakeIndex(t *testing.T) *fakeIndex {
	t.Helper()
	f := &fakeIndex{docs: make(map[string]http.HandlerFunc)}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeIndex) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	f.mu.Lock()
	note := req.URL.Path
	if r := req.Header.Get("Range"); r != "" {
		note += " " + r
	}
	f.asked = append(f.asked, note)
	f.last = req.Header.Clone()
	doc := f.docs[req.URL.Path]
	f.mu.Unlock()
	if doc == nil {
		http.NotFound(w, req)
		return
	}
	doc(w, req)
}

func (f *fakeIndex) handle(path string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.docs[path] = h
}

// page serves an HTML page of a project, with the given header fields.
func (f *fakeIndex) page(project, body string, header ...string) {
	f.handle("/simple/"+project+"/", func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		if etag := w.Header().Get("ETag"); etag != "" && req.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, body)
	})
}

// file serves bytes as a good server does: ranges, conditions, validators.
func (f *fakeIndex) file(path string, data []byte, header ...string) {
	f.handle(path, func(w http.ResponseWriter, req *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(data))
	})
}

// status answers with nothing but a status.
func (f *fakeIndex) status(path string, status int) {
	f.handle(path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

// take returns what was asked since the last time.
func (f *fakeIndex) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

func (f *fakeIndex) simple() string { return f.URL + "/simple/" }

func noEnv(string) string { return "" }

// newClient makes a client that sees no configuration of the machine's, and
// gives up at once.
func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	cfg.Getenv = noEnv
	cfg.NoInput = true
	if cfg.Retries == 0 {
		cfg.Retries = -1
	}
	if cfg.IndexURL == "" && len(cfg.ExtraIndexURLs) == 0 {
		cfg.NoIndex = true
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// makeWheel returns the wheel wheelName with so many bytes of content besides its metadata.
func makeWheel(t *testing.T, payload int) []byte {
	t.Helper()
	name, err := wheel.ParseFilename(wheelName)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := wheel.NewWriter(&b, name, time.Time{})
	// Bytes that do not compress: a chain of hashes.
	content := make([]byte, 0, payload)
	for sum := sha256.Sum256(nil); len(content) < payload; sum = sha256.Sum256(sum[:]) {
		content = append(content, sum[:]...)
	}
	add := func(path string, data []byte) {
		if err := w.Add(path, 0o644, data); err != nil {
			t.Fatal(err)
		}
	}
	add("pkg/data.bin", content)
	add(w.DistInfo()+"/METADATA", []byte(wantMetadata))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mustFiles(t *testing.T, c *Client, project string) Listing {
	t.Helper()
	l, err := c.Files(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// first is the first file of a project.
func first(t *testing.T, c *Client, project string) File {
	t.Helper()
	l := mustFiles(t, c, project)
	return l.Files()[0]
}

func names(l Listing) string {
	var out []string
	for _, f := range l.Files() {
		out = append(out, f.Filename)
	}
	return strings.Join(out, " ")
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
