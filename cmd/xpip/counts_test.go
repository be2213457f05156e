package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/xpip/xpip/cmd/xpip/internal/cli"
	"github.com/xpip/xpip/fixtures"
)

// TestRequests holds what commands ask of an index against testdata/requests.txt.
// Times depend on the machine; these numbers do not, and are what a user on a
// slow line pays for. One more request than is written there fails, and so does
// one less: UPDATE_COUNTS=1 writes the table anew, to be read before it is
// committed.
func TestRequests(t *testing.T) {
	var table bytes.Buffer
	table.WriteString("# What commands ask of an index: requests by what is asked for, and kilobytes of all\n" +
		"# bodies. A page that is \"same\" was answered by 304. With sidecars, metadata have a\n" +
		"# file of their own; without, they are a part of the wheel.\n" +
		"# UPDATE_COUNTS=1 go test ./cmd/xpip -run TestRequests writes this file.\n\n")
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "index\tprojects\tcommand\tpages\tsame\tmetadata\twheels\tkB")
	for _, modern := range []bool{true, false} {
		for _, projects := range []int{10, 100} {
			countCommands(t, w, modern, projects)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "requests.txt")
	if os.Getenv("UPDATE_COUNTS") != "" {
		if err := os.WriteFile(golden, table.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(table.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if got, want := line(gotLines, i), line(wantLines, i); got != want {
			t.Errorf("line %d\n got %s\nwant %s", i+1, got, want)
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// countCommands adds a row for each command, run one after the other with the
// cache and the folders that those before it left.
func countCommands(t *testing.T, w *tabwriter.Writer, modern bool, projects int) {
	server, counts := countedIndex(t, modern, projects)
	dir := t.TempDir()
	kind := "HTML"
	if modern {
		kind = "JSON, sidecars"
	}
	for _, command := range []struct {
		name, cache, target string
		more                []string
	}{
		{"resolve cold", "first", "none", []string{"--dry-run"}},
		{"resolve warm", "first", "none", []string{"--dry-run"}},
		{"resolve, one more wanted", "first", "none", []string{"--dry-run", "extra"}},
		{"install after resolve", "first", "a", nil},
		{"install cold", "second", "b", nil},
		{"install warm", "second", "c", nil},
		{"install again", "second", "c", nil},
		{"install upgrade", "second", "c", []string{"--upgrade"}},
	} {
		args := []string{"install", "-q", "--platform", "ios_13_0_arm64", "--python-version", "3.14", "-i", server,
			"--cache-dir", filepath.Join(dir, command.cache), "-t", filepath.Join(dir, command.target), "p0"}
		var out bytes.Buffer
		code := cli.Run(t.Context(), cli.Process{
			Name: "xpip", Args: append(args, command.more...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
			Environ: []string{"HOME=" + dir, "PIP_CONFIG_FILE=" + os.DevNull},
		})
		if code != 0 {
			t.Fatalf("%s %d, %s: exit code %d\n%s", kind, projects, command.name, code, out.String())
		}
		n := counts.take()
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%d\t%d\t%d\n", kind, projects, command.name,
			n.pages, n.same, n.metadata, n.wheels, (n.bytes+512)/1024)
	}
}

// asked is what a server was asked for.
type asked struct {
	pages, same, metadata, wheels int
	bytes                         int64
}

// counter counts what its server is asked for.
type counter struct {
	mu sync.Mutex
	n  asked
}

// take returns the counts and begins anew.
func (c *counter) take() asked {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	c.n = asked{}
	return n
}

// countedIndex serves so many projects, each of which needs two others as the
// nodes of a binary tree do, and one more called extra. An index that is not
// modern has HTML alone and no sidecars.
func countedIndex(t *testing.T, modern bool, projects int) (url string, counts *counter) {
	t.Helper()
	var ix fixtures.Index
	for i := range projects {
		p := fixtures.Project{Name: fmt.Sprintf("p%d", i)}
		for _, version := range []string{"1.0", "1.1", "2.0"} {
			r := fixtures.Release{Version: version, Wheels: []string{"py3-none-any"}, Files: map[string]string{
				p.Name + "/__init__.py": "x = 1\n",
				p.Name + "/data.txt":    strings.Repeat("a line of text\n", 50),
			}}
			for _, child := range []int{2*i + 1, 2*i + 2} {
				if child < projects {
					r.Requires = append(r.Requires, fmt.Sprintf("p%d>=1.1", child))
				}
			}
			p.Releases = append(p.Releases, r)
		}
		ix.Projects = append(ix.Projects, p)
	}
	ix.Projects = append(ix.Projects, fixtures.Project{Name: "extra", Releases: []fixtures.Release{
		{Version: "1.0", Wheels: []string{"py3-none-any"}, Files: map[string]string{"extra.py": "x = 1\n"}},
	}})
	inner, err := fixtures.NewServer(&ix)
	if err != nil {
		t.Fatal(err)
	}
	if !modern {
		inner.Format, inner.Sidecars = fixtures.HTMLOnly, false
	}
	counts = &counter{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		inner.ServeHTTP(recorder, r)
		counts.add(r, recorder.Code, recorder.Body.Len())
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	return server.URL + "/simple/", counts
}

func (c *counter) add(r *http.Request, status, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n.bytes += int64(size)
	switch {
	case strings.HasPrefix(r.URL.Path, "/simple/") && status == http.StatusNotModified:
		c.n.same++
	case strings.HasPrefix(r.URL.Path, "/simple/"):
		c.n.pages++
	case strings.HasSuffix(r.URL.Path, ".metadata") || r.Header.Get("Range") != "":
		c.n.metadata++
	default:
		c.n.wheels++
	}
}
