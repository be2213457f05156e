package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/xpip/xpip/"

// walls names, for every room, the rooms that its code may import. Tests may
// import fixtures as well.
var walls = map[string][]string{
	"requirements": {},
	"wheel":        {},
	"host":         {"requirements", "wheel"},
	"index":        {"requirements", "wheel"},
	"resolver":     {"requirements", "wheel", "host"},
	"sdist":        {"requirements", "wheel", "host"},
	"installer":    {"wheel", "host"},
	"fixtures":     {"requirements", "wheel"},
	"bench":        {"fixtures", "wheel"},
	"integrations": {"wheel", "host", "index"}, // for their tests alone
	"cmd":          {"requirements", "wheel", "host", "index", "resolver", "sdist", "installer"},
}

// TestWalls keeps the data flowing one way: a room that needs another one that
// is not named here is a decision, and is taken here.
func TestWalls(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		room, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		allowed, known := walls[room]
		if !known {
			t.Errorf("%s stands in room %q, which the walls do not know", rel, room)
			return nil
		}
		seen[room] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			within, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			other, _, _ := strings.Cut(within, "/")
			test := strings.HasSuffix(file, "_test.go") && other == "fixtures"
			if other != room && !test && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s: room %q must not know room %q", rel, imported, room, other)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range seen {
		if path.Base(room) != room {
			t.Errorf("room %q is not a folder at the top", room)
		}
	}
	if !seen["cmd"] || !seen["host"] {
		t.Error("the walk did not find the rooms")
	}
}
