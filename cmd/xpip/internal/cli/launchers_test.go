package cli

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
)

// TestReadLaunchers takes launchers from an index that has the pinned wheel, one
// that has another file of its name, one that has none, and one that is out of
// order.
func TestReadLaunchers(t *testing.T) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, name := range []string{"t32", "t64", "t64-arm", "w32", "w64", "w64-arm"} {
		file, err := w.Create("distlib/" + name + ".exe")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(file, "MZ "+name)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	pin := launcherPin{project: "distlib", file: "distlib-9.9-py3-none-any.whl", sha256: fmt.Sprintf("%x", sha256.Sum256(archive.Bytes()))}
	other := pin
	other.sha256 = strings.Repeat("0", 64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/simple/distlib/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<a href="/files/%[1]s">%[1]s</a>`, pin.file)
		case "/files/" + pin.file:
			_, _ = w.Write(archive.Bytes())
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	kept := t.TempDir()
	for _, c := range []struct {
		platform, path string
		pin            launcherPin
		want           string // of the console's
		reason, cache  string
	}{
		{"win_amd64", "/simple/", pin, "MZ t64", "", kept},
		{"win_arm64", "/elsewhere/", pin, "MZ t64-arm", "", kept}, // was downloaded before
		{"win_amd64", "/simple/", pin, "MZ t64", "", ""},
		{"win_arm64", "/simple/", pin, "MZ t64-arm", "", ""},
		{"win32", "/simple/", pin, "MZ t32", "", ""},
		{"win_amd64", "/simple/", other, "", "promises", ""},
		{"win_amd64", "/simple/", launcherPin{project: "distlib", file: "distlib-8-py3-none-any.whl"}, "", "no index has it", ""},
		{"win_amd64", "/elsewhere/", pin, "", "distlib", ""},
	} {
		client, err := index.New(index.Config{IndexURL: server.URL + c.path, CacheDir: cmp.Or(c.cache, t.TempDir()), Retries: -1})
		if err != nil {
			t.Fatal(err)
		}
		h, err := host.New(host.Options{Platforms: []string{c.platform}, PythonVersion: "3.13"})
		if err != nil {
			t.Fatal(err)
		}
		s := &session{client: client, host: h}
		got, err := s.readLaunchers(context.Background(), c.pin)
		switch {
		case c.want == "" && (err == nil || !strings.Contains(strings.ToLower(err.Error()), c.reason)):
			t.Errorf("%s %+v: got %v", c.path, c.pin, err)
		case c.want != "" && err != nil:
			t.Errorf("%s: %v", c.platform, err)
		case c.want != "" && (string(got.Console) != c.want || string(got.GUI) != strings.Replace(c.want, "t", "w", 1)):
			t.Errorf("%s: got %q and %q", c.platform, got.Console, got.GUI)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}
