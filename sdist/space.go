package sdist

import (
	"context"
	"io/fs"
	"path/filepath"
	"sync"
	"time"
)

// spaceInterval is how often a build's folder is measured. What a build can
// write in between is bounded by the disk's speed.
const spaceInterval = time.Second

// watchSpace returns a context that ends, with a *SpaceError, when the build's
// folder holds more than it may: the limits of the system bound a file, not
// their number. The function ends the watch.
func (w *building) watchSpace(ctx context.Context) (context.Context, func()) {
	ctx, stop := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(spaceInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if exceeds(ctx, w.work, w.config.Space) {
					stop(&SpaceError{w.subject, w.config.Space, w.logPath})
				}
			}
		}
	})
	return ctx, func() {
		stop(nil)
		watch.Wait()
	}
}

// exceeds reports whether the files below dir have more than limit bytes. Files
// come and go while it looks; what can't be read does not count.
func exceeds(ctx context.Context, dir string, limit int64) bool {
	var total int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ctx.Err()
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		if total > limit {
			return fs.SkipAll
		}
		return nil
	})
	return total > limit
}
