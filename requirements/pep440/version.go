package pep440

import "strings"

// MaxVersionLength is the length in bytes above which [Parse] refuses a
// version. PEP 440 sets no limit; the longest version on PyPI is far shorter.
const MaxVersionLength = 128

// Version is one PEP 440 version. The zero Version is no version: it is less
// than every other and its String is empty.
//
// Do not compare Versions with ==: 1.0 and 1.0.0 are equal versions of
// different spelling. Use Equal, Compare or Key.
type Version struct {
	// key is the packed form, see packed.go. When exact is set it is zero but
	// for the valid bit.
	key   [3]uint64
	exact *exact
}

// Parse reads a version in any spelling that PEP 440 allows (Appendix B),
// white space around it included. The error is a [*ParseError].
func Parse(s string) (Version, error) {
	if v, ok := scanPacked(s); ok {
		return v, nil
	}
	return parseAnySpelling(s)
}

// MustParse is [Parse] for versions known to be valid; it panics on others.
func MustParse(s string) Version {
	v, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return v
}

// Compare returns -1, 0 or +1 as v is less than, equal to or greater than w in
// the order of PEP 440. Trailing zeros of the release do not matter.
func (v Version) Compare(w Version) int {
	if v.exact != nil || w.exact != nil {
		return compareExact(v, w)
	}
	return comparePacked(&v.key, &w.key)
}

// Equal reports whether v and w are the same version, spelling aside.
func (v Version) Equal(w Version) bool { return v.Compare(w) == 0 }

// Less reports whether v comes before w.
func (v Version) Less(w Version) bool { return v.Compare(w) < 0 }

// IsZero reports whether v is the zero Version, which is no version.
func (v Version) IsZero() bool { return v == Version{} }

// String returns the normalised spelling, with the release numbers as given:
// 1.0.0 stays 1.0.0.
func (v Version) String() string {
	if v.exact != nil {
		return v.exact.text
	}
	if v.IsZero() {
		return ""
	}
	var buf [4]number
	p := v.parts(&buf)
	return p.text()
}

// Key returns a string that two versions share exactly when they are equal:
// the normalised spelling without trailing zeros in the release.
func (v Version) Key() string {
	if v.IsZero() {
		return ""
	}
	var buf [4]number
	p := v.parts(&buf)
	p.release = trimZeros(p.release)
	return p.text()
}

// IsPrerelease reports whether v has an a, b, rc or dev segment.
func (v Version) IsPrerelease() bool {
	if v.exact != nil {
		return v.exact.pre < preNone || v.exact.hasDev
	}
	return !v.IsZero() && (v.key[2]>>preRankShift < uint64(preNone) || v.packedDev() != devNone)
}

// IsPostrelease reports whether v has a post segment.
func (v Version) IsPostrelease() bool {
	if v.exact != nil {
		return v.exact.hasPost
	}
	return v.packedPost() != postNone
}

// IsDevrelease reports whether v has a dev segment.
func (v Version) IsDevrelease() bool {
	if v.exact != nil {
		return v.exact.hasDev
	}
	return !v.IsZero() && v.packedDev() != devNone
}

// Epoch returns the epoch, 0 when none is written; math.MaxUint64 for an epoch
// that large or larger.
func (v Version) Epoch() uint64 {
	if v.exact != nil {
		return v.exact.epoch.saturated()
	}
	return 0
}

// Release returns the numbers of the release segment as written, trailing
// zeros included. A number above math.MaxUint64 is given as math.MaxUint64.
func (v Version) Release() []uint64 {
	if v.IsZero() {
		return nil
	}
	var buf [4]number
	p := v.parts(&buf)
	out := make([]uint64, len(p.release))
	for i, n := range p.release {
		out[i] = n.saturated()
	}
	return out
}

// Base returns the normalised epoch and release alone: 1!2.0 for 1!2.0rc1+cpu.
func (v Version) Base() string {
	if v.IsZero() {
		return ""
	}
	var buf [4]number
	p := v.parts(&buf)
	p = parts{epoch: p.epoch, release: p.release, pre: preNone}
	return p.text()
}

// Public returns the normalised version without its local label.
func (v Version) Public() string {
	public, _, _ := strings.Cut(v.String(), "+")
	return public
}

// Local returns the normalised local label, "" when there is none.
func (v Version) Local() string {
	_, local, _ := strings.Cut(v.String(), "+")
	return local
}
