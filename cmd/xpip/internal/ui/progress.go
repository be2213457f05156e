package ui

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// redrawEvery keeps a terminal from being written to more often than a person
// can read.
const redrawEvery = 80 * time.Millisecond

// reportEvery is as often as pip writes a line of raw progress.
const reportEvery = 250 * time.Millisecond

// progress is one line at the bottom of the terminal that sums up all
// downloads under way. A nil progress draws nothing.
type progress struct {
	w        io.Writer
	width    int
	active   int
	done     int64
	total    int64
	drawn    bool
	last     time.Time
	raw      bool // lines of numbers for a program
	finished int
}

// Download is one file on its way. Its methods may be called from any
// goroutine; those of a nil Download do nothing.
type Download struct {
	p    *Printer
	size int64
	got  int64
}

// StartDownload opens a download of size bytes (less than zero when unknown).
func (p *Printer) StartDownload(size int64) *Download {
	if p.progress == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.active++
	p.progress.total += max(size, 0)
	p.progress.report()
	return &Download{p: p, size: size}
}

// Advance adds n bytes.
func (d *Download) Advance(n int64) {
	if d == nil {
		return
	}
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	bar := d.p.progress
	d.got += n
	bar.done += n
	if d.size < 0 {
		bar.total += n
	}
	switch {
	case bar.raw:
		if time.Since(bar.last) >= reportEvery {
			bar.report()
		}
	case time.Since(bar.last) >= redrawEvery:
		bar.draw()
	}
}

// Done closes the download, whether it ended well or not.
func (d *Download) Done() {
	if d == nil {
		return
	}
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	bar := d.p.progress
	bar.active--
	bar.finished++
	if d.size >= 0 {
		bar.done += d.size - d.got
	}
	bar.report()
	if bar.active == 0 {
		bar.clear()
		*bar = progress{w: bar.w, width: bar.width, raw: bar.raw}
	}
}

// report writes how many bytes of all downloads under way are here, in the form
// that pip has for programs: "Progress 1024 of 4096".
func (b *progress) report() {
	if b.raw {
		b.last = time.Now()
		fmt.Fprintf(b.w, "Progress %d of %d\n", b.done, b.total)
	}
}

func (b *progress) clear() {
	if b == nil || !b.drawn {
		return
	}
	fmt.Fprint(b.w, "\r\x1b[K")
	b.drawn = false
}

func (b *progress) draw() {
	if b == nil || b.active == 0 || b.raw {
		return
	}
	b.last = time.Now()
	text := fmt.Sprintf("%s/%s, %d of %d files", Size(b.done), Size(b.total), b.finished, b.finished+b.active)
	cells := min(40, b.width-len(text)-6)
	line := "   " + text
	if cells >= 10 && b.total > 0 {
		full := int(int64(cells) * min(b.done, b.total) / b.total)
		line = "   " + strings.Repeat("━", full) + strings.Repeat(" ", cells-full) + " " + text
	}
	fmt.Fprint(b.w, "\r\x1b[K"+line)
	b.drawn = true
}
