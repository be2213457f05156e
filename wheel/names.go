package wheel

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	maxPath    = 4096
	maxSegment = 255
)

// checkPath returns why a member cannot have this name on any host, or "". What
// only some hosts refuse is judged by CheckNames.
func checkPath(path string) string {
	switch {
	case path == "":
		return "an empty name"
	case len(path) > maxPath:
		return fmt.Sprintf("a name longer than %d bytes", maxPath)
	case !utf8.ValidString(path):
		return "a name that is not UTF-8"
	case path[0] == '/':
		return "an absolute path"
	case len(path) > 1 && path[1] == ':' && isLowerOrDigit(lower(path[0])):
		return "a path with a drive letter"
	}
	segment := 0
	for i := 0; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			continue
		}
		switch s := path[segment:i]; {
		case s == "..":
			return "a path that leaves its folder"
		case s == "" || s == ".":
			return "a path with an empty step"
		case len(s) > maxSegment:
			return fmt.Sprintf("a name longer than %d bytes", maxSegment)
		}
		segment = i + 1
	}
	if strings.IndexByte(path, '\\') >= 0 {
		return "a path with a backslash, which some hosts read as a separator"
	}
	if strings.IndexFunc(path, isControl) >= 0 {
		return "a control character in its name"
	}
	return ""
}

// isControl reports characters that act on a terminal or on the direction of
// text instead of showing.
func isControl(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// NameError says that a file cannot have its name on a host, or not beside another.
type NameError struct {
	Path   string
	Other  string // the path it collides with, if it is that
	Reason string
}

func (e *NameError) Error() string {
	if e.Other != "" {
		return fmt.Sprintf("%q and %q: %s", e.Other, e.Path, e.Reason)
	}
	return fmt.Sprintf("%q: %s", e.Path, e.Reason)
}

// CheckNames judges the names of the files and folders in one folder, all
// different, by what the file systems of a host can hold: windows refuses the
// names of devices, the characters that Windows reserves, and trailing dots and
// spaces; foldCase refuses two names that differ only in case or in Unicode
// normalisation, as Windows, macOS and the iOS simulator would write one over
// the other. It returns a *NameError for the first name, in the order given, that
// cannot be.
func CheckNames(names []string, windows, foldCase bool) error {
	if windows {
		for _, name := range names {
			if reason := windowsName(name); reason != "" {
				return &NameError{Path: name, Reason: reason}
			}
		}
	}
	if !foldCase || !slices.ContainsFunc(names, mayFold) {
		return nil
	}
	fold := cases.Fold()
	folded := make(map[string]string, len(names))
	for _, name := range names {
		key := foldKey(name, &fold)
		if other, ok := folded[key]; ok {
			return &NameError{Path: name, Other: other, Reason: "one name where case or Unicode form does not count"}
		}
		folded[key] = name
	}
	return nil
}

// mayFold reports whether a name can be another one where neither case nor
// Unicode form counts; among those of which none can, all are different.
func mayFold(name string) bool {
	for i := range len(name) {
		if c := name[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return true
		}
	}
	return false
}

// foldKey returns what is the same for all names that are one where neither case
// nor Unicode form counts.
func foldKey(name string, fold *cases.Caser) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return fold.String(norm.NFD.String(name))
		}
	}
	return strings.ToLower(name) // most of them; folding ASCII does no more
}

// windowsName returns why Windows cannot have a file of this name, or "".
// (Naming Files, Paths, and Namespaces, in the Windows documentation.)
func windowsName(s string) string {
	for i := range len(s) {
		switch s[i] {
		case '<', '>', ':', '"', '|', '?', '*', '\\':
			return "a character that Windows reserves"
		}
	}
	if last := s[len(s)-1]; last == '.' || last == ' ' {
		return "a trailing dot or space, which Windows drops"
	}
	if strings.IndexByte("acnlpACNLP", s[0]) < 0 {
		return "" // most names
	}
	stem, _, _ := strings.Cut(s, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return "the name of a Windows device"
	}
	for _, port := range [...]string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(stem, port); ok && (len(n) == 1 && isDigit(n[0]) || n == "¹" || n == "²" || n == "³") {
			return "the name of a Windows device"
		}
	}
	return ""
}
