package transport

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
)

// Traffic counts what goes over the wire for those contexts that it was given
// to. It is safe for concurrent use.
type Traffic struct{ requests, bytes atomic.Int64 }

// Requests returns how many requests were sent: each attempt and each hop of a
// redirect is one.
func (t *Traffic) Requests() int64 { return t.requests.Load() }

// Bytes returns how many bytes of bodies came, as they were sent: without
// headers, and compressed where they were.
func (t *Traffic) Bytes() int64 { return t.bytes.Load() }

type trafficKey struct{}

// WithTraffic has t count the requests that are made with the context.
func WithTraffic(ctx context.Context, t *Traffic) context.Context {
	return context.WithValue(ctx, trafficKey{}, t)
}

// counting adds to the Traffic of a request's context, if it has one.
type counting struct{ next http.RoundTripper }

func (c *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	t, _ := req.Context().Value(trafficKey{}).(*Traffic)
	if t == nil {
		return c.next.RoundTrip(req)
	}
	t.requests.Add(1)
	resp, err := c.next.RoundTrip(req)
	if err == nil {
		resp.Body = &countedBody{resp.Body, t}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	traffic *Traffic
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.traffic.bytes.Add(int64(n))
	return n, err
}
