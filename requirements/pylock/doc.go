// Package pylock reads and writes lock files, pylock.toml (PEP 751, and the
// specification "pylock.toml" that continues it), and selects from one what is
// to be installed on a host.
//
// Reading is strict: what the specification demands of a file is checked before
// anything of it is used, and an error says line and column. Keys that the
// specification does not know are passed over, as it asks. [tool] tables are
// not read.
package pylock

import (
	"time"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// Bounds on what Parse reads. They are far beyond any file in earnest use.
const (
	// MaxFileSize is the size of a lock file, in bytes.
	MaxFileSize = 16 << 20
	maxPackages = 50_000
)

// Lock is a lock file.
type Lock struct {
	// Version of the format, such as "1.0".
	Version string
	// Environments are the markers one of which the host must meet; empty if
	// the file is for all.
	Environments []requirements.Marker
	// RequiresPython that the host must meet.
	RequiresPython pep440.Specifiers
	// Extras (normalised), Groups and DefaultGroups that the markers of
	// packages can ask for.
	Extras        []string
	Groups        []string
	DefaultGroups []string
	CreatedBy     string
	Packages      []Package
	// Tool is the content of [tool] for Encode, by the tool's name. Parse
	// leaves it empty.
	Tool map[string]any
	// Warnings are about what Parse accepted though it may mean more.
	Warnings []string
}

// Package is one entry of [[packages]]. Of VCS, Directory, Archive, and Wheels
// and Sdist together, exactly one is there.
type Package struct {
	// Name is normalised.
	Name string
	// Version is the zero Version for a source tree, whose version may change.
	Version        pep440.Version
	Marker         requirements.Marker
	RequiresPython pep440.Specifiers
	// Index is the URL of the simple index that the files were found on; may
	// be empty.
	Index     string
	VCS       *VCS
	Directory *Directory
	Archive   *File
	Sdist     *File
	Wheels    []File
}

// File is a wheel, an sdist, or an archive of a source tree.
type File struct {
	// Name is the file's name: as the lock says, else the last part of Path or
	// URL. It is no path.
	Name string
	// URL and Path say where it is; Path comes first. A relative Path begins
	// at the lock file.
	URL, Path  string
	UploadTime time.Time // zero if not said
	Size       int64     // in bytes; -1 if not said
	// Hashes are hexadecimal digests, lower case, by hashlib's name of the
	// algorithm; at least one.
	Hashes map[string]string
	// Subdirectory of an archive where the project is.
	Subdirectory string
}

// VCS is a source tree in a repository.
type VCS struct {
	// Type is the version control system, such as "git".
	Type              string
	URL, Path         string
	RequestedRevision string
	CommitID          string
	Subdirectory      string
}

// Directory is a source tree in a folder.
type Directory struct {
	Path         string
	Editable     bool
	Subdirectory string
}
