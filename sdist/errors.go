package sdist

import (
	"fmt"
	"strings"
	"time"

	"github.com/xpip/xpip/sdist/trap"
)

// Subject is the project that an error is about.
type Subject struct {
	// Project and Version are as requested, or as the project says; Version may
	// be empty.
	Project string `json:"project"`
	Version string `json:"version,omitempty"`
}

func (s Subject) String() string { return strings.TrimSpace(s.Project + " " + s.Version) }

// NeedsCompilerError is the verdict that a project can't be built for the host
// without a compiler. It survives JSON, so that it can be kept.
type NeedsCompilerError struct {
	Subject
	// Host is the host's name.
	Host string `json:"host"`
	// Backend is the tool that drives the compiler: "setuptools", "maturin".
	Backend string `json:"backend"`
	// Languages are what would be compiled, as far as it shows.
	Languages []string `json:"languages,omitempty"`
	// Static tells that it was decided from the project's files, without
	// running anything; Reason then says by what.
	Static bool   `json:"static"`
	Reason string `json:"reason"`
	// Call is the first call of a compiler, if there was one, and Source its
	// first source file.
	Call   *trap.Call `json:"call,omitempty"`
	Source string     `json:"source,omitempty"`
	// Probed tells that the build gave up after only asking for a compiler, or
	// for a C library: a weaker proof than an attempt to compile.
	Probed bool `json:"probed,omitempty"`
	// External are the requirements outside of Python that the project states
	// (PEP 725).
	External []string `json:"external,omitempty"`
	// LogPath is the file with the build's output; "" when nothing ran.
	LogPath string `json:"log_path,omitempty"`
}

func (e *NeedsCompilerError) Error() string {
	return fmt.Sprintf("%q needs a compiler: %s", e.Subject, e.Reason)
}

// BuildError tells that a build failed for another reason than a compiler.
type BuildError struct {
	Subject
	// Backend is the build backend.
	Backend string
	// Reason is a clause that says what happened.
	Reason string
	// Tail are the last lines of the build's output.
	Tail []string
	// LogPath is the file with all of it.
	LogPath string
	// Err is the underlying fault.
	Err error
}

func (e *BuildError) Error() string {
	return fmt.Sprintf("building %q: %s", e.Subject, e.Reason)
}

func (e *BuildError) Unwrap() error { return e.Err }

// NativeContentError tells that the wheel that was built has machine code in
// it, which can only be for the build machine.
type NativeContentError struct {
	Subject
	// Files are the members with machine code, sorted.
	Files []string
	// Committed tells that they lie in the source distribution as they are,
	// rather than having been compiled.
	Committed bool
	LogPath   string
	// Err is the *host.UnfitError of the first of them, if they are committed.
	Err error
}

func (e *NativeContentError) Error() string {
	if e.Committed {
		return fmt.Sprintf("%q has machine code in its source distribution that no wheel for any platform may hold: %q", e.Subject, e.Files[0])
	}
	return fmt.Sprintf("building %q made machine code for the build machine: %q", e.Subject, e.Files[0])
}

func (e *NativeContentError) Unwrap() error { return e.Err }

// WheelError tells that the wheel that was built is not the one that the source
// distribution has to yield.
type WheelError struct {
	Subject
	// Wheel is its file name.
	Wheel   string
	LogPath string
	Err     error
}

func (e *WheelError) Error() string {
	return fmt.Sprintf("building %q yielded the wheel %q: %v", e.Subject, e.Wheel, e.Err)
}

func (e *WheelError) Unwrap() error { return e.Err }

// RequirementError refuses a requirement of a build.
type RequirementError struct {
	Subject
	// Requirement is as written.
	Requirement string
	Reason      string
	Err         error
}

func (e *RequirementError) Error() string {
	s := fmt.Sprintf("build requirement %q of %q %s", e.Requirement, e.Subject, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *RequirementError) Unwrap() error { return e.Err }

// CycleError tells that building a project needs the project itself to have
// been built.
type CycleError struct {
	// Chain are the projects, each needed to build the one before; the last is
	// the first.
	Chain []string
}

func (e *CycleError) Error() string {
	return "build requirements form a cycle: " + strings.Join(e.Chain, " -> ")
}

// SpaceError tells that a build filled its folder with more than it may.
type SpaceError struct {
	Subject
	Limit   int64 // bytes
	LogPath string
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("building %q took more than %d MiB of disk space", e.Subject, e.Limit>>20)
}

// TimeoutError tells that a build took longer than it may.
type TimeoutError struct {
	Subject
	After   time.Duration
	LogPath string
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("building %q took longer than %s", e.Subject, e.After)
}

// Timeout makes it known as a timeout to those who ask for no more.
func (e *TimeoutError) Timeout() bool { return true }
