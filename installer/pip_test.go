package installer

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

// Two variables make TestTreeEqualsPips run: a pip, and a folder of wheels that
// fit the Python it runs on.
const (
	pipVariable    = "XPIP_TEST_PIP"
	wheelsVariable = "XPIP_TEST_WHEELS"
)

// TestTreeEqualsPips installs a folder of wheels by pip --target and by this
// package, and compares the trees: names and bytes, less bytecode; the first
// lines of scripts, which name pip's interpreter, and RECORD by meaning.
func TestTreeEqualsPips(t *testing.T) {
	pip, folder := os.Getenv(pipVariable), os.Getenv(wheelsVariable)
	if pip == "" || folder == "" {
		t.Skipf("no %s and %s", pipVariable, wheelsVariable)
	}
	wheels, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	if err != nil || len(wheels) == 0 {
		t.Fatalf("no wheels: %v", err)
	}
	theirs := filepath.Join(t.TempDir(), "target")
	args := append([]string{"install", "--quiet", "--no-deps", "--no-index", "--no-compile", "--target", theirs}, wheels...)
	if out, err := exec.Command(pip, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var items []Item
	for _, file := range wheels {
		u, err := wheel.UnpackFile(context.Background(), file, filepath.Base(file), "", filepath.Join(t.TempDir(), "store"), wheel.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		// pip takes a file that is named for a direct URL.
		items = append(items, Item{Wheel: u, Requested: true, DirectURL: &DirectURL{URL: "file://" + file, ArchiveInfo: &ArchiveInfo{}}})
	}
	h, err := host.Native(context.Background(), filepath.Join(filepath.Dir(pip), "python"))
	if err != nil {
		t.Fatal(err)
	}
	ours := filepath.Join(t.TempDir(), "target")
	p, err := Open(ours, TargetLayout, h.Scheme())
	if err != nil {
		t.Fatal(err)
	}
	// For lack of an order between the wheels, pip lets the last one win.
	plan := install(t, p, Options{Host: h, Interpreter: filepath.Join(filepath.Dir(pip), "python")}, items...)
	for _, n := range plan.Notes {
		t.Logf("note: %+v", n)
	}
	got, want := contents(t, ours), contents(t, theirs)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if content, ok := got[name]; !ok {
			t.Errorf("only pip has %s", name)
		} else if content != want[name] {
			t.Errorf("%s differs:\n%.400q\npip's:\n%.400q", name, content, want[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			t.Errorf("pip has no %s", name)
		}
	}
}

// contents returns a tree's files, without what is expected to differ.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	byName := map[string]string{}
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(file, ".pyc") {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))
		info, err := e.Info()
		content := read(t, file)
		switch base := path.Base(name); {
		case base == "RECORD":
			content = meaning(content)
		case base == "INSTALLER", base == "direct_url.json":
			content = ""
		case strings.HasPrefix(name, "bin/"):
			_, content, _ = strings.Cut(content, "\n")
		}
		byName[name] = info.Mode().String() + content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return byName
}

// meaning is what a RECORD says of the files whose bytes are equal.
func meaning(record string) string {
	var rows []string
	for row := range strings.Lines(record) {
		row = strings.TrimSpace(strings.TrimPrefix(row, "../../"))
		name, _, _ := strings.Cut(row, ",")
		base := path.Base(name)
		if strings.HasSuffix(name, ".pyc") {
			continue
		}
		if strings.HasPrefix(name, "bin/") || base == "INSTALLER" || base == "direct_url.json" {
			row = name
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}
