package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/xpip/xpip/fixtures/hostile"
)

// entry is one member of a test archive.
type entry struct {
	name, body, link string
	flag             byte
	mode             int64
	pax              map[string]string
}

func file(name, body string) entry { return entry{name: name, body: body, flag: tar.TypeReg} }

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		mode := e.mode
		if mode == 0 {
			mode = 0o644
		}
		h := &tar.Header{Name: e.name, Typeflag: e.flag, Linkname: e.link, Mode: mode, Size: int64(len(e.body)), PAXRecords: e.pax}
		if e.flag == tar.TypeXGlobalHeader {
			h = &tar.Header{Typeflag: e.flag, PAXRecords: e.pax}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pack writes all of b; writing to memory can't fail.
func pack(w io.WriteCloser, b []byte) {
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	pack(w, b)
	return out.Bytes()
}

// unpackBytes unpacks an archive given by its bytes into a fresh folder.
func unpackBytes(t testing.TB, name string, data []byte, limits Limits) (dir string, err error) {
	t.Helper()
	work := t.TempDir()
	archive := filepath.Join(work, "archive")
	if err := os.WriteFile(archive, data, 0o600); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(work, "tree")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if _, peekErr := Peek(context.Background(), archive, name, limits, func(string) int64 { return 1 << 20 }); true {
		_, err = Into(context.Background(), archive, name, root, limits)
		if (err == nil) != (peekErr == nil) {
			t.Errorf("Peek says %v, Into says %v", peekErr, err)
		}
	}
	entries, readErr := os.ReadDir(work)
	if readErr != nil || len(entries) != 2 {
		t.Errorf("something was written beside the tree: %v %v", entries, readErr)
	}
	return dir, err
}

func TestIntoReadsEveryPacking(t *testing.T) {
	plain := tarOf(t,
		entry{name: "pkg-1.0/", flag: tar.TypeDir, mode: 0o700},
		file("pkg-1.0/PKG-INFO", "Name: pkg\n"),
		entry{name: "pkg-1.0/run.sh", body: "#!/bin/sh\n", flag: tar.TypeReg, mode: 0o4777},
		file("pkg-1.0/"+strings.Repeat("long/", 40)+"x.py", "x"),
		entry{name: "pkg-1.0/link.sh", link: "run.sh", flag: tar.TypeSymlink},
		entry{name: "pkg-1.0/hard", link: "pkg-1.0/PKG-INFO", flag: tar.TypeLink},
		file("pkg-1.0/PKG-INFO", "Name: pkg\n"),
		file("._pkg-1.0", "resource fork"),
	)
	var xzBuf, zstBuf bytes.Buffer
	xw, err := xz.NewWriter(&xzBuf)
	if err != nil {
		t.Fatal(err)
	}
	pack(xw, plain)
	zw, err := zstd.NewWriter(&zstBuf)
	if err != nil {
		t.Fatal(err)
	}
	pack(zw, plain)
	for name, data := range map[string][]byte{
		"pkg-1.0.tar.gz": gzipped(plain), "PKG-1.0.TGZ": gzipped(plain), "pkg-1.0.tar": plain,
		"pkg-1.0.tar.xz": xzBuf.Bytes(), "pkg-1.0.tar.zst": zstBuf.Bytes(),
	} {
		dir, err := unpackBytes(t, name, data, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for file, want := range map[string]string{
			"PKG-INFO": "Name: pkg\n", "link.sh": "#!/bin/sh\n", "hard": "Name: pkg\n",
			strings.Repeat("long/", 40) + "x.py": "x",
		} {
			got, err := os.ReadFile(filepath.Join(dir, "pkg-1.0", file))
			if err != nil || string(got) != want {
				t.Errorf("%s: %s = %q, %v; want %q", name, file, got, err, want)
			}
		}
		info, err := os.Stat(filepath.Join(dir, "pkg-1.0", "run.sh"))
		if err != nil || info.Mode()&fs.ModeSetuid != 0 || info.Mode()&0o100 == 0 {
			t.Errorf("%s: mode of an executable = %v, %v", name, info.Mode(), err)
		}
	}
}

func TestIntoBzip2(t *testing.T) {
	data, err := os.ReadFile("testdata/pkg-1.0.tar.bz2")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := unpackBytes(t, "pkg-1.0.tar.bz2", data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "pkg-1.0", "PKG-INFO"))
	if err != nil || string(got) != "Name: pkg\n" {
		t.Errorf("PKG-INFO = %q, %v", got, err)
	}
}

// TestHostileArchives holds the classes of archives that broke other installers,
// and lawful ones that look like them.
func TestHostileArchives(t *testing.T) {
	for _, c := range hostile.SDists() {
		t.Run(c.ID+" "+c.What, func(t *testing.T) {
			a := c.Artifact()
			_, err := unpackBytes(t, a.Filename, a.Content, Limits{})
			if c.Outcome == hostile.Refused {
				wantRefusal(t, err, c.Says)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestUnknownSuffix(t *testing.T) {
	_, err := unpackBytes(t, "p-1.rar", tarOf(t, file("p/a", "hello")), Limits{})
	wantRefusal(t, err, "no known archive suffix")
}

func wantRefusal(t *testing.T, err error, reason string) {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	if !strings.Contains(refused.Error(), reason) {
		t.Errorf("error = %v\nwant it to say %q", refused, reason)
	}
	if strings.ContainsAny(refused.Error(), "\x1b\n\u202e") {
		t.Errorf("error %q holds control characters", refused.Error())
	}
}

func TestLimits(t *testing.T) {
	zeros := string(make([]byte, 3<<20))
	many := make([]entry, 30)
	for i := range many {
		many[i] = file("p/"+strings.Repeat("a", i+1), "")
	}
	for name, c := range map[string]struct {
		entries []entry
		limits  Limits
		reason  string
	}{
		"bytes":   {[]entry{file("p/a", zeros)}, Limits{Bytes: 1 << 20}, "more than 1048576 bytes"},
		"members": {many, Limits{Members: 20}, "more than 20 members"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, "p-1.tar.gz", gzipped(tarOf(t, c.entries...)), c.limits)
			wantRefusal(t, err, c.reason)
			_, err = unpackBytes(t, "p-1.zip", zipOf(t, c.entries...), c.limits)
			wantRefusal(t, err, c.reason)
		})
	}
	if got := (Limits{}).withDefaults().budget(1 << 20); got != 64<<20 {
		t.Errorf("budget of a small archive = %d", got)
	}
	if got := (Limits{}).withDefaults().budget(10 << 20); got != 500<<20 {
		t.Errorf("budget of 10 MiB = %d", got)
	}
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(0o644)
		body := e.body
		if e.flag == tar.TypeSymlink {
			h.SetMode(fs.ModeSymlink | 0o777)
			body = e.link
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestIntoZip(t *testing.T) {
	good := zipOf(t, entry{name: "p-1/"}, file("p-1/setup.py", "pass"), entry{name: "p-1/l", link: "setup.py", flag: tar.TypeSymlink})
	dir, err := unpackBytes(t, "p-1.zip", good, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "p-1", "l")); err != nil || string(b) != "pass" {
		t.Errorf("link reads %q, %v", b, err)
	}
}

func TestPeek(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "x")
	data := gzipped(tarOf(t, file("p-1/PKG-INFO", "Name: p"), file("p-1/big", "0123456789"), file("p-1/src/a.c", "int")))
	if err := os.WriteFile(archive, data, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Peek(context.Background(), archive, "p-1.tar.gz", Limits{}, func(name string) int64 {
		if name == "src/a.c" {
			return 0
		}
		return 8
	})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := p.ReadFile("PKG-INFO"); err != nil || string(b) != "Name: p" {
		t.Errorf("PKG-INFO = %q, %v", b, err)
	}
	for _, name := range []string{"big", "src/a.c", "none"} {
		if _, err := p.ReadFile(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("ReadFile(%q) = %v", name, err)
		}
	}
	if strings.Join(p.Names, " ") != "PKG-INFO big src/a.c" || p.Top != "p-1" {
		t.Errorf("names = %q below %q", p.Names, p.Top)
	}
}

func TestIntoStopsWhenCancelled(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(archive, gzipped(tarOf(t, file("p-1/a", "a"))), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Peek(ctx, archive, "p-1.tar.gz", Limits{}, func(string) int64 { return 0 })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func FuzzZip(f *testing.F) {
	addHostile(f, ".zip", func(b []byte) []byte { return b })
	f.Add(zipOf(f, file("p/a", "hello"), entry{name: "p/l", link: "a", flag: tar.TypeSymlink}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		dir, err := unpackBytes(t, "p-1.zip", data, Limits{Bytes: 1 << 20, Members: 50})
		if err == nil {
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("accepted, but has %d top folders (%v)", len(entries), err)
			}
		}
	})
}

// addHostile adds the hostile archives of a kind to the corpus.
func addHostile(f *testing.F, suffix string, unpacked func([]byte) []byte) {
	for _, c := range hostile.SDists() {
		if a := c.Artifact(); strings.HasSuffix(a.Filename, suffix) {
			if b := unpacked(a.Content); len(b) < 1<<14 {
				f.Add(b)
			}
		}
	}
}

func FuzzTar(f *testing.F) {
	addHostile(f, ".tar.gz", func(b []byte) []byte {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil
		}
		plain, _ := io.ReadAll(io.LimitReader(z, 1<<15)) // some are cut
		return plain
	})
	f.Add(tarOf(f, file("p/a", "hello"), entry{name: "p/l", link: "a", flag: tar.TypeSymlink}))
	f.Add(tarOf(f, file("p/"+strings.Repeat("a", 200), "hello")))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		dir, err := unpackBytes(t, "p-1.tar", data, Limits{Bytes: 1 << 20, Members: 50})
		if err == nil {
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("accepted, but has %d top folders (%v)", len(entries), err)
			}
		}
	})
}

// xzOf packs b, and says in the header of its block that the dictionary has the
// size that bits stand for.
func xzOf(t testing.TB, b []byte, bits byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	pack(w, b)
	packed := out.Bytes()
	header := packed[xzStreamHeader:][:int(packed[xzStreamHeader])*4+4]
	i := bytes.Index(header, []byte{xzLZMA2, 1})
	header[i+2] = bits
	sum := crc32.ChecksumIEEE(header[:len(header)-4])
	binary.LittleEndian.PutUint32(header[len(header)-4:], sum)
	return packed
}

// TestXZDictionary has archives that unpack to little, whatever they ask for.
func TestXZDictionary(t *testing.T) {
	plain := tarOf(t, file("p/a", strings.Repeat("hello", 100_000)))
	for bits, accepted := range map[byte]bool{18: true, 28: true, 29: false, 40: false, 41: false} { // 2 MiB, 64 MiB, 96 MiB, 4 GiB, none
		_, err := unpackBytes(t, "p-1.tar.xz", xzOf(t, plain, bits), Limits{})
		if accepted && err != nil {
			t.Errorf("%d: %v", bits, err)
		} else if !accepted {
			wantRefusal(t, err, "xz dictionary")
		}
	}
	sound := xzOf(t, plain, 18)
	for cut := 0; cut < len(sound); cut += 7 {
		if _, err := unpackBytes(t, "p-1.tar.xz", sound[:cut], Limits{}); err == nil {
			t.Errorf("cut after %d bytes: accepted", cut)
		}
	}
	if _, err := unpackBytes(t, "p-1.tar.xz", append(sound, sound...), Limits{}); err == nil {
		t.Error("two streams: accepted")
	}
}

func FuzzXZ(f *testing.F) {
	f.Add(xzOf(f, tarOf(f, file("p/a", "hello")), 18))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 1<<16 {
			_, _ = unpackBytes(t, "p-1.tar.xz", data, Limits{Bytes: 1 << 20, Members: 50})
		}
	})
}
