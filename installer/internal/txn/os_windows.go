package txn

import (
	"io/fs"
	"os"
	"path/filepath"
)

type owner struct{}

func ownerOf(fs.FileInfo) owner { return owner{} }

// identity is 0: the file index of Windows is not stable on every file system.
func identity(fs.FileInfo) uint64 { return 0 }

func (d *osDir) link(src, name string) error { return os.Link(src, filepath.Join(d.root.Name(), name)) }

func isTooManyLinks(error) bool { return true }

// syncDirectory does nothing: directories have no buffers of their own to
// flush on Windows.
func syncDirectory(*os.File) error { return nil }

func rename(root *os.Root, a, b string) error { return root.Rename(a, b) }
