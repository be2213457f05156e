package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
)

// profileVariable names a folder into which a run writes what
// `go tool pprof` and `go tool trace` read: cpu, heap and trace. It is for those
// who work on xpip; docs/development.md tells of it.
const profileVariable = "XPIP_PROFILE"

// profile begins to record the run, if the environment asks for it. stop ends
// that and writes the files.
func (a *app) profile() (stop func() error, err error) {
	dir, _ := a.getenv(profileVariable)
	if dir == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("making the folder of %s: %w", profileVariable, err)
	}
	cpu, err := os.Create(filepath.Join(dir, "cpu"))
	if err != nil {
		return nil, err
	}
	events, err := os.Create(filepath.Join(dir, "trace"))
	if err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close(), events.Close())
	}
	if err := trace.Start(events); err != nil {
		pprof.StopCPUProfile()
		return nil, errors.Join(err, cpu.Close(), events.Close())
	}
	return func() error {
		trace.Stop()
		pprof.StopCPUProfile()
		return errors.Join(cpu.Close(), events.Close(), writeHeap(filepath.Join(dir, "heap")))
	}, nil
}

// writeHeap writes where memory was allocated, and what of it was in use at the
// last collection. A run that had none is given one, when little is in use.
func writeHeap(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	var stats runtime.MemStats
	if runtime.ReadMemStats(&stats); stats.NumGC == 0 {
		runtime.GC()
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}
