package cli

import (
	"context"
	"runtime"
	"sync"

	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

// early fetches wheels while versions are still being chosen, when network and
// processors have little else to do: what the resolver expects mostly comes so.
// Nothing depends on it. What is not chosen in the end is given up, and what
// went wrong is tried again, and reported, when it is fetched in earnest.
type early struct {
	all       []*slice
	ctx       context.Context // of the command that it lives for
	end       context.CancelFunc
	arriving  *slots
	unpacking *slots
	running   sync.WaitGroup

	mu       sync.Mutex
	expected map[ofHost]*index.File // the first file of each project
	arrivals map[string]*arrival    // by URL
}

type ofHost struct {
	project string
	host    int
}

// arrival is a wheel on its way.
type arrival struct {
	cached bool // it was in the cache
	giveUp context.CancelFunc
	done   chan struct{} // closed when the others may be read
	wheel  *wheel.Unpacked
	blob   index.Blob
	err    error
}

// fetchEarly has the slices' wheels fetched as soon as they are expected. The
// caller closes it before the sessions.
func fetchEarly(ctx context.Context, all []*slice) *early {
	e := &early{
		all: all, arriving: newSlots(downloads), unpacking: newSlots(runtime.GOMAXPROCS(0)),
		expected: map[ofHost]*index.File{}, arrivals: map[string]*arrival{},
	}
	e.ctx, e.end = context.WithCancel(ctx)
	for _, one := range all {
		one.early = e
	}
	return e
}

// expect begins to fetch a wheel that will probably be chosen, if an index
// vouches for what it is. A project of which a second one comes up is left for
// later: the search may go through many.
func (e *early) expect(f resolver.File, host int) {
	ref := fileOf(&f)
	if !f.IsWheel() || ref == nil || ref.Local || ref.Hashes["sha256"] == "" {
		return
	}
	if f.Wheel.IsPure() && !ref.HasMetadata && !e.all[0].src.hasRead(ref) {
		return // its end is read first, and most of these are small: all comes with the end
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	key := ofHost{ref.Project, host}
	if first, ok := e.expected[key]; ok {
		if first.URL != ref.URL {
			e.arrivals[first.URL].giveUp()
		}
		return
	}
	e.expected[key] = ref
	if e.arrivals[ref.URL] != nil {
		return
	}
	s := e.all[host].session
	ctx, giveUp := context.WithCancel(e.ctx)
	a := &arrival{cached: s.inCache(ref), giveUp: giveUp, done: make(chan struct{})}
	e.arrivals[ref.URL] = a
	e.running.Go(func() {
		defer close(a.done)
		defer giveUp()
		if a.err = e.arriving.acquire(ctx, 0); a.err != nil {
			return
		}
		defer e.arriving.release()
		one := fetched{Package: resolver.Package{Chosen: []resolver.Chosen{{File: &f}}}}
		a.err = s.fetchOne(ctx, nil, &one, e.unpacking)
		a.wheel, a.blob = one.wheel, one.blob
	})
}

// hasRead reports whether the metadata of a wheel were read.
func (s *source) hasRead(f *index.File) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.metadata[f.URL] != nil
}

// of is the arrival of a file; nil if it was not begun.
func (e *early) of(f *index.File) *arrival {
	if e == nil || f == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.arrivals[f.URL]
}

// settle gives up what was not chosen.
func (e *early) settle(wheels [][]fetched) {
	if e == nil {
		return
	}
	chosen := map[string]bool{}
	for h := range wheels {
		for i := range wheels[h] {
			if ref := wheels[h][i].ref(); ref != nil {
				chosen[ref.URL] = true
			}
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for url, a := range e.arrivals {
		if !chosen[url] {
			a.giveUp()
		}
	}
}

// take waits for a file that was begun early, and reports whether it is there.
func (e *early) take(ctx context.Context, f *fetched) bool {
	a := e.of(f.ref())
	if a == nil {
		return false
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		return false
	}
	if a.err != nil || !allowed(f.Hashes, "sha256", a.wheel.SHA256) {
		return false
	}
	f.wheel, f.blob = a.wheel, a.blob
	return true
}

// close ends everything, and waits for that.
func (e *early) close() {
	e.end()
	e.running.Wait()
}
