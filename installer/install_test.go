package installer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

func kitchenSink(t testing.TB) Item {
	return item(t, "Kitchen_Sink-1.0-py3-none-any.whl", files{
		"sink/__init__.py":             "",
		"sink/data/x.txt":              "x",
		"sink/tool*":                   "#!/bin/sh\n",
		"sink.pth":                     "import sink\n",
		"{data}/purelib/pure.py":       "pure = 1\n",
		"{data}/platlib/plat.py":       "plat = 1\n",
		"{data}/headers/sink.h":        "#define SINK\n",
		"{data}/data/share/man/sink.1": ".TH\n",
		"{data}/scripts/hello.py":      "#!python\nprint('hello')\n",
		"{data}/scripts/plain.sh":      "#!/bin/sh\necho\n",
		"{data}/scripts/sink-cli":      "#!python\n# setuptools made this\n",
		"{info}/entry_points.txt":      "[console_scripts]\nsink-cli = sink:main\n[gui_scripts]\nsink-gui = sink.gui:App.run\n",
		"{info}/licenses/LICENSE":      "free\n",
		"{info}/INSTALLER":             "somebody\n",
	})
}

func TestLayouts(t *testing.T) {
	for name, c := range map[string]struct {
		layout Layout
		want   []string
	}{
		"target": {TargetLayout, []string{
			"bin/hello.py", "bin/plain.sh", "bin/sink-cli", "bin/sink-gui",
			"include/site/python3.14/kitchen-sink/sink.h", "plat.py", "pure.py", "share/man/sink.1",
			"sink.pth", "sink/__init__.py", "sink/data/x.txt", "sink/tool",
		}},
		"prefix": {PrefixLayout, []string{
			"bin/hello.py", "bin/plain.sh", "bin/sink-cli", "bin/sink-gui",
			"include/python3.14/kitchen-sink/sink.h",
			"lib/python3.14/site-packages/plat.py", "lib/python3.14/site-packages/pure.py",
			"lib/python3.14/site-packages/sink.pth", "lib/python3.14/site-packages/sink/__init__.py",
			"lib/python3.14/site-packages/sink/data/x.txt", "lib/python3.14/site-packages/sink/tool",
			"share/man/sink.1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "b")
			p := open(t, dir, c.layout)
			plan := install(t, p, Options{Host: newHost(t, "manylinux_2_28_x86_64")}, kitchenSink(t))
			if got := paths(t, dir); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if len(plan.Installs) != 1 || plan.Installs[0].Files != len(c.want)+8-1 {
				t.Errorf("plan: %+v", plan.Installs)
			}
			d := find(t, p, "kitchen-sink")
			if len(d) != 1 || d[0].Installer != "xpip" || !d[0].Requested || len(d[0].Problems) > 0 || d[0].Version != "1.0" {
				t.Fatalf("installed: %+v", d)
			}
			if damage, err := p.Verify(context.Background(), d[0]); err != nil || damage != nil {
				t.Errorf("damage: %v, %v", damage, err)
			}
			for file, mode := range map[string]fs.FileMode{"bin/hello.py": 0o111, "bin/plain.sh": 0o111, "bin/sink-gui": 0o111, "share/man/sink.1": 0} {
				info, err := os.Stat(filepath.Join(dir, file))
				if err != nil || info.Mode()&0o111 != mode {
					t.Errorf("%s: %v, %v", file, info.Mode(), err)
				}
			}
			if left := leftovers(t, dir); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			remove(t, p, "kitchen-sink")
			if got := snapshot(t, dir); got != "./" && got != "lib/python3.14/site-packages/" {
				t.Errorf("after removing it:\n%s", got)
			}
		})
	}
}

