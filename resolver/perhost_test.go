package resolver

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
)

// perHost builds sdists: what comes out of one is each host's own.
type perHost struct {
	*universe
	built map[string]*Metadata // by "file host"; missing: it can't be built
}

func (p perHost) Metadata(ctx context.Context, f File, host int) (*Metadata, error) {
	if f.IsWheel() {
		if host != 0 {
			return nil, fmt.Errorf("a wheel's metadata were asked for host %d", host)
		}
		return p.universe.Metadata(ctx, f, host)
	}
	if m := p.built[fmt.Sprint(f.Filename, " ", host)]; m != nil {
		return m, nil
	}
	return nil, &NeedsCompilerError{File: f.Filename, Reason: "needs a compiler"}
}

// TestSdistsOfSeveralHosts resolves for two hosts what is built for each, and
// may come out differently or only for one.
func TestSdistsOfSeveralHosts(t *testing.T) {
	u := newUniverse()
	for _, line := range []string{"a 1.0 sdist", "a 2.0 sdist", "w 1.0", "p 1.0"} {
		if err := u.add(line); err != nil {
			t.Fatal(err)
		}
	}
	of := func(version string, requires ...string) *Metadata {
		return &Metadata{Name: "a", Version: version, RequiresDist: requires}
	}
	source := perHost{u, map[string]*Metadata{
		"a-1.0.tar.gz 0": of("1.0", "p"), "a-1.0.tar.gz 1": of("1.0", "w"), "a-2.0.tar.gz 0": of("2.0", "p"),
	}}
	root, err := requirements.Parse("a")
	if err != nil {
		t.Fatal(err)
	}
	resolution, err := Resolve(t.Context(), Request{
		Hosts:  []*host.Host{newHost(t, "ios"), newHost(t, "windows")},
		Roots:  []Root{{Requirement: root}},
		Policy: Policy{ProbeSdists: 2},
	}, source)
	if err != nil {
		t.Fatal(err)
	}
	for h, want := range []string{"p 1.0, a 1.0", "w 1.0, a 1.0"} {
		var got []string
		for _, p := range resolution.For(h).Packages {
			if len(p.Chosen) != 1 || !p.Chosen[0].Needed {
				t.Errorf("host %d: %s has %d entries", h, p.Project, len(p.Chosen))
			}
			got = append(got, p.Project+" "+p.Version.String())
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("host %d gets %v, want %s", h, got, want)
		}
	}
}
