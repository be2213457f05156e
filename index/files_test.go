package index

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/index/transport"
)

const fooPage = `<a href="/f/foo-1.0-py3-none-any.whl">a</a><a href="/f/foo-1.1.tar.gz" data-requires-python="&gt;=3.8">b</a>`

func TestDefaultURL(t *testing.T) {
	u, err := url.Parse(DefaultURL())
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "/simple/" {
		t.Errorf("DefaultURL() = %q, %v", DefaultURL(), err)
	}
	if c := newClient(t, Config{ExtraIndexURLs: []string{"https://example.com/simple"}}); len(c.indexes) != 2 || c.indexes[0].url.Host != u.Host {
		t.Errorf("the default index is not first: %+v", c.indexes)
	}
}

func TestFiles(t *testing.T) {
	idx := newFakeIndex(t)
	idx.page("foo-bar", `<a href="../../f/foo_bar-1.0-py3-none-any.whl#sha256=`+sha(nil)+`" data-requires-python="&gt;=3.8" data-yanked="why" data-upload-time="2025-01-02T03:04:05Z">a</a>`+
		`<a href="/f/other-1.0.tar.gz">b</a>`)
	c := newClient(t, Config{IndexURL: idx.simple()})
	l := mustFiles(t, c, "Foo_.Bar")
	want := []File{{
		Project: "foo-bar", Filename: "foo_bar-1.0-py3-none-any.whl", URL: idx.URL + "/f/foo_bar-1.0-py3-none-any.whl",
		Hashes: map[string]string{"sha256": sha(nil)}, RequiresPython: ">=3.8", Yanked: true, YankedReason: "why",
		UploadTime: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), Size: -1, Index: idx.URL + "/simple",
	}}
	if !reflect.DeepEqual(l.Files(), want) || !reflect.DeepEqual(l.Sources, []Source{{Location: idx.URL + "/simple", Files: 1, Ignored: 1}}) || len(l.Warnings) != 0 {
		t.Errorf("got %+v", l)
	}
	// Once per client, however the name is spelled.
	mustFiles(t, c, "foo.bar")
	if asked := idx.take(); len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
	if _, err := c.Files(t.Context(), "../etc"); err == nil {
		t.Error("a path was taken for a name")
	}
}

func TestFilesJSON(t *testing.T) {
	idx := newFakeIndex(t)
	idx.handle("/simple/foo/", func(w http.ResponseWriter, req *http.Request) {
		if !strings.HasPrefix(req.Header.Get("Accept"), "application/vnd.pypi.simple.v1+json, ") {
			t.Errorf("Accept: %q", req.Header.Get("Accept"))
		}
		w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
		w.Header().Set("Content-Encoding", "gzip")
		zw := gzip.NewWriter(w)
		fmt.Fprint(zw, `{"meta":{"api-version":"1.3"},"project-status":{"status":"deprecated","reason":"use bar"},
			"files":[{"filename":"foo-1.0.tar.gz","url":"../../f/foo-1.0.tar.gz","hashes":{},"size":7,"core-metadata":true}]}`)
		_ = zw.Close()
	})
	l := mustFiles(t, newClient(t, Config{IndexURL: idx.simple()}), "foo")
	if names(l) != "foo-1.0.tar.gz" || l.Files()[0].Size != 7 || !l.Files()[0].HasMetadata || l.Sources[0].Project != (simple.Status{State: "deprecated", Reason: "use bar"}) {
		t.Errorf("got %+v", l)
	}
}

