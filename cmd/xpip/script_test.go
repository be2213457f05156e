package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/xpip/xpip/cmd/xpip/internal/systrace"
	"github.com/xpip/xpip/fixtures"
	"github.com/xpip/xpip/sdist"
)

func TestMain(m *testing.M) {
	systrace.Child()
	// Builds start this program again, by other names.
	if handled, exit := sdist.Main(os.Args); handled {
		os.Exit(exit)
	}
	testscript.Main(m, map[string]func(){"xpip": main})
}

// TestScript runs the command lines in testdata/script against the fixture
// indexes, served on loopback: $PYPI and $BEEWARE negotiate, $PYPI_HTML and
// $BEEWARE_HTML answer in HTML alone and without sidecars, as old servers do;
// $BROKEN lies in the ways that its handler lists.
func TestScript(t *testing.T) {
	server := httptest.NewServer(indexes(t))
	t.Cleanup(server.Close)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			program, err := exec.LookPath("xpip")
			if err != nil {
				return err
			}
			for name, value := range map[string]string{
				"XPIP": program, "SYSTEM_PATH": os.Getenv("PATH"), "PATH": filepath.Join(env.WorkDir, "no-programs"), // no Python, nothing
				"HOME": filepath.Join(env.WorkDir, "home"), "XDG_CACHE_HOME": filepath.Join(env.WorkDir, "cache"),
				"LocalAppData": filepath.Join(env.WorkDir, "cache"), "PIP_CONFIG_FILE": os.DevNull,
				"PYPI": server.URL + "/pypi/simple/", "PYPI_HTML": server.URL + "/pypi-html/simple/",
				"BEEWARE": server.URL + "/beeware/simple/", "BEEWARE_HTML": server.URL + "/beeware-html/simple/",
				"BROKEN": server.URL + "/broken/simple/", "SERVER": server.URL,
			} {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"tree": tree, "noxpip": noLeftovers, "pack": pack,
		},
	})
}

func indexes(t *testing.T) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	for _, name := range fixtures.Names() {
		ix, err := fixtures.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		modern, err := fixtures.NewServer(ix)
		if err != nil {
			t.Fatal(err)
		}
		old, err := fixtures.NewServer(ix)
		if err != nil {
			t.Fatal(err)
		}
		old.Format, old.Sidecars = fixtures.HTMLOnly, false
		mux.Handle("/"+name+"/", http.StripPrefix("/"+name, modern))
		mux.Handle("/"+name+"-html/", http.StripPrefix("/"+name+"-html", old))
	}
	mux.Handle("/broken/", http.StripPrefix("/broken", broken(t)))
	return mux
}

// broken is the PyPI-like index with faults: jinja2's wheel is cut short,
// colorama's has other bytes than its hash says, babel's calls itself another
// name inside, click answers 500. What it says of babel and quarantined plays with
// terminals.
func broken(t *testing.T) http.Handler {
	t.Helper()
	ix, err := fixtures.Load("pypi")
	if err != nil {
		t.Fatal(err)
	}
	sound, err := fixtures.NewServer(ix)
	if err != nil {
		t.Fatal(err)
	}
	sound.Format, sound.Sidecars = fixtures.HTMLOnly, false
	files, err := ix.Files()
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch base := filepath.Base(r.URL.Path); {
		case strings.HasPrefix(base, "jinja2-"):
			content := files["jinja2"][0].Content
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write(content[:len(content)/2])
		case strings.HasPrefix(base, "colorama-"):
			_, _ = w.Write(files["babel"][0].Content)
		case r.URL.Path == "/simple/liar/":
			_, _ = w.Write([]byte(`<a href="../../files/liar-1.0-py3-none-any.whl">liar-1.0-py3-none-any.whl</a>`))
			w.Header().Set("Content-Type", "text/html")
		case strings.HasPrefix(base, "liar-"):
			_, _ = w.Write(files["colorama"][0].Content)
		case r.URL.Path == "/simple/babel/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<meta name='pypi:project-status' content='archived'><meta name='pypi:project-status-reason' content='\x1b[31mno\nERROR: a lie\u202e'>" +
				"<a href='../../files/babel-2.17.0-py3-none-any.whl' data-yanked='\x1b]0;title\x07bad\nSuccessfully installed everything'>x</a>"))
		case r.URL.Path == "/simple/quarantined/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<meta name='pypi:project-status' content='quarantined'><meta name='pypi:project-status-reason' content='\x1b[2Jmalware\nand more'>" +
				"<a href='../../files/quarantined-1.0-py3-none-any.whl'>x</a>"))
		case r.URL.Path == "/simple/click/":
			http.Error(w, "out of order", http.StatusInternalServerError)
		default:
			sound.ServeHTTP(w, r)
		}
	})
}

// tree DIR FILE compares the files below DIR with the lines of FILE.
func tree(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: tree dir file")
	}
	root := ts.MkAbs(args[0])
	var got []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		got = append(got, filepath.ToSlash(rel))
		return err
	})
	ts.Check(err)
	want := strings.Fields(ts.ReadFile(args[1]))
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		ts.Fatalf("files below %s:\n%s\nwant:\n%s", args[0], strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// noLeftovers DIR fails when a hidden file of ours stayed in or beside DIR.
func noLeftovers(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: noxpip dir")
	}
	dir := ts.MkAbs(args[0])
	for _, pattern := range []string{filepath.Join(dir, ".*"), filepath.Join(filepath.Dir(dir), ".*")} {
		found, err := filepath.Glob(pattern)
		ts.Check(err)
		for _, path := range found {
			if name := filepath.Base(path); name != "." && name != ".." && name != ".tmp" {
				ts.Fatalf("%s stayed behind", path)
			}
		}
	}
}

// pack DIR FILE makes FILE, a .tar.gz, of DIR and what is in it.
func pack(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: pack dir file")
	}
	dir := ts.MkAbs(args[0])
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	defer out.Close()
	compressed := gzip.NewWriter(out)
	archive := tar.NewWriter(compressed)
	ts.Check(filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(filepath.Dir(dir), path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: filepath.ToSlash(rel), Mode: 0o644, Size: int64(len(content))}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err = archive.Write(content)
		return err
	}))
	ts.Check(errors.Join(archive.Close(), compressed.Close()))
}
