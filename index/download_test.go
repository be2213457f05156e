package index

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xpip/xpip/index/transport"
)

func checkBlob(t *testing.T, b Blob, data []byte) {
	t.Helper()
	got, err := os.ReadFile(b.Path)
	if err != nil || !bytes.Equal(got, data) || b.SHA256 != sha(data) || b.Size != int64(len(data)) {
		t.Errorf("blob %+v holds %d bytes, %v; want %d", b, len(got), err, len(data))
	}
}

func TestDownload(t *testing.T) {
	idx := newFakeIndex(t)
	data := makeWheel(t, 100_000)
	idx.file(wheelPath, data)
	f := wheelFile(idx, data)
	dir := t.TempDir()
	c := newClient(t, Config{CacheDir: dir})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			b, err := c.Download(t.Context(), f, nil)
			if err != nil {
				t.Error(err)
				return
			}
			checkBlob(t, b, data)
		})
	}
	wg.Wait()
	if asked := idx.take(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
	for _, cfg := range []Config{{CacheDir: dir}, {CacheDir: dir, Offline: true}} {
		b, err := newClient(t, cfg).Download(t.Context(), f, nil)
		if err != nil || !b.FromCache || len(idx.take()) != 0 {
			t.Errorf("from the cache: %+v, %v", b, err)
		}
	}
	if _, err := newClient(t, Config{Offline: true}).Download(t.Context(), f, nil); !IsUnavailable(err) || !errors.Is(err, ErrOffline) {
		t.Errorf("offline without a cache: %v", err)
	}
}

func TestHashes(t *testing.T) {
	idx := newFakeIndex(t)
	data := []byte("some bytes")
	idx.file(wheelPath, data)
	sum512, sumMD5 := sha512.Sum512(data), md5.Sum(data)
	good512, goodMD5 := hex.EncodeToString(sum512[:]), hex.EncodeToString(sumMD5[:])
	bad := strings.Repeat("0", 128)
	type want = map[string][]string
	for name, c := range map[string]struct {
		index map[string]string
		want  want
		ok    bool
		by    bool // the index is the one that is wrong
	}{
		"none":                    {nil, nil, true, false},
		"index":                   {map[string]string{"sha256": sha(data), "md5": goodMD5}, nil, true, false},
		"index sha256 wrong":      {map[string]string{"sha256": bad[:64]}, nil, false, true},
		"index md5 wrong":         {map[string]string{"sha256": sha(data), "md5": bad[:32]}, nil, false, true},
		"index md5 alone wrong":   {map[string]string{"md5": bad[:32]}, nil, false, true},
		"wanted":                  {nil, want{"sha256": {bad[:64], sha(data)}}, true, false},
		"wanted, upper case":      {nil, want{"sha256": {strings.ToUpper(sha(data))}}, true, false},
		"wanted sha512":           {nil, want{"sha512": {good512}}, true, false},
		"one of two algorithms":   {nil, want{"sha256": {bad[:64]}, "sha512": {good512}}, true, false},
		"wanted, wrong":           {map[string]string{"sha256": sha(data)}, want{"sha256": {bad[:64]}}, false, false},
		"wanted sha512, wrong":    {nil, want{"sha512": {bad}}, false, false},
		"wanted, but index wrong": {map[string]string{"sha512": bad}, want{"sha256": {sha(data)}}, false, true},
	} {
		f := wheelFile(idx, nil)
		f.Hashes = c.index
		b, err := newClient(t, Config{}).Download(t.Context(), f, c.want)
		var hash *HashError
		if c.ok && err != nil || !c.ok && (!errors.As(err, &hash) || hash.FromIndex != c.by) {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
	if _, err := newClient(t, Config{}).Download(t.Context(), wheelFile(idx, nil), want{"md5": {goodMD5}}); err == nil {
		t.Error("md5 alone was taken for a required hash")
	}
}

// A wrong file does not stay in the cache under the right name.
func TestWrongHashIsNotCached(t *testing.T) {
	idx := newFakeIndex(t)
	data := []byte("right")
	idx.file(wheelPath, []byte("wrong"))
	dir := t.TempDir()
	f := wheelFile(idx, data)
	if _, err := newClient(t, Config{CacheDir: dir}).Download(t.Context(), f, nil); err == nil {
		t.Fatal("it was accepted")
	}
	idx.file(wheelPath, data)
	b, err := newClient(t, Config{CacheDir: dir}).Download(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkBlob(t, b, data)
}

func TestSizes(t *testing.T) {
	idx := newFakeIndex(t)
	idx.file(wheelPath, []byte("0123456789"))
	for size, ok := range map[int64]bool{-1: true, 10: true, 9: false, 11: false, 0: false} {
		f := wheelFile(idx, nil)
		f.Size = size
		_, err := newClient(t, Config{}).Download(t.Context(), f, nil)
		var wrong *SizeError
		if ok && err != nil || !ok && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), wheelName)) {
			t.Errorf("size %d: %v", size, err)
		}
	}
	// Without Content-Length only counting tells.
	idx.handle(wheelPath, func(w http.ResponseWriter, _ *http.Request) {
		for range 10 {
			_, _ = w.Write(make([]byte, 10_000))
			_ = http.NewResponseController(w).Flush()
		}
	})
	f := wheelFile(idx, nil)
	f.Size = 50_000
	var wrong *SizeError
	if _, err := newClient(t, Config{}).Download(t.Context(), f, nil); !errors.As(err, &wrong) || wrong.Want != 50_000 {
		t.Errorf("endless: %v", err)
	}
}

