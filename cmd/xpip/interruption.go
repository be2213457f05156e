package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// What shells report of a program that a signal has ended.
const (
	exitInterrupted = 130
	exitTerminated  = 143
)

// interruption is what SIGINT and SIGTERM do to a run: the first one ends its
// context, which cleans up as long as the prefix is untouched and else goes on
// to the end; a second one ends the process, which the next run then heals.
type interruption struct {
	context.Context
	terminated atomic.Bool
}

func newInterruption() *interruption {
	ctx, cancel := context.WithCancel(context.Background())
	i := &interruption{Context: ctx}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		i.terminated.Store(<-signals == syscall.SIGTERM)
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		cancel()
	}()
	return i
}

// code is the exit code of a run that ended with the given one.
func (i *interruption) code(code int) int {
	if code == exitInterrupted && i.terminated.Load() {
		return exitTerminated
	}
	return code
}
