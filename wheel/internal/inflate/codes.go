package inflate

import "math/bits"

const (
	literalBits  = 11 // of a code that index the first table
	distanceBits = 8
	lengthBits   = 7
	// The most entries that any set of codes takes, tables of longer codes
	// included (found by zlib's enough program: 2342 and 402), rounded up.
	literalTable  = 4096
	distanceTable = 512

	maxCode      = 15 // bits
	maxLiterals  = 288
	maxDistances = 32
	endOfBlock   = 256
)

// An entry of a table says what a code stands for:
//
//	bits 0-5    how many bits it takes, those after the code included;
//	            of a pointer to a table: how many bits index that
//	bits 8-12   how many of them are the code
//	bits 16-30  a literal; the least length or distance; or where the table is
const (
	isLiteral = 1 << 31
	isSpecial = 1 << 15 // none of: a literal, a length, a distance
	isTable   = 1 << 14 // special: longer codes
	isEnd     = 1 << 13 // special: the end of the block; neither: no code at all
)

// codes are the two tables of a block.
type codes struct {
	literals  [literalTable]uint32
	distances [distanceTable]uint32
	fixed     bool // they are the fixed ones
	lengths   [maxLiterals + maxDistances]uint8
	order     [maxLiterals]uint16
}

var (
	lengthBase  = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [...]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	codeOrder   = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// literalEntry is the entry of a literal or length, but for the code's length.
func literalEntry(symbol int) uint32 {
	switch {
	case symbol < endOfBlock:
		return isLiteral | uint32(symbol)<<16
	case symbol == endOfBlock:
		return isSpecial | isEnd
	case symbol-endOfBlock-1 < len(lengthBase):
		i := symbol - endOfBlock - 1
		return uint32(lengthBase[i])<<16 | uint32(lengthExtra[i])
	}
	return isSpecial
}

// distanceEntry is the entry of a distance, but for the code's length.
func distanceEntry(symbol int) uint32 {
	switch {
	case symbol < 2:
		return uint32(symbol+1) << 16
	case symbol < 30:
		extra := uint32(symbol/2 - 1)
		return (uint32(2+symbol%2)<<extra+1)<<16 | extra
	}
	return isSpecial
}

// plainEntry is the entry of a code of code lengths.
func plainEntry(symbol int) uint32 { return uint32(symbol) << 16 }

// setFixed sets the codes of RFC 1951, 3.2.6.
func (c *codes) setFixed() {
	if c.fixed {
		return
	}
	l := c.lengths[:]
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		case i < maxLiterals:
			l[i] = 8
		default:
			l[i] = 5
		}
	}
	_ = c.build(c.literals[:], literalBits, l[:maxLiterals], literalEntry)
	_ = c.build(c.distances[:], distanceBits, l[maxLiterals:], distanceEntry)
	c.fixed = true
}

// read reads the codes of a dynamic block (RFC 1951, 3.2.7).
func (c *codes) read(d *Decoder) error {
	c.fixed = false
	v, err := d.take(14)
	if err != nil {
		return err
	}
	literals, distances, n := int(v&31)+257, int(v>>5&31)+1, int(v>>10)+4
	if literals > 286 || distances > 30 {
		return ErrCorrupt
	}
	var lengths [19]uint8
	for _, at := range codeOrder[:n] {
		v, err := d.take(3)
		if err != nil {
			return err
		}
		lengths[at] = uint8(v)
	}
	// The table of distances is not in use yet.
	if err := c.build(c.distances[:], lengthBits, lengths[:], plainEntry); err != nil {
		return err
	}
	if err := c.readLengths(d, literals+distances); err != nil {
		return err
	}
	l := c.lengths[:literals+distances]
	if l[endOfBlock] == 0 {
		return ErrCorrupt
	}
	if err := c.build(c.literals[:], literalBits, l[:literals], literalEntry); err != nil {
		return err
	}
	return c.build(c.distances[:], distanceBits, l[literals:], distanceEntry)
}

