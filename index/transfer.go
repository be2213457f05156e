package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/xpip/xpip/index/cache"
	"github.com/xpip/xpip/index/transport"
)

// download is one file on its way. A transfer that breaks off goes on from the
// last byte where that is safe: when a hash will judge the whole, or the server
// vouches by a strong validator that it is still the same file.
type download struct {
	client *Client
	file   File
	known  *urlRecord // what an earlier run had from this URL, or nil

	blob       *cache.BlobWriter
	progress   Transfer
	total      int64  // bytes of the whole, -1 while unknown
	strong     string // validator for If-Range
	validators validator
	noResume   bool
	resumed    bool
	unchanged  bool // the server says that known still holds
}

var errWrongPart = errors.New("the server sent another part than was asked for")

func (d *download) run(ctx context.Context) (Blob, error) {
	blob, err := d.attempt(ctx)
	var mismatch *HashError
	if d.resumed && errors.As(err, &mismatch) {
		// The parts may not have been of one file; only a whole one can tell.
		d.noResume, d.resumed = true, false
		blob, err = d.attempt(ctx)
	}
	return blob, err
}

func (d *download) attempt(ctx context.Context) (blob Blob, err error) {
	if d.blob, err = d.client.store.NewBlob(); err != nil {
		return Blob{}, err
	}
	defer d.blob.Abort()
	defer func() {
		if d.progress != nil {
			d.progress.Done(false, err)
			d.progress = nil
		}
	}()
	request := transport.Request{
		URL:    d.file.URL,
		Header: http.Header{"Accept-Encoding": {"identity"}},
		Handle: d.handle,
		Again:  d.again,
	}
	if d.known != nil {
		d.known.Validators.apply(request.Header)
	}
	if err := d.client.http.Do(ctx, request); err != nil {
		return Blob{}, d.explain(ctx, err)
	}
	if d.unchanged {
		return d.known.blob(d.client, d.file)
	}
	return d.finish()
}

// finish verifies what can be verified before the file gets a place in the store.
func (d *download) finish() (Blob, error) {
	if want := d.file.Hashes["sha256"]; want != "" {
		if got := d.blob.SHA256(); got != want {
			return Blob{}, &HashError{Filename: d.file.Filename, URL: d.file.Redacted(), Algorithm: "sha256",
				Want: []string{want}, Got: got, FromIndex: true}
		}
	}
	return commit(d.blob, false)
}

// explain makes of a transfer that broke off for good an error that says how far it came.
func (d *download) explain(ctx context.Context, err error) error {
	var cut *transport.CutError
	var size *SizeError
	switch {
	case errors.As(err, &size):
		return err
	case errors.As(err, &cut) && ctx.Err() == nil && d.total > d.blob.Size():
		err = fmt.Errorf("%w (%w)", &SizeError{Filename: d.file.Filename, URL: d.file.Redacted(), Want: d.total, Got: d.blob.Size()}, cut.Err)
	}
	return unavailable(ctx, d.file.Redacted(), err)
}

// again asks for the rest (transport.Request.Again).
func (d *download) again(h http.Header) {
	h.Del("Range")
	h.Del("If-Range")
	if d.blob.Size() == 0 || d.noResume || d.strong == "" && len(d.file.Hashes) == 0 {
		return
	}
	h.Del("If-None-Match")
	h.Del("If-Modified-Since")
	h.Set("Range", "bytes="+strconv.FormatInt(d.blob.Size(), 10)+"-")
	if d.strong != "" {
		h.Set("If-Range", d.strong)
	}
}

func (d *download) handle(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return d.whole(resp)
	case http.StatusPartialContent:
		return d.rest(resp)
	case http.StatusRequestedRangeNotSatisfiable:
		if d.blob.Size() > 0 {
			return d.restart(errWrongPart)
		}
	case http.StatusNotModified:
		if d.known != nil {
			d.unchanged = true
			return nil
		}
	}
	return &transport.StatusError{URL: transport.RedactURL(resp.Request.URL), Status: resp.StatusCode}
}

// whole takes a file from its first byte.
func (d *download) whole(resp *http.Response) error {
	if d.blob.Size() > 0 {
		if err := d.blob.Reset(); err != nil {
			return err
		}
		d.resumed = false
	}
	d.total = resp.ContentLength
	if d.file.Size >= 0 {
		if d.total >= 0 && d.total != d.file.Size {
			return &SizeError{Filename: d.file.Filename, URL: d.file.Redacted(), Want: d.file.Size, Got: d.total}
		}
		d.total = d.file.Size
	}
	d.strong = transport.Validator(resp.Header)
	d.validators = validatorOf(resp.Header)
	if d.progress == nil && d.client.progress != nil {
		d.progress = d.client.progress.Started(d.file.Filename, d.total)
	}
	return d.copy(resp.Body)
}

// rest takes the part from where the last attempt broke off.
func (d *download) rest(resp *http.Response) error {
	part, ok := transport.ParseContentRange(resp.Header.Get("Content-Range"))
	if !ok || part.First != d.blob.Size() || part.Size >= 0 && d.total >= 0 && part.Size != d.total {
		return d.restart(errWrongPart)
	}
	d.resumed = true
	return d.copy(resp.Body)
}

// restart forgets what has come and has the request repeated without Range.
func (d *download) restart(why error) error {
	d.noResume = true
	if err := d.blob.Reset(); err != nil {
		return err
	}
	return &transport.CutError{Err: why}
}

// copy takes bytes until the end of body, which must be the end of the file.
func (d *download) copy(body io.Reader) error {
	limit := int64(maxFile)
	if d.total >= 0 {
		limit = d.total
	}
	var dst io.Writer = d.blob
	if d.progress != nil {
		dst = advancing{d.blob, d.progress}
	}
	if _, err := io.Copy(dst, io.LimitReader(body, limit-d.blob.Size()+1)); err != nil {
		return err
	}
	switch got := d.blob.Size(); {
	case got > limit:
		return &SizeError{Filename: d.file.Filename, URL: d.file.Redacted(), Want: limit, Got: got}
	case d.total >= 0 && got < d.total:
		return &transport.CutError{Err: io.ErrUnexpectedEOF}
	}
	return nil
}

// advancing tells a Transfer what passes.
type advancing struct {
	w io.Writer
	t Transfer
}

func (a advancing) Write(p []byte) (int, error) {
	n, err := a.w.Write(p)
	a.t.Advance(int64(n))
	return n, err
}
