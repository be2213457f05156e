package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/wheel"
)

const (
	// tailSize is what the first range request asks for, in bytes: more than a
	// zip comment can hide the end record in, and enough for most wheels'
	// directory and .dist-info, or for all of a small wheel.
	tailSize  = 72 << 10
	readAhead = 32 << 10
	// maxParts and maxPart bound the further range requests for one wheel's
	// metadata, in number and in bytes each.
	maxParts = 8
	maxPart  = 32 << 20
)

// errNoRanges says that a server's parts cannot be relied on.
var errNoRanges = errors.New("the server does not serve parts of files")

// tailMetadata reads METADATA over range requests, else from the whole wheel.
// known, if not nil, is what an earlier run had from the same URL.
func (c *Client) tailMetadata(ctx context.Context, f File, name wheel.Filename, known *storedMetadata) ([]byte, validator, error) {
	t := &tail{client: c, ctx: ctx, file: f, whole: &download{client: c, file: f, total: -1}}
	if known != nil {
		t.known = known.Validators
	}
	switch err := t.fetch(); {
	case errors.Is(err, errNoRanges):
		return c.wholeMetadata(ctx, f, name)
	case err != nil:
		return nil, validator{}, err
	case t.unchanged:
		return known.text, known.Validators, nil
	case t.blob.Path != "":
		c.keepWhole(ctx, f, t)
		text, err := fileMetadata(t.blob.Path, name)
		return text, t.validators, err
	}
	text, err := wheel.ReadMetadata(t, t.size, name)
	if t.failed != nil {
		if errors.Is(t.failed, errNoRanges) {
			return c.wholeMetadata(ctx, f, name)
		}
		return nil, validator{}, t.failed
	}
	var invalid *wheel.InvalidError
	if errors.As(err, &invalid) {
		// Parts that make no wheel may be no parts of it. The whole can tell, and
		// its hash if it has one.
		return c.wholeMetadata(ctx, f, name)
	}
	return text, t.validators, err
}

func (c *Client) wholeMetadata(ctx context.Context, f File, name wheel.Filename) ([]byte, validator, error) {
	blob, err := c.Download(ctx, f, nil)
	if err != nil {
		return nil, validator{}, err
	}
	text, err := fileMetadata(blob.Path, name)
	return text, validator{}, err
}

// keepWhole makes the wheel that came instead of its end the download of it.
func (c *Client) keepWhole(ctx context.Context, f File, t *tail) {
	_, _ = c.downloads.do(ctx, fileKey(f), func() (Blob, error) { return t.blob, checkIndexHashes(f, t.blob) })
	if f.Hashes["sha256"] == "" {
		c.storeURL(f.URL, urlRecord{Validators: t.validators, SHA256: t.blob.SHA256})
	}
}

// tail is a remote wheel of which the end is here. It reads like a file; what
// lies before the end is asked for when it is read. It serves one goroutine.
type tail struct {
	client *Client
	ctx    context.Context // of the one call that it lives for
	file   File
	known  validator // of an earlier answer

	windows    []part // the first is the end of the file
	size       int64
	strong     string
	validators validator
	unchanged  bool
	parts      int
	failed     error // why a read failed, apart from what the reader makes of it

	whole *download // takes the file when it comes whole
	blob  Blob      // then this is it
}

// part is some bytes of a file, from start on.
type part struct {
	start int64
	data  []byte
}

// fetch asks for the end of the file. Afterwards the end is here, or the whole
// (blob), or nothing because nothing changed.
func (t *tail) fetch() error {
	defer func() {
		if t.whole.blob != nil {
			t.whole.blob.Abort()
		}
	}()
	header := http.Header{
		"Accept-Encoding": {"identity"},
		"Range":           {"bytes=-" + strconv.Itoa(tailSize)},
	}
	t.known.apply(header)
	err := t.client.http.Do(t.ctx, transport.Request{
		URL: t.file.URL, Header: header, Handle: t.handle,
		Again: func(h http.Header) {
			if t.whole.blob != nil {
				t.whole.again(h)
			}
		},
	})
	if p := t.whole.progress; p != nil {
		p.Done(false, err)
	}
	switch {
	case errors.Is(err, errNoRanges):
		return err
	case err != nil && t.whole.blob != nil:
		return t.whole.explain(t.ctx, err)
	case err != nil:
		return unavailable(t.ctx, t.file.Redacted(), err)
	case t.whole.blob != nil:
		t.blob, err = t.whole.finish()
		t.validators = t.whole.validators
		return err
	}
	return nil
}

