package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// guarded answers 401 until joe and his password come, and says who came.
func guarded(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var refused atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		user, password, ok := req.BasicAuth()
		if !ok || user+":"+password != "joe:s3cret" {
			refused.Add(1)
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			http.Error(w, fmt.Sprintf("%s %s", user, password), http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "welcome %s", user)
	}))
	t.Cleanup(srv.Close)
	return srv, &refused
}

func netrcFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "netrc")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func withUser(rawURL, user string) string { return strings.Replace(rawURL, "://", "://"+user+"@", 1) }

func TestCredentials(t *testing.T) {
	srv, _ := guarded(t)
	u, _ := url.Parse(srv.URL)
	host := u.Hostname()
	prompt := func(user, password string) Prompt {
		return func(context.Context, string) (string, string, bool) { return user, password, true }
	}
	for name, c := range map[string]struct {
		url  string // "" = the server's
		opts Options
		want int
		who  string // what the server saw last, when it refused
	}{
		"none":                   {want: 401, who: " "},
		"url":                    {url: withUser(srv.URL, "joe:s3cret"), want: 200},
		"url, wrong":             {url: withUser(srv.URL, "joe:wrong"), want: 401, who: "joe wrong"},
		"url, user only":         {url: withUser(srv.URL, "joe"), want: 401, who: "joe "},
		"index":                  {opts: Options{Locations: []string{withUser(srv.URL, "joe:s3cret") + "/simple"}}, want: 200},
		"index on another port":  {opts: Options{Locations: []string{"http://joe:s3cret@" + host + ":1/simple"}}, want: 401, who: " "},
		"index by https":         {opts: Options{Locations: []string{"https://joe:s3cret@" + u.Host + "/simple"}}, want: 401, who: " "},
		"netrc":                  {opts: Options{Netrc: netrcFile(t, "machine "+host+" login joe password s3cret")}, want: 200},
		"netrc by variable":      {opts: Options{Getenv: env("NETRC", netrcFile(t, "machine "+host+" login joe password s3cret"))}, want: 200},
		"netrc, other host":      {opts: Options{Netrc: netrcFile(t, "machine x"+host+" login joe password s3cret")}, want: 401, who: " "},
		"netrc for user":         {url: withUser(srv.URL, "joe"), opts: Options{Netrc: netrcFile(t, "machine "+host+" login joe password s3cret")}, want: 200},
		"netrc for another user": {url: withUser(srv.URL, "ann"), opts: Options{Netrc: netrcFile(t, "machine "+host+" login joe password s3cret")}, want: 401, who: "ann "},
		"netrc is broken":        {opts: Options{Netrc: netrcFile(t, "machine "+host+" login joe pass")}, want: 401, who: " "},
		"netrc default":          {opts: Options{Netrc: netrcFile(t, "default login joe password s3cret")}, want: 401, who: " "},
		"netrc default, configured": {
			opts: Options{Netrc: netrcFile(t, "default login joe password s3cret"), Locations: []string{srv.URL}}, want: 200,
		},
		"url before netrc": {
			url: withUser(srv.URL, "joe:s3cret"), opts: Options{Netrc: netrcFile(t, "machine "+host+" login x password y")}, want: 200,
		},
		"prompt":           {opts: Options{Prompt: prompt("joe", "s3cret"), KeyringProvider: "disabled"}, want: 200},
		"prompt, wrong":    {opts: Options{Prompt: prompt("joe", "x"), KeyringProvider: "disabled"}, want: 401, who: "joe x"},
		"prompt, no input": {opts: Options{Prompt: prompt("joe", "s3cret"), NoInput: true}, want: 401, who: " "},
	} {
		if c.url == "" {
			c.url = srv.URL
		}
		if c.opts.KeyringProvider == "" {
			c.opts.KeyringProvider = "disabled"
		}
		status, body, err := get(t.Context(), newClient(t, c.opts), c.url+"/simple/x/")
		if err != nil || status != c.want || c.want == 401 && strings.TrimRight(body, "\n") != c.who {
			t.Errorf("%s: status %d, %q, %v", name, status, body, err)
		}
	}
}

// What is not written for one URL is not sent in the clear, unless the host is trusted.
func TestNotInTheClear(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		user, _, _ := req.BasicAuth()
		fmt.Fprintf(w, "%s at %s", user, req.Host)
	}))
	defer proxy.Close()
	opts := Options{Proxy: proxy.URL, Netrc: netrcFile(t, "machine example.invalid login joe password s3cret")}
	const u = "http://example.invalid/x"
	if _, body, err := get(t.Context(), newClient(t, opts), u); err != nil || body != " at example.invalid" {
		t.Errorf("%q, %v", body, err)
	}
	opts.TrustedHosts = []string{"example.invalid"}
	if _, body, err := get(t.Context(), newClient(t, opts), u); err != nil || body != "joe at example.invalid" {
		t.Errorf("trusted: %q, %v", body, err)
	}
}

