package simple

import (
	"net/url"
	"strings"
	"time"
)

// linker makes absolute, fragment-less URLs of what a page refers to.
type linker struct {
	base    *url.URL
	project string // normalised; "" accepts every distribution file

	// dir is the folder that the last link was relative to, prefix what it is as
	// an absolute URL: on a page it is mostly the same for all.
	dir, prefix string
}

// resolve returns ref's absolute URL and its fragment. It refuses what cannot
// be fetched: other schemes, and local files on a page from the network.
func (l *linker) resolve(ref string) (abs, fragment string, ok bool) {
	ref = strings.TrimSpace(ref)
	if i := strings.IndexByte(ref, '#'); i >= 0 {
		ref, fragment = ref[:i], ref[i+1:]
	}
	if isWeb(ref) && isPlain(ref) {
		return ref, fragment, true
	}
	slash := strings.LastIndexByte(ref, '/') + 1
	if dir, name := ref[:slash], ref[slash:]; isPlainName(name) && strings.IndexByte(dir, '?') < 0 {
		if dir == "" {
			dir = "./"
		}
		if dir != l.dir {
			l.dir = dir
			l.prefix, _ = l.absolute(dir)
		}
		if l.prefix == "" {
			return "", "", false
		}
		return l.prefix + name, fragment, true
	}
	abs, ok = l.absolute(ref)
	return abs, fragment, ok
}

func (l *linker) absolute(ref string) (abs string, ok bool) {
	u, err := url.Parse(ref)
	if err != nil {
		return "", false
	}
	u = l.base.ResolveReference(u)
	switch u.Scheme {
	case "https", "http":
		if u.Host == "" {
			return "", false
		}
	case "file":
		if l.base.Scheme != "file" {
			return "", false
		}
	default:
		return "", false
	}
	return u.String(), true
}

// isPlainName reports whether name is a path segment that is written as it is in
// every URL.
func isPlainName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '+':
		case c == '.' && i > 0:
		default:
			return false
		}
	}
	return name != ""
}

func isWeb(ref string) bool {
	rest, ok := strings.CutPrefix(ref, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(ref, "http://")
	}
	return ok && rest != "" && rest[0] != '/'
}

// isPlain reports whether ref needs no cleaning: printable ASCII, no dot
// segments that would have to be removed.
func isPlain(ref string) bool {
	var found class
	for i := range len(ref) {
		found |= classes[ref[i]]
	}
	return found&unplain == 0 && !strings.Contains(ref, "/.")
}

// accept says whether a file name, one path segment, may stand on this page.
func (l *linker) accept(filename string) bool {
	if l.project == "" {
		return IsDistribution(filename)
	}
	return Belongs(filename, l.project)
}

// parseTime reads an upload time (RFC 3339, as PEP 700 has it); zero when it is none.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1 {
		return time.Time{}
	}
	return t.UTC()
}

// checkVersion refuses a page of another major version of the API (PEP 629).
func checkVersion(version string) error {
	major, _, _ := strings.Cut(version, ".")
	if major != "1" {
		return errorf("its API version is %q, and only 1.x is understood", version)
	}
	return nil
}
