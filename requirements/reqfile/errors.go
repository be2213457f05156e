package reqfile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is a requirement or a line that could not be read.
type Error struct {
	// File and Line say where; empty for the command line, and Line is 0 when
	// the whole file is meant.
	File string
	Line int
	// Msg is the complaint in pip's words.
	Msg string
	// Err is the cause, such as a *requirements.SyntaxError; may be nil.
	Err error
	// Hint is pip's guess at what was meant; may be empty.
	Hint string
}

// Error returns the message as pip prints it, over several lines if there is
// a caret or a hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Msg)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.File != "" && e.Line > 0 {
		fmt.Fprintf(&b, " (from line %d of %s)", e.Line, redact(e.File))
	}
	if e.Hint != "" {
		b.WriteString("\nHint: " + e.Hint)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// PylockError says that a file is, by its name, a lock file (PEP 751).
type PylockError struct {
	// File is the file's path or URL, Extras are those chosen behind it.
	File   string
	Extras []string
}

func (e *PylockError) Error() string {
	return fmt.Sprintf("%s is a lock file, not a requirement file", repr(redact(e.File)))
}

// redact masks the passwords of the URLs in a text, as pip does in messages:
// what stands alone before "@" is taken for one.
func redact(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("://")
		authority := rest
		if end := strings.IndexAny(rest, "/?# \t"); end >= 0 {
			authority = rest[:end]
		}
		text = rest[len(authority):]
		at := strings.LastIndexByte(authority, '@')
		if at < 0 {
			b.WriteString(authority)
			continue
		}
		if user, _, ok := strings.Cut(authority[:at], ":"); ok {
			b.WriteString(user + ":")
		}
		b.WriteString("****" + authority[at:])
	}
}

// maxShown is how much of a text a message shows, in bytes.
const maxShown = 1000

// shorten cuts off what would make a message unreadable.
func shorten(text string) string {
	if len(text) <= maxShown {
		return text
	}
	end := maxShown
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// repr quotes a string as Python's repr does, which pip's messages are full
// of.
func repr(s string) string {
	s = shorten(s)
	quote := '\''
	if strings.ContainsRune(s, '\'') && !strings.ContainsRune(s, '"') {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range s {
		switch {
		case r == quote || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(quote)
	return b.String()
}