// Of several indexes on one host the one that an URL lies below lends its credentials.
func TestNearestIndex(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		user, _, _ := req.BasicAuth()
		fmt.Fprint(w, user)
	}))
	defer srv.Close()
	client := newClient(t, Options{Locations: []string{
		withUser(srv.URL, "one:x") + "/team/one/simple/", withUser(srv.URL, "two:x") + "/team/two/simple/", srv.URL + "/public/",
	}})
	for path, want := range map[string]string{
		"/team/one/simple/foo/": "one", "/team/one/files/foo.whl": "one",
		"/team/two/simple/foo/": "two", "/team/two/files/foo.whl": "two",
		"/public/foo/": "", "/files/foo.whl": "one",
	} {
		if _, body, err := get(t.Context(), client, srv.URL+path); err != nil || body != want {
			t.Errorf("%s: %q, %v; want %q", path, body, err, want)
		}
	}
}

// fakeKeyring puts a keyring program on PATH, which notes each call in a file.
func fakeKeyring(t *testing.T, script string) (calls func() string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	text := "#!/bin/sh\necho \"$@\" >> '" + log + "'\n" + script
	if err := os.WriteFile(filepath.Join(dir, "keyring"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return func() string {
		data, _ := os.ReadFile(log)
		return string(data)
	}
}

func TestKeyring(t *testing.T) {
	calls := fakeKeyring(t, `echo '{"username": "joe", "password": "s3cret"}'`)
	srv, refused := guarded(t)
	index := srv.URL + "/simple/"
	client := newClient(t, Options{Locations: []string{index}})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if status, body, err := get(t.Context(), client, index+"foo/"); err != nil || status != 200 {
				t.Errorf("status %d, %q, %v", status, body, err)
			}
		})
	}
	wg.Wait()
	if want := "--mode=creds --output=json get " + index + "\n"; calls() != want {
		t.Errorf("calls of keyring: %q, want %q", calls(), want)
	}
	before := refused.Load()
	if status, _, err := get(t.Context(), client, index+"bar/"); err != nil || status != 200 || refused.Load() != before {
		t.Errorf("what the keyring said was not remembered: status %d, %v", status, err)
	}
}

func TestKeyringOld(t *testing.T) {
	calls := fakeKeyring(t, `case "$1" in --mode=creds) echo "error: unrecognized arguments: --mode=creds" >&2; exit 2;; esac; echo s3cret`)
	srv, _ := guarded(t)
	client := newClient(t, Options{KeyringProvider: "subprocess", NoInput: true})
	status, body, err := get(t.Context(), client, withUser(srv.URL, "joe"))
	if err != nil || status != 200 {
		t.Errorf("status %d, %q, %v; calls %q", status, body, err, calls())
	}
}

func TestKeyringNotAsked(t *testing.T) {
	calls := fakeKeyring(t, `echo '{"username": "joe", "password": "s3cret"}'`)
	srv, _ := guarded(t)
	for name, opts := range map[string]Options{
		"disabled":          {KeyringProvider: "disabled"},
		"auto and no input": {NoInput: true},
	} {
		if status, _, err := get(t.Context(), newClient(t, opts), srv.URL); err != nil || status != 401 {
			t.Errorf("%s: status %d, %v", name, status, err)
		}
	}
	// Known credentials are sent at once; nobody is asked.
	if status, _, err := get(t.Context(), newClient(t, Options{}), withUser(srv.URL, "joe:s3cret")); err != nil || status != 200 {
		t.Errorf("status %d, %v", status, err)
	}
	if got := calls(); got != "" {
		t.Errorf("keyring was called: %q", got)
	}
	if _, err := New(Options{KeyringProvider: "magic", Getenv: noEnv}); err == nil {
		t.Error("an unknown provider was accepted")
	}
}

func TestParseNetrc(t *testing.T) {
	for _, c := range []struct {
		text     string
		machines map[string]login
		fallback *login
		bad      bool
	}{
		{"", map[string]login{}, nil, false},
		{"machine h login u password p", map[string]login{"h": {"u", "p"}}, nil, false},
		{"machine H\n  login u\n  account a\n  password p\n", map[string]login{"h": {"u", "p"}}, nil, false},
		{"# all\nmachine h login u password p#q # mine\nmachine i user v password \"a b\\\"c\"", map[string]login{"h": {"u", "p#q"}, "i": {"v", `a b"c`}}, nil, false},
		{"machine h login u password p machine h login x password y", map[string]login{"h": {"u", "p"}}, nil, false},
		{"machine h login u password p\nmacdef init\n  machine x login y\n\nmachine i login v password q", map[string]login{"h": {"u", "p"}, "i": {"v", "q"}}, nil, false},
		{"machine h login u password p default login d password e", map[string]login{"h": {"u", "p"}}, &login{"d", "e"}, false},
		{"machine h", map[string]login{"h": {}}, nil, false},
		{"login u", nil, nil, true},
		{"machine", nil, nil, true},
		{"machine h login", nil, nil, true},
		{"machine h s3cret", nil, nil, true},
	} {
		n, err := parseNetrc(c.text)
		if (err != nil) != c.bad || err == nil && (!reflect.DeepEqual(n.machines, c.machines) || !reflect.DeepEqual(n.fallback, c.fallback)) {
			t.Errorf("%q: %+v, %v", c.text, n, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error shows what may be a password: %v", err)
		}
	}
}

func FuzzParseNetrc(f *testing.F) {
	f.Add("machine h login u password p # x\nmacdef m\n x\n\ndefault login \"a\\\"b\" password c")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseNetrc(text)
		if err == nil && len(n.machines) > strings.Count(text, "machine") {
			t.Errorf("%q: %+v", text, n)
		}
	})
}
