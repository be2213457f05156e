package pep440

import "cmp"

// The packed form of a version: three words that compare, most significant
// first, as the versions do. It has room for epoch 0, no local label, at most
// four release numbers below 2³², a pre-release number below 2¹⁶, a post number
// below 2¹⁶-2 and a dev number below 2²⁵-1 (dates such as dev20261121 fit).
//
//	key[0]  release[0] 32 | release[1] 32
//	key[1]  release[2] 32 | release[3] 32
//	key[2]  pre rank 3 | pre number 16 | post 16 | dev 25 | after 1 | release length 3
//
// The release length only says how to print the version, so Compare leaves it
// out. It is never 0 in a valid version. The after bit and postMax belong to
// cuts (cut.go); no version has them.
const (
	preRankShift = 61
	preNumShift  = 45
	postShift    = 29
	devShift     = 4
	afterBit     = 1 << 3
	lengthMask   = 1<<3 - 1
	orderShift   = 3 // what Compare drops of key[2]

	preNumLimit  = 1 << 16
	postNone     = 0         // else the number plus 1
	postMax      = 1<<16 - 1 // above every post-release
	devNone      = 1<<25 - 1 // above every dev number
	releaseLimit = 1 << 32
	packedLength = 4
)

// preRank orders what stands between the release and the post segment. A
// version with a dev segment alone comes before the first alpha.
type preRank uint8

const (
	preDevOnly preRank = iota + 1
	preAlpha
	preBeta
	preRC
	preNone
)

func comparePacked(a, b *[3]uint64) int {
	if a[0] != b[0] {
		return order(a[0], b[0])
	}
	if a[1] != b[1] {
		return order(a[1], b[1])
	}
	return cmp.Compare(a[2]>>orderShift, b[2]>>orderShift)
}

func order(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}

func (v *Version) packedPost() uint64 { return v.key[2] >> postShift & postMax }
func (v *Version) packedDev() uint64  { return v.key[2] >> devShift & devNone }

// scanPacked reads a version in the canonical spelling, without white space,
// that fits the packed form; leading zeros of numbers are all right. Whatever
// it does not take is left to parseAnySpelling.
func scanPacked(s string) (Version, bool) {
	var release [packedLength]uint64
	if len(s) > MaxVersionLength {
		return Version{}, false
	}
	i, length := 0, 0
	for {
		n, next, ok := scanNumber(s, i, releaseLimit)
		if !ok || length == packedLength {
			return Version{}, false
		}
		release[length] = n
		length++
		i = next
		if i+1 >= len(s) || s[i] != '.' || s[i+1] > '9' {
			break
		}
		i++
	}
	suffix, ok := uint64(preNone)<<preRankShift|devNone<<devShift, true
	if i < len(s) {
		suffix, ok = scanSuffix(s, i)
	}
	return Version{key: [3]uint64{
		release[0]<<32 | release[1],
		release[2]<<32 | release[3],
		suffix | uint64(length),
	}}, ok
}

// scanSuffix reads what follows the release, to the end of s, into the form it
// has in key[2].
func scanSuffix(s string, i int) (uint64, bool) {
	rank, pre, post, dev := preNone, uint64(0), uint64(postNone), uint64(devNone)
	var ok bool
	switch {
	case s[i] == 'a':
		rank, i = preAlpha, i+1
	case s[i] == 'b':
		rank, i = preBeta, i+1
	case hasPrefixAt(s, i, "rc"):
		rank, i = preRC, i+2
	}
	if rank != preNone {
		if pre, i, ok = scanNumber(s, i, preNumLimit); !ok {
			return 0, false
		}
	}
	if hasPrefixAt(s, i, ".post") {
		if post, i, ok = scanNumber(s, i+5, postMax-1); !ok {
			return 0, false
		}
		post++
	}
	if hasPrefixAt(s, i, ".dev") {
		if dev, i, ok = scanNumber(s, i+4, devNone); !ok {
			return 0, false
		}
		if rank == preNone && post == postNone {
			rank = preDevOnly
		}
	}
	return uint64(rank)<<preRankShift | pre<<preNumShift | post<<postShift | dev<<devShift, i == len(s)
}

func hasPrefixAt(s string, i int, prefix string) bool {
	return len(s)-i >= len(prefix) && s[i:i+len(prefix)] == prefix
}

// scanNumber reads the digits of s from i on: the number, which must be below
// limit, and where it ends.
func scanNumber(s string, i int, limit uint64) (n uint64, end int, ok bool) {
	start := i
	for i < len(s) && isDigit(s[i]) {
		n = n*10 + uint64(s[i]-'0')
		if n >= limit {
			return 0, i, false
		}
		i++
	}
	return n, i, i > start
}

// parts unpacks v; buf is room for the release numbers of a packed version.
func (v Version) parts(buf *[packedLength]number) parts {
	if v.exact != nil {
		return v.exact.parts
	}
	k := &v.key
	*buf = [packedLength]number{{n: k[0] >> 32}, {n: k[0] & (releaseLimit - 1)}, {n: k[1] >> 32}, {n: k[1] & (releaseLimit - 1)}}
	p := parts{
		release: buf[:k[2]&lengthMask],
		pre:     preRank(k[2] >> preRankShift),
		preNum:  number{n: k[2] >> preNumShift & (preNumLimit - 1)},
		after:   k[2]&afterBit != 0,
	}
	if p.pre == preDevOnly {
		p.pre = preNone
	}
	switch post := v.packedPost(); post {
	case postNone:
	case postMax:
		p.allPosts = true
	default:
		p.hasPost, p.post = true, number{n: post - 1}
	}
	if dev := v.packedDev(); dev != devNone {
		p.hasDev, p.dev = true, number{n: dev}
	}
	return p
}

// pack returns the packed form of p, and whether p has one.
func (p *parts) pack() (Version, bool) {
	var release [packedLength]uint64
	length := len(p.release)
	if !p.epoch.isZero() || len(p.local) > 0 || length > packedLength ||
		!p.preNum.below(preNumLimit) || !p.post.below(postMax-1) || !p.dev.below(devNone) {
		return Version{}, false
	}
	for i, n := range p.release {
		if !n.below(releaseLimit) {
			return Version{}, false
		}
		release[i] = n.n
	}
	post, dev := uint64(postNone), uint64(devNone)
	switch {
	case p.allPosts:
		post = postMax
	case p.hasPost:
		post = p.post.n + 1
	}
	if p.hasDev {
		dev = p.dev.n
	}
	suffix := uint64(p.rank())<<preRankShift | p.preNum.n<<preNumShift | post<<postShift | dev<<devShift | uint64(length)
	if p.after {
		suffix |= afterBit
	}
	return Version{key: [3]uint64{release[0]<<32 | release[1], release[2]<<32 | release[3], suffix}}, true
}
