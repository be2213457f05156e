package installer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, TargetLayout)
	install(t, p, Options{Link: LinkCopy}, item(t, "app-1.0-py3-none-any.whl", files{"a.py": "a", "b.py": "b", "c.py": "c", "d.py": "d"}))
	write(t, dir, "a.py", "A")
	write(t, dir, "b.py", "longer")
	if err := os.Remove(filepath.Join(dir, "c.py")); err != nil {
		t.Fatal(err)
	}
	damage, err := p.Verify(context.Background(), find(t, p, "app")[0])
	want := []Damage{{"a.py", "was modified"}, {"b.py", "has 6 bytes, not 1"}, {"c.py", "is missing"}}
	if err != nil || !slices.Equal(damage, want) {
		t.Errorf("got %v, %v", damage, err)
	}
}

func TestInstalledToleratesDamage(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "good-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Good\nVersion: 1.0\n")
	write(t, dir, "empty-2.0.dist-info/INSTALLER", "pip\n")
	write(t, dir, "bad-3.0.dist-info/METADATA", "Name: \xff\n")
	write(t, dir, "bad-3.0.dist-info/direct_url.json", "{")
	write(t, dir, "old-4.0-py3.11.egg-info", "Metadata-Version: 1.1\nName: old\nVersion: 4.0\n")
	write(t, dir, "older-5.0.egg-info/PKG-INFO", "Metadata-Version: 1.1\nName: older\nVersion: 5.0\n")
	write(t, dir, "older-5.0.egg-info/installed-files.txt", "../older.py\n../../outside.py\nPKG-INFO\n")
	write(t, dir, "older.py", "")
	write(t, dir, "~ood-1.0.dist-info/METADATA", "")
	p := open(t, dir, TargetLayout)
	all, err := p.Installed()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range all {
		got = append(got, d.Key+" "+d.Version)
	}
	if want := []string{"bad 3.0", "empty 2.0", "good 1.0", "old 4.0", "older 5.0"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if len(all[0].Problems) != 2 || all[1].Installer != "pip" || all[1].Metadata != nil {
		t.Errorf("got %+v", all[:2])
	}
	var refused *NotRemovableError
	if _, err := p.Plan(nil, find(t, p, "empty"), Options{}); !errors.As(err, &refused) || refused.Name != "empty" {
		t.Errorf("got %v", err)
	}
	if _, err := p.Plan(nil, find(t, p, "old"), Options{}); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	remove(t, p, "older")
	if _, err := os.Stat(filepath.Join(dir, "older.py")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("older.py stays")
	}
	// A new wheel takes the place of damaged metadata only when told to.
	empty := item(t, "empty-2.1-py3-none-any.whl", files{"empty.py": ""})
	if _, err := p.Plan([]Item{empty}, nil, Options{}); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	install(t, p, Options{Overwrite: true}, empty)
	if d := find(t, p, "empty"); len(d) != 1 || d[0].Version != "2.1" {
		t.Errorf("got %+v", d)
	}
}

func TestPipTargetRecordIsUnderstood(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "app.py", "")
	write(t, dir, "bin/app", "")
	write(t, dir, "app-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: app\nVersion: 1.0\n")
	write(t, dir, "app-1.0.dist-info/RECORD", "app.py,,\n../../bin/app,,\n__pycache__/app.cpython-311.pyc,,\napp-1.0.dist-info/METADATA,,\napp-1.0.dist-info/RECORD,,\n")
	remove(t, open(t, dir, TargetLayout), "app")
	if got := snapshot(t, dir); got != "./" {
		t.Errorf("left:\n%s", got)
	}
}
