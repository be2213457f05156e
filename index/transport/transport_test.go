package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func noEnv(string) string { return "" }

func newClient(t *testing.T, opts Options) *Client {
	t.Helper()
	if opts.Getenv == nil {
		opts.Getenv = noEnv
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get returns the status and the body of rawURL.
func get(ctx context.Context, c *Client, rawURL string) (status int, body string, err error) {
	err = c.Do(ctx, Request{URL: rawURL, Handle: func(resp *http.Response) error {
		data, err := ReadBody(resp, 1<<20)
		status, body = resp.StatusCode, string(data)
		return err
	}})
	return status, body, err
}

// fakeNet answers requests without a network, for tests in which time passes.
type fakeNet func(n int, req *http.Request) (*http.Response, error)

func fakeClient(t *testing.T, opts Options, answer fakeNet) (*Client, *atomic.Int32) {
	t.Helper()
	opts.Getenv = noEnv
	opts.Log = slog.New(slog.DiscardHandler)
	opts.Timeout = time.Minute
	if opts.Retries == 0 {
		opts.Retries = defaultRetries
	}
	var n atomic.Int32
	c, err := build(opts, nil, roundTrip(func(req *http.Request) (*http.Response, error) {
		return answer(int(n.Add(1)), req)
	}))
	if err != nil {
		t.Fatal(err)
	}
	return c, &n
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answer(req *http.Request, status int, body string, header ...string) *http.Response {
	resp := &http.Response{
		StatusCode: status, Request: req, Header: http.Header{}, ContentLength: int64(len(body)),
		Proto: "HTTP/1.1", Body: io.NopCloser(strings.NewReader(body)),
	}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

func TestRetries(t *testing.T) {
	const u = "https://example.com/x"
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for name, c := range map[string]struct {
		answer   fakeNet
		requests int32
		least    time.Duration // that must have passed
		most     time.Duration
		status   int
		errPart  string
	}{
		"success": {
			func(n int, req *http.Request) (*http.Response, error) { return answer(req, 200, "ok"), nil },
			1, 0, 0, 200, "",
		},
		"not found is an answer": {
			func(n int, req *http.Request) (*http.Response, error) { return answer(req, 404, ""), nil },
			1, 0, 0, 404, "",
		},
		"a 501 is an answer": {
			func(n int, req *http.Request) (*http.Response, error) { return answer(req, 501, ""), nil },
			1, 0, 0, 501, "",
		},
		"errors of the server pass": {
			func(n int, req *http.Request) (*http.Response, error) {
				return answer(req, []int{500, 502, 408, 425, 200}[n-1], "ok"), nil
			},
			5, 1500 * time.Millisecond, 3 * time.Second, 200, "",
		},
		"errors of the server do not pass": {
			func(n int, req *http.Request) (*http.Response, error) { return answer(req, 503, ""), nil },
			6, 3 * time.Second, 7 * time.Second, 0, "503 Service Unavailable",
		},
		"the server says how long": {
			func(n int, req *http.Request) (*http.Response, error) {
				if n < 3 {
					return answer(req, 429, "", "Retry-After", "20"), nil
				}
				return answer(req, 200, "ok"), nil
			},
			3, 40 * time.Second, 40 * time.Second, 200, "",
		},
		"the server says too long": {
			func(n int, req *http.Request) (*http.Response, error) {
				return answer(req, 503, "", "Retry-After", "3600"), nil
			},
			1, 0, 0, 0, `Retry-After "3600"`,
		},
		"connections break": {
			func(n int, req *http.Request) (*http.Response, error) {
				if n == 1 {
					return nil, io.EOF
				}
				return answer(req, 200, "ok"), nil
			},
			2, 100 * time.Millisecond, 200 * time.Millisecond, 200, "",
		},
		"no such host": {
			func(n int, req *http.Request) (*http.Response, error) {
				return nil, &net.DNSError{Err: "no such host", Name: "example.com", IsNotFound: true}
			},
			1, 0, 0, 0, "no such host",
		},
		"nobody listens": {
			func(n int, req *http.Request) (*http.Response, error) { return nil, refused },
			1, 0, 0, 0, "refused",
		},
		"nobody listens any more": {
			func(n int, req *http.Request) (*http.Response, error) {
				switch n {
				case 1:
					return answer(req, 500, ""), nil
				case 2:
					return nil, refused
				}
				return answer(req, 200, "ok"), nil
			},
			3, 300 * time.Millisecond, 600 * time.Millisecond, 200, "",
		},
		"a wrong certificate": {
			func(n int, req *http.Request) (*http.Response, error) {
				return nil, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
			},
			1, 0, 0, 0, "unknown authority",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var retries []Retry
				client, n := fakeClient(t, Options{OnRetry: func(r Retry) { retries = append(retries, r) }}, c.answer)
				start := time.Now()
				status, _, err := get(t.Context(), client, u)
				took := time.Since(start)
				if n.Load() != c.requests || took < c.least || took > c.most || status != c.status {
					t.Errorf("%d requests in %v, status %d", n.Load(), took, status)
				}
				if (err != nil) != (c.errPart != "") || err != nil && !strings.Contains(err.Error(), c.errPart) {
					t.Errorf("got error %v, want %q", err, c.errPart)
				}
				if int32(len(retries)) != c.requests-1 {
					t.Errorf("%d requests, and these retries: %+v", c.requests, retries)
				}
			})
		})
	}
}

func TestCancelledWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		client, n := fakeClient(t, Options{}, func(_ int, req *http.Request) (*http.Response, error) {
			return answer(req, 503, "", "Retry-After", "25"), nil
		})
		_, _, err := get(ctx, client, "https://example.com/")
		if !errors.Is(err, context.DeadlineExceeded) || n.Load() != 1 {
			t.Errorf("%d requests, %v", n.Load(), err)
		}
	})
}

