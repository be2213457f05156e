package installer

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// judgeNative decides whether the machine code in a wheel may go into the
// prefix of a host (fits says whether one file would run there). It returns an
// error that names the first file that must not, and notes on those that are
// let through although they would not run.
//
// A wheel whose name claims any platform must hold no code that a process
// would load (shared libraries, extension modules): a wheel with such code was
// tagged wrongly. Three things that published pure wheels do hold are data to
// Python and stay: programs and object files (setuptools' and distlib's
// launchers), .NET assemblies, and libraries of more than one operating
// system, among which the project chooses when it runs (debugpy).
//
// In a wheel for named platforms every file must fit, if it is of a kind that
// is run or loaded at all (object files are not). Besides code that fits, two kinds are let through:
// the counterpart for another machine of a file that fits (attach_x86.dll
// beside attach_amd64.dll), and files that nothing on the host would load (a
// .dll outside of Windows).
func judgeNative(w *wheel.Unpacked, fits func(wheel.Native) error) ([]Note, error) {
	if len(w.Native) == 0 {
		return nil, nil
	}
	if claimsAnyPlatform(w.Filename) {
		return judgePure(w)
	}
	return judgePlatform(w, fits)
}

func claimsAnyPlatform(f wheel.Filename) bool {
	return slices.Contains(f.Platforms(), "any")
}

func judgePure(w *wheel.Unpacked) ([]Note, error) {
	var loadable []wheel.Native
	formats := map[wheel.Format]bool{}
	for _, n := range w.Native {
		if isLoadable(w, n) && !isAssembly(n) {
			loadable = append(loadable, n)
			formats[n.Format] = true
		}
	}
	if len(formats) == 1 {
		return nil, &NativeError{Wheel: w.Filename.Raw, Path: loadable[0].Path, More: len(loadable) - 1, Err: ErrNativeInPure}
	}
	// One note a wheel: setuptools alone has eight launchers.
	text := "machine code kept as data"
	if more := len(w.Native) - 1; more > 0 {
		text += fmt.Sprintf(", as are %d more files", more)
	}
	return []Note{{Wheel: w.Filename.Raw, Path: w.Native[0].Path, Text: text}}, nil
}

func judgePlatform(w *wheel.Unpacked, fits func(wheel.Native) error) ([]Note, error) {
	var misfits []wheel.Native
	var reasons []error
	fitting := map[string]bool{} // paths without the machine
	formats := map[wheel.Format]bool{}
	for _, n := range w.Native {
		if isForLinkers(n) {
			continue
		}
		if err := fits(n); err != nil {
			misfits, reasons = append(misfits, n), append(reasons, err)
			continue
		}
		fitting[withoutMachine(n.Path)] = true
		formats[n.Format] = formats[n.Format] || path.Ext(n.Path) != ".exe"
	}
	var notes []Note
	var refused *NativeError
	for i, n := range misfits {
		if isInert(n, formats) || fitting[withoutMachine(n.Path)] {
			notes = append(notes, Note{Wheel: w.Filename.Raw, Path: n.Path, Text: "not for this host, kept as data: " + reasons[i].Error()})
			continue
		}
		if refused == nil {
			refused = &NativeError{Wheel: w.Filename.Raw, Path: n.Path, Err: reasons[i], More: -1}
		}
		refused.More++
	}
	if refused != nil {
		return nil, refused
	}
	return notes, nil
}

// isForLinkers reports whether only a linker reads the file: archives, import
// libraries, and object files, which lie in wheels among sources (greenlet has
// those of Windows in its Linux wheels).
func isForLinkers(n wheel.Native) bool {
	switch strings.ToLower(path.Ext(n.Path)) {
	case ".o", ".obj", ".a", ".lib":
		return true
	}
	return n.Format == wheel.FormatArchive || n.Format == wheel.FormatImportLibrary
}

// isInert reports whether nothing on the host would load a file that does not
// fit it: a library of Windows or macOS by name and format, in a wheel whose
// code for the host is of another format.
func isInert(n wheel.Native, fitting map[wheel.Format]bool) bool {
	switch strings.ToLower(path.Ext(n.Path)) {
	case ".dll", ".pyd", ".dylib":
	default:
		return false
	}
	for format, loaded := range fitting {
		if loaded && format != n.Format {
			return !fitting[n.Format]
		}
	}
	return false
}

