package host

import "path"

// ScriptKind is the kind of a script that a host can start.
type ScriptKind uint8

const (
	// ScriptsNone: the host has no shell that would start a script (iOS,
	// Android, Emscripten, WASI).
	ScriptsNone ScriptKind = iota
	// ScriptsPOSIX: a text file with a header for the kernel.
	ScriptsPOSIX
	// ScriptsWindows: an .exe launcher.
	ScriptsWindows
)

var scriptKinds = [...]string{"none", "posix", "windows"}

func (k ScriptKind) String() string { return scriptKinds[k] }

// Scheme is the layout of a host prefix, as sysconfig's default scheme of the
// host has it. Paths are relative to the prefix, with slashes.
type Scheme struct {
	Purelib, Platlib string
	Scripts          string
	Data             string // "" is the prefix itself
	// Headers is the folder in which every project has one of its own name.
	Headers string

	ScriptKind ScriptKind
	// CaseFolds says that two names that differ in case alone are one file.
	CaseFolds bool
	// Windows says that the host's rules for file names apply: reserved
	// names and characters, no trailing dots.
	Windows bool
}

// virtualHeaders is the folder of headers in a virtual environment, where pip
// keeps them apart from those of the Python that it was made of. python is the
// version, such as "3.14".
func (s Scheme) virtualHeaders(python string) string {
	if s.Windows {
		return "include/site/python" + python
	}
	return "include/site/" + path.Base(s.Headers)
}

// schemeFor returns the scheme of CPython's posix_prefix or nt layout, or
// PyPy's.
func schemeFor(os osKind, impl implementation, v PythonVersion, threaded bool) Scheme {
	if os == osWindows {
		return Scheme{
			Purelib: "Lib/site-packages", Platlib: "Lib/site-packages",
			Scripts: "Scripts", Headers: "Include",
			ScriptKind: ScriptsWindows, CaseFolds: true, Windows: true,
		}
	}
	name := impl.libDir + v.Short()
	if threaded {
		name += "t"
	}
	s := Scheme{
		Purelib: "lib/" + name + "/site-packages", Platlib: "lib/" + name + "/site-packages",
		Scripts: "bin", Headers: "include/" + name,
		ScriptKind: ScriptsPOSIX,
	}
	switch os {
	case osIOS: // bundled on a Mac, whose file system folds
		s.ScriptKind, s.CaseFolds = ScriptsNone, true
	case osAndroid, osEmscripten, osWASI:
		s.ScriptKind = ScriptsNone
	case osMacOS:
		s.CaseFolds = true
	}
	return s
}
