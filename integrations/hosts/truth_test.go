package hosts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
)

// A truth is what a Python said of itself when truth.py asked it. Paths are as
// the host sees them.
type truth struct {
	Executable   string
	Prefix       string
	Version      string
	FreeThreaded bool `json:"free_threaded"`
	Platform     string
	ExtSuffix    string `json:"ext_suffix"`
	Markers      map[string]string
	Tags         []string
	Scheme       struct{ Purelib, Platlib, Scripts, Data, Headers string }
	Site         []string
}

// kernels are the markers that no file of a Linux knows: those of the kernel
// that runs.
var kernels = []string{"platform_release", "platform_version"}

// A case is one host and the ways to name it, relative to its root.
type hostCase struct {
	name  string
	paths []string
	// bare: the description is of the Python alone, not of an installation.
	bare bool
}

var frozen = []hostCase{
	{name: "debian13-amd64", paths: debianPaths("3.13")},
	{name: "debian13-arm64", paths: debianPaths("3.13")},
	{name: "debian13-armhf", paths: debianPaths("3.13")},
	{name: "debian13-i386", paths: debianPaths("3.13")},
	{name: "debian13-riscv64", paths: debianPaths("3.13")},
	{name: "debian13-ppc64el", paths: debianPaths("3.13")},
	{name: "debian13-s390x", paths: debianPaths("3.13")},
	{name: "debian-sid-arm64", paths: debianPaths("3.14")}, // with build-details, PEP 739
	{name: "debian12-amd64", paths: debianPaths("3.11")},
	{name: "pyodide-314", paths: []string{"pyodide/pyodide-lock.json", "pyodide", "_sysconfigdata__emscripten_wasm32-emscripten.py"}, bare: true},
}

func debianPaths(version string) []string { return []string{".", "usr", "usr/bin/python" + version} }

// TestHostsAsTheySayThemselves compares what is read of a host's files with
// what its Python said when it ran, field by field.
func TestHostsAsTheySayThemselves(t *testing.T) {
	for _, c := range frozen {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			want := thaw(t, filepath.Join("testdata", c.name+".tar.gz"), root)
			for _, rel := range c.paths {
				t.Run(rel, func(t *testing.T) { compare(t, root, filepath.Join(root, rel), want, c.bare) })
			}
		})
	}
}

// compare reads the host at path and compares all that its Python said.
func compare(t *testing.T, root, file string, want truth, bare bool) {
	t.Helper()
	facts, err := host.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.New(host.Options{Prefix: &facts})
	if err != nil {
		t.Fatal(err)
	}
	compareTags(t, h, want.Tags)
	if strings.Contains(filepath.Base(file), "_sysconfigdata") { // has no micro version: it must be unknown
		if got := h.Python(); got.Parts != 2 || !strings.HasPrefix(want.Version, got.Short()+".") {
			t.Errorf("Python %+v, it is %s", got, want.Version)
		}
		want.Markers = maps.Clone(want.Markers)
		for _, name := range []string{"python_full_version", "implementation_version"} {
			delete(want.Markers, name)
			if got, _ := h.Environment().Get(name); got.Known {
				t.Errorf("%s is said to be %q: the file does not have it", name, got.Text)
			}
		}
		compareMarkers(t, h, want.Markers)
		return
	}
	compareMarkers(t, h, want.Markers)
	if got := h.Python(); fmt.Sprintf("%d.%d.%d", got.Major, got.Minor, got.Micro) != want.Version || got.FreeThreaded != want.FreeThreaded {
		t.Errorf("Python %+v, it is %s", got, want.Version)
	}
	if bare {
		return
	}
	if facts.Root != root {
		t.Errorf("Root %q, it is %q", facts.Root, root)
	}
	if got := seen(t, root, facts.Prefix); got != want.Prefix {
		t.Errorf("prefix %q, it is %q", got, want.Prefix)
	}
	// python3 is as good a name as python3.13.
	if exe, _, _ := strings.Cut(facts.HostExecutable, "."); exe == "" || !strings.HasPrefix(want.Executable, exe) {
		t.Errorf("executable %q, it is %q", facts.HostExecutable, want.Executable)
	}
	compareScheme(t, h, want)
	compareSite(t, facts, root, want)
	managed := filepath.Join(root, "usr/lib/python"+h.Python().Short(), "EXTERNALLY-MANAGED")
	if facts.ExternallyManaged != managed {
		t.Errorf("externally managed by %q, not by %q", facts.ExternallyManaged, managed)
	}
}

