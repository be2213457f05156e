package crossfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const mesonFormat = "Meson machine file"

// Meson is a machine file of Meson, native or cross: sections of keys whose
// values are strings and lists of them. Values are computed when they are
// asked for, so that what is of no interest may be of any kind.
//
// Source: Meson's manual, "Cross and Native File reference".
type Meson struct {
	entries   map[mesonKey]mesonEntry
	constants map[string][]string
}

type mesonKey struct{ section, key string }

type mesonEntry struct {
	line int
	raw  string
}

// ParseMeson reads a machine file. Its errors are *SyntaxError.
func ParseMeson(text []byte) (*Meson, error) {
	if !utf8.Valid(text) {
		return nil, &SyntaxError{Format: mesonFormat, Msg: "it is not UTF-8"}
	}
	m := &Meson{entries: map[mesonKey]mesonEntry{}, constants: map[string][]string{}}
	section, number := "", 0
	var at mesonKey
	var constants []mesonKey
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		bare := strings.TrimSpace(line)
		switch entry, open := m.entries[at]; {
		case bare == "" || bare[0] == '#' || bare[0] == ';':
		case open && line[0] <= ' ': // goes on with the value above
			entry.raw += "\n" + bare
			m.entries[at] = entry
		case bare[0] == '[':
			name, rest, closed := strings.Cut(bare[1:], "]")
			if rest = strings.TrimSpace(rest); !closed || rest != "" && rest[0] != '#' {
				return nil, &SyntaxError{Format: mesonFormat, Line: number, Msg: "a section is named as in [host_machine]"}
			}
			section, at = strings.TrimSpace(name), mesonKey{}
		default:
			key, value, ok := strings.Cut(line, "=")
			if !ok || section == "" {
				return nil, &SyntaxError{Format: mesonFormat, Line: number, Msg: "neither a section nor a key with a value"}
			}
			if len(m.entries) == maxKeys {
				return nil, &SyntaxError{Format: mesonFormat, Line: number, Msg: fmt.Sprintf("more than %d keys", maxKeys)}
			}
			at = mesonKey{section, strings.TrimSpace(key)}
			m.entries[at] = mesonEntry{line: number, raw: strings.TrimSpace(value)}
			if section == "constants" {
				constants = append(constants, at)
			}
		}
	}
	// A constant can refer to those before it.
	for _, key := range constants {
		if value, err := m.value(key); err == nil {
			m.constants[key.key] = value
		}
	}
	return m, nil
}

// Text returns a value that is one string, number or truth; "" if the file
// does not have the key. Its errors are *SyntaxError.
func (m *Meson) Text(section, key string) (string, error) {
	values, err := m.List(section, key)
	if err == nil && len(values) > 1 {
		entry := m.entries[mesonKey{section, key}]
		err = &SyntaxError{Format: mesonFormat, Line: entry.line, Msg: key + " is a list"}
	}
	if err != nil || len(values) == 0 {
		return "", err
	}
	return values[0], nil
}

// List returns a value as a list, of which a string is a short one; nil if the
// file does not have the key. Its errors are *SyntaxError.
func (m *Meson) List(section, key string) ([]string, error) {
	return m.value(mesonKey{section, key})
}

