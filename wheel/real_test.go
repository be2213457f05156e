package wheel

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestRealWheels accepts every wheel of the folder that XPIP_TEST_WHEELS names:
// strictness is worth nothing if it refuses what people install.
func TestRealWheels(t *testing.T) {
	folder := os.Getenv("XPIP_TEST_WHEELS")
	if folder == "" {
		t.Skip("XPIP_TEST_WHEELS names no folder of real wheels")
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no wheels in %q: %v", folder, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			dir := t.TempDir()
			u, err := UnpackFile(t.Context(), path, filepath.Base(path), "", dir, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			facts, err := u.Facts()
			if err != nil {
				t.Fatal(err)
			}
			loaded, err := LoadUnpacked(dir, facts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(u, loaded, cmpopts.IgnoreUnexported(Metadata{}), cmpopts.EquateEmpty(),
				cmp.AllowUnexported(Filename{}, BuildTag{}, tagSet{})); diff != "" {
				t.Error(diff)
			}
			for _, n := range u.Native {
				if n.Problem != "" || len(n.Machines) == 0 {
					t.Errorf("%+v", n)
				}
			}
			remoteAgrees(t, path, u)
		})
	}
}

// remoteAgrees compares METADATA as read from a distance with the unpacked one.
func remoteAgrees(t *testing.T, path string, u *Unpacked) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := ReadMetadata(f, info.Size(), u.Filename)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(u.Dir, u.DistInfo, "METADATA"))
	if err != nil {
		t.Fatal(err)
	}
	if string(raw) != string(want) {
		t.Error("METADATA differs when read from a distance")
	}
}
