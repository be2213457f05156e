package timings

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, r := New(t.Context())
		_, solved := Start(ctx, Solve)
		_, first := Start(ctx, Index)
		time.Sleep(time.Second)
		_, second := Start(ctx, Index)
		_, third := Start(ctx, Metadata)
		time.Sleep(time.Second)
		first()
		first() // does nothing
		second()
		time.Sleep(time.Second)
		third()
		time.Sleep(2 * time.Second)
		solved()
		want := strings.Join([]string{
			"     phase     time   summed  parts  requests    MB",
			"     index  2.000 s  3.000 s      2         -     -",
			"  metadata  2.000 s  2.000 s      1         -     -",
			"     solve  2.000 s  2.000 s      1         -     -",
			"       all  5.000 s                         0  0.00",
			"",
		}, "\n")
		if got := r.Table(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// Work outside of a run is not timed, and costs nothing.
func TestNobodyAsks(t *testing.T) {
	ctx := context.Background()
	within, done := Start(ctx, Download)
	done()
	if within != ctx {
		t.Error("the context is another one")
	}
}
