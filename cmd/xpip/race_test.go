//go:build race

package main

// raceDetector says that allocations are not the program's own alone.
const raceDetector = true
