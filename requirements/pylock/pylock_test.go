package pylock

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/tomldoc"
)

const (
	head   = "lock-version = \"1.0\"\ncreated-by = \"test\"\n"
	sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	wheels = "wheels = [{url = \"https://example.com/a-1.0-py3-none-any.whl\", hashes = {sha256 = \"" + sha256 + "\"}}]\n"
)

// TestErrors names the place and the key of what is wrong.
func TestErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{head + "[[packages]]\nname = \"A\"\n" + wheels, `line 4, column 1: packages[0].name: "A" is not a normalised name`},
		{head + "[[packages]]\n" + wheels, `line 3, column 3: packages[0]: "name" is missing`},
		{head + "[[packages]]\nname = \"a\"\n", "line 3, column 3: packages[0]: exactly one of"},
		{head + "environments = [\n  \"os_name == 'nt'\",\n  \"os = 1\",\n]\npackages = []\n", "line 5, column 3: environments[1]: it is not a valid marker"},
		{head + "[[packages]]\nname = \"a\"\n[[packages.wheels]]\nname = \"b-1.0-py3-none-any.whl\"\nurl = \"u\"\nhashes.sha256 = \"" + sha256 + "\"\n",
			`line 6, column 1: packages[0].wheels[0].name: "b-1.0-py3-none-any.whl" does not belong to the project "a"`},
		{head + "[[packages]]\nname = \"a\"\n" + strings.Replace(wheels, sha256, "00", 1), `packages[0].wheels[0].hashes.sha256: "00" is not a digest of this kind`},
		{head + "[[packages]]\nname = \"a\"\n" + strings.Replace(wheels, "{url", "{name = \"../a-1.0-py3-none-any.whl\", url", 1), `"../a-1.0-py3-none-any.whl" is not the name of a file`},
		{head + "[[packages]]\nname = \"a\"\n" + strings.Replace(wheels, "{url", "{size = -1, url", 1), "it is negative"},
		{head + "[[packages]]\nname = \"a\"\ndirectory = {path = \".\", subdirectory = \"a/../../b\"}\n", `"a/../../b" leads out of the tree`},
		{head + "[[packages]]\nname = \"a\"\nvcs = {type = \"git\", url = \"u\", commit-id = \"--upload-pack=x\"}\n", "is not the id of a commit"},
		{"lock-version = \"2.0\"\n", "line 1, column 1: lock-version: version 2.0 of the format is not supported, only 1.0"},
		{head + "packages = [", "line 3, column "},
	} {
		_, err := Parse([]byte(test.text))
		var place *tomldoc.Error
		if !errors.As(err, &place) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\n%v, want %q", test.text, err, test.want)
		}
	}
}

func TestWarnsOfMinorVersion(t *testing.T) {
	l, err := Parse([]byte("lock-version = \"1.7\"\ncreated-by = \"x\"\npackages = []\n"))
	if err != nil || len(l.Warnings) != 1 {
		t.Errorf("%v, warnings %v", err, l.Warnings)
	}
}

// TestUnknown reports what a selection assumed of the host.
func TestUnknown(t *testing.T) {
	text := head + "environments = [\"platform_system == 'iOS'\"]\nextras = [\"x\"]\n" +
		"[[packages]]\nname = \"a\"\nmarker = \"platform_release > '17'\"\n" + wheels
	l, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	h := newFake(map[string]string{"python_full_version": "3.14.0"})
	h.env = requirements.NewEnvironment(map[string]requirements.Value{
		"platform_release": {Text: ""}, "platform_system": {Text: "iOS", Among: []string{"iOS", "iPadOS"}},
		"python_full_version": {Text: "3.14.0", Known: true},
	})
	s, err := l.Select(h, Choice{Extras: []string{"x", "y"}, Groups: []string{"dev"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &Selection{
		Unknown:    map[string][]string{"platform_release": {"a"}, "platform_system": {""}},
		Undeclared: []string{"extra 'y'", "dependency group 'dev'"},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

// TestRoundTrip writes what it read, with nothing lost, and the same every time.
func TestRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, l)
	}
}

func roundTrip(t *testing.T, l *Lock) {
	t.Helper()
	written, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(written)
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	texts := cmp.Transformer("text", func(v interface{ String() string }) string { return v.String() })
	if diff := cmp.Diff(l, again, cmpopts.EquateEmpty(), texts); diff != "" {
		t.Fatalf("%s\n%s", diff, written)
	}
	if twice, err := again.Encode(); err != nil || !bytes.Equal(written, twice) {
		t.Fatalf("%v\n%s\n%s", err, written, twice)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(head + "[[packages]]\nname = \"a\"\nmarker = \"'x' in extras\"\n" + wheels))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Parse(data)
		if err != nil {
			return
		}
		roundTrip(t, l)
		h := newFake(map[string]string{"python_full_version": "3.14.0", "sys_platform": "ios"})
		if s, err := l.Select(h, Choice{Extras: []string{"x"}, Default: true}); err == nil && len(s.Packages) > len(l.Packages) {
			t.Errorf("%d of %d packages", len(s.Packages), len(l.Packages))
		}
	})
}
