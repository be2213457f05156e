package crossfile

import (
	"fmt"
	"strings"
)

// cmakeArg is an argument of a command.
type cmakeArg struct {
	text   string
	quoted bool // in quotes or brackets: never a word of the language
	raw    bool // in brackets: nothing is put in
}

// cmakeScanner reads the commands of a file one after the other.
type cmakeScanner struct {
	rest string
	line int
}

func (s *cmakeScanner) fail(msg string) error {
	return &SyntaxError{Format: cmakeFormat, Line: s.line, Msg: msg}
}

// advance drops n bytes and counts their lines.
func (s *cmakeScanner) advance(n int) {
	s.line += strings.Count(s.rest[:n], "\n")
	s.rest = s.rest[n:]
}

// skip drops blanks and comments.
func (s *cmakeScanner) skip() {
	for s.rest != "" {
		switch s.rest[0] {
		case ' ', '\t', '\r', '\n':
			s.advance(1)
		case '#':
			if _, size, ok := bracketed(s.rest[1:]); ok {
				s.advance(1 + size)
			} else if end := strings.IndexByte(s.rest, '\n'); end >= 0 {
				s.advance(end)
			} else {
				s.rest = ""
			}
		default:
			return
		}
	}
}

// bracketed reads [[text]] or [=[text]=] at the beginning of s, and says how
// many bytes it takes: all of them if it does not end.
func bracketed(s string) (text string, size int, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", 0, false
	}
	equals := len(s) - 1 - len(strings.TrimLeft(s[1:], "="))
	opening := s[:min(len(s), equals+2)]
	if equals > maxDepth || len(opening) < equals+2 || opening[equals+1] != '[' {
		return "", 0, false
	}
	text, _, _ = strings.Cut(s[len(opening):], "]"+opening[1:equals+1]+"]")
	return text, min(2*len(opening)+len(text), len(s)), true
}

// command reads the next command: its name in lower case, "" at the end of the
// file, and its arguments.
func (s *cmakeScanner) command() (string, []cmakeArg, error) {
	s.skip()
	if s.rest == "" {
		return "", nil, nil
	}
	end := strings.IndexByte(s.rest, '(')
	if end < 0 {
		return "", nil, s.fail("no command")
	}
	name := strings.ToLower(strings.TrimSpace(s.rest[:end]))
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return "", nil, s.fail(fmt.Sprintf("%.40q is no command", name))
	}
	s.advance(end + 1)
	var args []cmakeArg
	for depth := 1; ; {
		s.skip()
		if s.rest == "" {
			return "", nil, s.fail(name + "() does not end")
		}
		switch s.rest[0] {
		case '(':
			depth++
			args = append(args, cmakeArg{text: "("})
			s.advance(1)
		case ')':
			s.advance(1)
			if depth--; depth == 0 {
				return name, args, nil
			}
			args = append(args, cmakeArg{text: ")"})
		default:
			arg, err := s.argument()
			if err != nil {
				return "", nil, err
			}
			args = append(args, arg)
		}
		if len(args) > maxKeys {
			return "", nil, s.fail(fmt.Sprintf("%s() has more than %d arguments", name, maxKeys))
		}
	}
}

func (s *cmakeScanner) argument() (cmakeArg, error) {
	if text, size, ok := bracketed(s.rest); ok {
		s.advance(size)
		return cmakeArg{text: strings.TrimPrefix(text, "\n"), quoted: true, raw: true}, nil
	}
	quoted := s.rest[0] == '"'
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(s.rest); i++ {
		c := s.rest[i]
		switch {
		case c == '\\':
			i++
		case quoted && c == '"':
			arg := cmakeArg{text: strings.ReplaceAll(s.rest[1:i], "\\\n", ""), quoted: true}
			s.advance(i + 1)
			return arg, nil
		case !quoted && strings.IndexByte(" \t\r\n()#\"", c) >= 0 && i > 0:
			arg := cmakeArg{text: s.rest[:i]}
			s.advance(i)
			return arg, nil
		}
	}
	return cmakeArg{}, s.fail("an argument does not end")
}
