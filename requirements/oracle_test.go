package requirements

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// readTable reads a table that testdata/oracle.py wrote.
func readTable(t *testing.T, name string, into any) {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(into); err != nil {
		t.Fatal(err)
	}
}

type markerTable struct {
	Environments []struct {
		Extra  string
		Values map[string]string
	}
	Locks []struct {
		Extras []string
		Groups []string `json:"dependency_groups"`
	}
	// Markers holds text, canonical text and a letter for each environment:
	// T, F, or E for an error.
	Markers     [][3]string
	LockMarkers [][3]string `json:"lock_markers"`
}

func (d Decision) letter() byte {
	switch {
	case d.Undefined != "":
		return 'E'
	case d.Holds:
		return 'T'
	}
	return 'F'
}

func knownEnvironment(values map[string]string) Environment {
	known := make(map[string]Value)
	for name, text := range values {
		known[name] = Value{Text: text, Known: true}
	}
	return NewEnvironment(known)
}

func TestMarkersAgreeWithPackaging(t *testing.T) {
	var table markerTable
	readTable(t, "markers.json.gz", &table)
	var environments []Environment
	for _, e := range table.Environments {
		environments = append(environments, knownEnvironment(e.Values))
	}
	pairs := 0
	for _, row := range table.Markers {
		m, err := ParseMarker(row[0])
		if err != nil {
			t.Errorf("ParseMarker(%q): %v", row[0], err)
			continue
		}
		if m.String() != row[1] {
			t.Errorf("ParseMarker(%q).String() = %q, packaging has %q", row[0], m.String(), row[1])
		}
		for i, env := range environments {
			pairs++
			got := m.Evaluate(env, table.Environments[i].Extra)
			if got.letter() != row[2][i] || len(got.Unknown) > 0 {
				t.Errorf("%q in %s, extra %q: %+v, packaging has %c", row[0], env, table.Environments[i].Extra, got, row[2][i])
			}
		}
	}
	if pairs < 20000 {
		t.Errorf("only %d pairs compared", pairs)
	}
	for _, row := range table.LockMarkers {
		m, err := ParseMarker(row[0])
		if err != nil {
			t.Errorf("ParseMarker(%q): %v", row[0], err)
			continue
		}
		if m.String() != row[1] {
			t.Errorf("ParseMarker(%q).String() = %q, packaging has %q", row[0], m.String(), row[1])
		}
		for i, lock := range table.Locks {
			got := m.EvaluateLock(environments[0], lock.Extras, lock.Groups)
			if got.letter() != row[2][i] {
				t.Errorf("%q with extras %q, groups %q: %+v, packaging has %c", row[0], lock.Extras, lock.Groups, got, row[2][i])
			}
		}
	}
}

func TestRequirementsAgreeWithPackaging(t *testing.T) {
	var table []struct {
		Input, Name, Specifier, URL, Marker, String, Error string

		Extras      []string
		Span        []int
		Unprintable bool
	}
	readTable(t, "requirements.json.gz", &table)
	if len(table) < 2000 {
		t.Errorf("only %d requirements compared", len(table))
	}
	for _, row := range table {
		got, err := Parse(row.Input)
		if err == nil {
			err = got.Marker.Validate()
		}
		if row.Error != "" {
			checkSyntaxError(t, row.Input, err, row.Error, row.Span)
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", row.Input, err)
			continue
		}
		if got.Name != row.Name || !slices.Equal(got.Extras, row.Extras) || got.Specifiers.String() != row.Specifier || got.URL != row.URL {
			t.Errorf("Parse(%q) = %+v (%s), want %+v", row.Input, got, got.Specifiers, row)
		}
		if !row.Unprintable && got.String() != row.String {
			t.Errorf("Parse(%q).String() = %q, packaging has %q", row.Input, got, row.String)
		}
		if again, err := Parse(got.String()); err != nil || again.String() != got.String() {
			t.Errorf("Parse(%q) = %q, %v: changed by reading it again", got, again, err)
		}
	}
}

// checkSyntaxError compares an error with packaging's: message, and the span
// in characters if packaging knows one.
func checkSyntaxError(t *testing.T, input string, err error, msg string, span []int) {
	t.Helper()
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Errorf("Parse(%q): %v, packaging has %q", input, err, msg)
		return
	}
	if span == nil {
		if !strings.ContainsAny(msg, "\"\\") && syntax.Msg != msg {
			t.Errorf("Parse(%q): %q, packaging has %q", input, syntax.Msg, msg)
		}
		return
	}
	start := utf8.RuneCountInString(input[:syntax.Offset])
	length := utf8.RuneCountInString(input[syntax.Offset : syntax.Offset+syntax.Length])
	if syntax.Msg != msg || start != span[0] || start+length != span[1] {
		t.Errorf("Parse(%q): %q at %d to %d, packaging has %q at %d to %d", input, syntax.Msg, start, start+length, msg, span[0], span[1])
	}
}
