package libver

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// library lays out an ELF library that defines versions, as one segment that
// is loaded where it lies in the file.
func library(order binary.AppendByteOrder, wide bool, versions ...string) []byte {
	word := func(b []byte, v int) []byte {
		if wide {
			return order.AppendUint64(b, uint64(v))
		}
		return order.AppendUint32(b, uint32(v))
	}
	head, entry, class, data := 52, 32, byte(1), byte(1)
	if wide {
		head, entry, class = 64, 56, 2
	}
	if order == binary.AppendByteOrder(binary.BigEndian) {
		data = 2
	}
	names := []byte{0}
	var defs []byte
	for i, v := range versions {
		next := uint32(28)
		if i == len(versions)-1 {
			next = 0
		}
		for range 6 {
			defs = order.AppendUint16(defs, 1)
		}
		defs = order.AppendUint32(defs, 20)
		defs = order.AppendUint32(defs, next)
		defs = order.AppendUint32(defs, uint32(len(names)))
		defs = order.AppendUint32(defs, 0)
		names = append(names, v+"\x00"...)
	}
	at := head + 2*entry
	var dyn []byte
	for _, pair := range [][2]int{{5, at}, {0x6ffffffc, at + len(names)}, {0x6ffffffd, len(versions)}, {0, 0}} {
		dyn = word(word(dyn, pair[0]), pair[1])
	}
	dynAt := at + len(names) + len(defs)
	b := append([]byte{0x7f, 'E', 'L', 'F', class, data}, make([]byte, head-6)...)
	table := word(nil, head)
	if wide {
		copy(b[32:], table)
		copy(b[54:], order.AppendUint16(order.AppendUint16(nil, uint16(entry)), 2))
	} else {
		copy(b[28:], table)
		copy(b[42:], order.AppendUint16(order.AppendUint16(nil, uint16(entry)), 2))
	}
	program := func(kind uint32, off, size int) {
		b = order.AppendUint32(b, kind)
		if wide {
			b = order.AppendUint32(b, 0)
		}
		for _, v := range []int{off, off, off, size, size} {
			b = word(b, v)
		}
		b = word(b, 0)
		if !wide {
			b = order.AppendUint32(b, 0)
		}
	}
	program(1, 0, dynAt+len(dyn))
	program(2, dynAt, len(dyn))
	return append(append(append(b, names...), defs...), dyn...)
}

func glibcOf(b []byte) (string, error) { return Glibc(bytes.NewReader(b), int64(len(b))) }

func TestGlibc(t *testing.T) {
	for _, wide := range []bool{false, true} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			got, err := glibcOf(library(order, wide, "libc.so.6", "GLIBC_2.2.5", "GLIBC_2.41", "GLIBC_2.9", "GLIBC_PRIVATE", "GLIBC_2.x", "GLIBC_ABI_DT_RELR"))
			if err != nil || got != "2.41" {
				t.Errorf("%v, wide %v: %q, %v", order, wide, got, err)
			}
		}
	}
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte(strings.Repeat("x", 100)), "no versions": library(binary.LittleEndian, true), "another library": library(binary.LittleEndian, true, "CXXABI_1.3"),
	} {
		if got, err := glibcOf(b); !errors.Is(err, ErrNoVersion) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestGlibcLies overwrites every word of the headers with offsets and counts
// that lead out of the file: reading ends, whatever they say.
func TestGlibcLies(t *testing.T) {
	good := library(binary.LittleEndian, true, "GLIBC_2.17", "GLIBC_2.28")
	for at := 4; at+8 <= len(good); at += 2 {
		for _, lie := range []uint64{0, 1, 0xff, 0x7fffffff, 0xffffffff, 1 << 40, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
			b := bytes.Clone(good)
			binary.LittleEndian.PutUint64(b[at:], lie)
			if got, err := glibcOf(b); err == nil && got == "" {
				t.Fatalf("%x at %d: no version and no error", lie, at)
			}
		}
	}
}

func TestStrings(t *testing.T) {
	for text, want := range map[string]string{
		"x\x001.2.5\x00y":                           "1.2.5",
		"\x001.2.5_git\x00\x001.1.24\x00":           "1.1.24",
		"\x001.2.5\x001.2.5\x00":                    "1.2.5",
		"\x001.2.5\x001.1.0\x00":                    "",
		"\x001.2.5.7\x002.2.5\x001.x.5\x001.2\x00":  "",
		"\x001.2.5-git-20-gabcdef\x00":              "1.2.5-git-20-gabcdef",
		strings.Repeat("1.2.5", 1000) + "\x00\x001": "",
	} {
		if got, err := Musl(strings.NewReader(text)); got != want || (err == nil) != (want != "") {
			t.Errorf("musl of %.40q: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"\x003.13.5\x00": "3.13.5", "\x003.13.0rc1+\x00": "3.13.0rc1+", "\x003.2.0\x003.13.15+\x00": "3.13.15+",
		"\x003.13.5\x003.13.6\x00": "", "\x003.13.\x003.13.x\x003.13.5rc\x003.130.5\x003.13.5x1\x00": "",
	} {
		if got, err := Python(strings.NewReader(text), "3.13"); got != want || (err == nil) != (want != "") {
			t.Errorf("Python of %.40q: %q, %v", text, got, err)
		}
	}
}

func FuzzGlibc(f *testing.F) {
	f.Add(library(binary.LittleEndian, true, "GLIBC_2.17", "GLIBC_2.28"))
	f.Add(library(binary.BigEndian, false, "GLIBC_2.2.5"))
	f.Add([]byte("\x001.2.5\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := glibcOf(b); err == nil && !strings.HasPrefix(v, "2.") {
			t.Errorf("version %q", v)
		}
		if v, err := Musl(bytes.NewReader(b)); err == nil && !bytes.Contains(b, []byte(v)) {
			t.Errorf("version %q is not there", v)
		}
	})
}
