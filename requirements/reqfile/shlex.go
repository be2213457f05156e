package reqfile

import (
	"errors"
	"strings"
)

// splitWords splits a command line as Python's shlex.split does: quotes of
// both kinds, a backslash outside of quotes before any character, and inside
// double quotes before a double quote or a backslash.
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case '\\':
			if i++; i == len(s) {
				return nil, errors.New("no escaped character")
			}
			word.WriteByte(s[i])
			inWord = true
		case '\'', '"':
			quoted, size, ok := unquoteWord(s[i:])
			if !ok {
				return nil, errors.New("no closing quotation")
			}
			word.WriteString(quoted)
			i += size - 1
			inWord = true
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// unquoteWord returns what the quoted text means that s begins with, and its
// length with the quotes.
func unquoteWord(s string) (text string, size int, ok bool) {
	quote := s[0]
	if quote == '\'' {
		end := strings.IndexByte(s[1:], quote)
		if end < 0 {
			return "", 0, false
		}
		return s[1 : end+1], end + 2, true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case quote:
			return b.String(), i + 1, true
		case '\\':
			if i+1 < len(s) && (s[i+1] == quote || s[i+1] == '\\') {
				i++
			}
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}
