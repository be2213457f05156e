package host

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// Facts are what the files of a Python environment, or a file that describes
// one, say of it. What nothing says is empty.
type Facts struct {
	// Prefix is the environment's folder, Executable its interpreter: the one
	// that was named, else where it would be. Both are of the build machine.
	Prefix, Executable string
	// Root is the folder that is "/" to the host, if the prefix lies in a root
	// file system, as in Prefix = Root/usr; "" otherwise.
	Root string
	// HostExecutable is the interpreter's path as the host sees it, such as
	// /usr/bin/python3.13; "" if that is not known.
	HostExecutable string

	// Virtual is set for a virtual environment: a folder with a pyvenv.cfg.
	Virtual bool
	// Base is the interpreter that a virtual environment was made of; "" if
	// that is not said. BaseHome is the folder of that interpreter. Both are
	// as the file has them: paths of the host, if it is another machine.
	Base, BaseHome string
	// Cross is set when the environment is for another machine than the one
	// that its interpreter runs on, as those made by xvenv and crossenv are.
	Cross bool

	// Python is the version, in the form of --python-version. PythonOrigin is
	// the file or folder that says it.
	Python, PythonOrigin string
	// Implementation is its abbreviation in tags, such as "cp".
	Implementation string
	// ABIs are the ABI tags that the interpreter loads, preferred first; nil
	// for those that version and implementation imply.
	ABIs []string
	// Platform is a spelling of the platform, such as
	// ios-13.0-arm64-iphoneos; PlatformOrigin is the file that says it.
	Platform, PlatformOrigin string
	// Libc is the C library of a Linux with its version, such as "glibc 2.41"
	// or "musl 1.2"; LibcOrigin is the file that says it.
	Libc, LibcOrigin string
	// Tags are all tags of the host, best first, if a file lists them: they
	// replace what the platform would be expanded to.
	Tags []wheel.Tag
	// Markers are values of marker variables that files state.
	Markers map[string]string

	// Scheme is the layout of the prefix, nil for the default of the host.
	Scheme *Scheme
	// Site are the folders with installed distributions that this Python
	// sees, as absolute paths of the build machine in the order of sys.path.
	// They exist.
	Site []string
	// ExternallyManaged is the path of the file EXTERNALLY-MANAGED that
	// protects the environment (PEP 668), "" if there is none.
	ExternallyManaged string

	// Notes say what was assumed, one sentence each, for the user to see.
	Notes []string
	// Sources are all that was found, in the order of reading.
	Sources []Source
}

// A Source is one witness: a file that says the value of a field.
type Source struct {
	// Field is the name that [Host.Origin] has for it: "platform", "python",
	// "implementation", "abi", "libc", "scheme" or a marker variable.
	Field, Value, File string
}

// ConflictError refuses a description of which two parts contradict each
// other. An option that states the field settles it.
type ConflictError struct {
	Path          string // what was read
	Field         string // as in [Source]
	First, Second Source
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("reading the environment %q: its files disagree about the %s: %q says %q, %q says %q",
		e.Path, e.Field, e.First.File, e.First.Value, e.Second.File, e.Second.Value)
}

// PrefixError says why a Python environment cannot be described.
type PrefixError struct {
	Path   string
	Reason string
	Err    error // nil if nothing failed but the content
}

func (e *PrefixError) Error() string {
	s := fmt.Sprintf("reading the environment %q: %s", e.Path, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *PrefixError) Unwrap() error { return e.Err }

const (
	maxVenvConfig   = 64 << 10 // bytes of a pyvenv.cfg
	maxBuildDetails = 1 << 20  // bytes of a build-details.json
	maxSysconfig    = 4 << 20  // bytes of a _sysconfigdata module
)

// Read describes the Python environment that path names by its folder or
// by its interpreter. Nothing is run. It reads pyvenv.cfg, what an xvenv
// recorded there, build-details.json (PEP 739) and the names of the library
// folders; what they do not say stays empty. The error is a *PrefixError; it
// wraps fs.ErrNotExist if there is no environment at path.
func Read(path string) (Facts, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Facts{}, &PrefixError{Path: path, Reason: "it has no absolute path", Err: err}
	}
	f, err := locatePrefix(path)
	if err != nil {
		return Facts{}, err
	}
	r := prefixReader{Facts: f}
	if err := r.readVenv(); err != nil {
		return Facts{}, err
	}
	if !r.Virtual {
		if err := r.readInstallation(); err != nil {
			return Facts{}, err
		}
	}
	r.readThreading()
	return r.Facts, nil
}

// interpreters are where environments have their interpreter, by layout.
var interpreters = []string{
	"bin/python", "bin/python3", "Scripts/python.exe", "Scripts/python", "python.exe",
}

