package host

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xpip/xpip/host/sysvars"
)

// TestReadHostile puts what nobody should read in the places of files that are
// read: the error names it, or it is passed over where nothing depends on it.
func TestReadHostile(t *testing.T) {
	const details = "usr/lib/python3.13/build-details.json"
	const variables = "usr/lib/python3.13/_sysconfigdata__linux_aarch64-linux-gnu.py"
	const header = "usr/include/python3.13/patchlevel.h"
	deep := strings.Repeat(`{"schema_version":`, 100_000)
	for name, c := range map[string]struct {
		file, text string
		size       int64 // to which it is extended with zeros
		refused    bool
	}{
		"details of 1 GB":          {details, `{"schema_version": "1.0"`, 1 << 30, true},
		"variables of 1 GB":        {variables, "build_time_vars = {", 1 << 30, true},
		"header of 1 GB":           {header, "#define A 1\n", 1 << 30, true},
		"interpreter of 1 TB":      {"usr/bin/python3.13", "\x7fELF", 1 << 40, false},
		"C library of 1 TB":        {"usr/lib/aarch64-linux-gnu/libc.so.6", "\x7fELF\x02\x01", 1 << 40, false},
		"sysconfig of 1 GB":        {"usr/lib/python3.13/sysconfig/__init__.py", "'deb_system'", 1 << 30, false},
		"deep details":             {details, deep, 0, true},
		"deep variables":           {variables, "build_time_vars = " + strings.Repeat("{'a':", 100_000), 0, true},
		"code for variables":       {variables, "import os\nos.system('touch was-run')\nbuild_time_vars = dict()\n", 0, true},
		"name with an escape":      {details, `{"schema_version": "1.0", "platform": "linux-\u001b[31m", "language": {"version": "3.13"}}`, 0, false},
		"platform of a megabyte":   {details, `{"schema_version": "1.0", "platform": "` + strings.Repeat("a", 900_000) + `", "language": {"version": "3.13"}}`, 0, true},
		"suffix of many parts":     {details, `{"schema_version": "1.0", "language": {"version": "3.13"}, "abi": {"extension_suffix": "` + strings.Repeat(".cpython-313-", 50_000) + `"}}`, 0, false},
		"version without end":      {details, `{"schema_version": "1.0", "language": {"version": "` + strings.Repeat("3.", 100_000) + `"}}`, 0, false},
		"version that is none":     {details, `{"schema_version": "1.0", "language": {"version_info": {"major": -3, "minor": 99999999999}}}`, 0, true},
		"interpreter of two bytes": {"usr/bin/python3.13", "\x7fE", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, with(debianRoot(), c.file, c.text))
			if c.size > 0 {
				if err := os.Truncate(filepath.Join(dir, c.file), c.size); err != nil {
					t.Skip(err)
				}
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(dir)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 16*sysvars.MaxSize {
				t.Errorf("reading took %d MB", used>>20)
			}
			var refused *PrefixError
			if c.refused != errors.As(err, &refused) || c.refused && !strings.Contains(err.Error(), filepath.Base(c.file)) {
				t.Errorf("%.300v", err)
			}
			if isFile(filepath.Join(dir, "was-run")) {
				t.Error("a file was run")
			}
		})
	}
}

// TestReadLyingELF: whatever word of the interpreter or of its C library is
// wrong, reading ends without a fault.
func TestReadLyingELF(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"usr/bin/python3.13", "usr/lib/aarch64-linux-gnu/libc.so.6"} {
		dir := t.TempDir()
		files := debianRoot()
		write(t, dir, files)
		good := files[name]
		for at := 16; at+8 <= len(good); at += 8 {
			for _, lie := range []string{"\xff\xff\xff\xff\xff\xff\xff\x7f", "\x00\x00\x00\x00\x00\x00\x00\x80"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(good[:at]+lie+good[at+8:]), 0o755); err != nil {
					t.Fatal(err)
				}
				facts, err := Read(dir)
				if err == nil {
					_, err = New(Options{Prefix: &facts})
				}
				var conflict *ConflictError
				var unknown *UnknownPlatformError
				if err != nil && !errors.As(err, &conflict) && !errors.As(err, &unknown) {
					t.Fatalf("%x at %d of %s: %v", lie, at, name, err)
				}
			}
		}
	}
}
