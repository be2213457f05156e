package unpack

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// tarReader reads POSIX ustar, pax and GNU long names: what the tools that make
// source archives write, and nothing else. The standard library's reader is
// made to read as many archives as possible; this one reads an archive in one
// way only, so that two tools can't see two different trees in it.
type tarReader struct {
	r       io.Reader
	block   [blockSize]byte
	content io.LimitedReader
	padding int64
}

const (
	blockSize = 512
	// maxExtended bounds a pax or long-name header.
	maxExtended = 1 << 20
)

func newTar(r io.Reader) *tarReader { return &tarReader{r: r} }

// extended is what pax and GNU headers say about the next member.
type extended struct {
	path, link       string
	hasPath, hasLink bool
	pax, gnu         bool
	size             int64
	hasSize          bool
}

func (t *tarReader) next() (*member, io.Reader, error) {
	if err := t.skip(); err != nil {
		return nil, nil, err
	}
	var ext extended
	for {
		more, err := t.header(&ext)
		if err != nil {
			return nil, nil, err
		}
		size, err := number(t.block[124:136])
		if err != nil {
			return nil, nil, err
		}
		if !more {
			return t.member(ext, size)
		}
		if size > maxExtended {
			return nil, nil, refusal("has an extended header of more than 1 MiB")
		}
		body := make([]byte, roundUp(size))
		if err := t.full(body); err != nil {
			return nil, nil, err
		}
		if err := ext.read(t.block[156], body[:size]); err != nil {
			return nil, nil, err
		}
	}
}

// header reads the next header block; more reports that it describes the member
// after it. It is io.EOF at the archive's end.
func (t *tarReader) header(ext *extended) (more bool, err error) {
	if _, err := io.ReadFull(t.r, t.block[:]); err != nil {
		if err == io.EOF && !ext.pax && !ext.gnu {
			return false, io.EOF // no end blocks; the packing's own checksum held
		}
		return false, truncated(err)
	}
	if allZero(t.block[:]) {
		if ext.pax || ext.gnu {
			return false, refusal("ends after an extended header")
		}
		return false, t.end()
	}
	if err := checksum(&t.block); err != nil {
		return false, err
	}
	switch t.block[156] {
	case 'x', 'g', 'L', 'K':
		return true, nil
	}
	return false, nil
}

// end reads what follows the first end block: nothing but zeros, up to where the
// packing itself says that it ends.
func (t *tarReader) end() error {
	for {
		n, err := t.r.Read(t.block[:])
		if !allZero(t.block[:n]) {
			return refusal("has data after its end")
		}
		if err != nil {
			return err
		}
	}
}

// skip leaves the rest of the current member behind.
func (t *tarReader) skip() error {
	if t.content.N > 0 {
		if _, err := io.Copy(io.Discard, &t.content); err != nil {
			return err
		}
		if t.content.N > 0 {
			return io.ErrUnexpectedEOF
		}
	}
	pad := t.block[:t.padding]
	t.padding = 0
	return t.full(pad)
}

func (t *tarReader) full(b []byte) error {
	_, err := io.ReadFull(t.r, b)
	return truncated(err)
}

func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// member makes a member of the current block and what was said before it.
func (t *tarReader) member(ext extended, size int64) (*member, io.Reader, error) {
	m := &member{raw: cString(t.block[0:100])}
	if magic := string(t.block[257:263]); magic == "ustar\x00" {
		if prefix := cString(t.block[345:500]); prefix != "" {
			m.raw = prefix + "/" + m.raw
		}
	}
	m.target = cString(t.block[157:257])
	if ext.hasPath {
		m.raw = ext.path
	}
	if ext.hasLink {
		m.target = ext.link
	}
	if ext.hasSize && ext.size != size {
		return m, nil, refusal("has two different sizes")
	}
	flag := t.block[156]
	switch flag {
	case '0', 0:
		m.kind = regular
		if strings.HasSuffix(m.raw, "/") {
			m.kind = directory // how archives older than ustar mark a folder
		}
	case '1':
		m.kind = hardlink
	case '2':
		m.kind = symlink
	case '5':
		m.kind = directory
	case '3', '4', '6':
		return m, nil, refusal("is a device or a pipe")
	default:
		return m, nil, refusef("is of the unsupported kind %q", string(rune(flag)))
	}
	if m.kind != regular && size != 0 {
		return m, nil, refusal("is no file, but has content")
	}
	mode, err := number(t.block[100:108])
	if err != nil {
		return m, nil, err
	}
	m.size, m.executable = size, mode&0o111 != 0
	t.content = io.LimitedReader{R: t.r, N: size}
	t.padding = roundUp(size) - size
	return m, &contentReader{&t.content}, nil
}

