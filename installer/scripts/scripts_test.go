package scripts

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xpip/xpip/wheel"
)

var app = wheel.EntryPoint{Name: "app", Module: "pkg.cli", Attr: "Main.run"}

const appBody = `import sys
from pkg.cli import Main
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(Main.run())
`

func TestFile(t *testing.T) {
	long := "/" + strings.Repeat("x", 130) + "/python3"
	for name, c := range map[string]struct {
		in     Interpreter
		header string
	}{
		"path":        {Interpreter{Path: "/opt/venv/bin/python"}, "#!/opt/venv/bin/python\n"},
		"space":       {Interpreter{Path: "/my env/python"}, "#!/bin/sh\n'''exec' \"/my env/python\" \"$0\" \"$@\"\n' '''\n"},
		"long":        {Interpreter{Path: long}, "#!/bin/sh\n'''exec' " + long + " \"$0\" \"$@\"\n' '''\n"},
		"wanted":      {Interpreter{Shebang: "/usr/bin/env -S python3 -I", Path: "/opt/python"}, "#!/usr/bin/env -S python3 -I\n"},
		"env":         {Interpreter{Name: "python3"}, "#!/usr/bin/env python3\n"},
		"relocatable": {Interpreter{Folder: ".", Name: "python3.14"}, "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\" 2>/dev/null || printf %s \"$0\")\")\"/python3.14 \"$0\" \"$@\"\n' '''\n"},
	} {
		t.Run(name, func(t *testing.T) {
			file, content := c.in.File(app, false)
			if file != "app" || string(content) != c.header+appBody {
				t.Errorf("got %s:\n%s", file, content)
			}
		})
	}
}

func TestWindowsFile(t *testing.T) {
	for name, c := range map[string]struct {
		in   Interpreter
		gui  bool
		line string
	}{
		"beside":  {Interpreter{Folder: ".", Name: "python"}, false, `@"%~dp0python.exe" -x "%~f0" %* & exit /b`},
		"above":   {Interpreter{Folder: "..", Name: "python"}, false, `@"%~dp0..\python.exe" -x "%~f0" %* & exit /b`},
		"on PATH": {Interpreter{Name: "python"}, false, `@python -x "%~f0" %* & exit /b`},
		"wanted":  {Interpreter{Shebang: "py -3.13", Folder: ".", Name: "python"}, false, `@py -3.13 -x "%~f0" %* & exit /b`},
		"gui":     {Interpreter{Folder: "..", Name: "python"}, true, `@start "" "%~dp0..\pythonw.exe" -x "%~f0" %* & exit /b`},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Windows = true
			file, content := c.in.File(app, c.gui)
			first, rest, _ := strings.Cut(string(content), "\r\n")
			want := strings.ReplaceAll(strings.ReplaceAll(appBody, ".exe", ".cmd"), "\n", "\r\n")
			if file != "app.cmd" || first != c.line || rest != want {
				t.Errorf("got %s:\n%s", file, content)
			}
		})
	}
}

// TestLaunchedFile holds the .exe files against what pip's ScriptMaker writes:
// launcher, line, archive of one stored __main__.py that Python can run.
func TestLaunchedFile(t *testing.T) {
	launchers := &Launchers{Console: []byte("MZ console"), GUI: []byte("MZ gui")}
	for name, c := range map[string]struct {
		in    Interpreter
		point string
		gui   bool
		file  string
		start string
	}{
		"path":    {Interpreter{Path: `C:\Py\python.exe`}, "app", false, "app.exe", "MZ console#!C:\\Py\\python.exe\n"},
		"space":   {Interpreter{Path: `C:\My Py\python.exe`}, "app", false, "app.exe", "MZ console#!\"C:\\My Py\\python.exe\"\n"},
		"gui":     {Interpreter{Path: `C:\python\python.exe`}, "app", true, "app.exe", "MZ gui#!C:\\python\\pythonw.exe\n"},
		"beside":  {Interpreter{Folder: ".", Name: "python"}, "app", false, "app.exe", "MZ console#!<launcher_dir>\\python.exe\n"},
		"above":   {Interpreter{Folder: "../..", Name: "python"}, "app", true, "app.exe", "MZ gui#!<launcher_dir>\\..\\..\\pythonw.exe\n"},
		"on PATH": {Interpreter{Name: "python"}, "app.py", false, "app.exe", "MZ console#!/usr/bin/env python.exe\n"},
		"wanted":  {Interpreter{Shebang: "py.exe -3", Path: "x"}, "a.b", false, "a.b.exe", "MZ console#!py.exe -3\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Windows, c.in.Launchers = true, launchers
			point := app
			point.Name = c.point
			file, content := c.in.File(point, c.gui)
			if file != c.file || !bytes.HasPrefix(content, []byte(c.start+"PK\x03\x04")) {
				t.Errorf("got %s:\n%q", file, content)
			}
			archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				t.Fatal(err)
			}
			main, err := fs.ReadFile(archive, "__main__.py")
			if err != nil || string(main) != appBody || len(archive.File) != 1 {
				t.Errorf("the archive holds %q (%v)", main, err)
			}
			again, second := c.in.File(point, c.gui)
			if again != file || !bytes.Equal(content, second) {
				t.Error("the second time it is another file")
			}
		})
	}
}

