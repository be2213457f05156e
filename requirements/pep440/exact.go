package pep440

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// exact is a version that the packed form has no room for. It is immutable
// and shared between copies.
type exact struct {
	parts
	text string // normalised spelling
}

// parts is a version taken apart.
type parts struct {
	epoch   number
	release []number
	pre     preRank // preAlpha, preBeta, preRC or preNone
	preNum  number
	hasPost bool
	post    number
	hasDev  bool
	dev     number
	local   []string // normalised; a segment of digits alone is a number

	// Of cuts only (cut.go): allPosts stands for a post number above all,
	// after for the place just behind the version.
	allPosts, after bool
}

// number is a non-negative integer of any size. big is its decimal spelling
// when it does not fit 64 bits, else "".
type number struct {
	n   uint64
	big string
}

func (n number) isZero() bool            { return n == number{} }
func (n number) below(limit uint64) bool { return n.big == "" && n.n < limit }
func (n number) append(text []byte) []byte {
	if n.big != "" {
		return append(text, n.big...)
	}
	return strconv.AppendUint(text, n.n, 10)
}

// saturated is n as 64 bits, math.MaxUint64 for what does not fit.
func (n number) saturated() uint64 {
	if n.big != "" {
		return math.MaxUint64
	}
	return n.n
}

// parseNumber reads a run of digits.
func parseNumber(digits string) number {
	if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
		return number{n: n}
	}
	return number{big: strings.TrimLeft(digits, "0")}
}

func (n number) compare(m number) int {
	if n.big == "" && m.big == "" {
		return cmp.Compare(n.n, m.n)
	}
	return cmp.Or(cmp.Compare(len(n.big), len(m.big)), cmp.Compare(n.big, m.big))
}

// next returns n + 1.
func (n number) next() number {
	if n.big == "" && n.n+1 != 0 {
		return number{n: n.n + 1}
	}
	digits := n.append(nil)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return number{big: string(digits)}
		}
		digits[i] = '0'
	}
	return number{big: "1" + string(digits)}
}

// previous returns n - 1; n is not 0.
func (n number) previous() number {
	if n.big == "" {
		return number{n: n.n - 1}
	}
	digits := []byte(n.big)
	i := len(digits) - 1
	for ; digits[i] == '0'; i-- {
		digits[i] = '9'
	}
	digits[i]--
	return parseNumber(string(digits))
}

func trimZeros(release []number) []number {
	for len(release) > 1 && release[len(release)-1].isZero() {
		release = release[:len(release)-1]
	}
	return release
}

// rank is pre, or preDevOnly for a version with nothing but a dev segment.
func (p *parts) rank() preRank {
	if p.pre == preNone && p.hasDev && !p.hasPost && !p.allPosts {
		return preDevOnly
	}
	return p.pre
}

// version returns p as a Version, packed when it fits. Nothing of p is kept, so
// that the parts of a packed version never leave the stack.
func (p *parts) version() Version {
	if v, ok := p.pack(); ok {
		return v
	}
	e := readNormal(p.text())
	e.allPosts, e.after = p.allPosts, p.after
	return Version{exact: e}
}

// readNormal takes a version in normal form apart.
func readNormal(text string) *exact {
	rest, label, hasLocal := strings.Cut(text, "+")
	e := &exact{text: text, parts: parts{pre: preNone}}
	if hasLocal {
		e.local = strings.Split(label, ".")
	}
	take := func() number {
		end := 0
		for end < len(rest) && isDigit(rest[end]) {
			end++
		}
		n := parseNumber(rest[:end])
		rest = rest[end:]
		return n
	}
	cut := func(prefix string) (found bool) {
		rest, found = strings.CutPrefix(rest, prefix)
		return found
	}
	first := take()
	if cut("!") {
		e.epoch, first = first, take()
	}
	e.release = append(make([]number, 0, packedLength), first)
	for len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
		rest = rest[1:]
		e.release = append(e.release, take())
	}
	switch {
	case cut("a"):
		e.pre, e.preNum = preAlpha, take()
	case cut("b"):
		e.pre, e.preNum = preBeta, take()
	case cut("rc"):
		e.pre, e.preNum = preRC, take()
	}
	if cut(".post") {
		e.hasPost, e.post = true, take()
	}
	if cut(".dev") {
		e.hasDev, e.dev = true, take()
	}
	return e
}

// text is the normalised spelling. The marks of a cut are not in it.
func (p *parts) text() string {
	var buf [64]byte
	text := buf[:0]
	if !p.epoch.isZero() {
		text = append(p.epoch.append(text), '!')
	}
	text = appendRelease(text, p.release)
	switch p.pre {
	case preAlpha:
		text = p.preNum.append(append(text, 'a'))
	case preBeta:
		text = p.preNum.append(append(text, 'b'))
	case preRC:
		text = p.preNum.append(append(text, "rc"...))
	}
	if p.hasPost {
		text = p.post.append(append(text, ".post"...))
	}
	if p.hasDev {
		text = p.dev.append(append(text, ".dev"...))
	}
	for i, segment := range p.local {
		text = append(text, "+."[min(i, 1)])
		text = append(text, segment...)
	}
	return string(text)
}

func appendRelease(text []byte, release []number) []byte {
	for i, n := range release {
		if i > 0 {
			text = append(text, '.')
		}
		text = n.append(text)
	}
	return text
}

// compareExact is Compare for versions of which one at least is not packed.
func compareExact(v, w Version) int {
	if v.IsZero() || w.IsZero() {
		return cmp.Compare(boolRank(!v.IsZero()), boolRank(!w.IsZero()))
	}
	var vbuf, wbuf [packedLength]number
	p, q := v.parts(&vbuf), w.parts(&wbuf)
	if c := p.epoch.compare(q.epoch); c != 0 {
		return c
	}
	if c := compareRelease(p.release, q.release); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(p.rank(), q.rank()), p.preNum.compare(q.preNum)); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(p.postRank(), q.postRank()), p.post.compare(q.post)); c != 0 {
		return c
	}
	// No dev segment comes after every dev segment.
	if c := cmp.Or(cmp.Compare(boolRank(!p.hasDev), boolRank(!q.hasDev)), p.dev.compare(q.dev)); c != 0 {
		return c
	}
	if c := compareLocal(p.local, q.local); c != 0 {
		return c
	}
	return cmp.Compare(boolRank(p.after), boolRank(q.after))
}

func (p *parts) postRank() int {
	switch {
	case p.allPosts:
		return 2
	case p.hasPost:
		return 1
	}
	return 0
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compareRelease(a, b []number) int {
	for i := range max(len(a), len(b)) {
		var n, m number
		if i < len(a) {
			n = a[i]
		}
		if i < len(b) {
			m = b[i]
		}
		if c := n.compare(m); c != 0 {
			return c
		}
	}
	return 0
}

// compareLocal orders local labels: none before any, then segment by segment,
// text before numbers, a label before its longer continuations.
func compareLocal(a, b []string) int {
	for i := range min(len(a), len(b)) {
		n, m := isDigits(a[i]), isDigits(b[i])
		c := cmp.Compare(boolRank(n), boolRank(m))
		if c == 0 && n {
			c = cmp.Compare(len(a[i]), len(b[i])) // no leading zeros here
		}
		if c = cmp.Or(c, cmp.Compare(a[i], b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return c-'0' <= 9 }
