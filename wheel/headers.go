package wheel

import (
	"strings"
	"unicode/utf8"
)

// field is one header of METADATA or WHEEL.
type field struct{ name, value string }

// parseHeaders reads headers as Python's email.parser does in its lenient
// default policy, since that is what defines the format in practice: a line that
// starts with white space continues the one before, the first line that is
// neither ends the headers, and what follows the blank line is the body. ok is
// false if the text is not UTF-8. rest is the offset of the body.
func parseHeaders(raw []byte) (fields []field, rest int, ok bool) {
	end, body := headerEnd(raw)
	if !utf8.Valid(raw[:end]) {
		return nil, 0, false
	}
	text := string(raw[:end])
	fields = make([]field, 0, 32)
	for pos := 0; pos < len(text); {
		next := pos + lineLength(text[pos:])
		name, _, found := strings.Cut(text[pos:next], ":")
		if !found || name == "" || isBlank(text[pos]) || strings.HasPrefix(text[pos:next], "From ") {
			pos = next // a nameless line, an envelope line, or a stray continuation
			continue
		}
		start := pos + len(name) + 1
		for next < len(text) && isBlank(text[next]) {
			next += lineLength(text[next:])
		}
		value := strings.TrimRight(strings.TrimLeft(text[start:next], " \t"), "\r\n")
		fields = append(fields, field{name, dedent(value)})
		pos = next
	}
	return fields, body, true
}

// headerEnd finds where the headers end and where the body starts, which are
// apart by the blank line if there is one.
func headerEnd(raw []byte) (end, body int) {
	pos := 0
	for pos < len(raw) {
		line := raw[pos : pos+lineLength(raw[pos:])]
		if !isHeaderLine(line) {
			if line[0] == '\n' || line[0] == '\r' {
				return pos, pos + len(line)
			}
			return pos, pos
		}
		pos += len(line)
	}
	return pos, pos
}

func isHeaderLine(line []byte) bool {
	if isBlank(line[0]) {
		return true
	}
	for i, c := range line {
		switch {
		case c == ':':
			return true
		case c <= ' ' || c > '~':
			return c == ' ' && string(line[:i]) == "From"
		}
	}
	return false
}

// lineLength returns the length of the first line of s with its line end: LF,
// CR LF or CR.
func lineLength[T string | []byte](s T) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\n':
			return i + 1
		case '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				return i + 2
			}
			return i + 1
		}
	}
	return len(s)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// dedent undoes the indentation that folding gave to the lines of a value after
// its first, as importlib.metadata does: the first line counts as indented by
// eight columns, what is common to all lines goes.
func dedent(value string) string {
	if !strings.Contains(value, "\n") {
		return value
	}
	lines := strings.Split("        "+value, "\n")
	margin, seen := "", false
	for i, line := range lines {
		text := strings.TrimLeft(line, " \t")
		if text == "" {
			lines[i] = ""
			continue
		}
		indent := line[:len(line)-len(text)]
		if !seen {
			margin, seen = indent, true
		}
		n := 0
		for n < len(margin) && n < len(indent) && margin[n] == indent[n] {
			n++
		}
		margin = margin[:n]
	}
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, margin)
	}
	return strings.Join(lines, "\n")
}
