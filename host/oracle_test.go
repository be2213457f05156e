package host

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xpip/xpip/wheel"
)

// readOracle decodes a table written by testdata/oracle.py, one row a line.
func readOracle[Row any](t *testing.T, name string) []Row {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	packed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	lines := bufio.NewScanner(packed)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var row Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return rows
}

func tagStrings(tags []wheel.Tag) []string {
	s := make([]string, len(tags))
	for i, t := range tags {
		s[i] = t.String()
	}
	return s
}

// firstDifference says where two lists part.
func firstDifference(got, want []string) (int, string, string) {
	at := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return "the end"
	}
	for i := 0; ; i++ {
		if i >= len(got) && i >= len(want) {
			return -1, "", ""
		}
		if at(got, i) != at(want, i) {
			return i, at(got, i), at(want, i)
		}
	}
}

// missing returns the first tag that keeps want from being a subsequence of
// got.
func missing(got, want []string) string {
	i := 0
	for _, tag := range got {
		if i < len(want) && want[i] == tag {
			i++
		}
	}
	if i < len(want) {
		return want[i]
	}
	return ""
}

// widened are the beginnings of platform tags that are expanded further than
// pip does it.
func widened(platforms []string) bool {
	for _, p := range platforms {
		for _, prefix := range []string{"manylinux", "musllinux", "pyemscripten", "pyodide"} {
			if strings.HasPrefix(p, prefix) {
				return true
			}
		}
	}
	return false
}

type pipRow struct {
	Platforms      []string
	Version        string
	Implementation string
	ABIs           []string
	Tags           string
	Given          string
}

func (r pipRow) options() Options {
	return Options{Platforms: r.Platforms, PythonVersion: r.Version, Implementation: r.Implementation, ABIs: r.ABIs}
}

// TestTagsEqualPip holds the tags against pip's over a matrix of its options:
// the same list where pip expands a platform, and where decision 1 goes further
// a list that has pip's in it in pip's order.
func TestTagsEqualPip(t *testing.T) {
	rows := readOracle[pipRow](t, "pip.json.gz")
	equal := 0
	for _, row := range rows {
		h, err := New(row.options())
		if err != nil {
			t.Errorf("%+v: %v", row.options(), err)
			continue
		}
		got, want := tagStrings(h.Tags()), strings.Split(row.Tags, " ")
		if widened(row.Platforms) {
			if tag := missing(got, want); tag != "" {
				t.Errorf("%+v: %s is missing or not in pip's order", row.options(), tag)
			}
		} else {
			equal++
			if i, g, w := firstDifference(got, want); i >= 0 {
				t.Errorf("%+v: tag %d is %s, pip has %s", row.options(), i, g, w)
			}
		}
		if row.Given != "" && h.Given() != row.Given {
			t.Errorf("%+v: Given() = %q, pip debug says %q", row.options(), h.Given(), row.Given)
		}
	}
	if equal < 200 || len(rows)-equal < 200 {
		t.Errorf("the table lost its sense: %d of %d rows have pip's own expansion", equal, len(rows))
	}
}

// TestRankFollowsTags checks the look-up against the list it stands for, whose
// tags it must number as they are first met.
func TestRankFollowsTags(t *testing.T) {
	for _, row := range readOracle[pipRow](t, "pip.json.gz") {
		h, err := New(row.options())
		if err != nil {
			t.Fatal(err)
		}
		first := make(map[wheel.Tag]int)
		for i, tag := range h.Tags() {
			if _, seen := first[tag]; !seen {
				first[tag] = i
			}
		}
		for tag, want := range first {
			if got, ok := h.Rank(tag); !ok || got != want {
				t.Fatalf("%+v: Rank(%v) = %d, %t, want %d", row.options(), tag, got, ok, want)
			}
		}
		for _, tag := range []wheel.Tag{{Python: "cp27", ABI: "nope", Platform: "any"}, {Python: "py3", ABI: "none", Platform: "nope"}, {}} {
			if _, ok := h.Rank(tag); ok {
				t.Fatalf("%+v: has %v", row.options(), tag)
			}
		}
	}
}

// TestExactIsWhatIsAsked: without expansion, pip's literal platforms give
// pip's list.
func TestExactIsWhatIsAsked(t *testing.T) {
	checked := 0
	for _, row := range readOracle[pipRow](t, "pip.json.gz") {
		o := row.options()
		o.Exact = true
		h, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range h.Tags() {
			asked := tag.Platform == "any"
			for _, p := range row.Platforms {
				asked = asked || p == tag.Platform
			}
			if !asked {
				t.Fatalf("%+v: has %v", o, tag)
			}
		}
		if len(row.Platforms) == 1 && widened(row.Platforms) && !strings.HasPrefix(row.Platforms[0], "manylinux20") {
			checked++
			if i, g, w := firstDifference(tagStrings(h.Tags()), strings.Split(row.Tags, " ")); i >= 0 {
				t.Errorf("%+v: tag %d is %s, pip has %s", o, i, g, w)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d rows were compared", checked)
	}
}

// TestNativeEqualsPackaging holds the tags of a Python of the build machine
// against packaging.tags.sys_tags on machines of every kind.
func TestNativeEqualsPackaging(t *testing.T) {
	type row struct {
		Facts json.RawMessage
		Tags  string
	}
	for _, row := range readOracle[row](t, "native.json.gz") {
		h, err := ParseNative(row.Facts)
		if err != nil {
			t.Errorf("%s: %v", row.Facts, err)
			continue
		}
		if i, g, w := firstDifference(tagStrings(h.Tags()), strings.Split(row.Tags, " ")); i >= 0 {
			t.Errorf("%s: tag %d is %s, packaging has %s", row.Facts, i, g, w)
		}
	}
}