func (t *tail) handle(resp *http.Response) error {
	if t.whole.blob != nil {
		return t.whole.handle(resp) // the rest of a whole that broke off
	}
	switch resp.StatusCode {
	case http.StatusPartialContent:
		return t.take(resp)
	case http.StatusOK:
		// The server takes no notice of Range: what it sends is not thrown away.
		var err error
		if t.whole.blob, err = t.client.store.NewBlob(); err != nil {
			return err
		}
		return t.whole.whole(resp)
	case http.StatusNotModified:
		if t.known != (validator{}) {
			t.unchanged = true
			return nil
		}
	case http.StatusRequestedRangeNotSatisfiable, http.StatusNotImplemented,
		http.StatusBadRequest, http.StatusMethodNotAllowed:
		return errNoRanges
	}
	return &transport.StatusError{URL: transport.RedactURL(resp.Request.URL), Status: resp.StatusCode}
}

// take keeps the end of the file; when it is all of the file, as the file.
func (t *tail) take(resp *http.Response) error {
	got, ok := transport.ParseContentRange(resp.Header.Get("Content-Range"))
	if !ok || got.Size < 0 || got.Last != got.Size-1 || got.Last-got.First >= tailSize ||
		t.file.Size >= 0 && got.Size != t.file.Size {
		return errNoRanges
	}
	data := make([]byte, got.Last-got.First+1)
	if err := readExactly(resp.Body, data); err != nil {
		return err
	}
	t.windows, t.size = []part{{got.First, data}}, got.Size
	t.strong = transport.Validator(resp.Header)
	t.validators = validatorOf(resp.Header)
	if got.First > 0 {
		return nil
	}
	w, err := t.client.store.NewBlob()
	if err != nil {
		return err
	}
	t.whole.blob, t.whole.validators = w, t.validators
	_, err = w.Write(data)
	return err
}

// readExactly fills p and checks that nothing follows.
func readExactly(r io.Reader, p []byte) error {
	if _, err := io.ReadFull(r, p); err != nil {
		var cut *transport.CutError
		if errors.As(err, &cut) {
			return err
		}
		return &transport.CutError{Err: io.ErrUnexpectedEOF}
	}
	var one [1]byte
	if n, _ := r.Read(one[:]); n > 0 {
		return errNoRanges
	}
	return nil
}

// ReadAt implements io.ReaderAt.
func (t *tail) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= t.size {
		return 0, io.EOF
	}
	want := p[:min(int64(len(p)), t.size-off)]
	w, err := t.window(off, off+int64(len(want)))
	if err != nil {
		t.failed = err
		return 0, err
	}
	n := copy(want, w.data[off-w.start:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// window returns bytes that hold those from off to end. What is missing just
// before the end of the file is joined to it; anything else is a part of its own.
func (t *tail) window(off, end int64) (part, error) {
	for _, w := range t.windows {
		if off >= w.start && end <= w.start+int64(len(w.data)) {
			return w, nil
		}
	}
	if t.parts++; t.parts > maxParts || end-off > maxPart {
		return part{}, errNoRanges
	}
	last := &t.windows[0]
	if end >= last.start-tailSize {
		// This is the directory. METADATA mostly stands a little before it, with
		// RECORD between them, which grows with the directory.
		first := max(off-readAhead-(t.size-off)/2, 0)
		data, err := t.request(first, last.start-1)
		if err != nil {
			return part{}, err
		}
		*last = part{first, append(data, last.data...)}
		return *last, nil
	}
	data, err := t.request(off, end-1)
	if err != nil {
		return part{}, err
	}
	t.windows = append(t.windows, part{off, data})
	return t.windows[len(t.windows)-1], nil
}

// request asks for the bytes from first to last.
func (t *tail) request(first, last int64) ([]byte, error) {
	data := make([]byte, last-first+1)
	header := http.Header{
		"Accept-Encoding": {"identity"},
		"Range":           {fmt.Sprintf("bytes=%d-%d", first, last)},
	}
	if t.strong != "" {
		header.Set("If-Range", t.strong)
	}
	err := t.client.http.Do(t.ctx, transport.Request{URL: t.file.URL, Header: header, Handle: func(resp *http.Response) error {
		got, ok := transport.ParseContentRange(resp.Header.Get("Content-Range"))
		if resp.StatusCode != http.StatusPartialContent || !ok ||
			got != (transport.ContentRange{First: first, Last: last, Size: t.size}) ||
			transport.Validator(resp.Header) != t.strong {
			return errNoRanges
		}
		return readExactly(resp.Body, data)
	}})
	if err != nil && !errors.Is(err, errNoRanges) {
		err = unavailable(t.ctx, t.file.Redacted(), err)
	}
	return data, err
}
