package installer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkInstall puts 3,000 files of 10 wheels into a fresh prefix. Compare
// with BenchmarkCopy, which is cp -al of the same files.
func BenchmarkInstall(b *testing.B) {
	items := benchItems(b)
	parent := b.TempDir()
	for _, sync := range []bool{true, false} {
		b.Run(fmt.Sprintf("sync=%v", sync), func(b *testing.B) {
			for i := range b.N {
				dir := filepath.Join(parent, fmt.Sprint(sync, b.N, i))
				plan, err := open(b, dir, TargetLayout).Plan(items, nil, Options{NoSync: !sync})
				if err != nil {
					b.Fatal(err)
				}
				if err := plan.Apply(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPlan(b *testing.B) {
	items := benchItems(b)
	p := open(b, filepath.Join(b.TempDir(), "prefix"), TargetLayout)
	for b.Loop() {
		if _, err := p.Plan(items, nil, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReinstall replaces all that is there.
func BenchmarkReinstall(b *testing.B) {
	items := benchItems(b)
	p := open(b, filepath.Join(b.TempDir(), "prefix"), TargetLayout)
	install(b, p, Options{}, items...)
	for b.Loop() {
		install(b, p, Options{}, items...)
	}
}

func BenchmarkCopy(b *testing.B) {
	cp, err := exec.LookPath("cp")
	if err != nil {
		b.Skip(err)
	}
	items := benchItems(b)
	parent := b.TempDir()
	for i := range b.N {
		dir := filepath.Join(parent, fmt.Sprint(b.N, i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		args := []string{"-al"}
		for _, item := range items {
			args = append(args, item.Wheel.Dir+"/.")
		}
		if out, err := exec.Command(cp, append(args, dir)...).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
}

func benchItems(b *testing.B) []Item {
	var items []Item
	for w := range 10 {
		members := files{}
		for i := range 300 {
			members[fmt.Sprintf("pkg%d/sub%d/module%d.py", w, i%20, i)] = fmt.Sprintf("x = %d\n", i)
		}
		items = append(items, item(b, fmt.Sprintf("pkg%d-1.0-py3-none-any.whl", w), members))
	}
	return items
}
