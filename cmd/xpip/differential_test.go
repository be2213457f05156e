package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/fixtures"
)

// TestAsPip gives pip and xpip the same command lines. Where they are meant to
// differ, testdata/differences.txt says so, line by line and with a reason; any
// other difference fails the test, and so does one that no longer occurs.
func TestAsPip(t *testing.T) {
	p := newPeers(t)
	allowed := readDifferences(t, filepath.Join("testdata", "differences.txt"))
	names := map[string]bool{}
	for _, c := range peerCases {
		if names[c.name] {
			t.Errorf("two cases are called %q", c.name)
		}
		names[c.name] = true
	}
	for name := range allowed {
		if !names[name] {
			t.Errorf("differences.txt speaks of %q, which is no case", name)
		}
	}
	for _, c := range peerCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := p.run(t, c, true), p.run(t, c, false)
			var got []string
			for _, fact := range theirs.facts {
				if !slices.Contains(ours.facts, fact) {
					got = append(got, "- "+fact)
				}
			}
			for _, fact := range ours.facts {
				if !slices.Contains(theirs.facts, fact) {
					got = append(got, "+ "+fact)
				}
			}
			if want := slices.Sorted(slices.Values(allowed[c.name])); !slices.Equal(want, slices.Sorted(slices.Values(got))) {
				t.Errorf("%s\nthe differences are\n@ %s\n%s\nand should be\n%s\npip said:\n%s\nxpip said:\n%s",
					c.run, c.name, strings.Join(got, "\n"), strings.Join(allowed[c.name], "\n"), theirs.output, ours.output)
			}
		})
	}
}

// readDifferences reads which facts of a case may differ. The file has
// paragraphs: "== reason", then for each case "@ name" and lines that begin
// with "- " (pip's) or "+ " (ours).
func readDifferences(t *testing.T, path string) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	reason, name := "", ""
	for n, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "== "):
			reason, name = line[3:], ""
		case strings.HasPrefix(line, "@ ") && reason != "":
			name = line[2:]
		case (strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "+ ")) && name != "":
			out[name] = append(out[name], line)
		default:
			t.Fatalf("%s:%d: %q is neither a reason, a case nor a difference of one", path, n+1, line)
		}
	}
	return out
}

// peers is what both programs work with.
type peers struct {
	dir          string
	xpip, python string
	venv         string // copied for every run
	server       string // URL
	tag, version string // cp314, 3.14
	hashes       map[string]string
}

func newPeers(t *testing.T) *peers {
	t.Helper()
	p := &peers{python: peer(t, "python"), hashes: map[string]string{}}
	version, stderr, code := execute(t, p.python, "-m", "pip", "--version")
	if code != 0 || !strings.HasPrefix(version, "pip 26.3 ") {
		t.Skipf("this pip is not the one that xpip follows: %s%s", version, stderr)
	}
	var err error
	if p.dir, err = filepath.EvalSymlinks(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	p.xpip, p.venv = filepath.Join(p.dir, "xpip"), filepath.Join(p.dir, "venv")
	if out, err := exec.Command("go", "build", "-o", p.xpip, ".").CombinedOutput(); err != nil {
		t.Fatalf("building xpip: %v\n%s", err, out)
	}
	if out, err := exec.Command(p.python, "-m", "venv", "--without-pip", p.venv).CombinedOutput(); err != nil {
		t.Fatalf("making a virtual environment: %v\n%s", err, out)
	}
	facts, stderr, code := execute(t, p.python, "-c",
		"import sys, sysconfig; print('cp%d%d' % sys.version_info[:2], sysconfig.get_platform())")
	if code != 0 {
		t.Fatal(stderr)
	}
	python, platform, _ := strings.Cut(strings.TrimSpace(facts), " ")
	platform = strings.NewReplacer("-", "_", ".", "_").Replace(platform)
	platform = strings.Replace(platform, "linux_", "manylinux_2_17_", 1)
	p.tag, p.version = python, python[2:3]+"."+python[3:]
	template, err := os.ReadFile(filepath.Join("testdata", "peers.toml"))
	if err != nil {
		t.Fatal(err)
	}
	ix, err := fixtures.Parse([]byte(strings.NewReplacer("{python}", python, "{platform}", platform).Replace(string(template))))
	if err != nil {
		t.Fatal(err)
	}
	files, err := ix.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range files {
		for _, f := range list {
			p.hashes[f.Name] = f.SHA256
		}
	}
	handler, err := fixtures.NewServer(ix)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.Handler(handler))
	t.Cleanup(server.Close)
	p.server = server.URL
	return p
}

