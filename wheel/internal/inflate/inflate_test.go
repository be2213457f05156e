package inflate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/flate"
)

// decode returns all of a stream and what is left of the input.
func decode(d *Decoder, packed []byte, limit int) ([]byte, int, error) {
	src := bytes.NewReader(packed)
	d.Reset(src)
	var out []byte
	for {
		part, err := d.Next()
		out = append(out, part...)
		if errors.Is(err, io.EOF) {
			return out, src.Len() + d.Rest(), nil
		}
		if err != nil || len(out) > limit {
			return out, 0, err
		}
	}
}

func pack(t testing.TB, content []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(content)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// contents are of many kinds: none, one byte, what does not compress, long runs,
// text, matches as far back as they go, and all of it in turn.
func contents() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 300<<10)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	var text, far bytes.Buffer
	for i := range 40000 {
		fmt.Fprintf(&text, "def f%d(x):\n    return x + %d\n", r.IntN(1+i), r.IntN(9))
	}
	for range 20 {
		far.Write(random[:window])
	}
	skewed := make([]byte, 1<<20) // codes of very different lengths
	for i := range skewed {
		skewed[i] = byte(r.ExpFloat64() * 9)
	}
	all := map[string][]byte{
		"nothing": nil, "one byte": {7}, "random": random, "text": text.Bytes(), "far": far.Bytes(),
		"run": bytes.Repeat([]byte{'a'}, 1<<20), "pairs": bytes.Repeat([]byte("ab"), 1<<19),
		"sevens": bytes.Repeat([]byte("abcdefg"), 1<<17), "skewed": skewed,
	}
	all["mixed"] = bytes.Join([][]byte{random, text.Bytes(), skewed[:99999], all["run"], far.Bytes()}, nil)
	return all
}

func TestDecode(t *testing.T) {
	var d Decoder
	for name, content := range contents() {
		for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 3, 6, 9} {
			packed := pack(t, content, level)
			for _, rest := range []int{0, 1, 7, 100} {
				got, left, err := decode(&d, append(bytes.Clone(packed), make([]byte, rest)...), len(content))
				if err != nil || left != rest || !bytes.Equal(got, content) {
					t.Fatalf("%s, level %d, %d bytes after it: %d of %d bytes, %d left, %v", name, level, rest, len(got), len(content), left, err)
				}
			}
		}
	}
}

// The source may give its bytes in any portions.
func TestPortions(t *testing.T) {
	content := contents()["mixed"]
	packed := pack(t, content, 6)
	var d Decoder
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"single bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "end with data": iotest.DataErrReader,
	} {
		d.Reset(wrap(bytes.NewReader(packed)))
		var out []byte
		var err error
		for err == nil {
			var part []byte
			part, err = d.Next()
			out = append(out, part...)
		}
		if !errors.Is(err, io.EOF) || d.Rest() != 0 || !bytes.Equal(out, content) {
			t.Errorf("%s: %d of %d bytes, %v", name, len(out), len(content), err)
		}
	}
	fault := errors.New("disk on fire")
	d.Reset(iotest.ErrReader(fault))
	if _, err := d.Next(); !errors.Is(err, fault) {
		t.Errorf("an error of the source: %v", err)
	}
	if _, err := d.Next(); !errors.Is(err, fault) {
		t.Errorf("the same, asked again: %v", err)
	}
}

// A stream that is cut short anywhere is refused, and never yields more than
// what it would have.
func TestTruncated(t *testing.T) {
	var d Decoder
	content := contents()["text"][:5000]
	for _, level := range []int{0, 1, 9} {
		packed := pack(t, content, level)
		for n := range packed {
			got, _, err := decode(&d, packed[:n], len(content))
			if !errors.Is(err, ErrTruncated) {
				t.Fatalf("level %d, %d of %d bytes: %v", level, n, len(packed), err)
			}
			if len(got) > len(content)+8*padding*maxMatch {
				t.Fatalf("level %d, %d of %d bytes: %d bytes came out", level, n, len(packed), len(got))
			}
		}
	}
}

func TestCorrupt(t *testing.T) {
	var d Decoder
	for name, packed := range map[string][]byte{
		"reserved block type":        {0x07},
		"stored, lengths disagree":   {0x01, 1, 0, 1, 0},
		"fixed, distance before all": {0x03, 0x02, 0, 0, 0},
		"fixed, symbol 286":          {0x1b, 0x03, 0, 0, 0},
		"dynamic, no codes":          {0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"dynamic, 287 literals":      {0xf5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if _, _, err := decode(&d, packed, 1<<20); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// reference decodes with a general decoder.
func reference(packed []byte, limit int) ([]byte, int, error) {
	src := bytes.NewReader(packed)
	out, err := io.ReadAll(io.LimitReader(flate.NewReader(src), int64(limit)))
	return out, src.Len(), err
}

func FuzzDecode(f *testing.F) {
	for _, content := range contents() {
		content = content[:min(len(content), 2000)]
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			f.Add(pack(f, content, level))
		}
	}
	f.Add([]byte{0x03, 0x00, 'x'})
	const limit = 1 << 17
	f.Fuzz(func(t *testing.T, packed []byte) {
		want, wantLeft, wantErr := reference(packed, limit)
		if len(want) == limit {
			return
		}
		var d Decoder
		got, left, err := decode(&d, packed, limit)
		switch {
		case err == nil && wantErr == nil:
			if !bytes.Equal(got, want) || left != wantLeft {
				t.Fatalf("%d bytes and %d left, want %d and %d", len(got), left, len(want), wantLeft)
			}
		case err == nil:
			t.Fatalf("accepted what the other refuses: %v", wantErr)
		case wantErr == nil:
			t.Fatalf("refused what the other accepts: %v", err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"text", "skewed", "mixed"} {
		content := contents()[name]
		packed := pack(b, content, 6)
		b.Run(name, func(b *testing.B) {
			var d Decoder
			b.SetBytes(int64(len(content)))
			src := bytes.NewReader(nil)
			for b.Loop() {
				src.Reset(packed)
				d.Reset(src)
				for {
					if _, err := d.Next(); err != nil {
						break
					}
				}
			}
		})
	}
}
