package resolver

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/xpip/xpip/requirements/pep440"
)

// project is what the index has of one project: its versions, oldest first.
type project struct {
	name     string
	versions []*version
	// notFound is the index's answer for a project that does not exist.
	notFound *NotFoundError

	wheels, sdists bool // formats that the policy allows
	pre, final     bool // --all-releases and --only-final for the project
	hashes         hashes
	preferred      pep440.Version
}

// version is one version of a project, or one direct file.
type version struct {
	number pep440.Version
	// listing has the files, at place; nil if the version is not of the index.
	// They are made when they are first asked for.
	listing Listing
	place   int
	ask     sync.Once
	made    []*File
	// given are the direct files, url that of the first.
	given     []*File
	url       string
	installed *Installed
	// standIn for all the versions of an unexpanded project.
	standIn bool
	// perHost is the verdict for each host; made when needed. Fetching ahead
	// asks for it at the same time as the search, and both come to the same.
	perHost []atomic.Pointer[verdict]
}

// verdict is what a version means for one host.
type verdict struct {
	// file to use. There is none if reason is not fits, and none is needed if
	// the version is installed.
	file   *File
	rank   int // of the wheel's best tag; -1 for an sdist
	reason reason
	// yanked if only yanked files would do.
	yanked bool
	// best is the file that comes nearest, for reports; may be nil.
	best *File
}

// usable reports whether there is something to install.
func (v *verdict) usable() bool { return v.reason == fits }

// reason groups versions that cannot be used.
type reason uint8

const (
	fits reason = iota
	noFiles
	onlySource // there are only sdists, and those are not allowed
	otherTags
	otherPython
	onlyWheels    // wheels would fit, and are not allowed
	uploadedLater // hidden by the limit of upload time
)

// files are the files of a version, each of which can be told by its address.
func (v *version) files() []*File {
	if v.listing == nil {
		return v.given
	}
	v.ask.Do(func() {
		list := v.listing.Files(v.place)
		v.made = make([]*File, len(list))
		for i := range list {
			v.made[i] = &list[i]
		}
	})
	return v.made
}

// build makes the list of versions from the listing.
func (w *world) build(name string, l Listing) *project {
	p := w.bare(name)
	pool := make([]version, l.Len())
	p.versions = make([]*version, len(pool))
	verdicts := make([]atomic.Pointer[verdict], len(pool)*len(w.hosts))
	for i := range pool {
		v := &pool[i]
		v.number, v.listing, v.place = l.Version(i), l, i
		v.perHost, verdicts = verdicts[:len(w.hosts):len(w.hosts)], verdicts[len(w.hosts):]
		p.versions[i] = v
	}
	return p
}

// newVersion completes a version that is not of the index.
func (w *world) newVersion(v *version) *version {
	v.perHost = make([]atomic.Pointer[verdict], len(w.hosts))
	return v
}

// bare is a project without versions.
func (w *world) bare(name string) *project {
	p := &project{name: name, hashes: w.hashes[name], preferred: w.request.Preferred[name]}
	policy := &w.request.Policy
	p.wheels, p.sdists = policy.Formats.Allows(name)
	p.pre, p.final = policy.Releases.Prereleases(name)
	return p
}

// judged says what a version of a project means for host h.
func (w *world) judged(p *project, v *version, h int) *verdict {
	known := v.perHost[h].Load()
	if known == nil {
		known = w.judge(p, v, h)
		v.perHost[h].Store(known)
	}
	return known
}

// judge chooses the file of a version for a host: hashes the user allows
// first, files that are not yanked, then the wheel of the best tag and the
// highest build tag, then an sdist.
func (w *world) judge(p *project, v *version, h int) *verdict {
	best := &verdict{rank: -1, reason: noFiles}
	if v.installed != nil {
		best.reason = fits
		return best
	}
	for _, f := range v.files() {
		rank, why := w.eligible(p, f, h)
		if why != fits {
			if best.file == nil && (best.best == nil || why > best.reason) {
				best.best, best.reason = f, why
			}
			continue
		}
		if best.file == nil || w.better(p, f, rank, best) {
			best.file, best.rank, best.reason = f, rank, fits
		}
	}
	if best.file != nil {
		best.yanked, best.best = best.file.Yanked, best.file
	}
	return best
}

// eligible says whether host h could take f, and the rank of its best tag.
func (w *world) eligible(p *project, f *File, h int) (rank int, why reason) {
	rank = -1
	if f.IsWheel() {
		if !p.wheels && f.URL == "" {
			return rank, onlyWheels
		}
		var ok bool
		if rank, ok = w.hosts[h].BestRank(*f.Wheel); !ok {
			return -1, otherTags
		}
	} else if !p.sdists && f.URL == "" {
		return rank, onlySource
	}
	if limit := w.request.Policy.UploadedPriorTo; !limit.IsZero() && !f.Local && f.URL == "" && !f.UploadTime.Before(limit) {
		return rank, uploadedLater
	}
	if !w.acceptsPython(h, f.RequiresPython) {
		return rank, otherPython
	}
	return rank, fits
}

// better reports whether f is to be preferred to the file of best. Of equals
// the later one is, as in pip.
func (w *world) better(p *project, f *File, rank int, best *verdict) bool {
	g := best.file
	if a, b := p.hashes.allow(f), p.hashes.allow(g); a != b {
		return a
	}
	if f.Yanked != g.Yanked {
		return !f.Yanked
	}
	if f.IsWheel() != g.IsWheel() {
		return f.IsWheel()
	}
	if !f.IsWheel() {
		return sdistRank(f) >= sdistRank(g)
	}
	if c := cmp.Compare(best.rank, rank); c != 0 {
		return c > 0
	}
	return f.Wheel.Build.Compare(g.Wheel.Build) >= 0
}

// sdistRank prefers the standard format of sdists (PEP 625) to older ones.
func sdistRank(f *File) int {
	if strings.HasSuffix(f.Filename, ".tar.gz") {
		return 1
	}
	return 0
}

// hashes are the digests that the user allows for a project; nil = any.
type hashes map[string][]string

// allow reports whether f is known to have an allowed hash.
func (h hashes) allow(f *File) bool {
	for algorithm, digests := range h {
		if got := f.Hashes[algorithm]; got != "" && slices.Contains(digests, strings.ToLower(got)) {
			return true
		}
	}
	return false
}

// and keeps what both allow, as pip does for several lines about one project.
func (h hashes) and(given map[string][]string) hashes {
	if len(given) == 0 {
		return h
	}
	out := hashes{}
	for algorithm, digests := range given {
		for _, d := range digests {
			d = strings.ToLower(d)
			if h == nil || slices.Contains(h[algorithm], d) {
				out[algorithm] = append(out[algorithm], d)
			}
		}
	}
	return out
}
