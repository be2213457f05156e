package cli

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"syscall"
)

// pipe is standard output where nobody may be reading any more: `xpip list |
// head -1`. The first write that finds it so stops the command.
type pipe struct {
	w      io.Writer
	stop   context.CancelFunc
	broken atomic.Bool
}

func (p *pipe) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		p.broken.Store(true)
		p.stop()
	}
	return n, err
}
