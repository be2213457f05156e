// Package libver reads versions out of a host's binaries: of the C library
// that lies in its root file system, and of the interpreter. Their headers are
// hostile: reading is bounded, and no offset is followed unchecked.
package libver

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"strings"
)

// ErrNoVersion says that a file does not tell its version.
var ErrNoVersion = errors.New("it does not tell its version")

const (
	maxSegments    = 256
	maxDynamic     = 4096
	maxDefinitions = 4096
	maxName        = 64
	maxScan        = 256 << 20 // bytes of a binary that are searched for strings
)

// Glibc returns the version of a libc.so.6, such as "2.41": the newest that it
// defines symbols of, as the dynamic linker's version definitions have it
// (Linux Standard Base, symbol versioning). The error is ErrNoVersion or the
// reader's.
func Glibc(r io.ReaderAt, size int64) (string, error) {
	e, err := openELF(r, size)
	if err != nil {
		return "", err
	}
	names, definitions, count, err := e.versionTables()
	if err != nil {
		return "", err
	}
	best := -1
	for at := definitions; count > 0; count-- {
		entry, ok := e.bytes(at, 20) // Elf32_Verdef and Elf64_Verdef are alike
		if !ok {
			break
		}
		auxiliary, ok := e.bytes(at+int64(e.order.Uint32(entry[12:])), 8)
		if !ok {
			break
		}
		if minor, ok := glibcMinor(e.name(names + int64(e.order.Uint32(auxiliary)))); ok {
			best = max(best, minor)
		}
		next := int64(e.order.Uint32(entry[16:]))
		if next == 0 {
			break
		}
		at += next
	}
	if best < 0 {
		return "", ErrNoVersion
	}
	return "2." + strconv.Itoa(best), nil
}

func glibcMinor(name string) (int, bool) {
	text, ok := strings.CutPrefix(name, "GLIBC_2.")
	if !ok {
		return 0, false
	}
	text, _, _ = strings.Cut(text, ".") // GLIBC_2.2.5
	minor, err := strconv.Atoi(text)
	return minor, err == nil && minor >= 0 && minor < 1000
}

// elf is an ELF file as far as it has been read.
type elf struct {
	r     io.ReaderAt
	size  int64
	order binary.ByteOrder
	wide  bool
	loads []segment
	dyn   segment
}

type segment struct{ off, addr, size int64 }

func (e *elf) bytes(at int64, n int) ([]byte, bool) {
	if at < 0 || n < 0 || at > e.size-int64(n) {
		return nil, false
	}
	b := make([]byte, n)
	if _, err := e.r.ReadAt(b, at); err != nil {
		return nil, false
	}
	return b, true
}

// name reads a string up to its end, "" if it is none of a version.
func (e *elf) name(at int64) string {
	if at < 0 || at >= e.size {
		return ""
	}
	b, ok := e.bytes(at, int(min(maxName, e.size-at)))
	if !ok {
		return ""
	}
	text, _, _ := strings.Cut(string(b), "\x00")
	return text
}

func openELF(r io.ReaderAt, size int64) (*elf, error) {
	e := &elf{r: r, size: size, order: binary.LittleEndian}
	head, ok := e.bytes(0, 64)
	if !ok || string(head[:4]) != "\x7fELF" {
		return nil, ErrNoVersion
	}
	e.wide = head[4] == 2
	if head[5] == 2 {
		e.order = binary.BigEndian
	}
	table, entry, count := int64(e.order.Uint32(head[28:])), int(e.order.Uint16(head[42:])), int(e.order.Uint16(head[44:]))
	want := 32
	if e.wide {
		table, entry, count = int64(e.order.Uint64(head[32:])), int(e.order.Uint16(head[54:])), int(e.order.Uint16(head[56:]))
		want = 56
	}
	if entry != want || count > maxSegments {
		return nil, ErrNoVersion
	}
	b, ok := e.bytes(table, entry*count)
	if !ok {
		return nil, ErrNoVersion
	}
	for ; len(b) > 0; b = b[entry:] {
		seg := segment{int64(e.order.Uint32(b[4:])), int64(e.order.Uint32(b[8:])), int64(e.order.Uint32(b[16:]))}
		if e.wide {
			seg = segment{int64(e.order.Uint64(b[8:])), int64(e.order.Uint64(b[16:])), int64(e.order.Uint64(b[32:]))}
		}
		switch e.order.Uint32(b) {
		case 1: // PT_LOAD
			e.loads = append(e.loads, seg)
		case 2: // PT_DYNAMIC
			e.dyn = seg
		}
	}
	return e, nil
}

