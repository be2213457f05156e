package wheel

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMetadata(t *testing.T) {
	m, err := ParseMetadata([]byte("Metadata-Version: 2.6\nname: Demo.Pkg\nVERSION: 1.0\nRequires-Python: >=3.8\n" +
		"Requires-Dist: a>=1 ;\n  python_version > '3'\nRequires-Dist: b[x]\nProvides-Extra: x\nDynamic: License-File\nSummary: one\n       |two\n\nbody\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{m.MetadataVersion, m.Name, m.Version, m.RequiresPython, m.RequiresDist, m.ProvidesExtra, m.Dynamic, m.Summary, m.Description(), m.Get("NAME"), m.All("requires-dist")[1]}
	want := []any{"2.6", "Demo.Pkg", "1.0", ">=3.8", []string{"a>=1 ; python_version > '3'", "b[x]"}, []string{"x"}, []string{"License-File"}, "one |two", "body\n", "Demo.Pkg", "b[x]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back Metadata
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	back.description = m.description // left out on purpose
	if diff := cmp.Diff(*m, back, cmp.AllowUnexported(Metadata{}, field{})); diff != "" {
		t.Error(diff)
	}
}

func TestParseMetadataRefuses(t *testing.T) {
	for _, text := range []string{
		"", "Name: x\n", "Version: 1\n", "Name: -x\nVersion: 1\n", "Name: x\nVersion: one\n",
		"Metadata-Version: 3.0\nName: x\nVersion: 1\n", "Metadata-Version: two\nName: x\nVersion: 1\n",
		"Name: x\nVersion: 1\nVersion: 2\n", "Name: x\nVersion: 1\nAuthor: \xff\n", "Name: x\nVersion: 1\n\n\xff",
		"Name: x\nVersion: 1\n" + strings.Repeat("Requires-Dist: y\n", maxRequires+1),
		"\ufeffName: x\nVersion: 1\n",
	} {
		if m, err := ParseMetadata([]byte(text)); err == nil {
			t.Errorf("%.60q: accepted as %q %q", text, m.Name, m.Version)
		}
	}
}

func TestRecord(t *testing.T) {
	entries := []RecordEntry{
		{"a.py", "sha256", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", 0},
		{`odd, "name".py`, "sha512", "x_-", 1 << 40},
		{"../../bin/tool", "", "", -1},
	}
	var b bytes.Buffer
	if err := WriteRecord(&b, entries); err != nil {
		t.Fatal(err)
	}
	want := "a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\"odd, \"\"name\"\".py\",sha512=x_-,1099511627776\n../../bin/tool,,\n"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
	for _, text := range []string{want, strings.ReplaceAll(want, "\n", "\r\n"), strings.TrimSuffix(want, "\n"), strings.ReplaceAll(want, "x_-", "x_-=="), "\n" + want} {
		got, err := ParseRecord(strings.NewReader(text))
		if diff := cmp.Diff(entries, got); err != nil || diff != "" {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	}
	for _, text := range []string{",,\n", "a,b,\n", "a,sha256=,\n", "a,,-1\n", "a,,1x\n", "\"a,,\n", "\"a\"b,,\n", "a,,,\n", "a,,99999999999999999999\n", "\xff,,\n"} {
		if got, err := ParseRecord(strings.NewReader(text)); err == nil {
			t.Errorf("%q: accepted as %+v", text, got)
		}
	}
}

func TestParseEntryPoints(t *testing.T) {
	points, err := ParseEntryPoints([]byte("# scripts\r\n[console_scripts]\r\nPip3.14 = pip._internal.cli.main:main\n  x-y_z.w=a:b.c [one, two]\n; note\n\n" +
		"[gui_scripts]\nwin=é:main\n[pytest11]\nany thing: goes = here\n[console_scripts]\nlast = a : b\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := EntryPoints{
		Console: []EntryPoint{{"Pip3.14", "pip._internal.cli.main", "main", nil}, {"x-y_z.w", "a", "b.c", []string{"one", "two"}}, {"last", "a", "b", nil}},
		GUI:     []EntryPoint{{"win", "é", "main", nil}},
	}
	if diff := cmp.Diff(want, points); diff != "" {
		t.Error(diff)
	}
	for _, line := range []string{
		"a = b:c\na = b:d", "a = b:c:d", "a = :c", "a = b:", "a = b.:c", "a = 1b:c", "a = b:c [x", "a = b:c [x] y", "a = b:c [[x]]",
		"a = b:c\"", "a = b:c#d", "= b:c", ".. = b:c", "a\x1b = b:c", "a\x00 = b:c", "pypy3 = b:c", "PYTHON3.14T.exe = b:c", "graalpy = b:c",
	} {
		if got, err := ParseEntryPoints([]byte("[console_scripts]\n" + line)); err == nil {
			t.Errorf("%q: accepted as %+v", line, got)
		}
	}
	for _, text := range []string{"a = b:c", "[console_scripts]\na", "\xff"} {
		if got, err := ParseEntryPoints([]byte(text)); err == nil {
			t.Errorf("%q: accepted as %+v", text, got)
		}
	}
}

func TestIsInterpreterName(t *testing.T) {
	for name, want := range map[string]bool{
		"python": true, "Python3": true, "python3.14": true, "python3.14t": true, "pythonw.exe": true, "PYTHON.EXE": true, "pypy3.11": true,
		"graalpy": true, "python.py": true, "python_d.exe": false, "python3d": true, "python-config": false, "pythontex": false, "pypyr": false, "ipython": false, "pip": false, "": false,
	} {
		if got := IsInterpreterName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestParseInfo(t *testing.T) {
	info, err := ParseInfo([]byte("Wheel-Version: 1.0\nGenerator: x (1)\nroot-is-purelib: TRUE\nTag: py2-none-any\nTag: py3-none-any\nBuild: 1x\n\n"))
	want := Info{"1.0", "x (1)", true, []string{"py2-none-any", "py3-none-any"}, "1x"}
	if diff := cmp.Diff(want, info); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	back, err := ParseInfo(info.format())
	if diff := cmp.Diff(want, back); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for _, text := range []string{"", "Wheel-Version: 2.0\n", "Wheel-Version: 1\n", "Wheel-Version: x.y\n", "Wheel-Version: -1.0\n"} {
		if _, err := ParseInfo([]byte(text)); err == nil {
			t.Errorf("%q: accepted", text)
		}
	}
}
