package wheel

import (
	"fmt"
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

// NameError says that one path cannot exist on a host, or not beside another.
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

// CheckNames judges slash-separated paths, files all, by what the file systems
// of a host can hold: windows refuses the names of devices, the characters that
// Windows reserves, and trailing dots and spaces; foldCase refuses two paths
// that differ only in case or in Unicode normalisation, as Windows, macOS and
// the iOS simulator would write one over the other. It returns a *NameError for
// the first path, in the order given, that cannot be.
func CheckNames(paths []string, windows, foldCase bool) error {
	if !windows && !foldCase {
		return nil
	}
	c := nameChecker{fold: cases.Fold(), folded: map[string]string{}, done: map[string]bool{}}
	for _, path := range paths {
		if err := c.check(path, windows, foldCase); err != nil {
			return err
		}
	}
	return nil
}

type nameChecker struct {
	fold   cases.Caser
	folded map[string]string // folded path of a file or folder → as written
	done   map[string]bool   // folders that have been judged
}

func (c *nameChecker) check(path string, windows, foldCase bool) error {
	for end := 0; end < len(path); {
		start := end
		if n := strings.IndexByte(path[start:], '/'); n >= 0 {
			end = start + n
		} else {
			end = len(path)
		}
		prefix, segment := path[:end], path[start:end]
		end++
		if c.done[prefix] {
			continue
		}
		c.done[prefix] = true
		if reason := windowsName(segment); windows && reason != "" {
			return &NameError{Path: path, Reason: reason}
		}
		if foldCase {
			key := c.key(prefix)
			if other, ok := c.folded[key]; ok && other != prefix {
				return &NameError{Path: prefix, Other: other, Reason: "one name where case or Unicode form does not count"}
			}
			c.folded[key] = prefix
		}
	}
	return nil
}

// key returns what is the same for all paths that are one where neither case nor
// Unicode form counts.
func (c *nameChecker) key(path string) string {
	for i := 0; i < len(path); i++ {
		if path[i] >= utf8.RuneSelf {
			return c.fold.String(norm.NFD.String(path))
		}
	}
	return strings.ToLower(path) // most paths; folding ASCII does no more
}

// windowsName returns why Windows cannot have a file of this name, or "".
// (Naming Files, Paths, and Namespaces, in the Windows documentation.)
func windowsName(s string) string {
	if strings.ContainsAny(s, `<>:"|?*\`) {
		return "a character that Windows reserves"
	}
	if last := s[len(s)-1]; last == '.' || last == ' ' {
		return "a trailing dot or space, which Windows drops"
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
