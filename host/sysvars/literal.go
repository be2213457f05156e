// Package sysvars reads the variables that a Python was built with, from the
// files in which it keeps them: a _sysconfigdata module, its twin in JSON, and
// the headers pyconfig.h and patchlevel.h. Nothing of them is executed, and the
// time that reading takes grows with their length alone.
package sysvars

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of what is read: real files have 1,200 variables in 150 kB.
const (
	MaxSize = 4 << 20 // bytes of a file
	maxVars = 20_000
)

// Vars are variables by name. A number is in decimal, True and False are "1"
// and "0"; None and what a program would have to compute are left out.
type Vars map[string]string

// SyntaxError says why a file cannot be understood.
type SyntaxError struct {
	Line int // from 1 on, 0 if no line is to blame
	Msg  string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Msg)
}

const tableName = "build_time_vars"

// ParseModule reads the dictionary that a _sysconfigdata module assigns to
// build_time_vars: string keys, and values that are numbers, strings (adjacent
// ones are one), True, False or None. A placeholder in an f-string, as Pyodide
// has them in paths, stays as it is written. What stands before and after the
// dictionary is not looked at. The error is a *SyntaxError.
func ParseModule(text []byte) (Vars, error) {
	if len(text) > MaxSize {
		return nil, &SyntaxError{Msg: fmt.Sprintf("more than %d bytes", MaxSize)}
	}
	at := findTable(text)
	if at < 0 {
		return nil, &SyntaxError{Msg: "nothing is assigned to " + tableName}
	}
	l := literal{text: text, at: at}
	return l.table()
}

// findTable finds the brace of the assignment, which begins a line; -1 if
// there is none.
func findTable(text []byte) int {
	for from := 0; from < len(text); {
		i := bytes.Index(text[from:], []byte(tableName))
		if i < 0 {
			return -1
		}
		start := from + i
		from = start + len(tableName)
		if start > 0 && text[start-1] != '\n' {
			continue
		}
		l := literal{text: text, at: from}
		l.blank()
		if l.take('=') {
			l.blank()
			if l.peek() == '{' {
				return l.at
			}
		}
	}
	return -1
}

// literal reads Python literals from left to right.
type literal struct {
	text []byte
	at   int
}

func (l *literal) fail(msg string) error {
	return &SyntaxError{Line: 1 + bytes.Count(l.text[:min(l.at, len(l.text))], []byte("\n")), Msg: msg}
}

// peek is the next byte, 0 at the end.
func (l *literal) peek() byte {
	if l.at < len(l.text) {
		return l.text[l.at]
	}
	return 0
}

func (l *literal) take(c byte) bool {
	if l.at < len(l.text) && l.text[l.at] == c {
		l.at++
		return true
	}
	return false
}

// blank skips white space, comments and continued lines, as within brackets.
func (l *literal) blank() {
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case c == ' ', c == '\t', c == '\r', c == '\n', c == '\f':
			l.at++
		case c == '\\' && l.at+1 < len(l.text) && (l.text[l.at+1] == '\n' || l.text[l.at+1] == '\r'):
			l.at += 2
		case c == '#':
			end := bytes.IndexByte(l.text[l.at:], '\n')
			if end < 0 {
				end = len(l.text) - l.at
			}
			l.at += end
		default:
			return
		}
	}
}

func (l *literal) table() (Vars, error) {
	vars := Vars{}
	l.take('{')
	for entries := 0; ; entries++ {
		l.blank()
		if l.take('}') {
			return vars, nil
		}
		if entries == maxVars {
			return nil, l.fail(fmt.Sprintf("more than %d variables", maxVars))
		}
		key, ok, err := l.str()
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, l.fail("the name of a variable is missing")
		}
		if l.blank(); !l.take(':') {
			return nil, l.fail("a colon is missing")
		}
		l.blank()
		value, known, err := l.value()
		if err != nil {
			return nil, err
		}
		delete(vars, key) // the last of equal keys counts
		if known {
			vars[key] = value
		}
		if l.blank(); !l.take(',') && l.peek() != '}' {
			return nil, l.fail("a comma is missing")
		}
	}
}

