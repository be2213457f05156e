package tomldoc

import (
	"fmt"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// scalar decodes a value that is neither string nor container.
func scalar(text []byte) (any, error) {
	var v struct{ X any }
	err := toml.Unmarshal(append([]byte("X="), text...), &v)
	return v.X, err
}

// Err returns the first thing that reading the document found wrong, an
// *Error, or nil.
func (t *Table) Err() error {
	if t.doc.err == nil {
		return nil
	}
	return t.doc.err
}

// Fail keeps an error about the value of a key, or about the table itself
// where there is no such key, unless there is one already. err may be nil.
func (t *Table) Fail(key, msg string, err error) {
	offset, path := t.offset, t.key
	if v := t.values[key]; v != nil {
		offset = v.offset
		path = t.path(key)
	}
	t.doc.fail(offset, path, msg, err)
}

// FailAt is Fail for an element of the array that a key has for its value.
func (t *Table) FailAt(key string, i int, msg string, err error) {
	t.doc.fail(t.values[key].array[i].offset, fmt.Sprintf("%s[%d]", t.path(key), i), msg, err)
}

// Keys returns the keys of the table in the order of the document.
func (t *Table) Keys() []string { return t.keys }

// Has reports whether the table has a key.
func (t *Table) Has(key string) bool { return t.values[key] != nil }

// Require keeps an error for the first of the keys that is missing.
func (t *Table) Require(keys ...string) {
	for _, key := range keys {
		if !t.Has(key) {
			t.doc.fail(t.offset, t.key, fmt.Sprintf("%q is missing", key), nil)
		}
	}
}

// wrong says that a value is of another kind than expected.
func (t *Table) wrong(key string, v *value, want string) {
	t.doc.fail(v.offset, t.path(key), fmt.Sprintf("it is %s, not %s", kindName(v), want), nil)
}

func kindName(v *value) string {
	switch v.kind {
	case unstable.String:
		return "a string"
	case unstable.Bool:
		return "a boolean"
	case unstable.Integer:
		return "an integer"
	case unstable.Float:
		return "a float"
	case unstable.Array, unstable.ArrayTable:
		return "an array"
	case unstable.Table, unstable.InlineTable:
		return "a table"
	}
	return "a date or time"
}

// String returns the string that a key has for its value, "" if it is missing.
func (t *Table) String(key string) string {
	v := t.values[key]
	if v == nil {
		return ""
	}
	if v.kind != unstable.String {
		t.wrong(key, v, "a string")
	}
	return string(v.text)
}

// Bool returns the boolean that a key has for its value, false if it is
// missing.
func (t *Table) Bool(key string) bool {
	v := t.values[key]
	if v == nil {
		return false
	}
	if v.kind != unstable.Bool {
		t.wrong(key, v, "a boolean")
	}
	return string(v.text) == "true"
}

// Int returns the integer that a key has for its value, and whether there is
// one.
func (t *Table) Int(key string) (n int64, ok bool) {
	v := t.values[key]
	if v == nil {
		return 0, false
	}
	if v.kind == unstable.Integer {
		if decoded, err := scalar(v.text); err == nil {
			n, ok = decoded.(int64)
		}
	}
	if !ok {
		t.wrong(key, v, "an integer")
	}
	return n, ok
}

// Time returns the moment that a key has for its value, the zero time if it is
// missing. A date and time without offset is taken to be UTC.
func (t *Table) Time(key string) time.Time {
	v := t.values[key]
	if v == nil {
		return time.Time{}
	}
	if v.kind == unstable.DateTime || v.kind == unstable.LocalDateTime {
		decoded, err := scalar(v.text)
		if err == nil {
			switch at := decoded.(type) {
			case time.Time:
				return at.UTC()
			case toml.LocalDateTime:
				return at.AsTime(time.UTC)
			}
		}
	}
	t.wrong(key, v, "a date and time")
	return time.Time{}
}

// Strings returns the array of strings that a key has for its value, nil if it
// is missing.
func (t *Table) Strings(key string) []string {
	items := t.array(key)
	out := make([]string, 0, len(items))
	for i, item := range items {
		if item.kind != unstable.String {
			t.FailAt(key, i, fmt.Sprintf("it is %s, not a string", kindName(item)), nil)
		}
		out = append(out, string(item.text))
	}
	return out
}

func (t *Table) array(key string) []*value {
	v := t.values[key]
	if v == nil {
		return nil
	}
	if v.kind != unstable.Array {
		t.wrong(key, v, "an array")
	}
	return v.array
}

// Table returns the table that a key has for its value, nil if it is missing.
func (t *Table) Table(key string) *Table {
	v := t.values[key]
	if v == nil {
		return nil
	}
	if v.table == nil {
		t.wrong(key, v, "a table")
	}
	return v.table
}

// Tables returns the array of tables that a key has for its value, nil if it
// is missing.
func (t *Table) Tables(key string) []*Table {
	items := t.array(key)
	out := make([]*Table, 0, len(items))
	for i, item := range items {
		if item.table == nil {
			t.FailAt(key, i, fmt.Sprintf("it is %s, not a table", kindName(item)), nil)
			continue
		}
		out = append(out, item.table)
	}
	return out
}

// Item is an element of an array: a string, or a table.
type Item struct {
	Text  string
	Table *Table
	// Kind says in words what it is, if it is neither: "an integer".
	Kind string
}

// Items returns the elements of an array of strings and tables, nil if the key
// is missing.
func (t *Table) Items(key string) []Item {
	items := t.array(key)
	out := make([]Item, 0, len(items))
	for _, item := range items {
		switch {
		case item.kind == unstable.String:
			out = append(out, Item{Text: string(item.text)})
		case item.table != nil:
			out = append(out, Item{Table: item.table})
		default:
			out = append(out, Item{Kind: kindName(item)})
		}
	}
	return out
}
