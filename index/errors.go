package index

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xpip/xpip/index/transport"
)

// ErrOffline is in the chain of an error when an answer would have needed the
// network and Config.Offline forbids it.
var ErrOffline = transport.ErrOffline

// NotFoundError says that every location was asked and none has the project.
type NotFoundError struct {
	Project string
	Looked  []string // locations, redacted, each with its HTTP status where that was telling
}

func (e *NotFoundError) Error() string {
	if len(e.Looked) == 0 {
		return fmt.Sprintf("project %q not found: no index and no find-links location is configured", e.Project)
	}
	return fmt.Sprintf("project %q not found in %s", e.Project, strings.Join(e.Looked, ", "))
}

// QuarantinedError says that the only index that has a project has put it under
// quarantine, so that nothing of it may be installed (PEP 792).
type QuarantinedError struct {
	Project string
	Index   string // redacted
	Reason  string // as the index gives it; may be empty
}

func (e *QuarantinedError) Error() string {
	s := fmt.Sprintf("project %q is quarantined on %s", e.Project, e.Index)
	if e.Reason != "" {
		s += fmt.Sprintf(" (%q)", e.Reason)
	}
	return s
}

// UnavailableError says that a location could not answer, so that nothing is
// known about what it has. It never means "not found".
type UnavailableError struct {
	URL string // redacted
	Err error
}

func (e *UnavailableError) Error() string { return fmt.Sprintf("reading %s: %v", e.URL, e.Err) }
func (e *UnavailableError) Unwrap() error { return e.Err }

// HashError says that a file's bytes are not those that were promised.
type HashError struct {
	Filename  string
	URL       string // redacted
	Algorithm string
	Want      []string // lower-case hex; any of them would have done
	Got       string
	FromIndex bool // promised by the index (or the URL's fragment), not by the caller
}

func (e *HashError) Error() string {
	who := "the requirement"
	if e.FromIndex {
		who = "the index"
	}
	return fmt.Sprintf("%q from %s has %s %s, but %s promises %s",
		e.Filename, e.URL, e.Algorithm, e.Got, who, strings.Join(e.Want, " or "))
}

// SizeError says that a transfer ended early, or brought other than the promised number of bytes.
type SizeError struct {
	Filename  string
	URL       string // redacted
	Want, Got int64  // bytes
}

func (e *SizeError) Error() string {
	if e.Got < e.Want {
		return fmt.Sprintf("%q from %s is truncated: %d of %d bytes arrived", e.Filename, e.URL, e.Got, e.Want)
	}
	return fmt.Sprintf("%q from %s is %d bytes or more, but %d were promised", e.Filename, e.URL, e.Got, e.Want)
}

// InsecureError says that a location was refused because it is plain HTTP, is
// not this machine, and no trusted host names it.
type InsecureError struct {
	URL  string // redacted
	Host string // as --trusted-host wants it
}

func (e *InsecureError) Error() string {
	return fmt.Sprintf("%s is not secure: use https, or name the host with --trusted-host %s", e.URL, e.Host)
}

// IsUnavailable reports whether err is, or wraps, an UnavailableError.
func IsUnavailable(err error) bool {
	var e *UnavailableError
	return errors.As(err, &e)
}

// IsNotFound reports whether err is, or wraps, a NotFoundError.
func IsNotFound(err error) bool {
	var e *NotFoundError
	return errors.As(err, &e)
}
