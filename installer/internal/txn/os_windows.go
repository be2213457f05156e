package txn

import (
	"io/fs"
	"os"
)

type owner struct{}

func ownerOf(fs.FileInfo) owner { return owner{} }

// identity is 0: the file index of Windows is not stable on every file system.
func identity(fs.FileInfo) uint64 { return 0 }

func isTooManyLinks(error) bool { return true }

// syncDirectory does nothing: directories have no buffers of their own to
// flush on Windows.
func syncDirectory(*os.File) error { return nil }

func rename(root *os.Root, a, b string) error { return root.Rename(a, b) }
