package host

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/xpip/xpip/requirements/pep440"
)

// PythonVersion is the version of a host's Python. Parts that were not said
// are 0, as in pip.
type PythonVersion struct {
	Major, Minor, Micro int
	// Parts is how many of the three were said.
	Parts int
	// FreeThreaded is set by the suffix of "3.13t".
	FreeThreaded bool

	full    string // python_full_version
	version pep440.Version
}

// PythonVersionError refuses a value of --python-version. Reason is pip's
// wording where pip refuses the value too.
type PythonVersionError struct {
	Input  string
	Reason string
}

func (e *PythonVersionError) Error() string {
	return fmt.Sprintf("invalid --python-version value: %s: %s", pyQuote(e.Input), e.Reason)
}

// ParsePythonVersion reads the value of --python-version: "3", "37", "3.13",
// "3.13.2" as in pip, with an optional t at the end for a free-threaded build.
// It returns a *PythonVersionError.
func ParsePythonVersion(s string) (PythonVersion, error) {
	refuse := func(reason string) (PythonVersion, error) {
		return PythonVersion{}, &PythonVersionError{Input: s, Reason: reason}
	}
	number, threaded := strings.CutSuffix(s, "t")
	parts := strings.Split(number, ".")
	if len(parts) > 3 {
		return refuse("at most three version parts are allowed")
	}
	if len(parts) == 1 && len(number) > 1 {
		parts = []string{number[:1], number[1:]}
	}
	v := PythonVersion{Parts: len(parts), FreeThreaded: threaded}
	for i, p := range []*int{&v.Major, &v.Minor, &v.Micro}[:len(parts)] {
		if parts[i] == "" || strings.Trim(parts[i], "0123456789") != "" {
			return refuse("each version part must be an integer")
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil || n > 99 {
			return refuse("no Python has such a version")
		}
		*p = n
	}
	if v.Major < 2 || v.Major > 9 {
		return refuse("no Python has such a version")
	}
	if threaded && (v.Parts < 2 || v.Major == 3 && v.Minor < 13) {
		return refuse("free-threaded builds begin with 3.13t")
	}
	return v.complete(fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Micro))
}

// complete sets what is derived, given python_full_version.
func (v PythonVersion) complete(full string) (PythonVersion, error) {
	version, err := pep440.Parse(full)
	if err != nil {
		return v, &PythonVersionError{Input: full, Reason: err.Error()}
	}
	v.full, v.version = full, version
	return v, nil
}

// String returns the version as far as it was said, such as "3.13t".
func (v PythonVersion) String() string {
	s := v.given()
	if v.FreeThreaded {
		s += "t"
	}
	return s
}

// given is String without the suffix, as pip debug shows it.
func (v PythonVersion) given() string {
	switch v.Parts {
	case 1:
		return strconv.Itoa(v.Major)
	case 2:
		return v.Short()
	}
	return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Micro)
}

// Short returns major and minor version, the marker python_version.
func (v PythonVersion) Short() string {
	return strconv.Itoa(v.Major) + "." + strconv.Itoa(v.Minor)
}

// Full returns the marker python_full_version.
func (v PythonVersion) Full() string { return v.full }

// Version returns the full version, as Requires-Python sees it.
func (v PythonVersion) Version() pep440.Version { return v.version }

// nodot is the version as tags have it: "313", or "3" if that is all that was
// said.
func (v PythonVersion) nodot() string {
	if v.Parts == 1 {
		return strconv.Itoa(v.Major)
	}
	return strconv.Itoa(v.Major) + strconv.Itoa(v.Minor)
}

// since reports whether v is 3.minor or newer.
func (v PythonVersion) since(minor int) bool {
	return v.Major > 3 || v.Major == 3 && v.Minor >= minor
}

// implementation is what is known of a Python implementation by name.
type implementation struct {
	short  string // in tags
	name   string // implementation_name
	title  string // platform_python_implementation
	libDir string // below lib/, before the version
}

var implementations = []implementation{
	{"cp", "cpython", "CPython", "python"},
	{"pp", "pypy", "PyPy", "pypy"},
	{"ip", "ironpython", "IronPython", "ironpython"},
	{"jy", "jython", "Jython", "jython"},
	{"graalpy", "graalpy", "GraalVM", "python"},
}

// lookupImplementation finds an implementation by abbreviation or full name.
// Others are accepted with the name they have, as pip does; known is false.
func lookupImplementation(name string) (_ implementation, known bool, err error) {
	lower := strings.ToLower(name)
	for _, impl := range implementations {
		if lower == impl.short || lower == impl.name {
			return impl, true, nil
		}
	}
	if lower == "py" || lower == "python" {
		return implementation{"py", "cpython", "CPython", "python"}, false, nil
	}
	if !isTagWord(lower) || strings.Trim(lower[:1], "0123456789") == "" {
		return implementation{}, false, &TagError{Option: "--implementation", Input: name,
			Reason: "an implementation is named as in wheel tags: cp, pp, py"}
	}
	return implementation{lower, lower, lower, "python"}, false, nil
}

// PythonTitle names implementation and version, and where the version came
// from if it was not asked for: "CPython 3.14 (default; --python-version
// chooses another)".
func (h *Host) PythonTitle() string {
	impl, _, _ := lookupImplementation(h.impl)
	title := impl.title
	if h.impl == "py" {
		title = "Python"
	}
	version := h.python
	version.FreeThreaded = h.threaded
	title += " " + version.String()
	if reason := h.origins["python"]; h.native == nil && h.given.PythonVersion == "" {
		if p := h.given.Prefix; p != nil && p.Python != "" {
			reason = "of " + filepath.Base(p.PythonOrigin)
			switch {
			case p.Root != "" && !p.Virtual:
				reason = "of the root file system " + filepath.Base(p.Root)
			case p.Prefix != "":
				reason = "of the environment " + filepath.Base(p.Prefix)
			}
		}
		title += " (" + reason + "; --python-version chooses another)"
	}
	return title
}

// isTagWord reports whether s consists of characters a tag part can have.
func isTagWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 100
}
