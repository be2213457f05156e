package resolver

import (
	"slices"

	"github.com/xpip/xpip/requirements/pep440"
)

// Listing is what a Source has of a project. It is asked for the files of the
// versions that the resolver comes to look at, which are few of many. It is safe
// for concurrent use, and answers the same to the same question.
type Listing interface {
	// Len returns how many versions there are.
	Len() int
	// Version returns the i-th version: the oldest first, each once.
	Version(i int) pep440.Version
	// Files returns the files of the i-th version. Of equal ones the later
	// counts, as in pip.
	Files(i int) []File
	// Undated reports whether there may be a file that is not local and does not
	// say when it was uploaded.
	Undated() bool
}

// ListFiles makes a Listing of files in any order.
func ListFiles(files []File) Listing {
	l := &fileList{files: slices.Clone(files)}
	slices.SortStableFunc(l.files, func(a, b File) int { return a.Version.Compare(b.Version) })
	for i := range l.files {
		if i == 0 || !l.files[i].Version.Equal(l.files[i-1].Version) {
			l.starts = append(l.starts, i)
		}
	}
	return l
}

// fileList are files in the order of their versions.
type fileList struct {
	files  []File
	starts []int // of versions
}

func (l *fileList) Len() int { return len(l.starts) }

func (l *fileList) Version(i int) pep440.Version { return l.files[l.starts[i]].Version }

func (l *fileList) Files(i int) []File {
	end := len(l.files)
	if i+1 < len(l.starts) {
		end = l.starts[i+1]
	}
	return l.files[l.starts[i]:end]
}

func (l *fileList) Undated() bool {
	return slices.ContainsFunc(l.files, func(f File) bool { return f.UploadTime.IsZero() && !f.Local })
}
