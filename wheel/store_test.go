package wheel

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xpip/xpip/fixtures/hostile"
)

// built writes a wheel by Writer and returns its path.
func built(t testing.TB, dir, filename string, files map[string]string) string {
	t.Helper()
	name, err := ParseFilename(filename)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := NewWriter(&b, name, time.Date(2026, 11, 21, 10, 30, 8, 0, time.UTC))
	files[w.DistInfo()+"/METADATA"] = fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name.Distribution, name.Version)
	for path, content := range files { // in any order: the result does not depend on it
		mode := os.FileMode(0o644)
		if strings.HasPrefix(content, "#!") {
			mode = 0o755
		}
		if err := w.Add(path, mode, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filename)
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func sample() map[string]string {
	large := make([]byte, 3*chunkSize+17)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(large)
	return map[string]string{
		"demo/__init__.py":                    "answer = 42\n",
		"demo/empty.txt":                      "",
		"demo/large.bin":                      string(large),
		"demo/_speed.so":                      string(elfSpec{order: little, wide: true, machine: 62, kind: elfShared}.bytes()),
		"demo/large.so":                       string(elfSpec{order: little, wide: true, machine: 183, kind: elfShared}.bytes()) + string(large),
		"demo/deep/er/données.txt":            strings.Repeat("é", 1000),
		"demo-1.0.data/scripts/tool":          "#!python\nprint()\n",
		"demo-1.0.dist-info/licenses/L":       "free\n",
		"demo-1.0.dist-info/entry_points.txt": "[console_scripts]\ndemo = demo:main\n",
	}
}

func TestUnpackedRoundTrip(t *testing.T) {
	files := sample()
	path := built(t, t.TempDir(), "demo-1.0-cp313-cp313-linux_x86_64.whl", files)
	dir := filepath.Join(t.TempDir(), "new")
	u, err := UnpackFile(t.Context(), path, filepath.Base(path), "", dir, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || u.Size != info.Size() {
		t.Errorf("%d bytes: %v, %v", u.Size, info, err)
	}
	if len(u.SHA256) != 64 || u.DistInfo != "demo-1.0.dist-info" || u.DataDir != "demo-1.0.data" || len(u.EntryPoints.Console) != 1 || u.Info.RootIsPurelib {
		t.Errorf("got %+v", u)
	}
	if len(u.Native) != 2 || u.Native[0].Path != "demo/_speed.so" || u.Native[1].Machines[0] != "aarch64" {
		t.Errorf("natives: %+v", u.Native)
	}
	if !slices.IsSortedFunc(u.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) || len(u.Files) != len(files)+2 {
		t.Errorf("%d files: %+v", len(u.Files), u.Files)
	}
	for _, f := range u.Files {
		on := filepath.Join(u.Dir, filepath.FromSlash(f.Path))
		info, err := os.Lstat(on)
		if err != nil || !f.Unchanged(info) {
			t.Errorf("%q: changed from the start: %+v, %v", f.Path, f, err)
			continue
		}
		if want, ok := files[f.Path]; ok {
			got, err := os.ReadFile(on)
			if err != nil || string(got) != want {
				t.Errorf("%q differs", f.Path)
			}
		}
		if runtime.GOOS != "windows" && f.Executable != strings.HasSuffix(f.Path, "/tool") {
			t.Errorf("%q: executable %v", f.Path, f.Executable)
		}
	}
	facts, err := u.Facts()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := LoadUnpacked(dir, facts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(u, loaded, cmpopts.EquateEmpty(), cmp.AllowUnexported(Filename{}, BuildTag{}, tagSet{}, Metadata{}, field{})); diff != "" {
		t.Error(diff)
	}
}

func TestUnchangedNoticesEdits(t *testing.T) {
	path := built(t, t.TempDir(), "demo-1.0-py3-none-any.whl", map[string]string{"demo.py": "answer = 42\n"})
	for what, edit := range map[string]func(path string) error{
		"content": func(p string) error { return os.WriteFile(p, []byte("answer = 666\n"), 0o644) },
		"time":    func(p string) error { return os.Chtimes(p, time.Time{}, time.Unix(1, 0)) },
		"mode":    func(p string) error { return os.Chmod(p, 0o755) },
		"kind":    func(p string) error { return errors.Join(os.Remove(p), os.Symlink("other", p)) },
	} {
		if what == "mode" && runtime.GOOS == "windows" {
			continue
		}
		u, err := UnpackFile(t.Context(), path, filepath.Base(path), "", filepath.Join(t.TempDir(), "new"), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(u.Files, func(f File) bool { return f.Path == "demo.py" })
		on := filepath.Join(u.Dir, "demo.py")
		if err := edit(on); err != nil {
			t.Skipf("%s: %v", what, err)
		}
		info, err := os.Lstat(on)
		if err != nil || u.Files[i].Unchanged(info) {
			t.Errorf("%s: not noticed, %v", what, err)
		}
	}
}

func TestUnpackStopsWhenCancelled(t *testing.T) {
	path := built(t, t.TempDir(), "demo-1.0-py3-none-any.whl", sample())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := UnpackFile(ctx, path, filepath.Base(path), "", filepath.Join(t.TempDir(), "new"), Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestUnpackNeverOverwrites: what is there already, if only a link, stays.
func TestUnpackNeverOverwrites(t *testing.T) {
	path := built(t, t.TempDir(), "demo-1.0-py3-none-any.whl", map[string]string{"demo/a.py": "x"})
	for what, prepare := range map[string]func(tree, outside string) error{
		"file": func(tree, _ string) error {
			return errors.Join(os.Mkdir(tree+"/demo", 0o755), os.WriteFile(tree+"/demo/a.py", []byte("mine"), 0o644))
		},
		"link":   func(tree, outside string) error { return os.Symlink(outside, tree+"/demo") },
		"folder": func(tree, _ string) error { return os.MkdirAll(tree+"/demo/a.py", 0o755) },
	} {
		tree, outside := t.TempDir(), t.TempDir()
		if err := prepare(tree, outside); err != nil {
			t.Skipf("%s: %v", what, err)
		}
		root, err := os.OpenRoot(tree)
		if err != nil {
			t.Fatal(err)
		}
		a, err := OpenFile(path, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Unpack(t.Context(), root, 2); err == nil {
			t.Errorf("%s: overwritten", what)
		}
		if err := errors.Join(a.Close(), root.Close()); err != nil {
			t.Error(err)
		}
		if got := listing(t, outside); len(got) != 1 {
			t.Errorf("%s: written outside: %q", what, got)
		}
	}
}

func TestWriterIsDeterministicAndReadable(t *testing.T) {
	first, err := os.ReadFile(built(t, t.TempDir(), "demo-1.0-py3-none-any.whl", sample()))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := os.ReadFile(built(t, t.TempDir(), "demo-1.0-py3-none-any.whl", sample()))
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("the same input gave other bytes (%v)", err)
		}
	}
	z, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	want := sample()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || want[f.Name] != "" && want[f.Name] != string(content) {
			t.Errorf("%q as another reader has it: %v", f.Name, err)
		}
		if !f.Modified.Equal(time.Date(2026, 11, 21, 10, 30, 8, 0, time.UTC)) {
			t.Errorf("%q: %v", f.Name, f.Modified)
		}
	}
	if last := z.File[len(z.File)-1].Name; last != "demo-1.0.dist-info/RECORD" {
		t.Errorf("the last member is %q", last)
	}
}

func TestWriterRefuses(t *testing.T) {
	name, err := ParseFilename(hostile.Sound().Filename)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter(io.Discard, name, time.Time{})
	for _, path := range []string{"../x", "/x", "a\\b", ""} {
		if err := w.Add(path, 0, nil); err == nil {
			t.Errorf("%q: accepted", path)
		}
	}
	if err := w.Add("x", 0, nil); err != nil {
		t.Error(err)
	}
	if err := w.Add("x", 0, nil); err == nil {
		t.Error("the same path twice: accepted")
	}
	if err := w.Close(); err == nil {
		t.Error("closed without METADATA")
	}
}

func TestRetag(t *testing.T) {
	files := sample()
	path := built(t, t.TempDir(), "demo-1.0-2b-cp311-cp311-linux_x86_64.whl", files)
	dir := t.TempDir()
	out, err := Retag(path, dir, []Tag{{"py3", "none", "any"}})
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(out) != "demo-1.0-2b-py3-none-any.whl" {
		t.Errorf("got %q", out)
	}
	u, err := UnpackFile(t.Context(), out, filepath.Base(out), "", filepath.Join(t.TempDir(), "new"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Info{"1.0", Generator, true, []string{"py3-none-any"}, "2b"}, u.Info); diff != "" {
		t.Error(diff)
	}
	if len(u.Files) != len(files)+2 {
		t.Errorf("%d files", len(u.Files))
	}
	if again, err := Retag(path, dir, []Tag{{"py3", "none", "any"}}); err == nil {
		t.Errorf("%q written twice", again)
	}
	if _, err := os.Stat(out); err != nil {
		t.Error(err)
	}
}

// counting notes which ranges are read.
type counting struct {
	*bytes.Reader
	reads   int
	nearest int64
}

func (c *counting) ReadAt(b []byte, off int64) (int, error) {
	c.reads++
	c.nearest = min(c.nearest, off)
	return c.Reader.ReadAt(b, off)
}

func TestReadMetadata(t *testing.T) {
	path := built(t, t.TempDir(), "demo-1.0-cp313-cp313-linux_x86_64.whl", sample())
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name, err := ParseFilename(filepath.Base(path))
	if err != nil {
		t.Fatal(err)
	}
	r := &counting{Reader: bytes.NewReader(raw), nearest: int64(len(raw))}
	text, err := ReadMetadata(r, int64(len(raw)), name)
	if err != nil || !strings.Contains(string(text), "Name: demo\n") {
		t.Errorf("got %q, %v", text, err)
	}
	if r.reads > 5 || r.nearest < int64(len(raw))-8<<10 {
		t.Errorf("%d reads, from byte %d of %d on", r.reads, r.nearest, len(raw))
	}
}

// TestReadMetadataRefuses: what can be seen from a distance is refused there.
func TestReadMetadataRefuses(t *testing.T) {
	unseen := []string{"p19", "p24", "z05", "z06", "z15", "z16", "z17", "z18", "z19", "z21", "r0", "r10", "e0", "e1", "p09", "d04", "d05", "d07", "d11", "z11", "z07", "z04", "z01", "z03"}
	for _, c := range hostile.Wheels() {
		if c.Outcome != hostile.Refused {
			continue
		}
		w := c.Artifact()
		raw := w.Content
		name, err := ParseFilename(w.Filename)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadMetadata(bytes.NewReader(raw), int64(len(raw)), name)
		if err == nil && !slices.ContainsFunc(unseen, func(id string) bool { return strings.HasPrefix(c.ID, id) }) {
			t.Errorf("%s %s: accepted", c.ID, c.What)
		}
	}
}

func TestReadMetadataPassesFaultsOn(t *testing.T) {
	raw := hostile.Sound().Content
	name, err := ParseFilename(hostile.Sound().Filename)
	if err != nil {
		t.Fatal(err)
	}
	for left := range 4 {
		_, err := ReadMetadata(&faulty{bytes.NewReader(raw), left}, int64(len(raw)), name)
		if _, refused := errors.AsType[*InvalidError](err); !errors.Is(err, errDisk) || refused {
			t.Errorf("after %d reads: %v", left, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := built(t, t.TempDir(), "demo-1.0-py3-none-any.whl", sample())
	a, err := OpenFile(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	got, err := a.ReadFile("demo/__init__.py")
	if err != nil || string(got) != "answer = 42\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := a.ReadFile("demo/none.py"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// manyFiles is a wheel of 2,000 files of source text.
func manyFiles(b *testing.B) string {
	files := make(map[string]string, 2000)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		var text strings.Builder
		for range 20 + source.IntN(200) {
			fmt.Fprintf(&text, "def f%d(x): return x * %d\n", source.IntN(1000), source.Uint32())
		}
		files[fmt.Sprintf("demo/p%d/m%d.py", i%40, i)] = text.String()
	}
	return built(b, b.TempDir(), "demo-1.0-py3-none-any.whl", files)
}

func BenchmarkOpen(b *testing.B) {
	path := manyFiles(b)
	b.ReportAllocs()
	for b.Loop() {
		a, err := OpenFile(path, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	path := manyFiles(b)
	dir := b.TempDir()
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		if _, err := UnpackFile(b.Context(), path, filepath.Base(path), "0", filepath.Join(dir, fmt.Sprint(i)), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadUnpacked(b *testing.B) {
	path := manyFiles(b)
	dir := filepath.Join(b.TempDir(), "new")
	u, err := UnpackFile(b.Context(), path, filepath.Base(path), "0", dir, Limits{})
	if err != nil {
		b.Fatal(err)
	}
	facts, err := u.Facts()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := LoadUnpacked(dir, facts); err != nil {
			b.Fatal(err)
		}
	}
}
