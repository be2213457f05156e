package resolver

import (
	"fmt"
	"time"
)

// NotFoundError is a Source's answer for a project that does not exist
// anywhere it looked, or of which nothing is given out.
type NotFoundError struct {
	Project string
	// Looked are the places, without credentials.
	Looked []string
	// Withheld says why a project that is known is not given out, to be read
	// behind its name: "is quarantined".
	Withheld string
}

func (e *NotFoundError) Error() string {
	if e.Withheld != "" {
		return e.Project + " " + e.Withheld
	}
	return fmt.Sprintf("no index knows a project named %q", e.Project)
}

// words are otherwise, unless the project is withheld: then that, of subject.
func (e *NotFoundError) words(subject, otherwise string) string {
	if e.Withheld != "" {
		return subject + " " + e.Withheld
	}
	return otherwise
}

// UnusableError is a Source's answer for a file that cannot be used, whatever
// the host: metadata that is missing, malformed or not the file's own. The
// version is passed over.
type UnusableError struct {
	File   string
	Reason string
	Err    error
}

func (e *UnusableError) Error() string {
	return fmt.Sprintf("%q is unusable: %s", e.File, e.Reason)
}

func (e *UnusableError) Unwrap() error { return e.Err }

// NeedsCompilerError is a Source's answer for an sdist of which no pure wheel
// can be had. The version does not exist for the host.
type NeedsCompilerError struct {
	File string
	// Reason completes "it …": "needs a compiler: setuptools called `cc -c x.c`".
	Reason string
	// Log is the file with the full build log; may be empty.
	Log string
	// Remedy is what would let it be built, if that is not a wheel; the zero
	// Suggestion if nothing is known.
	Remedy Suggestion
	Err    error
}

func (e *NeedsCompilerError) Error() string {
	return fmt.Sprintf("%q %s", e.File, e.Reason)
}

func (e *NeedsCompilerError) Unwrap() error { return e.Err }

// MissingUploadTimeError is returned when files are limited by upload time and
// an index does not say when a file was uploaded.
type MissingUploadTimeError struct {
	Project, File, Index string
	PriorTo              time.Time
}

func (e *MissingUploadTimeError) Error() string {
	return fmt.Sprintf("index %s does not provide upload-time metadata (%q)", e.Index, e.File)
}
