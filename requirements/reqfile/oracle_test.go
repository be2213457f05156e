package reqfile

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// pipCase is a case of testdata/oracle.py with what pip made of it.
type pipCase struct {
	Label      string
	Files      map[string][]byte
	File       string
	Constraint bool
	Line       *string
	Editable   *string

	Error   string
	Kind    string
	Entries []pipEntry
	Options pipOptions
}

type pipEntry struct {
	Name, Specifier, URL, Path, Subdirectory, Marker, Origin string

	Extras               []string
	Editable, Constraint bool
	Hashes, Settings     map[string][]string
}

type pipOptions struct {
	IndexURLs       []string `json:"index_urls"`
	NoIndex         bool     `json:"no_index"`
	FindLinks       []string `json:"find_links"`
	NoBinary        []string `json:"no_binary"`
	OnlyBinary      []string `json:"only_binary"`
	AllReleases     []string `json:"all_releases"`
	OnlyFinal       []string `json:"only_final"`
	PreferBinary    bool     `json:"prefer_binary"`
	TrustedHosts    []string `json:"trusted_hosts"`
	RequireHashes   bool     `json:"require_hashes"`
	NoRequireHashes bool     `json:"no_require_hashes"`
	Features        []string
}

func TestAgreesWithPip(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the table was made where paths have slashes")
	}
	for i, c := range readPipCases(t) {
		t.Run(fmt.Sprintf("%03d %s", i, c.Label), func(t *testing.T) {
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			writeFiles(t, root, c.Files)
			t.Chdir(root)
			file, err := c.read(t.Context(), root)
			if c.Error != "" {
				c.checkError(t, err, root)
				return
			}
			if err != nil {
				t.Fatalf("unexpected error: %v", err)
			}
			var entries []pipEntry
			for _, e := range file.Entries {
				entries = append(entries, asPip(e, root))
			}
			if diff := cmp.Diff(c.Entries, entries, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("entries differ (- pip, + here):\n%s", diff)
			}
			if c.File == "" {
				return
			}
			if diff := cmp.Diff(c.Options, optionsAsPip(file.Options, root), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("options differ (- pip, + here):\n%s", diff)
			}
		})
	}
}

func readPipCases(t *testing.T) []pipCase {
	f, err := os.Open("testdata/pip.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var cases []pipCase
	if err := json.NewDecoder(z).Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Fatalf("only %d cases", len(cases))
	}
	return cases
}

func writeFiles(t *testing.T, root string, files map[string][]byte) {
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if content == nil {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text := strings.ReplaceAll(string(content), "$ROOT", root)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// environment is that of testdata/oracle.py.
func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"TOKEN": "s3cret", "NESTED": "${TOKEN}", "EMPTY": "", "WITH_SPACE": "foo --pre", "lower": "x", "A1_": "django",
	}[name]
	return value, ok
}

func (c pipCase) read(ctx context.Context, root string) (*File, error) {
	inRoot := func(s string) string { return strings.ReplaceAll(s, "$ROOT", root) }
	var e Entry
	var err error
	switch {
	case c.Line != nil:
		e, err = ParseLine(inRoot(*c.Line))
	case c.Editable != nil:
		e, err = ParseEditable(inRoot(*c.Editable))
	default:
		opener := Files{Fetch: func(_ context.Context, url string) ([]byte, error) {
			return os.ReadFile(filepath.Join(root, strings.TrimPrefix(url, "http://host.invalid/")))
		}}
		return Parse(ctx, inRoot(c.File), c.Constraint, opener, environment)
	}
	return &File{Entries: []Entry{e}}, err
}

// asPip describes an entry as testdata/oracle.py does.
func asPip(e Entry, root string) pipEntry {
	short := func(s string) string { return strings.ReplaceAll(s, root, "$ROOT") }
	p := pipEntry{
		Name:         e.Requirement.Key(),
		Specifier:    e.Requirement.Specifiers.String(),
		URL:          short(e.Requirement.URL),
		Path:         short(e.Path),
		Subdirectory: e.Subdirectory,
		Marker:       e.Requirement.Marker.String(),
		Origin:       short(e.Origin.String()),
		Extras:       e.Requirement.Extras,
		Editable:     e.Editable,
		Constraint:   e.Constraint,
		Hashes:       e.Hashes,
		Settings:     e.ConfigSettings,
	}
	if e.Editable && p.URL != "" {
		// pip takes the URL out of the requirement.
		p.Path, p.URL = strings.TrimPrefix(p.URL, "file://"), ""
	}
	return p
}

