package installer

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/xpip/xpip/installer/internal/txn"
	"github.com/xpip/xpip/wheel"
)

// maxHostPath is the longest path that Windows takes without being asked to.
const maxHostPath = 260

// check judges all destinations by the rules of the host's file system, folder
// by folder.
func (t *tree) check(at places) error {
	c := nameChecker{prefix: t.prefix, at: at}
	return c.folder(t.top)
}

type nameChecker struct {
	prefix *Prefix
	at     places
	names  []string // in one folder
}

func (c *nameChecker) folder(n *node) error {
	c.names = c.names[:0]
	for _, f := range n.files {
		name := f.name()
		reason := c.judge(n, name)
		if reason == "" && c.replacesInterpreter(n, name) {
			reason = "it would stand in for the Python interpreter"
		}
		if reason != "" {
			return &PathError{Wheel: f.from.wheel(), Path: f.dest, Reason: reason}
		}
		if c.prefix.scheme.Windows && len(f.dest) >= maxHostPath {
			f.from.note(f.dest, fmt.Sprintf("its path is longer than the %d characters that Windows takes by default", maxHostPath))
		}
		c.names = append(c.names, name)
	}
	for _, sub := range n.folders {
		if !sub.comes {
			continue
		}
		if reason := c.judge(n, sub.name()); reason != "" {
			return &PathError{Wheel: sub.firstFile().from.wheel(), Path: sub.path, Reason: reason}
		}
		c.names = append(c.names, sub.name())
	}
	if err := c.beside(n); err != nil {
		return err
	}
	for _, sub := range n.folders {
		if sub.comes {
			if err := c.folder(sub); err != nil {
				return err
			}
		}
	}
	return nil
}

// judge returns why nothing can have a name in a folder, or "".
func (c *nameChecker) judge(n *node, name string) string {
	switch {
	case !isCleanName(name):
		return "it leads out of the prefix"
	case n.parent == nil && isWork(name):
		return "that name is reserved for changing the prefix"
	case len(name) > 255:
		return "its name is longer than 255 bytes"
	case len(c.prefix.path)+1+len(n.path)+1+len(name) > 4096:
		return "its path is longer than 4096 bytes"
	}
	return ""
}

// replacesInterpreter reports whether a file would be taken for the host's Python.
func (c *nameChecker) replacesInterpreter(n *node, name string) bool {
	inReach := n.path == c.at.scripts ||
		c.prefix.layout == PrefixLayout && c.prefix.scheme.Windows && n.path == c.at.data
	return inReach && wheel.IsInterpreterName(name)
}

// beside judges the names of what comes to a folder by what the host's file
// system can hold.
func (c *nameChecker) beside(n *node) error {
	err := wheel.CheckNames(c.names, c.prefix.scheme.Windows, c.prefix.scheme.CaseFolds)
	refused := (*wheel.NameError)(nil)
	if !errors.As(err, &refused) {
		return err
	}
	f := n.file(refused.Path)
	if f == nil {
		f = n.sub(refused.Path).firstFile()
	}
	refused.Path = n.in(refused.Path)
	if refused.Other != "" {
		refused.Other = n.in(refused.Other)
	}
	return &PathError{Wheel: f.from.wheel(), Path: refused.Path, Err: err}
}

// isCleanLocal reports whether a path is below the prefix and spelled in the
// one way that needs no resolving.
func isCleanLocal(dest string) bool {
	return dest != "." && fs.ValidPath(dest) && !strings.ContainsAny(dest, "\x00\\")
}

// isCleanName is isCleanLocal for one step of a path.
func isCleanName(name string) bool {
	if name == "" || name == "." || name == ".." {
		return false
	}
	ascii := true
	for i := range len(name) {
		switch c := name[i]; {
		case c == '/' || c == '\\' || c == 0:
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return ascii || utf8.ValidString(name)
}

// isWork reports whether a path is that of the transaction's work folder.
func isWork(dest string) bool {
	first, _, _ := strings.Cut(dest, "/")
	return strings.EqualFold(first, txn.WorkName)
}
