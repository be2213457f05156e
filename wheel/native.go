package wheel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
)

// Format is a kind of machine code container.
type Format string

// The formats that Sniff tells apart.
const (
	FormatELF           Format = "ELF"
	FormatMachO         Format = "Mach-O"
	FormatPE            Format = "PE" // and COFF object files
	FormatWasm          Format = "wasm"
	FormatArchive       Format = "ar archive"
	FormatImportLibrary Format = "import library" // an ar archive named .lib or .dll.a
)

// Kinds of machine code, as [Native].Kind names them.
const (
	KindExecutable = "executable"
	KindLibrary    = "library" // shared library or extension module
	KindObject     = "object"  // object file or static library
)

// Operating systems, as [Native].OS names them.
const (
	OSLinux        = "linux"
	OSAndroid      = "android"
	OSMacOS        = "macos"
	OSIOS          = "ios"
	OSIOSSimulator = "ios-simulator"
	OSWindows      = "windows"
	OSEmscripten   = "emscripten" // wasm made for dynamic linking
	OSOther        = "other"      // marked for a system not listed here: FreeBSD, tvOS, Mac Catalyst, …
)

// MachineCIL stands for .NET code without machine code in it: it runs wherever
// .NET does.
const MachineCIL = "cil"

// Native describes a file of machine code as its headers do.
//
// Machines are named alike in all formats, as uname -m does on Linux: x86_64,
// i686, aarch64, arm, ppc64le, ppc64, s390x, riscv64, loongarch64, wasm32, …
// Mach-O's arm64e and arm64_32, Windows' arm64ec, [MachineCIL], and bpf, cuda
// and amdgpu, which no CPU runs, have names of their own; an unknown machine is
// its number ("elf-257").
type Native struct {
	Path     string   `json:"path"` // slash-separated, in the wheel
	Format   Format   `json:"format"`
	Kind     string   `json:"kind,omitempty"`     // one of the Kind constants; "" when unknown
	OS       string   `json:"os,omitempty"`       // one of the OS constants; "" when the file does not say or its slices differ
	Machines []string `json:"machines,omitempty"` // one, or one a slice of a fat file

	Needed     []string `json:"needed,omitempty"`     // libraries it is linked to, in order, at most 512
	Interp     string   `json:"interp,omitempty"`     // ELF: program interpreter
	Libc       string   `json:"libc,omitempty"`       // ELF: "glibc", "musl", "bionic"; "" when the file does not say
	GlibcNeed  string   `json:"glibc_need,omitempty"` // ELF: newest glibc symbol version needed, as "2.28"
	FloatABI   string   `json:"float_abi,omitempty"`  // ELF on arm: "hard", "soft"; "" when the file does not say
	AndroidAPI int      `json:"android_api,omitzero"` // ELF: API level of the Android note
	Slices     []Slice  `json:"slices,omitempty"`     // Mach-O
	Problem    string   `json:"problem,omitempty"`    // why the headers could not be read to their end; what is set holds
}

// Slice is one architecture of a Mach-O file.
type Slice struct {
	Machine string `json:"machine"`
	OS      string `json:"os,omitempty"`     // one of the OS constants; "" when the slice does not say
	MinOS   string `json:"min_os,omitempty"` // oldest version of the system it runs on: "13.0"
	SDK     string `json:"sdk,omitempty"`    // version of the SDK it was built with
}

// ErrNotNative is what Inspect returns for a file that is no machine code after
// all.
var ErrNotNative = errors.New("not machine code")

const (
	maxNeeded = 512
	maxString = 1024
)

