package resolver

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// concurrency bounds the questions to the Source that are open at a time.
const concurrency = 48

// world is what a resolution knows beside its search: the request, and the
// answers of the Source. It outlives a search that has to begin again, and is
// safe for concurrent use.
type world struct {
	request     *Request
	hosts       []*host.Host
	source      Source
	constraints map[string][]*Constraint
	hashes      map[string]hashes
	// roots are the user's requirements that count on some host.
	roots []root
	// named are the projects that the user named, only those of which a path
	// or URL of the user's is the only version.
	named, only map[string]bool

	// files are the direct ones of roots and constraints.
	files map[any]*File

	// heard are the answers that a search has waited for. Only searches, of
	// which there is one at a time, use it.
	heard map[readKey]*metadata

	ctx context.Context
	// pool asks the questions and goes ahead of the search.
	pool *pool

	parser parser

	mu       sync.Mutex
	listings map[string]*future[*project]
	metadata map[readKey]*future[*metadata]
	ahead    map[aheadKey]bool
	// pythons caches Requires-Python decisions.
	pythons map[pythonKey]bool
}

type pythonKey struct {
	host int
	spec string
}

func newWorld(ctx context.Context, r *Request, src Source) (*world, error) {
	w := &world{
		request: r, hosts: r.Hosts, source: src, ctx: ctx,
		constraints: map[string][]*Constraint{},
		hashes:      map[string]hashes{},
		named:       map[string]bool{},
		only:        map[string]bool{},
		files:       map[any]*File{},
		heard:       map[readKey]*metadata{},
		pool:        newPool(concurrency),
		listings:    map[string]*future[*project]{},
		metadata:    map[readKey]*future[*metadata]{},
		ahead:       map[aheadKey]bool{},
		pythons:     map[pythonKey]bool{},
	}
	if len(r.Hosts) == 0 {
		return nil, errors.New("resolving without a host")
	}
	for i := range r.Constraints {
		c := &r.Constraints[i]
		if c.Requirement.Name == "" {
			return nil, fmt.Errorf("reading constraint %q: unnamed requirements are not allowed as constraints", c.Origin)
		}
		if len(c.Requirement.Extras) > 0 {
			return nil, fmt.Errorf("reading constraint %q: constraints cannot have extras", c.Requirement.String())
		}
		key := c.Requirement.Key()
		w.constraints[key] = append(w.constraints[key], c)
	}
	return w, nil
}

// acceptsPython says whether a host's Python satisfies a Requires-Python. One
// that cannot be parsed is as good as none, as in pip.
func (w *world) acceptsPython(h int, spec string) bool {
	if spec == "" || w.request.Policy.IgnoreRequiresPython {
		return true
	}
	key := pythonKey{h, spec}
	w.mu.Lock()
	defer w.mu.Unlock()
	ok, known := w.pythons[key]
	if !known {
		parsed, err := pep440.ParseSpecifiers(spec)
		ok = err != nil || w.hosts[h].AcceptsPython(parsed)
		w.pythons[key] = ok
	}
	return ok
}

// keepsInstalled reports whether an installed version of the project is kept
// as long as it satisfies the requirements.
func (w *world) keepsInstalled(name string) bool {
	switch w.request.Policy.Upgrade {
	case Eager:
		return false
	case OnlyIfNeeded:
		return !w.named[name]
	}
	return true
}

// installed is what the host prefix holds of a project and may go on holding.
func (w *world) installed(name string) (Installed, bool) {
	if w.request.Policy.ForceReinstall {
		return Installed{}, false
	}
	in, ok := w.request.Installed[name]
	return in, ok && !in.Version.IsZero() && in.Metadata != nil
}

// listing asks for the versions of a project, once.
func (w *world) listing(name string, urgent bool) *future[*project] {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.listings[name]
	if f == nil {
		f = start(w, urgent, func() (*project, error) { return w.list(name) })
		w.listings[name] = f
	} else if urgent {
		hurry(w, f)
	}
	return f
}

func (w *world) list(name string) (*project, error) {
	listing, err := w.source.Listing(w.ctx, name)
	var missing *NotFoundError
	switch {
	case errors.As(err, &missing):
		p := w.bare(name)
		p.notFound = missing
		return p, nil
	case err != nil:
		return nil, err
	}
	p := w.build(name, listing)
	if listing.Undated() {
		err = w.checkUploadTimes(p)
	}
	return p, err
}

