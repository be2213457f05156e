package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/index/transport"
)

const (
	maxPage  = 128 << 20 // bytes after decompression
	kindPage = "pages"

	// accept asks for JSON first and takes HTML, as pip does (PEP 691).
	accept = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
)

// errNoPage says that the server has no such page (404, 410).
var errNoPage = errors.New("there is no such page")

// page returns the parsed page at u. project is as for simple.ParseHTML.
func (c *Client) page(ctx context.Context, u *url.URL, project string) (*simple.Page, error) {
	key := pageKey(u, project)
	fetch := pageFetch{client: c, project: project, key: key}
	var stored *cachedPage
	refresh := c.wantsRefresh(project)
	if !refresh || c.http.Offline() { // else a validator could have the same said again
		stored = c.loadPage(key)
	}
	if stored != nil && stored.Absent {
		if c.http.Offline() {
			return nil, errNoPage
		}
		fetch.absent, stored = true, nil
	}
	if stored != nil && (c.http.Offline() || time.Now().Before(stored.Until)) {
		return stored.page, nil
	}
	fetch.stored = stored
	request := transport.Request{
		URL:    u.String(),
		Header: http.Header{"Accept": {accept}, "Accept-Encoding": {"gzip"}},
		Handle: fetch.handle,
	}
	if stored != nil {
		stored.Validators.apply(request.Header)
	}
	if refresh {
		request.Header.Set("Cache-Control", "max-age=0")
	}
	if err := c.http.Do(ctx, request); err != nil {
		return nil, err
	}
	return fetch.page, nil
}

// pageFetch takes the answer for one page.
type pageFetch struct {
	client  *Client
	project string
	key     string
	stored  *cachedPage // nil when there is none
	absent  bool        // it is known that there was no page
	page    *simple.Page
}

func (f *pageFetch) handle(resp *http.Response) error {
	final := resp.Request.URL
	if err := f.client.checkSecure(final); err != nil {
		return err // a redirect led there
	}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		if f.stored != nil {
			f.reuse(resp)
			return nil
		}
		fallthrough
	default:
		return &transport.StatusError{URL: transport.RedactURL(final), Status: resp.StatusCode}
	case http.StatusNotFound, http.StatusGone:
		if !f.absent {
			f.client.storePage(f.key, &cachedPage{pageRecord{Absent: true}, &simple.Page{}}, resp.Header)
		}
		return errNoPage
	}
	body, err := transport.ReadBody(resp, maxPage)
	if err != nil {
		return err
	}
	sum, from := sha256.Sum256(body), sha256.Sum256([]byte(final.String()))
	record := pageRecord{
		From:       string(from[:]),
		Type:       resp.Header.Get("Content-Type"),
		Encoding:   resp.Header.Get("Content-Encoding"),
		Body:       string(sum[:]),
		Validators: validatorOf(resp.Header),
	}
	if f.stored != nil && f.stored.sameBody(&record) {
		f.reuse(resp) // parsing it again would give the same
		return nil
	}
	if f.page, err = parsePage(body, &record, final, f.project); err != nil {
		return err
	}
	if !whole(resp, body) {
		return f.client.store.Delete(kindPage, f.key) // no validator may have it used again
	}
	f.client.storePage(f.key, &cachedPage{record, f.page}, resp.Header)
	return nil
}

// reuse takes the stored page, whose freshness begins anew. A server that says
// nothing about freshness gives no reason to write it again.
func (f *pageFetch) reuse(resp *http.Response) {
	f.page = f.stored.page
	v := validatorOf(resp.Header)
	lifetime, keep := freshness(resp.Header, time.Now())
	if keep && lifetime == 0 && (v == f.stored.Validators || v == validator{}) {
		return
	}
	if v != (validator{}) {
		f.stored.Validators = v
	}
	f.client.storePage(f.key, f.stored, resp.Header)
}

func parsePage(body []byte, record *pageRecord, base *url.URL, project string) (*simple.Page, error) {
	kind, _, err := mime.ParseMediaType(record.Type)
	if err != nil && record.Type != "" {
		kind = ""
	}
	parse := simple.ParseHTML
	switch kind {
	case "application/vnd.pypi.simple.v1+json":
		parse = simple.ParseJSON
	case "application/vnd.pypi.simple.v1+html", "text/html":
	default:
		return nil, &simple.Error{Reason: fmt.Sprintf("its Content-Type is %q", record.Type)}
	}
	if body, err = transport.Decode(body, record.Encoding, maxPage); err != nil {
		return nil, err
	}
	return parse(body, base, project)
}

// whole reports whether a body that could be read is known to be all of the
// page: by HTTP's framing, by an encoding that has an end, or by its own.
// HTML that ends where the connection does may have been cut short (RFC 9112, 8).
func whole(resp *http.Response, body []byte) bool {
	if resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0 || resp.ProtoMajor > 1 || resp.Header.Get("Content-Encoding") != "" {
		return true
	}
	body = bytes.TrimSpace(body)
	end := bytes.ToLower(body[max(0, len(body)-64):])
	return bytes.HasSuffix(end, []byte("}")) || bytes.Contains(end, []byte("</html")) || bytes.Contains(end, []byte("</body"))
}

// pageKey keeps apart what one URL shows to different users.
func pageKey(u *url.URL, project string) string {
	v := *u
	user := ""
	if u.User != nil {
		user, v.User = u.User.Username(), nil
	}
	return v.String() + "\n" + project + "\n" + user
}

// loadPage returns a stored page; one that cannot be read is none.
func (c *Client) loadPage(key string) *cachedPage {
	if !c.store.Persistent() {
		return nil // within one run, answers are remembered anyway
	}
	data, err := c.store.Get(kindPage, key)
	if err != nil {
		return nil
	}
	p, err := decodeStored(data)
	if err != nil {
		c.log.Info("a damaged cache entry is ignored", "kind", kindPage)
		return nil
	}
	return p
}

func (c *Client) storePage(key string, p *cachedPage, h http.Header) {
	if !c.store.Persistent() {
		return
	}
	lifetime, keep := freshness(h, time.Now())
	if !keep {
		_ = c.store.Delete(kindPage, key)
		return
	}
	p.Until = time.Now().Add(lifetime)
	if err := c.store.Put(kindPage, key, encodeStored(p)); err != nil {
		c.warn("A page is not kept in the cache: %v.", err)
	}
}
