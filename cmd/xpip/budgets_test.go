package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/xpip/xpip/fixtures"
	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

// budgetSlack is by how much a budget may be exceeded: the runtime's own
// allocations and the meeting of goroutines are not always the same.
const budgetSlack = 0.05

// TestBudgets holds what the functions that run most often allocate against
// testdata/budgets.txt. UPDATE_COUNTS=1 writes it anew.
func TestBudgets(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates, too")
	}
	golden := filepath.Join("testdata", "budgets.txt")
	update := os.Getenv("UPDATE_COUNTS") != ""
	want := readBudgets(t, golden, update)
	var table bytes.Buffer
	table.WriteString("# What functions that run often allocate, in allocations a call; TestBudgets allows 5 % more.\n" +
		"# UPDATE_COUNTS=1 go test ./cmd/xpip -run TestBudgets writes this file.\n\n")
	for _, f := range hotFunctions(t) {
		got := testing.AllocsPerRun(5, f.call)
		fmt.Fprintf(&table, "%8.0f  %s\n", got, f.name)
		limit, known := want[f.name]
		switch {
		case update:
		case !known:
			t.Errorf("%s has no budget; it allocates %.0f times", f.name, got)
		case got > math.Floor(limit*(1+budgetSlack)):
			t.Errorf("%s allocates %.0f times; its budget is %.0f", f.name, got, limit)
		}
		delete(want, f.name)
	}
	for name := range want {
		if !update {
			t.Errorf("%s has a budget and is not measured", name)
		}
	}
	if update {
		if err := os.WriteFile(golden, table.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readBudgets(t *testing.T, path string, mayLack bool) map[string]float64 {
	t.Helper()
	budgets := map[string]float64{}
	data, err := os.ReadFile(path)
	if err != nil && !mayLack {
		t.Fatal(err)
	}
	for text := range strings.Lines(string(data)) {
		number, name, ok := strings.Cut(strings.TrimSpace(text), "  ")
		if !ok || strings.HasPrefix(text, "#") {
			continue
		}
		if budgets[name], err = strconv.ParseFloat(number, 64); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return budgets
}

// hotFunction is one call under measurement.
type hotFunction struct {
	name string
	call func()
}

// hotFunctions are what a run spends its time in beside waiting, each with
// input of fixed size.
func hotFunctions(t *testing.T) []hotFunction {
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Error(err)
		}
	}
	phone, err := host.New(host.Options{Platforms: []string{"ios_13_0_arm64"}, PythonVersion: "3.14"})
	must(err)
	older, newer := pep440.MustParse("2.10.3"), pep440.MustParse("2.11.0rc1")
	specifiers, err := pep440.ParseSpecifiers(">=2.1,!=2.10.2,<3")
	must(err)
	name, err := wheel.ParseFilename("demo-1.0-cp314-cp314-ios_13_0_arm64_iphoneos.whl")
	must(err)
	base := &url.URL{Scheme: "https", Host: "example.com", Path: "/simple/demo/"}
	const files = 10_000
	html, json, record := htmlPage(files), jsonPage(files), longRecord(files)
	page, err := simple.ParseHTML(html, base, "demo")
	must(err)
	stored := page.AppendTo(nil)
	world, boto := newTreeOfProjects(t, 100, 20), newTreeOfProjects(t, 2, 3000)
	prefix, items := unpackedWheels(t)
	facts, err := items[0].Wheel.Facts()
	must(err)

	return []hotFunction{
		{"read a version", func() { _, err := pep440.Parse("2.10.3.post1"); must(err) }},
		{"compare two versions", func() { _ = older.Compare(newer) }},
		{"read specifiers", func() { _, err := pep440.ParseSpecifiers(">=2.1,!=2.10.2,<3"); must(err) }},
		{"check a version against specifiers", func() { _ = specifiers.Contains(newer) }},
		{"read a requirement with a marker", func() {
			_, err := requirements.Parse(`demo[fast]>=2.1,<3; sys_platform == "ios" and python_version >= "3.9"`)
			must(err)
		}},
		{"read a wheel's file name", func() {
			_, err := wheel.ParseFilename("demo-1.0-cp314-cp314-ios_13_0_arm64_iphoneos.whl")
			must(err)
		}},
		{"rank a wheel for a host", func() { _, _ = phone.BestRank(name) }},
		{"read an HTML page of 10,000 files", func() { _, err := simple.ParseHTML(html, base, "demo"); must(err) }},
		{"read a JSON page of 10,000 files", func() { _, err := simple.ParseJSON(json, base, "demo"); must(err) }},
		{"read a stored page of 10,000 files", func() { _, err := simple.DecodePage(stored); must(err) }},
		{"read a RECORD of 10,000 rows", func() { _, err := wheel.ParseRecord(bytes.NewReader(record)); must(err) }},
		{"resolve 100 projects of 20 versions", func() {
			_, err := resolver.Resolve(context.Background(), resolver.Request{Hosts: []*host.Host{phone}, Roots: world.roots}, world)
			must(err)
		}},
		{"resolve 2 projects of 3,000 versions", func() {
			_, err := resolver.Resolve(context.Background(), resolver.Request{Hosts: []*host.Host{phone}, Roots: boto.roots}, boto)
			must(err)
		}},
		{"load a wheel of 1,000 files from the cache", func() { _, err := wheel.LoadUnpacked(items[0].Wheel.Dir, facts); must(err) }},
		{"plan an install of 1,000 files", func() { _, err := prefix.Plan(items, nil, installer.Options{}); must(err) }},
	}
}

func htmlPage(files int) []byte {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html>\n<html><body>\n")
	for i := range files {
		fmt.Fprintf(&b, `<a href="https://files.example.com/%060x/demo-1.%d-py3-none-any.whl#sha256=%064x" data-requires-python="&gt;=3.9">demo-1.%d-py3-none-any.whl</a><br/>`+"\n", i, i, i, i)
	}
	b.WriteString("</body></html>\n")
	return b.Bytes()
}

func jsonPage(files int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"meta":{"api-version":"1.3"},"name":"demo","files":[`)
	for i := range files {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"core-metadata":{"sha256":"%064x"},"filename":"demo-1.%d-py3-none-any.whl","hashes":{"sha256":"%064x"},"requires-python":">=3.9","size":%d,"upload-time":"2025-05-16T14:47:26.180028Z","url":"https://files.example.com/%060x/demo-1.%d-py3-none-any.whl","yanked":false}`,
			i, i, i, i, i, i)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func longRecord(rows int) []byte {
	var b bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&b, "demo/part%d/module%d.py,sha256=%043d,%d\n", i%50, i, i, i)
	}
	return b.Bytes()
}

