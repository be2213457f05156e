package installer

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/xpip/xpip/installer/internal/faultfs"
	"github.com/xpip/xpip/installer/internal/txn"
)

// A fresh prefix takes one operation a folder and a file, and a fixed number
// beside them, however many there are.
func TestOperationsOfAFreshInstall(t *testing.T) {
	for _, n := range []int{1, 40} {
		members := files{}
		for i := range n {
			members[fmt.Sprintf("demo/part%d/__init__.py", i)] = "x = 1\n"
			members[fmt.Sprintf("demo/part%d/data.txt", i)] = fmt.Sprint(i)
		}
		p := open(t, filepath.Join(t.TempDir(), "prefix"), TargetLayout)
		got := map[string]int{}
		p.system = func(r *os.Root) txn.FS {
			return faultfs.New(txn.OS(r), func(op faultfs.Op) error {
				if !op.Half {
					got[op.Kind]++
				}
				return nil
			})
		}
		plan, err := p.Plan([]Item{item(t, "demo-1.0-py3-none-any.whl", members)}, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{
			"Mkdir":   3 + n,   // the stage, demo, .dist-info, and the parts
			"Place":   2*n + 2, // METADATA and WHEEL
			"Write":   3,       // INSTALLER, REQUESTED, RECORD
			"SyncAll": 1, "Replace": 1, "SyncDir": 1,
		}
		if !maps.Equal(got, want) {
			t.Errorf("%d parts: %v, want %v", n, got, want)
		}
	}
}
