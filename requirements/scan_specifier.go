package requirements

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanSpecifier returns where the version clause ends that starts at s[i], or
// i if there is none. What counts as a clause is packaging's pattern: which
// parts a version can have depends on the operator.
func scanSpecifier(s string, i int) int {
	start := i
	rest := s[i:]
	if strings.HasPrefix(rest, "===") {
		i = skipSpace(s, i+3)
		for i < len(s) && s[i] != ';' && s[i] != ')' {
			r, size := utf8.DecodeRuneInString(s[i:])
			if isSpace(r) {
				break
			}
			i += size
		}
		return i
	}
	if len(rest) < 2 {
		return start
	}
	var exact, compatible bool
	switch {
	case rest[:2] == "==" || rest[:2] == "!=":
		exact = true
		i += 2
	case rest[:2] == "~=":
		compatible = true
		i += 2
	case rest[:2] == "<=" || rest[:2] == ">=":
		i += 2
	case rest[0] == '<' || rest[0] == '>':
		i++
	default:
		return start
	}
	i, parts := scanRelease(s, skipSpace(s, i))
	if parts == 0 || compatible && parts < 2 {
		return start
	}
	if exact && strings.HasPrefix(s[i:], ".*") {
		return i + 2
	}
	i = scanPre(s, i)
	i = scanPost(s, i)
	i = scanDev(s, i)
	if exact {
		i = scanLocal(s, i)
	}
	return i
}

// scanRelease passes an optional "v", an optional epoch and the release, and
// returns its number of parts, 0 if there is no release.
func scanRelease(s string, i int) (end, parts int) {
	if i < len(s) && (s[i] == 'v' || s[i] == 'V') {
		i++
	}
	digits := skipDigits(s, i)
	if digits == i {
		return i, 0
	}
	if digits < len(s) && s[digits] == '!' {
		if release := skipDigits(s, digits+1); release > digits+1 {
			digits = release
		}
	}
	i, parts = digits, 1
	for i < len(s) && s[i] == '.' {
		next := skipDigits(s, i+1)
		if next == i+1 {
			break
		}
		i = next
		parts++
	}
	return i, parts
}

func scanPre(s string, i int) int {
	if end, ok := scanWord(s, skipSeparator(s, i), "alpha", "beta", "preview", "pre", "a", "b", "c", "rc"); ok {
		return skipDigits(s, skipSeparator(s, end))
	}
	return i
}

func scanPost(s string, i int) int {
	if i < len(s) && s[i] == '-' {
		if end := skipDigits(s, i+1); end > i+1 {
			return end
		}
	}
	if end, ok := scanWord(s, skipSeparator(s, i), "post", "rev", "r"); ok {
		return skipDigits(s, skipSeparator(s, end))
	}
	return i
}

func scanDev(s string, i int) int {
	if end, ok := scanWord(s, skipSeparator(s, i), "dev"); ok {
		return skipDigits(s, skipSeparator(s, end))
	}
	return i
}

func scanLocal(s string, i int) int {
	if i >= len(s) || s[i] != '+' {
		return i
	}
	end := skipAlphanumeric(s, i+1)
	if end == i+1 {
		return i
	}
	for {
		next := skipSeparator(s, end)
		last := skipAlphanumeric(s, next)
		if next == end || last == next {
			return end
		}
		end = last
	}
}

// scanWord passes the first of the words, in any case, that s has at i.
func scanWord(s string, i int, words ...string) (end int, ok bool) {
	for _, w := range words {
		if len(s)-i >= len(w) && strings.EqualFold(s[i:i+len(w)], w) {
			return i + len(w), true
		}
	}
	return i, false
}

func skipSeparator(s string, i int) int {
	if i < len(s) && (s[i] == '-' || s[i] == '_' || s[i] == '.') {
		i++
	}
	return i
}

func skipDigits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

func skipAlphanumeric(s string, i int) int {
	for i < len(s) && isAlphanumeric(s[i]) {
		i++
	}
	return i
}

// skipSpace passes white space as Python's \s has it.
func skipSpace(s string, i int) int {
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isSpace(r) {
			break
		}
		i += size
	}
	return i
}

// isSpace is unicode.IsSpace with the four ASCII separators that Python
// counts among white space.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}
