package unpack

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/klauspost/compress/zip"
)

// zipReader yields the members of a zip archive whose local headers were seen
// to agree with its central directory.
type zipReader struct {
	files []*zip.File
	body  io.ReadCloser
}

func openZip(f *os.File, size int64) (*zipReader, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, err
	}
	if err := checkFraming(f, size, z); err != nil {
		return nil, err
	}
	return &zipReader{files: z.File}, nil
}

const (
	localHeader       = 0x04034b50
	endOfDirectory    = 0x06054b50
	descriptorHeader  = 0x08074b50
	localHeaderSize   = 30
	endSize           = 22
	flagEncrypted     = 0x1
	flagDescriptor    = 0x8
	maxDescriptorSize = 24
)

// checkFraming walks the local headers from the first byte: they and the
// entries of the central directory have to be the same, one after the other,
// with nothing before, between or behind. (The 64-bit directory, which no source
// archive needs, does not pass.)
func checkFraming(r io.ReaderAt, size int64, z *zip.Reader) error {
	byData := make(map[int64]*zip.File, len(z.File))
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			return err
		}
		if byData[at] != nil {
			return refusal("has two entries for the same bytes")
		}
		byData[at] = f
	}
	pos := int64(0)
	for range z.File {
		next, err := checkLocal(r, pos, byData)
		if err != nil {
			return err
		}
		pos = next
	}
	var end [endSize]byte
	at := size - endSize - int64(len(z.Comment))
	if _, err := r.ReadAt(end[:], max(at, 0)); err != nil {
		return fmt.Errorf("reading end of directory: %w", err)
	}
	le := binary.LittleEndian
	length, start := int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if le.Uint32(end[:]) != endOfDirectory || start != pos || start+length != at {
		return refusal("has bytes before, behind or inside its directory that belong to nothing")
	}
	return nil
}

// checkLocal compares the local header at pos with its central entry and
// returns where the next one begins.
func checkLocal(r io.ReaderAt, pos int64, byData map[int64]*zip.File) (int64, error) {
	var h [localHeaderSize]byte
	if _, err := r.ReadAt(h[:], pos); err != nil {
		return 0, fmt.Errorf("reading local header: %w", err)
	}
	le := binary.LittleEndian
	if le.Uint32(h[:]) != localHeader {
		return 0, refusal("has bytes that belong to no member")
	}
	name := make([]byte, le.Uint16(h[26:]))
	if _, err := r.ReadAt(name, pos+localHeaderSize); err != nil {
		return 0, fmt.Errorf("reading local header: %w", err)
	}
	body := pos + localHeaderSize + int64(len(name)) + int64(le.Uint16(h[28:]))
	f := byData[body]
	if f == nil || f.Name != string(name) || f.Method != le.Uint16(h[8:]) {
		return 0, refusef("has a member %q that its directory does not have", name)
	}
	flags := le.Uint16(h[6:])
	if flags&flagEncrypted != 0 || f.Method != zip.Store && f.Method != zip.Deflate {
		return 0, refusef("has a member %q that is encrypted or packed in an unknown way", name)
	}
	end := body + int64(f.CompressedSize64)
	if flags&flagDescriptor != 0 {
		return descriptorEnd(r, end, f)
	}
	const in64 = 0xffffffff
	if c, u := le.Uint32(h[18:]), le.Uint32(h[22:]); le.Uint32(h[14:]) != f.CRC32 ||
		c != in64 && uint64(c) != f.CompressedSize64 || u != in64 && uint64(u) != f.UncompressedSize64 {
		return 0, refusef("has a member %q whose two headers differ", name)
	}
	return end, nil
}

// descriptorEnd checks the data descriptor at pos: with or without signature,
// with sizes of 4 or 8 bytes.
func descriptorEnd(r io.ReaderAt, pos int64, f *zip.File) (int64, error) {
	var d [maxDescriptorSize]byte
	n, err := r.ReadAt(d[:], pos)
	if err != nil && err != io.EOF {
		return 0, err
	}
	le, b, head := binary.LittleEndian, d[:n], int64(0)
	if len(b) >= 4 && le.Uint32(b) == descriptorHeader {
		b, head = b[4:], 4
	}
	if len(b) >= 12 && le.Uint32(b) == f.CRC32 {
		if uint64(le.Uint32(b[4:])) == f.CompressedSize64 && uint64(le.Uint32(b[8:])) == f.UncompressedSize64 {
			return pos + head + 12, nil
		}
		if len(b) >= 20 && le.Uint64(b[4:]) == f.CompressedSize64 && le.Uint64(b[12:]) == f.UncompressedSize64 {
			return pos + head + 20, nil
		}
	}
	return 0, refusef("has a member %q whose data descriptor is missing or differs", f.Name)
}

func (z *zipReader) next() (*member, io.Reader, error) {
	if z.body != nil {
		if err := z.body.Close(); err != nil {
			return nil, nil, err
		}
		z.body = nil
	}
	if len(z.files) == 0 {
		return nil, nil, io.EOF
	}
	f := z.files[0]
	z.files = z.files[1:]
	m := &member{raw: f.Name, executable: f.Mode()&0o111 != 0}
	if f.UncompressedSize64 > 1<<62 {
		return m, nil, refusal("has an impossible size")
	}
	m.size = int64(f.UncompressedSize64)
	switch mode := f.Mode(); {
	case strings.HasSuffix(f.Name, "/"):
		m.kind = directory
		if m.size != 0 {
			return m, nil, refusal("is a folder, but has content")
		}
		return m, nil, nil
	case mode.Type() == fs.ModeSymlink:
		return z.symlink(f, m)
	case mode.Type() != 0:
		return m, nil, refusal("is a device or a pipe")
	}
	body, err := f.Open()
	if err != nil {
		return m, nil, err
	}
	z.body = body
	return m, &exactReader{r: body, left: m.size}, nil
}

func (z *zipReader) symlink(f *zip.File, m *member) (*member, io.Reader, error) {
	m.kind, m.size = symlink, 0
	if f.UncompressedSize64 > maxPath {
		return m, nil, refusal("is a link with too long a target")
	}
	body, err := f.Open()
	if err != nil {
		return m, nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, maxPath+1))
	m.target = string(text)
	return m, nil, err
}

// exactReader fails when a member unfolds to more than it declared.
type exactReader struct {
	r    io.Reader
	left int64
}

func (e *exactReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if e.left -= int64(n); e.left < 0 {
		return 0, refusal("is longer than it declares")
	}
	return n, err
}
