package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ulikunitz/xz"
)

// maxDictionary bounds the memory that an xz archive may ask for: what `xz -9`
// does.
const maxDictionary = 64 << 20

// openXZ reads an archive of one xz stream. The decoder reserves the dictionary
// that a block's header names, up to 4 GiB, whatever the block holds; so every
// header is looked at before.
func openXZ(r io.ReadSeeker) (io.Reader, func(), error) {
	if err := checkXZ(buffered(r)); err != nil {
		return nil, nil, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	z, err := xz.ReaderConfig{DictCap: 1 << 20, SingleStream: true}.NewReader(buffered(r))
	if err != nil {
		return nil, nil, fmt.Errorf("reading xz header: %w", err)
	}
	return z, func() {}, nil
}

// checkSizes are the bytes of a block's check, by its kind (.xz format, 2.1.1.2).
var checkSizes = [16]int64{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}

const (
	xzStreamHeader = 12
	xzLZMA2        = 0x21
)

// checkXZ goes from block to block of the stream, without unpacking anything.
func checkXZ(r *bufio.Reader) error {
	var stream [xzStreamHeader]byte
	if _, err := io.ReadFull(r, stream[:]); err != nil {
		return truncated(err)
	}
	for {
		size, err := r.ReadByte()
		if err != nil {
			return truncated(err)
		}
		if size == 0 {
			return nil // the index: there are no more blocks
		}
		header := make([]byte, int(size)*4+3) // with its checksum, without the size
		if _, err := io.ReadFull(r, header); err != nil {
			return truncated(err)
		}
		if err := checkBlockHeader(header); err != nil {
			return err
		}
		packed, err := skipLZMA2(r)
		if err != nil {
			return truncated(err)
		}
		if err := skip(r, -packed&3+checkSizes[stream[7]&15]); err != nil {
			return truncated(err)
		}
	}
}

// checkBlockHeader demands LZMA2 alone, with a dictionary within bounds.
func checkBlockHeader(h []byte) error {
	malformed := errors.New("malformed xz block header")
	flags, rest := h[0], h[1:]
	if flags&3 != 0 {
		return refusal("is packed by xz with more than one filter")
	}
	for _, present := range [...]byte{0x40, 0x80} { // packed size, unpacked size
		if flags&present != 0 {
			_, n := binary.Uvarint(rest)
			if n <= 0 {
				return malformed
			}
			rest = rest[n:]
		}
	}
	if len(rest) < 3 || rest[0] != xzLZMA2 || rest[1] != 1 {
		return malformed
	}
	bits := rest[2]
	if bits > 40 || int64(2|bits&1)<<(bits/2+11) > maxDictionary {
		return refusef("asks for an xz dictionary of more than %d MiB", maxDictionary>>20)
	}
	return nil
}

// skipLZMA2 passes over a block's chunks and returns how many bytes they took.
func skipLZMA2(r *bufio.Reader) (packed int64, err error) {
	for {
		control, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		packed++
		var head [5]byte
		n, size := 0, int64(0)
		switch {
		case control == 0:
			return packed, nil
		case control <= 2:
			n = 2
		case control < 0x80:
			return 0, errors.New("malformed LZMA2 chunk")
		case control < 0xc0:
			n = 4
		default: // with new properties
			n = 5
		}
		if _, err := io.ReadFull(r, head[:n]); err != nil {
			return 0, err
		}
		if control <= 2 {
			size = int64(binary.BigEndian.Uint16(head[:])) + 1
		} else {
			size = int64(binary.BigEndian.Uint16(head[2:])) + 1
		}
		if err := skip(r, size); err != nil {
			return 0, err
		}
		packed += int64(n) + size
	}
}

func skip(r *bufio.Reader, n int64) error {
	_, err := r.Discard(int(n))
	return err
}
