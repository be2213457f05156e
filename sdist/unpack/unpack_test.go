package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
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

// TestIntoRefusesHostileTars holds the classes of archives that broke other
// installers.
func TestIntoRefusesHostileTars(t *testing.T) {
	ok := file("p/a", "a")
	dir := entry{name: "p/d/", flag: tar.TypeDir, mode: 0o755}
	for name, c := range map[string]struct {
		entries []entry
		reason  string
	}{
		"climbing name":           {[]entry{ok, file("../evil", "x")}, `".." segment`},
		"climbing in the middle":  {[]entry{ok, file("p/a/../../evil", "x")}, `".." segment`},
		"dot segment":             {[]entry{ok, file("p/./evil", "x")}, `"." segment`},
		"absolute":                {[]entry{ok, file("/etc/evil", "x")}, "absolute"},
		"double slash":            {[]entry{ok, file("p//evil", "x")}, "empty segment"},
		"backslash":               {[]entry{ok, file(`p\..\evil`, "x")}, "backslash"},
		"drive":                   {[]entry{ok, file(`C:evil`, "x")}, "drive letter"},
		"escape code":             {[]entry{ok, file("p/\x1b[2J", "x")}, "control character"},
		"newline":                 {[]entry{ok, file("p/a\nb", "x")}, "control character"},
		"bidi override":           {[]entry{ok, file("p/a\u202eb", "x")}, "control character"},
		"second top folder":       {[]entry{ok, file("q/a", "x")}, "outside the top folder"},
		"file beside top folder":  {[]entry{ok, file("setup.py", "x")}, "outside the top folder"},
		"file as top folder":      {[]entry{file("p", "x")}, "where the top folder should be"},
		"absolute symlink":        {[]entry{ok, {name: "p/l", link: "/etc/passwd", flag: tar.TypeSymlink}}, "absolute path"},
		"climbing symlink":        {[]entry{ok, {name: "p/l", link: "../../etc", flag: tar.TypeSymlink}}, "outside"},
		"symlink to sibling":      {[]entry{ok, {name: "p/l", link: "../q", flag: tar.TypeSymlink}}, "outside the top folder"},
		"symlink to itself":       {[]entry{ok, {name: "p/l", link: ".", flag: tar.TypeSymlink}}, "around itself"},
		"symlink through a link":  {[]entry{dir, {name: "p/a", link: "d", flag: tar.TypeSymlink}, {name: "p/b", link: "a/../..", flag: tar.TypeSymlink}}, "outside the top folder"},
		"symlink through link 2":  {[]entry{dir, {name: "p/a", link: "d", flag: tar.TypeSymlink}, {name: "p/b", link: "a/x", flag: tar.TypeSymlink}}, "through another link"},
		"write through a symlink": {[]entry{dir, {name: "p/l", link: "d", flag: tar.TypeSymlink}, file("p/l/evil", "x")}, "is a file or a link"},
		"symlink over a folder":   {[]entry{file("p/d/x", "x"), {name: "p/d", link: "a", flag: tar.TypeSymlink}}, "is there twice"},
		"file over a symlink":     {[]entry{ok, {name: "p/l", link: "a", flag: tar.TypeSymlink}, file("p/l", "x")}, "is there twice"},
		"file below a file":       {[]entry{ok, file("p/a/b", "x")}, "is a file or a link"},
		"hard link outside":       {[]entry{ok, {name: "p/h", link: "../../etc/passwd", flag: tar.TypeLink}}, "outside"},
		"hard link absolute":      {[]entry{ok, {name: "p/h", link: "/etc/passwd", flag: tar.TypeLink}}, "absolute"},
		"hard link to nothing":    {[]entry{ok, {name: "p/h", link: "p/none", flag: tar.TypeLink}}, "no file of the archive"},
		"hard link to a symlink":  {[]entry{ok, {name: "p/l", link: "a", flag: tar.TypeSymlink}, {name: "p/h", link: "p/l", flag: tar.TypeLink}}, "through another link"},
		"character device":        {[]entry{ok, {name: "p/c", flag: tar.TypeChar}}, "device"},
		"block device":            {[]entry{ok, {name: "p/c", flag: tar.TypeBlock}}, "device"},
		"pipe":                    {[]entry{ok, {name: "p/c", flag: tar.TypeFifo}}, "device"},
		"contiguous":              {[]entry{ok, {name: "p/c", flag: tar.TypeCont}}, "unsupported kind"},
		"different twice":         {[]entry{ok, file("p/a", "b")}, "different content"},
		"prefix of another twice": {[]entry{ok, file("p/a", "ab")}, "different content"},
		"long segment":            {[]entry{file("p/"+strings.Repeat("x", 256), "b")}, "255 bytes"},
		"long path":               {[]entry{file("p/"+strings.Repeat("xxxxxxx/", 600)+"x", "b")}, "4096 bytes"},
		"nothing":                 {nil, "empty"},
		"global path":             {[]entry{{flag: tar.TypeXGlobalHeader, pax: map[string]string{"path": "p/evil"}}, ok}, "global pax header"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, "p-1.tar.gz", gzipped(tarOf(t, c.entries...)), Limits{})
			wantRefusal(t, err, c.reason)
		})
	}
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

