package resolver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
)

// world of a differential test: a request, the lines it was made of, and the
// hosts. The oracle below knows nothing of sets, packages or searches.
type dice struct {
	*rand.Rand
	lines []string
	req   Request
	u     *universe
}

func (d *dice) line(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *dice) pick(list ...string) string { return list[d.IntN(len(list))] }

// roll makes a random world. Its first host is Linux, the second, if any,
// Windows.
func roll(t testing.TB, seed uint64, hosts []*host.Host) *dice {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 11)), u: newUniverse()}
	d.req.Hosts = hosts[:1+d.IntN(2)]
	names := []string{"a", "b", "c", "d", "e"}[:3+d.IntN(3)]
	for _, name := range names {
		if d.IntN(30) == 0 {
			continue // no such project
		}
		for v := 1; v <= 1+d.IntN(4); v++ {
			d.version(name, v, names)
		}
	}
	for _, line := range d.lines {
		if err := d.u.add(line); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	for range 1 + d.IntN(3) {
		r, err := requirements.Parse(d.requirement(names, false))
		if err != nil {
			t.Fatal(err)
		}
		d.req.Roots = append(d.req.Roots, Root{Requirement: r})
	}
	if d.IntN(3) == 0 {
		r, err := requirements.Parse(d.pick(names...) + d.specifier())
		if err != nil {
			t.Fatal(err)
		}
		d.req.Constraints = append(d.req.Constraints, Constraint{Requirement: r})
	}
	d.req.Policy.ProbeSdists = 99
	return d
}

func (d *dice) version(name string, v int, names []string) {
	attributes := ""
	switch d.IntN(24) {
	case 0:
		attributes = " cp312-cp312-manylinux_2_28_x86_64"
	case 1:
		attributes = " cp312-cp312-win_amd64"
	case 2:
		attributes = " cp314-cp314-ios_13_0_arm64_iphoneos"
	case 3:
		attributes = " python=>=3.13"
	case 4:
		attributes = " metadata-python=<3.9"
	case 5:
		attributes = " yanked=x"
	case 6:
		attributes = " sdist compiler=x"
	case 7:
		attributes = " sdist"
	case 8:
		attributes = " unusable=x"
	}
	attributes += " extras=x,y"
	line := fmt.Sprintf("%s %d%s", name, v, attributes)
	for range d.IntN(3) {
		line += " | " + d.requirement(names, true)
	}
	d.line("%s", line)
}

func (d *dice) specifier() string {
	return d.pick("", "", ">=2", "<3", "<2", "!=2", ">=3", "<=2", "==1.*", ">=1,<4", "~=2.0")
}

func (d *dice) requirement(names []string, markers bool) string {
	r := d.pick(names...) + d.pick("", "", "", "[x]", "[y]", "[x,y]") + d.specifier()
	switch d.IntN(6) {
	case 0:
		if markers {
			return r + "; " + d.pick(`extra == "x"`, `extra == "y"`, `extra == "x" and sys_platform == "win32"`)
		}
	case 1:
		return r + "; " + d.pick(`sys_platform == "win32"`, `sys_platform == "linux"`, `python_version < "3"`)
	}
	return r
}

// oracle decides a world by trying.
type oracle struct {
	*dice
	constraints []requirements.Requirement
}

// demand is a requirement on one host.
type demand struct {
	r requirements.Requirement
	h int
}

// pinnedVersions are those that a yanked version would need to be named by;
// there are none in these worlds.
func (o *oracle) usable(name, version string, h int) bool {
	for _, c := range o.constraints {
		v := o.find(name, version)
		if c.Key() == name && !c.Specifiers.Contains(v.Version) {
			return false
		}
	}
	for _, f := range o.u.files[name] {
		if f.Version.String() != version || f.Yanked || o.u.faults[f.Filename] != nil {
			continue
		}
		if f.Wheel != nil {
			if _, ok := o.req.Hosts[h].BestRank(*f.Wheel); !ok {
				continue
			}
		}
		if p := o.u.metadata[f.Filename].RequiresPython; p != "" {
			r, err := requirements.Parse("p" + p)
			if err != nil || !o.req.Hosts[h].AcceptsPython(r.Specifiers) {
				continue
			}
		}
		return true
	}
	return false
}

func (o *oracle) find(name, version string) File {
	i := slices.IndexFunc(o.u.files[name], func(f File) bool { return f.Version.String() == version })
	return o.u.files[name][i]
}

// demands lists what a selection requires, and the extras that are on.
func (o *oracle) demands(selected map[string]string) (list []demand) {
	on := map[string]bool{}
	var visit func(r requirements.Requirement, h int)
	follow := func(name string, h int, extra string) {
		key := fmt.Sprint(name, h, extra)
		version, ok := selected[name]
		if on[key] || !ok {
			return
		}
		on[key] = true
		f := o.find(name, version)
		for _, s := range o.u.metadata[f.Filename].RequiresDist {
			r, err := requirements.Parse(s)
			if err != nil {
				panic(err)
			}
			env := o.req.Hosts[h].Environment()
			if r.Marker.Evaluate(env).Holds || extra != "" && r.Marker.Evaluate(env, extra).Holds {
				visit(r, h)
			}
		}
	}
	visit = func(r requirements.Requirement, h int) {
		list = append(list, demand{r, h})
		for _, extra := range append([]string{""}, r.Extras...) {
			follow(r.Key(), h, extra)
		}
	}
	for _, root := range o.req.Roots {
		for h, host := range o.req.Hosts {
			if root.Requirement.Marker.Evaluate(host.Environment()).Holds {
				visit(root.Requirement, h)
			}
		}
	}
	return list
}

// broken is a demand that a selection does not meet; missing if its project is
// just not selected yet.
func (o *oracle) broken(selected map[string]string) (d demand, missing, bad bool) {
	list := o.demands(selected)
	for _, d := range list {
		version, ok := selected[d.r.Key()]
		if !ok {
			continue
		}
		f := o.find(d.r.Key(), version)
		if !d.r.Specifiers.Contains(f.Version) || !o.usable(d.r.Key(), version, d.h) {
			return d, false, true
		}
	}
	for _, d := range list {
		if _, ok := selected[d.r.Key()]; !ok {
			return d, true, true
		}
	}
	return d, false, false
}

func (o *oracle) solvable(selected map[string]string) bool {
	d, missing, bad := o.broken(selected)
	if !bad || !missing {
		return !bad
	}
	name := d.r.Key()
	defer delete(selected, name)
	tried := map[string]bool{}
	for _, f := range o.u.files[name] {
		if v := f.Version.String(); !tried[v] {
			tried[v] = true
			selected[name] = v
			if o.solvable(selected) {
				return true
			}
		}
	}
	return false
}

func TestAgainstBruteForce(t *testing.T) {
	hosts := []*host.Host{newHost(t, "linux"), newHost(t, "windows")}
	worlds := uint64(20_000)
	if testing.Short() {
		worlds = 2_000
	}
	solved := 0
	for seed := range worlds {
		d := roll(t, seed, hosts)
		o := &oracle{dice: d}
		for _, c := range d.req.Constraints {
			o.constraints = append(o.constraints, c.Requirement)
		}
		res, err := Resolve(context.Background(), d.req, d.u)
		want := o.solvable(map[string]string{})
		if (err == nil) != want {
			t.Fatalf("seed %d: got %v, solvable is %v\n%s", seed, err, want, d)
		}
		if err != nil {
			checkRefusal(t, seed, d, err)
			continue
		}
		solved++
		selected := map[string]string{}
		for _, p := range res.Packages {
			selected[p.Project] = p.Version.String()
		}
		if demand, _, bad := o.broken(selected); bad {
			t.Fatalf("seed %d: %v does not meet %s\n%s", seed, selected, demand.r, d)
		}
		needed := map[string]bool{}
		for _, demand := range o.demands(selected) {
			needed[demand.r.Key()] = true
		}
		if len(needed) != len(selected) {
			t.Fatalf("seed %d: %v has what nothing needs\n%s", seed, selected, d)
		}
		checkResolution(t, seed, d, res)
	}
	t.Logf("%d of %d solvable", solved, worlds)
	if solved < int(worlds)/5 || solved > int(worlds)*4/5 {
		t.Error("the worlds are too uniform to prove anything")
	}
}

// checkRefusal checks that a refusal is one of the documented kinds and says
// something.
func checkRefusal(t *testing.T, seed uint64, d *dice, err error) {
	t.Helper()
	var none *NoCandidateError
	var conflict *ConflictError
	switch {
	case errors.As(err, &none):
		if len(none.Chain) == 0 || none.Project == "" || len(none.PipLines()) < 2 || len(none.Lines()) == 0 {
			t.Fatalf("seed %d: an empty refusal %+v\n%s", seed, none, d)
		}
		if none.Chain[0].Project != "" {
			t.Fatalf("seed %d: the chain of %v does not begin with the user: %v\n%s", seed, none, FormatChain(none.Chain), d)
		}
	case errors.As(err, &conflict):
		if len(conflict.Causes) < 1 || len(conflict.Explanation) < 2 {
			t.Fatalf("seed %d: an empty refusal %s\n%s", seed, strings.Join(append(conflict.PipLines(), conflict.Lines()...), "\n"), d)
		}
		seen := map[string]bool{}
		for _, line := range conflict.Explanation {
			if seen[line] {
				t.Fatalf("seed %d: %q is said twice\n%s", seed, line, d)
			}
			seen[line] = true
		}
	default:
		t.Fatalf("seed %d: %T: %v\n%s", seed, err, err, d)
	}
}

// checkResolution checks what a Resolution promises beside its versions.
func checkResolution(t *testing.T, seed uint64, d *dice, res *Resolution) {
	t.Helper()
	place := map[string]int{}
	for i, p := range res.Packages {
		place[p.Project] = i
	}
	for _, p := range res.Packages {
		if len(p.Why) == 0 || p.Why[len(p.Why)-1].Requirement.Key() != p.Project || p.Why[0].Project != "" {
			t.Fatalf("seed %d: %s has the chain %q\n%s", seed, p.Project, FormatChain(p.Why), d)
		}
		needed := false
		for h, c := range p.Chosen {
			needed = needed || c.Needed
			if c.Needed && (c.File == nil || c.Metadata == nil) {
				t.Fatalf("seed %d: %s has no file for host %d\n%s", seed, p.Project, h, d)
			}
			for _, name := range c.Dependencies {
				if _, ok := place[name]; !ok {
					t.Fatalf("seed %d: %s lacks its dependency %s\n%s", seed, p.Project, name, d)
				}
			}
		}
		if !needed {
			t.Fatalf("seed %d: %s is for no host\n%s", seed, p.Project, d)
		}
	}
	// Where there is no cycle, dependencies come first.
	reaches := map[[2]string]bool{}
	for range res.Packages {
		for _, p := range res.Packages {
			for _, c := range p.Chosen {
				for _, name := range c.Dependencies {
					reaches[[2]string{p.Project, name}] = true
					for _, q := range res.Packages {
						if reaches[[2]string{name, q.Project}] {
							reaches[[2]string{p.Project, q.Project}] = true
						}
					}
				}
			}
		}
	}
	for _, p := range res.Packages {
		for _, c := range p.Chosen {
			for _, name := range c.Dependencies {
				if !reaches[[2]string{name, p.Project}] && place[name] > place[p.Project] {
					t.Fatalf("seed %d: %s comes after %s, which needs it\n%s", seed, name, p.Project, d)
				}
			}
		}
	}
}

func (d *dice) String() string {
	var b strings.Builder
	for _, h := range d.req.Hosts {
		fmt.Fprintln(&b, "host", h)
	}
	for _, line := range d.lines {
		fmt.Fprintln(&b, line)
	}
	for _, r := range d.req.Roots {
		fmt.Fprintln(&b, "root", r.Requirement)
	}
	for _, c := range d.req.Constraints {
		fmt.Fprintln(&b, "constraint", c.Requirement)
	}
	return b.String()
}
