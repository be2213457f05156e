package wheel

import (
	"bufio"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// chunkSize is how much of a member is inflated before it is handed on: most
// files of a wheel fit, and so are written by one call.
const chunkSize = 256 << 10

// inflater holds what unpacking a member needs, for reuse: flate's window alone
// is larger than most members.
type inflater struct {
	section packedReader
	src     *bufio.Reader
	flate   io.ReadCloser
	sha256  hash.Hash
	chunk   []byte
}

var inflaters = sync.Pool{New: func() any {
	i := &inflater{src: bufio.NewReaderSize(nil, 64<<10), sha256: sha256.New(), chunk: make([]byte, chunkSize)}
	i.flate = flate.NewReader(i.src)
	return i
}}

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
	i.section = packedReader{r: r, off: m.data, end: m.data + m.packed}
	i.src.Reset(&i.section)
	i.sha256.Reset()
	var stream io.Reader = i.src
	if m.method == methodDeflate {
		if err := i.flate.(flate.Resetter).Reset(i.src, nil); err != nil {
			return sums{}, err
		}
		stream = i.flate
	}
	var total int64
	var crc uint32
	for done := false; !done; {
		n, err := fill(stream, i.chunk)
		switch {
		case errors.Is(err, io.EOF):
			done = true
		case i.section.err != nil:
			return sums{}, i.section.err
		case err != nil:
			return sums{}, &InvalidError{Member: m.name, Reason: "its compressed data is damaged", Err: err}
		}
		if total += int64(n); total > m.size {
			return sums{}, invalidf(m.name, "unpacks to more than the %d bytes declared", m.size)
		}
		part := i.chunk[:n]
		crc = crc32.Update(crc, crc32.IEEETable, part)
		i.sha256.Write(part)
		if other != nil {
			other.Write(part)
		}
		if n > 0 {
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
	case i.src.Buffered() > 0 || i.section.off != i.section.end:
		return sums{}, invalidf(m.name, "bytes after the end of its compressed data")
	}
	var buf [sha256.Size]byte
	s := sums{sha256: base64.RawURLEncoding.EncodeToString(i.sha256.Sum(buf[:0]))}
	if other != nil {
		s.other = base64.RawURLEncoding.EncodeToString(other.Sum(nil))
	}
	return s, nil
}

// fill reads until buf is full or the stream ends; io.EOF comes with the last
// bytes.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = r.Read(buf[n:])
		n += k
	}
	return n, err
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