// rawHeader is a ustar header that archive/tar would refuse to write.
func rawHeader(name string, flag byte, size int, change func([]byte)) []byte {
	h := make([]byte, blockSize)
	copy(h, name)
	copy(h[100:], "0000644\x00")
	copy(h[124:], []byte(octal(size)))
	copy(h[257:], "ustar\x0000")
	h[156] = flag
	if change != nil {
		change(h)
	}
	copy(h[148:], "        ")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], octal(sum)[5:]+"\x00 ")
	return h
}

func octal(n int) string {
	s := ""
	for range 11 {
		s = string(rune('0'+n%8)) + s
		n /= 8
	}
	return s
}

func padded(s string) []byte {
	return append([]byte(s), make([]byte, int(roundUp(int64(len(s))))-len(s))...)
}

func TestIntoRefusesMisframedTars(t *testing.T) {
	good := tarOf(t, file("p/a", "hello"))
	pax := func(s string) []byte { return append(rawHeader("x", 'x', len(s), nil), padded(s)...) }
	plain := append(rawHeader("p/a", '0', 5, nil), padded("hello")...)
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"cut in a header":     {good[:200], "damaged"},
		"cut in a body":       {append(rawHeader("p/a", '0', 5000, nil), "hello"...), "damaged"},
		"data after the end":  {append(append([]byte{}, good...), plain...), "data after its end"},
		"bad checksum":        {append([]byte("q"), good[1:]...), "checksum"},
		"pax size differs":    {append(pax("9 size=9\n"), plain...), "two different sizes"},
		"gnu and pax":         {bytes.Join([][]byte{rawHeader("l", 'L', 4, nil), padded("p/b\x00"), pax("12 path=p/c\n"), plain}, nil), "mixes"},
		"two pax headers":     {bytes.Join([][]byte{pax("12 path=p/b\n"), pax("12 path=p/c\n"), plain}, nil), "two pax headers"},
		"pax ends archive":    {bytes.Join([][]byte{plain, pax("12 path=p/b\n"), make([]byte, 1024)}, nil), "extended header"},
		"malformed pax":       {append(pax("99 path=p/b\n"), plain...), "malformed pax"},
		"NUL in pax path":     {append(pax("14 path=p/b\x00c\n"), plain...), "NUL"},
		"sparse":              {append(pax("22 GNU.sparse.major=1\n"), plain...), "GNU.sparse.major"},
		"old sparse":          {rawHeader("p/a", 'S', 0, nil), "unsupported kind"},
		"multi-volume":        {rawHeader("p/a", 'M', 0, nil), "unsupported kind"},
		"volume header":       {rawHeader("p", 'V', 0, nil), "unsupported kind"},
		"base 256 size":       {rawHeader("p/a", '0', 0, func(h []byte) { h[124] = 0x80 }), "base 256"},
		"negative size":       {rawHeader("p/a", '0', 0, func(h []byte) { copy(h[124:], "-0000000001") }), "malformed number"},
		"folder with content": {append(rawHeader("p/a/", '5', 5, nil), padded("hello")...), "has content"},
		"link with content":   {append(rawHeader("p/a", '1', 5, func(h []byte) { copy(h[157:], "p/b") }), padded("hello")...), "has content"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, "p-1.tar", c.data, Limits{})
			wantRefusal(t, err, c.reason)
		})
	}
}

func TestIntoRefusesWrongPacking(t *testing.T) {
	good := tarOf(t, file("p/a", "hello"))
	zipped := zipOf(t, file("p/a", "hello"))
	for name, c := range map[string]struct {
		file   string
		data   []byte
		reason string
	}{
		"zip named tar.gz":      {"p-1.tar.gz", zipped, "does not begin as"},
		"tar.gz named zip":      {"p-1.zip", gzipped(good), "does not begin as"},
		"tar.gz with zip":       {"p-1.tar.gz", append(gzipped(good), zipped...), "damaged"},
		"tar.gz with zip inner": {"p-1.tar", append(append([]byte{}, good...), zipped...), "data after its end"},
		"gzip cut":              {"p-1.tar.gz", gzipped(good)[:60], "damaged"},
		"HTML":                  {"p-1.tar.gz", []byte("<!DOCTYPE html><p>moved"), "HTML page"},
		"nothing":               {"p-1.tar.gz", nil, "empty"},
		"unknown":               {"p-1.rar", good, "no known archive suffix"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpackBytes(t, c.file, c.data, Limits{})
			wantRefusal(t, err, c.reason)
		})
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
	for name, data := range map[string][]byte{
		"prefix":        append([]byte("PK\x03\x04junk"), good...),
		"trailing":      append(append([]byte{}, good...), "junk"...),
		"twice":         append(append([]byte{}, good...), good...),
		"cut":           good[:len(good)-30],
		"local renamed": bytes.Replace(good, []byte("p-1/setup.py"), []byte("p-1/evil_.py"), 1),
		"climbing":      zipOf(t, file("p/../../x", "")),
		"symlink out":   zipOf(t, entry{name: "p/l", link: "../../x", flag: tar.TypeSymlink}),
	} {
		if _, err := unpackBytes(t, "p-1.zip", data, Limits{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
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

func FuzzTar(f *testing.F) {
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
