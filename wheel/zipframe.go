package wheel

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
)

// Zip archives say everything twice: in the central directory at the end and in
// a header before each member. Readers that believe one, or look for the end in
// different ways, disagree about what an archive holds; that is how a wheel shows
// one content to a scanner and another to an installer. Here an archive is sound
// only if both say the same and every byte is accounted for: members back to back
// from byte 0, then the directory, then its end record, then nothing.
// (APPNOTE.TXT 4.3, 4.4; the rules follow what indexes check on upload.)

const (
	sigLocal      = 0x04034b50
	sigDescriptor = 0x08074b50
	sigCentral    = 0x02014b50
	sigEnd        = 0x06054b50
	sigEnd64      = 0x06064b50
	sigLocator64  = 0x07064b50

	lenLocal     = 30
	lenCentral   = 46
	lenEnd       = 22
	lenEnd64     = 56
	lenLocator64 = 20

	flagEncrypted    = 1 << 0
	flagDescriptor   = 1 << 3
	flagPatch        = 1 << 5
	flagStrong       = 1 << 6
	flagMasked       = 1 << 13
	flagsCompression = 1<<1 | 1<<2 // how hard the compressor tried
	flagUTF8         = 1 << 11

	methodStored  = 0
	methodDeflate = 8

	extraZip64       = 0x0001
	extraUnicodePath = 0x7075

	modeType    = 0o170000
	modeSymlink = 0o120000
	modeDir     = 0o040000
	modeRegular = 0o100000

	maxDirectory = 128 << 20 // bytes of central directory
	saturated    = math.MaxUint32
)

var le = binary.LittleEndian

// member is one entry of the central directory.
type member struct {
	name   string
	flags  uint16
	method uint16
	crc    uint32
	packed int64  // bytes in the archive
	size   int64  // bytes when unpacked
	header int64  // offset of the local header
	data   int64  // offset of the packed bytes; set by walk
	mode   uint32 // Unix mode, as Python's zipfile reads it
}

func (m *member) isDir() bool { return strings.HasSuffix(m.name, "/") }

func (m *member) executable() bool { return m.mode&modeType == modeRegular && m.mode&0o111 != 0 }

// directory is the parsed central directory of an archive.
type directory struct {
	members []member
	start   int64 // offset of the directory, where the last member must end
}

// readAt fills buf from offset off. An archive that ends early is invalid; any
// other error is the reader's own.
func readAt(r io.ReaderAt, buf []byte, off int64) error {
	n, err := r.ReadAt(buf, off)
	if n == len(buf) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return invalidf("", "the archive is truncated")
	}
	return err
}

// readDirectory finds and parses the central directory of an archive of size
// bytes. It reads the end record, and then the directory in one piece.
func readDirectory(r io.ReaderAt, size int64, limits Limits) (*directory, error) {
	end, err := readEnd(r, size)
	if err != nil {
		return nil, err
	}
	if end.count > uint64(limits.members()) {
		return nil, invalidf("", "%d members; the limit is %d", end.count, limits.members())
	}
	if end.size > maxDirectory {
		return nil, invalidf("", "a central directory of %d bytes; the limit is %d", end.size, maxDirectory)
	}
	raw := make([]byte, end.size)
	if err := readAt(r, raw, end.offset); err != nil {
		return nil, err
	}
	d := &directory{start: end.offset}
	if n := uint64(len(raw)) / lenCentral; end.count > n {
		return nil, invalidf("", "the end record counts %d members, the central directory has room for %d", end.count, n)
	}
	d.members = make([]member, 0, end.count)
	names := string(raw) // one allocation for all names
	for pos := 0; pos < len(raw); {
		m, n, err := parseCentral(raw[pos:], names[pos:])
		if err != nil {
			return nil, err
		}
		d.members = append(d.members, m)
		pos += n
	}
	if uint64(len(d.members)) != end.count {
		return nil, invalidf("", "the end record counts %d members, the central directory has %d", end.count, len(d.members))
	}
	return d, nil
}

