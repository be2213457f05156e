package index

import (
	"bytes"
	"compress/gzip"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// bigIndex serves as PyPI does: HTTP/2 over TLS, JSON for who asks for it, gzip,
// ETags, a lifetime, metadata beside the wheels, ranges. Made plain it serves as
// mirrors do: HTML, and nothing that would let a client keep it.
type bigIndex struct {
	*httptest.Server
	data     []byte
	plain    bool
	fresh    atomic.Bool
	pages    atomic.Int32 // pages that were sent
	same     atomic.Int32 // 304 answers
	other    atomic.Int32 // requests for files and metadata
	protocol atomic.Value
}

func newBigIndex(t *testing.T, plain bool) (*bigIndex, Config) {
	t.Helper()
	b := &bigIndex{data: makeWheel(t, 300_000), plain: plain}
	b.fresh.Store(true)
	b.Server = httptest.NewUnstartedServer(b)
	b.EnableHTTP2 = true
	b.StartTLS()
	t.Cleanup(b.Close)
	cert := filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.Certificate().Raw}))
	return b, Config{IndexURL: b.URL + "/simple/", Cert: cert, CacheDir: t.TempDir()}
}

func (b *bigIndex) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	b.protocol.Store(req.Proto)
	switch req.URL.Path {
	case "/simple/foo/":
		b.page(w, req)
	case wheelPath:
		b.other.Add(1)
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(b.data))
	case wheelPath + ".metadata":
		b.other.Add(1)
		fmt.Fprint(w, wantMetadata)
	default:
		http.NotFound(w, req)
	}
}

func (b *bigIndex) page(w http.ResponseWriter, req *http.Request) {
	if b.plain {
		b.pages.Add(1)
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="%s#sha256=%s" data-upload-time="2025-01-02T03:04:05.123456Z">x</a>`, wheelPath, sha(b.data))
		return
	}
	w.Header().Set("ETag", `"serial-1"`)
	w.Header().Set("Vary", "Accept, Accept-Encoding")
	if b.fresh.Load() {
		w.Header().Set("Cache-Control", "max-age=600, public")
	} else {
		w.Header().Set("Cache-Control", "max-age=0, public")
	}
	if req.Header.Get("If-None-Match") == `"serial-1"` {
		b.same.Add(1)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	b.pages.Add(1)
	w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
	w.Header().Set("Content-Encoding", "gzip")
	zw := gzip.NewWriter(w)
	defer func() { _ = zw.Close() }()
	fmt.Fprintf(zw, `{"meta":{"api-version":"1.4"},"name":"foo","files":[{"filename":%q,"url":"https://%s%s","hashes":{"sha256":%q},
		"size":%d,"upload-time":"2025-01-02T03:04:05.123456Z","yanked":false,"requires-python":null,"core-metadata":{"sha256":%q}}]}`,
		wheelName, req.Host, wheelPath, sha(b.data), len(b.data), sha([]byte(wantMetadata)))
}

// visit does what an installation does, and returns what it cost.
func (b *bigIndex) visit(t *testing.T, cfg Config) (cost string) {
	t.Helper()
	pages, same, other := b.pages.Load(), b.same.Load(), b.other.Load()
	c := newClient(t, cfg)
	l := mustFiles(t, c, "foo")
	if names(l) != wheelName || l.Files()[0].UploadTime.IsZero() {
		t.Fatalf("got %+v", l)
	}
	checkMetadata(t, c, l.Files()[0])
	blob, err := c.Download(t.Context(), l.Files()[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	checkBlob(t, blob, b.data)
	if w := c.Warnings(); len(w) > 0 {
		t.Errorf("warnings %q", w)
	}
	return fmt.Sprintf("%d pages, %d unchanged, %d others", b.pages.Load()-pages, b.same.Load()-same, b.other.Load()-other)
}

func TestLikePyPI(t *testing.T) {
	b, cfg := newBigIndex(t, false)
	b.fresh.Store(false)
	for i, want := range []string{
		"1 pages, 0 unchanged, 2 others", // cold: the page, the sidecar, the wheel
		"0 pages, 1 unchanged, 0 others", // stale: it is asked whether the page has changed
		"0 pages, 1 unchanged, 0 others", // the answer gives it a lifetime
		"0 pages, 0 unchanged, 0 others", // fresh: nothing is asked
	} {
		if i == 2 {
			b.fresh.Store(true)
		}
		if got := b.visit(t, cfg); got != want {
			t.Errorf("visit %d: %s, want %s", i+1, got, want)
		}
	}
	if got := b.protocol.Load(); got != "HTTP/2.0" {
		t.Errorf("the protocol is %v", got)
	}
	cfg.RefreshPackages = []string{"foo"}
	if got := b.visit(t, cfg); got != "1 pages, 0 unchanged, 0 others" {
		t.Errorf("refreshed: %s", got)
	}
}

func TestLikeMirror(t *testing.T) {
	b, cfg := newBigIndex(t, true)
	for i, want := range []string{
		"1 pages, 0 unchanged, 2 others", // the page, the end of the wheel, the wheel
		"1 pages, 0 unchanged, 0 others", // the page is all that must be asked for
	} {
		if got := b.visit(t, cfg); got != want {
			t.Errorf("visit %d: %s, want %s", i+1, got, want)
		}
	}
	cfg.Offline = true
	if got := b.visit(t, cfg); got != "0 pages, 0 unchanged, 0 others" {
		t.Errorf("offline: %s", got)
	}
}
