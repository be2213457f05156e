package pep440

import "fmt"

// ParseError says why a version or a set of specifiers could not be read.
type ParseError struct {
	Kind   string // "version" or "specifier"
	Input  string // the whole text given, cut when it is over the limit
	Clause string // of a specifier: the clause at fault, trimmed; "" when it is the whole
	Offset int    // where Clause (or the version) starts in Input, in bytes
	Reason string // what is wrong, a phrase without a full stop
}

func (e *ParseError) Error() string {
	if e.Clause != "" && e.Clause != e.Input {
		return fmt.Sprintf("invalid %s %q in %q: %s", e.Kind, e.Clause, e.Input, e.Reason)
	}
	return fmt.Sprintf("invalid %s %q: %s", e.Kind, e.Input, e.Reason)
}
