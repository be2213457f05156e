// Package timings tells where the time of a run went. Phases of a run overlap:
// pages are asked for while others are read, wheels unpacked while others
// arrive. Therefore each phase has two times, which need not add up to the
// run's: how long at least one part of it was under way, and the sum of the
// parts.
package timings

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/xpip/xpip/index"
)

// Phase is a kind of work.
type Phase int

// The phases, in the order in which a run comes to them.
const (
	Index    Phase = iota // pages of indexes: asking, waiting, reading
	Metadata              // core metadata of candidates, including the building of sdists
	Solve                 // choosing versions; see Table for what its time means
	Cache                 // wheels that an earlier run has unpacked: finding and verifying them
	Download
	Unpack // verifying and unpacking into the cache
	Plan   // what the wheels change in the prefix, and whether they may
	Link   // placing the files beside the prefix
	Commit // the switch, and forcing it to the disk
	phases
)

var names = [phases]string{"index", "metadata", "solve", "cache", "download", "unpack", "plan", "link", "commit"}

// Recorder takes the times of one run. It is safe for concurrent use.
type Recorder struct {
	began time.Time

	mu     sync.Mutex
	spans  [phases]span
	asking span // Index and Metadata as one

	traffic [phases]index.Traffic
}

// span is the time of a phase.
type span struct {
	parts  int // begun so far
	active int
	since  time.Time // when active left 0
	wall   time.Duration
	summed time.Duration
}

func (s *span) begin(now time.Time) {
	if s.active == 0 {
		s.since = now
	}
	s.active++
	s.parts++
}

func (s *span) end(now, began time.Time) {
	s.active--
	s.summed += now.Sub(began)
	if s.active == 0 {
		s.wall += now.Sub(s.since)
	}
}

type key struct{}

// New begins a run, whose work is done with the context that it returns.
func New(ctx context.Context) (context.Context, *Recorder) {
	r := &Recorder{began: time.Now()}
	return context.WithValue(ctx, key{}, r), r
}

// Start begins a part of a phase of the context's run, if it has one. What is
// asked of an index with the context that Start returns is counted with the
// phase. done ends the part; calling it again does nothing.
func Start(ctx context.Context, p Phase) (within context.Context, done func()) {
	r, _ := ctx.Value(key{}).(*Recorder)
	if r == nil {
		return ctx, func() {}
	}
	began := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	touched := r.touched(p)
	for _, s := range touched {
		s.begin(began)
	}
	return index.WithTraffic(ctx, &r.traffic[p]), sync.OnceFunc(func() {
		now := time.Now()
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, s := range touched {
			s.end(now, began)
		}
	})
}

// touched are the spans that a part of a phase belongs to.
func (r *Recorder) touched(p Phase) []*span {
	if p == Index || p == Metadata {
		return []*span{&r.spans[p], &r.asking}
	}
	return []*span{&r.spans[p]}
}

// Table returns the phases that occurred, with both times, how many parts they
// had, requests and bytes, and the whole run in the last row. The time of Solve
// is what remains of the resolution's when nothing was asked of the index: the
// solver's own work, as far as it was not done while an answer was on its way.
func (r *Recorder) Table() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := r.spans
	spans[Solve].wall = max(spans[Solve].wall-r.asking.wall, 0)
	spans[Solve].summed = spans[Solve].wall
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "phase\ttime\tsummed\tparts\trequests\tMB\t")
	var requests, bytes int64
	for p := range phases {
		s, n, size := spans[p], r.traffic[p].Requests(), r.traffic[p].Bytes()
		requests, bytes = requests+n, bytes+size
		if s.parts > 0 {
			fmt.Fprintf(w, "%s\t%.3f s\t%.3f s\t%d\t%s\t%s\t\n", names[p], s.wall.Seconds(), s.summed.Seconds(), s.parts, orDash(n, "%d", n), orDash(n, "%.2f", mega(size)))
		}
	}
	fmt.Fprintf(w, "all\t%.3f s\t\t\t%d\t%.2f\t\n", time.Since(r.began).Seconds(), requests, mega(bytes))
	_ = w.Flush() // into memory
	return b.String()
}

func mega(bytes int64) float64 { return float64(bytes) / 1e6 }

// orDash is a number of a phase that asked for something.
func orDash(requests int64, format string, value any) string {
	if requests == 0 {
		return "-"
	}
	return fmt.Sprintf(format, value)
}