// cutting serves data, breaking off each answer after so many bytes while cuts last.
func cutting(data []byte, etag func(n int) string, after, cuts int, ranges bool) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, req *http.Request) {
		n++
		tag := etag(n)
		if tag != "" {
			w.Header().Set("ETag", tag)
		}
		from := 0
		if r, ok := strings.CutPrefix(req.Header.Get("Range"), "bytes="); ok && ranges && (req.Header.Get("If-Range") == "" || req.Header.Get("If-Range") == tag) {
			from, _ = strconv.Atoi(strings.TrimSuffix(r, "-"))
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(data)-from))
		if from > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		if n > cuts {
			_, _ = w.Write(data[from:])
			return
		}
		_, _ = w.Write(data[from:min(from+after, len(data))])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func TestResume(t *testing.T) {
	data := makeWheel(t, 100_000)
	same := func(int) string { return `"1"` }
	none := func(int) string { return "" }
	weak := func(int) string { return `W/"1"` }
	each := func(n int) string { return fmt.Sprintf(`"%d"`, n) }
	for name, c := range map[string]struct {
		etag   func(int) string
		ranges bool
		hash   bool
		asked  []string
	}{
		"validator":          {same, true, false, []string{"", " bytes=40000-", " bytes=80000-"}},
		"hash":               {none, true, true, []string{"", " bytes=40000-", " bytes=80000-"}},
		"neither":            {none, true, false, []string{"", "", ""}},
		"weak validator":     {weak, true, false, []string{"", "", ""}},
		"changed meanwhile":  {each, true, true, []string{"", " bytes=40000-", " bytes=40000-"}},
		"no ranges":          {same, false, true, []string{"", " bytes=40000-", " bytes=40000-"}},
		"no ranges, no hash": {none, false, false, []string{"", "", ""}},
	} {
		idx := newFakeIndex(t)
		idx.handle(wheelPath, cutting(data, c.etag, 40_000, 2, c.ranges))
		f := wheelFile(idx, nil)
		if c.hash {
			f = wheelFile(idx, data)
		}
		progress := &counter{}
		client := newClient(t, Config{Retries: 2, Progress: progress})
		b, err := client.Download(t.Context(), f, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkBlob(t, b, data)
		asked := idx.take()
		for i := range asked {
			asked[i] = strings.TrimPrefix(asked[i], wheelPath)
		}
		if fmt.Sprint(asked) != fmt.Sprint(c.asked) {
			t.Errorf("%s: asked %q, want %q", name, asked, c.asked)
		}
		if progress.started != 1 || progress.done != 1 || progress.bytes < int64(len(data)) || progress.size != int64(len(data)) {
			t.Errorf("%s: progress %+v", name, progress)
		}
	}
}

// A server that resumes elsewhere than it was asked to is asked for the whole.
func TestResumeAtAnotherPlace(t *testing.T) {
	data := makeWheel(t, 100_000)
	for name, header := range map[string]string{
		"earlier":      fmt.Sprintf("bytes 100-%d/%d", len(data)-1, len(data)),
		"another size": fmt.Sprintf("bytes 40000-%d/%d", len(data), len(data)+1),
		"nowhere":      "",
	} {
		idx := newFakeIndex(t)
		n := 0
		idx.handle(wheelPath, func(w http.ResponseWriter, req *http.Request) {
			n++
			if n == 2 {
				w.Header().Set("Content-Range", header)
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(data[100:])
				return
			}
			cutting(data, func(int) string { return `"1"` }, 40_000, 2-n, true)(w, req)
		})
		b, err := newClient(t, Config{Retries: 2}).Download(t.Context(), wheelFile(idx, nil), nil)
		if err != nil || n != 3 {
			t.Errorf("%s: after %d requests: %v", name, n, err)
			continue
		}
		checkBlob(t, b, data)
	}
}

// A part of something else is found out by the hash, and the whole fetched once.
func TestResumeOfAnotherFile(t *testing.T) {
	data := makeWheel(t, 100_000)
	other := bytes.Repeat([]byte("x"), len(data))
	idx := newFakeIndex(t)
	n := 0
	idx.handle(wheelPath, func(w http.ResponseWriter, req *http.Request) {
		n++
		switch {
		case n == 1:
			cutting(data, func(int) string { return "" }, 40_000, 1, true)(w, req)
		case req.Header.Get("Range") != "":
			http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(other))
		default:
			_, _ = w.Write(data)
		}
	})
	b, err := newClient(t, Config{Retries: 2}).Download(t.Context(), wheelFile(idx, data), nil)
	if err != nil || n != 3 {
		t.Fatalf("after %d requests: %v", n, err)
	}
	checkBlob(t, b, data)
}

