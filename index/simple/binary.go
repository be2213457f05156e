package simple

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/xpip/xpip/requirements/pep440"
)

// The binary form of a page is what a cache keeps. It is read without a look at
// the files' records, which are made into files when somebody asks for them.
// Layout, all integers varints, all strings with their length before them:
//
//	number of bytes up to the records
//	state reason dropped
//	number of tracked pages, those; number of alternate locations, those
//	what URLs begin with; 1 if a file does not say when it was uploaded, else 0
//	number of requires-python values, the values
//	number of versions, and for each, oldest first: version, number of files,
//	bytes of their records
//	the same two numbers for the files of no version
//	the records, each: flags; how much of its URL is as others begin, the rest of
//	it; the name, which the URL goes on with if a flag says so; requires-python
//	(its number plus 1); hashes; then what the flags announce: yanked reason,
//	upload time (seconds, nanoseconds), size, metadata hashes
const (
	flagNameInURL = 1 << iota
	flagYanked
	flagTime
	flagSize
	flagMetadata
)

// minFile is the least number of bytes that a file takes, to bound allocation.
const minFile = 6

var errBinary = errors.New("damaged page")

// AppendTo appends the page's binary form to b; DecodePage reads it.
func (p *Page) AppendTo(b []byte) []byte {
	head := p.appendHead(nil)
	b = append(appendInt(b, len(head)), head...)
	return append(b, p.records...)
}

func (p *Page) appendHead(b []byte) []byte {
	b = appendString(b, p.Status.State)
	b = appendString(b, p.Status.Reason)
	b = appendInt(b, p.Dropped)
	b = appendStrings(b, p.Tracks)
	b = appendStrings(b, p.Alternates)
	b = appendString(b, p.base)
	if p.undated {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = appendStrings(b, p.pythons)
	b = appendInt(b, len(p.releases))
	for i := range p.releases {
		r := &p.releases[i]
		b = appendString(b, r.version.String())
		b = appendInt(appendInt(b, r.files), r.end-r.start)
	}
	return appendInt(appendInt(b, p.others.files), p.others.end-p.others.start)
}

func appendFile(b []byte, f *File, base string, python int) []byte {
	var flags byte
	url := f.URL
	if before, ok := strings.CutSuffix(url, f.Filename); ok {
		flags, url = flags|flagNameInURL, before
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
	shared := 0
	if strings.HasPrefix(url, base) {
		shared = len(base)
	}
	for shared < min(len(base), len(url)) && base[shared] == url[shared] {
		shared++
	}
	b = appendInt(b, shared)
	b = appendString(b, url[shared:])
	b = appendString(b, f.Filename)
	b = appendInt(b, python)
	b = appendHashes(b, &f.Hashes)
	if f.Yanked {
		b = appendString(b, f.YankedReason)
	}
	if flags&flagTime != 0 {
		b = binary.AppendVarint(b, f.UploadTime.Unix())
		b = appendInt(b, f.UploadTime.Nanosecond())
	}
	if flags&flagSize != 0 {
		b = binary.AppendUvarint(b, uint64(f.Size))
	}
	if f.HasMetadata {
		b = appendHashes(b, &f.MetadataHashes)
	}
	return b
}

func appendInt(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }

func appendString(b []byte, s string) []byte { return append(appendInt(b, len(s)), s...) }

func appendStrings(b []byte, list []string) []byte {
	b = appendInt(b, len(list))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

// appendHashes writes a bit set of algorithms, then the digests.
func appendHashes(b []byte, h *Hashes) []byte {
	at := len(b)
	b = append(b, 0)
	for i, digest := range h.digests {
		if digest == "" {
			continue
		}
		b[at] |= 1 << i
		b = appendUnhexed(b, digest)
	}
	return b
}

// DecodePage reads a page's binary form. The page keeps data, which must not
// change any more.
func DecodePage(data []byte) (*Page, error) {
	size, n := binary.Uvarint(data)
	if n <= 0 || size > uint64(len(data)-n) {
		return nil, errBinary
	}
	p := &Page{}
	p.records = data[n+int(size):]
	d := decoder{s: string(data[n : n+int(size)])}
	p.Status.State, p.Status.Reason = d.str(), d.str()
	p.Dropped = d.int(1 << 30)
	p.Tracks, p.Alternates = d.strs(maxPages), d.strs(maxPages)
	p.base, p.undated = d.str(), d.int(1) == 1
	p.pythons = d.strs(maxFiles)
	p.releases = make([]release, d.int(min(len(p.records)/minFile, maxFiles)))
	at := 0
	for i := range p.releases {
		r := &p.releases[i]
		var err error
		if r.version, err = pep440.Parse(d.str()); err != nil || i > 0 && !p.releases[i-1].version.Less(r.version) {
			return nil, errBinary
		}
		if at = d.extent(r, at, len(p.records)); r.files == 0 {
			return nil, errBinary
		}
	}
	at = d.extent(&p.others, at, len(p.records))
	if d.bad || d.s != "" || at != len(p.records) || p.Files() > maxFiles {
		return nil, errBinary
	}
	return p, nil
}

// decode reads the files of a release; none, if their records are damaged.
func (p *Page) decode(r *release) []File {
	files := make([]File, r.files)
	d := decoder{s: string(p.records[r.start:r.end])}
	for i := range files {
		d.file(&files[i], &p.packed)
	}
	if d.bad || d.s != "" {
		return nil
	}
	return files
}

type decoder struct {
	s   string // what is left
	bad bool
}

// extent reads where the records of a release are that begin at start, and
// returns where they end, which is at most at limit.
func (d *decoder) extent(r *release, start, limit int) (end int) {
	r.files = d.int(maxFiles)
	n := d.int(limit - start)
	if r.files > n/minFile {
		d.fail()
	}
	r.start, r.end = start, start+n
	return r.end
}

func (d *decoder) file(f *File, p *packed) {
	flags := d.byte()
	f.URL = p.base[:d.int(len(p.base))] + d.str()
	f.Filename = d.str()
	if flags&flagNameInURL != 0 {
		f.URL += f.Filename
	}
	if n := d.int(len(p.pythons)); n > 0 {
		f.RequiresPython = p.pythons[n-1]
	}
	f.Hashes = d.hashes()
	if flags&flagYanked != 0 {
		f.Yanked, f.YankedReason = true, d.str()
	}
	if flags&flagTime != 0 {
		n := d.uint(1<<64 - 1)
		seconds := int64(n>>1) ^ -int64(n&1)
		f.UploadTime = time.Unix(seconds, int64(d.int(1e9-1))).UTC()
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

func (d *decoder) int(limit int) int { return int(d.uint(uint64(limit))) }

// take cuts off n bytes.
func (d *decoder) take(n int) string {
	if n > len(d.s) {
		d.fail()
		return ""
	}
	taken := d.s[:n]
	d.s = d.s[n:]
	return taken
}

func (d *decoder) str() string { return d.take(d.int(len(d.s))) }

// strs reads at most limit strings.
func (d *decoder) strs(limit int) []string {
	n := d.int(min(len(d.s), limit))
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.str()
	}
	return list
}

func (d *decoder) hashes() (h Hashes) {
	set := d.byte()
	for i, known := range algorithms {
		if set&(1<<i) != 0 {
			h.digests[i] = hex.EncodeToString([]byte(d.take(known.size)))
		}
	}
	return h
}
