package tomldoc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
)

const limit = 1 << 20

func TestRead(t *testing.T) {
	root, err := Parse([]byte(`
text = "a"
number = 0x_10
`), limit)
	if err == nil {
		t.Errorf("an invalid number is accepted: %v", root)
	}
	root, err = Parse([]byte(`
text = "aé"
yes = true
number = 1_000
at = 2024-01-02 03:04:05+01:00
local = 2024-01-02T03:04:05
words = ["a", 'b']  # comment
dot.ted.x = "deep"
dot.ted.y = "deeper"
inline = { a = "1", b.c = "2" }

[[list]]
x = "first"
[list.sub]
y = "of first"
[[list]]
x = "second"
[[list.more]]
z = "more"
[a.b]
c = "c"
[a]
d = "d"
`), limit)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := root.Int("number")
	got := []any{
		root.String("text"), root.Bool("yes"), n, ok, root.Time("at").Format(time.RFC3339), root.Time("local").Format(time.RFC3339),
		strings.Join(root.Strings("words"), "|"), root.Table("dot").Table("ted").String("y"),
		root.Table("inline").Table("b").String("c"), len(root.Tables("list")),
		root.Tables("list")[0].Table("sub").String("y"), root.Tables("list")[1].Tables("more")[0].String("z"),
		root.Table("a").Table("b").String("c"), root.Table("a").String("d"),
		root.String("absent"), root.Has("absent"), strings.Join(root.Table("a").Keys(), " "),
	}
	want := []any{
		"aé", true, int64(1000), true, "2024-01-02T02:04:05Z", "2024-01-02T03:04:05Z", "a|b", "deeper", "2", 2,
		"of first", "more", "c", "d", "", false, "b d",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("value %d: got %v, want %v", i, got[i], want[i])
		}
	}
	if err := root.Err(); err != nil {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a = 1\na = 2", "line 2, column 1: a: it is defined twice"},
		{"a = 1\n  é = 2", "line 2, column 3: "},
		{"[a]\n[a]", "line 2, column 2: a: it is defined twice"},
		{"[a]\nb.c = 1\n[a.b]", "line 3, column 4: a.b: it is defined twice"},
		{"[a.b]\nx = 1\n[a]\nb.y = 2", "line 4, column 1: a.b: it is defined twice"},
		{"a = {}\n[a.b]", "line 2, column 2: a: it is defined twice"},
		{"a = {b = 1}\na.c = 2", "line 2, column 1: a: it is defined twice"},
		{"a = [{}]\n[[a]]", "line 2, column 3: a: it is defined twice"},
		{"a = 01", "line 1, column 5: "},
		{"a = 2024-13-01", "line 1, column 1: a: it is not a valid value"},
		{"a = \xff", "it is not UTF-8"},
		{"a = " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested more than 64 deep"},
		{strings.Repeat("a.", 100) + "a = 1", "nested more than 64 deep"},
		{"[" + strings.Repeat("a.", 100) + "a]", "nested more than 64 deep"},
	} {
		_, err := Parse([]byte(test.text), limit)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.text, err, test.want)
		}
	}
	if _, err := Parse(make([]byte, 11), 10); err == nil {
		t.Error("a document beyond the limit is read")
	}
}

func TestWrongKinds(t *testing.T) {
	const text = "a = 1\nb = [1]\nc = \"x\"\n[t]\nu = 1.5\n"
	for _, test := range []struct {
		read func(*Table)
		want string
	}{
		{func(r *Table) { r.String("a") }, "line 1, column 1: a: it is an integer, not a string"},
		{func(r *Table) { r.Strings("b") }, "line 2, column 6: b[0]: it is an integer, not a string"},
		{func(r *Table) { r.Strings("c") }, "c: it is a string, not an array"},
		{func(r *Table) { r.Tables("b") }, "b[0]: it is an integer, not a table"},
		{func(r *Table) { r.Table("c") }, "c: it is a string, not a table"},
		{func(r *Table) { r.Table("t").Int("u") }, "line 5, column 1: t.u: it is a float, not an integer"},
		{func(r *Table) { r.Table("t").Bool("u") }, "it is a float, not a boolean"},
		{func(r *Table) { r.Time("c") }, "it is a string, not a date and time"},
		{func(r *Table) { r.Table("t").Require("u", "v") }, "line 4, column 2: t: \"v\" is missing"},
		{func(r *Table) { r.Fail("c", "is odd", errors.New("why")) }, "line 3, column 1: c: is odd: why"},
		{func(r *Table) { r.Fail("c", "first", nil); r.Fail("a", "second", nil) }, "c: first"},
	} {
		root, err := Parse([]byte(text), limit)
		if err != nil {
			t.Fatal(err)
		}
		test.read(root)
		if err := root.Err(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

// TestLinear takes minutes where a table is searched for its keys.
func TestLinear(t *testing.T) {
	var b strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&b, "[tool.t%d]\n", i)
	}
	root, err := Parse([]byte(b.String()), 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(root.Table("tool").Keys()); n != 200_000 {
		t.Errorf("%d tables", n)
	}
}

// FuzzParse holds the rules for tables against go-toml's decoder.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a = 1\n[b]\nc.d = 2\n[[e]]\n[[e]]\n[e.f]\n", "a = {b = [1, {c = 2}], d.e = 1}\n", "[a.b]\n[a]\n[a.b.c]\n",
		"a.b = 1\n[a]\n", "[[a]]\n[a]\n", "[a]\n[[a]]\n", "a = [1]\n[[a]]", "'' = 1\n\"q.r\" = 2024-01-01", "a=1_0\nb=0o7\nc=+inf",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 300 || strings.Count(text, "[") > 30 || strings.Count(text, ".") > 30 || strings.Count(text, "{") > 30 {
			return
		}
		_, err := Parse([]byte(text), limit)
		var any map[string]any
		if oracle := toml.Unmarshal([]byte(text), &any); (oracle == nil) != (err == nil) {
			t.Errorf("%q: %v, go-toml has %v", text, err, oracle)
		}
	})
}
