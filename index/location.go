package index

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/xpip/xpip/index/transport"
)

// location is an index or a find-links entry.
type location struct {
	url  *url.URL // https, http or file; may hold credentials
	path string   // the local path of a file: URL, else ""
	name string   // for people: redacted URL, or the path as it was given
}

// newLocation understands an URL, a file: URL, or a path that exists.
func newLocation(raw string, index bool) (location, error) {
	if _, err := os.Stat(raw); err == nil {
		path, err := filepath.Abs(raw)
		return location{url: fileURL(path), path: path, name: raw}, err
	}
	u, err := url.Parse(raw)
	if err != nil {
		return location{}, errors.New("it is neither an URL nor a path that exists")
	}
	l := location{url: u, name: transport.RedactURL(u)}
	switch u.Scheme {
	case "https", "http":
		if u.Host == "" {
			return location{}, errors.New("the URL names no host")
		}
		if index {
			u.Fragment, u.RawFragment = "", ""
		}
		return l, nil
	case "file":
		l.path, err = filePath(u)
		return l, err
	case "":
		return location{}, errors.New("it is neither an URL nor a path that exists")
	}
	return location{}, fmt.Errorf("the scheme %q is not supported", u.Scheme)
}

// projectURL returns the URL of a project's page on an index (PEP 503).
func (l location) projectURL(project string) *url.URL {
	u := *l.url
	u.Path = strings.TrimRight(u.Path, "/") + "/" + project + "/"
	u.RawPath = ""
	return &u
}

// filePath returns the local path of a file: URL (RFC 8089).
func filePath(u *url.URL) (string, error) {
	if u.Host != "" && !strings.EqualFold(u.Host, "localhost") {
		return "", fmt.Errorf("the file URL names another machine, %q", u.Host)
	}
	path := u.Path
	if path == "" {
		path = u.Opaque
	}
	if runtime.GOOS == "windows" && len(path) >= 3 && path[0] == '/' && path[2] == ':' {
		path = path[1:]
	}
	if path == "" || strings.IndexByte(path, 0) >= 0 {
		return "", errors.New("the file URL names no path")
	}
	return filepath.FromSlash(path), nil
}

// fileURL returns the file: URL of an absolute path.
func fileURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return &url.URL{Scheme: "file", Path: path}
}
