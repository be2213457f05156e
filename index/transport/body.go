package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// TooLargeError says that a document is larger than what it may be.
type TooLargeError struct{ Limit int64 }

func (e *TooLargeError) Error() string { return fmt.Sprintf("it is larger than %d bytes", e.Limit) }

// ReadBody reads an answer's body as it came over the wire, at most limit bytes.
func ReadBody(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, &TooLargeError{limit}
	}
	return readBounded(resp.Body, resp.ContentLength, limit)
}

// maxChunk is how much more than needed readBounded may have in memory.
const maxChunk = 4 << 20

// readBounded reads all of r, at most limit bytes. hint is how many there
// probably are. It grows by pieces, as a buffer that doubles would take several
// times the limit before it is known that there is too much.
func readBounded(r io.Reader, hint, limit int64) ([]byte, error) {
	var chunks [][]byte
	size, total := max(hint, 64<<10)+1, int64(0) // one more, to see the end
	for {
		chunk := make([]byte, min(size, limit+1-total))
		n, err := fill(r, chunk)
		total += int64(n)
		switch chunks = append(chunks, chunk[:n]); {
		case total > limit:
			return nil, &TooLargeError{limit}
		case errors.Is(err, io.EOF) && len(chunks) == 1:
			return chunks[0], nil
		case errors.Is(err, io.EOF):
			return slices.Concat(chunks...), nil
		case err != nil:
			return nil, err
		}
		size = min(total, maxChunk)
	}
}

// fill reads until buf is full or there is an error, which is handed on as it
// is: a body that is cut ends in another one than io.EOF.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = r.Read(buf[n:])
		n += k
	}
	return n, err
}

// Decode undoes the Content-Encoding of a body, of which there may be one
// layer; the result has at most limit bytes.
func Decode(body []byte, encoding string, limit int64) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
	default:
		return nil, fmt.Errorf("its Content-Encoding is %q, and only gzip was asked for", encoding)
	}
	zr, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("decompressing it: %w", err)
	}
	plain, err := readBounded(zr, min(int64(len(body))*6, limit), limit)
	if _, large := errors.AsType[*TooLargeError](err); err != nil && !large {
		return nil, fmt.Errorf("decompressing it: %w", err)
	}
	return plain, err
}

// ContentRange is a parsed Content-Range header: the first and last byte, and
// the size of the whole (-1 when the server does not know it).
type ContentRange struct{ First, Last, Size int64 }

// ParseContentRange reads a Content-Range header of a 206 answer (RFC 9110, 14.4).
func ParseContentRange(s string) (ContentRange, bool) {
	unit, rest, ok := strings.Cut(s, " ")
	if !ok || !strings.EqualFold(unit, "bytes") {
		return ContentRange{}, false
	}
	span, size, ok1 := strings.Cut(rest, "/")
	first, last, ok2 := strings.Cut(span, "-")
	r := ContentRange{Size: -1}
	var ok3, ok4 bool
	r.First, ok3 = parseOffset(first)
	r.Last, ok4 = parseOffset(last)
	if !ok1 || !ok2 || !ok3 || !ok4 || r.Last < r.First {
		return ContentRange{}, false
	}
	if size != "*" {
		if r.Size, ok = parseOffset(size); !ok || r.Last >= r.Size {
			return ContentRange{}, false
		}
	}
	return r, true
}

// parseOffset reads digits only: no sign, no space.
func parseOffset(s string) (int64, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Validator returns the strong validator of an answer for If-Range: its ETag
// unless weak; "" when there is none. A date is too coarse to glue bytes by.
func Validator(h http.Header) string {
	etag := h.Get("ETag")
	if strings.HasPrefix(etag, `"`) && strings.HasSuffix(etag, `"`) && len(etag) >= 2 {
		return etag
	}
	return ""
}
