package pep440

import (
	"strconv"
	"strings"
	"unicode/utf8"

	module "github.com/aquasecurity/go-pep440-version"
)

// parseAnySpelling is Parse for what scanPacked does not take: the spellings
// that PEP 440 normalises away, and versions that do not fit the packed form.
//
// The normal form comes from go-pep440-version, which knows the aliases, the
// optional separators and the implied numbers. It is asked about nothing but
// that, and only in the terms that it answers as packaging does:
//
//   - white space around the version is Python's, cut off here first;
//   - text outside ASCII is refused here, since its pattern folds letters such
//     as the long s and the Kelvin sign into ASCII;
//   - the local label is normalised here, since it keeps the separators - and _
//     and leading zeros;
//   - numbers too large for 64 bits go through it as stand-ins.
//
// The module's value is dropped once it has been printed: its Compare writes to
// memory that copies share.
func parseAnySpelling(s string) (Version, error) {
	if len(s) > MaxVersionLength {
		return Version{}, versionError(cutText(s), "longer than "+strconv.Itoa(MaxVersionLength)+" characters")
	}
	trimmed := trimSpace(s)
	if trimmed == "" {
		return Version{}, versionError(s, "it is empty")
	}
	for i := range len(trimmed) {
		if !isVersionByte(trimmed[i]) {
			r, _ := utf8.DecodeRuneInString(trimmed[i:])
			return Version{}, versionError(s, "a version has no "+strconv.QuoteRune(r)+" in it")
		}
	}
	public, label, hasLocal := strings.Cut(trimmed, "+")
	if hasLocal {
		var ok bool
		if label, ok = normalizeLocal(label); !ok {
			return Version{}, versionError(s, "a local label is letters and digits with single separators")
		}
	}
	text, err := normalizePublic(public)
	if err != nil {
		return Version{}, versionError(s, "it does not follow PEP 440")
	}
	if hasLocal {
		return Version{exact: readNormal(text + "+" + label)}, nil
	}
	if v, ok := scanPacked(text); ok {
		return v, nil
	}
	return Version{exact: readNormal(text)}, nil
}

// normalizePublic returns the normal form of a version without local label.
func normalizePublic(public string) (string, error) {
	if v, ok := scanPacked(public); ok {
		return v.String(), nil
	}
	replaced, large := replaceLargeNumbers(public)
	parsed, err := module.Parse(replaced)
	if err != nil {
		return "", err
	}
	return restoreLargeNumbers(parsed.String(), large), nil
}

func versionError(input, reason string) error {
	return &ParseError{Kind: "version", Input: input, Reason: reason}
}

// cutText shortens text that is over a limit, to be quoted in an error.
func cutText(s string) string {
	const keep = 64
	if len(s) <= keep {
		return s
	}
	return strings.ToValidUTF8(s[:keep], "") + "…"
}

func isVersionByte(c byte) bool {
	return isDigit(c) || c|0x20-'a' <= 'z'-'a' || c == '.' || c == '-' || c == '_' || c == '!' || c == '+'
}

// normalizeLocal returns a local label in lower case with dots between its
// segments and numbers without leading zeros; false when it is malformed.
func normalizeLocal(label string) (string, bool) {
	normal := make([]byte, 0, len(label))
	for start, end := 0, 0; ; start = end + 1 {
		for end = start; end < len(label) && !isSeparator(label[end]); end++ {
		}
		segment := strings.ToLower(label[start:end])
		if segment == "" || strings.ContainsAny(segment, "!+") {
			return "", false
		}
		if isDigits(segment) {
			segment = withoutLeadingZeros(segment)
		}
		normal = append(normal, segment...)
		if end == len(label) {
			return string(normal), true
		}
		normal = append(normal, '.')
	}
}

func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' }

func withoutLeadingZeros(digits string) string {
	if trimmed := strings.TrimLeft(digits, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}

// A stand-in is this text and one digit more, its place among the large numbers
// of the version; MaxVersionLength leaves no room for more than six. It fits 64
// bits, and every number with as many digits is replaced, so that one of that
// length in the module's answer is a stand-in.
const (
	standInStem   = "900000000000000000"
	standInDigits = len(standInStem) + 1
)

// replaceLargeNumbers puts stand-ins in place of the numbers of s that may not
// fit 64 bits, and returns those without leading zeros.
func replaceLargeNumbers(s string) (replaced string, large []string) {
	if len(s) < standInDigits {
		return s, nil
	}
	replaced = mapNumbers(s, func(digits string) string {
		digits = withoutLeadingZeros(digits)
		if len(digits) < standInDigits {
			return digits
		}
		large = append(large, digits)
		return standInStem + strconv.Itoa(len(large)-1)
	})
	return replaced, large
}

// restoreLargeNumbers puts the numbers that replaceLargeNumbers took out back.
func restoreLargeNumbers(s string, large []string) string {
	if len(large) == 0 {
		return s
	}
	return mapNumbers(s, func(digits string) string {
		if len(digits) < standInDigits {
			return digits
		}
		return large[digits[standInDigits-1]-'0']
	})
}

// mapNumbers returns s with every run of digits replaced by what change makes
// of it.
func mapNumbers(s string, change func(digits string) string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		if end > i {
			out.WriteString(change(s[i:end]))
			i = end
			continue
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

// trimSpace removes the white space that Python's str.strip and \s know, which
// is Unicode's and the four information separators.
func trimSpace(s string) string { return strings.TrimFunc(s, isSpace) }

func isSpace(r rune) bool {
	switch {
	case r == ' ', '\t' <= r && r <= '\r', 0x1c <= r && r <= 0x1f, r == 0x85, r == 0xa0:
		return true
	case r < 0x1680:
		return false
	}
	return r == 0x1680 || 0x2000 <= r && r <= 0x200a || r == 0x2028 || r == 0x2029 ||
		r == 0x202f || r == 0x205f || r == 0x3000
}
