package hooks

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Log is a file that takes the output of a build: all of it when it is short,
// its beginning and its end when it is long. Control characters other than
// line feed and tab are replaced, so that showing the file is harmless. Safe
// for concurrent use.
//
// Several builds of one project may run at once, in several processes: until it
// is closed a log has a name of its own, so that each is whole and the last one
// is kept.
type Log struct {
	path    string
	mu      sync.Mutex
	file    *os.File
	half    int
	written int    // of the first half
	tail    []byte // ring of what came after it
	at      int
	lost    int64
	err     error
}

// maxLog is the size of a log in bytes.
const maxLog = 10 << 20

// CreateLog creates a log that will be at path when it is closed.
func CreateLog(path string) (*Log, error) { return createLog(path, maxLog) }

func createLog(path string, size int) (*Log, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("creating the build log: %w", err)
	}
	return &Log{path: path, file: f, half: size / 2}, nil
}

// Write takes output; it never fails, so that a full disk doesn't end a build
// as a broken pipe would. Close reports the fault.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clean := make([]byte, len(p))
	for i, c := range p {
		switch {
		case c == '\r':
			c = '\n'
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			c = '?'
		}
		clean[i] = c
	}
	head := min(len(clean), l.half-l.written)
	if head > 0 {
		_, err := l.file.Write(clean[:head])
		l.keep(err)
		l.written += head
		clean = clean[head:]
	}
	l.ring(clean)
	return len(p), nil
}

// Printf writes a line of xpip's own.
func (l *Log) Printf(format string, args ...any) {
	fmt.Fprintf(l, format+"\n", args...)
}

func (l *Log) keep(err error) {
	if l.err == nil {
		l.err = err
	}
}

func (l *Log) ring(p []byte) {
	if over := len(p) - l.half; over > 0 {
		l.lost += int64(over)
		p = p[over:]
	}
	for len(p) > 0 {
		if len(l.tail) < l.half {
			n := min(len(p), l.half-len(l.tail))
			l.tail = append(l.tail, p[:n]...)
			p = p[n:]
			continue
		}
		n := copy(l.tail[l.at:], p)
		l.at = (l.at + n) % l.half
		l.lost += int64(n)
		p = p[n:]
	}
}

// Close writes out the end of the output and gives the log its name.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost > 0 {
		_, err := fmt.Fprintf(l.file, "\n[… %d bytes left out …]\n", l.lost)
		l.keep(err)
	}
	for _, part := range [][]byte{l.tail[l.at:], l.tail[:l.at]} {
		_, err := l.file.Write(part)
		l.keep(err)
	}
	l.keep(l.file.Close())
	l.keep(os.Rename(l.file.Name(), l.path))
	return l.err
}

// Tail returns the last lines so far, at most n, without empty ones.
func (l *Log) Tail(n int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	const most = 64 << 10
	text := slices.Concat(l.tail[l.at:], l.tail[:l.at])
	if short := most - len(text); short > 0 {
		head := make([]byte, min(short, l.written))
		got, _ := l.file.ReadAt(head, int64(l.written-len(head))) // a tail is only for show
		text = append(head[:got], text...)
	}
	var lines []string
	for line := range strings.Lines(string(text[max(0, len(text)-most):])) {
		if line = strings.TrimRight(line, " \t\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):]
}