// value reads what stands behind a colon; known is false for None.
func (l *literal) value() (value string, known bool, err error) {
	for word, value := range map[string]string{"None": "", "True": "1", "False": "0"} {
		if bytes.HasPrefix(l.text[l.at:], []byte(word)) {
			l.at += len(word)
			return value, word != "None", nil
		}
	}
	if c := l.peek(); c == '-' || c >= '0' && c <= '9' {
		return l.number()
	}
	value, known, err = l.str()
	if err == nil && !known {
		err = l.fail("a value is neither a string nor a number")
	}
	return value, known, err
}

func (l *literal) number() (string, bool, error) {
	start := l.at
	l.take('-')
	for c := l.peek(); c >= '0' && c <= '9'; c = l.peek() {
		l.at++
	}
	n, err := strconv.ParseInt(string(l.text[start:min(l.at, start+24)]), 10, 64)
	if err != nil {
		return "", false, l.fail("a number is not of this machine's size")
	}
	return strconv.FormatInt(n, 10), true, nil
}

// str reads one or more adjacent strings; ok is false if there is none.
func (l *literal) str() (_ string, ok bool, err error) {
	var b strings.Builder
	for {
		start := l.at
		raw := false
		for prefix := 0; prefix < 2 && isPrefix(l.peek()); prefix++ {
			raw = raw || l.peek()|0x20 == 'r'
			l.at++
		}
		if c := l.peek(); c != '\'' && c != '"' {
			l.at = start
			return b.String(), ok, nil
		}
		if err := l.quoted(&b, raw); err != nil {
			return "", false, err
		}
		ok = true
		l.blank()
	}
}

func isPrefix(c byte) bool {
	switch c | 0x20 {
	case 'r', 'u', 'b', 'f':
		return true
	}
	return false
}

// quoted reads one string behind its prefix.
func (l *literal) quoted(b *strings.Builder, raw bool) error {
	quote := l.text[l.at : l.at+1]
	if len(l.text) >= l.at+3 && l.text[l.at+1] == quote[0] && l.text[l.at+2] == quote[0] {
		quote = l.text[l.at : l.at+3]
	}
	l.at += len(quote)
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		if bytes.HasPrefix(rest, quote) {
			l.at += len(quote)
			return nil
		}
		switch c := rest[0]; {
		case c == '\n' && len(quote) == 1:
			return l.fail("a string does not end on its line")
		case c == '\\' && raw && len(rest) > 1:
			b.Write(rest[:2])
			l.at += 2
		case c == '\\':
			if err := l.escape(b); err != nil {
				return err
			}
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	return l.fail("a string does not end")
}

var escapes = map[byte]string{
	'\\': `\`, '\'': "'", '"': `"`, 'n': "\n", 't': "\t", 'r': "\r",
	'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", '\n': "",
}

// escape reads a backslash and what it stands before. One that means nothing
// stays, as in Python.
func (l *literal) escape(b *strings.Builder) error {
	l.at++
	c := l.peek()
	l.at++
	if text, ok := escapes[c]; ok {
		b.WriteString(text)
		return nil
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits > 0 {
		if l.at+digits > len(l.text) {
			return l.fail("an escape sequence is cut short")
		}
		n, err := strconv.ParseUint(string(l.text[l.at:l.at+digits]), 16, 32)
		if err != nil || n > utf8.MaxRune {
			return l.fail("an escape sequence is no character")
		}
		l.at += digits
		b.WriteRune(rune(n))
		return nil
	}
	if c >= '0' && c <= '7' {
		n := rune(c - '0')
		for i := 0; i < 2 && l.peek() >= '0' && l.peek() <= '7'; i++ {
			n = 8*n + rune(l.peek()-'0')
			l.at++
		}
		b.WriteRune(n)
		return nil
	}
	b.WriteByte('\\')
	l.at-- // c is read again, as itself: it may be the end of the text
	return nil
}
