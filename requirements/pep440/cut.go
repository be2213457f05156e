package pep440

// A cut is a place between versions: it parts all versions into those below it
// and those above. Cuts have the type and the order of versions. A Version V
// taken as a cut stands just below V; two more kinds are versions that no text
// parses to:
//
//   - after(V), just above V and below every V+local;
//   - afterPosts(V) of a final release V, above V and all its post-releases.
//
// So version v is above cut c when c.Compare(v) <= 0, and
//
//	V  <  after(V)  <  V+local…  <  afterLocals(V)  <  V.post0.dev0…  <  afterPosts(V)
//
// Each place between versions has one cut only. afterLocals, where "==V" ends,
// is therefore not a kind of its own: it has a next version above it, and is
// that version taken as a cut (V.post0.dev0, or V.post2.dev0 for V.post1, or
// V.dev2 for V.dev1). The same goes for afterPosts of a pre-release: what
// follows the posts of 1.0a1 is 1.0a2.dev0. No other two cuts have no version
// between them: above V and above V+local there are ever smaller labels, above
// the posts of 1.0 there is 1.0.0…1 with ever more zeros.
//
// The lowest version, 0.dev0, taken as a cut has nothing below it.
var lowest = MustParse("0.dev0")

func after(v Version) Version {
	var buf [packedLength]number
	p := v.parts(&buf)
	p.after = true
	return p.version()
}

func afterLocals(v Version) Version {
	var buf [packedLength]number
	p := v.parts(&buf)
	p.local = nil
	switch {
	case p.hasDev:
		p.dev = p.dev.next()
		return p.version()
	case p.hasPost:
		p.post = p.post.next()
	default:
		p.hasPost = true
	}
	p.hasDev = true
	return p.version()
}

// afterPosts is for versions with neither post nor dev segment.
func afterPosts(v Version) Version {
	var buf [packedLength]number
	p := v.parts(&buf)
	p.local = nil
	if p.pre == preNone {
		p.allPosts = true
		return p.version()
	}
	p.preNum, p.hasDev = p.preNum.next(), true
	return p.version()
}

// firstDev is V.dev0.
func firstDev(v Version) Version {
	var buf [packedLength]number
	p := v.parts(&buf)
	p.hasDev, p.dev, p.local = true, number{}, nil
	return p.version()
}

// releaseDev is the first of all versions that start with the first n release
// numbers of v, the last of them raised by raise, 0 or 1.
func releaseDev(v Version, n, raise int) Version {
	var buf, changed [packedLength]number
	p := v.parts(&buf)
	release := append(changed[:0], p.release[:n]...)
	if raise > 0 {
		release[n-1] = release[n-1].next()
	}
	p = parts{epoch: p.epoch, release: release, pre: preNone, hasDev: true}
	return p.version()
}
