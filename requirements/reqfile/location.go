package reqfile

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/xpip/xpip/requirements"
)

// Files opens local files itself and asks Fetch for what is elsewhere. It
// implements Opener.
type Files struct {
	// Fetch returns the content of an http or https URL; nil refuses them.
	Fetch func(ctx context.Context, url string) ([]byte, error)
}

// Open implements Opener.
func (f Files) Open(ctx context.Context, location string) ([]byte, error) {
	name := location
	switch scheme := urlScheme(location); {
	case scheme == "file":
		var err error
		if name, err = filePath(location); err != nil {
			return nil, err
		}
	case isRemote(location):
		if f.Fetch == nil {
			return nil, fmt.Errorf("no %s access here", scheme)
		}
		return f.Fetch(ctx, location)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// One byte more, so that Parse sees that a file is too large.
	return io.ReadAll(io.LimitReader(file, MaxFileSize+1))
}

// urlScheme returns the lower-case scheme of a URL, "" if s has none.
func urlScheme(s string) string {
	scheme, _, ok := strings.Cut(s, ":")
	if !ok || scheme == "" {
		return ""
	}
	for i := range len(scheme) {
		switch c := scheme[i] | 0x20; {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= scheme[i] && scheme[i] <= '9' || strings.IndexByte("+-.", scheme[i]) >= 0):
		default:
			return ""
		}
	}
	return strings.ToLower(scheme)
}

// isRemote reports whether a requirement file's location is a URL.
func isRemote(location string) bool {
	switch urlScheme(location) {
	case "http", "https", "file":
		return true
	}
	return false
}

// versionControls are the systems and transports that pip knows, in the order
// of its messages.
var versionControls = []string{
	"bzr+http", "bzr+https", "bzr+ssh", "bzr+sftp", "bzr+ftp", "bzr+lp", "bzr+file",
	"git+http", "git+https", "git+ssh", "git+git", "git+file",
	"hg+file", "hg+http", "hg+https", "hg+ssh", "hg+static-http",
	"svn+ssh", "svn+http", "svn+https", "svn+svn", "svn+file",
}

// isRepository reports whether s is the URL of a version control system.
func isRepository(s string) bool {
	scheme := urlScheme(s)
	for _, known := range versionControls {
		if scheme == known {
			return true
		}
	}
	return false
}

// isURL reports whether s is a URL that can be installed from.
func isURL(s string) bool {
	switch urlScheme(s) {
	case "http", "https", "file", "ftp":
		return true
	}
	return isRepository(s)
}

// filePath returns the local path of a file URL (RFC 8089), which may be
// relative.
func filePath(location string) (string, error) {
	rest := location[len("file:"):]
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		host := authority
		if i := strings.IndexByte(authority, '/'); i >= 0 {
			host = authority[:i]
		}
		rest = authority[len(host):]
		switch {
		case host == "" || host == "localhost":
		case runtime.GOOS == "windows":
			rest = "//" + host + rest
		default:
			return "", fmt.Errorf("non-local file URIs are not supported on this platform: %s", repr(location))
		}
	}
	name := unescape(rest)
	if runtime.GOOS == "windows" && len(name) >= 3 && name[0] == '/' && name[2] == ':' {
		name = name[1:] // "/C:/folder"
	}
	return filepath.FromSlash(name), nil
}

// urlPath returns the decoded path of a URL.
func urlPath(location string) string {
	_, rest, _ := strings.Cut(location, ":")
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		_, rest, _ = strings.Cut(authority, "/")
	}
	return unescape(rest)
}

// unescape decodes the percent escapes of a path; one with a wrong escape is
// taken to have none.
func unescape(path string) string {
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}

// fragment returns the value of a key such as "egg" that pip looks for behind
// "#" or "&" in a URL.
func fragment(location, key string) string {
	for i := 0; i < len(location); i++ {
		if location[i] != '#' && location[i] != '&' {
			continue
		}
		if value, ok := strings.CutPrefix(location[i+1:], key+"="); ok {
			value, _, _ = strings.Cut(value, "&")
			return value
		}
	}
	return ""
}

// isArchive reports whether pip takes a file of this name for a distribution.
func isArchive(name string) bool {
	name = strings.ToLower(filepath.Base(name))
	for _, extension := range [...]string{
		".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz",
		".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma",
	} {
		// Dots at the start begin no extension, unless it has two parts.
		if stem, ok := strings.CutSuffix(name, extension); ok && (strings.HasPrefix(extension, ".tar.") || strings.Trim(stem, ".") != "") {
			return true
		}
	}
	return false
}

// SplitPylock separates the location of a lock file (PEP 751) from the extras
// behind it, "pylock.toml[extra,…]". It reports false for a location that is not
// named like a lock file.
func SplitPylock(location string) (name string, extras []string, ok bool) {
	name, extras = splitExtras(location)
	return name, extras, isPylock(name)
}

// isPylock reports whether a path or URL ends in the name of a lock file:
// pylock.toml or pylock.NAME.toml.
func isPylock(location string) bool {
	name := filepath.Base(location)
	if isRemote(location) {
		name = path.Base(urlPath(location))
	}
	rest, ok := strings.CutPrefix(name, "pylock.")
	if !ok {
		return false
	}
	if rest == "toml" {
		return true
	}
	middle, ok := strings.CutSuffix(rest, ".toml")
	return ok && middle != "" && !strings.Contains(middle, ".")
}

// splitExtras separates "path[extra,…]". What is no list of extras is part of
// the path.
func splitExtras(s string) (name string, extras []string) {
	open := strings.LastIndexByte(s, '[')
	if open < 1 || !strings.HasSuffix(s, "]") || open+2 == len(s) {
		return s, nil
	}
	placeholder, err := requirements.Parse("placeholder" + s[open:])
	if err != nil {
		return s, nil
	}
	return strings.TrimRightFunc(s[:open], isSpace), placeholder.Extras
}

// pathExists reports whether there is anything at the path, and whether it is
// a directory.
func pathExists(name string) (exists, directory bool) {
	info, err := os.Stat(name)
	return err == nil, err == nil && info.IsDir()
}