// A body that breaks off is asked for again, with what Again wants in the header.
func TestBodyBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, n := fakeClient(t, Options{}, func(n int, req *http.Request) (*http.Response, error) {
			resp := answer(req, 200, "he")
			if n == 1 {
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("he"), errReader{io.ErrUnexpectedEOF}))
			} else if req.Header.Get("Range") != "bytes=2-" {
				t.Errorf("second request with %v", req.Header)
			} else {
				resp.Body = io.NopCloser(strings.NewReader("llo"))
			}
			return resp, nil
		})
		var got bytes.Buffer
		err := client.Do(t.Context(), Request{
			URL:    "https://example.com/",
			Handle: func(resp *http.Response) error { _, err := got.ReadFrom(resp.Body); return err },
			Again:  func(h http.Header) { h.Set("Range", fmt.Sprintf("bytes=%d-", got.Len())) },
		})
		if err != nil || got.String() != "hello" || n.Load() != 2 {
			t.Errorf("got %q after %d requests, %v", got.String(), n.Load(), err)
		}
	})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// What Handle finds wrong with an answer is not asked again.
func TestHandleError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, n := fakeClient(t, Options{}, func(_ int, req *http.Request) (*http.Response, error) {
			return answer(req, 200, ""), nil
		})
		boom := errors.New("boom")
		err := client.Do(t.Context(), Request{URL: "https://example.com/", Handle: func(*http.Response) error { return boom }})
		if !errors.Is(err, boom) || n.Load() != 1 {
			t.Errorf("%d requests, %v", n.Load(), err)
		}
	})
}

func TestStalledBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, n := fakeClient(t, Options{Retries: 1}, func(n int, req *http.Request) (*http.Response, error) {
			resp := answer(req, 200, "")
			resp.ContentLength = 10
			resp.Body = io.NopCloser(ctxReader{req.Context()})
			return resp, nil
		})
		_, _, err := get(t.Context(), client, "https://example.com/")
		var stalled *StalledError
		if !errors.As(err, &stalled) || n.Load() != 2 {
			t.Errorf("%d requests, %v", n.Load(), err)
		}
	})
}

// ctxReader brings nothing until its request is given up.
type ctxReader struct{ ctx context.Context }

func (r ctxReader) Read([]byte) (int, error) { <-r.ctx.Done(); return 0, r.ctx.Err() }

func TestOffline(t *testing.T) {
	client, n := fakeClient(t, Options{Offline: true}, func(_ int, req *http.Request) (*http.Response, error) {
		return answer(req, 200, ""), nil
	})
	if _, _, err := get(t.Context(), client, "https://example.com/"); !errors.Is(err, ErrOffline) || n.Load() != 0 {
		t.Errorf("%d requests, %v", n.Load(), err)
	}
}

func TestLimitOfRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		client, _ := fakeClient(t, Options{}, func(_ int, req *http.Request) (*http.Response, error) {
			if k := now.Add(1); k > most.Load() {
				most.Store(k)
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return answer(req, 200, ""), nil
		})
		var wg sync.WaitGroup
		for range 3 * maxParallel {
			wg.Go(func() { _, _, _ = get(t.Context(), client, "https://example.com/") })
		}
		wg.Wait()
		if got := most.Load(); got != maxParallel {
			t.Errorf("%d requests at once", got)
		}
	})
}

func TestNotAnURL(t *testing.T) {
	client := newClient(t, Options{})
	for _, u := range []string{"", "x", "file:///etc/passwd", "ftp://example.com/", "https://", "http://[::1"} {
		if _, _, err := get(t.Context(), client, u); err == nil {
			t.Errorf("%q was fetched", u)
		}
	}
}

func TestDecode(t *testing.T) {
	zip := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
		return b.String()
	}
	for _, c := range []struct {
		encoding, body, want string
		ok                   bool
	}{
		{"", "plain", "plain", true},
		{"identity", "plain", "plain", true},
		{"gzip", zip("text"), "text", true},
		{"x-gzip", zip("text"), "text", true},
		{"gzip", zip(strings.Repeat("0", 1001)), "", false}, // a bomb, for the limit here
		{"gzip, gzip", zip(zip("text")), "", false},
		{"gzip", zip("text")[:15], "", false},
		{"gzip", "text", "", false},
		{"br", "text", "", false},
	} {
		got, err := Decode([]byte(c.body), c.encoding, 1000)
		if (err == nil) != c.ok || string(got) != c.want {
			t.Errorf("%s: %q, %v", c.encoding, got, err)
		}
	}
}

