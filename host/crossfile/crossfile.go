// Package crossfile reads and writes the files by which other tools are told
// of a host: the complete platforms of pex, the machine files of Meson, the
// toolchain files of CMake, the cross files of py-build-cmake, the lock of
// Pyodide and the Info.plist of an XCframework.
//
// It knows how they are written; what their words mean is up to its caller.
// Nothing in them is run, and no file that they name is opened. They are taken
// for hostile: every reader is linear in what it is given and bounds what it
// makes of it.
package crossfile

import "fmt"

const (
	maxDepth = 32       // nested values, blocks and elements
	maxValue = 64 << 10 // bytes of one value, after what it refers to is put in
	maxKeys  = 10_000   // of one file
)

// SyntaxError says where a file is not what its format has.
type SyntaxError struct {
	Format string // such as "Meson machine file"
	Line   int    // counts from 1; 0 if the file as a whole is meant
	Msg    string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return "no " + e.Format + ": " + e.Msg
	}
	return fmt.Sprintf("no %s: line %d: %s", e.Format, e.Line, e.Msg)
}
