//go:build !linux

package cache

import "os"

// writeOut does nothing: it would be a call for each file.
func writeOut(*os.File) {}
