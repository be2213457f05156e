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
	u, err := url.Parse(ref)
	if err != nil {
		return "", "", false
	}
	u = l.base.ResolveReference(u)
	switch u.Scheme {
	case "https", "http":
		if u.Host == "" {
			return "", "", false
		}
	case "file":
		if l.base.Scheme != "file" {
			return "", "", false
		}
	default:
		return "", "", false
	}
	return u.String(), fragment, true
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
	for i := range len(ref) {
		if c := ref[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>' {
			return false
		}
	}
	return !strings.Contains(ref, "/.")
}

// accept says whether a file name may stand on this page.
func (l *linker) accept(filename string) bool {
	if !isSegment(filename) {
		return false
	}
	if l.project == "" {
		return IsDistribution(filename)
	}
	return Belongs(filename, l.project)
}

// digestSizes are the hash algorithms that indexes announce, with the length of
// a digest in hex. Others are ignored: nobody could check them.
var digestSizes = [...]struct {
	name string
	size int
}{{"sha256", 64}, {"sha512", 128}, {"sha384", 96}, {"sha224", 56}, {"sha1", 40}, {"md5", 32}}

// FragmentHashes returns the hashes in an URL's fragment (sha256=…), nil when there is none.
func FragmentHashes(fragment string) map[string]string {
	var hashes map[string]string
	for fragment != "" {
		var part string
		part, fragment, _ = strings.Cut(fragment, "&")
		if algorithm, digest, ok := strings.Cut(part, "="); ok {
			hashes = addHash(hashes, algorithm, digest)
		}
	}
	return hashes
}

// addHash adds a well-formed digest of a known algorithm.
func addHash(hashes map[string]string, algorithm, digest string) map[string]string {
	for _, known := range digestSizes {
		if algorithm != known.name || len(digest) != known.size {
			continue
		}
		lower, ok := lowerHex(digest)
		if !ok {
			break
		}
		if hashes == nil {
			hashes = make(map[string]string, 1)
		}
		hashes[known.name] = lower
		break
	}
	return hashes
}

func lowerHex(s string) (string, bool) {
	upper := false
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f':
		case 'A' <= c && c <= 'F':
			upper = true
		default:
			return "", false
		}
	}
	if upper {
		s = strings.ToLower(s)
	}
	return s, true
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
