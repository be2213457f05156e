package wheel

import (
	"bytes"
	"io"
	"math"
	"unicode/utf8"
)

type endRecord struct {
	count  uint64
	size   int64 // of the central directory
	offset int64 // of the central directory
}

func readEnd(r io.ReaderAt, size int64) (endRecord, error) {
	at, buf, err := findEnd(r, size)
	if err != nil {
		return endRecord{}, err
	}
	if le.Uint16(buf[4:]) != 0 || le.Uint16(buf[6:]) != 0 || le.Uint16(buf[8:]) != le.Uint16(buf[10:]) {
		return endRecord{}, invalidf("", "part of a multi-volume archive")
	}
	count, dirSize, dirOffset := uint64(le.Uint16(buf[10:])), uint64(le.Uint32(buf[12:])), uint64(le.Uint32(buf[16:]))
	if at >= lenLocator64 {
		locator := make([]byte, lenLocator64)
		if err := readAt(r, locator, at-lenLocator64); err != nil {
			return endRecord{}, err
		}
		if le.Uint32(locator) == sigLocator64 {
			end64, err := readEnd64(r, at-lenLocator64, locator)
			if err != nil {
				return endRecord{}, err
			}
			if count != math.MaxUint16 && count != end64[0] || dirSize != saturated && dirSize != end64[1] ||
				dirOffset != saturated && dirOffset != end64[2] {
				return endRecord{}, invalidf("", "the end record and its ZIP64 form disagree")
			}
			count, dirSize, dirOffset = end64[0], end64[1], end64[2]
			at -= lenLocator64 + lenEnd64
		}
	}
	if dirSize > uint64(at) || dirOffset > uint64(at) || dirOffset+dirSize != uint64(at) {
		return endRecord{}, invalidf("", "the central directory does not end where the end record begins")
	}
	return endRecord{count, int64(dirSize), int64(dirOffset)}, nil
}

// findEnd locates the end record: the last bytes of the file but for a comment
// of plain text.
func findEnd(r io.ReaderAt, size int64) (at int64, record []byte, err error) {
	if size < lenEnd {
		return 0, nil, invalidf("", "not a zip archive: %d bytes", size)
	}
	record = make([]byte, lenEnd)
	if err := readAt(r, record, size-lenEnd); err != nil {
		return 0, nil, err
	}
	if le.Uint32(record) == sigEnd && le.Uint16(record[20:]) == 0 {
		return size - lenEnd, record, nil
	}
	tail := make([]byte, min(size, lenEnd+math.MaxUint16))
	if err := readAt(r, tail, size-int64(len(tail))); err != nil {
		return 0, nil, err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || i+lenEnd > len(tail) {
		return 0, nil, noEnd(r)
	}
	record, comment := tail[i:i+lenEnd], tail[i+lenEnd:]
	if int(le.Uint16(record[20:])) != len(comment) {
		return 0, nil, invalidf("", "bytes after the end of the archive")
	}
	if !utf8.Valid(comment) || bytes.ContainsFunc(comment, isControl) {
		return 0, nil, invalidf("", "the archive's comment is not text")
	}
	return size - int64(len(comment)) - lenEnd, record, nil
}

// noEnd says what a file without an end record most likely is.
func noEnd(r io.ReaderAt) error {
	head := make([]byte, 512)
	n, _ := r.ReadAt(head, 0)
	head = bytes.ToLower(bytes.TrimLeft(head[:n], " \t\r\n\ufeff"))
	if bytes.HasPrefix(head, []byte("<!doctype")) || bytes.HasPrefix(head, []byte("<html")) || bytes.HasPrefix(head, []byte("<?xml")) {
		return invalidf("", "not a zip archive: it is a web page, so the server sent something else than the file")
	}
	if bytes.HasPrefix(head, []byte("pk\x03\x04")) {
		return invalidf("", "the archive is truncated: it has no end record")
	}
	return invalidf("", "not a zip archive")
}

// readEnd64 returns count, size and offset of the central directory as the ZIP64
// end record before the locator states them.
func readEnd64(r io.ReaderAt, locatorAt int64, locator []byte) (values [3]uint64, err error) {
	at := locatorAt - lenEnd64
	if at < 0 || le.Uint64(locator[8:]) != uint64(at) || le.Uint32(locator[4:]) != 0 || le.Uint32(locator[16:]) != 1 {
		return values, invalidf("", "the ZIP64 locator does not point at the record before it")
	}
	buf := make([]byte, lenEnd64)
	if err := readAt(r, buf, at); err != nil {
		return values, err
	}
	if le.Uint32(buf) != sigEnd64 || le.Uint64(buf[4:]) != lenEnd64-12 || le.Uint32(buf[16:]) != 0 ||
		le.Uint32(buf[20:]) != 0 || le.Uint64(buf[24:]) != le.Uint64(buf[32:]) {
		return values, invalidf("", "the ZIP64 end record is malformed")
	}
	return [3]uint64{le.Uint64(buf[32:]), le.Uint64(buf[40:]), le.Uint64(buf[48:])}, nil
}
