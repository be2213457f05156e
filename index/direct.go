package index

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/requirements"
)

// Direct makes a File of a direct reference to an archive: an https:, http: or
// file: URL, or the path of a file that exists. Hashes in the fragment
// (#sha256=…) are understood; what else stands there is ignored. It touches no
// network. Project is set for wheels, whose name says it.
func (c *Client) Direct(_ context.Context, ref string) (File, error) {
	bare, fragment, _ := strings.Cut(ref, "#")
	l, err := newLocation(ref, false) // a path may hold a '#'
	if err != nil {
		l, err = newLocation(bare, false)
	} else if _, statErr := os.Stat(ref); statErr == nil {
		fragment = ""
	}
	if err != nil {
		return File{}, fmt.Errorf("reading %q: %w", transport.Redact(ref), err)
	}
	l.url.Fragment, l.url.RawFragment = "", ""
	hashes := simple.FragmentHashes(fragment)
	f := File{URL: l.url.String(), Size: -1, Hashes: hashes.Map(), Local: l.path != ""}
	name, ok := simple.FilenameOf(f.URL)
	if !ok || !simple.IsDistribution(name) {
		return File{}, fmt.Errorf("%q is neither a wheel nor an sdist by its name", transport.Redact(bare))
	}
	f.Filename = name
	if f.IsWheel() {
		distribution, _, _ := strings.Cut(name, "-")
		f.Project = requirements.NormalizeName(distribution)
	}
	return f, nil
}

// Fetch reads a document of at most limit bytes at an https:, http: or file:
// URL, such as a requirements file. It returns the URL that it came from in
// the end, against which relative names in it are to be read; that one may hold
// no credentials.
func (c *Client) Fetch(ctx context.Context, rawURL string, limit int64) (data []byte, finalURL string, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, "", fmt.Errorf("%q is not an URL", transport.Redact(rawURL))
	}
	if u.Scheme == "file" {
		data, err = readLimited(u, limit)
		return data, rawURL, err
	}
	err = c.http.Do(ctx, transport.Request{
		URL:    rawURL,
		Header: http.Header{"Accept-Encoding": {"gzip"}},
		Handle: func(resp *http.Response) error {
			final := resp.Request.URL
			if resp.StatusCode != http.StatusOK {
				return &transport.StatusError{URL: transport.RedactURL(final), Status: resp.StatusCode}
			}
			body, err := transport.ReadBody(resp, limit)
			if err != nil {
				return err
			}
			finalURL = final.String()
			data, err = transport.Decode(body, resp.Header.Get("Content-Encoding"), limit)
			return err
		},
	})
	if err != nil {
		return nil, "", unavailable(ctx, transport.Redact(rawURL), err)
	}
	return data, finalURL, nil
}

func readLimited(u *url.URL, limit int64) ([]byte, error) {
	path, err := filePath(u)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, fmt.Errorf("reading %q: %w", path, err)
	}
	if int64(buf.Len()) > limit {
		return nil, fmt.Errorf("reading %q: %w", path, &transport.TooLargeError{Limit: limit})
	}
	return buf.Bytes(), nil
}
