package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xpip/xpip/cmd/xpip/internal/cli"
	"github.com/xpip/xpip/fixtures"
)

// Secrets, one for each way in which one gets here. They are what a grep finds.
const (
	urlSecret     = "canary-in-the-URL"
	extraSecret   = "canary-of-the-extra-index"
	tokenSecret   = "canary-token"
	netrcSecret   = "canary-of-netrc"
	keyringSecret = "canary-of-the-keyring"
	querySecret   = "canary-in-a-signature"
)

var canaries = []string{urlSecret, extraSecret, tokenSecret, netrcSecret, keyringSecret, querySecret}

// TestSecretsStayInside runs commands with credentials of every origin, and looks
// for these in all that comes out and all that is left: at any verbosity, in
// logs, caches, reports, locks, installed files, and the arguments of programs
// that are started.
func TestSecretsStayInside(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the keyring program of the test is a shell script")
	}
	s := newSecretWorld(t)
	for _, c := range []struct {
		name string
		args []string
	}{
		{"install", []string{"install", "-t", "app", "--report", "report.json", "jinja2[i18n]", "attrs<26"}},
		{"direct", []string{"install", "-t", "direct", "click @ " + s.direct}},
		{"named", []string{"install", "-t", "named", "click @ " + s.named}},
		{"conflict", []string{"install", "-t", "no", "click @ " + s.named, "click==1.0"}},
		{"gone", []string{"install", "-t", "no", "click @ " + strings.Replace(s.named, "8.3.0", "8.3.1", 1)}},
		{"needs", []string{"install", "-t", "no", "--platform", "win_amd64", "--no-index", "click @ " + s.named}},
		{"lock", []string{"lock", "-o", "pylock.toml", "jinja2"}},
		{"download", []string{"download", "-d", "wheels", "markupsafe"}},
		{"no such", []string{"install", "-t", "no", "no-such-project"}},
		{"broken", []string{"install", "-t", "no", "forbidden"}},
		{"wrong hash", []string{"install", "-t", "no", "changed"}},
		{"moved", []string{"install", "-t", "no", "moved"}},
		{"pinned", []string{"install", "-t", "pinned", "--named-index", "ours=" + s.first, "--pin-index", "attrs=ours", "attrs<26"}},
		{"versions", []string{"index", "versions", "attrs"}},
		{"freeze", []string{"freeze", "--path", "direct"}},
		{"show", []string{"show", "-f", "--path", "direct", "click"}},
		{"inspect", []string{"inspect", "--path", "direct"}},
		{"config", []string{"debug"}},
	} {
		name, args := c.name, c.args
		for _, verbosity := range [][]string{nil, {"-vvv"}, {"-q"}} {
			code, out := s.run(t, append(verbosity, args...))
			for _, canary := range canaries {
				if strings.Contains(out, canary) {
					t.Errorf("%s %s (exit code %d): %s is said:\n%s", name, verbosity, code, canary, out)
				}
			}
			if fails := slices.Contains([]string{"no such", "broken", "wrong hash", "moved", "conflict", "gone", "needs"}, name); (code != 0) != fails {
				t.Errorf("%s %s: exit code %d\n%s", name, verbosity, code, out)
			}
		}
	}
	s.search(t)
	if len(s.came) < 5 {
		t.Errorf("not all credentials were sent, so that this test shows little: %v", s.came)
	}
}

type secretWorld struct {
	dir    string
	first  string // the index, with its credentials
	direct string // a wheel behind a signed URL
	named  string // a wheel behind a URL with credentials

	mu   sync.Mutex
	came map[string]bool
}

