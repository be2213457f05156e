// Package tomldoc reads TOML written by strangers into a tree whose values know
// where they stand, so that whoever checks a file can point at what is wrong
// with it. It takes linear time where decoders search their tables, and bounds
// size and nesting.
//
// The grammar is that of go-toml's parser; the rules for tables (TOML 1.0,
// "Table", "Array of Tables", "Inline Table") are applied here.
package tomldoc

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

const maxDepth = 64 // nested arrays and tables

// Error says what is wrong with a document, and where.
type Error struct {
	// Line and Column count from 1; columns are characters. Both are 0 when
	// the document as a whole is meant.
	Line, Column int
	// Key is the dotted key of what is wrong, with the number of an array's
	// element in brackets: "packages[3].wheels[0].url". Empty for syntax.
	Key string
	// Msg is the complaint, Err its cause, which may be nil.
	Msg string
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", e.Line, e.Column)
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Msg)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Parse reads a document of at most limit bytes and returns its root table.
// Errors are *Error.
func Parse(data []byte, limit int) (*Table, error) {
	d := &document{data: data}
	switch {
	case len(data) > limit:
		return nil, &Error{Msg: fmt.Sprintf("it is larger than %d bytes", limit)}
	case !utf8.Valid(data):
		return nil, &Error{Msg: "it is not UTF-8"}
	}
	d.parser.Reset(data)
	root := d.table(implicit, 0)
	current := root
	for d.parser.NextExpression() {
		node := d.parser.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			current = d.header(root, node)
		case unstable.KeyValue:
			d.assign(current, node, 0)
		}
		if d.err != nil {
			return nil, d.err
		}
	}
	if err := d.parser.Error(); err != nil {
		return nil, d.syntax(err)
	}
	return root, nil
}

type document struct {
	data   []byte
	parser unstable.Parser
	err    *Error
}

// syntax places an error of the parser.
func (d *document) syntax(err error) *Error {
	out := &Error{Msg: "it is not valid TOML", Err: err}
	if e, ok := err.(*unstable.ParserError); ok { //nolint:errorlint // the parser returns it bare
		out.Msg, out.Err = e.Message, nil
		if offset, ok := offsetIn(d.data, e.Highlight); ok {
			out.Line, out.Column = d.position(offset)
		}
	}
	return out
}

// offsetIn is where part, a subslice of data, begins.
func offsetIn(data, part []byte) (int, bool) {
	offset := cap(data) - cap(part)
	return offset, part != nil && offset >= 0 && offset <= len(data)
}

