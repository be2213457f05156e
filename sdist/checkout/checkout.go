// Package checkout fetches source trees out of version control, by the git
// command, for requirements such as git+https://example.com/project@v1.0.
package checkout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// Reference is what a requirement says about where its source is.
type Reference struct {
	// Repository is the URL for git, without "git+", revision and fragment. It
	// can have a user's name and password in it.
	Repository string
	// Revision is a branch, tag or commit; "" is the repository's default.
	Revision string
	// Subdirectory is where the project lies in the tree, slash-separated, ""
	// for its root.
	Subdirectory string
}

// Error tells why a source could not be fetched.
type Error struct {
	// URL is the reference without credentials.
	URL    string
	Reason string
	Err    error
}

func (e *Error) Error() string {
	s := fmt.Sprintf("fetching %q: %s", e.URL, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// schemes are the transports that pip knows, too. Others (ext::, fd::) can run
// programs.
var schemes = map[string]string{"git+https": "https", "git+http": "http", "git+ssh": "ssh", "git+file": "file"}

// Is reports whether a URL is one that [Parse] is meant for.
func Is(raw string) bool { return strings.HasPrefix(raw, "git+") }

// Parse reads a URL as pip has it:
// git+https://host/path.git@revision#subdirectory=dir.
func Parse(raw string) (Reference, error) {
	bad := func(reason string) (Reference, error) { return Reference{}, &Error{URL: redact(raw), Reason: reason} }
	if strings.IndexFunc(raw, func(r rune) bool { return unicode.Is(unicode.C, r) || unicode.IsSpace(r) }) >= 0 {
		return bad("the URL has a space or a control character in it")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return bad("the URL is malformed")
	}
	scheme, ok := schemes[u.Scheme]
	if !ok {
		return bad("only git+https, git+http, git+ssh and git+file are understood")
	}
	if u.Opaque != "" || u.RawQuery != "" || u.Host == "" && scheme != "file" || strings.HasPrefix(u.Host, "-") || strings.HasPrefix(u.User.Username(), "-") {
		return bad("the URL is malformed")
	}
	var r Reference
	if i := strings.LastIndexByte(u.Path, '@'); i >= 0 {
		r.Revision = u.Path[i+1:]
		u.Path, u.RawPath = u.Path[:i], ""
		if !validRevision(r.Revision) {
			return bad("the revision is malformed")
		}
	}
	if strings.Trim(u.Path, "/") == "" || strings.HasPrefix(u.Path, "/-") {
		return bad("the URL names no repository")
	}
	fragment, err := url.ParseQuery(u.Fragment)
	if err != nil {
		return bad("the fragment is malformed")
	}
	if dir := fragment.Get("subdirectory"); dir != "" {
		r.Subdirectory = path.Clean(dir)
		if path.IsAbs(dir) || r.Subdirectory == ".." || strings.HasPrefix(r.Subdirectory, "../") || strings.Contains(dir, "\\") {
			return bad("the subdirectory lies outside of the repository")
		}
	}
	u.Scheme, u.Fragment, u.RawFragment = scheme, "", ""
	r.Repository = u.String()
	return r, nil
}

// validRevision keeps to what git's own names can be, and to what can't be
// taken for an option.
func validRevision(s string) bool {
	if s == "" || len(s) > 250 || s[0] == '-' || strings.Contains(s, "..") {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || strings.ContainsRune("~^:?*[\\ ", r)
	}) < 0
}

// redact removes a password from a URL, as far as it is one.
func redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "git+…"
	}
	if u.User != nil {
		u.User = url.User("****")
	}
	return u.String()
}

// String is the reference without credentials.
func (r Reference) String() string { return redact(r.Repository) }

const timeout = 15 * time.Minute

// Fetch checks the reference out into dir, which must not exist yet, with
// submodules, and returns the full name of its commit. git's own configuration
// is respected (credentials, proxies); it asks for nothing and runs no hooks of
// the repository.
func (r Reference) Fetch(ctx context.Context, dir string) (commit string, err error) {
	git, err := exec.LookPath("git")
	if err != nil || !filepath.IsAbs(git) {
		return "", &Error{URL: r.String(), Reason: "the git command is needed for it", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c := client{git: git, dir: dir, ref: r}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making a folder for %q: %w", r, err)
	}
	if _, err := c.run(ctx, "init", "-q"); err != nil {
		return "", err
	}
	if err := c.fetch(ctx); err != nil {
		return "", err
	}
	if _, err := c.run(ctx, "checkout", "-q", "--detach", "FETCH_HEAD"); err != nil {
		return "", err
	}
	if _, err := os.Lstat(filepath.Join(dir, ".gitmodules")); err == nil {
		if _, err := c.run(ctx, "submodule", "update", "-q", "--init", "--recursive"); err != nil {
			return "", err
		}
	}
	return c.run(ctx, "rev-parse", "HEAD")
}

// client runs git in one folder.
type client struct {
	git, dir string
	ref      Reference
}

// fetch gets the revision alone where the server hands it out, else everything
// (abbreviated commits, old servers).
func (c client) fetch(ctx context.Context) error {
	revision := c.ref.Revision
	if revision == "" {
		revision = "HEAD"
	}
	_, err := c.run(ctx, "fetch", "-q", "--depth=1", "--no-tags", "--", c.ref.Repository, revision)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if _, all := c.run(ctx, "fetch", "-q", "--", c.ref.Repository, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"); all != nil {
		return err
	}
	id, parseErr := c.run(ctx, "rev-parse", "--verify", "-q", revision+"^{commit}")
	if parseErr != nil {
		return &Error{URL: c.ref.String(), Reason: fmt.Sprintf("it has no revision %q", c.ref.Revision)}
	}
	_, err = c.run(ctx, "update-ref", "FETCH_HEAD", id)
	return err
}

// run runs git and returns its output, trimmed.
func (c client) run(ctx context.Context, args ...string) (string, error) {
	// A repository's own settings must not make git run anything.
	settings := []string{"-c", "core.hooksPath=" + os.DevNull, "-c", "protocol.ext.allow=never", "-c", "advice.detachedHead=false", "-c", "init.defaultBranch=main"}
	if strings.HasPrefix(c.ref.Repository, "file:") {
		settings = append(settings, "-c", "protocol.file.allow=always")
	}
	cmd := exec.CommandContext(ctx, c.git, append(settings, args...)...)
	cmd.Dir = c.dir
	cmd.WaitDelay = time.Second
	for _, v := range os.Environ() { // a git around xpip must not lead this one astray
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "GIT_") || name == "GIT_SSH" || name == "GIT_SSH_COMMAND" || name == "GIT_ASKPASS" || strings.HasPrefix(name, "GIT_SSL_") || strings.HasPrefix(name, "GIT_CONFIG_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctxErr := ctx.Err(); ctxErr != nil {
		return "", &Error{URL: c.ref.String(), Reason: "git was stopped", Err: ctxErr}
	}
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		line = strings.ReplaceAll(line, c.ref.Repository, c.ref.String())
		return "", &Error{URL: c.ref.String(), Reason: fmt.Sprintf("git %s: %q", args[0], line), Err: exitOnly(err)}
	}
	return strings.TrimSpace(out.String()), nil
}

// exitOnly drops the exit status, which says nothing, and keeps other faults.
func exitOnly(err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}
