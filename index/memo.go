package index

import (
	"context"
	"sync"
)

// memo does each piece of work once: callers with the same key share one
// answer, whether they come while it is being made or later. An error is an
// answer too, so that nothing is asked again and again in one run; only that
// of a caller who gave up is not the others'.
type memo[V any] struct {
	mu      sync.Mutex
	entries map[string]*answer[V]
}

type answer[V any] struct {
	done      chan struct{}
	value     V
	err       error
	abandoned bool // whoever worked on it gave up
}

func (m *memo[V]) do(ctx context.Context, key string, work func() (V, error)) (V, error) {
	for {
		m.mu.Lock()
		a, ok := m.entries[key]
		if !ok {
			if m.entries == nil {
				m.entries = make(map[string]*answer[V])
			}
			a = &answer[V]{done: make(chan struct{}), abandoned: true}
			m.entries[key] = a
			m.mu.Unlock()
			return m.work(ctx, key, a, work)
		}
		m.mu.Unlock()
		select {
		case <-a.done:
			if a.abandoned && ctx.Err() == nil {
				continue
			}
			return a.value, a.err
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
	}
}

func (m *memo[V]) work(ctx context.Context, key string, a *answer[V], work func() (V, error)) (V, error) {
	defer func() { // also when work panics: nobody may wait for ever
		if a.abandoned {
			m.mu.Lock()
			delete(m.entries, key)
			m.mu.Unlock()
		}
		close(a.done)
	}()
	a.value, a.err = work()
	a.abandoned = a.err != nil && ctx.Err() != nil
	return a.value, a.err
}
