package cli

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

func TestSlotsGiveTheLargestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		if err := s.acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		var order []int64 // guarded by the only slot
		var wg sync.WaitGroup
		for _, size := range []int64{3, 9, 1, 7} {
			wg.Go(func() {
				if err := s.acquire(t.Context(), size); err != nil {
					t.Error(err)
				}
				order = append(order, size)
				s.release()
			})
			synctest.Wait()
		}
		s.release()
		wg.Wait()
		if want := []int64{9, 7, 3, 1}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

// Who gives up waiting takes no slot with them.
func TestSlotsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		if err := s.acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := s.acquire(ctx, 1); err == nil {
					s.release() // the cancel and the slot came at once
				} else if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		s.release()
		wg.Wait()
		if s.free != 1 || len(s.waiting) != 0 {
			t.Errorf("%d slots free, %d waiting", s.free, len(s.waiting))
		}
	})
}
