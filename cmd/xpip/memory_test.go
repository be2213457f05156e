package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestCollectLate(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	usual := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(usual)
		debug.SetMemoryLimit(math.MaxInt64)
	})
	collectLate()
	if got := debug.SetMemoryLimit(-1); got != firstCollection {
		t.Fatalf("the first collection comes at %d bytes, not %d", got, firstCollection)
	}
	runtime.GC()
	for debug.SetMemoryLimit(-1) != math.MaxInt64 { // or the test's own time limit
		time.Sleep(time.Millisecond)
	}
	if got := debug.SetGCPercent(100); got != laterPercent {
		t.Errorf("after the first collection GOGC is %d", got)
	}

	t.Setenv("GOGC", "50")
	collectLate()
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64 {
		t.Errorf("GOGC=50 is not obeyed: the limit is %d", got)
	}
}