// readLengths reads the lengths of n codes, of which both tables are made.
func (c *codes) readLengths(d *Decoder, n int) error {
	for i := 0; i < n; {
		// A code is of 7 bits at most, and 7 bits may follow it. At the end of
		// the input the bits may be fewer.
		for d.nbits < 14 && d.pos < len(d.in) {
			d.bits |= uint64(d.in[d.pos]) << d.nbits
			d.pos++
			d.nbits += 8
		}
		e := c.distances[d.bits&(1<<lengthBits-1)]
		if e&isSpecial != 0 {
			return ErrCorrupt
		}
		size := uint(e & 63)
		symbol, extra, repeat := uint8(e>>16), uint(0), 1
		switch symbol {
		case 16:
			extra, repeat = 2, 3
		case 17:
			extra, repeat = 3, 3
		case 18:
			extra, repeat = 7, 11
		}
		if d.nbits < size+extra {
			return ErrTruncated
		}
		d.drop(size)
		repeat += int(d.bits & (1<<extra - 1))
		d.drop(extra)
		value := symbol
		if symbol >= 16 {
			value = 0
			if symbol == 16 {
				if i == 0 {
					return ErrCorrupt
				}
				value = c.lengths[i-1]
			}
		}
		if repeat > n-i {
			return ErrCorrupt
		}
		for range repeat {
			c.lengths[i] = value
			i++
		}
	}
	return nil
}

// build fills a table, of which tableBits bits are the index, for codes of the
// given lengths. Codes must leave nothing over, except that there may be none at
// all where none is used and, but for the code of lengths, one of a single bit
// (as zlib has it).
func (c *codes) build(table []uint32, tableBits uint, lengths []uint8, entry func(symbol int) uint32) error {
	var count [maxCode + 1]int
	for _, l := range lengths {
		count[l]++
	}
	used := 0 // of the space of codes of 15 bits
	for l := 1; l <= maxCode; l++ {
		used += count[l] << (maxCode - l)
	}
	switch codes := len(lengths) - count[0]; {
	case used > 1<<maxCode:
		return ErrCorrupt
	case used < 1<<maxCode && (codes > 1 || codes == 1 && (count[1] != 1 || tableBits == lengthBits)):
		return ErrCorrupt
	case used < 1<<maxCode:
		for i := range table[:1<<tableBits] {
			table[i] = isSpecial
		}
		if codes == 0 {
			return nil
		}
		for symbol, l := range lengths {
			if l == 1 {
				for i := 0; i < 1<<tableBits; i += 2 {
					table[i] = with(entry(symbol), 1)
				}
			}
		}
		return nil
	}
	// The symbols in the order of their codes.
	var next [maxCode + 2]int
	for l := 1; l <= maxCode; l++ {
		next[l+1] = next[l] + count[l]
	}
	symbols := c.order[:next[maxCode+1]]
	for symbol, l := range lengths {
		if l != 0 {
			symbols[next[l]] = uint16(symbol)
			next[l]++
		}
	}
	c.fillTable(table, tableBits, &count, symbols, entry)
	return nil
}

// with adds to an entry how long its code is.
func with(entry uint32, length uint) uint32 { return entry + uint32(length)<<8 + uint32(length) }

// fillTable enters complete codes. The table doubles with each length: what was
// entered so far is repeated, and the codes of that length take what is free.
func (c *codes) fillTable(table []uint32, tableBits uint, count *[maxCode + 1]int, symbols []uint16, entry func(int) uint32) {
	code := 0 // its first bit the lowest
	at := 0
	for length := uint(1); length <= tableBits; length++ {
		if length > 1 {
			copy(table[1<<(length-1):1<<length], table[:1<<(length-1)])
		}
		for range count[length] {
			table[code] = with(entry(int(symbols[at])), length)
			at++
			code = following(code, length)
		}
	}
	prefix, start, size := -1, 1<<tableBits, uint(0)
	for length := tableBits + 1; length <= maxCode; length++ {
		for left := count[length]; left > 0; left-- {
			if p := code & (1<<tableBits - 1); p != prefix {
				// A table for all codes that begin like this one.
				prefix, start = p, start+1<<size
				if size == 0 {
					start = 1 << tableBits
				}
				size = length - tableBits
				for space := left; space < 1<<size; {
					size++
					space = space<<1 + count[tableBits+size]
				}
				table[prefix] = isSpecial | isTable | uint32(start)<<16 | uint32(size)
			}
			e := with(entry(int(symbols[at])), length-tableBits)
			at++
			for i := code >> tableBits; i < 1<<size; i += 1 << (length - tableBits) {
				table[start+i] = e
			}
			code = following(code, length)
		}
	}
}

// following returns the code after one of the given length, both with their
// first bit the lowest.
func following(code int, length uint) int {
	free := ^code & (1<<length - 1)
	if free == 0 {
		return code // it was the last
	}
	bit := 1 << (bits.Len(uint(free)) - 1)
	return code&(bit-1) | bit
}
