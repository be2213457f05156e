package simple

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// The binary form of a page is what a cache keeps: read in one pass, every
// string a part of the document itself. Layout, all integers varints, all
// strings with their length before them:
//
//	state reason dropped
//	number of tracked pages, those; number of alternate locations, those
//	number of requires-python values, the values
//	number of files, and for each: flags url filename (or its length, when the
//	url ends in it) requires-python (its number plus 1) hashes, then what the
//	flags announce: yanked reason, upload time (seconds, nanoseconds), size,
//	metadata hashes
const (
	flagNameInURL = 1 << iota
	flagYanked
	flagTime
	flagSize
	flagMetadata
)

// minFile is the least number of bytes that a file takes, to bound allocation.
const minFile = 5

var errBinary = errors.New("damaged page")

// AppendTo appends the page's binary form to b; DecodePage reads it.
func (p *Page) AppendTo(b []byte) []byte {
	b = appendString(b, p.Status.State)
	b = appendString(b, p.Status.Reason)
	b = binary.AppendUvarint(b, uint64(p.Dropped))
	b = appendStrings(b, p.Tracks)
	b = appendStrings(b, p.Alternates)

	numbers := make(map[string]uint64)
	var values []string
	for i := range p.Files {
		v := p.Files[i].RequiresPython
		if _, ok := numbers[v]; !ok && v != "" {
			values = append(values, v)
			numbers[v] = uint64(len(values))
		}
	}
	b = appendStrings(b, values)

	b = binary.AppendUvarint(b, uint64(len(p.Files)))
	for i := range p.Files {
		b = appendFile(b, &p.Files[i], numbers[p.Files[i].RequiresPython])
	}
	return b
}

func appendFile(b []byte, f *File, python uint64) []byte {
	var flags byte
	if strings.HasSuffix(f.URL, f.Filename) {
		flags |= flagNameInURL
	}
	if f.Yanked {
		flags |= flagYanked
	}
	if !f.UploadTime.IsZero() {
		flags |= flagTime
	}
	if f.Size >= 0 {
		flags |= flagSize
	}
	if f.HasMetadata {
		flags |= flagMetadata
	}
	b = append(b, flags)
	b = appendString(b, f.URL)
	if flags&flagNameInURL != 0 {
		b = binary.AppendUvarint(b, uint64(len(f.Filename)))
	} else {
		b = appendString(b, f.Filename)
	}
	b = binary.AppendUvarint(b, python)
	b = appendHashes(b, f.Hashes)
	if f.Yanked {
		b = appendString(b, f.YankedReason)
	}
	if flags&flagTime != 0 {
		b = binary.AppendVarint(b, f.UploadTime.Unix())
		b = binary.AppendUvarint(b, uint64(f.UploadTime.Nanosecond()))
	}
	if flags&flagSize != 0 {
		b = binary.AppendUvarint(b, uint64(f.Size))
	}
	if f.HasMetadata {
		b = appendHashes(b, f.MetadataHashes)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendStrings(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

// appendHashes writes the known algorithms in a fixed order: a bit set, then the digests.
func appendHashes(b []byte, hashes map[string]string) []byte {
	at := len(b)
	b = append(b, 0)
	for i, known := range digestSizes {
		if digest, ok := hashes[known.name]; ok {
			b[at] |= 1 << i
			b = append(b, digest...)
		}
	}
	return b
}

// DecodePage reads a page's binary form. It keeps all of data's text alive as
// long as the page.
func DecodePage(data []byte) (*Page, error) {
	d := decoder{s: string(data)}
	p := &Page{}
	p.Status.State, p.Status.Reason = d.str(), d.str()
	p.Dropped = int(d.uint(1 << 30))

	p.Tracks, p.Alternates = d.strs(), d.strs()

	values := d.strs()
	p.Files = make([]File, min(d.count(minFile), maxFiles))
	for i := range p.Files {
		d.file(&p.Files[i], values)
		if d.bad {
			break
		}
	}
	if d.bad || d.s != "" {
		return nil, errBinary
	}
	return p, nil
}

type decoder struct {
	s   string // what is left
	bad bool
}

func (d *decoder) file(f *File, values []string) {
	flags := d.byte()
	f.URL = d.str()
	if flags&flagNameInURL != 0 {
		n := d.uint(uint64(len(f.URL)))
		f.Filename = f.URL[len(f.URL)-int(n):]
	} else {
		f.Filename = d.str()
	}
	if n := d.uint(uint64(len(values))); n > 0 {
		f.RequiresPython = values[n-1]
	}
	f.Hashes = d.hashes()
	if flags&flagYanked != 0 {
		f.Yanked, f.YankedReason = true, d.str()
	}
	if flags&flagTime != 0 {
		seconds := d.int()
		f.UploadTime = time.Unix(seconds, int64(d.uint(1e9-1))).UTC()
	}
	f.Size = -1
	if flags&flagSize != 0 {
		f.Size = int64(d.uint(1 << 62))
	}
	if flags&flagMetadata != 0 {
		f.HasMetadata, f.MetadataHashes = true, d.hashes()
	}
}

func (d *decoder) fail() { d.bad, d.s = true, "" }

func (d *decoder) byte() byte {
	if d.s == "" {
		d.fail()
		return 0
	}
	c := d.s[0]
	d.s = d.s[1:]
	return c
}

// uint reads a number of at most limit.
func (d *decoder) uint(limit uint64) uint64 {
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		c := d.byte()
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			if n > limit {
				d.fail()
				return 0
			}
			return n
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	n := d.uint(1<<64 - 1)
	return int64(n>>1) ^ -int64(n&1)
}

// count reads a number of things that take at least size bytes each.
func (d *decoder) count(size int) int { return int(d.uint(uint64(len(d.s) / size))) }

func (d *decoder) strs() []string {
	n := d.count(1)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.str()
	}
	return list
}

func (d *decoder) str() string {
	n := d.uint(uint64(len(d.s)))
	if n > uint64(len(d.s)) {
		d.fail()
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *decoder) hashes() map[string]string {
	set := d.byte()
	if set == 0 {
		return nil
	}
	hashes := make(map[string]string, 1)
	for i, known := range digestSizes {
		if set&(1<<i) == 0 {
			continue
		}
		if len(d.s) < known.size {
			d.fail()
			return nil
		}
		hashes[known.name] = d.s[:known.size]
		d.s = d.s[known.size:]
	}
	return hashes
}
