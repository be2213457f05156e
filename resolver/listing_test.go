package resolver

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

func TestListFiles(t *testing.T) {
	var files []File
	for _, f := range []struct{ name, version string }{{"a", "2.0"}, {"b", "1.0"}, {"c", "10"}, {"d", "1"}, {"e", "2.0rc1"}} {
		files = append(files, File{Filename: f.name, Version: pep440.MustParse(f.version), Local: true})
	}
	l := ListFiles(files)
	var got []string
	for i := range l.Len() {
		line := l.Version(i).String() + ":"
		for _, f := range l.Files(i) {
			line += " " + f.Filename
		}
		got = append(got, line)
	}
	if want := []string{"1.0: b d", "2.0rc1: e", "2.0: a", "10: c"}; !slices.Equal(got, want) || l.Undated() {
		t.Errorf("got %q, undated: %v", got, l.Undated())
	}
	files[1].Local = false
	if !ListFiles(files).Undated() {
		t.Error("a file without an upload time is overlooked")
	}
}

// The files of a version are asked for when the resolver looks at it. With hashes
// it looks at all versions that may be chosen, else at the best one.
func TestFilesAreAskedForWhereNeeded(t *testing.T) {
	hash := strings.Repeat("1a", 32)
	for _, c := range []struct {
		requirement    string
		hashed, binary bool
		most           int
	}{
		{"p", false, false, 1}, {"p<50", false, false, 1}, {"p==50", false, false, 1},
		{"p", true, false, 100}, {"p<50", true, false, 50}, {"p==50", true, false, 1},
		{"p", false, true, 1}, {"p==50", true, true, 1},
	} {
		u := newUniverse()
		for v := range 100 {
			if err := u.add(fmt.Sprintf("p %d hash=%s", v, hash)); err != nil {
				t.Fatal(err)
			}
		}
		r, err := requirements.Parse(c.requirement)
		if err != nil {
			t.Fatal(err)
		}
		root := Root{Requirement: r}
		if c.hashed {
			root.Hashes = map[string][]string{"sha256": {hash}}
		}
		request := Request{Hosts: []*host.Host{newHost(t, "linux")}, Roots: []Root{root}, Policy: Policy{PreferBinary: c.binary}}
		if _, err := Resolve(t.Context(), request, u); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if got := u.questions("listed p"); got == 0 || got > c.most {
			t.Errorf("%+v: %d versions were looked at", c, got)
		}
	}
}
