package wheel

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEntryPoints bounds the scripts one wheel may declare.
const maxEntryPoints = 10_000

// EntryPoint is one script that an installer generates: call Attr of Module.
type EntryPoint struct {
	Name   string   `json:"name"` // the script's file name, without any extension
	Module string   `json:"module"`
	Attr   string   `json:"attr"`
	Extras []string `json:"extras,omitempty"`
}

// EntryPoints are the scripts that entry_points.txt declares, in its order.
// Its other groups are read at run time, and are no concern of an installer.
type EntryPoints struct {
	Console []EntryPoint `json:"console,omitempty"`
	GUI     []EntryPoint `json:"gui,omitempty"`
}

// ParseEntryPoints parses entry_points.txt. A script's name becomes a file name
// and its value becomes Python source, so both are held to what the entry points
// specification recommends: names of letters, digits, '_', '.' and '-', no
// interpreter's name; values of the form module:attribute [extra].
func ParseEntryPoints(raw []byte) (EntryPoints, error) {
	var points EntryPoints
	bad := func(row int, format string, args ...any) (EntryPoints, error) {
		return EntryPoints{}, invalidf("entry_points.txt", "line %d: %s", row, fmt.Sprintf(format, args...))
	}
	if len(raw) > MaxMetadata || !utf8.Valid(raw) {
		return EntryPoints{}, invalidf("entry_points.txt", "not UTF-8, or larger than %d bytes", MaxMetadata)
	}
	text, group, inGroup := string(raw), "", false
	seen := make(map[string]bool)
	for pos, row := 0, 1; pos < len(text); row++ {
		line := text[pos : pos+lineLength(text[pos:])]
		pos += len(line)
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' && line[len(line)-1] == ']' {
			group, inGroup = strings.TrimSpace(line[1:len(line)-1]), true
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || !inGroup {
			return bad(row, "neither a [group] nor name = value inside of one")
		}
		if group != "console_scripts" && group != "gui_scripts" {
			continue
		}
		point := EntryPoint{Name: strings.TrimSpace(name)}
		if reason := checkScriptName(point.Name); reason != "" {
			return bad(row, "script %q: %s", point.Name, reason)
		}
		if !parseReference(strings.TrimSpace(value), &point) {
			return bad(row, "script %q: %q is not module:attribute", point.Name, strings.TrimSpace(value))
		}
		if seen[point.Name] {
			return bad(row, "script %q is declared twice", point.Name)
		}
		seen[point.Name] = true
		if len(seen) > maxEntryPoints {
			return bad(row, "more than %d scripts", maxEntryPoints)
		}
		if group == "console_scripts" {
			points.Console = append(points.Console, point)
		} else {
			points.GUI = append(points.GUI, point)
		}
	}
	return points, nil
}

// checkScriptName returns why a script must not have this name, or "".
func checkScriptName(name string) string {
	if name == "" || strings.Trim(name, ".") == "" {
		return "not a file name"
	}
	for _, r := range name {
		if r != '-' && r != '.' && !isWord(r) {
			return "holds a character that no script name has"
		}
	}
	if IsInterpreterName(name) {
		return "that is a Python interpreter's name"
	}
	return ""
}

// parseReference reads "module:attr [extra, …]" into p.
func parseReference(value string, p *EntryPoint) bool {
	if reference, extras, ok := strings.Cut(value, "["); ok {
		list, closed := strings.CutSuffix(extras, "]")
		if !closed || strings.ContainsAny(list, "[]") {
			return false
		}
		for extra := range strings.SplitSeq(list, ",") {
			if extra = strings.TrimSpace(extra); extra != "" {
				if !validName(extra) {
					return false
				}
				p.Extras = append(p.Extras, extra)
			}
		}
		value = strings.TrimSpace(reference)
	}
	module, attr, ok := strings.Cut(value, ":")
	p.Module, p.Attr = strings.TrimSpace(module), strings.TrimSpace(attr)
	return ok && isDotted(p.Module) && isDotted(p.Attr)
}

// isDotted reports whether s is identifiers joined by dots.
func isDotted(s string) bool {
	start := true
	for _, r := range s {
		switch {
		case r == '.' && !start:
			start = true
		case isWord(r) && (!start || !unicode.IsNumber(r)):
			start = false
		default:
			return false
		}
	}
	return !start
}

func isWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

// IsInterpreterName reports whether a file of this name, put among the scripts
// of an environment, would stand in for its Python: python, python3.14t,
// PythonW.exe, pypy3, graalpy.
func IsInterpreterName(name string) bool {
	name = strings.ToLower(name)
	for _, ext := range [...]string{".exe", ".com", ".bat", ".cmd", ".py", ".pyw"} {
		if stem, ok := strings.CutSuffix(name, ext); ok {
			name = stem
			break
		}
	}
	for _, stem := range [...]string{"pythonw", "python", "pypyw", "pypy", "graalpy"} {
		if rest, ok := strings.CutPrefix(name, stem); ok {
			return strings.Trim(strings.TrimRight(rest, "tdw"), "0123456789.") == ""
		}
	}
	return false
}
