// Package transport is how xpip speaks HTTP: one stack, built in one place.
//
//	Client.Do      a slot of the limit, then go-retryablehttp with our policy: what is
//	               tried again, after how long, and from which byte on
//	http.Client    redirects, guarded
//	logging        every attempt and hop, redacted
//	credentials    by origin, so that no redirect can carry them elsewhere
//	idle           a body that stands still for the whole timeout is cut
//	counting       requests and bytes, for those who want to know
//	route          the verifying transport, or the other one for trusted hosts
//	http.Transport HTTP/2, proxies, TLS 1.2 and later
//
// There is no cookie jar, no Referer, and no decoding of bodies behind the
// caller's back.
package transport

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	defaultTimeout = 15 * time.Second // pip's
	defaultRetries = 5                // pip's
	maxParallel    = 50               // requests at once, over all hosts
	drainLimit     = 16 << 10         // read from an unwanted body to keep its connection
)

// Options configure a Client. The zero value is usable.
type Options struct {
	Locations    []string // configured index and find-links URLs; their userinfo is used for their origins
	TrustedHosts []string // host or host:port: certificates are not verified, plain HTTP is accepted
	Cert         string   // CA bundle or folder instead of the system's
	ClientCert   string   // PEM file with certificate and key
	Proxy        string   // for all requests
	NoProxyEnv   bool
	Timeout      time.Duration // 0 = 15 s
	Retries      int           // 0 = 5, negative = none
	UserAgent    string
	Offline      bool

	Netrc           string // path; "" = NETRC, else the home folder's
	KeyringProvider string // auto (""), disabled, import, subprocess
	NoInput         bool
	Prompt          Prompt

	Getenv  func(string) string // nil = os.Getenv
	Log     *slog.Logger        // nil = silent
	OnRetry func(Retry)         // nil = nobody wants to know
}

// Client sends requests. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	opts    Options
	trusted trustedHosts
	policy  *policy
	slots   chan struct{}
}

// New checks the options and builds the stack. It does not touch the network.
func New(opts Options) (*Client, error) {
	if opts.Getenv == nil {
		opts.Getenv = os.Getenv
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.Retries == 0 {
		opts.Retries = defaultRetries
	}
	if opts.UserAgent == "" {
		opts.UserAgent = "xpip"
	}
	trusted := parseTrusted(opts.TrustedHosts)
	base, err := newBase(&opts, trusted)
	if err != nil {
		return nil, err
	}
	return build(opts, trusted, base)
}

// build puts the stack on top of what really sends requests.
func build(opts Options, trusted trustedHosts, base http.RoundTripper) (*Client, error) {
	creds, err := newCredentials(&opts, trusted)
	if err != nil {
		return nil, err
	}
	policy := newPolicy()
	var stack http.RoundTripper = &counting{next: base}
	stack = &idle{next: stack, timeout: opts.Timeout, policy: policy}
	stack = &authenticator{next: stack, credentials: creds}
	stack = &logging{next: stack, log: opts.Log}
	return &Client{
		http:    &http.Client{Transport: stack, CheckRedirect: checkRedirect},
		opts:    opts,
		trusted: trusted,
		policy:  policy,
		slots:   make(chan struct{}, maxParallel),
	}, nil
}

// Secure reports whether what is read from u can be relied on: it came over
// TLS, from this machine, or from a host that the user trusts.
func (c *Client) Secure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "file" || isLoopback(u.Hostname()) || c.trusted.has(u)
}

// Offline reports whether the client refuses to send anything.
func (c *Client) Offline() bool { return c.opts.Offline }

// Request is a GET with what is to be done about its answer.
type Request struct {
	URL    string
	Header http.Header

	// Handle is called for an answer that is not one of those that are tried
	// again (408, 425, 429, 5xx). When reading the body breaks off and Handle
	// returns that error, the request is repeated and Handle called again. The
	// body is closed for it.
	Handle func(*http.Response) error

	// Again, if set, may change the header of a repeated attempt, so that it
	// goes on where the last one broke off.
	Again func(http.Header)
}

// Do sends r. Errors: *StatusError when the attempts are used up,
// *RedirectError, ErrOffline, what Handle returned, or what the network says.
func (c *Client) Do(ctx context.Context, r Request) error {
	if c.opts.Offline {
		return ErrOffline
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		return fmt.Errorf("%s is not an URL", Redact(r.URL))
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fmt.Errorf("%q is not an http or https URL", Redact(r.URL))
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}

	ctx = withURLCredentials(ctx, u)
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	for k, v := range r.Header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", c.opts.UserAgent)
	return c.send(req, r, RedactURL(u))
}

// send runs the attempts. A retryablehttp.Client is made for each request
// because its hooks have no other way to know which request they are for.
func (c *Client) send(req *http.Request, r Request, redactedURL string) error {
	handled := false
	call := &call{policy: c.policy, url: redactedURL, onRetry: c.opts.OnRetry, log: c.opts.Log}
	rc := &retryablehttp.Client{
		HTTPClient:   c.http,
		Logger:       nil, // it would print URLs
		RetryMax:     max(c.opts.Retries, 0),
		CheckRetry:   call.checkRetry,
		Backoff:      call.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		PrepareRetry: func(again *http.Request) error {
			handled = false
			again.Header = again.Header.Clone()
			if r.Again != nil {
				r.Again(again.Header)
			}
			return nil
		},
	}
	rreq, err := retryablehttp.FromRequest(req)
	if err != nil {
		return err
	}
	rreq.SetResponseHandler(func(resp *http.Response) error {
		defer closeBody(resp.Body)
		if call.fatal != nil {
			return call.fatal
		}
		handled = true
		return r.Handle(resp)
	})
	resp, err := rc.Do(rreq)
	if resp != nil {
		defer resp.Body.Close() // again, if it was handled
	}
	if err != nil && !handled {
		err = explain(unwrapURLError(err), c.opts.Timeout)
	}
	if err != nil {
		return unwrapURLError(err)
	}
	if !handled {
		return &StatusError{URL: redactedURL, Status: resp.StatusCode}
	}
	return nil
}

// closeBody reads a little of what is left, so that the connection can serve
// the next request, and closes.
func closeBody(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, drainLimit)
	_ = body.Close()
}

// policy is what is remembered from one request to the next.
type policy struct {
	contacted sync.Map // origin -> struct{}: has answered at least once
}

func newPolicy() *policy { return &policy{} }