// contentReader makes a truncated member an error instead of a shorter file.
type contentReader struct{ l *io.LimitedReader }

func (c *contentReader) Read(p []byte) (int, error) {
	n, err := c.l.Read(p)
	if err == io.EOF && c.l.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// read takes in the body of an extended header.
func (e *extended) read(flag byte, body []byte) error {
	switch flag {
	case 'L', 'K':
		if e.pax {
			return refusal("mixes GNU and pax headers")
		}
		e.gnu = true
		text := cString(body)
		if len(bytes.TrimRight(body, "\x00")) != len(text) {
			return refusal("has a NUL in a long name")
		}
		if flag == 'L' {
			return set(&e.path, &e.hasPath, text)
		}
		return set(&e.link, &e.hasLink, text)
	case 'x':
		if e.gnu {
			return refusal("mixes GNU and pax headers")
		}
		if e.pax {
			return refusal("has two pax headers")
		}
		e.pax = true
	}
	return e.records(body, flag == 'g')
}

// records reads "length key=value\n" records (POSIX.1-2001, pax).
func (e *extended) records(body []byte, global bool) error {
	for len(body) > 0 {
		if allZero(body) {
			return nil
		}
		digits, rest, ok := bytes.Cut(body, []byte(" "))
		length, err := strconv.Atoi(string(digits))
		if !ok || err != nil || len(digits) > 8 || digits[0] < '0' || digits[0] > '9' ||
			length <= len(digits)+2 || length > len(body) {
			return refusal("has a malformed pax header")
		}
		record := rest[:length-len(digits)-1]
		body = body[length:]
		key, value, ok := bytes.Cut(record[:len(record)-1], []byte("="))
		if !ok || record[len(record)-1] != '\n' {
			return refusal("has a malformed pax header")
		}
		if err := e.record(string(key), string(value), global); err != nil {
			return err
		}
	}
	return nil
}

func (e *extended) record(key, value string, global bool) error {
	switch key {
	case "path", "linkpath", "size":
		if global {
			return refusef("has a global pax header with %q", key)
		}
		if strings.IndexByte(value, 0) >= 0 {
			return refusef("has a NUL in its pax %q", key)
		}
	}
	switch key {
	case "path":
		return set(&e.path, &e.hasPath, value)
	case "linkpath":
		return set(&e.link, &e.hasLink, value)
	case "size":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || e.hasSize {
			return refusal("has a malformed size")
		}
		e.size, e.hasSize = n, true
	}
	if strings.HasPrefix(key, "GNU.sparse.") || key == "SCHILY.realsize" || key == "hdrcharset" && value == "BINARY" {
		return refusef("uses the pax extension %q", key)
	}
	return nil
}

func set(field *string, has *bool, value string) error {
	if *has || value == "" {
		return refusal("has two long names, or an empty one")
	}
	*field, *has = value, true
	return nil
}

// number reads an octal field, as ustar has it.
func number(field []byte) (int64, error) {
	if field[0]&0x80 != 0 {
		return 0, refusal("has a size in base 256")
	}
	s := strings.Trim(string(field), " \x00")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 8, 62)
	if err != nil {
		return 0, refusal("has a malformed number in its header")
	}
	return int64(n), nil
}

// checksum checks a header's sum of unsigned bytes.
func checksum(block *[blockSize]byte) error {
	want, err := number(block[148:156])
	if err != nil {
		return err
	}
	var sum int64
	for i, b := range block {
		if i >= 148 && i < 156 {
			b = ' '
		}
		sum += int64(b)
	}
	if sum != want {
		return refusal("has a damaged header (checksum)")
	}
	return nil
}

func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func roundUp(n int64) int64 { return (n + blockSize - 1) &^ (blockSize - 1) }
