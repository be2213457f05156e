package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

func readFile(src Source) ([]Item, error) {
	f, err := os.Open(src.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, &FileError{Path: src.Path, Err: err}
	}
	if len(data) > maxFileSize {
		return nil, &FileError{Path: src.Path, Err: fmt.Errorf("larger than %d bytes", maxFileSize)}
	}
	items, line, err := parseINI(string(data))
	if err != nil {
		return nil, &FileError{Path: src.Path, Line: line, Err: err}
	}
	for i := range items {
		items[i].Kind, items[i].File = src.Kind, src.Path
	}
	return items, nil
}

// parseINI reads the grammar of Python's configparser.RawConfigParser in its
// default form: `=` or `:` between key and value, whole-line comments only,
// deeper indented lines continue a value, nothing is interpolated, and a
// section or option named twice is an error. On an error the line is returned.
func parseINI(text string) ([]Item, int, error) {
	if !utf8.ValidString(text) {
		return nil, 0, errors.New("contains invalid UTF-8 characters")
	}
	p := iniParser{sections: map[string]bool{}, seen: map[[2]string]bool{}}
	text = strings.TrimPrefix(text, "\ufeff")
	for n, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if err := p.line(line); err != nil {
			return nil, n + 1, err
		}
	}
	p.flush()
	return p.items, 0, nil
}

type iniParser struct {
	items    []Item
	section  string
	sections map[string]bool
	seen     map[[2]string]bool
	key      string   // the option whose value may go on
	value    []string // its lines so far
	indent   int      // the column its key began at
}

func (p *iniParser) line(line string) error {
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, ";") {
		return nil
	}
	if trimmed == "" {
		if p.key != "" {
			p.value = append(p.value, "")
		}
		return nil
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	if p.key != "" && indent > p.indent {
		p.value = append(p.value, trimmed)
		return nil
	}
	p.flush()
	if strings.HasPrefix(trimmed, "[") {
		return p.header(trimmed)
	}
	if p.section == "" {
		return fmt.Errorf("%q stands before any [section]", trimmed)
	}
	at := strings.IndexAny(trimmed, "=:")
	if at <= 0 {
		return fmt.Errorf("%q is not of the form key = value", trimmed)
	}
	key := normalizeKey(strings.TrimSpace(trimmed[:at]))
	id := [2]string{p.section, key}
	if p.seen[id] {
		return fmt.Errorf("option %q stands twice in section %q", key, p.section)
	}
	p.seen[id] = true
	p.key, p.indent = key, indent
	p.value = []string{strings.TrimSpace(trimmed[at+1:])}
	return nil
}

func (p *iniParser) header(line string) error {
	end := strings.LastIndexByte(line, ']')
	if end < 1 {
		return fmt.Errorf("section header %q has no closing bracket", line)
	}
	name := line[1:end]
	if p.sections[name] {
		return fmt.Errorf("section %q stands twice", name)
	}
	p.sections[name] = true
	p.section = name
	return nil
}

func (p *iniParser) flush() {
	if p.key == "" {
		return
	}
	for len(p.value) > 0 && p.value[len(p.value)-1] == "" {
		p.value = p.value[:len(p.value)-1]
	}
	p.items = append(p.items, Item{
		Section: p.section, Key: p.key, Value: strings.Join(p.value, "\n"),
	})
	p.key, p.value = "", nil
}
