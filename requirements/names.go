package requirements

import "strings"

// NormalizeName returns the name under which a project or an extra is known
// to indexes (PEP 503, PEP 685): lower case, every run of "-", "_" and "." one
// "-".
func NormalizeName(s string) string {
	if isNormalized(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	separator := false
	for _, r := range strings.ToLower(s) {
		if r == '-' || r == '_' || r == '.' {
			separator = true
			continue
		}
		if separator {
			b.WriteByte('-')
			separator = false
		}
		b.WriteRune(r)
	}
	if separator {
		b.WriteByte('-')
	}
	return b.String()
}

// isNormalized reports whether NormalizeName would return s unchanged; it may
// answer false for text outside ASCII.
func isNormalized(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case c == '-' && (i == 0 || s[i-1] != '-'):
		default:
			return false
		}
	}
	return true
}

// ValidName reports whether s can name a project or an extra (core metadata
// specification, Name): ASCII letters and digits, with ".", "-" and "_" inside.
func ValidName(s string) bool {
	if s == "" || !isAlphanumeric(s[0]) || !isAlphanumeric(s[len(s)-1]) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNameByte(c byte) bool {
	return isAlphanumeric(c) || c == '.' || c == '-' || c == '_'
}
