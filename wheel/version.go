package wheel

import "strings"

// maxVersion bounds a version, which is compared and printed everywhere.
const maxVersion = 128

// appendVersion appends the normalised spelling of s (PEP 440, appendix on
// normalisation) with trailing zeros of the release dropped, so that equal
// versions give equal bytes; ok is false if s is no version. File names ask no
// more of versions than this: is it one, and are these two the same.
func appendVersion(dst []byte, s string) (_ []byte, ok bool) {
	if len(s) > maxVersion {
		return dst, false
	}
	p := versionScanner{rest: trimSpace(s), out: dst}
	p.skipFold("v")
	ok = p.public() && (p.rest == "" || p.local())
	return p.out, ok
}

// sameVersion reports whether two spellings mean the same version. An
// underscore stands for any separator of a local version in file names
// (PEP 427), and reads as one here.
func sameVersion(a, b string) bool {
	if a == b {
		return true
	}
	ka, okA := appendVersion(nil, a)
	kb, okB := appendVersion(nil, b)
	return okA && okB && string(ka) == string(kb)
}

type versionScanner struct {
	rest string
	out  []byte
}

func (p *versionScanner) public() bool {
	first, ok := p.number()
	if !ok {
		return false
	}
	if strings.HasPrefix(p.rest, "!") {
		p.rest = p.rest[1:]
		if first != "0" {
			p.out = append(append(p.out, first...), '!')
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
	p.out = append(p.out, first...)
	end := len(p.out)
	for len(p.rest) > 1 && p.rest[0] == '.' && isDigit(p.rest[1]) {
		p.rest = p.rest[1:]
		n, _ := p.number()
		p.out = append(append(p.out, '.'), n...)
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
		p.out = append(append(p.out, ".post"...), n...)
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
		p.out = append(p.out, '.')
	}
	p.out = append(append(p.out, canonical...), n...)
	return true
}

func (p *versionScanner) local() bool {
	if p.rest[0] != '+' {
		return false
	}
	lead := byte('+')
	for segment := range strings.FieldsFuncSeq(p.rest[1:], isSeparator) {
		p.out = append(p.out, lead)
		lead = '.'
		if strings.Trim(segment, "0123456789") == "" {
			if segment = strings.TrimLeft(segment, "0"); segment == "" {
				segment = "0"
			}
		}
		for i := 0; i < len(segment); i++ {
			c := lower(segment[i])
			if !isLowerOrDigit(c) {
				return false
			}
			p.out = append(p.out, c)
		}
	}
	return localShape(p.rest[1:])
}

// localShape refuses empty segments, which FieldsFunc would hide.
func localShape(s string) bool {
	if s == "" || isSeparator(rune(s[0])) || isSeparator(rune(s[len(s)-1])) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if isSeparator(rune(s[i])) && isSeparator(rune(s[i-1])) {
			return false
		}
	}
	return true
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
	if p.rest != "" && isSeparator(rune(p.rest[0])) {
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

func isSeparator(r rune) bool { return r == '.' || r == '-' || r == '_' }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// trimSpace strips the white space that a version may be surrounded by.
func trimSpace(s string) string { return strings.Trim(s, " \t\n\r\f\v") }
