package wheel

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/klauspost/compress/flate"
)

// rawWheel is a wheel in the making that is allowed to lie: fixtures for readers
// must not come from a writer that knows the rules.
type rawWheel struct {
	filename string
	entries  []*rawEntry
	record   *string // nil: what the entries imply
	prefix   string  // before the first member
	gap      string  // between the last member and the directory
	suffix   string  // after the end record
	end      func(record []byte)
	zip64    func(record, locator []byte) // non-nil: ZIP64 records, as changed here
	cut      int                          // bytes to cut off the end
}

type rawEntry struct {
	name       string
	data       string
	mode       uint32
	stored     bool
	method     int               // if not 0, what both headers say
	flags      uint16            // in both headers
	localExtra string            // extra fields
	extra      string            // of the central header
	comment    string            // of the central header
	local      func(head []byte) // changes the local header
	central    func(head []byte) // changes the central header
	localName  string            // if not "", the name in the local header
	after      string            // after the packed bytes: a data descriptor
	packed     *string           // if not nil, instead of the packed bytes
	hidden     bool              // not in the central directory
	at         *int64            // if not nil, the offset that the central header gives
}

const (
	testFilename = "demo_pkg-1.0-py3-none-any.whl"
	testDistInfo = "demo_pkg-1.0.dist-info/"
	testMetadata = "Metadata-Version: 2.1\nName: demo-pkg\nVersion: 1.0\n"
	testWheel    = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
)

// newRawWheel is a sound wheel.
func newRawWheel() *rawWheel {
	w := &rawWheel{filename: testFilename}
	w.add("demo_pkg/__init__.py", "answer = 42\n")
	w.add("demo_pkg/data.txt", strings.Repeat("some text that deflates well\n", 50))
	w.add(testDistInfo+"METADATA", testMetadata)
	w.add(testDistInfo+"WHEEL", testWheel)
	return w
}

func (w *rawWheel) add(name, data string) *rawEntry {
	e := &rawEntry{name: name, data: data, mode: 0o100644}
	w.entries = append(w.entries, e)
	return e
}

func (w *rawWheel) entry(name string) *rawEntry {
	for _, e := range w.entries {
		if e.name == name {
			return e
		}
	}
	panic("no entry " + name)
}

func (w *rawWheel) remove(name string) {
	e := w.entry(name)
	for i := range w.entries {
		if w.entries[i] == e {
			w.entries = append(w.entries[:i], w.entries[i+1:]...)
			return
		}
	}
}

// rows is the RECORD that the entries imply.
func (w *rawWheel) rows() string {
	var b strings.Builder
	for _, e := range w.entries {
		if e.hidden || strings.HasSuffix(e.name, "/") {
			continue
		}
		sum := sha256.Sum256([]byte(e.data))
		fmt.Fprintf(&b, "%s,sha256=%s,%d\n", csvQuote(e.name), base64.RawURLEncoding.EncodeToString(sum[:]), len(e.data))
	}
	return b.String() + testDistInfo + "RECORD,,\n"
}

func (w *rawWheel) bytes() []byte {
	entries := append([]*rawEntry{}, w.entries...)
	record := w.rows()
	if w.record != nil {
		record = *w.record
	}
	if record != "absent" {
		entries = append(entries, &rawEntry{name: testDistInfo + "RECORD", data: record, mode: 0o100644})
	}
	var out, dir bytes.Buffer
	out.WriteString(w.prefix)
	count := 0
	for _, e := range entries {
		e.write(&out, &dir)
		if !e.hidden {
			count++
		}
	}
	out.WriteString(w.gap)
	start := out.Len()
	out.Write(dir.Bytes())
	end := make([]byte, lenEnd)
	le.PutUint32(end, sigEnd)
	le.PutUint16(end[8:], uint16(count))
	le.PutUint16(end[10:], uint16(count))
	le.PutUint32(end[12:], uint32(dir.Len()))
	le.PutUint32(end[16:], uint32(start))
	if w.zip64 != nil {
		record, locator := make([]byte, lenEnd64), make([]byte, lenLocator64)
		le.PutUint32(record, sigEnd64)
		le.PutUint64(record[4:], lenEnd64-12)
		le.PutUint64(record[24:], uint64(count))
		le.PutUint64(record[32:], uint64(count))
		le.PutUint64(record[40:], uint64(dir.Len()))
		le.PutUint64(record[48:], uint64(start))
		le.PutUint32(locator, sigLocator64)
		le.PutUint64(locator[8:], uint64(out.Len()))
		le.PutUint32(locator[16:], 1)
		w.zip64(record, locator)
		out.Write(record)
		out.Write(locator)
		copy(end[8:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	}
	if w.end != nil {
		w.end(end)
	}
	out.Write(end)
	out.WriteString(w.suffix)
	return out.Bytes()[:out.Len()-w.cut]
}

func (e *rawEntry) write(out, dir *bytes.Buffer) {
	method, packed := uint16(methodDeflate), deflated(e.data)
	if e.stored || strings.HasSuffix(e.name, "/") {
		method, packed = methodStored, e.data
	}
	if e.method != 0 {
		method = uint16(e.method)
	}
	if e.packed != nil {
		packed = *e.packed
	}
	offset := out.Len()
	fill := func(b []byte) {
		le.PutUint16(b, 20)
		le.PutUint16(b[2:], e.flags)
		le.PutUint16(b[4:], method)
		le.PutUint16(b[8:], 1<<5|1)
		le.PutUint32(b[10:], crc32.ChecksumIEEE([]byte(e.data)))
		le.PutUint32(b[14:], uint32(len(packed)))
		le.PutUint32(b[18:], uint32(len(e.data)))
	}
	localName := e.name
	if e.localName != "" {
		localName = e.localName
	}
	local := make([]byte, lenLocal)
	le.PutUint32(local, sigLocal)
	fill(local[4:])
	le.PutUint16(local[26:], uint16(len(localName)))
	le.PutUint16(local[28:], uint16(len(e.localExtra)))
	if e.local != nil {
		e.local(local)
	}
	out.Write(local)
	out.WriteString(localName + e.localExtra + packed + e.after)
	if e.hidden {
		return
	}
	central := make([]byte, lenCentral)
	le.PutUint32(central, sigCentral)
	le.PutUint16(central[4:], 3<<8|20)
	fill(central[6:])
	le.PutUint16(central[28:], uint16(len(e.name)))
	le.PutUint16(central[30:], uint16(len(e.extra)))
	le.PutUint16(central[32:], uint16(len(e.comment)))
	le.PutUint32(central[38:], e.mode<<16)
	le.PutUint32(central[42:], uint32(offset))
	if e.at != nil {
		le.PutUint32(central[42:], uint32(*e.at))
	}
	if e.central != nil {
		e.central(central)
	}
	dir.Write(central)
	dir.WriteString(e.name + e.extra + e.comment)
}

func deflated(data string) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err == nil {
		_, err = w.Write([]byte(data))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // memory does not fail
	}
	return b.String()
}

// numbers packs 32-bit numbers, or 64-bit ones given as uint64, little-endian.
func numbers(values ...any) string {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case int:
			b = le.AppendUint32(b, uint32(v))
		case uint32:
			b = le.AppendUint32(b, v)
		case uint64:
			b = le.AppendUint64(b, v)
		default:
			panic(fmt.Sprintf("%T", v))
		}
	}
	return string(b)
}

// extraOf is one extra field.
func extraOf(id uint16, data string) string {
	b := le.AppendUint16(nil, id)
	return string(le.AppendUint16(b, uint16(len(data)))) + data
}
