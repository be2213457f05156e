package host

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Facts are what the files of a Python environment say of it.
type Facts struct {
	// Prefix is the environment's folder, Executable its interpreter: the one
	// that was named, else where it would be.
	Prefix, Executable string
	// Virtual is set for a virtual environment: a folder with a pyvenv.cfg.
	Virtual bool
	// Base is the interpreter that a virtual environment was made of; "" if
	// that is not said. BaseHome is the folder of that interpreter.
	Base, BaseHome string
	// Cross is set when the environment is for another machine than the one
	// that its interpreter runs on, as those made by xvenv are.
	Cross bool

	// Python is the version, in the form of --python-version; "" if nothing
	// says it. PythonOrigin is the file or folder that does.
	Python, PythonOrigin string
	// Implementation is its abbreviation in tags, such as "cp"; "" if nothing
	// says it.
	Implementation string
	// Platform is a spelling of the platform, such as
	// ios-13.0-arm64-iphoneos; "" if nothing says it. PlatformOrigin is the
	// file that does.
	Platform, PlatformOrigin string
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

// ReadPrefix describes the Python environment that path names by its folder or
// by its interpreter. Nothing is run. It reads pyvenv.cfg, what an xvenv
// recorded there, build-details.json (PEP 739) and the names of the library
// folders; what they do not say stays empty. The error is a *PrefixError; it
// wraps fs.ErrNotExist if there is no environment at path.
func ReadPrefix(path string) (Facts, error) {
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
