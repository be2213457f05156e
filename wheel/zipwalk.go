package wheel

import (
	"cmp"
	"io"
	"slices"
)

// walk goes through the archive from byte 0 and checks that the members of the
// directory, in the order of their offsets, are all there is. It sets the
// members' data offsets.
func (d *directory) walk(r io.ReaderAt) error {
	order := make([]*member, len(d.members))
	for i := range d.members {
		order[i] = &d.members[i]
	}
	slices.SortStableFunc(order, func(a, b *member) int { return cmp.Compare(a.header, b.header) })
	w := window{r: r, limit: d.start}
	pos := int64(0)
	for i, m := range order {
		if m.header != pos {
			return invalidf(m.name, "bytes that belong to no member before it, or members that overlap")
		}
		next := d.start
		if i+1 < len(order) {
			next = order[i+1].header
		}
		end, err := m.checkLocal(&w, next)
		if err != nil {
			return err
		}
		pos = end
	}
	if pos != d.start {
		return invalidf("", "bytes that belong to no member before the central directory")
	}
	return nil
}

// checkLocal compares the local header with the central one, sets m.data, and
// returns where the member ends.
func (m *member) checkLocal(w *window, next int64) (end int64, err error) {
	b, err := w.bytes(m.header, lenLocal)
	if err != nil {
		return 0, err
	}
	if le.Uint32(b) != sigLocal {
		return 0, invalidf(m.name, "no header where the central directory points")
	}
	flags, method, crc := le.Uint16(b[6:]), le.Uint16(b[8:]), le.Uint32(b[14:])
	sizes := []uint32{le.Uint32(b[22:]), le.Uint32(b[18:])}
	nameLen, extraLen := int(le.Uint16(b[26:])), int(le.Uint16(b[28:]))
	if b, err = w.bytes(m.header+lenLocal, nameLen+extraLen); err != nil {
		return 0, err
	}
	if string(b[:nameLen]) != m.name {
		return 0, invalidf(m.name, "called %q in its own header", b[:nameLen])
	}
	if (flags^m.flags)&^flagsCompression&^flagUTF8 != 0 || method != m.method {
		return 0, invalidf(m.name, "its header and the central directory disagree on how it is stored")
	}
	extra, err := parseExtra(m.name, b[nameLen:])
	if err != nil {
		return 0, err
	}
	values, err := extra.resolve(m.name, sizes)
	if err != nil {
		return 0, err
	}
	later := flags&flagDescriptor != 0 // then zeros stand here
	agrees := crc == m.crc && values[0] == m.size && values[1] == m.packed
	zeros := crc == 0 && values[0] == 0 && values[1] == 0
	if !agrees && (!later || !zeros) {
		return 0, invalidf(m.name, "its header and the central directory disagree on its size or checksum")
	}
	m.data = m.header + lenLocal + int64(nameLen+extraLen)
	if m.packed > next-m.data {
		return 0, invalidf(m.name, "overlaps what comes after it")
	}
	end = m.data + m.packed
	if later {
		n := next - end
		if n != 12 && n != 16 && n != 20 && n != 24 {
			return 0, invalidf(m.name, "its data descriptor is missing or malformed")
		}
		if b, err = w.bytes(end, int(n)); err != nil {
			return 0, err
		}
		if !m.describedBy(b) {
			return 0, invalidf(m.name, "its data descriptor and the central directory disagree")
		}
		end = next
	}
	return end, nil
}

// describedBy checks a data descriptor in any of its four forms: with and
// without signature, with sizes of 32 and of 64 bits.
func (m *member) describedBy(b []byte) bool {
	if len(b)%8 == 0 {
		if le.Uint32(b) != sigDescriptor {
			return false
		}
		b = b[4:]
	}
	if le.Uint32(b) != m.crc {
		return false
	}
	if len(b) == 12 {
		return int64(le.Uint32(b[4:])) == m.packed && int64(le.Uint32(b[8:])) == m.size
	}
	return le.Uint64(b[4:]) == uint64(m.packed) && le.Uint64(b[12:]) == uint64(m.size)
}

// window reads small pieces at rising offsets with few reads of the file.
type window struct {
	r     io.ReaderAt
	limit int64 // nothing is read at or after this offset
	buf   []byte
	start int64
}

const windowSize = 8 << 10

func (w *window) bytes(off int64, n int) ([]byte, error) {
	if off < 0 || int64(n) > w.limit-off {
		return nil, invalidf("", "a header runs into the central directory")
	}
	if off < w.start || off+int64(n) > w.start+int64(len(w.buf)) {
		size := min(max(int64(n), windowSize), w.limit-off)
		if int64(cap(w.buf)) < size {
			w.buf = make([]byte, size)
		}
		w.buf, w.start = w.buf[:size], off
		if err := readAt(w.r, w.buf, off); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	return w.buf[off-w.start:][:n], nil
}
