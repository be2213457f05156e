package txn

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Names inside the work directory.
const (
	stageName   = "stage"
	trashName   = "trash"
	journalName = "journal"
	doneName    = "done"
	undoName    = "undo"
	// WorkName is the work directory of a transaction inside an existing tree.
	WorkName = ".xpip"
)

const (
	journalVersion = 1
	maxJournal     = 256 << 20
	maxOps         = 4 << 20
)

// Kind is what one step of the switch does.
type Kind string

// The kinds of steps.
const (
	In      Kind = "in"      // the staged file or directory appears at Path
	Out     Kind = "out"     // what is at Path goes to the trash
	Swap    Kind = "swap"    // both, for a directory
	Replace Kind = "replace" // both, for a file over a file
)

// A Step is one line of the journal.
type Step struct {
	Kind Kind   `json:"kind"`
	Path string `json:"path"`
	// Trash numbers the old content in the trash; unused by In.
	Trash int `json:"trash,omitempty"`
	// Identity is the FS identity of the new directory of a Swap, by which a
	// recovery tells whether the exchange has happened.
	Identity uint64 `json:"identity,omitempty"`
}

// A Journal is everything that a later process needs to finish a switch.
type Journal struct {
	// Summary tells people what the transaction does, one line an entry.
	Summary []string `json:"summary"`
	Steps   []Step   `json:"steps"`
}

type journalFile struct {
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"`
	Journal json.RawMessage `json:"journal"`
}

// Encode returns the journal's bytes, with a checksum over them.
func (j *Journal) Encode() ([]byte, error) {
	body, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("encoding the journal: %w", err)
	}
	sum := sha256.Sum256(body)
	return json.Marshal(journalFile{Version: journalVersion, SHA256: hex.EncodeToString(sum[:]), Journal: body})
}

// DecodeJournal reads what Encode wrote. It refuses anything whose checksum,
// version or paths are not as Encode writes them: a journal is followed
// without a person looking, so it must not lead out of the tree.
func DecodeJournal(data []byte) (*Journal, error) {
	var file journalFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("decoding the journal: %w", err)
	}
	if file.Version != journalVersion {
		return nil, fmt.Errorf("decoding the journal: version %d is not known to this xpip", file.Version)
	}
	sum := sha256.Sum256(file.Journal)
	if file.SHA256 != hex.EncodeToString(sum[:]) {
		return nil, errors.New("decoding the journal: its checksum is wrong")
	}
	var j Journal
	if err := json.Unmarshal(file.Journal, &j); err != nil {
		return nil, fmt.Errorf("decoding the journal: %w", err)
	}
	return &j, j.check()
}

func (j *Journal) check() error {
	if len(j.Steps) > maxOps {
		return fmt.Errorf("checking the journal: %d steps are more than %d", len(j.Steps), maxOps)
	}
	trash := make(map[int]bool, len(j.Steps))
	for _, s := range j.Steps {
		if !validPath(s.Path) {
			return fmt.Errorf("checking the journal: path %q leads out of the tree", s.Path)
		}
		switch s.Kind {
		case In:
			continue
		case Out, Swap, Replace:
			if s.Trash < 0 || trash[s.Trash] {
				return fmt.Errorf("checking the journal: trash number %d of %q is used twice", s.Trash, s.Path)
			}
			trash[s.Trash] = true
		default:
			return fmt.Errorf("checking the journal: unknown step %q", s.Kind)
		}
	}
	return nil
}

// validPath reports whether a path is a clean local one below the root and
// not the work directory's.
func validPath(p string) bool {
	if p == "." || !filepath.IsLocal(filepath.FromSlash(p)) || strings.ContainsRune(p, 0) {
		return false
	}
	first, _, _ := strings.Cut(p, "/")
	if strings.EqualFold(first, WorkName) {
		return false
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}
