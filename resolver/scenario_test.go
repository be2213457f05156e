package resolver

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

var update = flag.Bool("update", false, "write what the scenarios give as what they are expected to give")

// platforms are the hosts that scenarios name.
var platforms = map[string]host.Options{
	"linux":     {Platforms: []string{"manylinux_2_28_x86_64"}, PythonVersion: "3.12"},
	"ios":       {Platforms: []string{"ios_13_0_arm64_iphoneos"}, PythonVersion: "3.14"},
	"simulator": {Platforms: []string{"ios_13_0_arm64_iphonesimulator"}, PythonVersion: "3.14"},
	"windows":   {Platforms: []string{"win_amd64"}, PythonVersion: "3.12"},
	"android":   {Platforms: []string{"android_24_arm64_v8a"}, PythonVersion: "3.13"},
	"old":       {Platforms: []string{"manylinux_2_28_x86_64"}, PythonVersion: "3.8"},
}

func newHost(t testing.TB, name string) *host.Host {
	t.Helper()
	options, ok := platforms[name]
	if !ok {
		t.Fatalf("no host %q", name)
	}
	h, err := host.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestScenarios runs testdata/*.txt. A file has scenarios, each begun by a line
// "=== TITLE". What is behind "---" is what comes out; -update writes it.
func TestScenarios(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios (%v)", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		chunks := strings.Split("\n"+string(data), "\n=== ")
		out.WriteString(strings.TrimPrefix(chunks[0], "\n"))
		for i, chunk := range chunks[1:] {
			title, body, _ := strings.Cut(chunk, "\n")
			input, want, _ := strings.Cut(body, "---\n")
			want = strings.TrimSpace(want)
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txt")+"/"+title, func(t *testing.T) {
				got := strings.TrimSpace(runScenario(t, input))
				if i > 0 || chunks[0] != "" {
					out.WriteString("\n")
				}
				fmt.Fprintf(&out, "=== %s\n%s---\n%s\n", title, input, got)
				if got != want && !*update {
					t.Errorf("got\n%s\n\nwant\n%s", got, want)
				}
			})
		}
		if *update {
			if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// runScenario resolves what input describes and writes down the result.
func runScenario(t *testing.T, input string) string {
	t.Helper()
	u, r := parseScenario(t, input)
	res, err := Resolve(context.Background(), r, u)
	got := writeOutcome(&r, res, err)
	// The answer does not depend on how fast the Source is.
	slow, r2 := parseScenario(t, input)
	slow.answer = func(q string) { time.Sleep(time.Duration(len(q)*7919%5) * 100 * time.Microsecond) }
	res, err = Resolve(context.Background(), r2, slow)
	if again := writeOutcome(&r2, res, err); again != got {
		t.Errorf("a slow source gets another answer:\n%s\n\nand\n%s", got, again)
	}
	for q, n := range u.asked {
		if n > 1 {
			t.Errorf("asked %d times: %s", n, q)
		}
	}
	return got
}

func parseScenario(t *testing.T, input string) (*universe, Request) {
	t.Helper()
	u, r := newUniverse(), Request{Installed: map[string]Installed{}, Preferred: map[string]pep440.Version{}}
	set := func(s string) map[string]bool {
		m := map[string]bool{}
		for _, name := range strings.Split(s, ",") {
			m[name] = true
		}
		return m
	}
	for _, line := range strings.Split(input, "\n") {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		p := &r.Policy
		var err error
		switch word {
		case "", "#":
		case "host":
			for _, name := range strings.Fields(rest) {
				r.Hosts = append(r.Hosts, newHost(t, name))
			}
		case "root", "constraint":
			origin := ""
			if i := strings.Index(rest, ": "); strings.HasPrefix(rest, "-") && i > 0 {
				origin, rest = rest[:i], rest[i+2:]
			}
			rest, hash, hashed := strings.Cut(rest, " --hash=")
			var hashes map[string][]string
			if hashed {
				hashes = map[string][]string{"sha256": {hash}}
			}
			var direct *File
			if path, ok := strings.CutPrefix(rest, "./"); ok {
				f := u.direct["./"+path]
				direct = &f
				rest = ""
			}
			var req requirements.Requirement
			if rest != "" {
				req, err = requirements.Parse(rest)
			}
			if word == "root" {
				r.Roots = append(r.Roots, Root{Requirement: req, Origin: origin, Direct: direct, Hashes: hashes})
			} else {
				r.Constraints = append(r.Constraints, Constraint{Requirement: req, Origin: origin, Direct: direct, Hashes: hashes})
			}
		case "installed":
			other := newUniverse()
			if err = other.add(rest); err == nil {
				for key, files := range other.files {
					r.Installed[key] = Installed{files[0].Version, other.metadata[files[0].Filename]}
				}
			}
		case "preferred":
			name, number, _ := strings.Cut(rest, " ")
			r.Preferred[name] = pep440.MustParse(number)
		case "only-binary":
			p.Formats.OnlyBinary = set(rest)
		case "no-binary":
			p.Formats.NoBinary = set(rest)
		case "all-releases":
			p.Releases.AllReleases = set(rest)
		case "only-final":
			p.Releases.OnlyFinal = set(rest)
		case "prefer-binary":
			p.PreferBinary = true
		case "no-deps":
			p.NoDeps = true
		case "only-deps":
			p.OnlyDeps = true
		case "ignore-requires-python":
			p.IgnoreRequiresPython = true
		case "upgrade":
			p.Upgrade = OnlyIfNeeded
		case "eager":
			p.Upgrade = Eager
		case "force-reinstall":
			p.ForceReinstall = true
		case "require-hashes":
			p.RequireHashes = true
		case "probe":
			_, err = fmt.Sscan(rest, &p.ProbeSdists)
		case "uploaded-prior-to":
			p.UploadedPriorTo, err = time.Parse(time.DateOnly, rest)
		case "fault":
			u.faults[rest] = errors.New("the network is down")
		default:
			err = u.add(line)
		}
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	if len(r.Hosts) == 0 {
		r.Hosts = []*host.Host{newHost(t, "linux")}
	}
	return u, r
}

// writeOutcome writes a result: a line for each package, the file where it is
// not the plain one, what was passed over (~) and warnings (!).
func writeOutcome(r *Request, res *Resolution, err error) string {
	var b strings.Builder
	if err != nil {
		writeError(&b, err)
		return b.String()
	}
	for _, p := range res.Packages {
		b.WriteString(p.Project)
		if len(p.Extras) > 0 {
			fmt.Fprintf(&b, "[%s]", strings.Join(p.Extras, ","))
		}
		fmt.Fprintf(&b, " %s", p.Version)
		if p.Installed {
			b.WriteString(" (installed)")
		}
		for h, c := range p.Chosen {
			switch {
			case !c.Needed:
				fmt.Fprintf(&b, " [not on %s]", r.Hosts[h].Platform())
			case c.File != nil && !strings.HasSuffix(c.File.Filename, "-py3-none-any.whl") || p.Direct:
				b.WriteString(" " + c.File.Filename)
			}
		}
		if chain := FormatChain(p.Why); chain != "" {
			b.WriteString(" <- " + chain)
		}
		b.WriteString("\n")
		for _, o := range p.PassedOver {
			fmt.Fprintf(&b, "  ~ %s: %s\n", o.Versions(), o.Reason)
		}
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(&b, "! %d %s %s %s %q %s %v\n", w.Kind, w.Project, w.Version, w.Subject, w.Default, w.Detail, w.Requirements)
	}
	return b.String()
}

func writeError(b *strings.Builder, err error) {
	var none *NoCandidateError
	var conflict *ConflictError
	var hash *HashError
	switch {
	case errors.As(err, &none):
		for _, line := range append(none.PipLines(), none.Lines()...) {
			fmt.Fprintln(b, line)
		}
	case errors.As(err, &conflict):
		fmt.Fprintln(b, conflict.Error())
		for _, line := range append(conflict.PipLines(), conflict.Lines()...) {
			fmt.Fprintln(b, line)
		}
	case errors.As(err, &hash):
		for _, line := range hash.Lines() {
			fmt.Fprintln(b, line)
		}
	default:
		fmt.Fprintf(b, "%T: %v\n", err, err)
	}
}
