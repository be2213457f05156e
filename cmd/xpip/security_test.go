package main

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updatePages = flag.Bool("update", false, "write the made part of docs/security.md anew")

// TestPromisesHaveTests keeps docs/security.md and docs/safety.md honest: every
// test that they name exists, in the folder that is named before it
// (`folder`: `TestA`, `TestB`), or anywhere if none is. A row of a table that
// names tests must name a folder.
func TestPromisesHaveTests(t *testing.T) {
	root := filepath.Join("..", "..")
	tests := testFunctions(t, root)
	for _, page := range []string{"security.md", "safety.md"} {
		data, err := os.ReadFile(filepath.Join(root, "docs", page))
		if err != nil {
			t.Fatal(err)
		}
		named := 0
		for n, line := range strings.Split(string(data), "\n") {
			folder := ""
			for _, code := range codeSpan.FindAllStringSubmatch(line, -1) {
				name, _, _ := strings.Cut(code[1], "/") // of a subtest
				switch {
				case !testName.MatchString(name):
					folder = ""
					if code[2] == ":" {
						folder = code[1]
					}
					continue
				case folder == "" && strings.HasPrefix(line, "|"):
					t.Errorf("docs/%s:%d: no folder before %s; write `folder`: `%s`", page, n+1, name, name)
				case len(tests[name]) == 0:
					t.Errorf("docs/%s:%d: there is no %s", page, n+1, name)
				case folder != "" && !slices.Contains(tests[name], folder):
					t.Errorf("docs/%s:%d: there is no %s in %s; it is in %s", page, n+1, name, folder, strings.Join(tests[name], ", "))
				}
				named++
			}
		}
		if named == 0 {
			t.Errorf("docs/%s names no test", page)
		}
	}
}

var (
	codeSpan = regexp.MustCompile("`([^`]+)`(:?)")
	testName = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
)

// testFunctions returns the tests and fuzz targets below root: their names, and
// the folders that have them.
func testFunctions(t *testing.T, root string) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".."):
			return filepath.SkipDir
		case !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && testName.MatchString(f.Name.Name) {
				tests[f.Name.Name] = append(tests[f.Name.Name], path.Dir(filepath.ToSlash(rel)))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
