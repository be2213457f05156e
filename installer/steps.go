package installer

import (
	"path"
	"slices"
	"strings"

	"github.com/xpip/xpip/installer/internal/txn"
)

func (t *tree) step(kind txn.Kind, p string) {
	t.found = append(t.found, txn.Step{Kind: kind, Path: p})
}

// files returns what has to be staged.
func (t *tree) files() []txn.File {
	files := make([]txn.File, 0, len(t.placed))
	for _, f := range t.placed {
		if !f.kept {
			files = append(files, f.file())
		}
	}
	slices.SortFunc(files, func(a, b txn.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// steps returns the switch in its order: metadata leave first and come last, so
// that no reader ever finds a distribution described whose files are not all
// there; and what leaves makes room before anything comes.
func (t *tree) steps() []txn.Step {
	slices.SortStableFunc(t.found, func(a, b txn.Step) int { return phase(a) - phase(b) })
	for i := range t.found {
		t.found[i].Trash = i
	}
	return t.found
}

func phase(s txn.Step) int {
	info := isInfo(s.Path)
	switch {
	case info && s.Kind == txn.Out:
		return 0
	case info:
		return 4
	case s.Kind == txn.Out:
		return 1
	case s.Kind == txn.In:
		return 3
	default:
		return 2
	}
}

// isInfo reports whether a path is a .dist-info or .egg-info, or inside one.
func isInfo(p string) bool {
	for part := range strings.SplitSeq(p, "/") {
		if ext := path.Ext(part); ext == distInfo || ext == eggInfo {
			return true
		}
	}
	return false
}
