package txn

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// An Outcome is what Recover found and did.
type Outcome int

// The outcomes of Recover.
const (
	Nothing    Outcome = iota // no transaction was interrupted
	Discarded                 // one was, before its commit: its stage was removed
	Finished                  // one was, after its commit: it was finished
	RolledBack                // one had failed and was being undone: that was finished
	Cleaned                   // one was, outside of its switch: its empty or useless work directory was removed
)

// A Recovery is the outcome and, unless it was Nothing or Discarded, the
// summary that the interrupted transaction left.
type Recovery struct {
	Outcome Outcome
	Summary []string
}

// Recover finishes what an earlier process left unfinished in the tree.
func Recover(fsys FS) (Recovery, error) {
	if !exists(fsys, WorkName) {
		return Recovery{}, nil
	}
	data, err := fsys.ReadFile(path.Join(WorkName, journalName), maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return discard(fsys)
	}
	if err != nil {
		return Recovery{}, fmt.Errorf("reading the journal of an interrupted run: %w", err)
	}
	journal, err := DecodeJournal(data)
	if err != nil {
		return Recovery{}, &JournalError{Err: err}
	}
	if exists(fsys, path.Join(WorkName, undoName)) {
		if err := retreat(fsys, journal.Steps); err != nil {
			return Recovery{}, &UnfinishedError{Err: err}
		}
		return Recovery{Outcome: RolledBack, Summary: journal.Summary}, nil
	}
	if err := forward(fsys, journal.Steps); err != nil {
		err = undo(fsys, journal.Steps, err)
		if unfinished := (*UnfinishedError)(nil); errors.As(err, &unfinished) {
			return Recovery{}, err
		}
		return Recovery{Outcome: RolledBack, Summary: journal.Summary}, nil
	}
	if err := finish(fsys, journal.Steps); err != nil {
		return Recovery{}, err
	}
	return Recovery{Outcome: Finished, Summary: journal.Summary}, nil
}

// discard removes a work directory without a journal: its switch had not begun
// or was complete.
func discard(fsys FS) (Recovery, error) {
	entries, err := fsys.ReadDir(WorkName)
	if err != nil {
		return Recovery{}, fmt.Errorf("looking at what an interrupted run left: %w", err)
	}
	if len(entries) == 0 || exists(fsys, path.Join(WorkName, doneName)) {
		return Recovery{Outcome: Cleaned}, clean(fsys)
	}
	return Recovery{Outcome: Discarded}, fsys.RemoveAll(WorkName)
}

// Interrupted reports whether a transaction was committed in the tree and not
// finished, so that what is read there may be neither old nor new.
func Interrupted(fsys FS) bool {
	return exists(fsys, path.Join(WorkName, journalName))
}

// A JournalError says that the journal of an interrupted run can't be
// followed, so that its work can neither be finished nor taken back.
type JournalError struct {
	Err error
}

func (e *JournalError) Error() string {
	return fmt.Sprintf("an interrupted run left %q, which can't be followed (%v); check the tree and remove that directory",
		path.Join(WorkName, journalName), e.Err)
}

func (e *JournalError) Unwrap() error { return e.Err }