func TestTruncated(t *testing.T) {
	data := makeWheel(t, 100_000)
	idx := newFakeIndex(t)
	idx.handle(wheelPath, cutting(data, func(int) string { return "" }, 1000, 100, false))
	dir := t.TempDir()
	_, err := newClient(t, Config{Retries: 1, CacheDir: dir}).Download(t.Context(), wheelFile(idx, data), nil)
	var size *SizeError
	if !errors.As(err, &size) || size.Got != 1000 || size.Want != int64(len(data)) || !IsUnavailable(err) ||
		!strings.Contains(err.Error(), wheelName) || !strings.Contains(err.Error(), "1000 of") {
		t.Errorf("got %v", err)
	}
	left, err := os.ReadDir(filepath.Join(dir, "xpip-1", "tmp"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

type counter struct {
	mu            sync.Mutex
	started, done int
	size, bytes   int64
	cached        bool
	err           error
}

func (c *counter) Started(_ string, size int64) Transfer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.started++
	c.size = size
	return c
}

func (c *counter) Advance(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += n
}

func (c *counter) Done(fromCache bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.cached, c.err = fromCache, err
}

// What no hash describes is kept by its URL, and asked for again.
func TestDownloadWithoutHash(t *testing.T) {
	idx := newFakeIndex(t)
	data := []byte("version one")
	idx.file(wheelPath, data, "ETag", `"1"`)
	dir := t.TempDir()
	f := wheelFile(idx, nil)
	run := func(cfg Config, want []byte, cached bool) {
		t.Helper()
		cfg.CacheDir = dir
		b, err := newClient(t, cfg).Download(t.Context(), f, nil)
		if err != nil || b.FromCache != cached {
			t.Fatalf("%+v, %v", b, err)
		}
		checkBlob(t, b, want)
	}
	run(Config{}, data, false)
	run(Config{}, data, true)
	if idx.last.Get("If-None-Match") != `"1"` {
		t.Errorf("asked with %v", idx.last)
	}
	run(Config{Offline: true}, data, true)
	idx.file(wheelPath, []byte("version two"), "ETag", `"2"`)
	run(Config{}, []byte("version two"), false)
}

func TestLocalDownload(t *testing.T) {
	links := t.TempDir()
	path := filepath.Join(links, wheelName)
	writeFile(t, path, []byte("one"))
	c := newClient(t, Config{FindLinks: []string{links}, CacheDir: t.TempDir()})
	f := first(t, c, "foo")
	b, err := c.Download(t.Context(), f, map[string][]string{"sha256": {sha([]byte("one"))}})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, []byte("two")) // what was checked is what is used
	checkBlob(t, b, []byte("one"))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c2 := newClient(t, Config{})
	if _, err := c2.Download(t.Context(), f, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}

// One caller giving up is not the others' failure.
func TestOneGivesUp(t *testing.T) {
	idx := newFakeIndex(t)
	data := []byte("some bytes")
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan struct{})
	n := 0
	idx.handle(wheelPath, func(w http.ResponseWriter, req *http.Request) {
		if n++; n == 1 {
			close(first)
			<-req.Context().Done()
			return
		}
		_, _ = w.Write(data)
	})
	c := newClient(t, Config{})
	f := wheelFile(idx, data)
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.Download(ctx, f, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up: %v", err)
		}
	})
	<-first
	wg.Go(func() {
		b, err := c.Download(t.Context(), f, nil)
		if err != nil {
			t.Errorf("the other: %v", err)
			return
		}
		checkBlob(t, b, data)
	})
	cancel()
	wg.Wait()
}