// versionTables finds the string table and the version definitions by the
// dynamic section: offsets in the file, and how many definitions there are.
func (e *elf) versionTables() (names, definitions, count int64, err error) {
	entry := int64(8)
	if e.wide {
		entry = 16
	}
	table, ok := e.bytes(e.dyn.off, int(max(0, min(e.dyn.size, maxDynamic*entry))/entry*entry))
	if !ok {
		return 0, 0, 0, ErrNoVersion
	}
	for ; int64(len(table)) >= entry; table = table[entry:] {
		tag, value := int64(e.order.Uint32(table)), int64(e.order.Uint32(table[4:]))
		if e.wide {
			tag, value = int64(e.order.Uint64(table)), int64(e.order.Uint64(table[8:]))
		}
		switch tag {
		case 5: // DT_STRTAB
			names = value
		case 0x6ffffffc: // DT_VERDEF
			definitions = value
		case 0x6ffffffd: // DT_VERDEFNUM
			count = min(value, maxDefinitions)
		}
	}
	names, ok = e.offset(names)
	definitions, ok2 := e.offset(definitions)
	if !ok || !ok2 || definitions == 0 {
		return 0, 0, 0, ErrNoVersion
	}
	return names, definitions, count, nil
}

// offset turns an address into an offset in the file.
func (e *elf) offset(addr int64) (int64, bool) {
	for _, seg := range e.loads {
		if addr >= seg.addr && addr-seg.addr < seg.size && seg.off >= 0 && seg.off <= e.size {
			return seg.off + addr - seg.addr, true
		}
	}
	return 0, false
}

// Musl returns the version of musl's loader, which is its C library too, such
// as "1.2.5". The error is ErrNoVersion or the reader's.
func Musl(r io.Reader) (string, error) {
	return only(r, func(s string) bool {
		major, rest, _ := strings.Cut(s, ".")
		minor, micro, ok := strings.Cut(rest, ".")
		micro, _, _ = strings.Cut(micro, "-git-")
		return ok && major == "1" && isNumber(minor) && isNumber(micro)
	})
}

// Python returns the full version of the interpreter or of the library that
// it is in, such as "3.13.5" or "3.15.0rc1+", given its minor version, such as
// "3.13". The error is ErrNoVersion or the reader's.
func Python(r io.Reader, short string) (string, error) {
	return only(r, func(s string) bool {
		micro, ok := strings.CutPrefix(s, short+".")
		micro = strings.TrimSuffix(micro, "+")
		digits := strings.TrimLeft(micro, "0123456789")
		release := strings.TrimLeft(digits, "abrc")
		return ok && len(digits) < len(micro) && (digits == "" || len(release) < len(digits) && isNumber(release))
	})
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// only returns the one string in a binary that is a version. Strings in C have
// a zero on either side. Several different ones tell nothing.
func only(r io.Reader, isVersion func(string) bool) (string, error) {
	const longest = 32
	in := bufio.NewReaderSize(io.LimitReader(r, maxScan), 64<<10)
	found := ""
	word := make([]byte, 0, longest+1)
	for {
		c, err := in.ReadByte()
		if err == io.EOF { //nolint:errorlint // bufio's own
			break
		}
		if err != nil {
			return "", err
		}
		if c != 0 {
			if len(word) <= longest {
				word = append(word, c)
			}
			continue
		}
		if n := len(word); n >= 5 && n <= longest && word[1] == '.' && isVersion(string(word)) {
			if s := string(word); found != "" && found != s {
				return "", ErrNoVersion
			} else {
				found = s
			}
		}
		word = word[:0]
	}
	if found == "" {
		return "", ErrNoVersion
	}
	return found, nil
}
