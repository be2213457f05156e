package wheel

import "fmt"

// InvalidError says why a wheel, or one of its parts, cannot be accepted.
type InvalidError struct {
	Wheel  string // the wheel's file name; "" when a part is read by itself
	Member string // the member of the archive concerned; "" for the wheel as a whole
	Reason string // what is wrong, in words
	Err    error  // the cause, if it is an error of its own
}

// Error quotes names, which come from outside, so that no control character
// reaches a terminal.
func (e *InvalidError) Error() string {
	reason := e.Reason
	if e.Err != nil {
		if reason != "" {
			reason += ": "
		}
		reason += e.Err.Error()
	}
	switch {
	case e.Wheel == "" && e.Member == "":
		return reason
	case e.Wheel == "":
		return fmt.Sprintf("invalid %q: %s", e.Member, reason)
	case e.Member == "":
		return fmt.Sprintf("invalid wheel %q: %s", e.Wheel, reason)
	default:
		return fmt.Sprintf("invalid wheel %q: member %q: %s", e.Wheel, e.Member, reason)
	}
}

// Unwrap returns the cause.
func (e *InvalidError) Unwrap() error { return e.Err }

// invalidf builds the error of a part whose wheel is not known yet; the caller
// that knows fills in Wheel.
func invalidf(member, format string, args ...any) *InvalidError {
	return &InvalidError{Member: member, Reason: fmt.Sprintf(format, args...)}
}