func TestDirect(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "foo #1-1.0-py3-none-any.whl")
	writeFile(t, path, nil)
	c := newClient(t, Config{})
	for ref, want := range map[string]File{
		"https://joe:pw@example.com/a/foo_bar-1.0-py3-none-any.whl#sha256=" + sha(nil) + "&egg=x": {
			Project: "foo-bar", Filename: "foo_bar-1.0-py3-none-any.whl", URL: "https://joe:pw@example.com/a/foo_bar-1.0-py3-none-any.whl",
			Hashes: map[string]string{"sha256": sha(nil)}, Size: -1,
		},
		"http://example.com/foo-1.0.tar.gz?download=1#subdirectory=x": {
			Filename: "foo-1.0.tar.gz", URL: "http://example.com/foo-1.0.tar.gz?download=1", Size: -1,
		},
		"file:///x/foo-1.0%2Bcpu-py3-none-any.whl": {
			Project: "foo", Filename: "foo-1.0+cpu-py3-none-any.whl", URL: "file:///x/foo-1.0%2Bcpu-py3-none-any.whl", Size: -1, Local: true,
		},
		path: {Project: "foo-1", Filename: "foo #1-1.0-py3-none-any.whl", URL: fileURL(path).String(), Size: -1, Local: true},
	} {
		got, err := c.Direct(t.Context(), ref)
		if ref == path {
			want.Project = got.Project // no project is called so; what matters is that the file is found
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", ref, got, err, want)
		}
	}
	for _, ref := range []string{
		"https://example.com/", "https://example.com/foo.html", "git+https://example.com/foo.tar.gz",
		"missing-1.0.tar.gz", "https://example.com/..%2Ffoo-1.0.tar.gz", "file://other/foo-1.0.tar.gz",
	} {
		if f, err := c.Direct(t.Context(), ref); err == nil {
			t.Errorf("%s: %+v", ref, f)
		}
	}
}

func TestFetch(t *testing.T) {
	idx := newFakeIndex(t)
	idx.handle("/reqs.txt", http.RedirectHandler("/real/reqs.txt", http.StatusFound).ServeHTTP)
	idx.file("/real/reqs.txt", []byte("six\n"))
	c := newClient(t, Config{})
	data, final, err := c.Fetch(t.Context(), idx.URL+"/reqs.txt", 100)
	if err != nil || string(data) != "six\n" || final != idx.URL+"/real/reqs.txt" {
		t.Errorf("%q from %q, %v", data, final, err)
	}
	var large *transport.TooLargeError
	if _, _, err := c.Fetch(t.Context(), idx.URL+"/reqs.txt", 3); !errors.As(err, &large) {
		t.Errorf("too large: %v", err)
	}
	if _, _, err := c.Fetch(t.Context(), idx.URL+"/missing", 100); !IsUnavailable(err) || !strings.Contains(err.Error(), "404") {
		t.Errorf("missing: %v", err)
	}
	path := filepath.Join(t.TempDir(), "reqs.txt")
	writeFile(t, path, []byte("six\n"))
	if data, _, err := c.Fetch(t.Context(), fileURL(path).String(), 100); err != nil || string(data) != "six\n" {
		t.Errorf("file: %q, %v", data, err)
	}
	if _, _, err := c.Fetch(t.Context(), fileURL(path).String(), 3); !errors.As(err, &large) {
		t.Errorf("file too large: %v", err)
	}
}