func TestRewrite(t *testing.T) {
	posix := Interpreter{Name: "python3"}
	for _, c := range []struct {
		in       Interpreter
		old, new string
	}{
		{posix, "#!python\nprint()\n", "#!/usr/bin/env python3\nprint()\n"},
		{posix, "#!pythonw\r\nprint()\n", "#!/usr/bin/env python3\nprint()\n"},
		{posix, "#!python", "#!/usr/bin/env python3\n"},
		{posix, "#!/bin/sh\necho\n", ""},
		{posix, "\x7fELF", ""},
		{posix, "", ""},
		{Interpreter{Path: "/a b/p"}, "#!python\n# coding: latin-1\nx\n", "#!/bin/sh\n# coding: latin-1\n'''exec' \"/a b/p\" \"$0\" \"$@\"\n' '''\nx\n"},
		{Interpreter{Windows: true}, "#!python\nx\n", ""},
		{Interpreter{Windows: true, Path: `C:\p.exe`}, "#!python\nx\n", "#!C:\\p.exe\r\nx\n"},
	} {
		got, changed := c.in.Rewrite([]byte(c.old))
		if want := c.new; changed != (want != "") || changed && string(got) != want || !changed && string(got) != c.old {
			t.Errorf("Rewrite(%q) = %q, %v; want %q", c.old, got, changed, want)
		}
	}
}

// TestTrampolineRuns runs a relocatable program by a shell: a stand-in for the
// interpreter beside it tells how it was called, also through a link and from
// a folder whose name needs quotes.
func TestTrampolineRuns(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("no shell")
	}
	bin := filepath.Join(t.TempDir(), `odd $HOME "name" 'x'`)
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) string {
		p := filepath.Join(bin, name)
		if err := os.WriteFile(p, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		return p
	}
	write("python3.14", "#!/bin/sh\nprintf '%s|' \"$@\"\n")
	for name, in := range map[string]Interpreter{
		"relocatable": {Folder: ".", Name: "python3.14"},
		"path":        {Path: filepath.Join(bin, "python3.14")},
	} {
		t.Run(name, func(t *testing.T) {
			_, content := in.File(app, false)
			program := write("app", string(content))
			out, err := exec.Command(program, "a b", "c").CombinedOutput()
			if err != nil || string(out) != program+"|a b|c|" {
				t.Errorf("%v: %s", err, out)
			}
			link := filepath.Join(t.TempDir(), "app")
			if err := os.Symlink(program, link); err != nil {
				t.Fatal(err)
			}
			if _, err := exec.LookPath("realpath"); err != nil {
				t.Skip("no realpath(1) to follow links with")
			}
			out, err = exec.Command(link, "x").CombinedOutput()
			if err != nil || string(out) != link+"|x|" {
				t.Errorf("through a link: %v: %s", err, out)
			}
		})
	}
}

// FuzzRewrite checks that a rewritten script keeps all after its first line.
func FuzzRewrite(f *testing.F) {
	f.Add([]byte("#!python\n# coding: utf-8\nx = 1\n"))
	f.Add([]byte("#!pythonw"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, in := range []Interpreter{{Name: "python3"}, {Folder: ".", Name: "python3.14"}, {Windows: true, Path: "p"}} {
			got, changed := in.Rewrite(bytes.Clone(content))
			_, rest, _ := bytes.Cut(content, []byte("\n"))
			if second, after, ok := bytes.Cut(rest, []byte("\n")); ok && isCookie(second) {
				rest = after
			}
			if !bytes.HasSuffix(got, rest) || changed != IsPython(content) {
				t.Errorf("%q became %q", content, got)
			}
		}
	})
}
