package requirements

import (
	"fmt"
	"strings"
)

// Marker is an environment marker, a condition on the environment under which
// a requirement counts. It is immutable; the zero Marker always holds.
type Marker struct {
	expression *expression
}

// expression is a parsed marker: terms joined by "and" and "or".
type expression struct {
	terms []term
	// variables are all that the terms ask for, groups included.
	variables variableSet
	// undefined is where packaging would have stopped: the first name of no
	// known variable.
	undefined *SyntaxError
}

// term is a comparison or a group in parentheses. "and" binds closer than
// "or"; the terms of a group stay in one list, as written.
type term struct {
	// or says that the term begins another alternative.
	or    bool
	group []term
	comparison
}

// comparison compares a variable with a text. The grammar also allows two
// variables and two texts; packaging reads the right one of two variables as
// a text, and the right one of two texts as a variable.
type comparison struct {
	left, right operand
	op          operator
}

// operand is one side of a comparison.
type operand struct {
	// text is a literal's value, or a variable's name in its present
	// spelling.
	text    string
	literal bool
	// variable is set for a literal, too, when its text names a variable.
	variable variable
}

type operator uint8

const (
	opLess operator = iota
	opLessEqual
	opNotEqual
	opEqual
	opGreaterEqual
	opGreater
	opCompatible
	opArbitrary
	opIn
	opNotIn
)

var operatorTexts = [...]string{"<", "<=", "!=", "==", ">=", ">", "~=", "===", "in", "not in"}

func (o operator) String() string { return operatorTexts[o] }

// IsZero reports whether m is the marker that always holds.
func (m Marker) IsZero() bool { return m.expression == nil }

// Validate returns a *SyntaxError when the marker names a variable that no
// specification defines. Such a marker can be parsed, because metadata may be
// newer than this program, but not decided; in what a user wrote it is a
// mistake.
func (m Marker) Validate() error {
	if m.expression == nil || m.expression.undefined == nil {
		return nil
	}
	return m.expression.undefined
}

// Variables returns the names of the variables that the marker asks for, in
// the order of PEP 508, then "extra", "extras" and "dependency_groups".
// Undefined ones are not among them.
func (m Marker) Variables() []string {
	var names []string
	for v, name := range variableNames {
		if m.expression != nil && m.expression.variables.has(variable(v)) {
			names = append(names, name)
		}
	}
	return names
}

// String returns the marker as packaging writes it: present spellings of the
// variables, double quotes, single spaces, and only the parentheses that
// change the meaning. A text that would not be read back the same (packaging
// lets it change) is written with escapes.
func (m Marker) String() string {
	if m.expression == nil {
		return ""
	}
	var b strings.Builder
	writeTerms(&b, m.expression.terms)
	return b.String()
}

func writeTerms(b *strings.Builder, terms []term) {
	for i, t := range terms {
		if i > 0 {
			if t.or {
				b.WriteString(" or ")
			} else {
				b.WriteString(" and ")
			}
		}
		if t.group == nil {
			t.write(b)
			continue
		}
		b.WriteByte('(')
		writeTerms(b, t.group)
		b.WriteByte(')')
	}
}

func (c comparison) String() string {
	var b strings.Builder
	c.write(&b)
	return b.String()
}

func (c comparison) write(b *strings.Builder) {
	c.left.write(b)
	b.WriteByte(' ')
	b.WriteString(c.op.String())
	b.WriteByte(' ')
	c.right.write(b)
}

func (o operand) write(b *strings.Builder) {
	if o.literal {
		b.WriteString(quoteValue(o.text))
	} else {
		b.WriteString(o.text)
	}
}

// quoteValue writes a text as a Python string literal that reads back as the
// same text.
func quoteValue(s string) string {
	quote := `"`
	if strings.Contains(s, quote) {
		quote = "'"
	}
	if !strings.Contains(s, quote) {
		if !strings.ContainsAny(s, "\\\x00\n\r") {
			return quote + s + quote
		}
		if value, ok := unquote(quote + s + quote); ok && value == s {
			return quote + s + quote
		}
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r < ' ' || r == '"':
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
