package requirements

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unquote returns the value of a Python string literal with its quotes, which
// holds no other quote of their kind. It reports false for what Python does
// not accept: a line end, a backslash that hides the closing quote, an
// incomplete escape. Neither does it accept \N{…}, which nobody has seen in a
// marker, nor a half of a surrogate pair, which no Go string can hold.
func unquote(s string) (string, bool) {
	body := s[1 : len(s)-1]
	if strings.ContainsAny(body, "\x00\n\r") {
		return "", false
	}
	next := strings.IndexByte(body, '\\')
	if next < 0 {
		return body, true
	}
	var b strings.Builder
	for next >= 0 {
		b.WriteString(body[:next])
		if next+1 == len(body) {
			return "", false
		}
		escape := body[next+1:]
		size, ok := unescape(&b, escape)
		if !ok {
			return "", false
		}
		body = escape[size:]
		next = strings.IndexByte(body, '\\')
	}
	b.WriteString(body)
	return b.String(), true
}

// unescape writes what the escape sequence means whose text behind the
// backslash begins s, and returns the length of that text. An unknown one
// means itself, with the backslash.
func unescape(b *strings.Builder, s string) (size int, ok bool) {
	const plain = `\'"abfnrtv`
	const means = "\\'\"\a\b\f\n\r\t\v"
	if i := strings.IndexByte(plain, s[0]); i >= 0 {
		b.WriteByte(means[i])
		return 1, true
	}
	switch c := s[0]; {
	case '0' <= c && c <= '7':
		size = 1
		for size < min(3, len(s)) && '0' <= s[size] && s[size] <= '7' {
			size++
		}
		return size, writeCode(b, s[:size], 8)
	case c == 'x':
		return hexEscape(b, s, 2)
	case c == 'u':
		return hexEscape(b, s, 4)
	case c == 'U':
		return hexEscape(b, s, 8)
	case c == 'N':
		return 0, false
	}
	b.WriteByte('\\')
	return 0, true
}

func hexEscape(b *strings.Builder, s string, digits int) (size int, ok bool) {
	if len(s) <= digits {
		return 0, false
	}
	return digits + 1, writeCode(b, s[1:digits+1], 16)
}

func writeCode(b *strings.Builder, digits string, base int) bool {
	code, err := strconv.ParseUint(digits, base, 32)
	if err != nil || code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
		return false
	}
	b.WriteRune(rune(code))
	return true
}