func (d *document) position(offset int) (line, column int) {
	before := d.data[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

// fail records the first error, at an offset.
func (d *document) fail(offset int, key, msg string, err error) {
	if d.err == nil {
		d.err = &Error{Key: key, Msg: msg, Err: err}
		d.err.Line, d.err.Column = d.position(offset)
	}
}

// how a table came to be; it decides what may be added to it.
type origin uint8

const (
	implicit origin = iota // named on the way to another: may get a header once
	headed                 // has its header
	dotted                 // made by a dotted key: grows by such keys of its table alone
	inline                 // closed
	repeated               // an element of an array of tables
)

// Table is a table of a document. Its methods read values of a kind; what is
// wrong with the first that is not of it is kept for Err.
type Table struct {
	doc    *document
	offset int
	key    string // dotted, from the root
	origin origin
	keys   []string // in the order of the document
	values map[string]*value
}

// value is one of: a table, an array, or a scalar as its kind and text.
type value struct {
	offset int
	kind   unstable.Kind
	text   []byte
	table  *Table
	array  []*value
	open   bool // an array of tables, which headers add to
}

func (d *document) table(o origin, offset int) *Table {
	return &Table{doc: d, origin: o, offset: offset, values: map[string]*value{}}
}

func (t *Table) set(name string, v *value) {
	t.keys = append(t.keys, name)
	t.values[name] = v
}

func (t *Table) path(name string) string {
	if !isBare(name) {
		name = fmt.Sprintf("%q", name)
	}
	if t.key == "" {
		return name
	}
	return t.key + "." + name
}

// isBare reports whether a key needs no quotes.
func isBare(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// child makes a table the value of a name.
func (t *Table) child(name string, o origin, offset int) *Table {
	c := t.doc.table(o, offset)
	c.key = t.path(name)
	t.set(name, &value{offset: offset, kind: unstable.Table, table: c})
	return c
}

// element adds a table to an array.
func (t *Table) element(name string, v *value, o origin, offset int) *Table {
	c := t.doc.table(o, offset)
	c.key = fmt.Sprintf("%s[%d]", t.path(name), len(v.array))
	v.array = append(v.array, &value{offset: offset, kind: unstable.Table, table: c})
	return c
}

// header finds or makes the table that [a.b] or [[a.b]] opens.
func (d *document) header(root *Table, node *unstable.Node) *Table {
	t, depth := root, 0
	for it := node.Key(); it.Next(); depth++ {
		name, offset := string(it.Node().Data), int(it.Node().Raw.Offset)
		if depth >= maxDepth {
			d.fail(offset, "", fmt.Sprintf("tables are nested more than %d deep", maxDepth), nil)
			return t
		}
		last := it.IsLast()
		switch v := t.values[name]; {
		case last && node.Kind == unstable.ArrayTable:
			return d.repeat(t, name, v, offset)
		case v == nil && last:
			return t.child(name, headed, offset)
		case v == nil:
			t = t.child(name, implicit, offset)
		case v.open && !last:
			t = v.array[len(v.array)-1].table
		case v.table == nil || v.table.origin == inline || last && v.table.origin != implicit:
			d.fail(offset, t.path(name), "it is defined twice", nil)
			return t
		default:
			t = v.table
			if last {
				t.origin, t.offset = headed, offset
			}
		}
	}
	return t
}

// repeat adds an element to an array of tables.
func (d *document) repeat(t *Table, name string, v *value, offset int) *Table {
	if v == nil {
		v = &value{offset: offset, kind: unstable.Array, open: true}
		t.set(name, v)
	}
	if !v.open {
		d.fail(offset, t.path(name), "it is defined twice", nil)
		return t
	}
	return t.element(name, v, repeated, offset)
}

// assign enters "a.b = value" into t.
func (d *document) assign(t *Table, node *unstable.Node, depth int) {
	for it := node.Key(); it.Next(); depth++ {
		name, offset := string(it.Node().Data), int(it.Node().Raw.Offset)
		if depth >= maxDepth {
			d.fail(offset, "", fmt.Sprintf("values are nested more than %d deep", maxDepth), nil)
			return
		}
		v := t.values[name]
		switch {
		case v == nil && it.IsLast():
			v = &value{offset: offset}
			t.set(name, v)
			d.fill(v, node.Value(), t.path(name), depth)
		case v == nil:
			t = t.child(name, dotted, offset)
		case it.IsLast() || v.table == nil || v.table.origin != dotted:
			d.fail(offset, t.path(name), "it is defined twice", nil)
			return
		default:
			t = v.table
		}
	}
}

// fill gives v, whose dotted key is path, what stands in the document.
func (d *document) fill(v *value, node *unstable.Node, path string, depth int) {
	v.kind = node.Kind
	switch node.Kind {
	case unstable.InlineTable:
		v.table = d.table(dotted, v.offset)
		v.table.key = path
		for it := node.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				d.assign(v.table, it.Node(), depth+1)
			}
		}
		v.table.close()
	case unstable.Array:
		if depth >= maxDepth {
			d.fail(v.offset, path, fmt.Sprintf("values are nested more than %d deep", maxDepth), nil)
			return
		}
		for it := node.Children(); it.Next(); {
			if it.Node().Kind == unstable.Comment {
				continue
			}
			item := &value{offset: v.offset}
			if it.Node().Raw.Length > 0 {
				item.offset = int(it.Node().Raw.Offset)
			}
			d.fill(item, it.Node(), fmt.Sprintf("%s[%d]", path, len(v.array)), depth+1)
			v.array = append(v.array, item)
		}
	case unstable.String:
		v.text = bytes.Clone(node.Data)
	default:
		v.text = bytes.Clone(node.Data)
		if _, err := scalar(v.text); err != nil {
			d.fail(v.offset, path, "it is not a valid value", nil)
		}
	}
}

// close makes a table, and those that its dotted keys made, one that nothing
// can be added to.
func (t *Table) close() {
	t.origin = inline
	for _, name := range t.keys {
		if c := t.values[name].table; c != nil {
			c.close()
		}
	}
}