// Keys returns the keys of a section in alphabetical order.
func (m *Meson) Keys(section string) []string {
	var keys []string
	for k := range m.entries {
		if k.section == section {
			keys = append(keys, k.key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (m *Meson) value(key mesonKey) ([]string, error) {
	entry, ok := m.entries[key]
	if !ok {
		return nil, nil
	}
	s := mesonScanner{rest: entry.raw, constants: m.constants}
	value, msg := s.expression(0)
	if s.skipBlank(); msg == "" && s.rest != "" {
		msg = "something follows the value of " + key.key
	}
	if msg != "" {
		return nil, &SyntaxError{Format: mesonFormat, Line: entry.line, Msg: msg}
	}
	return value.items, nil
}

// mesonValue is a list, or one item that stands alone.
type mesonValue struct {
	items []string
	list  bool
}

type mesonScanner struct {
	rest      string
	constants map[string][]string
	size      int
}

func (s *mesonScanner) skipBlank() {
	s.rest = strings.TrimLeft(s.rest, " \t\n")
	for strings.HasPrefix(s.rest, "#") {
		_, s.rest, _ = strings.Cut(s.rest, "\n")
		s.rest = strings.TrimLeft(s.rest, " \t\n")
	}
}

// expression reads operands joined by "+" and "/". The text says what is
// wrong, "" if nothing is.
func (s *mesonScanner) expression(depth int) (mesonValue, string) {
	value, msg := s.operand(depth)
	for msg == "" {
		s.skipBlank()
		if s.rest == "" || s.rest[0] != '+' && s.rest[0] != '/' {
			break
		}
		operator := s.rest[0]
		s.rest = s.rest[1:]
		var right mesonValue
		if right, msg = s.operand(depth); msg == "" {
			value, msg = s.join(value, operator, right)
		}
	}
	return value, msg
}

func (s *mesonScanner) join(left mesonValue, operator byte, right mesonValue) (mesonValue, string) {
	for _, item := range append(left.items, right.items...) {
		s.size += len(item) + 1
	}
	if s.size > maxValue {
		return left, fmt.Sprintf("a value is longer than %d bytes", maxValue)
	}
	switch {
	case left.list && operator == '+':
		left.items = append(slices.Clip(left.items), right.items...)
	case left.list || right.list || len(left.items) != 1 || len(right.items) != 1:
		return left, "a string and a list cannot be joined"
	case operator == '/':
		path := strings.TrimSuffix(left.items[0], "/") + "/" + right.items[0]
		if strings.HasPrefix(right.items[0], "/") {
			path = right.items[0]
		}
		left.items = []string{path}
	default:
		left.items = []string{left.items[0] + right.items[0]}
	}
	return left, ""
}

func (s *mesonScanner) operand(depth int) (mesonValue, string) {
	s.skipBlank()
	switch {
	case s.rest == "":
		return mesonValue{}, "a value is missing"
	case s.rest[0] == '\'':
		text, msg := s.text()
		return mesonValue{items: []string{text}}, msg
	case s.rest[0] == '[':
		if depth == maxDepth {
			return mesonValue{}, fmt.Sprintf("lists are nested more than %d deep", maxDepth)
		}
		s.rest = s.rest[1:]
		return s.list(depth + 1)
	}
	end := strings.IndexFunc(s.rest, func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end < 0 {
		end = len(s.rest)
	}
	word := s.rest[:end]
	s.rest = s.rest[end:]
	if word == "true" || word == "false" || word != "" && strings.Trim(word, "-0123456789") == "" {
		return mesonValue{items: []string{word}}, ""
	}
	if items, known := s.constants[word]; known {
		return mesonValue{items: items, list: len(items) != 1}, ""
	}
	return mesonValue{}, fmt.Sprintf("%.40q is no string, list or constant", word+s.rest)
}

func (s *mesonScanner) list(depth int) (mesonValue, string) {
	value := mesonValue{list: true}
	for {
		s.skipBlank()
		if strings.HasPrefix(s.rest, "]") {
			s.rest = s.rest[1:]
			return value, ""
		}
		item, msg := s.expression(depth)
		if msg != "" {
			return value, msg
		}
		value.items = append(value.items, item.items...)
		s.skipBlank()
		switch {
		case strings.HasPrefix(s.rest, ","):
			s.rest = s.rest[1:]
		case !strings.HasPrefix(s.rest, "]"):
			return value, "a list does not end"
		}
	}
}

// text reads a string in single quotes. A backslash keeps its quote from ending
// it; the other escapes stand for what has no place in a name.
func (s *mesonScanner) text() (string, string) {
	var b strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '\'':
			s.rest = s.rest[i+1:]
			return b.String(), ""
		case c == '\\' && i+1 < len(s.rest) && (s.rest[i+1] == '\'' || s.rest[i+1] == '\\'):
			i++
			b.WriteByte(s.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "a string does not end"
}
