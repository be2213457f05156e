package wheel

import (
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// MaxMetadata is the largest METADATA (and WHEEL, entry_points.txt) that is
// read, in bytes.
const MaxMetadata = 16 << 20

// maxRequires bounds the requirements one distribution may state.
const maxRequires = 10_000

// Metadata is a distribution's core metadata: METADATA of a wheel, PKG-INFO of
// an sdist. The fields are those that installing needs; Get and All reach the
// rest. Values are as written, unfolded to one line.
type Metadata struct {
	MetadataVersion string
	Name            string
	Version         string
	Summary         string
	RequiresPython  string
	RequiresDist    []string
	ProvidesExtra   []string
	Dynamic         []string

	fields      []field
	description string
}

// ParseMetadata parses core metadata of any 1.x or 2.x version (a later 2.x
// only adds fields). It refuses text that is not UTF-8, a missing or impossible
// Name or Version, and Metadata-Version 3 and later, as the specification asks.
func ParseMetadata(raw []byte) (*Metadata, error) {
	if len(raw) > MaxMetadata {
		return nil, invalidf("METADATA", "larger than %d bytes", MaxMetadata)
	}
	fields, body, ok := parseHeaders(raw)
	if !ok || !utf8.Valid(raw[body:]) {
		return nil, invalidf("METADATA", "not UTF-8")
	}
	m := &Metadata{fields: fields, description: string(raw[body:])}
	if err := m.collect(); err != nil {
		return nil, err
	}
	return m, nil
}

// collect fills the exported fields from the headers and checks them.
func (m *Metadata) collect() error {
	m.MetadataVersion, m.Name, m.Version = m.line("Metadata-Version"), m.line("Name"), m.line("Version")
	m.Summary, m.RequiresPython = m.line("Summary"), m.line("Requires-Python")
	m.RequiresDist, m.ProvidesExtra, m.Dynamic = m.lines("Requires-Dist"), m.lines("Provides-Extra"), m.lines("Dynamic")

	major, _, _ := strings.Cut(m.MetadataVersion, ".")
	if n, err := strconv.Atoi(major); m.MetadataVersion != "" && (err != nil || n < 1 || n > 2) {
		return invalidf("METADATA", "Metadata-Version %q is not one this program can read (1.x, 2.x)", m.MetadataVersion)
	}
	for _, single := range [...]string{"Metadata-Version", "Name", "Version"} {
		if all := m.All(single); len(all) > 1 && !allEqual(all) {
			return invalidf("METADATA", "%s is given %d times with different values", single, len(all))
		}
	}
	switch {
	case m.Name == "":
		return invalidf("METADATA", "no Name")
	case !validName(m.Name):
		return invalidf("METADATA", "Name %q is not a project name", m.Name)
	case m.Version == "":
		return invalidf("METADATA", "no Version")
	case len(m.RequiresDist) > maxRequires:
		return invalidf("METADATA", "more than %d requirements", maxRequires)
	}
	if !validVersion(m.Version) {
		return invalidf("METADATA", "Version %q is not a version (PEP 440)", m.Version)
	}
	return nil
}

func allEqual(list []string) bool {
	for _, s := range list {
		if s != list[0] {
			return false
		}
	}
	return true
}

// Get returns the first value of a field, compared without case; "" if the field
// is absent. A value of several lines keeps them.
func (m *Metadata) Get(name string) string {
	for _, f := range m.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// All returns every value of a field, in order.
func (m *Metadata) All(name string) []string {
	var values []string
	for _, f := range m.fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

// Fields yields every header in order: name as written, value.
func (m *Metadata) Fields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range m.fields {
			if !yield(f.name, f.value) {
				return
			}
		}
	}
}

// Description returns the long description: the body, else the Description field.
func (m *Metadata) Description() string {
	if m.description != "" {
		return m.description
	}
	return m.Get("Description")
}

func (m *Metadata) line(name string) string { return oneLine(m.Get(name)) }

func (m *Metadata) lines(name string) []string {
	values := m.All(name)
	for i, v := range values {
		values[i] = oneLine(v)
	}
	return values
}

// oneLine undoes folding in a value that is one line by its nature.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n") {
		return strings.Join(strings.Fields(s), " ")
	}
	return strings.TrimSpace(s)
}

// validName is the rule of PEP 508 for a project name.
func validName(s string) bool {
	alnum := func(c byte) bool { return isLowerOrDigit(lower(c)) }
	if s == "" || !alnum(s[0]) || !alnum(s[len(s)-1]) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !alnum(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// jsonFields are the fields of the JSON form in the order of the core metadata
// specification, and whether a field may be given more than once.
var jsonFields = [...]struct {
	name  string
	multi bool
}{
	{"Metadata-Version", false}, {"Name", false}, {"Version", false}, {"Dynamic", true},
	{"Platform", true}, {"Supported-Platform", true}, {"Summary", false}, {"Description", false},
	{"Description-Content-Type", false}, {"Keywords", false}, {"Home-page", false}, {"Download-URL", false},
	{"Author", false}, {"Author-email", false}, {"Maintainer", false}, {"Maintainer-email", false},
	{"License", false}, {"License-Expression", false}, {"License-File", true}, {"Classifier", true},
	{"Requires-Dist", true}, {"Requires-Python", false}, {"Requires-External", true}, {"Project-URL", true},
	{"Provides-Extra", true}, {"Provides-Dist", true}, {"Obsoletes-Dist", true},
}

// JSON returns the metadata in its JSON-compatible form (PEP 566), as pip puts
// it into --report: keys in lower case with underscores, fields of multiple use
// as lists, keywords split, the body as description.
func (m *Metadata) JSON() map[string]any {
	out := make(map[string]any, len(m.fields))
	for _, f := range jsonFields {
		values := m.All(f.name)
		if len(values) == 0 {
			continue
		}
		key := strings.ReplaceAll(strings.ToLower(f.name), "-", "_")
		switch {
		case f.multi:
			out[key] = values
		case key == "keywords":
			out[key] = splitKeywords(values[0])
		default:
			out[key] = values[0]
		}
	}
	if m.description != "" {
		out["description"] = m.description
	}
	return out
}

// splitKeywords takes both the comma-separated and the older spaced form.
func splitKeywords(s string) []string {
	if !strings.Contains(s, ",") {
		return append([]string{}, strings.Fields(s)...)
	}
	words := strings.Split(s, ",")
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	return words
}

// MarshalJSON writes the headers, not the description: it serves the record a
// store keeps of an unpacked wheel, whose METADATA lies beside it in full.
func (m *Metadata) MarshalJSON() ([]byte, error) {
	pairs := make([]string, 0, 2*len(m.fields))
	for _, f := range m.fields {
		if !strings.EqualFold(f.name, "Description") {
			pairs = append(pairs, f.name, f.value)
		}
	}
	return json.Marshal(pairs)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	var pairs []string
	if err := json.Unmarshal(data, &pairs); err != nil {
		return err
	}
	if len(pairs)%2 != 0 {
		return invalidf("METADATA", "a header without a value in its JSON form")
	}
	parsed := Metadata{fields: make([]field, 0, len(pairs)/2)}
	for i := 0; i < len(pairs); i += 2 {
		parsed.fields = append(parsed.fields, field{pairs[i], pairs[i+1]})
	}
	if err := parsed.collect(); err != nil {
		return err
	}
	*m = parsed
	return nil
}
