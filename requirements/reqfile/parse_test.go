package reqfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xpip/xpip/requirements"
)

// write makes files in a new directory, which it returns.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func names(f *File) string {
	var names []string
	for _, e := range f.Entries {
		names = append(names, e.Requirement.Name)
	}
	return strings.Join(names, " ")
}

func TestErrorNamesItsPlace(t *testing.T) {
	root := write(t, map[string]string{"reqs.txt": "ok\n\npillow=13\n"})
	path := filepath.Join(root, "reqs.txt")
	_, err := Parse(t.Context(), path, false, Files{}, nil)
	var problem *Error
	if !errors.As(err, &problem) || problem.File != path || problem.Line != 3 {
		t.Fatalf("%#v", err)
	}
	var syntax *requirements.SyntaxError
	if !errors.As(err, &syntax) || syntax.Caret() != "    pillow=13\n          ^ a version follows ==, not =" {
		t.Errorf("%#v", syntax)
	}
	want := "Invalid requirement: 'pillow=13': Expected semicolon (after name with no version specifier) or end\n" +
		"    pillow=13\n          ^ (from line 3 of " + path + ")\nHint: = is not a valid operator. Did you mean == ?"
	if err.Error() != want {
		t.Errorf("%s\nwant\n%s", err, want)
	}
}

