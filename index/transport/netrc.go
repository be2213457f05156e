package transport

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const maxNetrc = 1 << 20

type login struct{ user, password string }

// netrc is a parsed netrc file.
type netrc struct {
	machines map[string]login // lower-case host -> its first entry
	fallback *login           // the "default" entry
}

// readNetrc reads the file at path, or the user's. That there is none is no error.
func readNetrc(path string, getenv func(string) string) (netrc, error) {
	if path == "" {
		path = getenv("NETRC")
	}
	candidates := []string{path}
	if path == "" {
		home := getenv("HOME")
		if home == "" {
			home = getenv("USERPROFILE")
		}
		if home == "" {
			return netrc{}, nil
		}
		candidates = []string{filepath.Join(home, ".netrc"), filepath.Join(home, "_netrc")}
	}
	for _, path := range candidates {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if info.Size() > maxNetrc {
			return netrc{}, fmt.Errorf("reading %q: the file is too large", path)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return netrc{}, err
		}
		n, err := parseNetrc(string(data))
		if err != nil {
			return netrc{}, fmt.Errorf("reading %q: %w", path, err)
		}
		return n, nil
	}
	return netrc{}, nil
}

// parseNetrc reads the netrc format: words separated by white space; words may
// be quoted, with \ before a literal character; # begins a comment where a
// keyword may stand; a macro definition runs to the next empty line.
func parseNetrc(text string) (netrc, error) {
	n := netrc{machines: make(map[string]login)}
	s := netrcScanner{rest: text}
	var host string
	var entry *login
	finish := func() {
		if entry == nil {
			return
		}
		if host == "" {
			if n.fallback == nil {
				n.fallback = entry
			}
		} else if _, dup := n.machines[host]; !dup {
			n.machines[host] = *entry
		}
		entry = nil
	}
	for {
		word, ok := s.word()
		if !ok {
			break
		}
		if strings.HasPrefix(word, "#") {
			s.skipLine()
			continue
		}
		switch word {
		case "machine":
			finish()
			name, ok := s.word()
			if !ok || name == "" {
				return netrc{}, errors.New("the netrc file names no machine after \"machine\"")
			}
			host, entry = strings.ToLower(name), &login{}
		case "default":
			finish()
			host, entry = "", &login{}
		case "login", "user", "password", "account":
			value, ok := s.word()
			if !ok || entry == nil {
				return netrc{}, fmt.Errorf("the netrc file has a misplaced %q", word)
			}
			switch word {
			case "login", "user":
				entry.user = value
			case "password":
				entry.password = value
			}
		case "macdef":
			finish()
			s.skipMacro()
		default:
			return netrc{}, errors.New("the netrc file has a word that is no keyword") // it may be a password
		}
	}
	finish()
	return n, nil
}

// lookup returns the entry of exactly this host.
func (n netrc) lookup(host string) (login, bool) {
	l, ok := n.machines[strings.ToLower(host)]
	return l, ok
}

type netrcScanner struct{ rest string }

func (s *netrcScanner) word() (string, bool) {
	s.rest = strings.TrimLeft(s.rest, " \t\r\n\v\f")
	if s.rest == "" {
		return "", false
	}
	quoted := s.rest[0] == '"'
	i := 0
	if quoted {
		i++
	}
	var b strings.Builder
	for ; i < len(s.rest); i++ {
		c := s.rest[i]
		if quoted && c == '"' {
			i++
			break
		}
		if !quoted && strings.IndexByte(" \t\r\n\v\f", c) >= 0 {
			break
		}
		if c == '\\' && i+1 < len(s.rest) {
			i++
			c = s.rest[i]
		}
		b.WriteByte(c)
	}
	s.rest = s.rest[i:]
	return b.String(), true
}

func (s *netrcScanner) skipLine() {
	_, s.rest, _ = strings.Cut(s.rest, "\n")
}

func (s *netrcScanner) skipMacro() {
	for s.rest != "" {
		var line string
		line, s.rest, _ = strings.Cut(s.rest, "\n")
		if strings.TrimSpace(line) == "" {
			return
		}
	}
}
