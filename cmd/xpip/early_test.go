package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/xpip/xpip/cmd/xpip/internal/cli"
	"github.com/xpip/xpip/fixtures"
)

// TestEarly has the search decide on lib 2.0 first and take 1.0 in the end.
func TestEarly(t *testing.T) {
	target := filepath.Join(t.TempDir(), "lib")
	if code, out := installEarly(t, "-t", target, "lib", "app"); code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	for _, name := range []string{"lib-1.0.dist-info", "app-1.0.dist-info"} {
		if _, err := os.Stat(filepath.Join(target, name)); err != nil {
			t.Error(err)
		}
	}
}

// TestEarlyEnds has no solution to offer.
func TestEarlyEnds(t *testing.T) {
	code, out := installEarly(t, "-t", filepath.Join(t.TempDir(), "lib"), "lib>=2", "app")
	if code != 1 || !strings.Contains(out, "ResolutionImpossible") {
		t.Fatalf("exit code %d\n%s", code, out)
	}
}

// TestNotEarly asks for files by their hashes: what has others is not unpacked.
func TestNotEarly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "requirements.txt")
	text := "lib==1.0 --hash=sha256:" + strings.Repeat("0", 64) + "\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(t.TempDir(), "cache")
	if code, out := installEarly(t, "--cache-dir", cache, "-t", filepath.Join(t.TempDir(), "lib"), "-r", file); code != 1 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	if found, err := filepath.Glob(filepath.Join(cache, "xpip-*", "wheels-*", "*", "*")); err != nil || len(found) > 0 {
		t.Errorf("in the cache: %q, %v", found, err)
	}
}

// installEarly installs from an index that sends the metadata of app only when
// it is asked for the wheel of lib 2.0, so before the search is through, and
// never sends that wheel: nothing may wait for it.
func installEarly(t *testing.T, more ...string) (code int, out string) {
	t.Helper()
	release := func(version string, requires ...string) fixtures.Release {
		return fixtures.Release{Version: version, Wheels: []string{"py3-none-any"}, Requires: requires,
			Files: map[string]string{"module.py": ""}}
	}
	inner, err := fixtures.NewServer(&fixtures.Index{Projects: []fixtures.Project{
		{Name: "lib", Releases: []fixtures.Release{release("1.0"), release("2.0")}},
		{Name: "app", Releases: []fixtures.Release{release("0.9", "lib<2"), release("1.0", "lib<2")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	tell := sync.OnceFunc(func() { close(asked) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch name := r.URL.Path; {
		case strings.Contains(name, "/lib-2.0-") && strings.HasSuffix(name, ".whl"):
			tell()
			<-r.Context().Done()
			return
		case strings.Contains(name, "/app-") && strings.HasSuffix(name, ".metadata"):
			select {
			case <-asked:
			case <-r.Context().Done():
			}
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	home := t.TempDir()
	var text bytes.Buffer
	code = cli.Run(t.Context(), cli.Process{
		Name: "xpip", Stdin: strings.NewReader(""), Stdout: &text, Stderr: &text,
		Args: append([]string{"install", "--platform", "ios_13_0_arm64", "--python-version", "3.14", "-i", server.URL + "/simple/",
			"--cache-dir", filepath.Join(home, "cache")}, more...),
		Environ: []string{"HOME=" + home, "PIP_CONFIG_FILE=" + os.DevNull},
	})
	return code, text.String()
}
