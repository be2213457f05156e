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

// Hashes are digests by algorithm. The zero value holds none.
type Hashes struct {
	digests [len(algorithms)]string // hex, in the order of algorithms; "" when there is none
}

// Map returns the digests, in lower-case hex, by the names of their algorithms; nil
// when there are none.
func (h *Hashes) Map() map[string]string {
	var out map[string]string
	for i, digest := range h.digests {
		if digest == "" {
			continue
		}
		if out == nil {
			out = make(map[string]string, 1)
		}
		out[algorithms[i].name] = strings.ToLower(digest)
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
		if allHex(digest) {
			h.digests[i] = digest
		}
		return
	}
}

// hexDigits has the values of the digits of hex in either case, with isHex set.
var hexDigits = [256]byte{
	'0': 0x10, '1': 0x11, '2': 0x12, '3': 0x13, '4': 0x14, '5': 0x15, '6': 0x16, '7': 0x17, '8': 0x18, '9': 0x19,
	'a': 0x1a, 'b': 0x1b, 'c': 0x1c, 'd': 0x1d, 'e': 0x1e, 'f': 0x1f,
	'A': 0x1a, 'B': 0x1b, 'C': 0x1c, 'D': 0x1d, 'E': 0x1e, 'F': 0x1f,
}

const isHex = 0x10

func allHex(s string) bool {
	all := byte(isHex)
	for i := range len(s) {
		all &= hexDigits[s[i]]
	}
	return all == isHex
}

// appendUnhexed appends the bytes of which s is the hex.
func appendUnhexed(b []byte, s string) []byte {
	for i := 0; i+1 < len(s); i += 2 {
		b = append(b, hexDigits[s[i]]<<4|hexDigits[s[i+1]]&0xf)
	}
	return b
}
