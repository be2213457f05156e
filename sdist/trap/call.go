package trap

import (
	"path"
	"slices"
	"strings"
)

// Kind is what a call was for.
type Kind int

const (
	// Probe only asks a tool who it is: cc --version.
	Probe Kind = iota
	// Search asks for a C library to compile with: pkg-config --libs foo,
	// pg_config --libdir.
	Search
	// Lookup asks what is installed, as ctypes.util.find_library does by way of a
	// compiler. It proves nothing about a need to compile.
	Lookup
	// Compile turns source into machine code, or links it, or starts a tool
	// that does.
	Compile
)

var probing = []string{"--version", "-v", "-V", "-vV", "-qversion", "-dumpversion", "-dumpfullversion", "-dumpmachine", "--help", "-help", "/?"}

// sourceLanguages are the file suffixes of what a compiler is called for.
var sourceLanguages = map[string]string{
	".c": "C", ".cc": "C++", ".cpp": "C++", ".cxx": "C++", ".c++": "C++", ".C": "C++", ".m": "Objective-C", ".mm": "Objective-C++",
	".cu": "CUDA", ".f": "Fortran", ".for": "Fortran", ".f77": "Fortran", ".f90": "Fortran", ".f95": "Fortran",
	".F": "Fortran", ".F90": "Fortran", ".rs": "Rust", ".s": "assembly", ".S": "assembly", ".asm": "assembly", ".go": "Go", ".d": "D",
	".swift": "Swift", ".zig": "Zig", ".java": "Java", ".pyx": "Cython",
}

// Kind tells what the call was for by its tool and arguments.
func (c Call) Kind() Kind {
	is := classify(c.Tool)
	if is == lookup {
		if len(c.Args) == 0 || slices.ContainsFunc(c.Args, isProbing) {
			return Lookup
		}
		return Search
	}
	if is == launcher && len(c.Args) > 0 {
		if inner := path.Base(c.Args[0]); classify(inner) != none {
			return Call{Tool: inner, Args: c.Args[1:]}.Kind()
		}
	}
	if c.Source() != "" || slices.Contains(c.Args, "-c") {
		return Compile
	}
	if len(c.Args) == 0 || slices.ContainsFunc(c.Args, isProbing) {
		return Probe
	}
	if slices.Contains(c.Args, "-Wl,-t") || strings.HasPrefix(c.Tool, "ld") && slices.Contains(c.Args, "-t") {
		return Lookup // ctypes.util.find_library
	}
	switch {
	case c.Tool == "go" && (c.Args[0] == "version" || c.Args[0] == "env"),
		c.Tool == "rustup" && c.Args[0] != "run",
		c.Tool == "xcrun" && slices.ContainsFunc(c.Args, func(a string) bool { return strings.HasPrefix(a, "--show-") || a == "--find" }):
		return Probe
	}
	return Compile
}

func isProbing(arg string) bool {
	return slices.Contains(probing, arg) || strings.HasPrefix(arg, "-print-") || strings.HasPrefix(arg, "--print")
}

// Source is the first source file among the arguments, "" if there is none.
func (c Call) Source() string {
	for i, a := range c.Args {
		if strings.HasPrefix(a, "-") || i > 0 && c.Args[i-1] == "-o" {
			continue
		}
		if _, ok := sourceLanguages[path.Ext(a)]; ok {
			return a
		}
	}
	return ""
}

// Language is what the call was to compile: by its source file, else by the
// tool; "" where neither tells.
func (c Call) Language() string {
	if l, ok := sourceLanguages[path.Ext(c.Source())]; ok {
		return l
	}
	base := trimVersion(c.Tool)
	if i := strings.LastIndexByte(base, '-'); i >= 0 && tools[base] == none {
		base = base[i+1:]
	}
	switch base {
	case "cargo", "rustc", "rustup":
		return "Rust"
	case "go", "tinygo":
		return "Go"
	case "nvcc", "hipcc":
		return "CUDA"
	case "gfortran", "f77", "f90", "f95", "g77", "flang", "flang-new", "ifort", "ifx", "lfortran", "nagfor", "nvfortran":
		return "Fortran"
	case "c++", "g++", "clang++", "icpc", "icpx", "nvc++", "pgc++", "em++":
		return "C++"
	case "cc", "gcc", "clang", "cl", "icc", "icx", "tcc", "c99", "c89":
		return "C"
	}
	return ""
}

// String is the call as a person would type it: the tool with the arguments
// that tell, "cc -c src/etree.c".
func (c Call) String() string {
	if source := c.Source(); source != "" {
		if slices.Contains(c.Args, "-c") {
			return c.Tool + " -c " + source
		}
		return c.Tool + " " + source
	}
	words := []string{c.Tool}
	for _, a := range c.Args {
		if len(words) == 5 {
			words = append(words, "…")
			break
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}
