// Package ui is what a person sees of xpip: lines at a level of detail, colour
// and progress where there is a terminal, and the one place where errors become
// sentences (failure.go).
//
// As in pip, information goes to standard output, warnings and errors to
// standard error, each with its word at the start of the line.
package ui

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/term"
)

// Level is how much is said. The zero Level is pip's without -v and -q.
type Level int

// The levels, each one -v or -q away from the next.
const (
	Silent   Level = -3 // -qqq: only why the command failed
	Errors   Level = -2 // -qq
	Warnings Level = -1 // -q
	Normal   Level = 0
	Verbose  Level = 1 // -v
	Debug    Level = 2 // -vv
)

// Options says where a Printer writes and how.
type Options struct {
	Out, Err io.Writer
	Level    Level
	NoColor  bool      // also when NO_COLOR is set or TERM is dumb: the caller decides
	Log      io.Writer // receives every line at every level; nil for none
	Progress bool      // draw progress when Err is a terminal
	Raw      bool      // write progress to Out for programs instead, as pip's --progress-bar raw
}

// Printer writes for people. It is safe for concurrent use.
type Printer struct {
	mu       sync.Mutex
	out, err io.Writer
	log      io.Writer
	level    Level
	outColor bool
	errColor bool
	progress *progress // nil when Err is no terminal
}

// New returns a Printer for o.
func New(o Options) *Printer {
	p := &Printer{out: o.Out, err: o.Err, log: o.Log, level: o.Level}
	p.outColor = !o.NoColor && IsTerminal(o.Out)
	p.errColor = !o.NoColor && IsTerminal(o.Err)
	if o.Raw && o.Level >= Normal {
		p.progress = &progress{w: o.Out, raw: true}
		return p
	}
	if o.Progress && o.Level >= Normal && IsTerminal(o.Err) {
		p.progress = &progress{w: o.Err, width: terminalWidth(o.Err)}
	}
	return p
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 20 {
			return width
		}
	}
	return 80
}

// Level returns how much is said.
func (p *Printer) Level() Level { return p.level }

// Info says something that a user expects to read.
func (p *Printer) Info(format string, args ...any) { p.line(Normal, format, args...) }

// Detail says something that -v asks for.
func (p *Printer) Detail(format string, args ...any) { p.line(Verbose, format, args...) }

// Trace says something that -vv asks for.
func (p *Printer) Trace(format string, args ...any) { p.line(Debug, format, args...) }

// Result writes what a command was asked for (a list, JSON) whatever the level.
func (p *Printer) Result(text string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.clear()
	_, err := io.WriteString(p.out, text)
	return err
}

// Warn writes a warning: "WARNING: …".
func (p *Printer) Warn(format string, args ...any) {
	p.problem(Warnings, "WARNING: ", "\x1b[33m", fmt.Sprintf(format, args...))
}

// Error writes an error: "ERROR: …".
func (p *Printer) Error(format string, args ...any) {
	p.problem(Errors, "ERROR: ", "\x1b[31m", fmt.Sprintf(format, args...))
}

// Explain writes lines that belong to the error before them.
func (p *Printer) Explain(lines []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress.clear()
	for _, line := range lines {
		line = Escape(line)
		if p.log != nil {
			fmt.Fprintln(p.log, line)
		}
		if p.level >= Errors {
			fmt.Fprintln(p.err, line)
		}
	}
}

func (p *Printer) line(at Level, format string, args ...any) {
	text := Escape(fmt.Sprintf(format, args...))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.log != nil {
		fmt.Fprintln(p.log, text)
	}
	if p.level < at {
		return
	}
	p.progress.clear()
	fmt.Fprintln(p.out, text)
	p.progress.draw()
}

func (p *Printer) problem(at Level, word, color, text string) {
	text = word + Escape(text)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.log != nil {
		fmt.Fprintln(p.log, text)
	}
	if p.level < at {
		return
	}
	p.progress.clear()
	if p.errColor {
		text = color + text + "\x1b[0m"
	}
	fmt.Fprintln(p.err, text)
	p.progress.draw()
}

// Escape makes text from outside safe to show: control, format and private
// characters (with them every terminal sequence and bidirectional override)
// become U+FFFD; line ends and tabs stay.
func Escape(s string) string {
	unsafe := func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.Is(unicode.C, r)
	}
	if strings.IndexFunc(s, unsafe) < 0 {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		if unsafe(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// maxOneLine is how much is shown of a text that somebody else wrote, in characters.
const maxOneLine = 300

// OneLine makes one line of a text that somebody else wrote, so that it cannot
// pass for lines of ours, and shortens what is too long to be read.
func OneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s[:min(len(s), 4*maxOneLine)]); len(runes) > maxOneLine {
		return string(runes[:maxOneLine]) + "…"
	}
	return s
}

// Size renders a number of bytes as pip does: "4.9 MB", "812 kB", "90 bytes".
func Size(n int64) string {
	switch {
	case n > 1000*1000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n > 10*1000:
		return fmt.Sprintf("%d kB", n/1000)
	case n > 1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
