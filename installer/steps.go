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

// content returns what has to be staged of a folder.
func (n *node) content() *txn.Folder {
	out := &txn.Folder{Path: n.path, Files: make([]txn.File, 0, len(n.files))}
	for _, f := range n.files {
		if !f.kept {
			out.Files = append(out.Files, f.file())
		}
	}
	for _, sub := range n.folders {
		if !sub.comes {
			continue
		}
		if below := sub.content(); len(below.Files)+len(below.Folders) > 0 {
			out.Folders = append(out.Folders, below)
		}
	}
	return out
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
