package wheel

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oracle is what testdata/oracle.py froze. An answer of null means: refused.
type oracle struct {
	Versions [][2]*string         `json:"versions"`
	Wheels   [][2]json.RawMessage `json:"wheels"`
	Sdists   [][2]json.RawMessage `json:"sdists"`
	Metadata [][2]json.RawMessage `json:"metadata"`
}

func readOracle(t *testing.T) oracle {
	t.Helper()
	f, err := os.Open("testdata/oracle.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var o oracle
	if err := json.NewDecoder(z).Decode(&o); err != nil {
		t.Fatal(err)
	}
	if len(o.Versions) == 0 || len(o.Wheels) == 0 || len(o.Sdists) == 0 || len(o.Metadata) == 0 {
		t.Fatal("the oracle is empty")
	}
	return o
}

func decode[T any](t *testing.T, raw json.RawMessage) (v T) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func canonical(t *testing.T, version string) string {
	t.Helper()
	key, ok := canonicalVersion(version)
	if !ok {
		t.Fatalf("%q was accepted and has no canonical form", version)
	}
	return key
}

func TestVersionsLikePackaging(t *testing.T) {
	for _, c := range readOracle(t).Versions {
		key, ok := canonicalVersion(*c[0])
		switch {
		case ok != (c[1] != nil):
			t.Errorf("%q: accepted %v, packaging %v", *c[0], ok, c[1] != nil)
		case ok && key != *c[1]:
			t.Errorf("%q: %q, packaging %q", *c[0], key, *c[1])
		}
	}
}

func TestWheelNamesLikePackaging(t *testing.T) {
	accepted := 0
	for _, c := range readOracle(t).Wheels {
		name := decode[string](t, c[0])
		f, err := ParseFilename(name)
		if string(c[1]) == "null" {
			if err == nil && f.Variant == "" {
				t.Errorf("%q: accepted, packaging refuses", name)
			}
			continue
		}
		if err != nil {
			// The one thing refused beyond packaging: tags with characters
			// that no tag has.
			if !strings.Contains(err.Error(), "a character that no") {
				t.Errorf("%q: %v", name, err)
			}
			continue
		}
		accepted++
		var tags []string
		for tag := range f.Tags() {
			tags = append(tags, tag.String())
		}
		slices.Sort(tags)
		tags = slices.Compact(tags)
		build := []string{}
		if !f.Build.IsZero() {
			build = []string{f.Build.Number, f.Build.Suffix}
		}
		var want [4]any
		if err := json.Unmarshal(c[1], &want); err != nil {
			t.Fatal(err)
		}
		got := []any{f.Project, canonical(t, f.Version), build, tags}
		if diff := cmp.Diff(mustJSON(t, want), mustJSON(t, got)); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
	if accepted < 500 {
		t.Errorf("only %d names were compared", accepted)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestSdistNamesLikePackaging(t *testing.T) {
	for _, c := range readOracle(t).Sdists {
		name := decode[string](t, c[0])
		f, err := ParseSdistFilename(name, "")
		if string(c[1]) == "null" {
			if err == nil {
				t.Errorf("%q: accepted, packaging refuses", name)
			}
			continue
		}
		want := decode[[2]string](t, c[1])
		if err != nil || f.Project != want[0] || canonical(t, f.Version) != want[1] {
			t.Errorf("%q: %+v, %v; packaging says %v", name, f, err, want)
		}
	}
}

func TestMetadataJSONLikePip(t *testing.T) {
	for _, c := range readOracle(t).Metadata {
		text := decode[string](t, c[0])
		// Not by ParseMetadata, which refuses some of these texts.
		fields, body, ok := parseHeaders([]byte(text))
		if !ok {
			t.Fatalf("%q: not UTF-8", text)
		}
		m := Metadata{fields: fields, description: text[body:]}
		want := decode[map[string]any](t, c[1])
		if diff := cmp.Diff(want, decode[map[string]any](t, json.RawMessage(mustJSON(t, m.JSON())))); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
