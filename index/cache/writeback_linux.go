package cache

import (
	"os"

	"golang.org/x/sys/unix"
)

func writeOut(dir *os.File) { _ = unix.Syncfs(int(dir.Fd())) }
