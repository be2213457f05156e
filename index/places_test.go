package index

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestPins(t *testing.T) {
	one, two := newFakeIndex(t), newFakeIndex(t)
	links := t.TempDir()
	for _, project := range []string{"foo", "our-app", "our-app-core", "bar"} {
		file := strings.ReplaceAll(project, "-", "_")
		one.page(project, `<a href="`+file+`-1.0.tar.gz">a</a>`)
		two.page(project, `<a href="`+file+`-2.0.tar.gz">a</a>`)
		writeFile(t, filepath.Join(links, file+"-3.0.tar.gz"), nil)
	}
	cfg := Config{
		IndexURL: one.simple(), ExtraIndexURLs: []string{two.simple()}, FindLinks: []string{links},
		Pins:  []Pin{{"foo", one.simple()}, {"f*", one.simple()}, {"Foo", two.simple()}, {"our-*", one.simple()}, {"our.app.*", "second"}, {"bar", PinnedToLinks}},
		Names: []Named{{"second", two.simple()}},
	}
	c := newClient(t, cfg)
	for project, want := range map[string]string{
		"foo": "foo-2.0.tar.gz", "Our_App": "our_app-1.0.tar.gz", "our-app-core": "our_app_core-2.0.tar.gz", "bar": "bar-3.0.tar.gz",
	} {
		if l := mustFiles(t, c, project); names(l) != want || len(l.Strangers) > 0 {
			t.Errorf("%s: %s, %q", project, names(l), l.Strangers)
		}
	}
	if asked := strings.Join(one.take(), " "); asked != "/simple/our-app/" {
		t.Errorf("the first was asked for %s", asked)
	}
	// An index of its own that is none of the others; and no answer elsewhere.
	other := newFakeIndex(t)
	cfg.Pins = []Pin{{"*", other.simple()}}
	_, err := newClient(t, cfg).Files(t.Context(), "foo")
	var missing *NotFoundError
	if !errors.As(err, &missing) || len(missing.Looked) != 1 || missing.Looked[0]+"/" != other.simple() {
		t.Errorf("pinned to another: %v", err)
	}
	cfg.NoIndex = true
	if l := mustFiles(t, newClient(t, cfg), "foo"); names(l) != "foo-3.0.tar.gz" {
		t.Errorf("without indexes: %s", names(l))
	}
	for _, bad := range []Pin{{"a b", "https://example.com/"}, {"", "https://example.com/"}, {"a*b", "https://example.com/"}, {"a", "nowhere"}, {"a", ""}, {"a", "http://example.com/"}} {
		if _, err := New(Config{Getenv: noEnv, Pins: []Pin{bad}}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// Indexes that say of each other that they serve the same project need no warning (PEP 708).
func TestSameProjectOnSeveralIndexes(t *testing.T) {
	for name, c := range map[string]struct {
		one, two  string // in front of the page
		strangers int
	}{
		"nothing said":            {"", "", 2},
		"the second tracks":       {"", `<meta name="pypi:tracks" content="ONE/foo/">`, 0},
		"the first tracks":        {`<meta name="pypi:tracks" content="TWO/foo">`, "", 0},
		"tracks a third":          {"", `<meta name="pypi:tracks" content="https://example.com/simple/foo/">`, 2},
		"tracks another project":  {"", `<meta name="pypi:tracks" content="ONE/bar/">`, 2},
		"locations of each other": {`<meta name="pypi:alternate-locations" content="TWO/foo/">`, `<meta name="pypi:alternate-locations" content="ONE/foo/">`, 0},
		"locations of one":        {`<meta name="pypi:alternate-locations" content="TWO/foo/">`, "", 2},
		"no URL":                  {`<meta name="pypi:tracks" content="%zz">`, "", 2},
	} {
		one, two := newFakeIndex(t), newFakeIndex(t)
		fill := strings.NewReplacer("ONE/", one.simple(), "TWO/", two.simple())
		one.page("foo", fill.Replace(c.one)+`<a href="foo-1.0.tar.gz">a</a></html>`)
		two.page("foo", fill.Replace(c.two)+`<a href="foo-2.0.tar.gz">a</a></html>`)
		cfg := Config{IndexURL: one.simple(), ExtraIndexURLs: []string{two.simple()}, CacheDir: t.TempDir()}
		for range 2 { // what is said is kept with the page
			if l := mustFiles(t, newClient(t, cfg), "foo"); len(l.Strangers) != c.strangers || len(l.Files()) != 2 {
				t.Errorf("%s: %q", name, l.Strangers)
			}
			cfg.Offline = true
		}
	}
}

func TestQuarantine(t *testing.T) {
	one, two := newFakeIndex(t), newFakeIndex(t)
	page := `<meta name="pypi:project-status" content="quarantined"><meta name="pypi:project-status-reason" content="mal\x1b[2Jware"><a href="foo-1.0.tar.gz">a</a>`
	one.page("foo", page)
	cfg := Config{IndexURL: one.simple()}
	_, err := newClient(t, cfg).Files(t.Context(), "foo")
	var q *QuarantinedError
	if !errors.As(err, &q) || q.Index+"/" != one.simple() || q.Reason == "" || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("got %v", err)
	}
	two.page("foo", `<a href="foo-2.0.tar.gz">a</a>`)
	cfg.ExtraIndexURLs = []string{two.simple()}
	if l := mustFiles(t, newClient(t, cfg), "foo"); names(l) != "foo-2.0.tar.gz" || len(l.Warnings) != 1 {
		t.Errorf("with another: %s, %q", names(l), l.Warnings)
	}
	cfg.Strategy = FirstIndex
	if _, err := newClient(t, cfg).Files(t.Context(), "foo"); !errors.As(err, &q) {
		t.Errorf("first index: %v", err)
	}
}

// Offline, an index says what it said last, also that it has no such project.
func TestOfflineIndexes(t *testing.T) {
	one, two := newFakeIndex(t), newFakeIndex(t)
	one.page("foo", `<a href="foo-1.0.tar.gz">a</a>`)
	cfg := Config{IndexURL: one.simple(), ExtraIndexURLs: []string{two.simple()}, CacheDir: t.TempDir()}
	mustFiles(t, newClient(t, cfg), "foo")
	if _, err := newClient(t, cfg).Files(t.Context(), "bar"); !IsNotFound(err) {
		t.Error(err)
	}
	offline := cfg
	offline.Offline = true
	one.take()
	if l := mustFiles(t, newClient(t, offline), "foo"); names(l) != "foo-1.0.tar.gz" {
		t.Errorf("got %s", names(l))
	}
	if _, err := newClient(t, offline).Files(t.Context(), "bar"); !IsNotFound(err) {
		t.Errorf("what was not there: %v", err)
	}
	if _, err := newClient(t, offline).Files(t.Context(), "never-asked"); !errors.Is(err, ErrOffline) || IsNotFound(err) {
		t.Errorf("what was never asked: %v", err)
	}
	if asked := one.take(); len(asked) > 0 {
		t.Errorf("offline it was asked for %q", asked)
	}
	// What is there now is seen as soon as it may be asked.
	two.page("bar", `<a href="bar-1.0.tar.gz">a</a>`)
	if l := mustFiles(t, newClient(t, cfg), "bar"); names(l) != "bar-1.0.tar.gz" {
		t.Errorf("got %s", names(l))
	}
	two.status("/simple/bar/", http.StatusGone)
	if _, err := newClient(t, cfg).Files(t.Context(), "bar"); !IsNotFound(err) {
		t.Error(err)
	}
	if _, err := newClient(t, offline).Files(t.Context(), "bar"); !IsNotFound(err) {
		t.Errorf("what is gone: %v", err)
	}
}

func TestNamedIndexes(t *testing.T) {
	one, two := newFakeIndex(t), newFakeIndex(t)
	one.page("foo", `<a href="foo-1.0.tar.gz">a</a>`)
	two.page("foo", `<a href="foo-1.0.zip">a</a>`)
	named := []Named{{"one", one.simple()}, {"two", two.simple()}}
	if l := mustFiles(t, newClient(t, Config{IndexURL: "two", ExtraIndexURLs: []string{"one", one.simple()}, Names: named}), "foo"); names(l) != "foo-1.0.zip foo-1.0.tar.gz" {
		t.Errorf("got %s", names(l))
	}
	c := newClient(t, Config{IndexURL: "one", ExtraIndexURLs: []string{"pypi"}, Names: named})
	if got := c.indexes[1].url.String(); got+"/" != DefaultURL() {
		t.Errorf("pypi is %s", got)
	}
	for _, bad := range []Config{
		{IndexURL: "three", Names: named},
		{Names: []Named{{"one", ""}}},
		{Names: []Named{{"a/b", one.simple()}}},
		{Names: []Named{{PinnedToLinks, one.simple()}}},
	} {
		bad.Getenv = noEnv
		if _, err := New(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestTrustIsSaidLoudly(t *testing.T) {
	c := newClient(t, Config{TrustedHosts: []string{"127.0.0.1:1", "[::1]:8080", "localhost", "example.com:8443", "10.1.2.3"}})
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0], "of example.com:8443, 10.1.2.3 are not verified") {
		t.Errorf("warnings %q", w)
	}
}
