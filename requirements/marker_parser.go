package requirements

import (
	"fmt"
	"strings"
)

// marker reads terms joined by "and" and "or".
func (p *parser) marker() ([]term, error) {
	var terms []term
	or := false
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		t.or = or
		terms = append(terms, t)
		switch {
		case p.keyword("or"):
			or = true
		case p.keyword("and"):
			or = false
		default:
			return terms, nil
		}
	}
}

// term reads a comparison or a group and the blanks around it.
func (p *parser) term() (t term, err error) {
	p.space()
	if p.peek() != '(' {
		t.comparison, err = p.comparison()
		p.space()
		return t, err
	}
	if p.depth++; p.depth > maxDepth {
		return t, p.fail(fmt.Sprintf("Parentheses nested more than %d deep", maxDepth), p.pos, p.pos)
	}
	open := p.pos
	p.pos++
	group, err := p.marker()
	if err != nil {
		return t, err
	}
	if p.peek() != ')' {
		err := p.fail("Expected matching RIGHT_PARENTHESIS for LEFT_PARENTHESIS, after marker expression", open, p.pos)
		err.Hint = hintJoin(p.src[p.pos:])
		return t, err
	}
	p.pos++
	p.depth--
	p.space()
	if len(group) == 1 {
		return group[0], nil
	}
	return term{group: group}, nil
}

func (p *parser) comparison() (c comparison, err error) {
	if c.left, err = p.operand(); err != nil {
		return c, err
	}
	p.space()
	if c.op, err = p.operator(); err != nil {
		return c, err
	}
	p.space()
	right := p.pos
	if c.right, err = p.operand(); err != nil {
		return c, err
	}
	if p.undefined != nil && p.undefined.Offset == right && !c.left.literal {
		p.undefined.Hint = fmt.Sprintf("a value is quoted: %q", c.right.text)
	}
	c.normalizeExtra()
	if c.left.literal {
		p.variables.add(c.right.variable)
	} else {
		p.variables.add(c.left.variable)
	}
	return c, nil
}

// normalizeExtra brings the name of an extra or dependency group that a
// variable is compared with to the form that such names are compared in
// (PEP 685, PEP 735).
func (c *comparison) normalizeExtra() {
	if c.left.literal == c.right.literal {
		return
	}
	switch {
	case !c.left.literal && c.left.variable == extraVariable:
		c.right.text = NormalizeName(c.right.text)
	case !c.left.literal:
	case c.right.variable == extraVariable, c.right.variable == extrasVariable, c.right.variable == groupsVariable:
		c.left.text = NormalizeName(c.left.text)
	}
}

// operand reads a variable or a quoted text. The first undefined variable is
// noted and passed.
func (p *parser) operand() (operand, error) {
	if quote := p.peek(); quote == '"' || quote == '\'' {
		return p.literal(quote)
	}
	if v, end := p.scanVariable(); end > p.pos {
		p.pos = end
		return operand{text: variableNames[v], variable: v}, nil
	}
	err := p.fail("Expected a marker variable or quoted string", p.pos, p.pos)
	end := p.scanUndefined()
	if end == p.pos {
		err.Hint = hintOperand(p.src[p.pos:])
		return operand{}, err
	}
	name := p.src[p.pos:end]
	if p.undefined == nil {
		err.Hint = hintVariable(name)
		p.undefined = err
	}
	p.pos = end
	return operand{text: name, variable: undefinedVariable}, nil
}

// literal reads a Python string literal up to the next quote of its kind.
func (p *parser) literal(quote byte) (operand, error) {
	start := p.pos
	length := strings.IndexByte(p.src[start+1:], quote)
	if length < 0 {
		err := p.fail("Expected a marker variable or quoted string", start, start)
		err.Hint = "this quote is never closed"
		return operand{}, err
	}
	p.pos = start + length + 2
	text, ok := unquote(p.src[start:p.pos])
	if !ok {
		return operand{}, p.fail("Invalid quoted string", start, p.pos)
	}
	o := operand{text: text, literal: true, variable: undefinedVariable}
	// Only the names of today: a text is no place for deprecated spellings.
	if v := lookupVariable(text); v != undefinedVariable && variableNames[v] == text {
		o.variable = v
	}
	return o, nil
}

// scanVariable returns the variable that is named here and where its name
// ends, at a word boundary.
func (p *parser) scanVariable() (variable, int) {
	end := skipWord(p.src, p.pos)
	if end == p.pos || p.wordBefore() {
		return undefinedVariable, p.pos
	}
	if end < len(p.src) && p.src[end] == '.' {
		if dotted := skipWord(p.src, end+1); !wordAt(p.src, dotted) {
			if v := lookupVariable(p.src[p.pos:dotted]); v != undefinedVariable {
				return v, dotted
			}
		}
	}
	if !wordAt(p.src, end) {
		if v := lookupVariable(p.src[p.pos:end]); v != undefinedVariable {
			return v, end
		}
	}
	return undefinedVariable, p.pos
}

// scanUndefined returns where a word ends that stands in a variable's place
// and could be one: an identifier, dots allowed, no keyword.
func (p *parser) scanUndefined() int {
	s := p.src
	if p.pos == len(s) || isDigit(s[p.pos]) || p.wordBefore() {
		return p.pos
	}
	end := skipWord(s, p.pos)
	switch s[p.pos:end] {
	case "", "and", "or", "in", "not":
		return p.pos
	}
	for end+1 < len(s) && s[end] == '.' && isWordByte(s[end+1]) {
		end = skipWord(s, end+1)
	}
	if wordAt(s, end) {
		return p.pos
	}
	return end
}

func skipWord(s string, i int) int {
	for i < len(s) && isWordByte(s[i]) {
		i++
	}
	return i
}

// operator reads a comparison operator.
func (p *parser) operator() (operator, error) {
	if p.keyword("in") {
		return opIn, nil
	}
	if p.keyword("not") {
		if !isBlank(p.peek()) {
			return 0, p.fail("Expected whitespace after 'not'", p.pos, p.pos)
		}
		p.space()
		if !p.keyword("in") {
			return 0, p.fail("Expected 'in' after 'not'", p.pos, p.pos)
		}
		return opNotIn, nil
	}
	rest := p.src[p.pos:]
	for _, op := range [...]operator{opArbitrary, opEqual, opCompatible, opNotEqual, opLessEqual, opGreaterEqual, opLess, opGreater} {
		if strings.HasPrefix(rest, operatorTexts[op]) {
			p.pos += len(operatorTexts[op])
			return op, nil
		}
	}
	err := p.fail("Expected marker operator, one of <=, <, !=, ==, >=, >, ~=, ===, in, not in", p.pos, p.pos)
	err.Hint = hintOperator(rest)
	return 0, err
}

// keyword reads the word if it is next and stands alone.
func (p *parser) keyword(word string) bool {
	if !strings.HasPrefix(p.src[p.pos:], word) || wordAt(p.src, p.pos+len(word)) || p.wordBefore() {
		return false
	}
	p.pos += len(word)
	return true
}
