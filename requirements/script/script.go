// Package script reads what a Python script says of its requirements in a
// comment (PEP 723, and the specification "Inline script metadata" that
// continues it).
package script

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/tomldoc"
)

// MaxFileSize is the size of a script, in bytes.
const MaxFileSize = 4 << 20

// blockType is the kind of block that is read.
const blockType = "script"

// Errors of Parse.
var (
	ErrNoBlock  = errors.New("there is no block of script metadata")
	ErrTwice    = errors.New("there are several blocks of script metadata")
	ErrNotUTF8  = errors.New("it is not UTF-8")
	ErrTooLarge = fmt.Errorf("it is larger than %d bytes", MaxFileSize)
)

// Metadata is what a script says of itself.
type Metadata struct {
	// RequiresPython that the host must meet.
	RequiresPython pep440.Specifiers
	Dependencies   []requirements.Requirement
}

// Parse reads the metadata of a script. Errors are those above, and
// *tomldoc.Error, whose line is one of the script.
func Parse(data []byte) (*Metadata, error) {
	switch {
	case len(data) > MaxFileSize:
		return nil, ErrTooLarge
	case !utf8.Valid(data):
		return nil, ErrNotUTF8
	}
	// Line ends are Python's when it reads text.
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	content, line, err := block(strings.Split(text, "\n"))
	if err != nil {
		return nil, err
	}
	m, err := read(content)
	var place *tomldoc.Error
	if errors.As(err, &place) && place.Line > 0 {
		place.Line += line
		place.Column += len("# ")
	}
	return m, err
}

// block returns the TOML in the only block of script metadata, and after how
// many lines it begins.
func block(lines []string) (content string, line int, err error) {
	found := false
	for i := 0; i < len(lines); i++ {
		kind, opens := opening(lines[i])
		if !opens {
			continue
		}
		end := closing(lines, i)
		if end < 0 {
			continue
		}
		if kind == blockType {
			if found {
				return "", 0, ErrTwice
			}
			found, line = true, i+1
			content = uncomment(lines[i+1 : end])
		}
		i = end
	}
	if !found {
		return "", 0, ErrNoBlock
	}
	return content, line, nil
}

// opening reports whether a line opens a block, and of what type.
func opening(line string) (kind string, ok bool) {
	kind, ok = strings.CutPrefix(line, "# /// ")
	return kind, ok && kind != "" && strings.Trim(kind, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// closing returns the line that closes the block that opens at start: the last
// "# ///" of the comment, with at least one line between; -1 if there is none.
func closing(lines []string, start int) int {
	end := -1
	for i := start + 1; i < len(lines); i++ {
		if lines[i] != "#" && !strings.HasPrefix(lines[i], "# ") {
			break
		}
		if lines[i] == "# ///" && i > start+1 {
			end = i
		}
	}
	return end
}

func uncomment(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimPrefix(line[1:], " ") + "\n")
	}
	return b.String()
}

func read(content string) (*Metadata, error) {
	root, err := tomldoc.Parse([]byte(content), MaxFileSize)
	if err != nil {
		return nil, err
	}
	m := &Metadata{}
	if m.RequiresPython, err = pep440.ParseSpecifiers(root.String("requires-python")); err != nil {
		root.Fail("requires-python", "it is not a valid version specifier", err)
	}
	for i, text := range root.Strings("dependencies") {
		r, err := requirements.Parse(text)
		if err == nil {
			err = r.Marker.Validate()
		}
		if err != nil {
			root.FailAt("dependencies", i, "it is not a valid requirement", err)
		}
		m.Dependencies = append(m.Dependencies, r)
	}
	if err := root.Err(); err != nil {
		return nil, err
	}
	return m, nil
}