// checkUploadTimes refuses an index that does not say what it must be asked.
func (w *world) checkUploadTimes(p *project) error {
	limit := w.request.Policy.UploadedPriorTo
	if limit.IsZero() {
		return nil
	}
	for _, v := range p.versions {
		for _, f := range v.files() {
			if !f.UploadTime.IsZero() || f.Local {
				continue
			}
			for h := range w.hosts {
				// Only a file that would otherwise do matters, as in pip.
				if f.IsWheel() && p.wheels {
					if _, ok := w.hosts[h].BestRank(*f.Wheel); !ok {
						continue
					}
				} else if f.IsWheel() || !p.sdists {
					continue
				}
				return &MissingUploadTimeError{Project: p.name, File: f.Filename, Index: f.Index, PriorTo: limit}
			}
		}
	}
	return nil
}

// readKey is a file whose metadata are asked for. The host is 0 for a wheel,
// which has the same for all.
type readKey struct {
	file *File
	host int
}

func readingOf(f *File, h int) readKey {
	if f == nil || f.IsWheel() {
		h = 0
	}
	return readKey{f, h}
}

// read asks for the metadata of a file, once; of an sdist once for each host, as
// that may mean to build it.
func (w *world) read(project string, f *File, h int, urgent bool) *future[*metadata] {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := readingOf(f, h)
	m := w.metadata[key]
	if m == nil {
		m = start(w, urgent, func() (*metadata, error) {
			raw, err := w.source.Metadata(w.ctx, *f, key.host)
			if err != nil {
				return nil, err
			}
			return w.parser.metadata(raw, project, f), nil
		})
		w.metadata[key] = m
	} else if urgent {
		hurry(w, m)
	}
	return m
}

// aheadKey is a way on which fetching ahead has gone already.
type aheadKey struct {
	project, extra string
	host           int
}

// maxAhead bounds the ways that are tried ahead of the search.
const maxAhead = 4096

// fetchAhead asks for what the search is likely to ask next: the listing of
// the project that r is about, the metadata of the wheel that would be chosen,
// and so on for what that requires. The search waits for nothing of it and
// draws no conclusion from it, so that it never depends on what came first.
func (w *world) fetchAhead(r *requirements.Requirement, name string, h int) {
	if r.URL != "" || w.only[name] {
		return
	}
	var extras []string
	take := func(extra string) {
		if key := (aheadKey{name, extra, h}); !w.ahead[key] {
			w.ahead[key] = true
			extras = append(extras, extra)
		}
	}
	w.mu.Lock()
	if len(w.ahead) < maxAhead {
		take("")
		for _, extra := range r.Extras {
			take(extra)
		}
	}
	w.mu.Unlock()
	if len(extras) == 0 {
		return
	}
	if in, ok := w.installed(name); ok && w.keepsInstalled(name) && r.Specifiers.Contains(in.Version) {
		return
	}
	listing := w.listing(name, false)
	then(w, listing, func() {
		if listing.err != nil {
			return
		}
		f := w.likely(listing.value, r.Specifiers, h)
		if f == nil {
			return
		}
		if expect := w.request.Expect; expect != nil && w.named[name] {
			expect(*f, h)
		}
		m := w.read(name, f, h, false)
		then(w, m, func() { w.goOn(m, extras, h) })
	})
}

// goOn fetches ahead what a version requires that is likely to be chosen.
func (w *world) goOn(f *future[*metadata], extras []string, h int) {
	m := f.value
	if f.err != nil || m.unusable != "" || w.request.Policy.NoDeps {
		return
	}
	for _, extra := range extras {
		needs, _ := m.needs(w.hosts[h].Environment(), extra)
		for _, k := range needs {
			w.fetchAhead(&m.requires[k].Requirement, m.requires[k].key, h)
		}
	}
}

// likely is the wheel that would be chosen if nothing else stood against it.
func (w *world) likely(p *project, s pep440.Specifiers, h int) *File {
	pre := p.pre || s.AllowsPrereleases()
	for i := int32(len(p.versions)) - 1; i >= 0; i-- {
		v := p.versions[i]
		if v.number.IsPrerelease() && !pre || !s.Contains(v.number) || !w.constraintsAllow(p.name, v.number) {
			continue
		}
		if verdict := w.judged(p, v, h); verdict.usable() && !verdict.yanked {
			if verdict.file.IsWheel() {
				return verdict.file
			}
			return nil
		}
	}
	return nil
}

func (w *world) constraintsAllow(name string, v pep440.Version) bool {
	for _, c := range w.constraints[name] {
		if !c.Requirement.Specifiers.Contains(v) {
			return false
		}
	}
	return true
}
