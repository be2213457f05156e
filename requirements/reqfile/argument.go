package reqfile

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// ParseLine reads one requirement as an argument of "pip install" has it: a
// PEP 508 requirement, the URL or path of an archive, of a project's directory
// or of a repository, each with a marker behind ";" if need be. Relative paths
// are resolved against the working directory. Errors are *Error.
func ParseLine(text string) (Entry, error) {
	e := Entry{Raw: redact(text)}
	separator := ";"
	if isURL(strings.TrimLeftFunc(text, isSpace)) {
		separator = "; "
	}
	name, markerText, _ := strings.Cut(text, separator)
	name = strings.TrimFunc(name, isSpace)
	marker, err := parseMarker(name, markerText)
	if err != nil {
		return e, err
	}
	if isURL(name) {
		err = e.setURL(name)
	} else {
		err = e.setPath(name)
	}
	if err == nil && e.Path == "" {
		e.Requirement, err = parseRequirement(name)
		e.Subdirectory = fragment(e.Requirement.URL, "subdirectory")
	}
	e.Requirement.Marker = marker
	return e, err
}

func parseMarker(name, text string) (requirements.Marker, error) {
	text = strings.TrimFunc(text, isSpace)
	if text == "" {
		return requirements.Marker{}, nil
	}
	marker, err := requirements.ParseMarker(text)
	if err == nil {
		err = marker.Validate()
	}
	if err != nil {
		return marker, &Error{Msg: "Invalid requirement: " + repr(redact(name)), Err: err}
	}
	return marker, nil
}

// parseRequirement reads a PEP 508 requirement that is no path or URL.
func parseRequirement(text string) (requirements.Requirement, error) {
	r, err := requirements.Parse(text)
	if err == nil {
		err = r.Marker.Validate()
	}
	if err == nil {
		return r, nil
	}
	if shown := redact(text); shown != text {
		// Say it about the text that may be seen.
		text = shown
		_, err = requirements.Parse(shown)
	}
	problem := &Error{Msg: "Invalid requirement: " + repr(text), Err: err}
	switch {
	case strings.ContainsRune(text, filepath.Separator):
		problem.Hint = "It looks like a path." + describePath(text)
	case strings.Contains(text, "=") && !containsOperator(text):
		problem.Hint = "= is not a valid operator. Did you mean == ?"
	}
	return r, problem
}

func containsOperator(text string) bool {
	for _, operator := range [...]string{"~=", "==", "!=", "<", ">"} {
		if strings.Contains(text, operator) {
			return true
		}
	}
	return false
}

// describePath tells what is at a path that is no requirement.
func describePath(name string) string {
	exists, directory := pathExists(name)
	if !exists {
		return fmt.Sprintf(" File '%s' does not exist.", shorten(name))
	}
	const found = " The path does exist. "
	if directory || !beginsWithRequirement(name) {
		return found
	}
	return found + fmt.Sprintf("The argument you provided (%s) appears to be a requirements file. "+
		"If that is the case, use the '-r' flag to install the packages specified within it.", name)
}

// beginsWithRequirement reports whether a file may be a requirement file by
// its first line that is neither blank nor a comment.
func beginsWithRequirement(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 1<<16)
	n, _ := file.Read(head)
	for line := range bytes.Lines(head[:n]) {
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		text, _, _ = strings.Cut(text, " #")
		_, err := requirements.Parse(strings.TrimSpace(text))
		return err == nil
	}
	return true
}

// setURL makes the entry one for a URL.
func (e *Entry) setURL(location string) error {
	if urlScheme(location) == "file" {
		return e.setFileURL(location)
	}
	e.Path = location
	e.Subdirectory = fragment(location, "subdirectory")
	return e.nameFrom(path.Base(urlPath(location)), location)
}

// setFileURL makes the entry one for a local path that is written as a URL.
func (e *Entry) setFileURL(location string) error {
	name, err := filePath(location)
	if err == nil {
		e.Path, err = filepath.Abs(name)
	}
	if err != nil {
		return &Error{Msg: "Invalid requirement: " + repr(redact(location)), Err: err}
	}
	exists, directory := pathExists(e.Path)
	e.Missing = isArchive(e.Path) && (!exists || directory)
	e.Subdirectory = fragment(location, "subdirectory")
	return e.nameFrom(filepath.Base(e.Path), location)
}

// setPath makes the entry one for a local archive or directory, if name is
// the path of one, or is taken for one by its looks.
func (e *Entry) setPath(name string) error {
	bare, extras := splitExtras(name)
	if !looksLikePath(name) && !isArchive(bare) {
		return nil // the common case, for which no file is looked at
	}
	absolute, err := filepath.Abs(bare)
	if err != nil {
		return &Error{Msg: "Invalid requirement: " + repr(redact(name)), Err: err}
	}
	exists, directory := pathExists(absolute)
	switch {
	case looksLikePath(name) && directory:
		if !isProject(absolute) {
			return &Error{Msg: fmt.Sprintf("Directory %s is not installable. "+
				"Neither 'setup.py' nor 'pyproject.toml' found.", repr(name))}
		}
	case !isArchive(absolute):
		return nil
	case exists && !directory:
	default:
		// "name@https://…/archive.zip" is no path either.
		if before, _, found := strings.Cut(name, "@"); found && !looksLikePath(before) {
			return nil
		}
		e.Missing = true
	}
	e.Path = absolute
	e.Requirement.Extras = extras
	if directory {
		return nil
	}
	return e.nameFrom(filepath.Base(absolute), "")
}

