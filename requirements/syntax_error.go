package requirements

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says where a requirement or marker stops making sense. Its Msg
// and span are those of packaging 26.3, so that messages can be looked up.
type SyntaxError struct {
	// Input is the whole text that was parsed.
	Input string
	// Offset and Length are the span at fault in bytes of Input. A length of
	// 0 means the single place Offset, which may be the end.
	Offset, Length int
	// Msg is the complaint, as packaging words it where it has one.
	Msg string
	// Hint says what was probably meant; empty when that is unclear.
	Hint string
}

// Error returns the message followed by the two lines of Caret without the
// hint, the form in which pip prints it.
func (e *SyntaxError) Error() string {
	line, marker := e.lines()
	return e.Msg + "\n    " + line + "\n    " + marker
}

// Caret returns two indented lines: the input, and below it a caret that ends
// the faulty span, followed by the hint if there is one.
func (e *SyntaxError) Caret() string {
	line, marker := e.lines()
	if e.Hint != "" {
		marker += " " + e.Hint
	}
	return "    " + line + "\n    " + marker
}

// contextWidth is how many characters of a very long input are shown on
// either side of the span.
const contextWidth = 200

// lines renders the input and the marker under it, one column a character.
func (e *SyntaxError) lines() (line, marker string) {
	start := min(max(e.Offset, 0), len(e.Input))
	end := min(start+max(e.Length, 0), len(e.Input))
	before, span, after := e.Input[:start], e.Input[start:end], e.Input[end:]
	before = clip(before, true)
	span = clip(span, true)
	after = clip(after, false)
	line = oneLine(before) + oneLine(span) + oneLine(after)

	var b strings.Builder
	for _, r := range before {
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	for range utf8.RuneCountInString(span) {
		b.WriteByte('~')
	}
	b.WriteByte('^')
	return line, b.String()
}

// clip shortens s to contextWidth bytes, at its start or at its end.
func clip(s string, atStart bool) string {
	if len(s) <= contextWidth {
		return s
	}
	if atStart {
		cut := len(s) - contextWidth
		for cut < len(s) && !utf8.RuneStart(s[cut]) {
			cut++
		}
		return "…" + s[cut:]
	}
	cut := contextWidth
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// oneLine replaces what would break the alignment of the caret or reach the
// terminal as a command.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}
