package cache

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeBack has the system write what is new in the store to the disk while the
// run goes on. Whoever links the files into a prefix waits until they are
// there, and then has less to wait for.
func (s *Store) writeBack() {
	if !s.writing.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer s.writing.Store(false)
		dir, err := os.Open(s.dir)
		if err != nil {
			return
		}
		defer dir.Close()
		_ = unix.Syncfs(int(dir.Fd())) // nothing depends on it here
	}()
}