// isAssembly reports whether a PE file is a .NET assembly: its only import is
// the runtime's, and its code runs on any machine that has one.
func isAssembly(n wheel.Native) bool {
	return n.Format == wheel.FormatPE && len(n.Needed) == 1 && strings.EqualFold(n.Needed[0], "mscoree.dll")
}

// machineNames are the parts of file and folder names that say for which
// machine a library is, longest first.
var machineNames = strings.NewReplacer(
	"x86_64", "*", "x86-64", "*", "aarch64", "*", "arm64ec", "*", "arm64", "*", "amd64", "*", "win32", "*", "win64", "*",
	"armv7l", "*", "armv7", "*", "i386", "*", "i486", "*", "i586", "*", "i686", "*", "ia32", "*", "x64", "*", "x86", "*", "arm", "*",
)

// withoutMachine returns a path with the names of machines replaced, so that
// the counterparts of one library have the same.
func withoutMachine(p string) string { return machineNames.Replace(strings.ToLower(p)) }

// isLoadable reports whether a process would load the file into itself: an
// extension module or shared library, by its name or by its header.
func isLoadable(w *wheel.Unpacked, n wheel.Native) bool {
	if isForLinkers(n) {
		return false
	}
	name := strings.ToLower(path.Base(n.Path))
	switch ext := path.Ext(name); {
	case ext == ".exe" || ext == ".com" || ext == ".wasm":
		return false
	case ext == ".so" || ext == ".pyd" || ext == ".dll" || ext == ".dylib" || strings.Contains(name, ".so."):
		return true
	}
	f, err := os.Open(filepath.Join(w.Dir, filepath.FromSlash(n.Path)))
	if err != nil {
		return true // what can't be looked at is not waved through
	}
	defer f.Close()
	return isLibraryHeader(f, n)
}

// isLibraryHeader reads from the file's header whether it is a library rather
// than a program or an object file.
func isLibraryHeader(r io.ReaderAt, n wheel.Native) bool {
	var head [64]byte
	if got, _ := r.ReadAt(head[:], 0); got < len(head) {
		return false
	}
	switch n.Format {
	case wheel.FormatELF:
		const etDyn = 3
		order := binary.ByteOrder(binary.LittleEndian)
		if head[5] == 2 {
			order = binary.BigEndian
		}
		// A position-independent program is of the same type, but names the
		// loader that starts it.
		return order.Uint16(head[16:]) == etDyn && n.Interp == ""
	case wheel.FormatMachO:
		const mhDylib, mhBundle = 6, 8
		kind := machoFileType(r, head[:])
		return kind == mhDylib || kind == mhBundle
	case wheel.FormatPE:
		const characteristics, fileDLL = 22, 0x2000
		var flags [2]byte
		at := int64(binary.LittleEndian.Uint32(head[0x3c:])) + characteristics
		got, _ := r.ReadAt(flags[:], at)
		return got == len(flags) && binary.LittleEndian.Uint16(flags[:])&fileDLL != 0
	}
	return false
}

// machoFileType returns the filetype field of a Mach-O file, of the first slice
// of a fat one; 0 if there is none.
func machoFileType(r io.ReaderAt, head []byte) uint32 {
	const fat, fat64 = 0xcafebabe, 0xcafebabf
	const magic32, magic64 = 0xfeedface, 0xfeedfacf
	at := int64(0)
	switch binary.BigEndian.Uint32(head) {
	case fat:
		at = int64(binary.BigEndian.Uint32(head[16:]))
	case fat64:
		at = int64(binary.BigEndian.Uint64(head[16:]) & (1<<62 - 1))
	}
	var slice [16]byte
	if got, _ := r.ReadAt(slice[:], at); got < len(slice) {
		return 0
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if m := order.Uint32(slice[:]); m == magic32 || m == magic64 {
			return order.Uint32(slice[12:])
		}
	}
	return 0
}