// newSecretWorld serves the fixtures on three origins: one that wants what the
// URL has, one that takes a token, and one for files that netrc and the keyring
// know. All of them repeat in error messages what they were sent.
func newSecretWorld(t *testing.T) *secretWorld {
	t.Helper()
	s := &secretWorld{dir: t.TempDir(), came: map[string]bool{}}
	ix, err := fixtures.Load("pypi")
	if err != nil {
		t.Fatal(err)
	}
	sound, err := fixtures.NewServer(ix)
	if err != nil {
		t.Fatal(err)
	}
	origin := func(want ...string) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			for _, secret := range want {
				if user != secret && password != secret {
					continue
				}
				s.note(secret)
				switch {
				case strings.HasPrefix(r.URL.Path, "/simple/forbidden/"):
					http.Error(w, "you sent "+r.Header.Get("Authorization")+password+user, http.StatusBadRequest)
				case strings.HasPrefix(r.URL.Path, "/simple/moved/"):
					http.Redirect(w, r, "http://"+user+":"+password+"@"+r.Host+r.URL.Path+"?sig="+querySecret, http.StatusFound)
				case strings.HasPrefix(r.URL.Path, "/simple/changed/"):
					fmt.Fprintf(w, "<!DOCTYPE html><a href='/files/attrs-25.3.0-py3-none-any.whl?name=/changed-1.0-py3-none-any.whl&sig=%s'></a><a href='changed-1.0-py3-none-any.whl?sig=%s#sha256=%064d'>x</a>", querySecret, querySecret, 0)
				case strings.HasSuffix(r.URL.Path, "/changed-1.0-py3-none-any.whl"):
					fmt.Fprint(w, "these are other bytes")
				default:
					sound.ServeHTTP(w, r)
				}
				return
			}
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "not "+r.Header.Get("Authorization")+password, http.StatusUnauthorized)
		}))
		t.Cleanup(server.Close)
		return server
	}
	first, extra := origin(urlSecret, netrcSecret), origin(extraSecret, tokenSecret, keyringSecret)
	s.first = strings.Replace(first.URL, "http://", "http://user:"+urlSecret+"@", 1) + "/simple/"
	withToken := strings.Replace(extra.URL, "http://", "http://"+tokenSecret+":@", 1) + "/simple/"
	s.named = strings.Replace(first.URL, "http://", "http://"+urlSecret+":@", 1) + "/files/click-8.3.0-py3-none-any.whl"
	signed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("sig") != querySecret {
			http.Error(w, "wrong signature "+r.URL.RawQuery, http.StatusForbidden)
			return
		}
		s.note(querySecret)
		sound.ServeHTTP(w, r)
	}))
	t.Cleanup(signed.Close)
	s.direct = signed.URL + "/files/click-8.3.0-py3-none-any.whl?sig=" + querySecret
	// localhost is another origin than 127.0.0.1: netrc's, and the keyring's.
	s.write(t, "netrc", "machine localhost login user password "+netrcSecret+"\n", 0o600)
	s.write(t, "bin/keyring", "#!/bin/sh\necho \"$@\" >> '"+s.dir+"/arguments'\necho '{\"username\": \"user\", \"password\": \""+keyringSecret+"\"}'\n", 0o755)
	s.write(t, "pip.conf", "[global]\nindex-url = "+s.first+"\nextra-index-url =\n  "+withToken+"\n  "+
		strings.Replace(first.URL, "127.0.0.1", "localhost", 1)+"/simple/\n  "+strings.Replace(extra.URL, "127.0.0.1", "localhost", 1)+"/simple/\n", 0o600)
	t.Setenv("PATH", filepath.Join(s.dir, "bin"))
	t.Chdir(s.dir)
	return s
}

func (s *secretWorld) note(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.came[secret] = true
}

// run runs a command line in the world.
func (s *secretWorld) run(t *testing.T, args []string) (code int, output string) {
	t.Helper()
	var out bytes.Buffer
	code = cli.Run(context.Background(), cli.Process{
		Name: "xpip",
		Args: append([]string{"--cache-dir", "cache", "--log", "log", "--retries", "0", "--keyring-provider", "subprocess"}, args...),
		Environ: []string{
			"HOME=" + s.dir, "NETRC=" + filepath.Join(s.dir, "netrc"), "PIP_CONFIG_FILE=" + filepath.Join(s.dir, "pip.conf"), "PATH=",
			"PIP_PLATFORM=ios_13_0_arm64",
		},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
	})
	return code, out.String()
}

// search looks for the canaries in everything that was written.
func (s *secretWorld) search(t *testing.T) {
	t.Helper()
	given := []string{"netrc", "pip.conf", filepath.Join("bin", "keyring")}
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(s.dir, path)
		if err != nil || d.IsDir() || slices.Contains(given, rel) {
			return err
		}
		data, err := os.ReadFile(path)
		for _, canary := range canaries {
			// The links of a page are the server's own words; the cache is the user's alone.
			page := canary == querySecret && strings.HasPrefix(rel, filepath.Join("cache", "xpip-1", "pages"))
			if strings.Contains(rel+"\n"+string(data), canary) && !page {
				t.Errorf("%s is in %s", canary, rel)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *secretWorld) write(t *testing.T, name, text string, mode fs.FileMode) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}
