package simple

import (
	"net/url"
	"strings"
)

// sdistSuffixes are the archive names of source distributions: those that pip
// takes. Whether each can be unpacked is not this package's to say.
var sdistSuffixes = [...]string{
	".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.lzma", ".tlz", ".tar.zst", ".tar",
}

// IsWheel reports whether filename is a wheel's by its ending.
func IsWheel(filename string) bool { return hasSuffixFold(filename, ".whl") }

// Belongs reports whether filename is a wheel or sdist of the project with the
// given normalised name.
func Belongs(filename, project string) bool {
	stem := filename
	if !IsWheel(filename) {
		var ok bool
		if stem, ok = sdistStem(filename); !ok {
			return false
		}
	}
	return nameLength(stem, project) >= 0
}

// IsDistribution reports whether filename ends as a wheel or an sdist does.
func IsDistribution(filename string) bool {
	if IsWheel(filename) {
		return true
	}
	_, ok := sdistStem(filename)
	return ok
}

func sdistStem(filename string) (string, bool) {
	for _, suffix := range sdistSuffixes {
		if hasSuffixFold(filename, suffix) {
			return filename[:len(filename)-len(suffix)], true
		}
	}
	return "", false
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) > len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// nameLength returns how many bytes of stem spell project (PEP 503 normalised)
// with a '-' after them, or -1. Runs of '-', '_' and '.' count as one '-'.
func nameLength(stem, project string) int {
	i, j := 0, 0
	for j < len(project) {
		if i >= len(stem) {
			return -1
		}
		c := stem[i]
		switch {
		case isSeparator(c):
			if project[j] != '-' {
				return -1
			}
			for i < len(stem) && isSeparator(stem[i]) {
				i++
			}
			j++
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if c != project[j] {
			return -1
		}
		i++
		j++
	}
	if i < len(stem) && stem[i] == '-' {
		return i
	}
	return -1
}

func isSeparator(c byte) bool { return c == '-' || c == '_' || c == '.' }

// FilenameOf returns the decoded last path segment of an URL, which may still
// have its query and fragment. It is decoded once; false when the result is
// not one safe path segment.
func FilenameOf(rawURL string) (string, bool) {
	rawURL, _, _ = strings.Cut(rawURL, "#")
	rawURL, _, _ = strings.Cut(rawURL, "?")
	name := rawURL[strings.LastIndexByte(rawURL, '/')+1:]
	if strings.IndexByte(name, '%') >= 0 {
		decoded, err := url.PathUnescape(name)
		if err != nil {
			return "", false
		}
		name = decoded
	}
	return name, isSegment(name)
}

// isSegment reports whether name can be a file's name on every system: no
// separator, no control character, nothing that a second decoding would change
// into one, and not "." or "..".
func isSegment(name string) bool {
	if name == "" || name == "." || name == ".." || len(name) > 255 {
		return false
	}
	var found class
	for i := range len(name) {
		found |= classes[name[i]]
	}
	return found&unsafe == 0
}

// class says what a byte may not stand in.
type class byte

const (
	unsafe  class = 1 << iota // the name of a file
	unplain                   // an URL that needs no cleaning
)

// classes are looked up in place of comparisons: most of what is read of a page
// goes through here.
var classes = func() (t [256]class) {
	for c := range t {
		if c < 0x20 || c == 0x7f || strings.IndexByte(`/\:%`, byte(c)) >= 0 {
			t[c] |= unsafe
		}
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`\"<>`, byte(c)) >= 0 {
			t[c] |= unplain
		}
	}
	return t
}()
