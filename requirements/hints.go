package requirements

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The functions here guess, from the text at which parsing stopped, what its
// author meant. They return "" where they know nothing better than the
// message.

// hintName looks at what stands where a project's name belongs.
func hintName(rest string) string {
	switch {
	case rest == "":
		return ""
	case rest[0] == '"' || rest[0] == '\'':
		return "a requirement is written without quotes"
	case strings.IndexByte("<>=!~", rest[0]) >= 0:
		return "the project's name is missing"
	}
	return ""
}

// hintSpecifier looks at src[pos:], which is no specifier and no marker, behind
// the specifiers src[start:pos].
func hintSpecifier(src string, start, pos int) string {
	rest := src[pos:]
	if rest == "" {
		return ""
	}
	if hint := hintVersionOperator(rest); hint != "" {
		return hint
	}
	word := rest[:skipWord(rest, 0)]
	switch c := rest[0]; {
	case lookupVariable(word) != undefinedVariable:
		return "a marker begins with ;"
	case isDigit(c), (c == 'v' || c == 'V') && len(rest) > 1 && isDigit(rest[1]):
		if start < pos && src[start] != '(' {
			return "clauses are separated by commas"
		}
		return "an operator such as == is missing before the version"
	case c == '[':
		return "extras stand behind the name, before the version"
	case c == '@':
		return "a direct URL takes the place of the version"
	case c == '<', c == '>', c == '!', c == '~':
		return "clauses are separated by commas"
	case word != "" && start == pos:
		return "a requirement names one project"
	}
	return ""
}

// hintVersionOperator looks at text that begins like an operator of a version
// clause but is none that can be read.
func hintVersionOperator(rest string) string {
	for _, wrong := range [...][2]string{{"=>", ">="}, {"=<", "<="}, {"=!", "!="}, {"=~", "~="}, {"~>", "~="}, {"<>", "!="}} {
		if strings.HasPrefix(rest, wrong[0]) {
			return fmt.Sprintf("the operator is %s, not %s", wrong[1], wrong[0])
		}
	}
	if rest[0] == '^' {
		return "^ is no operator here; a range is written >=1.2,<2"
	}
	operator := rest[:len(rest)-len(strings.TrimLeft(rest, "<>=!~"))]
	version := strings.TrimLeft(rest[len(operator):], " \t")
	switch {
	case operator == "=":
		return "a version follows ==, not ="
	case operator == "!" || operator == "~":
		return fmt.Sprintf("the operator is %s=, not %s", operator, operator)
	case operator == "":
		return ""
	case version == "" || version[0] == ',' || version[0] == ';' || version[0] == ')':
		return "a version is missing after " + operator
	case version[0] == '"' || version[0] == '\'':
		return "a version is written without quotes"
	}
	if _, parts := scanRelease(version, 0); operator == "~=" && parts == 1 {
		return "~= needs a version of two parts or more, such as ~=1.0"
	} else if parts == 0 {
		return "this is not a version"
	}
	return ""
}

// hintOperand looks at what stands where a marker's variable or quoted text
// belongs.
func hintOperand(rest string) string {
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case rest == "":
		return ""
	case isDigit(rest[0]):
		end := strings.IndexAny(rest, " \t)")
		if end < 0 {
			end = len(rest)
		}
		return fmt.Sprintf("a value is quoted: %q", rest[:end])
	case strings.ContainsRune("“”‘’„«»`", r):
		return `quotes are " or '`
	}
	return hintComparison(rest)
}

// hintOperator looks at what stands where a marker's operator belongs.
func hintOperator(rest string) string {
	if strings.HasPrefix(rest, "is ") {
		return "the operator is ==, not is"
	}
	return hintComparison(rest)
}

func hintComparison(rest string) string {
	for _, wrong := range [...][2]string{{"=>", ">="}, {"=<", "<="}, {"=", "=="}, {"<>", "!="}} {
		if strings.HasPrefix(rest, wrong[0]) {
			return fmt.Sprintf("the operator is %s, not %s", wrong[1], wrong[0])
		}
	}
	return ""
}

// hintJoin looks at what follows a comparison and does not join another to it.
func hintJoin(rest string) string {
	for _, wrong := range [...][2]string{{"&&", "and"}, {"||", "or"}, {"&", "and"}, {"|", "or"}, {",", "and"}, {"AND", "and"}, {"OR", "or"}} {
		if strings.HasPrefix(rest, wrong[0]) {
			return fmt.Sprintf("comparisons are joined by %q, not %q", wrong[1], wrong[0])
		}
	}
	return ""
}

// hintVariable finds the variable whose name is nearest to an undefined one.
func hintVariable(name string) string {
	if len(name) > 64 {
		return ""
	}
	plain := strings.NewReplacer(".", "_", "-", "_").Replace(strings.ToLower(name))
	best, distance := "", 3
	for _, candidate := range variableNames {
		if d := editDistance(plain, candidate); d < distance && d < len(candidate)/2 {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", best)
}

// editDistance counts the insertions, deletions and replacements of bytes that
// turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