// outcome is what a command line did: facts to compare, and its whole output.
type outcome struct {
	facts  []string
	output string
}

var hashOf = regexp.MustCompile(`\$HASH\(([^)]*)\)`)

func (p *peers) expand(t *testing.T, text string) string {
	text = hashOf.ReplaceAllStringFunc(text, func(s string) string {
		sum := p.hashes[hashOf.FindStringSubmatch(s)[1]]
		if sum == "" {
			t.Fatalf("%s: the index has no such file", s)
		}
		return sum
	})
	return strings.NewReplacer(
		"$INDEX", "-i "+p.server+"/simple/", "$FILES", p.server+"/files", "$PYTHON", p.tag,
		"$FOREIGN", "--only-binary=:all: --implementation cp --python-version "+p.version,
	).Replace(text)
}

// run gives a case to pip or to xpip, in a world of its own.
func (p *peers) run(t *testing.T, c peerCase, pip bool) outcome {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	work, venv := filepath.Join(base, "work"), filepath.Join(base, "venv")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", p.venv, venv).CombinedOutput(); err != nil {
		t.Fatalf("copying the virtual environment: %v\n%s", err, out)
	}
	for name, text := range c.files {
		path := filepath.Join(work, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(p.expand(t, text)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	one := func(line string) (string, int) {
		words := strings.Fields(p.expand(t, line))
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "·", " ")
		}
		argv := append([]string{p.xpip}, words...)
		if pip {
			argv = append([]string{p.python, "-m", "pip", "--python", venv}, words...)
		}
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = work
		cmd.Env = append([]string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + base, "VIRTUAL_ENV=" + venv, "LC_ALL=C.UTF-8",
			"XDG_CACHE_HOME=" + filepath.Join(p.dir, "cache"), "PIP_CONFIG_FILE=" + os.DevNull,
			"PIP_NO_COMPILE=1", "PIP_ROOT_USER_ACTION=ignore", "PIP_DISABLE_PIP_VERSION_CHECK=1",
		}, c.env...)
		var output bytes.Buffer
		cmd.Stdout, cmd.Stderr = &output, &output
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatalf("starting %v: %v", argv, err)
		}
		return output.String(), cmd.ProcessState.ExitCode()
	}
	for _, line := range c.given {
		if out, code := one(line); code != 0 {
			t.Fatalf("%s (pip: %v): exit %d\n%s", line, pip, code, out)
		}
	}
	output, code := one(c.run)
	same := strings.NewReplacer(
		base, "BASE", strings.TrimPrefix(base, "/"), "BASE", p.dir, "TEMP", p.server, "SERVER",
		"python"+p.version, "pythonX.Y", p.tag, "cpXY", "xpip", "pip",
	)
	facts := []string{fmt.Sprintf("exit %d", code)}
	facts = append(facts, said(same.Replace(output), code == 0)...)
	facts = append(facts, flatReport(t, filepath.Join(work, "report.json"), same, strings.Contains(c.run, "--platform"))...)
	facts = append(facts, treeFacts(t, work, "", same)...)
	facts = append(facts, treeFacts(t, filepath.Join(venv, "lib"), "lib/", same)...)
	facts = append(facts, treeFacts(t, filepath.Join(venv, "bin"), "bin/", same)...)
	return outcome{facts: facts, output: output}
}
