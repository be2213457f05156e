package sysvars

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ParseJSON reads a _sysconfig_vars file, which CPython has from 3.14 on: one
// object of strings, numbers, true, false and null. Other values are left out.
func ParseJSON(text []byte) (Vars, error) {
	if len(text) > MaxSize {
		return nil, &SyntaxError{Msg: fmt.Sprintf("more than %d bytes", MaxSize)}
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	if len(raw) > maxVars {
		return nil, &SyntaxError{Msg: fmt.Sprintf("more than %d variables", maxVars)}
	}
	vars := make(Vars, len(raw))
	for key, value := range raw {
		switch value[0] {
		case '"':
			var s string
			if err := json.Unmarshal(value, &s); err != nil {
				return nil, err
			}
			vars[key] = s
		case 't':
			vars[key] = "1"
		case 'f':
			vars[key] = "0"
		case '{', '[', 'n':
		default:
			vars[key] = string(value)
		}
	}
	return vars, nil
}

// ParseHeader reads the macros of a C header that are one string, number or
// word. Of macros that are defined
// twice, in branches of a condition, none counts.
func ParseHeader(text []byte) (vars Vars, err error) {
	if len(text) > MaxSize {
		return nil, &SyntaxError{Msg: fmt.Sprintf("more than %d bytes", MaxSize)}
	}
	vars = Vars{}
	twice := map[string]bool{}
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("#"))
		if !ok {
			continue
		}
		rest, ok = bytes.CutPrefix(bytes.TrimSpace(rest), []byte("define"))
		if !ok || len(rest) == 0 || rest[0] != ' ' && rest[0] != '\t' {
			continue
		}
		name, value, ok := cutBlank(string(bytes.TrimSpace(rest)))
		if !ok || strings.Contains(name, "(") {
			continue
		}
		if i := strings.Index(value, "/*"); i >= 0 {
			value = strings.TrimSpace(value[:i])
		}
		if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
			value = value[1 : n-1]
		}
		if value == "" || twice[name] {
			continue
		}
		if old, ok := vars[name]; ok && old != value {
			delete(vars, name)
			twice[name] = true
			continue
		}
		if vars[name] = value; len(vars) > maxVars {
			return nil, &SyntaxError{Msg: fmt.Sprintf("more than %d macros", maxVars)}
		}
	}
	return vars, nil
}

func cutBlank(s string) (before, after string, ok bool) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return "", "", false
	}
	return s[:i], strings.TrimSpace(s[i:]), true
}

// Includes are the files that a C header includes with angle brackets, in
// order: Debian's pyconfig.h is nothing but a list of those of its processors.
func Includes(text []byte) []string {
	var files []string
	for line := range bytes.Lines(text[:min(len(text), MaxSize)]) {
		rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("#"))
		if !ok {
			continue
		}
		rest, ok = bytes.CutPrefix(bytes.TrimSpace(rest), []byte("include"))
		rest = bytes.TrimSpace(rest)
		if ok && len(rest) > 2 && rest[0] == '<' && rest[len(rest)-1] == '>' {
			files = append(files, string(rest[1:len(rest)-1]))
		}
	}
	return files
}

// On reports whether a variable is a number that is not 0.
func (v Vars) On(name string) bool {
	n, err := strconv.Atoi(v[name])
	return err == nil && n != 0
}
