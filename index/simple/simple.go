// Package simple reads pages of the simple repository API: HTML (PEP 503) and
// JSON (PEP 691), with the fields of PEP 592, 629, 658/714, 700 and 792.
//
// It is pure: bytes in, values out. A link that does not belong on the page (no
// archive, another project's, a name that is no single path segment, a scheme
// that cannot be fetched) is counted and dropped; only a page that is not a
// simple page at all is an error. Time and memory are linear in the page.
package simple

import (
	"fmt"
	"strings"
	"time"
)

// File is one distribution file of a page.
type File struct {
	Filename       string // one path segment, decoded once
	URL            string // absolute, without fragment
	Hashes         Hashes
	RequiresPython string // as written, entities decoded
	Yanked         bool
	YankedReason   string
	UploadTime     time.Time // UTC; zero when not said
	Size           int64     // bytes; -1 when not said
	HasMetadata    bool      // a metadata sidecar is announced
	MetadataHashes Hashes    // of the sidecar
}

// Status is a project's status by PEP 792. The zero value means that the page
// states none, which PEP 792 reads as active.
type Status struct {
	State  string // active, archived, quarantined, deprecated, or what the page says
	Reason string
}

// Quarantined reports whether nothing of the project may be installed.
func (s Status) Quarantined() bool { return s.is("quarantined") }

// Discouraged reports whether the project can be installed but is no more worked
// on (archived), or is obsolete (deprecated).
func (s Status) Discouraged() bool { return s.is("archived") || s.is("deprecated") }

func (s Status) is(state string) bool { return strings.EqualFold(strings.TrimSpace(s.State), state) }

// Page is one project's page. Its files are kept packed, by version, and made
// when they are asked for: of a page of thousands a resolver looks at a few.
type Page struct {
	Status  Status
	Dropped int // links that are no distribution file of this project

	// Tracks and Alternates are the project's pages on other indexes of which
	// the page says that they are of the same project (PEP 708).
	Tracks, Alternates []string

	packed
}

// Bounds of a page: real ones stay far below, and what is above would only
// fill memory.
const (
	maxFiles = 1 << 18 // distribution files on one page
	maxToken = 1 << 20 // bytes of one tag or text of an HTML page
	maxPages = 1 << 6  // pages of other indexes that a page names in one way
)

var errTooMany = errorf("more than %d files are on it", maxFiles)

// Error says why a document is not a simple page.
type Error struct{ Reason string }

func (e *Error) Error() string { return "not a simple repository page: " + e.Reason }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }
