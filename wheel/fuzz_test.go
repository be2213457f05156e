package wheel

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/fixtures/hostile"
)

func FuzzParseFilename(f *testing.F) {
	for _, s := range []string{
		"demo-1.0-py3-none-any.whl", "demo-1.0-1a-py2.py3-none-any-x86_64_v3.whl", "é-1!2.0rc1.post2.dev3+l.o-cp313-abi3.abi3t-ios_12_0_iphoneos_arm64.whl",
		"a-1.0-1-2-3-4-5-6-7.whl", "----.whl",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseFilename(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(s, "/\\\x00\n") {
			t.Errorf("%q is a path and was accepted", s)
		}
		n := 0
		for tag := range name.Tags() {
			n++
			if strings.Count(tag.String(), "-") != 2 || CanonicalPlatform(tag.Platform) != tag.Platform {
				t.Errorf("%q: odd tag %q", s, tag)
			}
		}
		if n != name.TagCount() || n == 0 || n > maxTags {
			t.Errorf("%q: %d tags, counted %d", s, n, name.TagCount())
		}
		if NormalizeName(name.Project) != name.Project {
			t.Errorf("%q: project %q is not normalised", s, name.Project)
		}
	})
}

func FuzzParseSdistFilename(f *testing.F) {
	f.Add("demo-1.0.tar.gz", "demo")
	f.Add("a-b-1-1.zip", "a.b")
	f.Fuzz(func(t *testing.T, s, project string) {
		name, err := ParseSdistFilename(s, project)
		if err == nil && project != "" && name.Project != NormalizeName(project) {
			t.Errorf("%q of %q: project %q", s, project, name.Project)
		}
	})
}

