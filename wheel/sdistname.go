package wheel

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// SdistFilename is the parsed name of a source distribution's file.
type SdistFilename struct {
	Raw     string // the name as it was given
	Project string // normalised (PEP 503)
	Version string // as the file name spells it
	Format  string // the archive's format by its extension: "tar.gz", "zip", …
}

// sdistFormats maps extensions to formats. PEP 625 leaves only .tar.gz; the
// others are what indexes still serve and pip still reads.
var sdistFormats = [...]struct{ ext, format string }{
	{".tar.gz", "tar.gz"}, {".tgz", "tar.gz"}, {".zip", "zip"},
	{".tar.bz2", "tar.bz2"}, {".tbz2", "tar.bz2"}, {".tbz", "tar.bz2"},
	{".tar.xz", "tar.xz"}, {".txz", "tar.xz"},
	{".tar.lzma", "tar.lzma"}, {".tlz", "tar.lzma"},
	{".tar.zst", "tar.zst"}, {".tar", "tar"},
}

// ParseSdistFilename parses the base name of an sdist. Names from before
// PEP 625 may have hyphens in the project, in the version, or in both: project,
// if not "", says where one ends; without it the last hyphen does, as PEP 625
// has it.
func ParseSdistFilename(s, project string) (SdistFilename, error) {
	bad := func(reason string) error { return &FilenameError{s, reason} }
	if len(s) > maxFilename {
		return SdistFilename{}, &FilenameError{s[:64] + "…", "too long"}
	}
	if strings.IndexFunc(s, pathRune) >= 0 {
		return SdistFilename{}, bad("holds a character that no file name has")
	}
	stem, format := cutSdistFormat(s)
	if format == "" {
		return SdistFilename{}, bad("the extension is none of a source archive")
	}
	dash := strings.LastIndexByte(stem, '-')
	if project != "" {
		dash = projectEnd(stem, NormalizeName(project))
	}
	if dash <= 0 {
		return SdistFilename{}, bad("not a project, a hyphen and a version")
	}
	name, version := stem[:dash], stem[dash+1:]
	if !validVersion(version) {
		return SdistFilename{}, bad("the version part is not a version (PEP 440)")
	}
	return SdistFilename{Raw: s, Project: NormalizeName(name), Version: version, Format: format}, nil
}

func cutSdistFormat(s string) (stem, format string) {
	for _, f := range sdistFormats {
		if n := len(s) - len(f.ext); n > 0 && strings.EqualFold(s[n:], f.ext) {
			return s[:n], f.format
		}
	}
	return s, ""
}

// projectEnd returns the index of the first hyphen in s before which the project
// of the given normalised name stands, or -1.
func projectEnd(s, project string) int {
	for i := 0; i < len(s); i++ {
		// A name is never shorter than its normalised form.
		if s[i] == '-' && i >= len(project) && NormalizeName(s[:i]) == project {
			return i
		}
	}
	return -1
}

// pathRune reports what must not be in a base name that may be joined to a path.
func pathRune(r rune) bool {
	return r == '/' || r == '\\' || r == ':' || r == utf8.RuneError || unicode.IsControl(r)
}
