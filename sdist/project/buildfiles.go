package project

import (
	"slices"
	"strings"
)

// languageNames are the languages of Meson and CMake that need a compiler, by
// their names there in lower case.
var languageNames = map[string]string{
	"c": "C", "cpp": "C++", "cxx": "C++", "fortran": "Fortran", "rust": "Rust", "d": "D", "objc": "Objective-C",
	"objcpp": "Objective-C++", "objcxx": "Objective-C++", "cuda": "CUDA", "hip": "HIP", "ispc": "ISPC", "swift": "Swift",
	"cython": "Cython", "nasm": "assembly", "masm": "assembly", "asm": "assembly", "asm_nasm": "assembly", "asm_masm": "assembly",
	"java": "Java", "cs": "C#", "csharp": "C#", "vala": "Vala", "nim": "Nim", "linearasm": "assembly",
}

// mesonLanguages returns the languages that a meson.build can't do without: the
// positional arguments of project() after the first, and those of
// add_languages() at the top level unless it says required: false.
func mesonLanguages(text string) []string {
	var languages []string
	for _, call := range calls(mesonTokens(text), "project", "add_languages") {
		names, optional := call.args, false
		if call.name == "project" && len(names) > 0 {
			names = names[1:]
		}
		for i, w := range call.words {
			optional = optional || w == "required" && i+1 < len(call.words) && call.words[i+1] == "false"
		}
		if optional || call.nested {
			continue
		}
		for _, n := range names {
			languages = addLanguage(languages, n)
		}
	}
	return languages
}

func addLanguage(list []string, name string) []string {
	l, ok := languageNames[strings.ToLower(name)]
	if !ok || slices.Contains(list, l) {
		return list
	}
	return append(list, l)
}

// token is a word, a string or a sign of a build file.
type token struct {
	text   string
	quoted bool
}

// mesonTokens splits a meson.build; comments and space are left out.
func mesonTokens(s string) []token {
	var tokens []token
	for len(s) > 0 {
		switch c := s[0]; {
		case c == '#':
			_, s, _ = strings.Cut(s, "\n")
		case strings.HasPrefix(s, "'''"):
			body, rest, _ := strings.Cut(s[3:], "'''")
			tokens, s = append(tokens, token{body, true}), rest
		case c == '\'':
			var body string
			body, s = mesonString(s[1:])
			tokens = append(tokens, token{body, true})
		case wordByte(c):
			n := 1
			for n < len(s) && wordByte(s[n]) {
				n++
			}
			tokens, s = append(tokens, token{text: s[:n]}), s[n:]
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			s = s[1:]
		default:
			tokens, s = append(tokens, token{text: s[:1]}), s[1:]
		}
	}
	return tokens
}

// mesonString reads up to the closing quote.
func mesonString(s string) (body, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			return s[:i], s[i+1:]
		case '\n':
			return s[:i], s[i:]
		}
	}
	return s, ""
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// call is a function call of a build file.
type call struct {
	name   string
	args   []string // strings given by position, also inside brackets
	words  []string // everything that is no string and no sign
	nested bool     // inside if or foreach
}

// calls finds the calls of the named functions.
func calls(tokens []token, names ...string) []call {
	var found []call
	depth := 0
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t.quoted {
			continue
		}
		switch t.text {
		case "if", "foreach":
			depth++
		case "endif", "endforeach":
			depth--
		}
		if !slices.Contains(names, t.text) || i+1 >= len(tokens) || tokens[i+1] != (token{text: "("}) ||
			i > 0 && tokens[i-1] == (token{text: "."}) {
			continue
		}
		c := call{name: t.text, nested: depth > 0}
		i = c.read(tokens, i+2)
		found = append(found, c)
	}
	return found
}

// read takes in the arguments from index i and returns the index of the closing
// parenthesis.
func (c *call) read(tokens []token, i int) int {
	depth, keyword := 1, false
	for ; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.quoted && !keyword:
			c.args = append(c.args, t.text)
		case t.quoted:
		case t.text == "(" || t.text == "[" || t.text == "{":
			depth++
		case t.text == ")" || t.text == "]" || t.text == "}":
			if depth--; depth == 0 {
				return i
			}
		case t.text == "," && depth == 1:
			keyword = false
		case t.text == ":" && depth == 1:
			keyword = true
		case wordByte(t.text[0]):
			c.words = append(c.words, t.text)
		}
	}
	return i
}

// cmakeLanguages returns the languages that a CMakeLists.txt enables in its
// project() command, C and C++ when it doesn't say. known is false when there is
// no such command, or one that variables decide.
func cmakeLanguages(text string) (languages []string, known bool) {
	args, ok := cmakeCommand(text, "project")
	if !ok || len(args) == 0 {
		return nil, false
	}
	explicit := false
	skip := false
	for i, a := range args[1:] {
		switch {
		case strings.Contains(a, "${"):
			if explicit || i == 0 {
				return nil, false
			}
		case a == "NONE":
			return nil, true
		case a == "LANGUAGES":
			explicit, skip = true, false
		case a == "VERSION" || a == "DESCRIPTION" || a == "HOMEPAGE_URL" || a == "COMPAT_VERSION" || a == "SPDX_LICENSE":
			skip = true
		case skip:
			skip = false
		default:
			languages = addLanguage(languages, a)
			explicit = explicit || languageNames[strings.ToLower(a)] != ""
		}
	}
	if !explicit {
		return []string{"C", "C++"}, true
	}
	return languages, true
}

// cmakeCommand returns the arguments of the first call of a command.
func cmakeCommand(s, name string) (args []string, ok bool) {
	for len(s) > 0 {
		line, rest, _ := strings.Cut(s, "\n")
		trimmed := strings.TrimLeft(line, " \t")
		open := strings.IndexByte(trimmed, '(')
		if open < 0 || !strings.EqualFold(strings.TrimSpace(trimmed[:open]), name) {
			s = rest
			continue
		}
		return cmakeArguments(s[strings.IndexByte(s, '(')+1:]), true
	}
	return nil, false
}

// cmakeArguments splits what stands up to the closing parenthesis.
func cmakeArguments(s string) (args []string) {
	for len(s) > 0 {
		switch s[0] {
		case ')':
			return args
		case '#':
			_, s, _ = strings.Cut(s, "\n")
		case '"':
			body, rest, _ := strings.Cut(s[1:], `"`)
			args, s = append(args, body), rest
		case ' ', '\t', '\n', '\r', ';':
			s = s[1:]
		default:
			n := strings.IndexAny(s, " \t\r\n();#\"")
			switch {
			case n < 0:
				n = len(s)
			case n == 0:
				n = 1 // a stray parenthesis
			}
			args, s = append(args, s[:n]), s[n:]
		}
	}
	return args
}
