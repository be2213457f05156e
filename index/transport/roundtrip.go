package transport

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// logging says what was asked and what came.
type logging struct {
	next http.RoundTripper
	log  *slog.Logger
}

func (t *logging) RoundTrip(req *http.Request) (*http.Response, error) {
	if !t.log.Enabled(req.Context(), slog.LevelDebug) {
		return t.next.RoundTrip(req)
	}
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	attrs := []any{"url", RedactURL(req.URL), "took", time.Since(start).Round(time.Millisecond)}
	if r := req.Header.Get("Range"); r != "" {
		attrs = append(attrs, "range", r)
	}
	if err != nil {
		t.log.Debug("request failed", append(attrs, "error", err)...)
		return nil, err
	}
	t.log.Debug("request", append(attrs, "status", resp.StatusCode, "protocol", resp.Proto, "length", resp.ContentLength)...)
	return resp, nil
}

// idle cuts a body that stands still for the whole timeout, and marks every
// way in which a body can break off with CutError.
type idle struct {
	next    http.RoundTripper
	timeout time.Duration
	policy  *policy
}

func (t *idle) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	t.policy.answered(req.URL)
	resp.Body = &idleBody{body: resp.Body, ctx: ctx, cancel: cancel, timeout: t.timeout}
	return resp, nil
}

type idleBody struct {
	body    io.ReadCloser
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timeout time.Duration
	timer   *time.Timer
}

func (b *idleBody) Read(p []byte) (int, error) {
	if b.timer == nil {
		b.timer = time.AfterFunc(b.timeout, func() { b.cancel(&StalledError{b.timeout}) })
	} else {
		b.timer.Reset(b.timeout)
	}
	n, err := b.body.Read(p)
	b.timer.Stop()
	if err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return n, err
	}
	var stalled *StalledError
	if errors.As(context.Cause(b.ctx), &stalled) {
		err = stalled
	}
	return n, &CutError{err}
}

func (b *idleBody) Close() error {
	if b.timer != nil {
		b.timer.Stop()
	}
	err := b.body.Close()
	b.cancel(nil)
	return err
}

// route sends a request through the transport that its host deserves.
type route struct {
	trusted                    trustedHosts
	proxy                      func(*http.Request) (*url.URL, error) // nil for none
	verifying, trusting, plain func() (*http.Transport, error)
}

func (t *route) RoundTrip(req *http.Request) (*http.Response, error) {
	get := t.verifying
	switch {
	case t.isPlain(req):
		get = t.plain
	case t.trusted.has(req.URL):
		get = t.trusting
	}
	transport, err := get()
	if err != nil {
		return nil, err
	}
	return transport.RoundTrip(req)
}

// isPlain reports whether a request needs no certificates: it is for plain HTTP,
// and no proxy is in between.
func (t *route) isPlain(req *http.Request) bool {
	if req.URL.Scheme != "http" {
		return false
	}
	if t.proxy == nil {
		return true
	}
	proxy, err := t.proxy(req)
	return err == nil && proxy == nil
}
