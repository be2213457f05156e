package wheel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
)

// The facts of an unpacked wheel, for a store that keeps the tree. Wheels have
// up to 200,000 files, so those stand in a form that is read in one pass, every
// string a part of the document itself. All integers are varints, all strings
// have their length before them:
//
//	format
//	JSON of all but the files
//	number of files, and for each: path, SHA-256, twice the size plus 1 if it
//	is executable, nanoseconds since the file before

// UnpackedFormat names the form of an unpacked wheel and its facts. It changes
// whenever facts of an older form would mislead; a cache that is to outlive a
// version of this package keeps wheels of different forms apart by it.
const UnpackedFormat = "3"

// minFact is the least number of bytes that a file takes, to bound allocation.
const minFact = 4

// Facts returns all that is known of the wheel but Dir, for LoadUnpacked.
func (u *Unpacked) Facts() ([]byte, error) {
	head, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(head)+128*len(u.Files))
	b = appendText(b, UnpackedFormat)
	b = appendText(b, string(head))
	b = binary.AppendUvarint(b, uint64(len(u.Files)))
	var last int64
	for i := range u.Files {
		f := &u.Files[i]
		b = appendText(b, f.Path)
		b = appendText(b, f.SHA256)
		size := uint64(f.Size) << 1
		if f.Executable {
			size |= 1
		}
		b = binary.AppendUvarint(b, size)
		now := f.ModTime.UnixNano()
		b = binary.AppendVarint(b, now-last)
		last = now
	}
	return b, nil
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// LoadUnpacked returns the wheel whose tree is dir and whose facts Facts gave.
// It does not look at the tree; [File.Unchanged] tells a file that was edited
// since.
func LoadUnpacked(dir string, facts []byte) (*Unpacked, error) {
	refuse := func(err error) (*Unpacked, error) {
		return nil, fmt.Errorf("reading the facts of the unpacked wheel in %q: %w", dir, err)
	}
	r := factReader{rest: string(facts)}
	if format := r.text(); format != UnpackedFormat {
		return refuse(fmt.Errorf("they are of format %q, not %q", format, UnpackedFormat))
	}
	u := &Unpacked{Dir: dir}
	if err := json.Unmarshal([]byte(r.text()), u); err != nil {
		return refuse(err)
	}
	u.Files = r.files()
	if r.bad || r.rest != "" || u.Metadata == nil || u.Filename.Raw == "" {
		return refuse(errors.New("they are damaged"))
	}
	return u, nil
}

// factReader takes facts apart. What it reads after something was not as it
// has to be is of no meaning.
type factReader struct {
	rest string
	bad  bool
}

func (r *factReader) files() []File {
	n := r.uint()
	if n > uint64(len(r.rest)/minFact) {
		r.bad = true
		return nil
	}
	files := make([]File, n)
	var last int64
	for i := range files {
		f := &files[i]
		f.Path, f.SHA256 = r.text(), r.text()
		size := r.uint()
		f.Size, f.Executable = int64(size>>1), size&1 != 0
		last += r.int()
		f.ModTime = time.Unix(0, last)
		if r.bad {
			return nil
		}
	}
	return files
}

func (r *factReader) text() string {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *factReader) uint() uint64 {
	// Most of them are lengths of one byte.
	if len(r.rest) > 0 && r.rest[0] < 0x80 {
		n := uint64(r.rest[0])
		r.rest = r.rest[1:]
		return n
	}
	n, size := binary.Uvarint([]byte(r.rest[:min(len(r.rest), binary.MaxVarintLen64)]))
	if size <= 0 {
		r.bad, r.rest = true, ""
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// int reads a signed varint, of which the lowest bit is the sign.
func (r *factReader) int() int64 {
	n := r.uint()
	return int64(n>>1) ^ -int64(n&1)
}
