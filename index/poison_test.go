package index

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What a server said once and does not say any more must not be believed again,
// though it came with the validator of what is said now.
func TestPoisonIsForgotten(t *testing.T) {
	wheel := makeWheel(t, 100<<10)
	sound := fmt.Sprintf(`<a href="..%s#sha256=%s">x</a></html>`, wheelPath, sha(wheel))
	for name, poison := range map[string]string{
		"a wrong hash":                   fmt.Sprintf(`<a href="..%s#sha256=%s">x</a></html>`, wheelPath, sha(nil)),
		"a wrong place":                  fmt.Sprintf(`<a href="../elsewhere%s#sha256=%s">x</a></html>`, wheelPath, sha(wheel)),
		"a sidecar that is not its hash": fmt.Sprintf(`<a href="..%s#sha256=%s" data-core-metadata="sha256=%s">x</a></html>`, wheelPath, sha(wheel), sha(nil)),
	} {
		idx := newFakeIndex(t)
		idx.file("/simple"+wheelPath, wheel)
		idx.handle("/simple"+wheelPath+".metadata", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, wantMetadata) })
		dir := t.TempDir()
		use := func() error {
			c := newClient(t, Config{IndexURL: idx.simple(), CacheDir: dir})
			l := mustFiles(t, c, "foo")
			if _, err := c.Metadata(t.Context(), l.Files()[0]); err != nil {
				return err
			}
			_, err := c.Download(t.Context(), l.Files()[0], nil)
			return err
		}
		idx.page("foo", poison, "ETag", `"1"`, "Cache-Control", "max-age=86400")
		if err := use(); err == nil {
			t.Errorf("%s: no error", name)
		}
		idx.page("foo", sound, "ETag", `"1"`)
		if err := use(); err != nil {
			t.Errorf("%s: afterwards: %v", name, err)
		}
	}
}

// One server's word about a wheel counts for that server's place alone.
func TestMetadataStayWithTheirPlace(t *testing.T) {
	data := makeWheel(t, 100<<10)
	liar, honest := newFakeIndex(t), newFakeIndex(t)
	dir := t.TempDir()
	lie := strings.Replace(wantMetadata, "Name: ", "Summary: a lie\nName: ", 1)
	liar.handle(wheelPath+".metadata", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, lie) })
	honest.file(wheelPath, data)
	f := wheelFile(liar, data)
	f.HasMetadata = true // without a hash
	if text, err := newClient(t, Config{CacheDir: dir}).Metadata(t.Context(), f); err != nil || string(text) != lie {
		t.Fatalf("the liar's: %q, %v", text, err)
	}
	checkMetadata(t, newClient(t, Config{CacheDir: dir}), wheelFile(honest, data))
	f = wheelFile(honest, data)
	f.HasMetadata = true
	checkMetadata(t, newClient(t, Config{CacheDir: dir}), f)
}

// Parts that make no wheel are no proof that the wheel is none.
func TestBrokenPartsAreNotBelieved(t *testing.T) {
	idx := newFakeIndex(t)
	data := makeWheel(t, 100<<10)
	idx.handle(wheelPath, func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Range") == "" {
			_, _ = w.Write(data)
			return
		}
		first := len(data) - tailSize
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, len(data)-1, len(data)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(data[:tailSize]) // of another place
	})
	checkMetadata(t, newClient(t, Config{}), wheelFile(idx, data))
}

// An HTML page that ends where the connection does may have been cut short: it
// is used, and not kept.
func TestPageWithoutAnEndIsNotKept(t *testing.T) {
	for end, kept := range map[string]bool{"": false, "</body>\n</html>\n": true, "</BODY>": true} {
		idx := newFakeIndex(t)
		asked := 0
		idx.handle("/simple/foo/", func(w http.ResponseWriter, _ *http.Request) {
			asked++
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: max-age=60\r\nConnection: close\r\n\r\n%s%s", fooPage, end)
		})
		dir := t.TempDir()
		for range 2 {
			if l := mustFiles(t, newClient(t, Config{IndexURL: idx.simple(), CacheDir: dir}), "foo"); len(l.Files()) != 2 {
				t.Errorf("%q: %s", end, names(l))
			}
		}
		if (asked == 1) != kept {
			t.Errorf("%q: asked %d times", end, asked)
		}
	}
}
