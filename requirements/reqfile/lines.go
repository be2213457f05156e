package reqfile

import (
	"strings"
	"unicode"
)

// numbered is a logical line and the number of the first line it came from.
type numbered struct {
	number int
	text   string
}

// logicalLines splits a text into lines, joins those that end in a backslash,
// cuts comments and drops what is blank then.
func logicalLines(text string) []numbered {
	var lines []numbered
	var joined []string
	first := 0
	flush := func(number int, line string) {
		if line = stripComment(line); line != "" {
			lines = append(lines, numbered{number, line})
		}
	}
	for i, line := range splitLines(text) {
		comment := isComment(line)
		if strings.HasSuffix(line, `\`) && !comment {
			if joined == nil {
				first = i + 1
			}
			joined = append(joined, strings.Trim(line, `\`))
			continue
		}
		if comment {
			// A comment ends what it continues, but is no part of its last
			// word.
			line = " " + line
		}
		if joined == nil {
			flush(i+1, line)
			continue
		}
		flush(first, strings.Join(joined, "")+line)
		joined = nil
	}
	if joined != nil {
		flush(first, strings.Join(joined, ""))
	}
	return lines
}

// splitLines splits at the line ends that Python's str.splitlines knows.
func splitLines(text string) []string {
	var lines []string
	start := 0
	for i, r := range text {
		if i < start {
			continue // the second half of "\r\n"
		}
		size := 1
		switch r {
		case '\r':
			if strings.HasPrefix(text[i+1:], "\n") {
				size = 2
			}
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e:
		case 0x85:
			size = 2
		case 0x2028, 0x2029:
			size = 3
		default:
			continue
		}
		lines = append(lines, text[start:i])
		start = i + size
	}
	if start < len(text) {
		lines = append(lines, text[start:])
	}
	return lines
}

// isComment reports whether nothing but white space stands before a "#".
func isComment(line string) bool {
	return strings.HasPrefix(strings.TrimLeftFunc(line, isSpace), "#")
}

// stripComment cuts a "#" at the start or behind white space and all that
// follows it, and trims the rest.
func stripComment(line string) string {
	for from := 0; ; {
		i := strings.IndexByte(line[from:], '#')
		if i < 0 {
			break
		}
		i += from
		before := strings.TrimRightFunc(line[:i], isSpace)
		if i == 0 || len(before) < i {
			line = before
			break
		}
		from = i + 1
	}
	return strings.TrimFunc(line, isSpace)
}

// isSpace is white space as Python sees it.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
}

// expandVariables replaces ${NAME}, with a name of capital letters, digits and
// underscores, by the variable's value. One that is unset or empty stays as it
// is. It reports false when the line becomes too long.
func expandVariables(line string, getenv func(string) (string, bool)) (string, bool) {
	for _, name := range variableNames(line) {
		value, _ := getenv(name)
		if value == "" {
			continue
		}
		reference := "${" + name + "}"
		if n := strings.Count(line, reference); len(line)+n*(len(value)-len(reference)) > maxLineLength {
			return "", false
		}
		line = strings.ReplaceAll(line, reference, value)
	}
	return line, true
}

// variableNames returns the names of the variables that a line refers to, each
// once.
func variableNames(line string) []string {
	var names []string
	seen := map[string]bool{}
	for {
		_, rest, found := strings.Cut(line, "${")
		if !found {
			return names
		}
		line = rest
		end := 0
		for end < len(rest) && (rest[end] == '_' || 'A' <= rest[end] && rest[end] <= 'Z' || '0' <= rest[end] && rest[end] <= '9') {
			end++
		}
		if name := rest[:end]; name != "" && strings.HasPrefix(rest[end:], "}") && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
}