// locatePrefix finds folder and interpreter. The interpreter of a foreign
// environment may be a link that leads nowhere here; it need not be read.
func locatePrefix(path string) (Facts, error) {
	info, err := os.Stat(path)
	if err != nil {
		if info, err = os.Lstat(path); err != nil {
			return Facts{}, &PrefixError{Path: path, Reason: "there is no such file or folder", Err: err}
		}
	}
	if !info.IsDir() {
		dir := filepath.Dir(path)
		switch name := strings.ToLower(filepath.Base(dir)); {
		case isFile(filepath.Join(dir, "pyvenv.cfg")): // beside the interpreter, as PEP 405 has it too
		case name == "bin" || name == "scripts":
			dir = filepath.Dir(dir)
		}
		return Facts{Prefix: dir, Executable: path}, nil
	}
	for _, name := range interpreters {
		exe := filepath.Join(path, filepath.FromSlash(name))
		if info, err := os.Lstat(exe); err == nil && !info.IsDir() {
			return Facts{Prefix: path, Executable: exe}, nil
		}
	}
	if isFile(filepath.Join(path, "pyvenv.cfg")) || len(libraryFolders(path)) > 0 {
		return Facts{Prefix: path, Executable: filepath.Join(path, "bin", "python")}, nil
	}
	return Facts{}, &PrefixError{Path: path, Reason: "it is not the folder of a Python environment", Err: fs.ErrNotExist}
}

// prefixReader gathers Facts from one file after the other.
type prefixReader struct{ Facts }

// readVenv reads pyvenv.cfg, if there is one, and what that leads to.
func (r *prefixReader) readVenv() error {
	file := filepath.Join(r.Prefix, "pyvenv.cfg")
	text, err := readBounded(file, maxVenvConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &PrefixError{Path: r.Prefix, Reason: "its pyvenv.cfg cannot be read", Err: err}
	}
	r.Virtual = true
	config := parseVenvConfig(text)
	for _, key := range []string{"version", "version_info"} { // venv; virtualenv and uv
		if v := leadingVersion(config[key]); v != "" {
			r.Python, r.PythonOrigin = v, file
		}
	}
	r.Implementation = abbreviation(config["implementation"])
	r.BaseHome = config["home"]
	for _, key := range []string{"base-executable", "executable"} {
		if r.Base == "" {
			r.Base = config[key]
		}
	}
	return r.readCross(config)
}

// readCross follows what xvenv records of the Python that it made a virtual
// environment for. A record that leads nowhere is an error: without it, the
// environment would be taken for one of this machine.
func (r *prefixReader) readCross(config map[string]string) error {
	for _, record := range []struct {
		key  string
		read func(file string) error
	}{
		{"xvenv-build-details", r.readBuildDetails},
		{"xvenv-sysconfig", r.readSysconfig},
	} {
		file := config[record.key]
		if file == "" {
			continue
		}
		r.Cross = true
		if !filepath.IsAbs(file) {
			file = filepath.Join(r.Prefix, file)
		}
		if err := record.read(file); err != nil {
			return err
		}
	}
	return nil
}

// readInstallation reads what an installed Python says: build-details.json
// (from 3.14 on) and the names of its library folder.
func (r *prefixReader) readInstallation() error {
	libraries := libraryFolders(r.Prefix)
	named := versionInName(r.Executable)
	for _, library := range libraries {
		version := versionInName(library)
		if len(libraries) > 1 && version != named {
			continue
		}
		r.Python, r.PythonOrigin = version, library
		details := filepath.Join(library, "build-details.json")
		if isFile(details) {
			return r.readBuildDetails(details)
		}
		return nil
	}
	if r.Python == "" && named != "" {
		r.Python, r.PythonOrigin = named, r.Executable
	}
	return nil
}

// readThreading adds the t of a free-threaded build, which pyvenv.cfg does not
// tell, but the name of the library folder does.
func (r *prefixReader) readThreading() {
	v, err := ParsePythonVersion(r.Python)
	if err != nil || v.FreeThreaded || v.Parts < 2 {
		return
	}
	threaded, normal := "python"+v.Short()+"t", "python"+v.Short()
	found := false
	for _, library := range libraryFolders(r.Prefix) {
		switch filepath.Base(library) {
		case normal:
			return
		case threaded:
			found = true
		}
	}
	if _, err := ParsePythonVersion(r.Python + "t"); found && err == nil {
		r.Python += "t"
	}
}

// libraryFolders are the lib/pythonX.Y folders of a prefix, in order of name.
func libraryFolders(prefix string) []string {
	entries, err := os.ReadDir(filepath.Join(prefix, "lib"))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		path := filepath.Join(prefix, "lib", e.Name())
		if strings.HasPrefix(e.Name(), "python") && versionInName(path) != "" {
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				out = append(out, path)
			}
		}
	}
	return out
}

// versionInName reads the version off the last part of …/python3.13t; "" if
// there is none with a minor version.
func versionInName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ".exe")
	text, ok := strings.CutPrefix(name, "python")
	if !ok || !strings.Contains(text, ".") {
		return ""
	}
	if _, err := ParsePythonVersion(text); err != nil {
		return ""
	}
	return text
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// readBounded returns the content of a regular file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a FIFO would block the open
		return nil, fmt.Errorf("%q is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%q has more than %d bytes", path, limit)
	}
	return data, nil
}
