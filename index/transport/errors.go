package transport

import (
	"errors"
	"fmt"
	"net/http"
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