// parseCentral parses one central header and returns its length. names is the
// same bytes as a string, so that the name needs no allocation of its own.
func parseCentral(b []byte, names string) (m member, n int, err error) {
	if len(b) < lenCentral || le.Uint32(b) != sigCentral {
		return m, 0, invalidf("", "the central directory holds something else than its headers")
	}
	nameLen, extraLen, commentLen := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	n = lenCentral + nameLen + extraLen
	if n+commentLen > len(b) {
		return m, 0, invalidf("", "the central directory is cut short")
	}
	m = member{
		name:   names[lenCentral : lenCentral+nameLen],
		flags:  le.Uint16(b[8:]),
		method: le.Uint16(b[10:]),
		crc:    le.Uint32(b[16:]),
		mode:   le.Uint32(b[38:]) >> 16,
	}
	if reason := checkPath(strings.TrimSuffix(m.name, "/")); reason != "" {
		return m, 0, invalidf(m.name, "%s", reason)
	}
	if commentLen != 0 {
		return m, 0, invalidf(m.name, "a comment in the central directory")
	}
	if le.Uint16(b[34:]) != 0 {
		return m, 0, invalidf(m.name, "lies on another volume")
	}
	extra, err := parseExtra(m.name, b[lenCentral+nameLen:n])
	if err != nil {
		return m, 0, err
	}
	sizes := []uint32{le.Uint32(b[24:]), le.Uint32(b[20:]), le.Uint32(b[42:])}
	values, err := extra.resolve(m.name, sizes)
	if err != nil {
		return m, 0, err
	}
	m.size, m.packed, m.header = values[0], values[1], values[2]
	return m, n, m.check()
}

// check refuses what no wheel needs and what readers treat differently.
func (m *member) check() error {
	switch {
	case m.flags&(flagEncrypted|flagStrong|flagMasked) != 0:
		return invalidf(m.name, "encrypted")
	case m.flags&flagPatch != 0:
		return invalidf(m.name, "a patch, not a file")
	case m.method != methodStored && m.method != methodDeflate:
		return invalidf(m.name, "compression method %d; a wheel's members are stored or deflated", m.method)
	case m.method == methodStored && m.size != m.packed:
		return invalidf(m.name, "stored, yet of two sizes (%d, %d)", m.packed, m.size)
	case m.mode&modeType == modeSymlink:
		return invalidf(m.name, "a symbolic link; a wheel has none")
	case m.isDir() && (m.size != 0 || m.crc != 0 || m.packed > 2):
		return invalidf(m.name, "a folder with content")
	case !m.isDir() && m.mode&modeType == modeDir:
		return invalidf(m.name, "a folder by its mode and a file by its name")
	}
	return nil
}

// extraFields are the extra fields that change what a header means.
type extraFields struct {
	zip64    []byte
	hasZip64 bool
}

func parseExtra(name string, b []byte) (x extraFields, err error) {
	unicodePath := false
	for len(b) > 0 {
		if len(b) < 4 || int(le.Uint16(b[2:])) > len(b)-4 {
			return x, invalidf(name, "malformed extra field")
		}
		id, data := le.Uint16(b), b[4:4+le.Uint16(b[2:])]
		b = b[4+len(data):]
		switch {
		case id == extraZip64 && !x.hasZip64:
			x.zip64, x.hasZip64 = data, true
		case id == extraUnicodePath && !unicodePath:
			unicodePath = true
			if len(data) < 5 || string(data[5:]) != name {
				return x, invalidf(name, "has a second name in an extra field")
			}
		case id == extraZip64 || id == extraUnicodePath:
			return x, invalidf(name, "the same extra field twice")
		}
	}
	return x, nil
}

// resolve returns the 64-bit values of header fields given in the order that the
// ZIP64 extra field has them. A field that is not saturated may be repeated
// there, but only truthfully.
func (x extraFields) resolve(name string, fields []uint32) ([3]int64, error) {
	var values [3]int64
	if !x.hasZip64 {
		for i, f := range fields {
			if f == saturated {
				return values, invalidf(name, "needs a ZIP64 extra field and has none")
			}
			values[i] = int64(f)
		}
		return values, nil
	}
	wanted := 0
	for _, f := range fields {
		if f == saturated {
			wanted++
		}
	}
	full := len(x.zip64) != 8*wanted // then fields stand there in order, needed or not
	if full && (len(x.zip64)%8 != 0 || len(x.zip64) > 8*len(fields)) {
		return values, invalidf(name, "a ZIP64 extra field of %d bytes", len(x.zip64))
	}
	rest := x.zip64
	for i, f := range fields {
		values[i] = int64(f)
		if f != saturated && (!full || len(rest) == 0) {
			continue
		}
		if len(rest) == 0 {
			return values, invalidf(name, "a ZIP64 extra field of %d bytes", len(x.zip64))
		}
		v := le.Uint64(rest)
		rest = rest[8:]
		if v > math.MaxInt64 || f != saturated && v != uint64(f) {
			return values, invalidf(name, "its ZIP64 extra field disagrees with its header")
		}
		values[i] = int64(v)
	}
	return values, nil
}
