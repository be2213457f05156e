package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/pylock"
	"github.com/xpip/xpip/resolver"
)

// sliceWith is a slice of a platform that holds what has says: "a 1.0, b 2.0".
func sliceWith(t *testing.T, platform, has string) *slice {
	t.Helper()
	h, err := host.New(host.Options{Platforms: []string{platform}})
	if err != nil {
		t.Fatal(err)
	}
	s := &slice{session: &session{host: h}, installed: map[string]resolver.Installed{}}
	for one := range strings.SplitSeq(has, ", ") {
		name, number, ok := strings.Cut(one, " ")
		if !ok {
			continue
		}
		version, err := pep440.Parse(number)
		if err != nil {
			t.Fatal(err)
		}
		s.installed[name] = resolver.Installed{Version: version, Metadata: &resolver.Metadata{Name: name, Version: number}}
	}
	return s
}

// TestPresent holds what is installed in several prefixes against what counts
// for all: one version is kept, of several the newest is preferred, unless it
// is to be upgraded.
func TestPresent(t *testing.T) {
	asked, err := requirements.Parse("b")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		first, second   string
		policy          resolver.Policy
		same, preferred string
	}{
		"nothing":          {},
		"the same in both": {first: "a 1.0, b 2.0", second: "a 1.0", same: "a 1.0, b 2.0"},
		"one is newer":     {first: "a 1.0, b 2.0", second: "a 1.0, b 3.0", same: "a 1.0", preferred: "b 3.0"},
		"the other is":     {first: "b 3.0", second: "b 2.0", preferred: "b 3.0"},
		"named, upgraded":  {first: "b 3.0, c 1", second: "b 2.0, c 2", policy: resolver.Policy{Upgrade: resolver.OnlyIfNeeded}, preferred: "c 2"},
		"all upgraded":     {first: "b 3.0, c 1", second: "b 2.0, c 2", policy: resolver.Policy{Upgrade: resolver.Eager}},
		"again from new":   {first: "a 1.0, b 3.0", second: "a 1.0, b 2.0", policy: resolver.Policy{ForceReinstall: true}},
	} {
		t.Run(name, func(t *testing.T) {
			all := []*slice{sliceWith(t, "ios", c.first), sliceWith(t, "android", c.second)}
			same, preferred := present(all, &resolver.Request{Policy: c.policy, Roots: []resolver.Root{{Requirement: asked}}})
			versions := map[string]string{}
			for project, has := range same {
				versions[project] = has.Version.String()
			}
			if got := pinsOf(versions); got != c.same {
				t.Errorf("kept %q, want %q", got, c.same)
			}
			clear(versions)
			for project, version := range preferred {
				versions[project] = version.String()
			}
			if got := pinsOf(versions); got != c.preferred {
				t.Errorf("preferred %q, want %q", got, c.preferred)
			}
		})
	}
}

func pinsOf(versions map[string]string) string {
	var out []string
	for _, project := range slices.Sorted(maps.Keys(versions)) {
		out = append(out, project+" "+versions[project])
	}
	return strings.Join(out, ", ")
}

// TestLockMarker has packages that not all slices need.
func TestLockMarker(t *testing.T) {
	all := []*slice{sliceWith(t, "ios_13_0_arm64_iphoneos", ""), sliceWith(t, "ios_13_0_arm64_iphonesimulator", ""), sliceWith(t, "android_24_arm64_v8a", "")}
	p := shared{Package: resolver.Package{Project: "a"}, slices: []int{0, 1}}
	var out pylock.Package
	if err := lockMarker(all, p, &out); err != nil {
		t.Fatal(err)
	}
	want := `sys_platform == "ios" and platform_machine == "arm64" and implementation_name == "cpython"`
	if got := out.Marker.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p.slices = []int{0, 2}
	if err := lockMarker(all, p, &out); err == nil || !strings.Contains(err.Error(), "no marker tells these hosts apart") {
		t.Errorf("a device alone: %v", err)
	}
}

// TestSamePython compares versions as far as both are said.
func TestSamePython(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"3.13", "3.13.2", true}, {"3.13", "3.14", false}, {"3", "3.14", true}, {"3.13t", "3.13", false},
		{"", "3.14", true}, {"3.14.0", "", true}, {"2.7", "3", false},
	} {
		if got := samePython(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %v", c.a, c.b, got)
		}
	}
}
