// Package project reads what a source tree says of itself without running any
// of it: its build system (PEP 517, 518), its metadata where they are promised
// to be the wheel's (PEP 643, PEP 621), and whether it exists to be compiled.
package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"github.com/xpip/xpip/requirements"
)

// Files gives access to a source tree by slash-separated names below its root.
// A file that is not there is [fs.ErrNotExist].
type Files interface {
	ReadFile(name string) ([]byte, error)
}

// Limits of what is read of a tree. The time that TOML takes grows with the
// square of its tables, so their number is bounded too.
const (
	maxPyproject = 256 << 10
	maxTables    = 2000
	maxPKGInfo   = 16 << 20
	maxBuildFile = 1 << 20
)

// legacyBackend builds projects that don't name a backend, as PEP 517 has it.
const legacyBackend = "setuptools.build_meta:__legacy__"

// Error says what is wrong with a source tree.
type Error struct {
	// File is the file it is about, "" for the tree as a whole.
	File string
	// Reason says what is wrong.
	Reason string
	// Err is the underlying fault, if there is one.
	Err error
}

func (e *Error) Error() string {
	s := e.Reason
	if e.File != "" {
		s = fmt.Sprintf("%q %s", e.File, e.Reason)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Project is what a source tree says of itself.
type Project struct {
	// Backend is the build backend, "module" or "module:object".
	Backend string
	// BackendPath are the folders, relative to the root, where the backend is
	// looked for first.
	BackendPath []string
	// Requires are the requirements of the backend (PEP 508).
	Requires []string
	// Legacy tells that the tree names no backend.
	Legacy bool
	// External are the requirements outside of Python that the project states
	// (PEP 725), as written.
	External []string

	files     Files
	pyproject []byte
	table     projectTable
	hasTable  bool
	tool      toolTables
}

// buildSystem is the [build-system] table.
type buildSystem struct {
	Requires    []string `toml:"requires"`
	Backend     *string  `toml:"build-backend"`
	BackendPath []string `toml:"backend-path"`
}

// projectTable is what of [project] becomes requirements.
type projectTable struct {
	Name           string              `toml:"name"`
	Version        string              `toml:"version"`
	RequiresPython string              `toml:"requires-python"`
	Dependencies   []string            `toml:"dependencies"`
	Optional       map[string][]string `toml:"optional-dependencies"`
	Dynamic        []string            `toml:"dynamic"`
}

// Wanted tells how many bytes of a file reading a project may need, by its name
// below the root; 0 for files that are of no interest.
func Wanted(name string) int64 {
	switch path.Base(name) {
	case "CMakeLists.txt", "meson.build", "Cargo.toml":
		if strings.Count(name, "/") <= 3 {
			return maxBuildFile
		}
	}
	switch name {
	case "PKG-INFO":
		return maxPKGInfo
	case "pyproject.toml":
		return maxPyproject + 1
	case "setup.py", "setup.cfg":
		return maxBuildFile
	}
	return 0
}

// Read reads a source tree. The error is an [*Error] when the tree is to blame.
func Read(files Files) (*Project, error) {
	p := &Project{files: files, Backend: legacyBackend, Requires: []string{"setuptools>=40.8.0"}, Legacy: true}
	raw, err := files.ReadFile("pyproject.toml")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !p.has("setup.py") {
			return nil, &Error{Reason: "is no Python project: it has neither pyproject.toml nor setup.py"}
		}
		return p, nil
	case err != nil:
		return nil, fmt.Errorf("reading pyproject.toml: %w", err)
	}
	if err := checkTOML(raw); err != nil {
		return nil, err
	}
	p.pyproject = raw
	var top struct {
		BuildSystem *buildSystem `toml:"build-system"`
	}
	if err := toml.Unmarshal(raw, &top); err != nil {
		return nil, &Error{File: "pyproject.toml", Reason: "can't be read", Err: firstLine(err)}
	}
	p.readTables()
	if top.BuildSystem == nil {
		return p, nil
	}
	return p, p.readBuildSystem(top.BuildSystem)
}

// TooLarge is the refusal of a pyproject.toml for its size.
func TooLarge(file string) error {
	return &Error{File: file, Reason: fmt.Sprintf("is larger than %d KiB", maxPyproject>>10)}
}

func checkTOML(raw []byte) error {
	bad := func(reason string) error { return &Error{File: "pyproject.toml", Reason: reason} }
	switch {
	case len(raw) > maxPyproject:
		return TooLarge("pyproject.toml")
	case !utf8.Valid(raw):
		return bad("is not UTF-8")
	case bytes.HasPrefix(raw, []byte("\ufeff")):
		return bad("begins with a byte order mark")
	case bytes.IndexByte(raw, 0) >= 0:
		return bad("has a NUL byte")
	}
	tables := 0
	for line := range bytes.Lines(raw) {
		line = bytes.TrimLeft(line, " \t")
		key, _, _ := bytes.Cut(line, []byte("="))
		if len(line) > 0 && line[0] == '[' || bytes.IndexByte(key, '.') >= 0 && len(key) < len(line) {
			tables++
		}
	}
	if tables > maxTables {
		return bad(fmt.Sprintf("has more than %d tables", maxTables))
	}
	return nil
}

// readTables reads what is of use but not needed: where it is malformed, the
// backend will say so.
func (p *Project) readTables() {
	var top struct {
		Project *projectTable `toml:"project"`
	}
	if toml.Unmarshal(p.pyproject, &top) == nil && top.Project != nil {
		p.table, p.hasTable = *top.Project, true
	}
	var tools struct {
		Tool toolTables `toml:"tool"`
	}
	if toml.Unmarshal(p.pyproject, &tools) == nil {
		p.tool = tools.Tool
	}
	var external struct {
		External map[string]any `toml:"external"`
	}
	if toml.Unmarshal(p.pyproject, &external) == nil {
		p.External = externals(external.External)
	}
}

// externals lists the build and host requirements of PEP 725.
func externals(table map[string]any) []string {
	var all []string
	for _, key := range []string{"build-requires", "host-requires"} {
		list, _ := table[key].([]any)
		for _, item := range list {
			if s, ok := item.(string); ok && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

func (p *Project) readBuildSystem(b *buildSystem) error {
	bad := func(reason string, args ...any) error {
		return &Error{File: "pyproject.toml", Reason: fmt.Sprintf(reason, args...)}
	}
	if b.Requires == nil {
		return bad("has a [build-system] table without requires (PEP 518)")
	}
	for _, r := range b.Requires {
		if _, err := requirements.Parse(r); err != nil {
			return &Error{File: "pyproject.toml", Reason: "has a malformed build requirement", Err: err}
		}
	}
	p.Requires = b.Requires
	if b.Backend == nil {
		if len(b.BackendPath) > 0 {
			return bad("has a backend-path without a build-backend (PEP 517)")
		}
		return nil
	}
	if !validBackend(*b.Backend) {
		return bad("names a build backend %q that can't be imported", *b.Backend)
	}
	p.Backend, p.Legacy = *b.Backend, false
	for _, dir := range b.BackendPath {
		clean := path.Clean(strings.ReplaceAll(dir, "\\", "/"))
		if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(clean, ":") {
			return bad("has a backend-path %q outside of the project (PEP 517)", dir)
		}
		p.BackendPath = append(p.BackendPath, clean)
	}
	return nil
}

// validBackend reports whether s is "dotted.module" or "dotted.module:object".
func validBackend(s string) bool {
	module, object, found := strings.Cut(s, ":")
	return dotted(module) && (!found || dotted(object))
}

func dotted(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		for i, c := range part {
			if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') && c < utf8.RuneSelf {
				return false
			}
		}
		if part == "" {
			return false
		}
	}
	return true
}

func (p *Project) has(name string) bool {
	_, err := p.files.ReadFile(name)
	return err == nil
}

// text returns a file of the tree, "" when it is not there.
func (p *Project) text(name string) string {
	b, err := p.files.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(b)
}

// requiresProject reports whether the backend's requirements name a project.
func (p *Project) requiresProject(name string) bool {
	return slices.ContainsFunc(p.Requires, func(s string) bool {
		r, err := requirements.Parse(s)
		return err == nil && r.Key() == name
	})
}

// firstLine keeps decoders from printing excerpts of the file.
func firstLine(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(line)
}
