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
	var local []string
	if hasLocal {
		var ok bool
		if local, ok = normalizeLocal(label); !ok {
			return Version{}, versionError(s, "a local label is letters and digits with single separators")
		}
	}
	public, large := replaceLargeNumbers(public)
	parsed, err := module.Parse(public)
	if err != nil {
		return Version{}, versionError(s, "it does not follow PEP 440")
	}
	p := readCanonical(parsed.String(), large)
	p.local = local
	return p.version(), nil
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
	return c-'0' <= 9 || c|0x20-'a' <= 'z'-'a' || c == '.' || c == '-' || c == '_' || c == '!' || c == '+'
}

// normalizeLocal splits a local label into lower-case segments, numbers without
// leading zeros. It is false when the label is malformed.
func normalizeLocal(label string) ([]string, bool) {
	segments := strings.FieldsFunc(strings.ToLower(label), func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	length := len(segments) - 1 // of the separators
	for i, segment := range segments {
		length += len(segment)
		if strings.ContainsAny(segment, "!+") {
			return nil, false
		}
		if isDigits(segment) {
			segments[i] = withoutLeadingZeros(segment)
		}
	}
	// Fields were lost where separators met or stood at an end.
	return segments, len(segments) > 0 && length == len(label)
}

func withoutLeadingZeros(digits string) string {
	if trimmed := strings.TrimLeft(digits, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}

// standInBase is the first of the numbers that stand for larger ones. Every run
// of standInDigits digits or more is replaced, so that a number of this length
// in the module's answer is a stand-in.
const (
	standInBase   = 9_000_000_000_000_000_000
	standInDigits = 19
)

// replaceLargeNumbers puts stand-ins that fit 64 bits in place of the numbers
// of s that may not, and returns those, without leading zeros, in the order of
// their stand-ins.
func replaceLargeNumbers(s string) (replaced string, large []string) {
	if len(s) < standInDigits {
		return s, nil
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && s[end]-'0' <= 9 {
			end++
		}
		if end == i {
			out.WriteByte(s[i])
			i++
			continue
		}
		digits := withoutLeadingZeros(s[i:end])
		if len(digits) >= standInDigits {
			large = append(large, digits)
			digits = strconv.FormatUint(standInBase+uint64(len(large)-1), 10)
		}
		out.WriteString(digits)
		i = end
	}
	return out.String(), large
}

// readCanonical takes apart a public version in normal form; large are the
// numbers that its stand-ins stand for.
func readCanonical(s string, large []string) parts {
	p := parts{pre: preNone}
	take := func() (n number) {
		end := 0
		for end < len(s) && s[end]-'0' <= 9 {
			end++
		}
		n = parseNumber(s[:end])
		if end == standInDigits {
			n = parseNumber(large[n.n-standInBase])
		}
		s = s[end:]
		return n
	}
	cut := func(prefix string) (found bool) {
		s, found = strings.CutPrefix(s, prefix)
		return found
	}
	first := take()
	if cut("!") {
		p.epoch, first = first, take()
	}
	p.release = append(make([]number, 0, packedLength), first)
	for len(s) > 1 && s[0] == '.' && s[1]-'0' <= 9 {
		s = s[1:]
		p.release = append(p.release, take())
	}
	switch {
	case cut("a"):
		p.pre, p.preNum = preAlpha, take()
	case cut("b"):
		p.pre, p.preNum = preBeta, take()
	case cut("rc"):
		p.pre, p.preNum = preRC, take()
	}
	if cut(".post") {
		p.hasPost, p.post = true, take()
	}
	if cut(".dev") {
		p.hasDev, p.dev = true, take()
	}
	return p
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
