package transport

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// ErrOffline is returned instead of sending a request when the client is offline.
var ErrOffline = errors.New("the network is off (offline)")

// StatusError is an HTTP answer that is not the success that was needed.
type StatusError struct {
	URL        string // redacted
	Status     int
	RetryAfter string // the header, when a server asked for a longer wait than is granted
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	switch e.Status {
	case http.StatusNoContent:
		s += " (an answer without content)"
	case http.StatusPartialContent:
		s += " (a part, where the whole was asked for)"
	case http.StatusNotModified:
		s += " (though it was not asked whether something has changed)"
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		s += " (a redirect that names no place)"
	}
	if e.RetryAfter != "" {
		s += fmt.Sprintf(" (the server asks to wait: Retry-After %q)", e.RetryAfter)
	}
	return s
}

// RedirectError is a redirect that is not followed.
type RedirectError struct {
	From, To string // redacted
	Reason   string
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("not following the redirect from %s to %s: %s", e.From, e.To, e.Reason)
}

// StalledError says that a server stopped sending for the whole timeout.
type StalledError struct{ After time.Duration }

func (e *StalledError) Error() string { return fmt.Sprintf("nothing arrived for %s", e.After) }

// Timeout makes StalledError a timeout in the sense of net.Error.
func (e *StalledError) Timeout() bool { return true }

// AnswerError says that what a server sent, or did not send, is no answer.
type AnswerError struct {
	Reason string
	Err    error // in the words of net/http
}

func (e *AnswerError) Error() string { return e.Reason }
func (e *AnswerError) Unwrap() error { return e.Err }

// explain puts what net/http says about a server's answer into words. It has no
// types for these, so that its texts are all there is to go by; one that is not
// recognised stays.
func explain(err error, timeout time.Duration) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	var network *net.OpError
	switch {
	case strings.Contains(text, "tls: certificate required"):
		return &AnswerError{"it demands a certificate of the client (--client-cert)", err}
	case strings.Contains(text, "tls: protocol version not supported"), strings.Contains(text, "tls: server selected unsupported protocol version"):
		return &AnswerError{"it speaks no TLS protocol version from 1.2 on", err}
	case errors.As(err, &network):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &AnswerError{"the connection was closed before an answer came", err}
	case strings.Contains(text, "timeout awaiting response headers"):
		return &AnswerError{fmt.Sprintf("no answer came within %s (--timeout)", timeout), err}
	case strings.Contains(text, "TLS handshake timeout"):
		return &AnswerError{fmt.Sprintf("the TLS handshake did not end within %s (--timeout)", timeout), err}
	case strings.Contains(text, "server response headers exceeded"):
		return &AnswerError{fmt.Sprintf("the header of its answer is larger than %d bytes", maxHeader), err}
	case strings.Contains(text, "malformed HTTP"), strings.Contains(text, "malformed MIME"):
		return &AnswerError{"what came is no HTTP answer: " + text[strings.Index(text, "malformed "):], err}
	case strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return &AnswerError{"it speaks plain HTTP where https was asked for", err}
	}
	return err
}
