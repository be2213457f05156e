package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/xpip/xpip/fixtures/hostile"
)

// TestHostile installs every artifact of fixtures/hostile by the program itself,
// from an index and by its path, into a prefix in which an innocent distribution
// stands. What is refused must leave that prefix, and everything around it, as
// it was, and nothing in the cache that a later install could stumble over. Of
// what happened, the table in docs/security.md is made.
func TestHostile(t *testing.T) {
	lab := newHostileLab(t)
	var rows table
	t.Run("cases", func(t *testing.T) {
		for _, c := range hostile.Cases() {
			t.Run(c.ID+" "+c.What, func(t *testing.T) {
				t.Parallel()
				rows.add(c, lab.judge(t, c))
			})
		}
	})
	if t.Failed() || rows.len() != len(hostile.Cases()) {
		return // what did not run can't be told
	}
	rows.compare(t, filepath.Join("..", "..", "docs", "security.md"))
}

// hostileLab is what all cases share and none changes.
type hostileLab struct {
	program string
	prefix  string // with the innocent distribution, to be copied
}

func newHostileLab(t *testing.T) *hostileLab {
	t.Helper()
	program, err := exec.LookPath("xpip")
	if err != nil {
		t.Fatal(err)
	}
	lab := &hostileLab{program: program}
	a := lab.arena(t)
	lab.prefix = a.path("prefix")
	innocent := hostile.Innocent()
	server := serveArtifact(t, "innocent", innocent)
	if _, code := a.install(t, "prefix", platformOf("x-1-py3-none-any.whl"), "-i", server.URL+"/simple/", "innocent"); code != 0 {
		t.Fatal("the innocent distribution can't be installed")
	}
	return lab
}

// arena is a folder in which one case happens: the prefix, what stands around
// it, and the program's home, cache and temporary files.
type arena struct {
	lab *hostileLab
	dir string
}

