package host

// Kind says whose name for a platform a spelling is.
type Kind uint8

// The kinds of names, and where the ones in the table of systems are from.
const (
	// KindTag is the platform tag of wheels (PEP 600, 656, 730, 738, 783).
	KindTag Kind = iota
	// KindOlderTag is a platform tag that came before the PEPs: manylinux2014
	// (PEP 599), pyodide_2025_0_wasm32, python-for-android's and BeeWare's.
	KindOlderTag
	// KindSysconfig is what sysconfig.get_platform() returns.
	KindSysconfig
	// KindMultiarch is sysconfig's variable MULTIARCH (CPython's
	// Misc/platform_triplet.c), on Linux the folder names of Debian.
	KindMultiarch
	// KindGNU is a triple of config.sub, as compilers are named by.
	KindGNU
	// KindLLVM is clang's triple, with the version of the system in it.
	KindLLVM
	// KindRust is a target of rustc (rustc --print target-list), maturin's
	// universal2 among them.
	KindRust
	// KindZig is the value of zig's option -target.
	KindZig
	// KindConda is a subdir of conda's channels.
	KindConda
	// KindCondaTriple is the triple of conda-forge's compilers.
	KindCondaTriple
	// KindNix is a system of Nix, a double (nixpkgs, lib/systems/doubles.nix).
	KindNix
	// KindNixConfig is the config of a system of nixpkgs
	// (lib/systems/parse.nix).
	KindNixConfig
	// KindNixAttr is the attribute below nixpkgs' pkgsCross
	// (lib/systems/examples.nix).
	KindNixAttr
	// KindDebian is an architecture of dpkg.
	KindDebian
	// KindUV is a value of uv's --python-platform.
	KindUV
	// KindCibuildwheel is a build identifier of cibuildwheel, which names the
	// Python too: cp313-manylinux_x86_64.
	KindCibuildwheel
	// KindPyodide is a version of Pyodide's ABI.
	KindPyodide
	// KindOCI is a platform of container images, as in docker --platform.
	KindOCI
	// KindShort is a word of everyday language, such as "ios".
	KindShort

	kindCount
)

var kindTitles = [...]string{
	KindTag: "wheel tag", KindOlderTag: "older wheel tag", KindSysconfig: "sysconfig platform", KindMultiarch: "multiarch",
	KindGNU: "GNU triple", KindLLVM: "LLVM triple", KindRust: "Rust target", KindZig: "Zig target",
	KindConda: "conda subdir", KindCondaTriple: "conda triple", KindNix: "Nix system", KindNixConfig: "Nix config",
	KindNixAttr: "Nix cross attribute", KindDebian: "Debian architecture", KindUV: "uv platform",
	KindCibuildwheel: "cibuildwheel identifier", KindPyodide: "Pyodide version", KindOCI: "OCI platform", KindShort: "short name",
}

// String returns the kind in words, such as "Rust target".
func (k Kind) String() string { return kindTitles[k] }

var kindSources = [...]string{
	KindTag: "PEP 425, 600, 656, 730, 738 and 783", KindOlderTag: "PEP 513, 571 and 599, and what came before the PEPs",
	KindSysconfig: "sysconfig.get_platform()", KindMultiarch: "CPython's Misc/platform_triplet.c",
	KindGNU: "config.sub", KindLLVM: "clang -print-target-triple", KindRust: "rustc --print target-list, maturin", KindZig: "zig targets",
	KindConda: "conda's known subdirs", KindCondaTriple: "conda-forge's compiler packages",
	KindNix: "nixpkgs lib/systems/doubles.nix", KindNixConfig: "nixpkgs lib/systems/parse.nix", KindNixAttr: "nixpkgs lib/systems/examples.nix",
	KindDebian: "dpkg-architecture -L", KindUV: "uv pip compile --help", KindCibuildwheel: "cibuildwheel's build-platforms.toml",
	KindPyodide: "Pyodide's releases and pyodide-lock.json", KindOCI: "OCI image specification, GOOS and GOARCH of Go", KindShort: "xpip",
}

// Source names the document or the program that has the names of the kind.
func (k Kind) Source() string { return kindSources[k] }
