//go:build unix

package host

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReadSpecialFiles: a FIFO would be waited for, a device has no end.
func TestReadSpecialFiles(t *testing.T) {
	for _, name := range []string{
		"usr/bin/python3.13", "usr/lib/python3.13/build-details.json", "usr/lib/python3.13/_sysconfigdata__linux_aarch64-linux-gnu.py",
		"usr/lib/aarch64-linux-gnu/libc.so.6", "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "usr/include/python3.13/patchlevel.h",
		"usr/lib/python3.13/sysconfig/__init__.py", "usr/lib/python3.13/EXTERNALLY-MANAGED", "usr/lib/python3.13/site-packages", "usr/local/lib",
		"opt/venv/pyvenv.cfg",
	} {
		for kind, special := range map[string]func(string) error{
			"FIFO":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
			"device": func(path string) error { return os.Symlink("/dev/zero", path) },
		} {
			dir := t.TempDir()
			files := debianRoot()
			for other := range files {
				if other == name || len(other) > len(name) && other[:len(name)+1] == name+"/" {
					delete(files, other)
				}
			}
			write(t, dir, files)
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := special(path); err != nil {
				t.Skip(err)
			}
			// None of them waits or fills the memory.
			if facts, err := Read(dir); err == nil && facts.Python != "3.13.5" && facts.Python != "3.13" {
				t.Errorf("%s for %s: %+v", kind, name, facts)
			}
			if facts, err := Read(path); err == nil {
				t.Errorf("%s for %s was read: %+v", kind, name, facts)
			}
		}
	}
}
