package resolver

import (
	"context"
	"sync"
	"sync/atomic"
)

// pool runs tasks in at most limit goroutines, which it keeps: their stacks
// have grown to what the tasks need. Tasks that the search waits for go before
// those that only fetch ahead.
type pool struct {
	limit int

	mu                    sync.Mutex
	wake                  sync.Cond
	urgent, ahead         []func()
	running, idle, nAhead int // nAhead are the tasks of ahead that were begun
	closed                bool
	workers               sync.WaitGroup
}

func newPool(limit int) *pool {
	p := &pool{limit: limit}
	p.wake.L = &p.mu
	return p
}

func (p *pool) do(task func(), urgent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if urgent {
		p.urgent = append(p.urgent, task)
	} else {
		p.ahead = append(p.ahead, task)
	}
	switch {
	case p.idle > 0:
		p.idle-- // taken back by the one that wakes up
		p.wake.Signal()
	case p.running < p.limit:
		p.running++
		p.workers.Go(p.work)
	}
}

func (p *pool) work() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed {
		task := p.take()
		if task == nil {
			p.idle++
			p.wake.Wait()
			continue
		}
		p.mu.Unlock()
		task()
		p.mu.Lock()
	}
}

// take is the next task: the latest of the urgent ones, as that is what the
// search has come to need, else the oldest.
func (p *pool) take() (task func()) {
	if n := len(p.urgent); n > 0 {
		task, p.urgent = p.urgent[n-1], p.urgent[:n-1]
		return task
	}
	if p.nAhead == len(p.ahead) {
		p.ahead, p.nAhead = p.ahead[:0], 0
		return nil
	}
	task, p.ahead[p.nAhead] = p.ahead[p.nAhead], nil
	p.nAhead++
	return task
}

// close drops the tasks that were not begun and waits for the others.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.wake.Broadcast()
	p.mu.Unlock()
	p.workers.Wait()
}

// future is a value that is being made.
type future[T any] struct {
	done  chan struct{}
	value T
	err   error
	begun atomic.Bool
	make  func()
	// after are to be done when the value is there, which finished says. The
	// world's mutex guards both.
	after    []func()
	finished bool
}

func (f *future[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-f.done:
	default:
		select {
		case <-f.done:
		case <-ctx.Done():
			var zero T
			return zero, ctx.Err()
		}
	}
	return f.value, f.err
}

// start makes a value in the background. The caller holds the world's mutex.
func start[T any](w *world, urgent bool, f func() (T, error)) *future[T] {
	made := &future[T]{done: make(chan struct{})}
	made.make = func() {
		if !made.begun.CompareAndSwap(false, true) {
			return
		}
		made.value, made.err = f()
		w.mu.Lock()
		after := made.after
		made.after, made.finished = nil, true
		w.mu.Unlock()
		close(made.done)
		for _, task := range after {
			w.pool.do(task, false)
		}
	}
	w.pool.do(made.make, urgent)
	return made
}

// hurry puts a value that was to be made ahead of the search before others,
// now that the search waits for it.
func hurry[T any](w *world, f *future[T]) {
	if !f.begun.Load() {
		w.pool.do(f.make, true)
	}
}

// then does task in the background when f is there.
func then[T any](w *world, f *future[T], task func()) {
	w.mu.Lock()
	finished := f.finished
	if !finished {
		f.after = append(f.after, task)
	}
	w.mu.Unlock()
	if finished {
		w.pool.do(task, false)
	}
}
