package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	firstWait = 200 * time.Millisecond
	maxWait   = 10 * time.Second
	// maxRetryAfter is how long a server may make us wait. One that asks for
	// more is telling us to come back another day.
	maxRetryAfter = 30 * time.Second
)

// CutError is what reading a body returns when it breaks off.
type CutError struct{ Err error }

func (e *CutError) Error() string { return "the transfer broke off: " + e.Err.Error() }
func (e *CutError) Unwrap() error { return e.Err }

// call is the state of one request over its attempts.
type call struct {
	policy  *policy
	url     string // redacted
	onRetry func(Retry)
	log     *slog.Logger

	lastErr error
	fatal   error // an answer that must neither be handled nor tried again
}

// checkRetry decides whether an attempt is repeated (retryablehttp.CheckRetry).
// It is called for each answer, and again with what Handle made of it.
func (c *call) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	c.lastErr = err
	if ctxErr := ctx.Err(); ctxErr != nil {
		return false, ctxErr
	}
	if err != nil {
		if c.temporary(resp, err) {
			return true, nil
		}
		return false, err
	}
	if !retryStatus(resp.StatusCode) {
		return false, nil
	}
	if wait, ok := retryAfter(resp.Header.Get("Retry-After"), time.Now()); ok && wait > maxRetryAfter {
		c.fatal = &StatusError{URL: c.url, Status: resp.StatusCode, RetryAfter: resp.Header.Get("Retry-After")}
		return false, c.fatal
	}
	return true, nil
}

func retryStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	}
	return status >= 500
}

// temporary reports whether trying again may help. With an answer in hand the
// error is Handle's, and only a body that broke off is worth another attempt.
func (c *call) temporary(resp *http.Response, err error) bool {
	if resp != nil {
		var cut *CutError
		return errors.As(err, &cut)
	}
	var (
		redirect   *RedirectError
		dns        *net.DNSError
		verify     *tls.CertificateVerificationError
		unknown    x509.UnknownAuthorityError
		name       x509.HostnameError
		invalid    x509.CertificateInvalidError
		alert      *net.OpError
		notTLS     tls.RecordHeaderError
		certConfig *CertError
	)
	switch {
	case errors.As(err, &redirect), errors.As(err, &certConfig):
		return false
	case errors.As(err, &dns) && dns.IsNotFound:
		return false
	case errors.As(err, &verify), errors.As(err, &unknown), errors.As(err, &name),
		errors.As(err, &invalid), errors.As(err, &notTLS):
		return false
	case errors.As(err, &alert) && (alert.Op == "remote error" || alert.Op == "local error"), strings.Contains(err.Error(), "tls: "):
		return false // one side of TLS has refused the other
	case errors.Is(err, syscall.ECONNREFUSED):
		// Nobody listens there; a server that has answered before may be restarting.
		var u *url.Error
		if !errors.As(err, &u) {
			return false
		}
		return c.policy.known(u.URL)
	}
	return true
}

// backoff returns the wait before the next attempt (retryablehttp.Backoff).
// attempt counts from 0.
func (c *call) backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := exponential(attempt)
	retry := Retry{URL: c.url, Attempt: attempt + 1, Err: unwrapURLError(c.lastErr)}
	if resp != nil {
		if c.lastErr == nil {
			retry.Status = resp.StatusCode
		}
		if asked, ok := retryAfter(resp.Header.Get("Retry-After"), time.Now()); ok && retryStatus(resp.StatusCode) {
			wait = min(asked, maxRetryAfter)
		}
	}
	retry.Wait = wait
	c.log.Info("retrying", "url", c.url, "attempt", retry.Attempt, "status", retry.Status, "error", retry.Err, "wait", wait)
	if c.onRetry != nil {
		c.onRetry(retry)
	}
	return wait
}

// exponential doubles the wait with each attempt and takes up to half of it
// off at random, so that many clients do not come back together.
func exponential(attempt int) time.Duration {
	wait := maxWait
	if attempt < 16 {
		wait = min(firstWait<<attempt, maxWait)
	}
	return wait - rand.N(wait/2)
}

// retryAfter reads a Retry-After header: seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	if header == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(header, 10, 63); err == nil {
		// A longer wait than a year is not waited for anyway; this keeps it a Duration.
		return time.Duration(min(seconds, 365*24*3600)) * time.Second, true
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0, false
	}
	return max(date.Sub(now), 0), true
}

func (p *policy) answered(u *url.URL) { p.contacted.Store(originOf(u), struct{}{}) }

func (p *policy) known(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	_, ok := p.contacted.Load(originOf(u))
	return ok
}

// unwrapURLError takes off the wrapper of net/http, whose text repeats the URL
// with its query.
func unwrapURLError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
