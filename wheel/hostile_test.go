package wheel

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/fixtures/hostile"
)

func TestHostileWheelsAreRefused(t *testing.T) {
	for _, c := range hostile.Wheels() {
		if c.Outcome != hostile.Refused {
			continue
		}
		t.Run(c.ID+" "+c.What, func(t *testing.T) {
			w := c.Artifact()
			arena := t.TempDir()
			before := listing(t, arena)
			_, err := unpackRaw(t, w, arena)
			invalid, ok := errors.AsType[*InvalidError](err)
			if !ok {
				t.Fatalf("got %v, want a refusal", err)
			}
			if invalid.Wheel != w.Filename || !strings.Contains(err.Error(), c.Says) {
				t.Errorf("got %v; want words %q", err, c.Says)
			}
			if strings.ContainsFunc(err.Error(), isControl) {
				t.Errorf("the message holds control characters: %q", err)
			}
			if diff := outside(before, listing(t, arena)); len(diff) > 0 {
				t.Errorf("written outside of the tree: %q", diff)
			}
		})
	}
}

// unpackRaw writes w into arena/in and unpacks it into arena/out.
func unpackRaw(t *testing.T, w hostile.Artifact, arena string) (*Unpacked, error) {
	t.Helper()
	in := filepath.Join(arena, "in")
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(in, "blob")
	if err := os.WriteFile(path, w.Content, 0o644); err != nil {
		t.Fatal(err)
	}
	return UnpackFile(t.Context(), path, w.Filename, "", filepath.Join(arena, "out"), Limits{})
}

func listing(t *testing.T, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		paths = append(paths, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// outside returns what is new and neither input nor below the tree.
func outside(before, after []string) []string {
	return slices.DeleteFunc(after, func(p string) bool {
		return slices.Contains(before, p) || p == "in" || p == "in/blob" || p == "out" || strings.HasPrefix(p, "out/")
	})
}

// TestHarmlessWheelsAreAccepted has those, too, that only some hosts refuse: a
// wheel is unpacked before it is known for whom.
func TestHarmlessWheelsAreAccepted(t *testing.T) {
	for _, c := range hostile.Wheels() {
		if c.Outcome == hostile.Refused {
			continue
		}
		t.Run(c.ID+" "+c.What, func(t *testing.T) {
			w := c.Artifact()
			u, err := unpackRaw(t, w, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			paths := make([]string, len(u.Files))
			for i, f := range u.Files {
				paths[i] = f.Path
			}
			for path, want := range w.Files {
				got, err := os.ReadFile(filepath.Join(u.Dir, filepath.FromSlash(path)))
				if err != nil || string(got) != want || !slices.Contains(paths, path) {
					t.Errorf("%q: %q, %v; want %q", path, got, err, want)
				}
			}
			windows, folded := checkAllNames(paths, true, false), checkAllNames(paths, false, true)
			if (windows != nil) != (c.Outcome == hostile.RefusedOnWindows) || (folded != nil) != (c.Outcome == hostile.RefusedWhenFolded) {
				t.Errorf("for Windows: %v; where case does not count: %v", windows, folded)
			}
			for _, err := range []error{windows, folded} {
				if err != nil && !strings.Contains(err.Error(), c.Says) {
					t.Errorf("got %v; want words %q", err, c.Says)
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	for _, limits := range []Limits{{Members: 4}, {Unpacked: 100}} {
		raw := hostile.Sound().Content
		name, err := ParseFilename(hostile.Sound().Filename)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(strings.NewReader(string(raw)), int64(len(raw)), name, limits); err == nil {
			t.Errorf("%+v: accepted", limits)
		}
	}
}
