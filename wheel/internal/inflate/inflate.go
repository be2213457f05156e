// Package inflate undoes DEFLATE (RFC 1951) for archives that are unpacked as a
// whole. Unpacking is where most of the processor time of an installation goes,
// and this decoder takes about half of what general ones take: it reads eight
// bytes of input at a time, decodes by tables with the number of extra bits in
// each entry, and hands out its own window instead of copying from it.
package inflate

import (
	"encoding/binary"
	"errors"
	"io"
)

const (
	// window is how far back a match may reach, in bytes.
	window = 32 << 10
	// partSize is how much is decoded before it is handed on, in bytes: most
	// files of an archive fit, and so are written by one call.
	partSize = 256 << 10
	maxMatch = 258
	// slack is how far a match may be written beyond the end of a part.
	slack = maxMatch + 16

	inputSize = 64 << 10
	// ahead is what the loop may read beyond its place in the input, and padding
	// how many zeros follow the end of it: when all is used up, the loop's place
	// may be as far as the bit buffer reaches beyond the end.
	ahead   = 16
	padding = 2 * ahead
	// rewind is what stays of the input before the place in it, since up to
	// eight bytes of it may be in the bit buffer and have to be given back.
	rewind = 8
	// maxHeader is more than the header of a dynamic block may take, in bytes.
	maxHeader = 640
)

// Errors of the stream. What the source returns is passed on as it is.
var (
	ErrCorrupt   = errors.New("corrupt DEFLATE stream")
	ErrTruncated = errors.New("DEFLATE stream ends early")
)

type state uint8

const (
	atHeader state = iota // between blocks
	inCodes               // in a block of Huffman codes
	inStored              // in a stored block
	atEnd                 // after the last block
)

// A Decoder decodes one stream after another. It needs about 400 KB. The zero
// value is ready for Reset.
type Decoder struct {
	src   io.Reader
	in    []byte // what is here of the input, padded with zeros after its end
	pos   int    // what of it is in the bit buffer, or was
	ended bool   // src has no more
	pad   int    // how many zeros there are at the end of in

	bits  uint64 // the next bits of the stream, the first the lowest
	nbits uint   // how many of them count; those above are right, but not used up

	state  state
	final  bool // the block is the last one
	stored int  // bytes of the stored block to come
	err    error

	out  []byte
	from int // what is before was handed out
	to   int

	input [inputSize + padding]byte
	codes codes
}

// Reset begins a new stream, read from src.
func (d *Decoder) Reset(src io.Reader) {
	if d.out == nil {
		d.out = make([]byte, window+partSize+slack)
	}
	d.src, d.in, d.pos, d.ended, d.pad = src, d.input[:0], 0, false, 0
	d.bits, d.nbits = 0, 0
	d.state, d.final, d.stored, d.err = atHeader, false, 0, nil
	d.from, d.to = 0, 0
}

// Next returns the next bytes of the stream, at most about 256 KB, which are
// valid until it is called again. At the end of the stream it returns io.EOF,
// together with the last of them.
func (d *Decoder) Next() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	if keep := d.to - window; keep > 0 {
		copy(d.out, d.out[keep:d.to])
		d.to = window
	}
	d.from = d.to
	for d.err == nil && d.to < len(d.out)-slack {
		switch d.state {
		case atHeader:
			d.err = d.header()
		case inCodes:
			d.err = d.decode()
		case inStored:
			d.err = d.copyStored()
		case atEnd:
			d.err = io.EOF
		}
	}
	if d.err != nil && d.ended && d.used() > len(d.in)-d.pad {
		d.err = ErrTruncated // what was decoded last were the zeros after the end
	}
	return d.out[d.from:d.to], d.err
}

// Rest returns how many bytes after the end of the stream were read from the
// source. It is meaningful once Next has returned io.EOF.
func (d *Decoder) Rest() int { return len(d.in) - d.pad - d.used() }

// used returns the place in the input where the next unused byte is.
func (d *Decoder) used() int { return d.pos - int(d.nbits/8) }

// fill reads more input, if there is any. It leaves at least ahead bytes, real
// ones or zeros.
func (d *Decoder) fill() error {
	if d.ended {
		return ErrTruncated
	}
	keep := max(d.pos-rewind, 0)
	n := copy(d.input[:inputSize], d.in[keep:])
	d.pos -= keep
	for n-d.pos < maxHeader && !d.ended {
		k, err := d.src.Read(d.input[n:inputSize])
		n += k
		switch {
		case errors.Is(err, io.EOF):
			d.ended = true
		case err != nil:
			return err
		}
	}
	if d.ended {
		d.pad = padding
		clear(d.input[n : n+d.pad])
	}
	d.in = d.input[:n+d.pad]
	return nil
}

// need makes the next n bits, at most 32, available.
func (d *Decoder) need(n uint) error {
	for d.nbits < n {
		if d.pos >= len(d.in) {
			return ErrTruncated
		}
		d.bits |= uint64(d.in[d.pos]) << d.nbits
		d.pos++
		d.nbits += 8
	}
	return nil
}

// take returns the next n bits.
func (d *Decoder) take(n uint) (uint, error) {
	if err := d.need(n); err != nil {
		return 0, err
	}
	v := uint(d.bits & (1<<n - 1))
	d.drop(n)
	return v, nil
}