func FuzzParseMetadata(f *testing.F) {
	f.Add([]byte("Metadata-Version: 2.1\nName: demo-pkg\nVersion: 1.0\nRequires-Dist: a\n  ; b\nKeywords: a,b\r\n\r\nbody"))
	f.Add([]byte("From x\n:\n a\nName: x\n\tb\n \nVersion: 1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseMetadata(raw)
		if err != nil {
			return
		}
		if form := m.JSON(); form["name"] == nil || form["version"] == nil {
			t.Errorf("%q: its JSON form lacks what it has", raw)
		}
		kept, err := m.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var back Metadata
		if err := back.UnmarshalJSON(kept); err != nil || back.Name != m.Name || len(back.RequiresDist) != len(m.RequiresDist) {
			t.Errorf("%q: %+v after JSON, %v", raw, back, err)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add("a.py,sha256=abc,1\n\"b,\"\"c\",,\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := ParseRecord(strings.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteRecord(&b, entries); err != nil {
			t.Fatal(err)
		}
		again, err := ParseRecord(&b)
		if err != nil || len(again) != len(entries) {
			t.Fatalf("%q: %v, %d rows of %d", text, err, len(again), len(entries))
		}
		for i := range again {
			if again[i] != entries[i] {
				t.Errorf("%q: row %+v became %+v", text, entries[i], again[i])
			}
		}
	})
}

func FuzzParseEntryPoints(f *testing.F) {
	f.Add([]byte("[console_scripts]\na = b:c [d]\n[gui_scripts]\ne=f:g.h\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		points, err := ParseEntryPoints(raw)
		if err != nil {
			return
		}
		for _, p := range append(points.Console, points.GUI...) {
			if checkPath(p.Name) != "" || strings.ContainsAny(p.Name, "/\\ ") {
				t.Errorf("%q: script %q", raw, p.Name)
			}
			if strings.ContainsAny(p.Module+p.Attr, " ()'\"\\;#\n\r\t,=+-") || p.Module == "" || p.Attr == "" {
				t.Errorf("%q: reference %q:%q", raw, p.Module, p.Attr)
			}
		}
	})
}

// FuzzOpen changes archives at will: whatever is accepted unpacks below its root
// and nowhere else, or is refused on the way.
func FuzzOpen(f *testing.F) {
	sound := hostile.Sound()
	for _, c := range hostile.Wheels() {
		if a := c.Artifact(); len(a.Content) < 8<<10 && (c.Outcome == hostile.Refused || a.Filename == sound.Filename) {
			f.Add(a.Content)
		}
	}
	name, err := ParseFilename(sound.Filename)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, remoteErr := ReadMetadata(bytes.NewReader(raw), int64(len(raw)), name)
		a, err := Open(bytes.NewReader(raw), int64(len(raw)), name, Limits{Unpacked: 1 << 20})
		if err != nil {
			return
		}
		if remoteErr != nil {
			t.Errorf("sound, and yet from a distance: %v", remoteErr)
		}
		arena := t.TempDir()
		if err := os.Mkdir(filepath.Join(arena, "tree"), 0o755); err != nil {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(filepath.Join(arena, "tree"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = root.Close() }()
		if contents, err := a.Unpack(t.Context(), root, 1); err == nil && len(contents.Files) != len(a.Entries()) {
			t.Errorf("%d files of %d", len(contents.Files), len(a.Entries()))
		}
		for _, p := range listing(t, arena) {
			if p != "." && p != "tree" && !strings.HasPrefix(p, "tree/") {
				t.Errorf("%q was written", p)
			}
		}
	})
}

func FuzzInspect(f *testing.F) {
	f.Add("m.so", elfSpec{order: little, wide: true, machine: 62, kind: elfShared, needed: []string{"libc.so.6"}, glibc: []string{"GLIBC_2.4"}, android: 21, interp: "/lib/ld"}.bytes())
	f.Add("m.so", elfSpec{order: big, machine: 40, kind: elfShared, needed: []string{"libc.so.6"}, glibc: []string{"GLIBC_2.4"}}.bytes())
	f.Add("m.so", fat([]uint32{7}, machO(0x0100000c, 0, machBundle, buildVersion, 2, 13<<16, 17<<16, 0)))
	f.Add("m.pyd", pe(0x8664, peIsDLL, "python313.dll", true))
	f.Add("m.lib", ar("/", "x", "#1/8", "12345678\x00\x00\xff\xff\x00\x00\x64\xaa"))
	f.Add("m.wasm", dylink("libfoo.so"))
	f.Fuzz(func(t *testing.T, path string, data []byte) {
		n, err := Inspect(path, bytes.NewReader(data), int64(len(data)))
		if err == nil && (n.Format == "" || len(n.Needed) > maxNeeded || len(n.Slices) > 2*maxSlices) {
			t.Errorf("got %+v", n)
		}
	})
}

// FuzzLoadUnpacked: what is accepted is what its own facts say again.
func FuzzLoadUnpacked(f *testing.F) {
	name, err := ParseFilename("demo-1.0-py3-none-any.whl")
	if err != nil {
		f.Fatal(err)
	}
	u := &Unpacked{
		Filename: name, SHA256: "00", Size: 7, DistInfo: "demo-1.0.dist-info",
		Metadata: &Metadata{fields: []field{{"Metadata-Version", "2.1"}, {"Name", "demo"}, {"Version", "1.0"}}},
		Files: []File{
			{Path: "demo.py", SHA256: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", Size: 300, ModTime: time.Unix(1, 2)},
			{Path: "demo/é", Executable: true, ModTime: time.Unix(-1, 0)},
		},
	}
	facts, err := u.Facts()
	if err != nil {
		f.Fatal(err)
	}
	if got, err := LoadUnpacked("", facts); err != nil || !slices.Equal(got.Files, u.Files) || got.Metadata.Name != "demo" || got.Size != 7 {
		f.Fatalf("got %+v, %v", got, err)
	}
	for n := range facts {
		if _, err := LoadUnpacked("", facts[:n]); err == nil {
			f.Errorf("cut to %d bytes, but accepted", n)
		}
	}
	f.Add(facts)
	f.Fuzz(func(t *testing.T, facts []byte) {
		u, err := LoadUnpacked("", facts)
		if err != nil {
			return
		}
		if len(u.Files) > len(facts)/minFact {
			t.Errorf("%d files in %d bytes", len(u.Files), len(facts))
		}
		again, err := u.Facts()
		if err != nil {
			t.Fatal(err)
		}
		if same, err := LoadUnpacked("", again); err != nil || !slices.Equal(same.Files, u.Files) {
			t.Errorf("%+v, %v; was %+v", same, err, u)
		}
	})
}