func TestReadBody(t *testing.T) {
	for _, length := range []int64{-1, 5, 11} {
		resp := &http.Response{ContentLength: length, Body: io.NopCloser(strings.NewReader("12345678901"))}
		var large *TooLargeError
		if data, err := ReadBody(resp, 10); !errors.As(err, &large) {
			t.Errorf("length %d: %q, %v", length, data, err)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com/simple/":                   "https://example.com/simple/",
		"https://joe:s3cret@example.com/simple/":        "https://joe:****@example.com/simple/",
		"https://t0ken@example.com/simple/":             "https://****@example.com/simple/",
		"https://t0ken:@example.com/simple/":            "https://****@example.com/simple/",
		"https://t0ken:x-oauth-basic@example.com/":      "https://****@example.com/",
		"https://a%40b:s3cret@example.com/":             "https://a@b:****@example.com/",
		"https://example.com/a?X-Sig=s3cret&b=c#s3cret": "https://example.com/a?X-Sig=****&b=****",
		"https://example.com/a?s3cret":                  "https://example.com/a?****",
		"http://joe:s3cret@[::1]:80/a@b":                "http://joe:****@[::1]:80/a@b",
		"https://joe:s3cret@exa mple/":                  "****",
	} {
		if got := Redact(in); got != want {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}

// Nothing that is logged may show a secret.
func TestLogsAreRedacted(t *testing.T) {
	srv := httptest.NewServer(http.RedirectHandler("/x?sig=s3cret", http.StatusFound))
	defer srv.Close()
	var log bytes.Buffer
	client := newClient(t, Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	_, _, err := get(t.Context(), client, strings.Replace(srv.URL, "://", "://joe:s3cret@", 1)+"/y?sig=s3cret")
	if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(log.String(), "s3cret") {
		t.Errorf("error %v, log:\n%s", err, log.String())
	}
	if !strings.Contains(log.String(), "status=302") {
		t.Errorf("the log lacks the request:\n%s", log.String())
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		header string
		want   time.Duration
		ok     bool
	}{
		{"", 0, false},
		{"120", 2 * time.Minute, true},
		{"0", 0, true},
		{"-5", 0, false},
		{"99999999999999999", 365 * 24 * time.Hour, true},
		{"Fri, 02 Jan 2026 03:04:35 GMT", 30 * time.Second, true},
		{"Fri, 02 Jan 2026 03:00:00 GMT", 0, true},
		{"soon", 0, false},
	} {
		if got, ok := retryAfter(c.header, now); got != c.want || ok != c.ok {
			t.Errorf("retryAfter(%q) = %v, %v", c.header, got, ok)
		}
	}
	for attempt := range 100 {
		if w := exponential(attempt); w < firstWait/2 || w > maxWait {
			t.Errorf("wait after attempt %d: %v", attempt, w)
		}
	}
}

func TestParseContentRange(t *testing.T) {
	for in, want := range map[string]ContentRange{
		"bytes 0-9/10":                          {0, 9, 10},
		"Bytes 5-9/*":                           {5, 9, -1},
		"bytes 0-0/1":                           {0, 0, 1},
		"bytes 10-9/20":                         {},
		"bytes 0-10/10":                         {},
		"bytes */10":                            {},
		"bytes 0-9":                             {},
		"items 0-9/10":                          {},
		"bytes +0-9/10":                         {},
		"bytes 0-9/ 10":                         {},
		"bytes 0--9/10":                         {},
		"bytes 0-9/10, x":                       {},
		"":                                      {},
		"bytes 0-9/1" + strings.Repeat("0", 30): {},
	} {
		got, ok := ParseContentRange(in)
		if got != want && ok || ok != (want != ContentRange{}) {
			t.Errorf("ParseContentRange(%q) = %v, %v", in, got, ok)
		}
	}
}

func FuzzParseContentRange(f *testing.F) {
	f.Add("bytes 0-9/10")
	f.Add("bytes 5-9/*")
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := ParseContentRange(s)
		if ok && (r.First < 0 || r.Last < r.First || r.Size >= 0 && r.Last >= r.Size) {
			t.Errorf("%q: %+v", s, r)
		}
	})
}

func FuzzRedact(f *testing.F) {
	f.Add("https://joe:hunter2hunter2@example.com/?a=hunter2hunter2")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.Parse(s)
		if err != nil || u.User == nil || u.Host == "" {
			return
		}
		password, _ := u.User.Password()
		if len(password) < 12 || strings.Contains(u.Host+u.Path+u.Scheme+u.User.Username()+u.RawQuery, password) {
			return
		}
		if got := Redact(s); strings.Contains(got, password) {
			t.Errorf("Redact(%q) = %q", s, got)
		}
	})
}