func optionsAsPip(o Options, root string) pipOptions {
	p := pipOptions{
		IndexURLs:       []string{"(command line)"},
		NoIndex:         o.NoIndex,
		PreferBinary:    o.PreferBinary,
		TrustedHosts:    o.TrustedHosts,
		RequireHashes:   o.RequireHashes,
		NoRequireHashes: o.NoRequireHashes,
		Features:        o.Features,
	}
	if o.NoIndex {
		p.IndexURLs = nil
	}
	if o.IndexURL != nil {
		p.IndexURLs = []string{*o.IndexURL}
	}
	p.IndexURLs = append(p.IndexURLs, o.ExtraIndexURLs...)
	for _, link := range o.FindLinks {
		p.FindLinks = append(p.FindLinks, strings.ReplaceAll(link, root, "$ROOT"))
	}
	p.NoBinary, p.OnlyBinary = apply(o.Selections, "--no-binary", "--only-binary")
	p.AllReleases, p.OnlyFinal = apply(o.Selections, "--all-releases", "--only-final")
	if o.Pre {
		p.AllReleases = append(p.AllReleases, ":all:")
	}
	return p
}

// apply computes the sets that two options that exclude each other leave.
func apply(selections []Selection, first, second string) (a, b []string) {
	sets := map[string]map[string]bool{first: {}, second: {}}
	for _, s := range selections {
		other := second
		if s.Option == second {
			other = first
		}
		if sets[s.Option] == nil {
			continue
		}
		names := strings.Split(s.Value, ",")
		for i := slices.Index(names, ":all:"); i >= 0; i = slices.Index(names, ":all:") {
			clear(sets[other])
			clear(sets[s.Option])
			sets[s.Option][":all:"] = true
			if names = names[i+1:]; !slices.Contains(names, ":none:") {
				names = nil
			}
		}
		for _, name := range names {
			if name == ":none:" {
				clear(sets[s.Option])
				continue
			}
			name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
			delete(sets[other], name)
			sets[s.Option][name] = true
		}
	}
	list := func(set map[string]bool) (names []string) {
		for name := range set {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	return list(sets[first]), list(sets[second])
}

var place = regexp.MustCompile(` \(from line \d+ of [^)]*\)`)

// checkError compares messages. Ours name file and line where pip's do not.
func (c pipCase) checkError(t *testing.T, err error, root string) {
	if err == nil {
		t.Fatalf("no error, pip has %q", c.Error)
	}
	var problem *Error
	if !errors.As(err, &problem) {
		t.Fatalf("%T is no *Error", err)
	}
	got := strings.ReplaceAll(err.Error(), root, "$ROOT")
	if c.File != "" && problem.File == "" && !strings.Contains(got, "requirements file: ") && !strings.Contains(got, "constraint file: ") {
		t.Errorf("%q names no file", got)
	}
	switch c.Kind {
	case "InvalidRequirement":
		// pip stumbles over the extras of what it thinks may be a path.
		return
	case "LookupError", "ValueError", "CommandError":
		if !strings.Contains(strings.ToLower(strings.ReplaceAll(got, `"`, "")), strings.ToLower(c.Error)) {
			t.Errorf("%q does not contain pip's %q", got, c.Error)
		}
		return
	case "InvalidEggFragment":
		want := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(c.Error), " hint: ", "\nHint: "), `\[`, "[")
		if place.ReplaceAllString(got, "") != want {
			t.Errorf("%q, pip has %q", got, want)
		}
		return
	}
	if !strings.Contains(c.Error, "Hint: ") {
		got, _, _ = strings.Cut(got, "\nHint: ") // one that pip does not have
	}
	if got != c.Error && place.ReplaceAllString(got, "") != c.Error {
		t.Errorf("%q, pip has %q", got, c.Error)
	}
}