// looksLikePath reports whether a name is a path by its looks.
func looksLikePath(name string) bool {
	return strings.HasPrefix(name, ".") || strings.ContainsFunc(name, func(r rune) bool {
		return r < 0x80 && os.IsPathSeparator(uint8(r))
	})
}

// isProject reports whether a directory holds a project that can be built.
func isProject(directory string) bool {
	for _, name := range [...]string{"pyproject.toml", "setup.py"} {
		if info, err := os.Stat(filepath.Join(directory, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// nameFrom takes over what a wheel's file name or the "#egg=" of a URL says
// about name and version.
func (e *Entry) nameFrom(base, location string) error {
	if strings.HasSuffix(base, ".whl") {
		return e.nameFromWheel(base)
	}
	egg := fragment(location, "egg")
	if egg == "" {
		return nil
	}
	if !requirements.ValidName(egg) {
		return &Error{Msg: fmt.Sprintf("The %s egg fragment is invalid", repr(egg)), Hint: hintEgg(egg)}
	}
	e.Requirement.Name = egg
	return nil
}

func hintEgg(egg string) string {
	switch {
	case strings.Contains(egg, "[") && strings.Contains(egg, "]"):
		return "Try using the Direct URL requirement syntax: 'name[extra] @ URL'"
	case strings.ContainsAny(egg, "<>="):
		return "Version specifiers are silently ignored for URL references. Remove them."
	}
	return "Egg fragments can only be a valid project name."
}

func (e *Entry) nameFromWheel(base string) error {
	invalid := func(why string) error {
		return &Error{Msg: fmt.Sprintf("Invalid wheel filename (%s): %s", why, repr(strings.TrimSuffix(base, ".whl")))}
	}
	parts := strings.Split(strings.TrimSuffix(base, ".whl"), "-")
	// Five parts, a build tag, and the variant label of PEP 825.
	if len(parts) < 5 || len(parts) > 7 {
		return invalid("wrong number of parts")
	}
	if !requirements.ValidName(strings.Trim(parts[0], "_")) || strings.Contains(parts[0], "__") {
		return invalid("invalid project name")
	}
	version, err := pep440.Parse(parts[1])
	if err != nil {
		return invalid("invalid version")
	}
	e.Requirement.Name = requirements.NormalizeName(parts[0])
	e.Requirement.Specifiers, err = pep440.ParseSpecifiers("==" + version.String())
	return err
}

// ParseEditable reads the argument of -e: the path of a project's directory,
// with extras if need be, its file URL, the URL of a repository, or "name @
// URL" with one of the latter. Errors are *Error.
func ParseEditable(text string) (Entry, error) {
	e := Entry{Raw: redact(text), Editable: true}
	location := text
	r, err := requirements.Parse(text)
	if err == nil && r.URL != "" {
		if err := r.Marker.Validate(); err != nil {
			return e, &Error{Msg: "Invalid requirement: " + repr(redact(text)), Err: err}
		}
		location = r.URL
		if !isRepository(location) && urlScheme(location) != "file" {
			return e, notEditable(text)
		}
		e.Requirement = r
		e.Subdirectory = fragment(location, "subdirectory")
		return e, nil
	}
	name, extras := splitExtras(location)
	if _, directory := pathExists(name); directory {
		if e.Path, err = filepath.Abs(name); err != nil {
			return e, &Error{Msg: "Invalid requirement: " + repr(redact(text)), Err: err}
		}
		e.Requirement.Extras = extras
		return e, nil
	}
	if urlScheme(name) == "file" {
		err := e.setFileURL(name)
		e.Requirement.Extras = extras
		return e, err
	}
	switch scheme := urlScheme(location); scheme {
	case "git", "hg", "svn", "bzr":
		location = scheme + "+" + location
	}
	if !isRepository(location) {
		return e, notEditable(text)
	}
	if err := e.setURL(location); err != nil {
		return e, err
	}
	if e.Requirement.Name == "" {
		return e, &Error{Msg: fmt.Sprintf("Could not detect requirement name for '%s', please specify one with your_package_name @ URL", shorten(redact(text)))}
	}
	return e, nil
}

func notEditable(text string) error {
	return &Error{Msg: fmt.Sprintf("%s is not a valid editable requirement. "+
		"It should either be a path to a local project or a VCS URL (beginning with %s).",
		shorten(redact(text)), strings.Join(versionControls, ", "))}
}
