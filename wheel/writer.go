package wheel

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
)

// Generator is what wheels written here name as their maker.
const Generator = "xpip"

// Writer writes a wheel: members sorted by path with .dist-info last, one time
// for all, sizes and checksums before the content, RECORD made. The same input
// gives the same bytes. Members are held compressed until Close.
type Writer struct {
	w        io.Writer
	name     Filename
	distInfo string
	mtime    time.Time
	members  []packed
	names    map[string]bool
	deflate  *flate.Writer
	off      int64
}

// packed is a member ready to be written.
type packed struct {
	member
	content io.Reader
	row     RecordEntry
}

// NewWriter begins a wheel of the given name. mtime is every member's time, to
// two seconds, in UTC; zip knows no year before 1980, which is what an earlier
// time (or the zero time) becomes.
func NewWriter(w io.Writer, name Filename, mtime time.Time) *Writer {
	distInfo := name.Distribution + "-" + name.Version + ".dist-info"
	return &Writer{w: w, name: name, distInfo: distInfo, mtime: mtime, names: make(map[string]bool)}
}

// DistInfo returns the name of the wheel's .dist-info folder.
func (w *Writer) DistInfo() string { return w.distInfo }

// DataDir returns the name that the wheel's .data folder would have.
func (w *Writer) DataDir() string { return w.name.Distribution + "-" + w.name.Version + ".data" }

// Add adds a file. Of mode only the execute bits count.
func (w *Writer) Add(path string, mode fs.FileMode, content []byte) error {
	perm := uint32(modeRegular | 0o644)
	if mode&0o111 != 0 {
		perm = modeRegular | 0o755
	}
	p := packed{member: member{name: path, crc: crc32.ChecksumIEEE(content), size: int64(len(content)), mode: perm}}
	sum := sha256.Sum256(content)
	p.row = RecordEntry{path, "sha256", base64.RawURLEncoding.EncodeToString(sum[:]), p.size}

	var out bytes.Buffer
	if w.deflate == nil {
		w.deflate, _ = flate.NewWriter(nil, flate.DefaultCompression) // errs on unknown levels only
	}
	w.deflate.Reset(&out)
	_, err := w.deflate.Write(content)
	if err := errors.Join(err, w.deflate.Close()); err != nil {
		return err
	}
	p.method, p.packed, p.content = methodDeflate, int64(out.Len()), &out
	if out.Len() >= len(content) {
		p.method, p.packed, p.content = methodStored, p.size, bytes.NewReader(slices.Clone(content))
	}
	return w.add(p)
}

func (w *Writer) add(p packed) error {
	if reason := checkPath(p.name); reason != "" {
		return blame("writing", w.name, invalidf(p.name, "%s", reason))
	}
	if w.names[p.name] {
		return blame("writing", w.name, invalidf(p.name, "added twice"))
	}
	w.names[p.name] = true
	w.members = append(w.members, p)
	return nil
}

// Close adds WHEEL, unless it was added, and RECORD, and writes the archive. It
// does not close the underlying writer.
func (w *Writer) Close() error {
	distInfo := w.distInfo
	if !w.names[distInfo+"/METADATA"] {
		return blame("writing", w.name, invalidf(distInfo+"/METADATA", "missing"))
	}
	if !w.names[distInfo+"/WHEEL"] {
		if err := w.Add(distInfo+"/WHEEL", 0, infoFor(w.name).format()); err != nil {
			return err
		}
	}
	slices.SortFunc(w.members, func(a, b packed) int { return compareMembers(distInfo, a.name, b.name) })
	if err := w.addRecord(distInfo + "/RECORD"); err != nil {
		return err
	}
	for i := range w.members {
		if err := w.writeMember(&w.members[i]); err != nil {
			return blame("writing", w.name, err)
		}
	}
	if err := w.writeDirectory(); err != nil {
		return blame("writing", w.name, err)
	}
	return nil
}

