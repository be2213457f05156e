package resolver

import (
	"strings"
	"testing"

	"github.com/xpip/xpip/requirements/pep440"
)

// FuzzMetadata checks that no metadata makes the resolver fail, and that what
// is found usable has a decision for every requirement.
func FuzzMetadata(f *testing.F) {
	f.Add("a", "1", `b>=1; extra == "x"`+"\n"+`c @ https://example.com/c.whl ; os_name == "nt"`, "x\ny")
	f.Add("A_", "1.0", `d; nonsense == "1"`, "")
	f.Add("", "one", "\x00;;", "\xff")
	env := newHost(f, "linux").Environment()
	file := &File{Filename: "a-1-py3-none-any.whl", Version: pep440.MustParse("1")}
	f.Fuzz(func(t *testing.T, name, version, requires, extras string) {
		raw := &Metadata{
			Name: name, Version: version,
			RequiresDist: strings.Split(requires, "\n"), ProvidesExtra: strings.Split(extras, "\n"),
		}
		m := new(parser).metadata(raw, "a", file)
		if m.unusable != "" {
			return
		}
		for _, extra := range append([]string{""}, raw.ProvidesExtra...) {
			places, undefined := m.needs(env, extra)
			if undefined != nil && len(places) > 0 {
				t.Errorf("%q is undefined, and others count", undefined.String())
			}
			for _, k := range places {
				if m.requires[k].key != m.requires[k].Key() {
					t.Errorf("requirement %d is of %q, not of %q", k, m.requires[k].Key(), m.requires[k].key)
				}
			}
		}
	})
}
