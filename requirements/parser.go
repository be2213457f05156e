package requirements

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xpip/xpip/requirements/pep440"
)

const (
	// maxLength bounds the text of one requirement or marker, in bytes.
	maxLength = 1 << 16
	// maxDepth bounds the nesting of parentheses in a marker.
	maxDepth = 64
)

// Parse reads a dependency specifier. Errors are *SyntaxError.
//
// A marker that names an undefined variable is accepted here, see
// Marker.Validate.
func Parse(s string) (Requirement, error) {
	p, err := newParser(s)
	if err != nil {
		return Requirement{}, err
	}
	r, err := p.requirement()
	if err != nil {
		return Requirement{}, err
	}
	return r, nil
}

// ParseMarker reads a marker on its own. Errors are *SyntaxError. As in Parse,
// undefined variables are accepted.
func ParseMarker(s string) (Marker, error) {
	p, err := newParser(s)
	if err != nil {
		return Marker{}, err
	}
	terms, err := p.marker()
	if err == nil && p.pos < len(p.src) {
		err = p.unread("Expected end of marker expression")
	}
	if err != nil {
		return Marker{}, p.first(err)
	}
	return p.finish(terms), nil
}

// parser walks over one specifier. Its methods return *SyntaxError, never a
// typed nil in an error.
type parser struct {
	src       string
	pos       int
	depth     int
	variables variableSet
	undefined *SyntaxError
}