func (d *Decoder) drop(n uint) {
	d.bits >>= n
	d.nbits -= n
}

// header reads the header of a block.
func (d *Decoder) header() error {
	if d.final {
		d.state = atEnd
		return nil
	}
	if len(d.in)-d.pos < maxHeader && !d.ended {
		if err := d.fill(); err != nil {
			return err
		}
	}
	v, err := d.take(3)
	if err != nil {
		return err
	}
	d.final = v&1 != 0
	switch v >> 1 {
	case 0:
		return d.storedHeader()
	case 1:
		d.codes.setFixed()
	case 2:
		if err := d.codes.read(d); err != nil {
			return err
		}
	default:
		return ErrCorrupt
	}
	d.state = inCodes
	return nil
}

func (d *Decoder) storedHeader() error {
	d.drop(d.nbits % 8)
	size, err := d.take(16)
	if err != nil {
		return err
	}
	inverse, err := d.take(16)
	if err != nil {
		return err
	}
	if size != ^inverse&0xffff {
		return ErrCorrupt
	}
	d.pos = d.used()
	d.bits, d.nbits = 0, 0
	d.state, d.stored = inStored, int(size)
	return nil
}

func (d *Decoder) copyStored() error {
	real := len(d.in) - d.pad
	n := min(d.stored, real-d.pos, len(d.out)-slack-d.to)
	if n < 0 {
		return ErrTruncated
	}
	copy(d.out[d.to:], d.in[d.pos:d.pos+n])
	d.pos += n
	d.to += n
	d.stored -= n
	switch {
	case d.stored == 0:
		d.state = atHeader
	case d.pos == real:
		return d.fill()
	}
	return nil
}

// decode decodes codes until the block ends, the part is full, or the input has
// run out and could be filled.
func (d *Decoder) decode() error {
	if len(d.in)-d.pos < ahead {
		if err := d.fill(); err != nil {
			return err
		}
	}
	var (
		in, out    = d.in, d.out
		pos, to    = d.pos, d.to
		bits, n    = d.bits, d.nbits
		inEnd      = len(in) - ahead
		outEnd     = len(out) - slack
		lits, dist = &d.codes.literals, &d.codes.distances
		err        error
	)
loop:
	for pos <= inEnd && to < outEnd {
		bits |= binary.LittleEndian.Uint64(in[pos:]) << (n & 63)
		pos += int(63-n) >> 3
		n |= 56
		e := lits[bits&(1<<literalBits-1)]
		if e&isLiteral != 0 {
			// Literals come in runs. Three of them fit the bits at hand.
			bits >>= e & 63
			n -= uint(e & 63)
			out[to] = byte(e >> 16)
			to++
			if e = lits[bits&(1<<literalBits-1)]; e&isLiteral != 0 {
				bits >>= e & 63
				n -= uint(e & 63)
				out[to] = byte(e >> 16)
				to++
				if e = lits[bits&(1<<literalBits-1)]; e&isLiteral != 0 {
					bits >>= e & 63
					n -= uint(e & 63)
					out[to] = byte(e >> 16)
					to++
					continue
				}
			}
			bits |= binary.LittleEndian.Uint64(in[pos:]) << (n & 63)
			pos += int(63-n) >> 3
			n |= 56
		}
		if e&isSpecial != 0 {
			if e&isTable != 0 {
				bits >>= literalBits
				n -= literalBits
				e = lits[(uint64(e>>16)+bits&(1<<(e&15)-1))%literalTable]
			}
			if e&isLiteral != 0 {
				bits >>= e & 63
				n -= uint(e & 63)
				out[to] = byte(e >> 16)
				to++
				continue
			}
			if e&isSpecial != 0 {
				if e&isEnd == 0 {
					err = ErrCorrupt
					break loop
				}
				bits >>= e & 63
				n -= uint(e & 63)
				d.state = atHeader
				break loop
			}
		}
		// A length takes at most 20 bits and a distance 28: they are here.
		length := int(e>>16) + int(bits&(1<<(e&63)-1)>>(e>>8&31))
		bits >>= e & 63
		n -= uint(e & 63)
		e = dist[bits&(1<<distanceBits-1)]
		if e&isSpecial != 0 {
			if e&isTable == 0 {
				err = ErrCorrupt
				break loop
			}
			bits >>= distanceBits
			n -= distanceBits
			if e = dist[(uint64(e>>16)+bits&(1<<(e&15)-1))%distanceTable]; e&isSpecial != 0 {
				err = ErrCorrupt
				break loop
			}
		}
		far := int(e>>16) + int(bits&(1<<(e&63)-1)>>(e>>8&31))
		bits >>= e & 63
		n -= uint(e & 63)
		if far > to {
			err = ErrCorrupt
			break loop
		}
		end := to + length
		if far >= 8 {
			// Whole words, a few bytes too many: the slack takes them.
			for src := to - far; to < end; to, src = to+8, src+8 {
				binary.LittleEndian.PutUint64(out[to:], binary.LittleEndian.Uint64(out[src:]))
			}
		} else {
			for src := to - far; to < end; to, src = to+1, src+1 {
				out[to] = out[src]
			}
		}
		to = end
	}
	d.pos, d.to, d.bits, d.nbits = pos, to, bits, n
	return err
}