func TestWarnings(t *testing.T) {
	root := write(t, map[string]string{"reqs.txt": strings.Join([]string{
		"--pre foo", "--hash=sha256:aa", "-f one -f two", "bar --hash=sha256:bb ; os_name == 'nt'", "./missing-1.0.zip",
	}, "\n")})
	path := filepath.Join(root, "reqs.txt")
	f, err := Parse(t.Context(), path, false, Files{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"line 1 of " + path + ": 'foo' stands behind an option and is ignored.",
		path + " line 2 has --hash but no requirement, and will be ignored.",
		"line 3 of " + path + ": --find-links 'two' is the second one on its line and is ignored.",
		"line 4 of " + path + `: '; os_name == nt' stands behind an option and is ignored.`,
		"Requirement './missing-1.0.zip' looks like a filename, but the file does not exist",
	}
	if diff := cmp.Diff(want, f.Warnings); diff != "" {
		t.Error(diff)
	}
	if !f.Options.Pre || len(f.Entries) != 2 || !f.Entries[1].Missing {
		t.Errorf("%+v", f)
	}
}

func TestOptionsOfTheCommandLine(t *testing.T) {
	_, err := Parse(t.Context(), "r.txt", false, opener{"r.txt": "\n--platform ios_13_0_arm64"}, nil)
	want := "Invalid requirement: --platform ios_13_0_arm64\nno such option: --platform (from line 2 of r.txt)\n" +
		"Hint: --platform is given on the command line, not in a requirements file."
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}

func TestMessagesAreShort(t *testing.T) {
	long := strings.Repeat("ü", 100000)
	for _, line := range []string{long, "./" + long, "-e " + long, "--" + long, "foo; " + long, "-r " + long, "--use-feature " + long, "https://x/" + long + ".whl", "-e git+https://x/" + long} {
		_, err := Parse(t.Context(), "r.txt", false, opener{"r.txt": line}, nil)
		if err == nil || len(err.Error()) > 9000 {
			t.Errorf("%.20s: an error of %d bytes", line, len(fmt.Sprint(err)))
		}
	}
}

func TestSelectionsKeepTheirOrder(t *testing.T) {
	root := write(t, map[string]string{
		"reqs.txt": "--no-binary :all:\nfoo --only-binary foo\n-r more.txt --all-releases a",
		"more.txt": "--only-final=b\n",
	})
	f, err := Parse(t.Context(), filepath.Join(root, "reqs.txt"), false, Files{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Selection{{"--no-binary", ":all:"}, {"--only-binary", "foo"}, {"--all-releases", "a"}, {"--only-final", "b"}}
	if diff := cmp.Diff(want, f.Options.Selections); diff != "" {
		t.Error(diff)
	}
}

func TestPasswordsAreNotShown(t *testing.T) {
	secret := func(string) (string, bool) { return "s3cret", true }
	for _, line := range []string{
		"--index-url https://me:s3cret@example.com --frobnicate",
		"--index-url https://${TOKEN}@example.com --frobnicate",
		"--index-url 'https://${TOKEN}@example.com",
		"foo @ https://me:s3cret@example.com/x.zip; nonsense",
		"foo @ https://s3cret@example.com/x.zip y",
		"https://me:s3cret@example.com/x.whl",
		"-e https://me:s3cret@example.com/x",
		"-e git+https://me:s3cret@example.com/x",
		"-e 'foo @ https://me:s3cret@example.com/x'",
		"https://me:s3cret@example.com/x#egg=-",
		"--pre https://me:s3cret@example.com/x.zip\n!",
		"-r https://me:s3cret@example.com/reqs.txt",
	} {
		root := write(t, map[string]string{"reqs.txt": line})
		f, err := Parse(t.Context(), filepath.Join(root, "reqs.txt"), false, Files{}, secret)
		if err == nil {
			t.Errorf("%s: no error: %+v", line, f)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", line, err)
		}
	}
	e, err := ParseLine("https://me:s3cret@example.com/x.zip")
	if err != nil || e.Raw != "https://me:****@example.com/x.zip" || e.Path != "https://me:s3cret@example.com/x.zip" {
		t.Errorf("%+v, %v", e, err)
	}
	for text, want := range map[string]string{
		"a https://u:p@x/y@z https://t@h #://@": "a https://u:****@x/y@z https://****@h #://****@",
		"https://x?a=://b@c":                    "https://x?a=://****@c",
		"https://u:p@q@x":                       "https://u:****@x",
	} {
		if got := redact(text); got != want {
			t.Errorf("redact(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLockFilesAreNotRead(t *testing.T) {
	for path, file := range map[string]string{
		"pylock.toml": "pylock.toml", "d/pylock.dev.toml": "d/pylock.dev.toml", "pylock.toml[A_b,c]": "pylock.toml",
		"https://example.com/x/pylock.toml?y#z": "https://example.com/x/pylock.toml?y#z",
	} {
		_, err := Parse(t.Context(), path, false, Files{}, nil)
		var lock *PylockError
		if !errors.As(err, &lock) || lock.File != file {
			t.Errorf("%s: %v", path, err)
		} else if strings.Contains(path, "[") && strings.Join(lock.Extras, " ") != "a-b c" {
			t.Errorf("%s: extras %q", path, lock.Extras)
		}
	}
	for _, path := range []string{"xpylock.toml", "pylock..toml", "pylock.a.b.toml", "pylock.txt", "Pylock.toml"} {
		_, err := Parse(t.Context(), path, false, Files{}, nil)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	root := write(t, map[string]string{"reqs.txt": "-r pylock.toml"})
	_, err := Parse(t.Context(), filepath.Join(root, "reqs.txt"), false, Files{}, nil)
	if lock := (*PylockError)(nil); !errors.As(err, &lock) {
		t.Errorf("nested: %v", err)
	}
}

// opener serves files from memory.
type opener map[string]string

func (o opener) Open(_ context.Context, location string) ([]byte, error) {
	if text, ok := o[location]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func TestBounds(t *testing.T) {
	deep := func(files int) opener {
		o := opener{}
		for i := range files - 1 {
			o[fmt.Sprintf("http://x.invalid/%d", i)] = fmt.Sprintf("-r %d", i+1)
		}
		o[fmt.Sprintf("http://x.invalid/%d", files-1)] = "foo"
		return o
	}
	double := opener{"http://x.invalid/20": "foo"}
	for i := range 20 {
		double[fmt.Sprintf("http://x.invalid/%d", i)] = fmt.Sprintf("-r %d\n-r %d", i+1, i+1)
	}
	for _, c := range []struct {
		name  string
		files opener
		err   string
	}{
		{"50 deep", deep(50), ""},
		{"51 deep", deep(51), "nested more than 50 deep"},
		{"a million files", double, "more than 1000 requirement files"},
		{"large", opener{"http://x.invalid/0": strings.Repeat("#", MaxFileSize+1)}, "is larger than 16777216 bytes"},
		{"large together", opener{
			"http://x.invalid/0": "-r 1\n-r 1\n-r 1\n-r 1\n-r 1", "http://x.invalid/1": strings.Repeat("#", MaxFileSize),
		}, "together are larger"},
		{"many lines", opener{"http://x.invalid/0": strings.Repeat("x\n", maxLines+1)}, "more than 262144 lines"},
		{"long line", opener{"http://x.invalid/0": "foo --pre " + strings.Repeat("x", maxLineLength)}, "the line is longer"},
		{"long by variables", opener{"http://x.invalid/0": strings.Repeat("${X}", 2000)}, "the line is longer"},
		{"long by joining", opener{"http://x.invalid/0": strings.Repeat("x\\\n", maxLineLength+1)}, "the line is longer"},
	} {
		variable := func(string) (string, bool) { return strings.Repeat("x", 1000), true }
		f, err := Parse(t.Context(), "http://x.invalid/0", false, c.files, variable)
		if c.err == "" {
			if err != nil || names(f) != "foo" {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var problem *Error
		if !errors.As(err, &problem) || !strings.Contains(err.Error(), c.err) || len(err.Error()) > 1000 {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
}

func TestCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Parse(ctx, "reqs.txt", false, opener{"reqs.txt": "foo"}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFilesOverHTTP(t *testing.T) {
	server := httptest.NewServer(http.StripPrefix("/reqs", http.FileServerFS(os.DirFS(write(t, map[string]string{
		"a.txt": "-r d/b.txt\nfoo", "d/b.txt": "-c ../c.txt\nbar", "c.txt": "baz<2 --hash=sha256:aa",
	})))))
	defer server.Close()
	files := Files{Fetch: func(ctx context.Context, url string) ([]byte, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		response, err := server.Client().Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return nil, errors.New(response.Status)
		}
		return io.ReadAll(response.Body)
	}}
	root := write(t, map[string]string{"reqs.txt": "-r " + server.URL + "/reqs/a.txt", "bad.txt": "\n-r " + server.URL + "/nothing"})
	f, err := Parse(t.Context(), filepath.Join(root, "reqs.txt"), false, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if names(f) != "baz bar foo" || !f.Entries[0].Constraint || f.Entries[1].Constraint {
		t.Errorf("%+v", f.Entries)
	}
	if got := f.Entries[0].Origin.String(); got != "-c "+server.URL+"/reqs/c.txt (line 1)" {
		t.Error(got)
	}
	path := filepath.Join(root, "bad.txt")
	_, err = Parse(t.Context(), path, false, files, nil)
	if err == nil || err.Error() != "Could not open requirements file: 404 Not Found (from line 2 of "+path+")" {
		t.Error(err)
	}
	if _, err = Parse(t.Context(), path, false, Files{}, nil); err == nil {
		t.Error("a URL was opened without Fetch")
	}
}

func TestEncodingErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, err string }{
		"not UTF-8":         {"foo\n# \xe4\n", "line 2 is not UTF-8 (byte 0xe4)"},
		"mark, not UTF-8":   {"\xef\xbb\xbf\xff", "line 1 is not UTF-8 (byte 0xff)"},
		"odd UTF-16":        {"\xff\xfef\x00o", "not valid in its encoding"},
		"half a surrogate":  {"\xff\xfe\x00\xd8x\x00", "not valid in its encoding"},
		"unknown":           {"# coding: klingon\n", `unknown encoding: "klingon"`},
		"UTF-16 by comment": {"# coding: utf-16\n", `unknown encoding: "utf-16"`},
	} {
		_, err := Parse(t.Context(), "r.txt", false, opener{"r.txt": c.text}, nil)
		var problem *Error
		if !errors.As(err, &problem) || problem.File != "r.txt" || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", name, err, c.err)
		}
	}
}

func TestConfigSettingsAndHashes(t *testing.T) {
	f, err := Parse(t.Context(), "r.txt", false, opener{"r.txt": "foo==1 \\\n --hash sha256:AB --hash=sha256:cd -C a=1 -C a=2 --config-settings=b=\n"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := f.Entries[0]
	if diff := cmp.Diff(map[string][]string{"sha256": {"ab", "cd"}}, e.Hashes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string][]string{"a": {"1", "2"}, "b": {""}}, e.ConfigSettings); diff != "" {
		t.Error(diff)
	}
}

func TestIsURL(t *testing.T) {
	for path, want := range map[string]bool{
		"https://example.com/x": true, "git+ssh://x/y": true, "/a/b": false, "C:\\x": false, "": false, "svn+https://x": true,
	} {
		if (Entry{Path: path}).IsURL() != want {
			t.Errorf("%q: %v", path, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"foo==1.0 --hash=sha256:ab \\\n  --hash=sha512:cd # comment\n-r other.txt\n",
		"-i https://x.invalid --extra-index-url='y' --pre\n--no-binary :all:\n-c c.txt",
		"\xff\xfef\x00o\x00", "# coding: latin-1\nfoo; os_name == '\xe4'", "-e git+https://x.invalid#egg=y", "./a[b] ; ${X}",
		"foo @ https://u:p@x.invalid/${HOME} ; os_name == \"a\"", "https://x.invalid/foo-1.0-py3-none-any.whl#sha256=0",
	} {
		f.Add([]byte(seed), "value")
	}
	f.Fuzz(func(t *testing.T, data []byte, value string) {
		files := opener{"r.txt": string(data), "other.txt": "other", "c.txt": "c<1"}
		getenv := func(string) (string, bool) { return value, true }
		file, err := Parse(t.Context(), "r.txt", false, files, getenv)
		if err != nil {
			var problem *Error
			var lock *PylockError
			if !errors.As(err, &problem) && !errors.As(err, &lock) {
				t.Fatalf("%T is no *Error", err)
			}
			if err.Error() == "" {
				t.Fatal("an error without a message")
			}
			return
		}
		for _, e := range file.Entries {
			if e.Requirement.Name == "" && e.Path == "" {
				t.Fatalf("%+v asks for nothing", e)
			}
			if e.Path != "" || e.Requirement.URL != "" {
				continue
			}
			// What was read from a line stays the same when it is printed and
			// read again.
			again, err := ParseLine(e.Requirement.String())
			if err != nil {
				t.Fatalf("%q is printed as %q: %v", e.Raw, e.Requirement, err)
			}
			if again.Path == "" && again.Requirement.String() != e.Requirement.String() {
				t.Fatalf("%q is printed as %q, then as %q", e.Raw, e.Requirement, again.Requirement)
			}
		}
	})
}

func TestHashesRequired(t *testing.T) {
	plain := []Entry{{}}
	hashed := []Entry{{}, {Constraint: true, Hashes: map[string][]string{"sha256": {"ab"}}}}
	for _, c := range []struct {
		entries               []Entry
		require, refuse, want bool
	}{
		{plain, false, false, false},
		{plain, true, false, true},
		{hashed, false, false, true},
		{hashed, false, true, false},
	} {
		if got, err := HashesRequired(c.entries, c.require, c.refuse); got != c.want || err != nil {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
	if _, err := HashesRequired(nil, true, true); err == nil {
		t.Error("both flags at once are accepted")
	}
}
