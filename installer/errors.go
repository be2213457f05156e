package installer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xpip/xpip/host"
)

// ErrStoreDamaged is what a *StoreDamagedError is, for errors.Is.
var ErrStoreDamaged = errors.New("an unpacked wheel was changed after it had been verified")

// StoreDamagedError says that a file of an unpacked wheel is not the one that
// was verified. Unpacking the wheel anew and planning again puts it right; the
// prefix is as it was.
type StoreDamagedError struct {
	Wheel  string // file name of the wheel
	Dir    string // folder of the unpacked wheel
	Path   string // the file
	Reason string // what is wrong with it: "was modified"
}

func (e *StoreDamagedError) Error() string {
	return fmt.Sprintf("unpacked wheel %q: %q %s", e.Wheel, e.Path, e.Reason)
}

// Is makes the error an ErrStoreDamaged.
func (e *StoreDamagedError) Is(target error) bool { return target == ErrStoreDamaged }

// ConflictError says that files can't go where they belong, because others are
// there or want to go there.
type ConflictError struct {
	Prefix    string
	Conflicts []Conflict // sorted by path
	// Overwritable reports whether Options.Overwrite would settle all of them.
	Overwritable bool
}

// A Conflict is one path that two sides claim.
type Conflict struct {
	Path  string // relative to the prefix
	Wheel string // the wheel that can't have it
	// Owner is who has it: another wheel's file name, an installed
	// distribution as "six 1.17.0", or "" for a file that nobody recorded.
	Owner  string
	Reason string // "its content differs", "it is a folder there", …
}

func (c Conflict) String() string {
	owner := "a file that belongs to no installed project"
	if c.Owner != "" {
		owner = c.Owner
	}
	return fmt.Sprintf("%q of %s, also claimed by %s: %s", c.Path, c.Wheel, owner, c.Reason)
}

// maxShown bounds the conflicts that an error's text names.
const maxShown = 5

func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "installing into %q would overwrite files: ", e.Prefix)
	for i, c := range e.Conflicts {
		if i == maxShown {
			fmt.Fprintf(&b, "; and %d more", len(e.Conflicts)-maxShown)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(c.String())
	}
	return b.String()
}

// NativeError says that machine code in a wheel is not the host's, or has no
// place in a wheel that claims to run anywhere.
type NativeError struct {
	Wheel string
	Unfit []*host.UnfitError // at least one
}

func (e *NativeError) Error() string { return fmt.Sprintf("wheel %q: %s", e.Wheel, e.Reason()) }

// Unwrap returns what is wrong with the first of the files.
func (e *NativeError) Unwrap() error { return e.Unfit[0] }

// Reason names the first of the files, what is wrong with it, and how many more
// there are.
func (e *NativeError) Reason() string {
	if more := len(e.Unfit) - 1; more > 0 {
		return fmt.Sprintf("%v (and %d more such files)", e.Unfit[0], more)
	}
	return e.Unfit[0].Error()
}

// PathError refuses a path of a wheel in this prefix.
type PathError struct {
	Wheel  string
	Path   string // relative to the prefix
	Reason string
	Err    error // the cause, if it is an error of its own
}

func (e *PathError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("wheel %q: installing %q: %v", e.Wheel, e.Path, e.Err)
	}
	return fmt.Sprintf("wheel %q: installing %q: %s", e.Wheel, e.Path, e.Reason)
}

func (e *PathError) Unwrap() error { return e.Err }

// ManagedError refuses to replace or remove what a package manager of the
// system has installed and keeps a list of.
type ManagedError struct {
	Name, Version string
	InfoDir       string // relative to the prefix
	Manager       string // as [Distribution.Manager] has it
}

func (e *ManagedError) Error() string {
	return fmt.Sprintf("removing %s %s (%q): it was installed by %s", e.Name, e.Version, e.InfoDir, e.Manager)
}

// NotRemovableError says why an installed distribution can't be removed.
type NotRemovableError struct {
	Name, Version string
	InfoDir       string // relative to the prefix
	Reason        string
	Installer     string // what its INSTALLER says, or ""
	// Unlisted: no list says which files are its own.
	Unlisted bool
}

func (e *NotRemovableError) Error() string {
	return fmt.Sprintf("removing %s %s (%q): %s", e.Name, e.Version, e.InfoDir, e.Reason)
}

// LinkError refuses a symbolic link in a prefix.
type LinkError struct {
	Prefix, Path string
	Reason       string
}

func (e *LinkError) Error() string {
	return fmt.Sprintf("%q in %q is a link that can't be used: %s", e.Path, e.Prefix, e.Reason)
}

// DuplicateError says that one project is to be installed twice.
type DuplicateError struct {
	Project string
	Wheels  [2]string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("installing %s twice, from %q and %q", e.Project, e.Wheels[0], e.Wheels[1])
}
