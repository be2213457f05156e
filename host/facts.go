package host

import (
	"fmt"

	"github.com/xpip/xpip/wheel"
)

// Facts are what the files of a Python environment, or a file that describes
// one, say of it. What nothing says is empty.
type Facts struct {
	// Prefix is the environment's folder, Executable its interpreter: the one
	// that was named, else where it would be. Both are of the build machine.
	Prefix, Executable string
	// Root is the folder that is "/" to the host, if the prefix lies in a root
	// file system, as in Prefix = Root/usr; "" otherwise.
	Root string
	// HostExecutable is the interpreter's path as the host sees it, such as
	// /usr/bin/python3.13; "" if that is not known.
	HostExecutable string

	// Virtual is set for a virtual environment: a folder with a pyvenv.cfg.
	Virtual bool
	// Base is the interpreter that a virtual environment was made of; "" if
	// that is not said. BaseHome is the folder of that interpreter. Both are
	// as the file has them: paths of the host, if it is another machine.
	Base, BaseHome string
	// Cross is set when the environment is for another machine than the one
	// that its interpreter runs on, as those made by xvenv and crossenv are.
	Cross bool

	// Python is the version, in the form of --python-version. PythonOrigin is
	// the file or folder that says it.
	Python, PythonOrigin string
	// Implementation is its abbreviation in tags, such as "cp".
	Implementation string
	// ABIs are the ABI tags that the interpreter loads, preferred first; nil
	// for those that version and implementation imply.
	ABIs []string
	// Platform is a spelling of the platform, such as
	// ios-13.0-arm64-iphoneos; PlatformOrigin is the file that says it.
	Platform, PlatformOrigin string
	// Libc is the C library of a Linux with its version, such as "glibc 2.41"
	// or "musl 1.2"; LibcOrigin is the file that says it.
	Libc, LibcOrigin string
	// Tags are all tags of the host, best first, if a file lists them: they
	// replace what the platform would be expanded to.
	Tags []wheel.Tag
	// Markers are values of marker variables that files state.
	Markers map[string]string

	// Scheme is the layout of the prefix, nil for the default of the host. Its
	// paths count; which scripts can be started follows from the system.
	Scheme *Scheme
	// Site are the folders with installed distributions that this Python
	// sees, as absolute paths of the build machine in the order of sys.path.
	// They exist.
	Site []string
	// ExternallyManaged is the path of the file EXTERNALLY-MANAGED that
	// protects the environment (PEP 668), "" if there is none.
	ExternallyManaged string

	// Notes say what was assumed, one sentence each, for the user to see.
	Notes []string
	// Sources are all that was found, in the order of reading.
	Sources []Source
	// Conflicts are the fields about which files disagree, one for a field.
	// [New] refuses them unless an option states the field.
	Conflicts []*ConflictError
}

// A Source is one witness: a file that says the value of a field.
type Source struct {
	// Field is the name that [Host.Origin] has for it: "platform", "python",
	// "implementation", "abi", "libc", "scheme" or a marker variable.
	Field, Value, File string
}

// ConflictError refuses a description of which two parts contradict each
// other. An option that states the field settles it.
type ConflictError struct {
	Path          string // what was read
	Field         string // as in [Source]
	First, Second Source
}

func (e *ConflictError) Error() string {
	s := fmt.Sprintf("reading the environment %q: its files disagree about the %s: %q says %q, %q says %q",
		e.Path, e.Field, e.First.File, e.First.Value, e.Second.File, e.Second.Value)
	if option := settledBy[e.Field]; option != "" {
		s += "; " + option + " settles it"
	}
	return s
}

// settledBy names the option that states a field.
var settledBy = map[string]string{
	"platform": "--platform", "libc": "--platform", "python": "--python-version",
	"implementation": "--implementation", "abi": "--abi",
}

// PrefixError says why a Python environment cannot be described.
type PrefixError struct {
	Path   string
	Reason string
	Err    error // nil if nothing failed but the content
}

func (e *PrefixError) Error() string {
	s := fmt.Sprintf("reading the environment %q: %s", e.Path, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *PrefixError) Unwrap() error { return e.Err }
