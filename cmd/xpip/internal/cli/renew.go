package cli

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/installer"
)

// renews reports whether an error was that a wheel in the store is not as it was
// unpacked, and is no more: what is damaged is unpacked anew, from its archive in
// the cache or from the index, and what failed is to be tried again. It leaves
// any other error, that of a wheel which is not to be had, and that of one which
// is damaged again.
func (s *slice) renews(ctx context.Context, wheels []fetched, err *error) bool {
	damage, ok := errors.AsType[*installer.StoreDamagedError](*err)
	if !ok || slices.Contains(s.renewed, damage.Wheel) {
		return false
	}
	s.renewed = append(s.renewed, damage.Wheel)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(downloads)
	unpacking := newSlots(runtime.GOMAXPROCS(0))
	for i := range wheels {
		f := &wheels[i]
		if f.wheel.Dir != damage.Dir && f.wheel.Unchanged() {
			continue
		}
		s.printer.Detail("%s was changed in the cache and is unpacked anew", f.wheel.Filename.Raw)
		group.Go(func() error {
			if err := s.forget(f); err != nil {
				return err
			}
			return s.fetchOne(ctx, s.src, f, unpacking)
		})
	}
	*err = group.Wait()
	return *err == nil
}

// forget removes a damaged wheel from the store, unless another process has
// unpacked it anew already.
func (s *slice) forget(f *fetched) error {
	store := s.client.Store()
	for _, key := range storeKeys(f.wheel.SHA256, f.wheel.Filename.Raw) {
		if now, ok := stored(store, key); ok && slices.Equal(now.Files, f.wheel.Files) {
			return store.Remove(cacheKindWheels, key)
		}
	}
	return nil
}