// Sniff tells what kind of machine code a file is by its first bytes; 64 are
// enough, 4096 rule out more of what only looks alike. path serves to tell an
// import library from another archive, and to believe the headers of object
// files, which have no magic number.
func Sniff(path string, head []byte) (Format, bool) {
	if len(head) < 8 {
		return "", false
	}
	switch magic := binary.BigEndian.Uint32(head); {
	case magic == 0x7f454c46:
		return FormatELF, true
	case magic == 0xfeedface, magic == 0xfeedfacf, magic == 0xcefaedfe, magic == 0xcffaedfe:
		return FormatMachO, true
	case magic == fatMagic || magic == fatMagic64:
		// A Java class begins alike; there, a version follows, 45 or more.
		n := binary.BigEndian.Uint32(head[4:])
		return FormatMachO, n > 0 && n <= maxSlices
	case magic == 0x0061736d:
		return FormatWasm, true
	case bytes.HasPrefix(head, []byte("!<arch>\n")), bytes.HasPrefix(head, []byte("!<thin>\n")):
		if bytes.HasPrefix(head[8:], []byte("debian-binary")) {
			return "", false // a Debian package
		}
		lower := strings.ToLower(path)
		if strings.HasSuffix(lower, ".lib") || strings.HasSuffix(lower, ".dll.a") {
			return FormatImportLibrary, true
		}
		return FormatArchive, true
	case head[0] == 'M' && head[1] == 'Z':
		return FormatPE, looksPE(head)
	}
	if lower := strings.ToLower(path); strings.HasSuffix(lower, ".obj") || strings.HasSuffix(lower, ".o") {
		return FormatPE, looksCOFF(head)
	}
	return "", false
}

// Inspect reads the headers of machine code of size bytes. It reads little, in
// bounded pieces, and follows no offset without checking it. Headers that lead
// nowhere end up in Problem; an error is the reader's own, or ErrNotNative.
func Inspect(path string, r io.ReaderAt, size int64) (Native, error) {
	src := &source{r: r, size: size}
	n := src.inspect(path)
	switch {
	case src.err != nil:
		return Native{}, src.err
	case n.Format == "":
		return Native{}, ErrNotNative
	}
	n.Path = path
	return n, nil
}

func (s *source) inspect(path string) (n Native) {
	head := s.upTo(0, 4096)
	format, ok := Sniff(path, head)
	if !ok {
		return n
	}
	n.Format = format
	switch format {
	case FormatELF:
		s.elf(&n)
	case FormatMachO:
		s.machO(&n)
	case FormatPE:
		s.pe(&n)
	case FormatWasm:
		s.wasm(&n)
	case FormatArchive, FormatImportLibrary:
		s.archive(&n)
	}
	return n
}

// machine notes a machine once.
func (n *Native) machine(name string) {
	if !slices.Contains(n.Machines, name) {
		n.Machines = append(n.Machines, name)
	}
}

// need notes a needed library.
func (n *Native) need(name string) {
	if name != "" && len(n.Needed) < maxNeeded && !slices.Contains(n.Needed, name) {
		n.Needed = append(n.Needed, name)
	}
}

// problem notes the first thing that is wrong.
func (n *Native) problem(what string) {
	if n.Problem == "" {
		n.Problem = what
	}
}

// source reads bounded pieces of a file and remembers the first fault of the
// reader, after which everything reads as missing.
type source struct {
	r    io.ReaderAt
	size int64
	err  error
}

// at returns n bytes at off, or nil if the file has not that many there.
func (s *source) at(off int64, n int) []byte {
	if s.err != nil || off < 0 || n <= 0 || int64(n) > s.size || off > s.size-int64(n) {
		return nil
	}
	buf := make([]byte, n)
	if got, err := s.r.ReadAt(buf, off); got < n {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		s.err = err
		return nil
	}
	return buf
}

// upTo returns at most n bytes at off: what there is.
func (s *source) upTo(off int64, n int) []byte {
	if off < 0 || off >= s.size {
		return nil
	}
	return s.at(off, int(min(int64(n), s.size-off)))
}

// string returns the NUL-terminated string at off, "" if it is longer than any
// name of a library.
func (s *source) string(off int64) string {
	text, _, ok := bytes.Cut(s.upTo(off, maxString), []byte{0})
	if !ok {
		return ""
	}
	return string(text)
}

// sub narrows the source to a part of the file, as far as that is there.
func (s *source) sub(off, size int64) *source {
	if off < 0 || size < 0 || off > s.size {
		return &source{err: s.err}
	}
	size = min(size, s.size-off)
	return &source{r: io.NewSectionReader(s.r, off, size), size: size, err: s.err}
}
