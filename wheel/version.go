package wheel

import "strings"

// maxVersion bounds a version, which is compared and printed everywhere.
const maxVersion = 128

// canonicalVersion returns the normalised spelling of s (PEP 440, appendix on
// normalisation) with trailing zeros of the release dropped, so that equal
// versions have equal texts; ok is false if s is no version. File names ask no
// more of versions than this: is it one, and are these two the same.
func canonicalVersion(s string) (version string, ok bool) {
	p := versionScanner{keep: true}
	ok = p.scan(s)
	return string(p.out), ok
}

// validVersion reports whether s is a version.
func validVersion(s string) bool {
	if isPlainRelease(s) {
		return true // as nearly all are
	}
	var p versionScanner
	return p.scan(s)
}

// isPlainRelease reports whether s is numbers with dots between them.
func isPlainRelease(s string) bool {
	digit := false
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digit = true
		case c == '.' && digit:
			digit = false
		default:
			return false
		}
	}
	return digit && len(s) <= maxVersion
}

// sameVersion reports whether two spellings mean the same version.
func sameVersion(a, b string) bool {
	if a == b {
		return true
	}
	ca, okA := canonicalVersion(a)
	cb, okB := canonicalVersion(b)
	return okA && okB && ca == cb
}

// versionScanner reads a version and, if it is to keep it, writes its normalised
// spelling.
type versionScanner struct {
	rest string
	keep bool
	out  []byte
}

func (p *versionScanner) emit(s string) {
	if p.keep {
		p.out = append(p.out, s...)
	}
}

func (p *versionScanner) scan(s string) bool {
	if len(s) > maxVersion {
		return false
	}
	p.rest = trimSpace(s)
	p.skipFold("v")
	return p.public() && (p.rest == "" || p.local())
}

func (p *versionScanner) public() bool {
	first, ok := p.number()
	if !ok {
		return false
	}
	if strings.HasPrefix(p.rest, "!") {
		p.rest = p.rest[1:]
		if first != "0" {
			p.emit(first)
			p.emit("!")
		}
		if first, ok = p.number(); !ok {
			return false
		}
	}
	p.release(first)
	p.pre()
	p.post()
	p.labelled("dev", "dev")
	return true
}

func (p *versionScanner) release(first string) {
	p.emit(first)
	end := len(p.out)
	for len(p.rest) > 1 && p.rest[0] == '.' && isDigit(p.rest[1]) {
		p.rest = p.rest[1:]
		n, _ := p.number()
		p.emit(".")
		p.emit(n)
		if n != "0" {
			end = len(p.out)
		}
	}
	p.out = p.out[:end]
}

func (p *versionScanner) pre() {
	for _, l := range [...][2]string{{"alpha", "a"}, {"beta", "b"}, {"preview", "rc"}, {"pre", "rc"}, {"rc", "rc"}, {"a", "a"}, {"b", "b"}, {"c", "rc"}} {
		if p.labelled(l[0], l[1]) {
			return
		}
	}
}

func (p *versionScanner) post() {
	if len(p.rest) > 1 && p.rest[0] == '-' && isDigit(p.rest[1]) {
		p.rest = p.rest[1:]
		n, _ := p.number()
		p.emit(".post")
		p.emit(n)
		return
	}
	for _, l := range [...]string{"post", "rev", "r"} {
		if p.labelled(l, "post") {
			return
		}
	}
}

// labelled reads an optional separator, the label, an optional separator and an
// optional number, whose absence means 0.
func (p *versionScanner) labelled(label, canonical string) bool {
	saved := p.rest
	p.separator()
	if !p.skipFold(label) {
		p.rest = saved
		return false
	}
	p.separator()
	n, ok := p.number()
	if !ok {
		n = "0"
	}
	if canonical == "post" || canonical == "dev" {
		p.emit(".")
	}
	p.emit(canonical)
	p.emit(n)
	return true
}

// local reads the rest as a local version: segments of letters and digits.
func (p *versionScanner) local() bool {
	for lead := "+"; p.rest != ""; lead = "." {
		if c := p.rest[0]; lead == "+" && c != '+' || lead == "." && !isSeparator(c) {
			return false
		}
		p.rest = p.rest[1:]
		n := 0
		for n < len(p.rest) && isLowerOrDigit(lower(p.rest[n])) {
			n++
		}
		if n == 0 {
			return false
		}
		p.emit(lead)
		p.segment(p.rest[:n])
		p.rest = p.rest[n:]
	}
	return true
}

// segment appends one segment of a local version: a number without its leading
// zeros, or a word in lower case.
func (p *versionScanner) segment(s string) {
	digits := 0
	for digits < len(s) && isDigit(s[digits]) {
		digits++
	}
	if digits == len(s) {
		for len(s) > 1 && s[0] == '0' {
			s = s[1:]
		}
	}
	if p.keep {
		p.out = append(p.out, strings.ToLower(s)...)
	}
}

func (p *versionScanner) number() (string, bool) {
	n := 0
	for n < len(p.rest) && isDigit(p.rest[n]) {
		n++
	}
	digits := strings.TrimLeft(p.rest[:n], "0")
	if digits == "" && n > 0 {
		digits = "0"
	}
	p.rest = p.rest[n:]
	return digits, n > 0
}

func (p *versionScanner) separator() {
	if p.rest != "" && isSeparator(p.rest[0]) {
		p.rest = p.rest[1:]
	}
}

func (p *versionScanner) skipFold(label string) bool {
	if len(p.rest) < len(label) {
		return false
	}
	for i := 0; i < len(label); i++ {
		if lower(p.rest[i]) != label[i] {
			return false
		}
	}
	p.rest = p.rest[len(label):]
	return true
}

func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// trimSpace strips the white space that a version may be surrounded by.
func trimSpace(s string) string { return strings.Trim(s, " \t\n\r\f\v") }