func TestSeveralIndexes(t *testing.T) {
	one, two := newFakeIndex(t), newFakeIndex(t)
	one.page("foo", `<a href="foo-1.0.tar.gz">a</a>`)
	two.page("foo", `<a href="foo-2.0.tar.gz">a</a>`)
	two.page("only-two", `<a href="only_two-2.0.tar.gz">a</a>`)
	links := t.TempDir()
	writeFile(t, filepath.Join(links, "foo-0.1.tar.gz"), nil)
	cfg := Config{IndexURL: one.simple(), ExtraIndexURLs: []string{two.simple(), one.simple()}, FindLinks: []string{links}}

	l := mustFiles(t, newClient(t, cfg), "foo")
	if names(l) != "foo-0.1.tar.gz foo-1.0.tar.gz foo-2.0.tar.gz" {
		t.Errorf("merged: %s", names(l))
	}
	if len(l.Strangers) != 2 || l.Strangers[1]+"/" != two.simple() {
		t.Errorf("served by %q", l.Strangers)
	}
	if l := mustFiles(t, newClient(t, cfg), "only-two"); names(l) != "only_two-2.0.tar.gz" || len(l.Strangers) != 0 {
		t.Errorf("on one: %+v", l)
	}
	cfg.Strategy = FirstIndex
	if l := mustFiles(t, newClient(t, cfg), "foo"); names(l) != "foo-0.1.tar.gz foo-1.0.tar.gz" || len(l.Strangers) != 0 {
		t.Errorf("first index: %+v", l)
	}
	if l := mustFiles(t, newClient(t, cfg), "only-two"); names(l) != "only_two-2.0.tar.gz" {
		t.Errorf("first index that has it: %+v", l)
	}
}

// Not there, not to be had and refused are different answers.
func TestNoAnswer(t *testing.T) {
	good, bad := newFakeIndex(t), newFakeIndex(t)
	good.page("foo", fooPage)
	gone := newFakeIndex(t)
	gone.Close()
	text := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, "hello")
	}
	for name, c := range map[string]struct {
		prepare func()
		extra   string
		want    string // "" = foo of the good index; "unavailable"; else a part of the warning
	}{
		"404":               {func() { bad.status("/simple/foo/", 404) }, bad.simple(), ""},
		"410":               {func() { bad.status("/simple/foo/", 410) }, bad.simple(), ""},
		"403":               {func() { bad.status("/simple/foo/", 403) }, bad.simple(), "403 Forbidden"},
		"401":               {func() { bad.status("/simple/foo/", 401) }, bad.simple(), "unavailable"},
		"400":               {func() { bad.status("/simple/foo/", 400) }, bad.simple(), "unavailable"},
		"500":               {func() { bad.status("/simple/foo/", 500) }, bad.simple(), "unavailable"},
		"refused":           {func() {}, gone.simple(), "unavailable"},
		"text":              {func() { bad.handle("/simple/foo/", text) }, bad.simple(), "unavailable"},
		"another version":   {func() { bad.page("foo", `<meta name="pypi:repository-version" content="2.0">`) }, bad.simple(), "unavailable"},
		"leaves for a file": {func() { bad.handle("/simple/foo/", http.RedirectHandler("file:///x", http.StatusFound).ServeHTTP) }, bad.simple(), "unavailable"},
	} {
		c.prepare()
		client := newClient(t, Config{IndexURL: good.simple(), ExtraIndexURLs: []string{c.extra}})
		l, err := client.Files(t.Context(), "foo")
		if c.want == "unavailable" {
			if !IsUnavailable(err) || !strings.Contains(err.Error(), strings.TrimSuffix(c.extra, "/")) {
				t.Errorf("%s: %+v, %v", name, l, err)
			}
			continue
		}
		if err != nil || len(l.Files()) != 2 || len(l.Warnings) > 0 != (c.want != "") || c.want != "" && !strings.Contains(l.Warnings[0], c.want) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
}