func compareMembers(distInfo, a, b string) int {
	inA, inB := strings.HasPrefix(a, distInfo+"/"), strings.HasPrefix(b, distInfo+"/")
	switch {
	case inA && !inB:
		return 1
	case inB && !inA:
		return -1
	}
	return cmp.Compare(a, b)
}

// infoFor is the WHEEL content that a name implies.
func infoFor(name Filename) Info {
	info := Info{WheelVersion: "1.0", Generator: Generator, Build: name.Build.String(), RootIsPurelib: true}
	for t := range name.Tags() {
		info.Tags = append(info.Tags, t.String())
		info.RootIsPurelib = info.RootIsPurelib && t.Platform == "any"
	}
	return info
}

func (w *Writer) addRecord(path string) error {
	rows := make([]RecordEntry, 0, len(w.members)+1)
	for _, p := range w.members {
		rows = append(rows, p.row)
	}
	rows = append(rows, RecordEntry{Path: path, Size: -1})
	var buf bytes.Buffer
	if err := WriteRecord(&buf, rows); err != nil {
		return err
	}
	return w.Add(path, 0, buf.Bytes())
}

func (w *Writer) writeMember(p *packed) error {
	if p.size >= saturated || p.packed >= saturated || w.off >= saturated {
		return invalidf(p.name, "a wheel of 4 GiB or more is not written here")
	}
	p.header = w.off
	p.flags = 0
	if strings.ContainsFunc(p.name, func(r rune) bool { return r > '~' }) {
		p.flags = flagUTF8
	}
	h := make([]byte, lenLocal, lenLocal+len(p.name))
	le.PutUint32(h, sigLocal)
	w.common(h[4:], p)
	if _, err := w.write(append(h, p.name...)); err != nil {
		return err
	}
	n, err := io.Copy(w.w, p.content)
	w.off += n
	if err == nil && n != p.packed {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// common writes the 26 bytes that both headers have from "version needed" on.
func (w *Writer) common(b []byte, p *packed) {
	le.PutUint16(b, 20) // version needed: deflate
	le.PutUint16(b[2:], p.flags)
	le.PutUint16(b[4:], p.method)
	le.PutUint16(b[6:], dosTime(w.mtime))
	le.PutUint16(b[8:], dosDate(w.mtime))
	le.PutUint32(b[10:], p.crc)
	le.PutUint32(b[14:], uint32(p.packed))
	le.PutUint32(b[18:], uint32(p.size))
	le.PutUint16(b[22:], uint16(len(p.name)))
}

func (w *Writer) writeDirectory() error {
	start := w.off
	if len(w.members) >= math.MaxUint16 || start >= saturated {
		return invalidf("", "a wheel that needs ZIP64 is not written here")
	}
	for i := range w.members {
		p := &w.members[i]
		h := make([]byte, lenCentral, lenCentral+len(p.name))
		le.PutUint32(h, sigCentral)
		le.PutUint16(h[4:], 3<<8|20) // made on Unix
		w.common(h[6:], p)
		le.PutUint32(h[38:], p.mode<<16)
		le.PutUint32(h[42:], uint32(p.header))
		if _, err := w.write(append(h, p.name...)); err != nil {
			return err
		}
	}
	h := make([]byte, lenEnd)
	le.PutUint32(h, sigEnd)
	le.PutUint16(h[8:], uint16(len(w.members)))
	le.PutUint16(h[10:], uint16(len(w.members)))
	le.PutUint32(h[12:], uint32(w.off-start))
	le.PutUint32(h[16:], uint32(start))
	_, err := w.write(h)
	return err
}

func (w *Writer) write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	w.off += int64(n)
	return n, err
}

func dosTime(t time.Time) uint16 {
	if t = t.UTC(); t.Year() < 1980 {
		return 0
	}
	return uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
}

func dosDate(t time.Time) uint16 {
	t = t.UTC()
	if t.Year() < 1980 {
		return 1<<5 | 1
	}
	return uint16((min(t.Year(), 2107)-1980)<<9 | int(t.Month())<<5 | t.Day())
}
