package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
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
	var buf bytes.Buffer
	if resp.ContentLength > 0 {
		buf.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return nil, err
	}
	if int64(buf.Len()) > limit {
		return nil, &TooLargeError{limit}
	}
	return buf.Bytes(), nil
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
	var buf bytes.Buffer
	buf.Grow(int(min(int64(len(body))*6, limit)) + bytes.MinRead)
	if _, err := buf.ReadFrom(io.LimitReader(zr, limit+1)); err != nil {
		return nil, fmt.Errorf("decompressing it: %w", err)
	}
	if int64(buf.Len()) > limit {
		return nil, &TooLargeError{limit}
	}
	return buf.Bytes(), nil
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