// leftovers are names that only a transaction uses, in and beside a prefix.
func leftovers(t testing.TB, dir string) []string {
	t.Helper()
	var left []string
	for _, d := range []string{dir, filepath.Dir(dir)} {
		entries, err := os.ReadDir(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.Contains(e.Name(), ".xpip") {
				left = append(left, e.Name())
			}
		}
	}
	return left
}

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, PrefixLayout)
	install(t, p, Options{}, kitchenSink(t))
	got := read(t, dir, "lib/python3.14/site-packages/Kitchen_Sink-1.0.dist-info/RECORD")
	for _, row := range []string{
		"../../../bin/sink-cli,sha256=", "../../../share/man/sink.1,sha256=", "../../../include/python3.14/kitchen-sink/sink.h,sha256=",
		"sink/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n",
		"Kitchen_Sink-1.0.dist-info/RECORD,,\n", "Kitchen_Sink-1.0.dist-info/REQUESTED,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n",
	} {
		if !strings.Contains(got, row) {
			t.Errorf("no row %q in\n%s", row, got)
		}
	}
	if strings.Contains(got, ".data/") {
		t.Errorf("names of the archive in\n%s", got)
	}
}

func TestScriptsFitTheHost(t *testing.T) {
	for platform, c := range map[string]struct {
		layout Layout
		file   string
		first  string
	}{
		"manylinux_2_28_aarch64": {PrefixLayout, "bin/sink-cli", "#!/bin/sh"},
		"musllinux_1_2_x86_64":   {TargetLayout, "bin/sink-cli", "#!/usr/bin/env python3"},
		"win_amd64":              {PrefixLayout, "Scripts/sink-cli.cmd", `@"%~dp0../python.exe" -x "%~f0" %* & exit /b`},
		"ios_13_0_arm64":         {TargetLayout, "", ""},
		"android_24_arm64_v8a":   {PrefixLayout, "", ""},
	} {
		t.Run(platform, func(t *testing.T) {
			h := newHost(t, platform)
			dir := t.TempDir()
			p, err := Open(dir, c.layout, h.Scheme())
			if err != nil {
				t.Fatal(err)
			}
			plan := install(t, p, Options{Host: h}, kitchenSink(t))
			if c.file == "" {
				for _, name := range paths(t, dir) {
					if strings.HasPrefix(name, "bin/") {
						t.Errorf("a script for a host that starts none: %s", name)
					}
				}
				if len(plan.Notes) == 0 {
					t.Error("nothing said about the scripts")
				}
				return
			}
			first, _, _ := strings.Cut(read(t, dir, c.file), "\n")
			if strings.ReplaceAll(strings.TrimSpace(first), `\`, "/") != strings.ReplaceAll(c.first, `\`, "/") {
				t.Errorf("%s begins with %q", c.file, first)
			}
		})
	}
}

func TestPipsOwnScripts(t *testing.T) {
	pip := item(t, "pip-26.3-py3-none-any.whl", files{
		"pip/__init__.py":         "",
		"{info}/entry_points.txt": "[console_scripts]\npip = pip:main\npip3 = pip:main\npip3.11 = pip:main\n",
	})
	dir := t.TempDir()
	install(t, open(t, dir, TargetLayout), Options{Host: newHost(t, "manylinux_2_28_x86_64")}, pip)
	want := []string{"bin/pip", "bin/pip3", "bin/pip3.14", "pip/__init__.py"}
	if got := paths(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRefusedPaths(t *testing.T) {
	windows := newHost(t, "win_amd64")
	mac := newHost(t, "macosx_14_0_arm64")
	linux := newHost(t, "manylinux_2_28_x86_64")
	for name, c := range map[string]struct {
		host    *host.Host
		members files
		refused bool
	}{
		"device name on Windows": {windows, files{"aux.py": ""}, true},
		"device name elsewhere":  {linux, files{"aux.py": ""}, false},
		"case on macOS":          {mac, files{"Mod.py": "", "mod.py": "x"}, true},
		"case on Linux":          {linux, files{"Mod.py": "", "mod.py": "x"}, false},
		"interpreter as script":  {linux, files{"{data}/scripts/python3": "x"}, true},
		"interpreter as data":    {linux, files{"{data}/data/bin/python": "x"}, true},
		"python-like name":       {linux, files{"{data}/scripts/python-argcomplete": "x"}, false},
		"work folder":            {linux, files{"{data}/data/.xpip/journal": "x"}, true},
		"unknown scheme key":     {linux, files{"{data}/etc/x": "x"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			p, err := Open(dir, PrefixLayout, c.host.Scheme())
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if r := recover(); r != nil {
					t.Fatal(r)
				}
			}()
			u := unpackOrSkip(t, "bad-1.0-py3-none-any.whl", c.members)
			if u == nil {
				return // refused even earlier
			}
			_, err = p.Plan([]Item{{Wheel: u}}, nil, Options{Host: c.host})
			var refused *PathError
			if errors.As(err, &refused) != c.refused || refused != nil && refused.Wheel != "bad-1.0-py3-none-any.whl" {
				t.Errorf("got %v", err)
			}
			if got := snapshot(t, dir); got != "./" {
				t.Errorf("written: %s", got)
			}
		})
	}
}

// unpackOrSkip returns nil where the wheel itself is refused.
func unpackOrSkip(t *testing.T, filename string, members files) *wheel.Unpacked {
	u := unpack(t, filename, files{})
	// The facts are given as the wheel's reader would, without its judgement,
	// so that the installer's own is seen.
	for p, content := range members {
		p = strings.ReplaceAll(p, "{data}", "bad-1.0.data")
		if strings.HasPrefix(p, "bad-1.0.data/") {
			u.DataDir = "bad-1.0.data"
		}
		write(t, u.Dir, p, content)
		u.Files = append(u.Files, wheel.File{Path: p, SHA256: "x", Size: int64(len(content))})
	}
	return u
}

func TestDuplicateItems(t *testing.T) {
	p := open(t, t.TempDir(), TargetLayout)
	a := item(t, "a-1.0-py3-none-any.whl", files{"a.py": ""})
	b := item(t, "a-2.0-py3-none-any.whl", files{"a.py": ""})
	var dup *DuplicateError
	if _, err := p.Plan([]Item{a, b}, nil, Options{}); !errors.As(err, &dup) || dup.Project != "a" {
		t.Errorf("got %v", err)
	}
}

func TestHostileRecord(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "victim", "keep")
	dir := filepath.Join(outside, "prefix")
	p := open(t, dir, PrefixLayout)
	install(t, p, Options{}, item(t, "app-1.0-py3-none-any.whl", files{"app.py": ""}))
	record := filepath.Join(posix.Purelib, "app-1.0.dist-info", "RECORD")
	write(t, dir, record, read(t, dir, record)+"../../../../victim,,\n"+filepath.Join(outside, "victim")+",,\n../../..,,\n")
	plan, err := p.Plan(nil, find(t, p, "app"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Notes) != 3 {
		t.Errorf("notes: %+v", plan.Notes)
	}
	if err := plan.Apply(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, outside, "victim"); got != "keep" {
		t.Errorf("got %q", got)
	}
}

func TestDirectURL(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, TargetLayout)
	app := item(t, "app-1.0-py3-none-any.whl", files{"app.py": ""})
	app.Requested = false
	app.DirectURL = &DirectURL{URL: "https://user:secret@example.com/app.whl?a=1&b=2", ArchiveInfo: &ArchiveInfo{Hashes: map[string]string{"sha256": "00"}}}
	install(t, p, Options{}, app)
	want := `{"archive_info":{"hashes":{"sha256":"00"}},"url":"https://example.com/app.whl?a=1&b=2"}`
	if got := read(t, dir, "app-1.0.dist-info/direct_url.json"); got != want {
		t.Errorf("got %s", got)
	}
	d := find(t, p, "app")[0]
	if d.Requested || d.DirectURL == nil || d.DirectURL.ArchiveInfo.Hashes["sha256"] != "00" {
		t.Errorf("got %+v", d)
	}
}
