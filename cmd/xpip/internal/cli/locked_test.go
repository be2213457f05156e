package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xpip/xpip/fixtures"
	"github.com/xpip/xpip/requirements"
)

// TestRemoteLock installs by a lock file that a server has: paths in it are the
// server's, and cannot lead to this machine or to another server.
func TestRemoteLock(t *testing.T) {
	ix, err := fixtures.Load("pypi")
	if err != nil {
		t.Fatal(err)
	}
	files, err := ix.Files()
	if err != nil {
		t.Fatal(err)
	}
	wheel := files["attrs"][0]
	hash := ", hashes = {sha256 = '" + wheel.SHA256 + "'}"
	sources := map[string]string{
		"beside":   "wheels = [{path = 'files/" + wheel.Name + "'" + hash + "}]",
		"above":    "wheels = [{path = '../files/" + wheel.Name + "'" + hash + "}]",
		"absolute": "wheels = [{path = '/files/" + wheel.Name + "'" + hash + "}]",
		"away":     "wheels = [{path = '//other.invalid/" + wheel.Name + "'" + hash + "}]",
		"scheme":   "wheels = [{path = 'file:///files/" + wheel.Name + "'" + hash + "}]",
		"ftp":      "wheels = [{url = 'ftp://example.com/" + wheel.Name + "'" + hash + "}]",
		"relative": "wheels = [{url = 'files/" + wheel.Name + "'" + hash + "}]",
		"folder":   "directory = {path = '.'}",
		"weak":     "wheels = [{path = 'files/" + wheel.Name + "', hashes = {md5 = '00000000000000000000000000000000'}}]",
		"hg":       "vcs = {type = 'hg', url = 'https://example.com/x', commit-id = '00'}",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(r.URL.Path), "pylock."), ".toml")
		switch source, ok := sources[name]; {
		case filepath.Base(r.URL.Path) == wheel.Name:
			_, _ = w.Write(wheel.Content)
		case ok:
			_, _ = w.Write([]byte("lock-version = '1.0'\ncreated-by = 'test'\n[[packages]]\nname = 'attrs'\n" + source + "\n"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for name, want := range map[string]string{
		"beside": "", "above": "",
		"absolute": `the path "/files/` + wheel.Name + `" is absolute, but the lock file is on another machine`,
		"away":     "is absolute",
		"scheme":   "leads away from where the lock file is",
		"ftp":      "is not an https, http or file URL",
		"relative": "is not an https, http or file URL",
		"folder":   `package "attrs" is a folder, but the lock file is on another machine`,
		"weak":     "has no digest by sha256, sha384 or sha512",
		"hg":       `is in a repository of "hg"; only git is supported`,
		"absent":   "Could not read",
	} {
		dir := filepath.Join(t.TempDir(), "out")
		_, stderr, code := runArgs(t, []string{"XPIP_CACHE_DIR=" + t.TempDir()},
			"install", "--platform", "win_amd64", "--no-index", "-t", dir, "--retries", "0", "-r", server.URL+"/locks/pylock."+name+".toml")
		_, statErr := os.Stat(dir)
		if want == "" && (code != 0 || statErr != nil) || want != "" && (code != 1 || !strings.Contains(stderr, want) || statErr == nil) {
			t.Errorf("%s: exit %d, %v\n%s", name, code, statErr, stderr)
		}
	}
}

func TestWithoutCredentials(t *testing.T) {
	for address, want := range map[string]string{
		"https://user:secret@example.com/a/b%2Bc.whl?x=1": "https://example.com/a/b%2Bc.whl?x=1",
		"https://example.com/a.whl":                       "https://example.com/a.whl",
	} {
		if got := withoutCredentials(address); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// TestEnvironmentMarker leaves out what is not known of a host.
func TestEnvironmentMarker(t *testing.T) {
	all := map[string]requirements.Value{
		"sys_platform":        {Text: "ios", Known: true},
		"platform_machine":    {Text: ""},
		"implementation_name": {Text: "cpython", Known: true},
		"python_version":      {Text: "3.14", Known: true},
	}
	env := requirements.NewEnvironment(all)
	if got := environmentMarker(env); got != `sys_platform == "ios" and implementation_name == "cpython"` {
		t.Error(got)
	}
	if got := environmentMarker(env, "python_version"); got != `sys_platform == "ios" and implementation_name == "cpython" and python_version == "3.14"` {
		t.Error(got)
	}
	if got := environmentMarker(requirements.NewEnvironment(nil)); got != "" {
		t.Error(got)
	}
}
