package installer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

// files are the members of a wheel, by path; a name that ends in * is
// executable.
type files map[string]string

// unpack makes a wheel with the given members, writes it as an archive, and
// returns it as a store would have it.
func unpack(t testing.TB, filename string, members files) *wheel.Unpacked {
	t.Helper()
	name, err := wheel.ParseFilename(filename)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := wheel.NewWriter(&archive, name, time.Time{})
	all := files{}
	for p, content := range members {
		p = strings.ReplaceAll(p, "{info}", w.DistInfo())
		all[strings.ReplaceAll(p, "{data}", w.DataDir())] = content
	}
	metadata := w.DistInfo() + "/METADATA"
	if _, ok := all[metadata]; !ok {
		all[metadata] = fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name.Project, name.Version)
	}
	for p, content := range all {
		mode := fs.FileMode(0o644)
		if bare, ok := strings.CutSuffix(p, "*"); ok {
			p, mode = bare, 0o755
		}
		if err := w.Add(p, mode, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, filename)
	if err := os.WriteFile(file, archive.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	u, err := wheel.UnpackFile(context.Background(), file, filename, "", filepath.Join(dir, "unpacked"), wheel.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func item(t testing.TB, filename string, members files) Item {
	t.Helper()
	return Item{Wheel: unpack(t, filename, members), Requested: true}
}

func newHost(t testing.TB, platform string) *host.Host {
	t.Helper()
	h, err := host.New(host.Options{Platforms: []string{platform}, PythonVersion: "3.14"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var posix = host.Scheme{
	Purelib: "lib/python3.14/site-packages", Platlib: "lib/python3.14/site-packages",
	Scripts: "bin", Headers: "include/python3.14", ScriptKind: host.ScriptsPOSIX,
}

func open(t testing.TB, root string, layout Layout) *Prefix {
	t.Helper()
	p, err := Open(root, layout, posix)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// install plans and applies, with the durability that tests of other things
// don't need left out.
func install(t testing.TB, p *Prefix, opts Options, items ...Item) *Plan {
	t.Helper()
	opts.NoSync = true
	plan, err := p.Plan(items, nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(context.Background()); err != nil {
		t.Fatal(err)
	}
	return plan
}

func remove(t testing.TB, p *Prefix, project string) {
	t.Helper()
	plan, err := p.Plan(nil, find(t, p, project), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func find(t testing.TB, p *Prefix, project string) []Distribution {
	t.Helper()
	all, err := p.Installed()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(d Distribution) bool { return d.Key != project })
}

// snapshot describes a tree: a line for every file, link and empty folder, with
// permissions and digest.
func snapshot(t testing.TB, root string) string {
	t.Helper()
	var lines []string
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case e.IsDir():
			if below, err := os.ReadDir(p); err != nil || len(below) > 0 {
				return err
			}
			lines = append(lines, rel+"/")
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(p)
			lines = append(lines, rel+" -> "+to)
			return err
		default:
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(data)
			lines = append(lines, fmt.Sprintf("%s %v %s", rel, info.Mode(), hex.EncodeToString(sum[:6])))
		}
		return nil
	})
	if err != nil {
		if os.IsNotExist(err) {
			return "(nothing)"
		}
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// paths are the names of a tree's files, without those of .dist-info.
func paths(t testing.TB, root string) []string {
	t.Helper()
	var names []string
	for line := range strings.SplitSeq(snapshot(t, root), "\n") {
		name, _, _ := strings.Cut(line, " ")
		if !strings.Contains(name, distInfo+"/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func write(t testing.TB, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
