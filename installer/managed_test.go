package installer

import (
	"errors"
	"slices"
	"testing"
)

// TestManagedDistributionsStay covers what a package manager of the system has
// installed into the folder that wheels go to as well, as conda does.
func TestManagedDistributionsStay(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, PrefixLayout)
	install(t, p, Options{Installer: "conda"}, item(t, "app-1.0-py3-none-any.whl", files{"app.py": "1"}))
	before := snapshot(t, dir)
	next := item(t, "app-2.0-py3-none-any.whl", files{"app.py": "2"})
	for name, plan := range map[string]func() (*Plan, error){
		"replaced":              func() (*Plan, error) { return p.Plan([]Item{next}, nil, Options{}) },
		"replaced, overwriting": func() (*Plan, error) { return p.Plan([]Item{next}, nil, Options{Overwrite: true}) },
		"removed":               func() (*Plan, error) { return p.Plan(nil, find(t, p, "app"), Options{}) },
	} {
		_, err := plan()
		var managed *ManagedError
		if !errors.As(err, &managed) || managed.Manager != "conda" || managed.Name != "app" || managed.Version != "1.0" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got := snapshot(t, dir); got != before {
		t.Errorf("the prefix changed:\n%s", got)
	}
	install(t, p, Options{AllowManaged: true}, next)
	if got := read(t, dir, posix.Purelib+"/app.py"); got != "2" {
		t.Errorf("with leave it is not replaced: %q", got)
	}
	if d := find(t, p, "app"); len(d) != 1 || d[0].Manager() != "" {
		t.Errorf("found %+v", d)
	}
}

// TestUnlistedStays covers Debian's distributions, which have no RECORD: with
// or without leave, nobody knows their files.
func TestUnlistedStays(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir, PrefixLayout)
	lib := posix.Purelib + "/"
	write(t, dir, lib+"six.py", "mine")
	write(t, dir, lib+"six-1.17.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\n")
	write(t, dir, lib+"six-1.17.0.dist-info/INSTALLER", "debian")
	for _, opts := range []Options{{}, {AllowManaged: true}} {
		_, err := p.Plan(nil, find(t, p, "six"), opts)
		var unlisted *NotRemovableError
		if !errors.As(err, &unlisted) || !unlisted.Unlisted || unlisted.Installer != "debian" {
			t.Errorf("%+v: got %v", opts, err)
		}
	}
	if got := paths(t, dir); !slices.Equal(got, []string{lib + "six.py"}) || read(t, dir, lib+"six-1.17.0.dist-info/INSTALLER") != "debian" {
		t.Errorf("left: %q", got)
	}
}