func (l *hostileLab) arena(t *testing.T) *arena {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := &arena{l, dir}
	for _, name := range []string{"work", "home", "cache", "tmp", "prefix", "prefix-evil", "in"} {
		if err := os.Mkdir(a.path(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"evil.py", "victim", "prefix-evil/x.py", "work/evil.py", "home/evil"} {
		if err := os.WriteFile(a.path(name), []byte("canary"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if l.prefix != "" {
		if err := os.CopyFS(a.path("prefix"), os.DirFS(l.prefix)); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func (a *arena) path(name string) string { return filepath.Join(a.dir, filepath.FromSlash(name)) }

// install runs `xpip install --target INTO` with more arguments and returns what
// it said on its standard error.
func (a *arena) install(t *testing.T, into string, host []string, args ...string) (said string, code int) {
	t.Helper()
	args = slices.Concat([]string{"install", "--no-input", "--target", a.path(into)}, host, args)
	cmd := exec.Command(a.lab.program, args...)
	cmd.Dir = a.path("work")
	cmd.Env = []string{
		"HOME=" + a.path("home"), "XDG_CACHE_HOME=" + a.path("cache"), "LocalAppData=" + a.path("cache"),
		"TMPDIR=" + a.path("tmp"), "PIP_CONFIG_FILE=" + os.DevNull, "PATH=" + os.Getenv("PATH"), "SECRET_TOKEN=" + secret,
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	for _, stream := range []string{stdout.String(), stderr.String()} {
		if i := strings.IndexFunc(stream, unshowable); i >= 0 {
			t.Errorf("a control character is shown: %q", stream[max(0, i-80):min(len(stream), i+80)])
		}
	}
	return stderr.String(), cmd.ProcessState.ExitCode()
}

// secret must not reach build code.
const secret = "hunter2-hunter2"

// unshowable reports characters that a terminal acts on, or that change the
// direction of text.
func unshowable(r rune) bool {
	return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// serveArtifact is an index with one project of one file.
func serveArtifact(t *testing.T, project string, a hostile.Artifact) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(indexOf(project, a))
	t.Cleanup(server.Close)
	return server
}

func indexOf(project string, a hostile.Artifact) http.Handler {
	sum := sha256.Sum256(a.Content)
	digest := hex.EncodeToString(sum[:])
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/simple/" + project + "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "max-age=0")
			_, _ = fmt.Fprintf(w, `<a href="/files/%s#sha256=%s">%s</a>`, a.Filename, digest, a.Filename)
		case "/files/" + a.Filename:
			w.Header().Set("ETag", `"`+digest+`"`)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.Content))
		default:
			http.NotFound(w, r)
		}
	})
}

// judge lets the case happen, for every host that it is about, and returns what
// the table says of it.
func (l *hostileLab) judge(t *testing.T, c hostile.Case) string {
	if needsPython(c) {
		if _, err := exec.LookPath("python3"); err != nil {
			t.Skip("needs a Python to build with")
		}
	}
	artifact := c.Artifact()
	native := platformOf(artifact.Filename)
	switch c.Outcome {
	case hostile.Accepted:
		l.accept(t, artifact, native)
		if c.Why != "" {
			return "installed: " + c.Why
		}
		return "installed"
	case hostile.Refused:
		return "refused: " + code(l.refuse(t, c, artifact, native))
	}
	l.accept(t, artifact, native)
	hosts := "Windows"
	if c.Outcome == hostile.RefusedWhenFolded {
		hosts = "Windows, macOS, iOS"
		l.refuse(t, c, artifact, []string{"--platform", "ios_13_0_arm64", "--python-version", "3.13"})
	}
	words := l.refuse(t, c, artifact, []string{"--platform", "win_amd64", "--python-version", "3.13"})
	return "installed; refused for " + hosts + ": " + code(words)
}

// needsPython reports whether build code is run.
func needsPython(c hostile.Case) bool {
	return c.ID[0] == 'b' || c.ID[0] == 's' && c.Outcome == hostile.Accepted
}

// refuse demands that the artifact is refused from an index and by its path, and
// returns the program's words.
func (l *hostileLab) refuse(t *testing.T, c hostile.Case, artifact hostile.Artifact, host []string) string {
	a := l.arena(t)
	project := projectOf(artifact.Filename)
	server := httptest.NewServer(indexOf(project, artifact))
	defer server.Close()
	file := a.path("in/" + artifact.Filename)
	if err := os.WriteFile(file, artifact.Content, 0o644); err != nil {
		t.Fatal(err)
	}
	before := a.snapshot(t)
	words := ""
	ways := [][]string{{"-i", server.URL + "/simple/", project}, {"--no-index", file}}
	if c.IndexOnly {
		ways = ways[:1]
	}
	for _, way := range ways {
		said, code := a.install(t, "prefix", host, way...)
		if code != 1 {
			t.Errorf("%q: exit code %d\n%s", way, code, said)
		}
		named := strings.Contains(said, artifact.Filename) || strings.Contains(said, project) && strings.Contains(said, "1.0")
		if !strings.Contains(said, c.Says) || !named {
			t.Errorf("%q: it said\n%s\nwant %q and what it is about", way, said, c.Says)
		}
		t.Logf("%.4000s", said)
		if words == "" {
			words = strings.ReplaceAll(reasonIn(said, artifact.Filename, c.Says), a.dir, "…")
		}
		if diff := differences(before, a.snapshot(t)); len(diff) > 0 {
			t.Errorf("%q: changed: %q", way, diff)
		}
	}
	server.Config.Handler = indexOf("demo-pkg", hostile.Sound())
	l.goodInstall(t, a, server.URL)
	return words
}

// goodInstall installs the sound wheel with a cache that saw the hostile one,
// from the address from which that came.
func (l *hostileLab) goodInstall(t *testing.T, a *arena, index string) {
	t.Helper()
	said, code := a.install(t, "work/good", platformOf("x-1-py3-none-any.whl"), "-i", index+"/simple/", "demo-pkg")
	if code != 0 {
		t.Errorf("then a sound wheel was refused:\n%s", said)
	}
	checkFlatTree(t, a.path("work/good"), hostile.Sound().Files)
}

// accept demands that the artifact is installed as it is, and nothing else.
func (l *hostileLab) accept(t *testing.T, artifact hostile.Artifact, host []string) {
	project := projectOf(artifact.Filename)
	server := httptest.NewServer(indexOf(project, artifact))
	defer server.Close()
	a := l.arena(t)
	file := a.path("in/" + artifact.Filename)
	if err := os.WriteFile(file, artifact.Content, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, way := range [][]string{{"-i", server.URL + "/simple/", project}, {"--no-index", file}} {
		into := fmt.Sprintf("work/into%d", i)
		before := a.snapshot(t)
		said, code := a.install(t, into, host, way...)
		if code != 0 {
			t.Fatalf("%q: exit code %d\n%s", way, code, said)
		}
		checkFlatTree(t, a.path(into), artifact.Files)
		diff := slices.DeleteFunc(differences(before, a.snapshot(t)), func(name string) bool {
			return name == "work" || name == into || strings.HasPrefix(name, into+"/")
		})
		if len(diff) > 0 {
			t.Errorf("%q: changed outside of where it goes: %q", way, diff)
		}
	}
}

// checkFlatTree compares what an install into a flat folder left with the members of
// the wheel: each is where its scheme key leads, with its content and harmless
// permissions, and there is nothing else but what installers add.
func checkFlatTree(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	want := map[string]string{}
	for name, content := range files {
		if place := placeOf(name); place != "" {
			want[place] = content
		}
	}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		content, wanted := want[rel]
		delete(want, rel)
		info, err := d.Info()
		if err != nil {
			return err
		}
		if mode := info.Mode(); mode.Type() != 0 || mode&^0o755 != 0 {
			t.Errorf("%q has mode %v", rel, mode)
		}
		got, err := os.ReadFile(file)
		switch base := path.Base(rel); {
		case err != nil:
			return err
		case base == "RECORD" || base == "INSTALLER" || base == "REQUESTED" || base == "direct_url.json" || strings.HasPrefix(rel, "bin/"):
		case !wanted:
			t.Errorf("%q is no file of the wheel", rel)
		case string(got) != content:
			t.Errorf("%q holds %.80q; want %.80q", rel, got, content)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for name := range want {
		if !strings.HasSuffix(name, "/RECORD") && !strings.HasPrefix(name, "bin/") {
			t.Errorf("%q is missing", name)
		}
	}
}

// placeOf is where a member of a wheel goes in a flat folder; "" if that is not
// looked at.
func placeOf(name string) string {
	folder, rest, _ := strings.Cut(name, "/")
	if !strings.HasSuffix(folder, ".data") {
		return name
	}
	switch key, rest, _ := strings.Cut(rest, "/"); key {
	case "purelib", "platlib", "data":
		return rest
	case "scripts":
		return "bin/" + rest
	case "headers":
		return "include/site/python3.13/demo-pkg/" + rest
	}
	return ""
}

// snapshot is everything in the arena but the cache: paths, with what is there.
func (a *arena) snapshot(t *testing.T) map[string]string {
	t.Helper()
	seen := map[string]string{}
	err := filepath.WalkDir(a.dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(a.dir, file)
		if err != nil {
			return err
		}
		if rel == "cache" {
			return filepath.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fact := info.Mode().String()
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			fact += fmt.Sprintf(" %s %x", info.ModTime(), sha256.Sum256(content))
		}
		seen[filepath.ToSlash(rel)] = fact
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/tmp/evil.py", "/etc/evil", "/bin/x"} {
		if _, err := os.Lstat(name); err == nil {
			seen[name] = "there"
		}
	}
	return seen
}

// differences are the paths of which two snapshots say different things.
func differences(before, after map[string]string) []string {
	var diff []string
	for name, fact := range after {
		if before[name] != fact {
			diff = append(diff, name)
		}
	}
	for name := range before {
		if _, still := after[name]; !still {
			diff = append(diff, name)
		}
	}
	slices.Sort(diff)
	return diff
}

// platformOf are the options that describe a host for which a wheel of this name
// is meant.
func platformOf(filename string) []string {
	version, platform := "3.13", "manylinux_2_28_x86_64"
	if stem, isWheel := strings.CutSuffix(filename, ".whl"); isWheel {
		parts := strings.Split(stem, "-")
		if digits, ok := strings.CutPrefix(parts[len(parts)-3], "cp3"); ok && digits != "" {
			version = "3." + digits
		}
		if first, _, _ := strings.Cut(parts[len(parts)-1], "."); first != "any" {
			platform = first
		}
	}
	return []string{"--platform", platform, "--python-version", version}
}

// projectOf is the normalised name of the project whose file has this name.
func projectOf(filename string) string {
	name, _, _ := strings.Cut(filename, "-")
	return strings.ReplaceAll(name, "_", "-")
}

// reasonIn is the part of a message that stands behind the file's name, or
// behind the words that introduce it, and has the words.
func reasonIn(said, filename, words string) string {
	for line := range strings.Lines(said) {
		i := strings.Index(line, words)
		if i < 0 {
			continue
		}
		if j := strings.LastIndex(line[:i], filename); j >= 0 {
			line = strings.TrimLeft(line[j+len(filename):], `": ,`)
		}
		for _, intro := range []string{"ERROR:", "refused", "source", "demo-pkg", "1.0:", "1.0", "could not be built:", "can't be built:"} {
			line = strings.TrimPrefix(strings.TrimSpace(line), intro)
		}
		return strings.TrimSpace(line)
	}
	return strings.TrimSpace(said)
}

// table collects what happened, from tests that run side by side.
type table struct {
	mu   sync.Mutex
	rows map[string]string
}

func (r *table) add(c hostile.Case, outcome string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rows == nil {
		r.rows = map[string]string{}
	}
	r.rows[c.ID+" "+c.What] = outcome
}

func (r *table) len() int { return len(r.rows) }

const (
	madeBegins = "<!-- from here on made by TestHostile -->\n"
	madeEnds   = "<!-- to here -->\n"
)

// compare fails unless the part of the page that is made says what happened;
// with -update it is made.
func (r *table) compare(t *testing.T, page string) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	head, rest, ok := strings.Cut(text, madeBegins)
	_, tail, ok2 := strings.Cut(rest, madeEnds)
	if !ok || !ok2 {
		t.Fatalf("%s has lost its marks %q and %q", page, madeBegins, madeEnds)
	}
	made := head + madeBegins + r.text() + madeEnds + tail
	switch {
	case *updatePages:
		if err := os.WriteFile(page, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	case made != text:
		t.Errorf("%s is stale: go test ./cmd/xpip -run TestHostile -update", page)
	}
}

func (r *table) text() string {
	var b strings.Builder
	cases := hostile.Cases()
	slices.SortStableFunc(cases, func(x, y hostile.Case) int { return strings.Compare(x.ID, y.ID) })
	for _, group := range hostile.Groups() {
		fmt.Fprintf(&b, "\n### %s\n\n| class | artifact | outcome |\n|---|---|---|\n", group.Title)
		for _, c := range cases {
			if strings.HasPrefix(c.ID, group.Prefix) {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", c.ID, c.What, r.rows[c.ID+" "+c.What])
			}
		}
	}
	return b.String() + "\n"
}

// code is text of a message for a cell of a table: short, and as it was said.
func code(text string) string {
	if len(text) > 160 {
		text = strings.ToValidUTF8(text[:80], "") + " … " + strings.ToValidUTF8(text[len(text)-70:], "")
	}
	return "`" + strings.NewReplacer("|", "\\|", "`", "'").Replace(text) + "`"
}
