package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/installer"
)

func TestTabulate(t *testing.T) {
	got := tabulate([][]string{{"Package", "Version", "Build"}, {"a", "1", ""}, {"größer-als-7", "1.0", "2"}})
	want := []string{
		"Package      Version Build",
		"------------ ------- -----",
		"a            1",
		"größer-als-7 1.0     2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestPyRepr holds quoting against what Python's repr says.
func TestPyRepr(t *testing.T) {
	for in, want := range map[string]string{
		"plain": `'plain'`, "it's": `"it's"`, `say "x"`: `'say "x"'`, `both ' and "`: `'both \' and "'`,
		"\na\tb\\": `'\na\tb\\'`, "\x1b[0m": `'\x1b[0m'`, "\u009b": `'\x9b'`, "\u202e": `'\u202e'`, "ü": `'ü'`, "\U000e0001": `'\U000e0001'`,
	} {
		if got := pyRepr(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// TestJSONText wants Python's spaces, and nothing that a terminal would obey.
func TestJSONText(t *testing.T) {
	in := map[string]any{"b": []string{"x", "y"}, "a": "\x1b]0;\u009b\u202e\U000e0001ü<&>"}
	text, err := lineJSON(in)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a": "\u001b]0;\u009b\u202e\udb40\udc01ü<&>", "b": ["x", "y"]}`
	if text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var back map[string]any
	if err := json.Unmarshal([]byte(text), &back); err != nil || back["a"] != in["a"] {
		t.Errorf("read back: %q, %v", back["a"], err)
	}
}

func TestHomepage(t *testing.T) {
	urls := []string{"Source, https://example.com/s", "Home-Page!, https://example.com/h", "homepage, https://example.com/2"}
	for _, c := range []struct {
		field string
		urls  []string
		want  string
	}{
		{"https://example.com", urls, "https://example.com"},
		{"", urls, "https://example.com/h"},
		{"", urls[:1], ""},
		{"", []string{"homepage without a comma"}, ""},
	} {
		if got := homepage(c.field, c.urls); got != c.want {
			t.Errorf("%q %v: %q, want %q", c.field, c.urls, got, c.want)
		}
	}
}

func TestHasExpressions(t *testing.T) {
	for version, want := range map[string]bool{"2.4": true, "2.5": true, "2.10": true, "3.0": true, "2.3": false, "1.2": false, "": false, "2": false, "x.y": false} {
		if got := hasExpressions(version); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}

// TestReference holds direct references against pip's.
func TestReference(t *testing.T) {
	for want, u := range map[string]installer.DirectURL{
		"https://example.com/a.whl#sha256=ab":                {URL: "https://user:secret@example.com/a.whl", ArchiveInfo: &installer.ArchiveInfo{Hash: "sha256=ab"}},
		"https://example.com/a.zip#sha256=cd&subdirectory=p": {URL: "https://example.com/a.zip", Subdirectory: "p", ArchiveInfo: &installer.ArchiveInfo{Hashes: map[string]string{"sha256": "cd"}}},
		"file:///srv/a": {URL: "file:///srv/a", DirInfo: &installer.DirInfo{}},
		"git+https://example.com/r@0123#subdirectory=sub/folder": {URL: "https://example.com/r", Subdirectory: "sub/folder", VCSInfo: &installer.VCSInfo{VCS: "git", CommitID: "0123", RequestedRevision: "main"}},
	} {
		if got := reference(&u); got != want {
			t.Errorf("%+v: %s, want %s", u, got, want)
		}
	}
}

// TestCompress holds the listing of an uninstall against pip's rules.
func TestCompress(t *testing.T) {
	root := t.TempDir()
	at := func(names ...string) []string {
		out := make([]string, len(names))
		for i, name := range names {
			out[i] = filepath.Join(root, filepath.FromSlash(name))
		}
		return out
	}
	files := at("pkg/__init__.py", "pkg/a.py", "pkg/sub/__init__.py", "pkg/__pycache__/a.cpython-314.pyc",
		"pkg-1.0.dist-info/RECORD", "pkg-1.0.dist-info/licenses/LICENSE", "pkgs/data.txt", "single.py", "bin/tool")
	others := at("pkg/mine.txt", "pkg/__pycache__/old.pyc", "pkgs/theirs.txt")
	for _, path := range slices.Concat(files, others) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	lines, manual := compress(files)
	slices.Sort(lines)
	want := at("bin/tool", "pkg-1.0.dist-info/*", "pkg/*", "pkgs/data.txt", "single.py")
	slices.Sort(want)
	if !slices.Equal(lines, want) {
		t.Errorf("would remove %v, want %v", lines, want)
	}
	if want := at("pkg/mine.txt"); !slices.Equal(manual, want) {
		t.Errorf("would not remove %v, want %v", manual, want)
	}
}

// TestHelpOrder wants the options of a command where they belong: its own
// first, each under its heading, as they were registered.
func TestHelpOrder(t *testing.T) {
	root := (&app{}).command()
	for _, name := range []string{"list", "freeze", "show", "check", "inspect", "index", "uninstall"} {
		cmd, _, err := root.Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		text := helpText(cmd)
		at := -1
		for _, want := range []string{"--target <", "--prefix <", "--platform <", "--python-version <", "--verbose ", "--proxy <"} {
			i := strings.Index(text, want)
			if i <= at {
				t.Errorf("%s: %s stands at %d, after %d", name, want, i, at)
			}
			at = i
		}
	}
}
