package unpack

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packing is how an archive is packed, told by its file name alone.
type packing struct {
	suffix string
	magic  string
	open   func(io.ReadSeeker) (io.Reader, func(), error) // nil for zip
}

// packings lists every known suffix; the longest of a kind stands first.
var packings = []packing{
	{".tar.gz", "\x1f\x8b", openGzip},
	{".tgz", "\x1f\x8b", openGzip},
	{".tar.bz2", "BZh", openBzip2},
	{".tbz2", "BZh", openBzip2},
	{".tbz", "BZh", openBzip2},
	{".tar.xz", "\xfd7zXZ\x00", openXZ},
	{".txz", "\xfd7zXZ\x00", openXZ},
	{".tar.zst", "\x28\xb5\x2f\xfd", openZstd},
	{".tar", "", openPlain},
	{".zip", "PK\x03\x04", nil},
}

// Stem returns the archive's file name without its suffix, and whether the
// suffix is one that [Into] reads. Upper and lower case are alike.
func Stem(name string) (string, bool) {
	p, ok := packingOf(name)
	if !ok {
		return name, false
	}
	return name[:len(name)-len(p.suffix)], true
}

func packingOf(name string) (packing, bool) {
	lower := strings.ToLower(name)
	for _, p := range packings {
		if strings.HasSuffix(lower, p.suffix) && len(lower) > len(p.suffix) {
			return p, true
		}
	}
	return packing{}, false
}

// maxWindow bounds the memory that a zstd frame may ask for.
const maxWindow = 128 << 20

// open returns a reader of the archive's members. The file name decides about
// the format (an archive that is a tar to one tool and a zip to another is an
// attack); the first bytes have to agree.
func open(f *os.File, size int64, name string, budget int64) (reader, func(), error) {
	p, ok := packingOf(name)
	if !ok {
		return nil, nil, refusal("its name ends in no known archive suffix")
	}
	head := make([]byte, len(p.magic))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if string(head) != p.magic {
		return nil, nil, refusef("does not begin as a %s file does%s", p.suffix, guess(f))
	}
	if p.open == nil {
		z, err := openZip(f, size)
		return z, func() {}, err
	}
	plain, done, err := p.open(f)
	if err != nil {
		return nil, nil, err
	}
	// Headers and padding count too: 1 KiB of them for each member is more than
	// a lawful archive has, and the end block is 10 KiB at most.
	return newTar(&cappedReader{r: plain, left: 2*budget + 1<<20}), done, nil
}

// guess adds what the file looks like instead, for the common mishaps.
func guess(f *os.File) string {
	head := make([]byte, 512)
	n, _ := f.ReadAt(head, 0)
	head = bytes.ToLower(bytes.TrimSpace(head[:n]))
	switch {
	case n == 0:
		return " (it is empty)"
	case bytes.HasPrefix(head, []byte("<!doctype")), bytes.HasPrefix(head, []byte("<html")):
		return " (it is an HTML page: the server sent something else)"
	}
	return ""
}

// cappedReader fails when a stream unfolds to more than was allowed.
type cappedReader struct {
	r    io.Reader
	left int64
}

func (c *cappedReader) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, refusal("unfolds to more than the limit")
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	return n, err
}

func buffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 256<<10) }

func openPlain(r io.ReadSeeker) (io.Reader, func(), error) { return buffered(r), func() {}, nil }

func openGzip(r io.ReadSeeker) (io.Reader, func(), error) {
	z, err := gzip.NewReader(buffered(r))
	if err != nil {
		return nil, nil, fmt.Errorf("reading gzip header: %w", err)
	}
	return z, func() { _ = z.Close() }, nil
}

func openBzip2(r io.ReadSeeker) (io.Reader, func(), error) {
	return bzip2.NewReader(buffered(r)), func() {}, nil
}

func openZstd(r io.ReadSeeker) (io.Reader, func(), error) {
	z, err := zstd.NewReader(buffered(r), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading zstd header: %w", err)
	}
	return z, z.Close, nil
}
