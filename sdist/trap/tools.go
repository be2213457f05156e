package trap

import "strings"

// class groups tools by what being called says about a build.
type class int

const (
	none class = iota
	compiler
	linker   // and everything else that works on object code
	driver   // runs compilers on its own: make, ninja, cmake, cargo
	lookup   // asks for a library to compile with: pkg-config, pg_config
	launcher // runs the compiler it is given: ccache
)

// tools are the programs that a trap stands in for. Code generators and front
// ends that need no compiler (cython, swig, bison, meson, maturin) are not among
// them: a project that stops there is pure.
var tools = map[string]class{
	// C, C++, Objective-C, CUDA, HIP
	"cc": compiler, "c89": compiler, "c99": compiler, "gcc": compiler, "c++": compiler, "g++": compiler,
	"cpp": compiler, "clang": compiler, "clang++": compiler, "clang-cpp": compiler, "clang-cl": compiler,
	"cl": compiler, "tcc": compiler, "icc": compiler, "icpc": compiler, "icx": compiler, "icpx": compiler,
	"nvc": compiler, "nvc++": compiler, "pgcc": compiler, "pgc++": compiler, "emcc": compiler,
	"em++": compiler, "zig": compiler, "nvcc": compiler, "hipcc": compiler, "cc1": compiler,
	"cc1plus": compiler, "collect2": linker,
	// Fortran
	"gfortran": compiler, "f77": compiler, "f90": compiler, "f95": compiler, "g77": compiler,
	"flang": compiler, "flang-new": compiler, "ifort": compiler, "ifx": compiler, "lfortran": compiler,
	"nagfor": compiler, "nvfortran": compiler,
	"mpicc": compiler, "mpicxx": compiler, "mpic++": compiler, "mpif90": compiler, "h5cc": compiler,
	// other languages
	"rustc": compiler, "cargo": driver, "rustup": driver, "go": driver, "tinygo": compiler, "swiftc": compiler,
	"swift": driver, "dmd": compiler, "ldc2": compiler, "gdc": compiler, "nim": compiler, "ghc": compiler,
	"fpc": compiler, "gnat": compiler, "javac": compiler, "nasm": compiler, "yasm": compiler,
	// object code
	"ld": linker, "ld.gold": linker, "ld.bfd": linker, "ld.lld": linker, "lld": linker, "mold": linker,
	"rust-lld": linker, "link": linker, "as": linker, "ar": linker, "ranlib": linker, "lib": linker, "rc": linker,
	"libtool": linker, "install_name_tool": linker, "lipo": linker,
	// drivers
	"cmake": driver, "ctest": driver, "cmake3": driver, "make": driver, "gmake": driver, "nmake": driver,
	"ninja": driver, "ninja-build": driver, "samu": driver, "scons": driver, "waf": driver, "bazel": driver,
	"xcodebuild": driver, "xcrun": driver, "msbuild": driver, "vswhere": lookup,
	// questions and launchers
	"pkg-config": lookup, "pkgconf": lookup, "pg_config": lookup, "mysql_config": lookup, "mariadb_config": lookup,
	"xml2-config": lookup, "xslt-config": lookup, "curl-config": lookup, "gdal-config": lookup, "geos-config": lookup,
	"krb5-config": lookup, "llvm-config": lookup, "freetype-config": lookup, "sdl2-config": lookup, "nc-config": lookup,
	"icu-config": lookup, "net-snmp-config": lookup, "libpng-config": lookup, "wx-config": lookup, "apr-1-config": lookup,
	"ccache": launcher, "sccache": launcher, "distcc": launcher,
}

// suffixes of tools that carry a triple in front and perhaps a version behind:
// x86_64-linux-gnu-gcc-12.
var triplePrefixed = []string{
	"gcc", "g++", "cc", "c++", "cpp", "clang", "clang++", "gfortran", "ld", "ld.gold", "ld.bfd", "as", "ar", "ranlib",
	"gcc-ar", "gcc-ranlib", "pkg-config", "llvm-ar", "rustc", "flang", "gnat", "gdc",
}

// windowsOnly are names that mean something harmless elsewhere: link(1) is
// one of the core utilities.
var windowsOnly = map[string]bool{"link": true, "lib": true, "rc": true, "cl": true}

// classify returns what kind of tool a program's file name stands for.
func classify(name string) class {
	name = strings.TrimSuffix(strings.ToLower(name), ".exe")
	if c, ok := tools[name]; ok {
		return c
	}
	base := trimVersion(name)
	if c, ok := tools[base]; ok {
		return c
	}
	for _, s := range triplePrefixed {
		if strings.HasSuffix(base, "-"+s) {
			if c, ok := tools[s]; ok {
				return c
			}
			return linker
		}
	}
	return none
}

// tellsOnly reports whether a tool does nothing but tell where a C library is,
// without compiling: where the build machine has it, a build may well ask it, and
// then goes on to call the compiler, which says more. (pg_config is not among
// them: it starts programs from elsewhere.)
func tellsOnly(name string) bool {
	return tools[name] == lookup && (strings.HasSuffix(name, "-config") || strings.HasSuffix(name, "_config")) &&
		name != "pkg-config" && name != "pg_config"
}

// IsTool reports whether a program of that name is one that a trap stands in
// for, also with a triple before it or a version behind it.
func IsTool(name string) bool {
	c := classify(name)
	return c != none && (onWindows || !windowsOnly[strings.ToLower(name)])
}

// Replaces reports whether a trap stands in for a program of that name even
// where the build machine has it.
func Replaces(name string) bool {
	return IsTool(name) && !tellsOnly(strings.TrimSuffix(strings.ToLower(name), ".exe"))
}

// trimVersion removes what follows the last dash when it is a version: gcc-12,
// clang-15.0.
func trimVersion(name string) string {
	i := strings.LastIndexByte(name, '-')
	if i <= 0 || i+1 == len(name) || strings.Trim(name[i+1:], "0123456789.") != "" {
		return name
	}
	return name[:i]
}
