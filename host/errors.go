package host

import (
	"fmt"
	"strings"
)

// UnknownPlatformError refuses a platform name: either nothing goes by it, or
// no host can have it.
type UnknownPlatformError struct {
	Input string
	// Reason is a full sentence that says what is wrong; empty if the name
	// resembles nothing in particular.
	Reason string
	// Suggestions are names that are understood, nearest first.
	Suggestions []string
}

func (e *UnknownPlatformError) Error() string {
	s := fmt.Sprintf("unknown platform %s.", pyQuote(e.Input))
	if e.Reason != "" {
		s += " " + e.Reason
	} else if len(e.Suggestions) > 0 {
		s += " Did you mean " + strings.Join(e.Suggestions, " or ") + "?"
	}
	return s
}

// ErrNoPlatform is returned by [New] when neither a platform is given nor a
// build machine's Python that would stand in for it.
var ErrNoPlatform = fmt.Errorf("no platform is given: --platform names one")

// PlatformConflictError refuses a host made of platforms that cannot be the
// same machine with the same Python: no single marker environment holds for
// both.
type PlatformConflictError struct {
	First, Second string
	// Part is what differs: "operating systems" or "Pythons".
	Part string
}

func (e *PlatformConflictError) Error() string {
	one := "machine"
	if e.Part == "Pythons" {
		one = "Python on one machine"
	}
	return fmt.Sprintf("platforms %s and %s are of different %s: a host is one %s",
		pyQuote(e.First), pyQuote(e.Second), e.Part, one)
}

// TagError refuses the value of --abi or --implementation.
type TagError struct {
	Option string
	Input  string
	Reason string
}

func (e *TagError) Error() string {
	return fmt.Sprintf("invalid %s value: %s: %s", e.Option, pyQuote(e.Input), e.Reason)
}

// MarkerError refuses a setting of a marker variable: the name is not one of
// the eleven of PEP 508.
type MarkerError struct {
	Name string
	// Suggestion is the nearest variable, "" if none is near.
	Suggestion string
}

func (e *MarkerError) Error() string {
	s := fmt.Sprintf("unknown marker variable %s", pyQuote(e.Name))
	if e.Suggestion != "" {
		s += fmt.Sprintf(": did you mean %s?", e.Suggestion)
	}
	return s
}

// FloorError refuses the value of an environment variable that sets the
// oldest supported version of an operating system.
type FloorError struct {
	Variable, Value string
	Reason          string
}

func (e *FloorError) Error() string {
	return fmt.Sprintf("environment variable %s is %s: %s", e.Variable, pyQuote(e.Value), e.Reason)
}

// pyQuote quotes as pip's messages do, with control characters escaped.
func pyQuote(s string) string {
	q := fmt.Sprintf("%q", s)
	q = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	return "'" + strings.ReplaceAll(q, "'", `\'`) + "'"
}
