package simple

import (
	"encoding/hex"
	"strings"
)

// algorithms are the hash algorithms that indexes announce, with the length of a
// digest in bytes. Others are ignored: nobody could check them.
var algorithms = [...]struct {
	name string
	size int
}{{"sha256", 32}, {"sha512", 64}, {"sha384", 48}, {"sha224", 28}, {"sha1", 20}, {"md5", 16}}

// Hashes are digests in lower-case hex by algorithm. The zero value holds none.
type Hashes struct {
	digests [len(algorithms)]string // in the order of algorithms; "" when there is none
}

// Map returns the digests by the names of their algorithms; nil when there are none.
func (h *Hashes) Map() map[string]string {
	var out map[string]string
	for i, digest := range h.digests {
		if digest == "" {
			continue
		}
		if out == nil {
			out = make(map[string]string, 1)
		}
		out[algorithms[i].name] = digest
	}
	return out
}

// FragmentHashes returns the hashes in an URL's fragment (sha256=…).
func FragmentHashes(fragment string) (h Hashes) {
	for fragment != "" {
		var part string
		part, fragment, _ = strings.Cut(fragment, "&")
		if algorithm, digest, ok := strings.Cut(part, "="); ok {
			h.add(algorithm, digest)
		}
	}
	return h
}

// add adds a well-formed digest of a known algorithm.
func (h *Hashes) add(algorithm, digest string) {
	for i, known := range algorithms {
		if algorithm != known.name || len(digest) != hex.EncodedLen(known.size) {
			continue
		}
		if lower, ok := lowerHex(digest); ok {
			h.digests[i] = lower
		}
		return
	}
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

// appendUnhexed appends the bytes of which s is the lower-case hex.
func appendUnhexed(b []byte, s string) []byte {
	for i := 0; i+1 < len(s); i += 2 {
		b = append(b, nibble(s[i])<<4|nibble(s[i+1]))
	}
	return b
}

// nibble is the value of a digit of lower-case hex.
func nibble(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}
