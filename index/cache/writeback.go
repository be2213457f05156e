package cache

import "os"

// writeBackSize is how many new bytes are worth a call of WriteBack: while the
// system writes, everything else that it does takes longer.
const writeBackSize = 64 << 20

// Filled notes that so many bytes are new in entries, and begins to write back
// when they have become many.
func (s *Store) Filled(bytes int64) {
	if s.unwritten.Add(bytes) >= writeBackSize {
		s.WriteBack()
	}
}

// WriteBack has the system write what is new in the store to the disk while the
// run goes on. Whoever links the files into a prefix waits until they are
// there, and then has less to wait for. Nothing depends on it.
func (s *Store) WriteBack() {
	if s.unwritten.Load() == 0 || !s.writing.CompareAndSwap(false, true) {
		return
	}
	s.unwritten.Store(0)
	go func() {
		defer s.writing.Store(false)
		if dir, err := os.Open(s.dir); err == nil {
			writeOut(dir)
			_ = dir.Close()
		}
	}()
}