// seen is a path as the host has it.
func seen(t *testing.T, root, file string) string {
	t.Helper()
	rel, err := filepath.Rel(root, file)
	if err != nil {
		t.Error(err)
	}
	return "/" + filepath.ToSlash(rel)
}

func compareScheme(t *testing.T, h *host.Host, want truth) {
	t.Helper()
	s := h.Scheme()
	for _, folder := range []struct{ name, got, want string }{
		{"purelib", s.Purelib, want.Scheme.Purelib}, {"platlib", s.Platlib, want.Scheme.Platlib},
		{"scripts", s.Scripts, want.Scheme.Scripts}, {"data", s.Data, want.Scheme.Data},
		{"headers", s.Headers + "/probe", want.Scheme.Headers},
	} {
		if got := path.Join(want.Prefix, folder.got); folder.want != "" && got != folder.want {
			t.Errorf("%s %q, it is %q", folder.name, got, folder.want)
		}
	}
}

// compareSite compares the folders with packages, as far as they exist.
func compareSite(t *testing.T, facts host.Facts, root string, want truth) {
	t.Helper()
	var there []string
	for _, dir := range want.Site {
		if info, err := os.Stat(filepath.Join(root, dir)); err == nil && info.IsDir() {
			there = append(there, dir)
		}
	}
	var got []string
	for _, dir := range facts.Site {
		got = append(got, seen(t, root, dir))
	}
	if !slices.Equal(got, there) {
		t.Errorf("packages are in %q, it looks in %q", got, there)
	}
}

func compareTags(t *testing.T, h *host.Host, want []string) {
	t.Helper()
	var got []string
	for _, tag := range h.Tags() {
		if !strings.HasPrefix(tag.Platform, "pyodide_") { // the former name of pyemscripten, which old wheels have
			got = append(got, tag.String())
		}
	}
	if slices.Equal(got, want) {
		return
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("%d tags, it has %d; they part at %d: %q, it has %q", len(got), len(want), i,
				got[min(i, len(got)):min(i+3, len(got))], want[min(i, len(want)):min(i+3, len(want))])
			return
		}
	}
}

// compareMarkers takes an unknown value for right only where no file could tell.
func compareMarkers(t *testing.T, h *host.Host, want map[string]string) {
	t.Helper()
	env := h.Environment()
	for name, value := range want {
		got, there := env.Get(name)
		if !there || !got.Known {
			t.Errorf("%s is unknown, it is %q", name, value)
		} else if got.Text != value {
			t.Errorf("%s is %q, it is %q", name, got.Text, value)
		}
	}
	for _, name := range kernels {
		if got, _ := env.Get(name); got.Known && want[name] == "" {
			t.Errorf("%s is said to be %q: only the running kernel knows it", name, got.Text)
		}
	}
}

// thaw unpacks what freeze.py kept into root and returns the truth.
func thaw(t *testing.T, archive, root string) truth {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var said truth
	for r := tar.NewReader(packed); ; {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			return said
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Name == "truth.json" {
			if err := json.NewDecoder(r).Decode(&said); err != nil {
				t.Fatal(err)
			}
			continue
		}
		below, ok := strings.CutPrefix(entry.Name, "root/")
		if !ok || !filepath.IsLocal(below) {
			t.Fatalf("%s holds %q", archive, entry.Name)
		}
		if err := put(filepath.Join(root, filepath.FromSlash(below)), entry, r); err != nil {
			t.Fatal(err)
		}
	}
}

func put(target string, entry *tar.Header, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if entry.Typeflag == tar.TypeSymlink {
		return os.Symlink(entry.Linkname, target)
	}
	file, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY, entry.FileInfo().Mode())
	if err != nil {
		return err
	}
	if err := sparse(file, content); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// sparse copies content, leaving holes where it is zero: most of a frozen
// program is.
func sparse(file *os.File, content io.Reader) error {
	block, zeros := make([]byte, 64<<10), make([]byte, 64<<10)
	for end := int64(0); ; {
		n, err := io.ReadFull(content, block)
		if n > 0 && !bytes.Equal(block[:n], zeros[:n]) {
			if _, err := file.WriteAt(block[:n], end); err != nil {
				return err
			}
		}
		end += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return file.Truncate(end)
		}
		if err != nil {
			return err
		}
	}
}
