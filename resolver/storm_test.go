package resolver

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
)

// boto makes two projects like boto3 and botocore: many versions, each of one
// needing a narrow range of the other, which from some version on needs
// urllib3 2.
func boto(t testing.TB, minors, micros, from int) *universe {
	u := newUniverse()
	add := func(format string, args ...any) {
		if err := u.add(fmt.Sprintf(format, args...)); err != nil {
			t.Fatal(err)
		}
	}
	for minor := 1; minor <= minors; minor++ {
		for micro := range micros {
			add("boto3 1.%d.%d | botocore>=1.%d.%d,<1.%d | s3transfer>=0.1", minor, micro, minor, micro, minor+1)
			if minor >= from {
				add("botocore 1.%d.%d | urllib3>=2 | jmespath>=0.7", minor, micro)
			} else {
				add("botocore 1.%d.%d | urllib3>=1.25,<1.27 | jmespath>=0.7", minor, micro)
			}
		}
	}
	add("s3transfer 0.2 | botocore>=1.0")
	add("jmespath 1.0")
	for _, v := range []string{"1.25.4", "1.26.18", "2.0.1", "2.5.0"} {
		add("urllib3 %s", v)
	}
	return u
}

func roots(t testing.TB, list ...string) (out []Root) {
	for _, s := range list {
		r, err := requirements.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Root{Requirement: r})
	}
	return out
}

// A storm of backtracking must not become a storm of requests.
func TestBacktrackingStorm(t *testing.T) {
	linux := []*host.Host{newHost(t, "linux")}
	for _, test := range []struct {
		name  string
		from  int
		roots []string
		want  string
		most  int // questions for metadata
	}{
		{"none needed", 35, []string{"boto3", "urllib3>=2"}, "1.40.24", 8},
		{"one minor back", 40, []string{"boto3", "urllib3<2"}, "1.39.24", 80},
		{"urllib3 first", 40, []string{"urllib3<2", "boto3"}, "1.39.24", 80},
		{"six minors back", 35, []string{"boto3", "urllib3<1.27"}, "1.34.24", 400},
		{"pinned", 35, []string{"boto3==1.34.3", "urllib3<1.27"}, "1.34.3", 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := boto(t, 40, 25, test.from)
			res, err := Resolve(context.Background(), Request{Hosts: linux, Roots: roots(t, test.roots...)}, u)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, p := range res.Packages {
				if p.Project == "boto3" {
					got = p.Version.String()
				}
			}
			asked := u.questions("metadata ")
			t.Logf("boto3 %s after %d listings, %d metadata", got, u.questions("files "), asked)
			if got != test.want || asked > test.most || u.questions("files ") != 5 {
				t.Errorf("boto3 %s after %d questions for metadata, want %s after at most %d", got, asked, test.want, test.most)
			}
		})
	}
}

// The waits for a slow Source overlap.
func TestQuestionsOverlap(t *testing.T) {
	u := newUniverse()
	for i := range 60 {
		line := fmt.Sprintf("p%d 1", i)
		for k := 2*i + 1; k <= 2*i+2 && k < 60; k++ {
			line += fmt.Sprintf(" | p%d", k)
		}
		if err := u.add(line); err != nil {
			t.Fatal(err)
		}
	}
	open, most := make(chan struct{}, 1000), 0
	u.answer = func(string) {
		open <- struct{}{}
		u.mu.Lock()
		most = max(most, len(open))
		u.mu.Unlock()
		time.Sleep(2 * time.Millisecond)
		<-open
	}
	_, err := Resolve(context.Background(), Request{Hosts: []*host.Host{newHost(t, "linux")}, Roots: roots(t, "p0")}, u)
	if err != nil {
		t.Fatal(err)
	}
	// A tree of 60 projects is six deep; its leaves are asked for together.
	if most < 8 || most > concurrency {
		t.Errorf("%d questions were open at most", most)
	}
}

// tower is a world of n projects in layers, each needing some of the next, in
// several versions.
func tower(t testing.TB, n, versions int) *universe {
	u := newUniverse()
	for i := range n {
		for v := 1; v <= versions; v++ {
			line := fmt.Sprintf("p%d %d.0 python=>=3.8", i, v)
			for k := 1; k <= 6; k++ {
				if dep := i + k*k + 1; dep < n {
					line += fmt.Sprintf(` | p%d>=%d.0,<%d; python_version >= "3.7"`, dep, max(v-3, 1), v+2)
				}
			}
			if err := u.add(line); err != nil {
				t.Fatal(err)
			}
		}
	}
	return u
}

func BenchmarkResolve500(b *testing.B) {
	u := tower(b, 500, 20)
	r := Request{Hosts: []*host.Host{newHost(b, "linux")}, Roots: roots(b, "p0", "p1", "p2")}
	res, err := Resolve(context.Background(), r, u)
	if err != nil || len(res.Packages) < 450 {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Resolve(context.Background(), r, u); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolveStorm(b *testing.B) {
	u := boto(b, 40, 25, 35)
	r := Request{Hosts: []*host.Host{newHost(b, "linux")}, Roots: roots(b, "boto3", "urllib3<1.27")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Resolve(context.Background(), r, u); err != nil {
			b.Fatal(err)
		}
	}
}