func newParser(s string) (*parser, error) {
	p := &parser{src: s}
	if len(s) > maxLength {
		return nil, p.fail(fmt.Sprintf("Longer than %d bytes", maxLength), maxLength, maxLength)
	}
	if !utf8.ValidString(s) {
		bad := 0
		for bad < len(s) {
			r, size := utf8.DecodeRuneInString(s[bad:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			bad += size
		}
		return nil, p.fail("Not valid UTF-8", bad, bad+1)
	}
	return p, nil
}

// fail makes the error for the bytes from start to end.
func (p *parser) fail(msg string, start, end int) *SyntaxError {
	return &SyntaxError{Input: p.src, Offset: start, Length: end - start, Msg: msg}
}

// unread makes the error for text behind a complete marker.
func (p *parser) unread(msg string) *SyntaxError {
	err := p.fail(msg, p.pos, p.pos)
	err.Hint = hintJoin(p.src[p.pos:])
	return err
}

// first prefers the undefined variable that was passed to an error behind it:
// whoever writes a word where a variable belongs is not helped by hearing of
// the operator that is missing after it.
func (p *parser) first(err error) error {
	if p.undefined != nil {
		return p.undefined
	}
	return err
}

// finish makes a Marker of the terms that were read.
func (p *parser) finish(terms []term) Marker {
	if len(terms) == 1 && terms[0].group != nil {
		terms = terms[0].group
	}
	return Marker{&expression{terms: terms, variables: p.variables, undefined: p.undefined}}
}

func (p *parser) requirement() (r Requirement, err error) {
	p.space()
	start := p.pos
	if r.Name = p.identifier(); r.Name == "" {
		err := p.fail("Expected package name at the start of dependency specifier", p.pos, p.pos)
		err.Hint = hintName(p.src[start:])
		return r, err
	}
	p.space()
	if r.Extras, err = p.extras(); err != nil {
		return r, err
	}
	p.space()
	if p.peek() == '@' {
		err = p.direct(&r)
		return r, err
	}
	start = p.pos
	from, specifiers, err := p.specifiers()
	if err != nil {
		return r, err
	}
	p.space()
	if p.pos < len(p.src) {
		expected := "semicolon (after name with no version specifier)"
		if specifiers != "" {
			expected = "comma (within version specifier), semicolon (after version specifier)"
		}
		if r.Marker, err = p.requirementMarker(start, expected); err != nil {
			return r, err
		}
	}
	if specifiers == "" {
		return r, nil
	}
	if r.Specifiers, err = pep440.ParseSpecifiers(specifiers); err != nil {
		return r, p.badSpecifier(from, from+len(specifiers))
	}
	return r, nil
}

// badSpecifier makes the error for the first clause that is none, though each
// looked like one: "===a,b" is two, the second being "b".
func (p *parser) badSpecifier(start, end int) *SyntaxError {
	for from := start; from < end; {
		to := end
		if comma := strings.IndexByte(p.src[from:end], ','); comma >= 0 {
			to = from + comma
		}
		clause := strings.TrimFunc(p.src[from:to], isSpace)
		if _, err := pep440.ParseSpecifiers(clause); err != nil {
			return p.fail(fmt.Sprintf("Invalid specifier: '%s'", clause), from, to)
		}
		from = to + 1
	}
	return p.fail("Invalid specifier", start, end)
}

// direct reads what follows the name in "name @ URL ; marker".
func (p *parser) direct(r *Requirement) (err error) {
	p.pos++
	p.space()
	start := p.pos
	for p.pos < len(p.src) && !isBlank(p.src[p.pos]) {
		p.pos++
	}
	if p.pos == start {
		return p.fail("Expected URL after @", start, start)
	}
	r.URL = p.src[start:p.pos]
	p.space()
	if p.pos == len(p.src) {
		return nil
	}
	r.Marker, err = p.requirementMarker(start, "semicolon (after URL and whitespace)")
	return err
}

// requirementMarker reads "; marker" up to the end. start is where the part
// before it began.
func (p *parser) requirementMarker(start int, expected string) (Marker, error) {
	if p.peek() != ';' {
		err := p.fail("Expected "+expected+" or end", start, p.pos)
		err.Hint = hintSpecifier(p.src, start, p.pos)
		return Marker{}, err
	}
	p.pos++
	terms, err := p.marker()
	if err == nil && p.pos < len(p.src) {
		err = p.unread("Expected end of dependency specifier")
	}
	if err != nil {
		return Marker{}, p.first(err)
	}
	return p.finish(terms), nil
}

// extras reads an optional list of extras in brackets.
func (p *parser) extras() ([]string, error) {
	if p.peek() != '[' {
		return nil, nil
	}
	open := p.pos
	p.pos++
	p.space()
	var extras []string
	for name := p.identifier(); name != ""; {
		extras = append(extras, NormalizeName(name))
		p.space()
		if p.peek() != ',' {
			if p.identifierEnd() > p.pos {
				return nil, p.fail("Expected comma between extra names", p.pos, p.pos)
			}
			break
		}
		p.pos++
		p.space()
		if name = p.identifier(); name == "" {
			return nil, p.fail("Expected extra name after comma", p.pos, p.pos)
		}
	}
	p.space()
	if p.peek() != ']' {
		return nil, p.fail("Expected matching RIGHT_BRACKET for LEFT_BRACKET, after extras", open, p.pos)
	}
	p.pos++
	slices.Sort(extras)
	return slices.Compact(extras), nil
}

// specifiers returns the text of the version specifiers and where it begins,
// without the parentheses that may stand around it.
func (p *parser) specifiers() (start int, text string, err error) {
	open := -1
	if p.peek() == '(' {
		open = p.pos
		p.pos++
		p.space()
	}
	start = p.pos
	end := start
	for {
		from := p.pos
		if p.pos = scanSpecifier(p.src, p.pos); p.pos == from {
			break
		}
		end = p.pos
		if err := p.specifierTrail(from); err != nil {
			return start, "", err
		}
		p.space()
		if p.peek() != ',' {
			break
		}
		p.pos++
		end = p.pos
		p.space()
	}
	if open < 0 {
		return start, p.src[start:end], nil
	}
	p.space()
	if p.peek() != ')' {
		return start, "", p.fail("Expected matching RIGHT_PARENTHESIS for LEFT_PARENTHESIS, after version specifier", open, p.pos)
	}
	p.pos++
	return start, p.src[start:end], nil
}

// specifierTrail refuses a wildcard or a local label where the clause that
// began at from cannot have one.
func (p *parser) specifierTrail(from int) error {
	clause, rest := p.src[from:p.pos], p.src[p.pos:]
	if len(rest) >= 2 && rest[0] == '.' && rest[1] == '*' {
		msg := ".* suffix can only be used with `==` or `!=` operators"
		if clause[:2] == "!=" || clause[:2] == "==" && (len(clause) < 3 || clause[2] != '=') {
			msg = ".* suffix cannot be used with pre-release, post-release, dev or local versions"
		}
		return p.fail(msg, from, p.pos+1)
	}
	if len(rest) >= 2 && rest[0] == '+' && ('a' <= rest[1] && rest[1] <= 'z' || isDigit(rest[1])) {
		return p.fail("Local version label can only be used with `==` or `!=` operators", from, p.pos)
	}
	return nil
}

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

// space skips blanks; line ends are none.
func (p *parser) space() {
	for p.pos < len(p.src) && isBlank(p.src[p.pos]) {
		p.pos++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// identifier reads the name of a project or an extra, "" if there is none.
func (p *parser) identifier() string {
	start := p.pos
	p.pos = p.identifierEnd()
	return p.src[start:p.pos]
}

// identifierEnd returns where the identifier ends that starts here. It ends
// at a word boundary, which leaves out "." and "-" at its end but not "_".
func (p *parser) identifierEnd() int {
	s := p.src
	if p.pos == len(s) || !isAlphanumeric(s[p.pos]) || p.wordBefore() {
		return p.pos
	}
	end := p.pos + 1
	for end < len(s) && isNameByte(s[end]) {
		end++
	}
	for ; end > p.pos; end-- {
		if isWordByte(s[end-1]) != wordAt(s, end) {
			break
		}
	}
	return end
}

// wordBefore reports whether the character before the position belongs to a
// word, so that no word can begin here.
func (p *parser) wordBefore() bool {
	if p.pos == 0 {
		return false
	}
	if c := p.src[p.pos-1]; c < utf8.RuneSelf {
		return isWordByte(c)
	}
	r, _ := utf8.DecodeLastRuneInString(p.src[:p.pos])
	return isWord(r)
}

func isWordByte(c byte) bool { return isAlphanumeric(c) || c == '_' }

// wordAt reports whether a character of a word, as Python's \w has it, is at
// s[i].
func wordAt(s string, i int) bool {
	if i >= len(s) {
		return false
	}
	if s[i] < utf8.RuneSelf {
		return isWordByte(s[i])
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return isWord(r)
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_'
}