// treeOfProjects is a world in which each project needs two others, and the
// newest version of every third cannot be had together with what needs it.
type treeOfProjects struct {
	listings map[string]resolver.Listing
	metadata map[string]*resolver.Metadata // by file name
	roots    []resolver.Root
}

func newTreeOfProjects(t *testing.T, projects, versions int) *treeOfProjects {
	t.Helper()
	w := &treeOfProjects{listings: map[string]resolver.Listing{}, metadata: map[string]*resolver.Metadata{}}
	root, err := requirements.Parse("p0")
	if err != nil {
		t.Fatal(err)
	}
	w.roots = []resolver.Root{{Requirement: root}}
	for i := range projects {
		project := fmt.Sprintf("p%d", i)
		var files []resolver.File
		for v := range versions {
			name, err := wheel.ParseFilename(fmt.Sprintf("%s-%d.0-py3-none-any.whl", project, v))
			if err != nil {
				t.Fatal(err)
			}
			m := &resolver.Metadata{Name: project, Version: name.Version}
			for _, child := range []int{2*i + 1, 2*i + 2} {
				if child < projects {
					most := versions
					if child%3 == 0 {
						most = v // needs one older than the newest
					}
					m.RequiresDist = append(m.RequiresDist, fmt.Sprintf("p%d<=%d", child, most))
				}
			}
			w.metadata[name.Raw] = m
			files = append(files, resolver.File{Filename: name.Raw, Wheel: &name, Version: pep440.MustParse(name.Version), Size: -1})
		}
		w.listings[project] = resolver.ListFiles(files)
	}
	return w
}

// Listing implements resolver.Source.
func (w *treeOfProjects) Listing(_ context.Context, project string) (resolver.Listing, error) {
	return w.listings[project], nil
}

// Metadata implements resolver.Source.
func (w *treeOfProjects) Metadata(_ context.Context, f resolver.File, _ int) (*resolver.Metadata, error) {
	return w.metadata[f.Filename], nil
}

// Direct implements resolver.Source.
func (w *treeOfProjects) Direct(context.Context, requirements.Requirement) (resolver.File, error) {
	return resolver.File{}, fmt.Errorf("nothing is named by URL here")
}

// unpackedWheels returns a wheel of 1,000 files, unpacked, and an empty prefix.
func unpackedWheels(t *testing.T) (*installer.Prefix, []installer.Item) {
	t.Helper()
	content := map[string]string{}
	for i := range 1000 {
		content[fmt.Sprintf("demo/part%d/module%d.py", i%20, i)] = fmt.Sprintf("x = %d\n", i)
	}
	ix := fixtures.Index{Projects: []fixtures.Project{{Name: "demo", Releases: []fixtures.Release{
		{Version: "1.0", Wheels: []string{"py3-none-any"}, Files: content},
	}}}}
	made, err := ix.Files()
	if err != nil {
		t.Fatal(err)
	}
	file := made["demo"][0]
	dir := t.TempDir()
	path := filepath.Join(dir, file.Name)
	if err := os.WriteFile(path, file.Content, 0o644); err != nil {
		t.Fatal(err)
	}
	unpacked, err := wheel.UnpackFile(t.Context(), path, file.Name, file.SHA256, filepath.Join(dir, "unpacked"), wheel.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	prefix, err := installer.Open(filepath.Join(dir, "prefix"), installer.TargetLayout, host.Scheme{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC() // what was made for this is not counted with what comes
	return prefix, []installer.Item{{Wheel: unpacked}}
}
