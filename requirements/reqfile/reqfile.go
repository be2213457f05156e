package reqfile

import (
	"context"
	"fmt"
	"slices"

	"github.com/xpip/xpip/requirements"
)

// Bounds on what Parse reads. They are far beyond any file in earnest use.
const (
	// MaxFileSize is the size of one file, in bytes.
	MaxFileSize = 16 << 20
	// maxTotalSize is that of all files read for one.
	maxTotalSize = 4 * MaxFileSize
	// maxDepth is how many files may be nested in one another.
	maxDepth = 50
	// maxFiles counts all files read for one, repeated ones too.
	maxFiles = 1000
	// maxLines counts the logical lines of all files.
	maxLines = 1 << 18
	// maxLineLength is the length of a logical line, in bytes.
	maxLineLength = 1 << 20
)

// Opener reads files for Parse. The location is a path, or an http, https or
// file URL. See Files.
type Opener interface {
	Open(ctx context.Context, location string) ([]byte, error)
}

// Line is a line of a requirement or constraint file. The zero Line is the
// command line.
type Line struct {
	// File is the path or URL of the file: as it was given, or absolute when
	// another file named it.
	File string
	// Line counts from 1; that of joined lines is the first one's.
	Line int
	// Constraint says that the file is a constraint file.
	Constraint bool
}

// String returns the origin as pip prints it: "-r reqs.txt (line 3)", with -c
// for constraints; "" for the command line.
func (l Line) String() string {
	if l.File == "" {
		return ""
	}
	option := "-r"
	if l.Constraint {
		option = "-c"
	}
	return fmt.Sprintf("%s %s (line %d)", option, redact(l.File), l.Line)
}

// Entry is one requirement.
type Entry struct {
	// Requirement is what is asked for. When Path is set, it holds the
	// extras, the marker, and the name and version only as far as the path
	// tells them: both for a wheel, the name for "#egg=name", else neither.
	Requirement requirements.Requirement
	// Path is the absolute local path of an archive or a project's directory,
	// or the URL of either, when the requirement was given as such. It is
	// empty for PEP 508 requirements, "name @ URL" included, whose URL is
	// Requirement.URL. URLs may hold credentials.
	Path string
	// Subdirectory is the project's directory within the archive or
	// repository, from "#subdirectory=".
	Subdirectory string
	// Missing says that Path looks like an archive, but is no file.
	Missing bool
	// Editable says that it was given with -e.
	Editable bool
	// Hashes are the allowed digests, lower case, by algorithm: sha256, sha384
	// or sha512.
	Hashes map[string][]string
	// ConfigSettings are passed to the build backend, every key with its
	// values in order.
	ConfigSettings map[string][]string
	// Constraint says that this restricts a project but does not ask for it.
	Constraint bool
	// Origin is where it was found.
	Origin Line
	// Raw is the requirement's text without options, for messages: passwords
	// in URLs are masked.
	Raw string
}

// IsURL reports whether Path is a URL, not a local path.
func (e Entry) IsURL() bool { return isURL(e.Path) }

// Selection is one use of --no-binary, --only-binary, --all-releases or
// --only-final. Each use works on what the earlier ones left, those of the
// command line first.
type Selection struct {
	// Option is the option's name with its dashes.
	Option string
	// Value is its argument: ":all:", ":none:" or names, separated by commas.
	Value string
}

// Options are the global options found in requirement files, to be applied on
// top of those of the command line.
type Options struct {
	// IndexURL is the last --index-url. If it is not nil, it takes the place
	// of all indexes given before, extra ones included.
	IndexURL *string
	// ExtraIndexURLs are to be added to the indexes; those that a later
	// --index-url or --no-index made void are left out.
	ExtraIndexURLs []string
	// NoIndex takes away all indexes; IndexURL and ExtraIndexURLs are empty.
	NoIndex bool
	// FindLinks are to be added. A path relative to its file is absolute if
	// it exists.
	FindLinks []string
	// TrustedHosts are to be added.
	TrustedHosts []string
	// Selections are in the order in which they were found.
	Selections []Selection
	// Features are the values of --use-feature, each once.
	Features []string

	PreferBinary, Pre, RequireHashes, NoRequireHashes bool
}

// File is what a requirement file and all files that it includes ask for.
type File struct {
	// Entries are in the order of the lines, those of included files in the
	// place of the line that includes them.
	Entries []Entry
	// Options are those of all the files.
	Options Options
	// Warnings are about lines that were accepted but not, or not all of
	// them, heeded.
	Warnings []string
}

// HashesRequired reports whether every file must match a hash that the user
// gave: when --require-hashes asks for it, or, unless --no-require-hashes
// forbids, when any entry has a hash. The flags are those of the command line
// and of all files together; both at once are an *Error.
func HashesRequired(entries []Entry, require, refuse bool) (bool, error) {
	if require && refuse {
		return false, &Error{Msg: "--require-hashes and --no-require-hashes are mutually exclusive"}
	}
	hashed := slices.ContainsFunc(entries, func(e Entry) bool { return len(e.Hashes) > 0 })
	return require || hashed && !refuse, nil
}
