package cli

import (
	"context"
	"sync"
)

// slots bounds how much is done at once. Of those who wait for one, the largest
// comes first: what takes longest had better not begin last.
type slots struct {
	mu      sync.Mutex
	free    int
	waiting []*waiter // in the order of their coming
}

type waiter struct {
	size  int64
	ready chan struct{} // closed when the slot is the waiter's
}

func newSlots(n int) *slots { return &slots{free: n} }

// acquire waits for a slot, or for the end of ctx.
func (s *slots) acquire(ctx context.Context, size int64) error {
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return nil
	}
	w := &waiter{size: size, ready: make(chan struct{})}
	s.waiting = append(s.waiting, w)
	s.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.waiting {
		if other == w {
			s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
			return ctx.Err()
		}
	}
	s.pass() // it was given meanwhile
	return ctx.Err()
}

// release gives a slot back.
func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pass()
}

// pass gives a slot to the largest who waits, the first of equals.
func (s *slots) pass() {
	if len(s.waiting) == 0 {
		s.free++
		return
	}
	largest := 0
	for i, w := range s.waiting {
		if w.size > s.waiting[largest].size {
			largest = i
		}
	}
	w := s.waiting[largest]
	s.waiting = append(s.waiting[:largest], s.waiting[largest+1:]...)
	close(w.ready)
}