// pip's way with an extra index that is down: the others answer, and it is said.
func TestPassOverUnreachable(t *testing.T) {
	good, gone := newFakeIndex(t), newFakeIndex(t)
	good.page("foo", fooPage)
	gone.Close()
	broken := newFakeIndex(t)
	broken.status("/simple/foo/", 500)

	client := newClient(t, Config{IndexURL: good.simple(), ExtraIndexURLs: []string{gone.simple()}, PassOverUnreachable: true})
	l, err := client.Files(t.Context(), "foo")
	if err != nil || len(l.Files()) != 2 || len(l.Warnings) != 1 || !strings.Contains(l.Warnings[0], "cannot be reached") {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := client.Files(t.Context(), "bar"); !IsUnavailable(err) {
		t.Errorf("nobody else has it, so nothing is known: %v", err)
	}
	for name, cfg := range map[string]Config{
		"the index itself":         {IndexURL: gone.simple(), ExtraIndexURLs: []string{good.simple()}},
		"an index that has errors": {IndexURL: good.simple(), ExtraIndexURLs: []string{broken.simple()}},
		"the first of two":         {IndexURL: gone.simple(), ExtraIndexURLs: []string{good.simple()}, Strategy: FirstIndex},
	} {
		cfg.PassOverUnreachable = true
		if l, err := newClient(t, cfg).Files(t.Context(), "foo"); !IsUnavailable(err) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
}

func TestNotFound(t *testing.T) {
	one, two := newFakeIndex(t), newFakeIndex(t)
	two.status("/simple/foo/", 403)
	_, err := newClient(t, Config{IndexURL: one.simple(), ExtraIndexURLs: []string{two.simple()}, FindLinks: []string{t.TempDir()}}).Files(t.Context(), "foo")
	var missing *NotFoundError
	if !errors.As(err, &missing) || IsUnavailable(err) || len(missing.Looked) != 3 || missing.Looked[1] != one.URL+"/simple" || missing.Looked[2] != two.URL+"/simple (403 Forbidden)" {
		t.Errorf("got %v", err)
	}
	_, err = newClient(t, Config{NoIndex: true}).Files(t.Context(), "foo")
	if !IsNotFound(err) {
		t.Errorf("nowhere to look: %v", err)
	}
	// A page without files is a project without files.
	one.page("empty", "<html></html>")
	if l, err := newClient(t, Config{IndexURL: one.simple()}).Files(t.Context(), "empty"); err != nil || len(l.Files()) != 0 {
		t.Errorf("an empty project: %+v, %v", l, err)
	}
}

func TestInsecure(t *testing.T) {
	for name, cfg := range map[string]Config{
		"index":      {IndexURL: "http://example.invalid/simple/"},
		"extra":      {IndexURL: "https://example.invalid/simple/", ExtraIndexURLs: []string{"http://example.invalid:8080/"}},
		"find-links": {NoIndex: true, FindLinks: []string{"http://joe:s3cret@example.invalid/x"}},
		"other port": {IndexURL: "http://example.invalid:81/", TrustedHosts: []string{"example.invalid:80"}},
	} {
		cfg.Getenv = noEnv
		_, err := New(cfg)
		var insecure *InsecureError
		if !errors.As(err, &insecure) || !strings.Contains(err.Error(), "--trusted-host example.invalid") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, cfg := range map[string]Config{
		"trusted":          {IndexURL: "http://example.invalid/", TrustedHosts: []string{"example.invalid"}},
		"trusted and port": {IndexURL: "http://example.invalid:81/", TrustedHosts: []string{"example.invalid:81"}},
		"loopback":         {IndexURL: "http://127.0.0.1:1/"},
		"loopback, IPv6":   {IndexURL: "http://[::1]:1/"},
		"localhost":        {IndexURL: "http://localhost:1/"},
	} {
		cfg.Getenv = noEnv
		c, err := New(cfg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = c.Close()
	}
	// A secure page must not lead to files that come in the clear, unless a hash makes up for it.
	c := newClient(t, Config{})
	f := File{Filename: "foo-1-py3-none-any.whl", URL: "http://example.invalid/foo-1-py3-none-any.whl", Index: "https://example.invalid/simple", Size: -1}
	var insecure *InsecureError
	if _, err := c.Download(t.Context(), f, nil); !errors.As(err, &insecure) {
		t.Errorf("file in the clear: %v", err)
	}
	f.Hashes = map[string]string{"md5": strings.Repeat("0", 32)}
	if _, err := c.Metadata(t.Context(), f); !errors.As(err, &insecure) {
		t.Errorf("file in the clear with a weak hash: %v", err)
	}
	f.Hashes = map[string]string{"sha256": sha(nil)}
	if _, err := c.Download(t.Context(), f, nil); errors.As(err, &insecure) || err == nil {
		t.Errorf("file in the clear with a hash: %v", err)
	}
}

// A redirect must not lead to what would have been refused as an index.
func TestInsecureRedirect(t *testing.T) {
	proxy := newFakeIndex(t)
	proxy.handle("/simple/foo/", func(w http.ResponseWriter, req *http.Request) {
		if req.Host != "example.invalid" {
			http.Redirect(w, req, "http://example.invalid/simple/foo/", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, fooPage)
	})
	cfg := Config{IndexURL: "http://localhost:1/simple/", Proxy: proxy.URL}
	var insecure *InsecureError
	if l, err := newClient(t, cfg).Files(t.Context(), "foo"); !errors.As(err, &insecure) {
		t.Errorf("%+v, %v", l, err)
	}
	cfg.TrustedHosts = []string{"example.invalid"}
	if l := mustFiles(t, newClient(t, cfg), "foo"); len(l.Files()) != 2 {
		t.Errorf("trusted: %+v", l)
	}
}

func TestLocations(t *testing.T) {
	for raw, ok := range map[string]bool{
		"nonsense": false, "ftp://example.com/": false, "https:///x": false, "file://other/x": false, "git+https://example.com/x": false,
	} {
		_, err := New(Config{IndexURL: raw, Getenv: noEnv})
		if (err == nil) != ok {
			t.Errorf("index %q: %v", raw, err)
		}
	}
}

// The versions of all places come together, and of one version the files of
// find-links first, then those of the indexes in order.
func TestReleases(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"foo-1.tar.gz", "foo-3.0.zip", "foo-latest.zip"} {
		writeFile(t, filepath.Join(dir, name), nil)
	}
	one, two := newFakeIndex(t), newFakeIndex(t)
	one.page("foo", `<a href="foo-2.0.tar.gz" data-upload-time="2025-01-02T03:04:05Z">a</a><a href="foo-1.0.zip" data-upload-time="2025-01-02T03:04:05Z">b</a>`)
	two.page("foo", `<a href="foo-10.zip">a</a><a href="foo-2.zip">b</a><a href="foo-1.0.0-py3-none-any.whl">c</a>`)
	show := func(l Listing) (out []string) {
		for i := range l.Releases {
			line := l.Releases[i].Version.String() + ":"
			for _, f := range l.Releases[i].Files() {
				line += " " + f.Filename
			}
			out = append(out, line)
		}
		return out
	}
	l := mustFiles(t, newClient(t, Config{FindLinks: []string{dir}, IndexURL: one.simple(), ExtraIndexURLs: []string{two.simple()}}), "foo")
	want := []string{"1: foo-1.tar.gz foo-1.0.zip foo-1.0.0-py3-none-any.whl", "2.0: foo-2.0.tar.gz foo-2.zip", "3.0: foo-3.0.zip", "10: foo-10.zip"}
	if got := show(l); !slices.Equal(got, want) || !l.Undated() || len(l.Files()) != 8 {
		t.Errorf("got %q, %d files", got, len(l.Files()))
	}
	l = mustFiles(t, newClient(t, Config{FindLinks: []string{dir}, IndexURL: one.simple()}), "foo")
	want = []string{"1: foo-1.tar.gz foo-1.0.zip", "2.0: foo-2.0.tar.gz", "3.0: foo-3.0.zip"}
	if got := show(l); !slices.Equal(got, want) || l.Undated() {
		t.Errorf("got %q, undated: %v", got, l.Undated())
	}
}

func TestFindLinks(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"foo-1.0-py3-none-any.whl", "Foo-2.0.tar.gz", "bar-1.0.tar.gz", "README"} {
		writeFile(t, filepath.Join(dir, name), []byte(name))
	}
	if err := os.Mkdir(filepath.Join(dir, "foo-9.0.tar.gz"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "links.html"), []byte(`<a href="foo-3.0.zip#sha256=`+sha(nil)+`">x</a><a href="https://example.com/foo-4.0.zip">x</a>`))
	idx := newFakeIndex(t)
	idx.handle("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, fooPage+`<a href="/f/bar-2.0.tar.gz">x</a><a href="file:///etc/foo-9.tar.gz">x</a>`)
	})
	missing := filepath.Join(dir, "missing")

	for name, c := range map[string]struct {
		links    []string
		want     string
		warnings int
	}{
		"folder":      {[]string{dir}, "foo-1.0-py3-none-any.whl Foo-2.0.tar.gz foo-3.0.zip foo-4.0.zip", 0},
		"folder URL":  {[]string{fileURL(dir).String()}, "foo-1.0-py3-none-any.whl Foo-2.0.tar.gz foo-3.0.zip foo-4.0.zip", 0},
		"page":        {[]string{filepath.Join(dir, "links.html")}, "foo-3.0.zip foo-4.0.zip", 0},
		"page URL":    {[]string{fileURL(filepath.Join(dir, "links.html")).String()}, "foo-3.0.zip foo-4.0.zip", 0},
		"archive":     {[]string{filepath.Join(dir, "Foo-2.0.tar.gz")}, "Foo-2.0.tar.gz", 0},
		"server":      {[]string{idx.URL + "/page"}, "foo-1.0-py3-none-any.whl foo-1.1.tar.gz", 0},
		"missing too": {[]string{missing, fileURL(missing).String(), idx.URL + "/missing", dir}, "foo-1.0-py3-none-any.whl Foo-2.0.tar.gz foo-3.0.zip foo-4.0.zip", 3},
	} {
		client := newClient(t, Config{FindLinks: c.links})
		l, err := client.Files(t.Context(), "foo")
		if err != nil || names(l) != c.want {
			t.Errorf("%s: %s, %v", name, names(l), err)
		}
		if w := client.Warnings(); len(w) != c.warnings {
			t.Errorf("%s: warnings %q", name, w)
		}
	}
	client := newClient(t, Config{FindLinks: []string{idx.URL + "/page"}})
	idx.take()
	mustFiles(t, client, "foo")
	mustFiles(t, client, "bar")
	if asked := idx.take(); len(asked) != 1 {
		t.Errorf("a find-links page was asked for %d times", len(asked))
	}
	if w := newClient(t, Config{FindLinks: []string{missing}}).Warnings(); len(w) != 1 ||
		w[0] != "Location '"+missing+"' is ignored: it is either a non-existing path or lacks a specific scheme." {
		t.Errorf("warnings %q", w)
	}
}

func TestLocalIndex(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "foo"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "foo", "index.html"), []byte(`<a href="../foo-1.0.tar.gz">x</a>`))
	for _, raw := range []string{dir, fileURL(dir).String(), fileURL(dir).String() + "/"} {
		c := newClient(t, Config{IndexURL: raw})
		l := mustFiles(t, c, "foo")
		if names(l) != "foo-1.0.tar.gz" || !l.Files()[0].Local || l.Files()[0].URL != fileURL(filepath.Join(dir, "foo-1.0.tar.gz")).String() {
			t.Errorf("%s: %+v", raw, l)
		}
		if _, err := c.Files(t.Context(), "bar"); !IsNotFound(err) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestPageCache(t *testing.T) {
	for name, c := range map[string]struct {
		header  []string
		cfg     Config // of the second run
		asked   int    // requests of the second run
		changed bool   // a page that changed meanwhile is seen
	}{
		"fresh":                {header: []string{"Cache-Control", "max-age=600", "ETag", `"1"`}, asked: 0},
		"fresh by date":        {header: []string{"Expires", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}, asked: 0},
		"fresh, refreshed":     {header: []string{"Cache-Control", "max-age=600", "ETag", `"1"`}, cfg: Config{RefreshPackages: []string{"Foo"}}, asked: 1, changed: true},
		"fresh, refresh all":   {header: []string{"Cache-Control", "max-age=600"}, cfg: Config{RefreshPackages: []string{":all:"}}, asked: 1, changed: true},
		"fresh, other":         {header: []string{"Cache-Control", "max-age=600"}, cfg: Config{RefreshPackages: []string{"bar"}}, asked: 0},
		"used up":              {header: []string{"Cache-Control", "max-age=600", "Age", "600", "ETag", `"1"`}, asked: 1, changed: true},
		"no-cache":             {header: []string{"Cache-Control", "no-cache, max-age=600", "ETag", `"1"`}, asked: 1, changed: true},
		"nothing said":         {asked: 1, changed: true},
		"validator":            {header: []string{"ETag", `"1"`}, asked: 1, changed: true},
		"no-store":             {header: []string{"Cache-Control", "no-store, max-age=600"}, asked: 1, changed: true},
		"offline":              {header: nil, cfg: Config{Offline: true}, asked: 0},
		"offline but no-store": {header: []string{"Cache-Control", "no-store"}, cfg: Config{Offline: true}, asked: -1},
	} {
		idx := newFakeIndex(t)
		idx.page("foo", fooPage, c.header...)
		dir := t.TempDir()
		run := func(cfg Config) (Listing, error) {
			cfg.IndexURL, cfg.CacheDir = idx.simple(), dir
			idx.take()
			return newClient(t, cfg).Files(t.Context(), "foo")
		}
		first, err := run(Config{})
		if err != nil {
			t.Fatal(err)
		}
		second, err := run(c.cfg)
		if c.asked < 0 {
			if !IsUnavailable(err) || !errors.Is(err, ErrOffline) {
				t.Errorf("%s: %+v, %v", name, second, err)
			}
			continue
		}
		if asked := idx.take(); err != nil || len(asked) != c.asked || !reflect.DeepEqual(first, second) {
			t.Errorf("%s: asked %q; %+v, %v", name, asked, second, err)
		}
		idx.page("foo", fooPage+`<a href="foo-2.0.tar.gz">new</a>`, append(c.header, "ETag", `"2"`)...)
		third, err := run(c.cfg)
		if err != nil || (len(third.Files()) == 3) != c.changed {
			t.Errorf("%s: after a release %s, %v", name, names(third), err)
		}
	}
}

// A damaged cache is worked around, one file at a time.
func TestDamagedCache(t *testing.T) {
	idx := newFakeIndex(t)
	idx.page("foo", fooPage, "Cache-Control", "max-age=600")
	dir := t.TempDir()
	cfg := Config{IndexURL: idx.simple(), CacheDir: dir}
	want := mustFiles(t, newClient(t, cfg), "foo")
	for name, damage := range map[string]func([]byte) []byte{
		"empty":   func([]byte) []byte { return nil },
		"cut":     func(b []byte) []byte { return b[:len(b)/2] },
		"flipped": func(b []byte) []byte { b[len(b)-10] ^= 1; return b },
		"garbage": func([]byte) []byte { return []byte(strings.Repeat("garbage", 100)) },
	} {
		err := filepath.WalkDir(filepath.Join(dir, "xpip-1", "pages"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, damage(data), 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		idx.take()
		if got, err := newClient(t, cfg).Files(t.Context(), "foo"); err != nil || !reflect.DeepEqual(got, want) || len(idx.take()) != 1 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestUnusableCache(t *testing.T) {
	idx := newFakeIndex(t)
	idx.page("foo", fooPage)
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, nil)
	c := newClient(t, Config{IndexURL: idx.simple(), CacheDir: file})
	mustFiles(t, c, "foo")
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0], "is not used") {
		t.Errorf("warnings %q", w)
	}
}

// Credentials are used and never shown.
func TestCredentialsStayInside(t *testing.T) {
	idx := newFakeIndex(t)
	data := makeWheel(t, 10)
	auth := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			if user, password, _ := req.BasicAuth(); user+password != "joes3cret" {
				w.WriteHeader(401)
				return
			}
			next(w, req)
		}
	}
	idx.page("foo", `<a href="/f/foo-1.0-py3-none-any.whl">a</a>`)
	idx.file("/f/foo-1.0-py3-none-any.whl", data)
	for _, path := range []string{"/simple/foo/", "/f/foo-1.0-py3-none-any.whl"} {
		idx.handle(path, auth(idx.docs[path]))
	}
	c := newClient(t, Config{IndexURL: strings.Replace(idx.simple(), "://", "://joe:s3cret@", 1)})
	l := mustFiles(t, c, "foo")
	if _, err := c.Download(t.Context(), l.Files()[0], nil); err != nil {
		t.Error(err)
	}
	_, err := c.Files(t.Context(), "bar")
	idx.status("/simple/baz/", 500)
	_, err2 := c.Files(t.Context(), "baz")
	if shown := fmt.Sprintf("%+v %v %v", l, err, err2); strings.Contains(shown, "s3cret") || !strings.Contains(shown, "joe:****@") {
		t.Errorf("shown: %s", shown)
	}
}

func TestFreshness(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for in, want := range map[string]struct {
		life time.Duration
		keep bool
	}{
		"":                                   {0, true},
		"max-age=600":                        {10 * time.Minute, true},
		"public, MAX-AGE=\"600\", immutable": {10 * time.Minute, true},
		"max-age=99999999999":                {maxFresh, true},
		"max-age=-1":                         {0, true},
		"max-age=600, no-cache":              {0, true},
		"no-store":                           {0, false},
	} {
		life, keep := freshness(http.Header{"Cache-Control": {in}}, now)
		if life != want.life || keep != want.keep {
			t.Errorf("%q: %v, %v", in, life, keep)
		}
	}
	h := http.Header{"Cache-Control": {"max-age=600"}, "Age": {"500"}}
	if life, _ := freshness(h, now); life != 100*time.Second {
		t.Errorf("with Age: %v", life)
	}
}

func FuzzStoredPage(f *testing.F) {
	page, err := simple.ParseHTML([]byte(fooPage), fileURL("/x/"), "foo")
	if err != nil {
		f.Fatal(err)
	}
	record := pageRecord{Type: "text/html", Body: "\x01", Validators: validator{ETag: "e"}, Until: time.Unix(1, 2), Absent: true}
	data := encodeStored(&cachedPage{record, page})
	if p, err := decodeStored(data); err != nil || p.pageRecord != record || !reflect.DeepEqual(p.page.ReleaseFiles(1), page.ReleaseFiles(1)) {
		f.Errorf("got %+v, %v", p, err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := decodeStored(data); err == nil && p.page == nil {
			t.Error("neither a page nor an error")
		}
	})
}

// Answers that are too large, of whatever kind, are refused before they fill memory.
func TestHugeAnswers(t *testing.T) {
	var bomb bytes.Buffer
	zw := gzip.NewWriter(&bomb)
	for range maxPage>>20 + 1 {
		if _, err := zw.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	idx := newFakeIndex(t)
	idx.handle("/simple/bomb/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	idx.handle("/simple/large/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", strconv.Itoa(maxPage+1))
		w.WriteHeader(http.StatusOK)
	})
	for _, project := range []string{"bomb", "large"} {
		_, err := newClient(t, Config{IndexURL: idx.simple()}).Files(t.Context(), project)
		var large *transport.TooLargeError
		if !errors.As(err, &large) || !IsUnavailable(err) {
			t.Errorf("%s: %v", project, err)
		}
	}
}

// The name of a file is what its link says; no header changes it.
func TestContentDispositionIsIgnored(t *testing.T) {
	idx := newFakeIndex(t)
	data := makeWheel(t, 100)
	idx.file(wheelPath, data, "Content-Disposition", `attachment; filename="../../../evil.whl"`)
	dir := t.TempDir()
	c := newClient(t, Config{CacheDir: dir})
	blob, err := c.Download(t.Context(), wheelFile(idx, data), nil)
	if err != nil || filepath.Base(blob.Path) != sha(data) {
		t.Errorf("%+v, %v", blob, err)
	}
	if matches, _ := filepath.Glob(filepath.Join(dir, "..", "evil*")); len(matches) > 0 {
		t.Errorf("wrote %q", matches)
	}
}
