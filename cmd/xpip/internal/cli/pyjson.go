package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lineJSON writes a value on one line, with the spaces that Python's json.dumps
// puts between things: people grep for them.
func lineJSON(v any) (string, error) {
	return showJSON(v, jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true))
}

// pageJSON writes a value indented by two, ending in a line end.
func pageJSON(v any) (string, error) {
	text, err := showJSON(v, jsontext.WithIndent("  "))
	return text + "\n", err
}

func showJSON(v any, options ...json.Options) (string, error) {
	raw, err := json.Marshal(v, append(options, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))...)
	if err != nil {
		return "", fmt.Errorf("writing JSON: %w", err)
	}
	return escapeJSON(string(raw)), nil
}

// escapeJSON writes the characters that are not safe to show on a terminal,
// which stand in strings alone, as JSON's own escapes.
func escapeJSON(text string) string {
	unsafe := func(r rune) bool { return r != '\n' && unicode.Is(unicode.C, r) }
	if strings.IndexFunc(text, unsafe) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !unsafe(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
