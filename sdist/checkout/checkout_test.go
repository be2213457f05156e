package checkout

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for raw, want := range map[string]Reference{
		"git+https://example.com/a/b.git":                                {"https://example.com/a/b.git", "", ""},
		"git+https://example.com/a/b@v1.0":                               {"https://example.com/a/b", "v1.0", ""},
		"git+https://user:pass@example.com/b@feature/x#egg=b":            {"https://user:pass@example.com/b", "feature/x", ""},
		"git+ssh://git@example.com/b.git@main#subdirectory=py/./b&egg=b": {"ssh://git@example.com/b.git", "main", "py/b"},
		"git+file:///srv/b@0123abc":                                      {"file:///srv/b", "0123abc", ""},
	} {
		if got, err := Parse(raw); err != nil || got != want {
			t.Errorf("%s: %+v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{
		"https://example.com/a", "git+ext::sh -c x", "git+ftp://example.com/a", "git+https://example.com", "git+https:///a",
		"git+https://-oProxyCommand=x/a", "git+ssh://-x@example.com/a", "git+https://example.com/a@--upload-pack=x", "git+https://example.com/a@",
		"git+https://example.com/a@a..b", "git+https://example.com/a@a b", "git+https://example.com/a@\u2028x", "git+https://example.com/a@x:y",
		"git+https://example.com/a#subdirectory=../x", "git+https://example.com/a#subdirectory=/x", "git+https://example.com/a\nb", "git+https://example.com/a?x",
	} {
		_, err := Parse(raw)
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%q: %v", raw, err)
		}
	}
	_, err := Parse("git+https://user:secret@example.com/a@-x")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error = %v", err)
	}
}

// repository makes a repository with a tag, a branch, a submodule and a hook.
func repository(t *testing.T) (dir string, commits []string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir = filepath.Join(t.TempDir(), "repo")
	part := filepath.Join(t.TempDir(), "part")
	git := func(in string, args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"}, args...)...)
		cmd.Dir = in
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	for _, d := range []string{dir, part} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
		git(d, "init", "-q")
	}
	commit := func(in, name string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(in, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
		git(in, "add", ".")
		git(in, "commit", "-q", "-m", name)
		return git(in, "rev-parse", "HEAD")
	}
	commit(part, "p")
	commits = append(commits, commit(dir, "one"))
	git(dir, "tag", "-a", "-m", "x", "v1")
	commits = append(commits, commit(dir, "two"))
	git(dir, "submodule", "-q", "add", part, "part")
	commits = append(commits, commit(dir, "three"))
	return dir, commits
}

func TestFetch(t *testing.T) {
	repo, commits := repository(t)
	for revision, want := range map[string]string{
		"": commits[2], "main": commits[2], "v1": commits[0], commits[1]: commits[1], commits[1][:10]: commits[1],
	} {
		r, err := Parse("git+file://" + repo + "@main")
		if err != nil {
			t.Fatal(err)
		}
		r.Revision = revision
		dir := filepath.Join(t.TempDir(), "x")
		got, err := r.Fetch(t.Context(), dir)
		if err != nil || got != want {
			t.Errorf("revision %q: %s, %v; want %s", revision, got, err, want)
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "one")); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "part", "p")); (err == nil) != (want == commits[2]) {
			t.Errorf("revision %q: submodule: %v", revision, err)
		}
	}
	r := Reference{Repository: "file://" + repo, Revision: "nothing"}
	_, err := r.Fetch(t.Context(), filepath.Join(t.TempDir(), "x"))
	if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Reason, "nothing") {
		t.Errorf("error = %v", err)
	}
	r = Reference{Repository: "file:///no/such/repository"}
	if _, err := r.Fetch(t.Context(), filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("fetched from nowhere")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("git+https://u:p@example.com/a@v1#subdirectory=x")
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := Parse(raw)
		if err != nil {
			return
		}
		if strings.HasPrefix(r.Revision, "-") || strings.HasPrefix(r.Repository, "-") || strings.HasPrefix(r.Subdirectory, "..") {
			t.Errorf("%q became %+v", raw, r)
		}
	})
}
