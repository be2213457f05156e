package installer

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/wheel"
)

func TestRelative(t *testing.T) {
	for _, c := range []struct{ base, target, want string }{
		{".", "bin/x", "bin/x"},
		{"lib/python3.14/site-packages", "bin/x", "../../../bin/x"},
		{"lib/python3.14/site-packages", "lib/python3.14/site-packages/a/b.py", "a/b.py"},
		{"lib/python3.14/site-packages", "lib/python3.14/x", "../x"},
		{"Lib/site-packages", "Scripts/x.cmd", "../../Scripts/x.cmd"},
		{"a/b", "a", "../../a"},
		{"a", "a/b", "b"},
	} {
		got := relative(c.base, c.target)
		if got != c.want || path.Join(c.base, got) != c.target {
			t.Errorf("relative(%q, %q) = %q, want %q", c.base, c.target, got, c.want)
		}
	}
}

func TestSortRows(t *testing.T) {
	for _, paths := range []string{"a", "a b c", "b c a", "a c e b d", "c b a", "b d a c e a", "z a b c d"} {
		var rows []wheel.RecordEntry
		want := strings.Fields(paths)
		for _, p := range want {
			rows = append(rows, wheel.RecordEntry{Path: p})
		}
		sortRows(rows)
		slices.Sort(want)
		for i := range rows {
			if rows[i].Path != want[i] {
				t.Errorf("%s: %q is at %d", paths, rows[i].Path, i)
			}
		}
	}
}

func TestWithin(t *testing.T) {
	windows := posix
	windows.Windows = true
	for _, c := range []struct {
		p    Prefix
		lib  string
		row  string
		want string // "" = refused
	}{
		{Prefix{scheme: posix, layout: PrefixLayout}, "lib/p/s", "../../../bin/x", "bin/x"},
		{Prefix{scheme: posix, layout: PrefixLayout}, "lib/p/s", "../../../../victim", ""},
		{Prefix{scheme: posix, layout: PrefixLayout}, "lib/p/s", "/etc/passwd", ""},
		{Prefix{scheme: posix, layout: PrefixLayout}, "lib/p/s", "../../..", ""},
		{Prefix{scheme: posix, layout: PrefixLayout}, "lib/p/s", "../../../.xpip/journal", ""},
		{Prefix{scheme: posix, layout: PrefixLayout}, "lib/p/s", "a\x00b", ""},
		{Prefix{scheme: posix, layout: PrefixLayout}, "lib/p/s", `C:\Windows`, ""},
		{Prefix{scheme: windows, layout: PrefixLayout}, "Lib/s", `..\..\Scripts\x.exe`, "Scripts/x.exe"},
		{Prefix{scheme: windows, layout: PrefixLayout}, "Lib/s", `..\..\..\victim`, ""},
		{Prefix{scheme: posix, layout: TargetLayout}, ".", "../../bin/x", "bin/x"},
		{Prefix{scheme: posix, layout: TargetLayout}, ".", "../../../x", ""},
		{Prefix{scheme: posix, layout: TargetLayout}, ".", "a/b", "a/b"},
	} {
		got, ok := c.p.within(c.lib, c.row)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("within(%q, %q) = %q, %v; want %q", c.lib, c.row, got, ok, c.want)
		}
	}
}

// FuzzWithin: whatever RECORD says, what is removed is in the prefix.
func FuzzWithin(f *testing.F) {
	for _, row := range []string{"a/b.py", "../../../bin/x", "../../../../x", "/x", `..\x`, "C:x", "./.xpip/journal", ""} {
		f.Add(row, true, false)
	}
	f.Fuzz(func(t *testing.T, row string, flat, windows bool) {
		p := Prefix{scheme: posix, layout: PrefixLayout}
		lib := posix.Purelib
		if flat {
			p.layout, lib = TargetLayout, "."
		}
		p.scheme.Windows = windows
		got, ok := p.within(lib, row)
		if !ok {
			return
		}
		inside := filepath.Join("/root/of/it", got)
		if !strings.HasPrefix(inside, "/root/of/it/") || path.Clean(got) != got || isWork(got) || !filepath.IsLocal(got) {
			t.Errorf("%q became %q", row, got)
		}
	})
}

func TestSourceOf(t *testing.T) {
	for name, want := range map[string]string{
		"x.cpython-314.pyc": "x.py", "x.cpython-314.opt-2.pyc": "x.py", "a.b.pypy311.pyc": "a.b.py",
		"x.pyc": "", "x.py": "", ".pyc": "",
	} {
		if got, ok := sourceOf(name); got != want || ok != (want != "") {
			t.Errorf("sourceOf(%q) = %q, %v", name, got, ok)
		}
	}
}

func TestWithoutSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com/a.whl":                "https://example.com/a.whl",
		"https://user:secret@example.com/a.whl":    "https://example.com/a.whl",
		"https://token@example.com/a.whl":          "https://example.com/a.whl",
		"https://${USER}:${TOKEN}@example.com/a":   "https://${USER}:${TOKEN}@example.com/a",
		"https://${TOKEN}@example.com/a":           "https://${TOKEN}@example.com/a",
		"https://${USER}:secret@example.com/a":     "https://example.com/a",
		"ssh://git@example.com/a.git":              "ssh://git@example.com/a.git",
		"ssh://git:secret@example.com/a.git":       "ssh://example.com/a.git",
		"https://us%zzer:secret@example.com/a.whl": "https://example.com/a.whl",
		"git+https://u:p@ss@example.com/a.git@v1":  "git+https://example.com/a.git@v1",
		"https://example.com/a@b:c":                "https://example.com/a@b:c",
		"file:///tmp/a%20b.whl":                    "file:///tmp/a%20b.whl",
	} {
		if got := withoutSecrets(in); got != want {
			t.Errorf("withoutSecrets(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzParseDirectURL(f *testing.F) {
	f.Add([]byte(`{"url": "https://u:p@example.com", "archive_info": {}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := ParseDirectURL(data)
		if err != nil {
			return
		}
		again, err := u.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if v, err := ParseDirectURL(again); err == nil && v.URL != withoutSecrets(u.URL) {
			t.Errorf("%q became %q", u.URL, v.URL)
		}
	})
}
