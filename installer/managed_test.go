package installer

import (
	"errors"
	"slices"
	"strings"
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

// TestInterpreterName covers virtual environments whose interpreter lacks a name
// with the version, and prefixes where other names are another Python's.
func TestInterpreterName(t *testing.T) {
	app := item(t, "app-1.0-py3-none-any.whl", files{"app.py": "", "{info}/entry_points.txt": "[console_scripts]\napp = app:main\n"})
	for _, c := range []struct {
		there []string
		want  string
	}{
		{nil, "python3.14"},
		{[]string{"bin/python", "bin/python3"}, "python3.14"},
		{[]string{"pyvenv.cfg"}, "python3.14"},
		{[]string{"pyvenv.cfg", "bin/python"}, "python"},
		{[]string{"pyvenv.cfg", "bin/python", "bin/python3"}, "python3"},
		{[]string{"pyvenv.cfg", "bin/python", "bin/python3", "bin/python3.14"}, "python3.14"},
	} {
		dir := t.TempDir()
		for _, name := range c.there {
			write(t, dir, name, "")
		}
		install(t, open(t, dir, PrefixLayout), Options{Host: newHost(t, "manylinux_2_28_aarch64")}, app)
		if text := read(t, dir, "bin/app"); !strings.Contains(text, `"/`+c.want+` "$0"`) {
			t.Errorf("beside %q: %s", c.there, text)
		}
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
