package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// firstCollection is how much memory a run may take before garbage is collected
// for the first time, in bytes. Most runs end before; without this a run of a
// tenth of a second collects a dozen times, from 4 MB on.
const firstCollection = 64 << 20

// laterPercent is GOGC from then on: what a large run holds are pages and lists
// of files, of which most stay in use, so that there is little to gain by waiting.
const laterPercent = 50

// collectLate keeps the garbage collector away until firstCollection is reached.
// From then on it works as laterPercent says, so that the limit never makes it
// run in circles. A user who has set how it works is obeyed.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(firstCollection)
	// What nobody refers to is cleaned up by the first collection.
	sentinel := new(*int)
	runtime.AddCleanup(sentinel, func(percent int) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, laterPercent)
}
