package wheel

import (
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"github.com/xpip/xpip/wheel/internal/inflate"
)

// storedChunk is how much of a stored member is read at a time, in bytes.
const storedChunk = 128 << 10

// inflater holds what unpacking a member needs, for reuse: it is larger than
// most members.
type inflater struct {
	section packedReader
	decoder inflate.Decoder
	sha256  hash.Hash
	chunk   []byte // of a stored member
}

var inflaters = sync.Pool{New: func() any { return &inflater{sha256: sha256.New()} }}

// start begins to read m.
func (i *inflater) start(r io.ReaderAt, m *member) {
	i.section = packedReader{r: r, off: m.data, end: m.data + m.packed}
	if m.method == methodDeflate {
		i.decoder.Reset(&i.section)
	}
}

// next returns the next bytes of a member, and io.EOF with the last of them.
func (i *inflater) next(m *member) ([]byte, error) {
	if m.method == methodDeflate {
		return i.decoder.Next()
	}
	if i.chunk == nil {
		i.chunk = make([]byte, storedChunk)
	}
	n, err := i.section.Read(i.chunk)
	return i.chunk[:n], err
}

// leftOver reports whether some of a member's packed bytes are beyond its end.
func (i *inflater) leftOver(m *member) bool {
	return i.section.off != i.section.end || m.method == methodDeflate && i.decoder.Rest() > 0
}

// packedReader reads a member's packed bytes. It tells errors of the disk or the
// network from those of the content.
type packedReader struct {
	r        io.ReaderAt
	off, end int64
	err      error
}

func (p *packedReader) Read(buf []byte) (int, error) {
	if p.off == p.end {
		return 0, io.EOF
	}
	if rest := p.end - p.off; int64(len(buf)) > rest {
		buf = buf[:rest]
	}
	n, err := p.r.ReadAt(buf, p.off)
	p.off += int64(n)
	if n > 0 {
		return n, nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	p.err = err
	return 0, err
}

// sums are the digests of one member.
type sums struct {
	sha256 string // as RECORD writes it
	other  string // by the algorithm that RECORD names, if that is another
}

// extract inflates m and hands its bytes on in chunks, which sink must not keep.
// It ends in an error unless the bytes are exactly as many as declared, their
// checksum is the declared one, and nothing packed is left over. other may be
// nil.
func (i *inflater) extract(r io.ReaderAt, m *member, other hash.Hash, sink func([]byte) error) (sums, error) {
	i.start(r, m)
	i.sha256.Reset()
	var total int64
	var crc uint32
	for done := false; !done; {
		part, err := i.next(m)
		switch {
		case errors.Is(err, io.EOF):
			done = true
		case i.section.err != nil:
			return sums{}, i.section.err
		case err != nil:
			return sums{}, &InvalidError{Member: m.name, Reason: "its compressed data is damaged", Err: err}
		}
		if total += int64(len(part)); total > m.size {
			return sums{}, invalidf(m.name, "unpacks to more than the %d bytes declared", m.size)
		}
		crc = crc32.Update(crc, crc32.IEEETable, part)
		i.sha256.Write(part)
		if other != nil {
			other.Write(part)
		}
		if len(part) > 0 {
			if err := sink(part); err != nil {
				return sums{}, err
			}
		}
	}
	switch {
	case total != m.size:
		return sums{}, invalidf(m.name, "unpacks to %d bytes, %d are declared", total, m.size)
	case crc != m.crc:
		return sums{}, invalidf(m.name, "its checksum is wrong: the archive is damaged")
	case i.leftOver(m):
		return sums{}, invalidf(m.name, "bytes after the end of its compressed data")
	}
	var buf [sha256.Size]byte
	s := sums{sha256: base64.RawURLEncoding.EncodeToString(i.sha256.Sum(buf[:0]))}
	if other != nil {
		s.other = base64.RawURLEncoding.EncodeToString(other.Sum(nil))
	}
	return s, nil
}

// newHash returns the hash for a RECORD digest other than sha256, which is
// always computed; ok is false for an algorithm that the wheel specification
// does not allow (weaker than sha256) or that is not known here.
func newHash(algorithm string) (h hash.Hash, ok bool) {
	switch algorithm {
	case "sha256":
		return nil, true
	case "sha384":
		return sha512.New384(), true
	case "sha512":
		return sha512.New(), true
	case "sha3_256":
		return sha3.New256(), true
	case "sha3_384":
		return sha3.New384(), true
	case "sha3_512":
		return sha3.New512(), true
	}
	return nil, false
}
