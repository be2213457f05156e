package resolver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver/pubgrub"
)

// root is a requirement of the user that counts.
type root struct {
	*Root
	name string
	// on says for each host whether the marker holds.
	on []bool
}

// readRoots decides the markers of the user's requirements and finds out what
// the paths and URLs among them, and among the constraints, are.
func (w *world) readRoots(ctx context.Context, l *lore) (ignored []Warning, err error) {
	for i := range w.request.Roots {
		r := root{Root: &w.request.Roots[i], on: make([]bool, len(w.hosts))}
		some := false
		for h := range w.hosts {
			if r.on[h], err = holds(r.Requirement, w.hosts[h].Environment()); err != nil {
				return nil, err
			}
			some = some || r.on[h]
		}
		if !some {
			ignored = append(ignored, Warning{
				Kind: IgnoredRoot, Project: r.Requirement.Key(), Subject: r.Requirement.Name, Detail: r.Requirement.Marker.String(),
			})
			continue
		}
		r.name = r.Requirement.Key()
		if r.Direct != nil || r.Requirement.URL != "" {
			var f *File
			if r.name, f, err = w.identify(ctx, r.Requirement, r.Direct, i); err != nil {
				return nil, fmt.Errorf("looking at %s: %w", describe(r.Requirement, r.Direct), err)
			}
			named := *r.Root
			named.Requirement.Name = r.name
			if r.Requirement.Name != "" {
				named.Requirement.Name = r.Requirement.Name
			}
			r.Root = &named
			w.addDirect(l, r.Root, r.Requirement.URL, r.name, f)
		}
		w.named[r.name] = true
		w.hashes[r.name] = w.hashes[r.name].and(r.Hashes)
		w.roots = append(w.roots, r)
	}
	return ignored, w.readConstraints(ctx, l)
}

func (w *world) readConstraints(ctx context.Context, l *lore) error {
	for name, list := range w.constraints {
		counting := list[:0:0]
		for i, c := range list {
			some := false
			for h := range w.hosts {
				on, err := holds(c.Requirement, w.hosts[h].Environment())
				if err != nil {
					return err
				}
				some = some || on
			}
			if !some {
				continue
			}
			counting = append(counting, c)
			w.hashes[name] = w.hashes[name].and(c.Hashes)
			if c.Direct == nil && c.Requirement.URL == "" {
				continue
			}
			_, f, err := w.identify(ctx, c.Requirement, c.Direct, len(w.request.Roots)+i)
			if err != nil {
				return fmt.Errorf("looking at constraint %s: %w", describe(c.Requirement, c.Direct), err)
			}
			w.addDirect(l, c, c.Requirement.URL, name, f)
		}
		w.constraints[name] = counting
	}
	return nil
}

func describe(r requirements.Requirement, f *File) string {
	if f != nil {
		return fmt.Sprintf("%q", f.Filename)
	}
	return fmt.Sprintf("%q", r.Name)
}

// holds decides the marker of a requirement of the user.
func holds(r requirements.Requirement, env requirements.Environment) (bool, error) {
	d := r.Marker.Evaluate(env)
	if d.Undefined != "" {
		return false, fmt.Errorf("deciding the marker of %q: %q is not defined", r.Name, d.Undefined)
	}
	return d.Holds, nil
}

// addDirect makes f the version of its project that the user means.
func (w *world) addDirect(l *lore, asked any, url, name string, f *File) {
	w.only[name] = true
	w.files[asked] = l.addDirect(url, name, f)
}

// addDirect remembers f under the URL by which a requirement names it.
func (l *lore) addDirect(url, name string, f *File) *File {
	i := slices.IndexFunc(l.direct[name], func(known *File) bool { return known.URL == f.URL })
	if i < 0 {
		l.direct[name] = append(l.direct[name], f)
	} else {
		f = l.direct[name][i]
	}
	if url != "" {
		l.byURL[url] = f
	}
	return f
}

// identify finds the project and version of a direct file. n makes the file
// distinct if it has no URL.
func (w *world) identify(ctx context.Context, r requirements.Requirement, given *File, n int) (name string, f *File, err error) {
	if given != nil {
		f = new(*given)
	} else {
		found, err := w.source.Direct(ctx, r)
		if err != nil {
			return "", nil, err
		}
		f = &found
	}
	if f.URL == "" {
		f.URL = fmt.Sprintf("direct:%d:%s", n, f.Filename)
	}
	name = r.Key()
	if f.Wheel != nil {
		if name == "" {
			name = f.Wheel.Project
		}
		if name != f.Wheel.Project {
			return "", nil, &UnusableError{File: f.Filename, Reason: fmt.Sprintf("it is a wheel of %q, not of %q", f.Wheel.Project, name)}
		}
		if f.Version.IsZero() {
			f.Version, err = pep440.Parse(f.Wheel.Version)
		}
		return name, f, err
	}
	if name != "" && !f.Version.IsZero() {
		return name, f, nil
	}
	m, err := w.read("", f, 0, true).wait(ctx)
	if err != nil {
		return "", nil, err
	}
	if m.unusable != "" {
		return "", nil, &UnusableError{File: f.Filename, Reason: m.unusable}
	}
	own := requirements.NormalizeName(m.raw.Name)
	if name != "" && name != own {
		return "", nil, &UnusableError{File: f.Filename, Reason: fmt.Sprintf("its metadata is of %.80q, not of %q", m.raw.Name, name)}
	}
	f.Version, err = pep440.Parse(m.raw.Version)
	return own, f, err
}

// unusableReason is why a file must be passed over; "" for other errors.
func unusableReason(err error) string {
	var bad *UnusableError
	var compiler *NeedsCompilerError
	switch {
	case errors.As(err, &bad):
		return bad.Reason
	case errors.As(err, &compiler):
		return compiler.Reason
	}
	return ""
}

// directFile is the file that a requirement names; nil if it names none.
func (s *search) directFile(ctx context.Context, why *dependency, name string) (*File, error) {
	if why.root != nil {
		return s.files[why.root.Root], nil
	}
	r := why.requirement
	if r.URL == "" {
		return nil, nil
	}
	if f := s.lore.byURL[r.URL]; f != nil {
		return f, nil
	}
	_, f, err := s.identify(ctx, *r, nil, 0)
	if err != nil {
		return nil, err
	}
	return s.lore.addDirect(r.URL, name, f), nil
}

// rootFacts are the user's requirements.
func (s *search) rootFacts(ctx context.Context) (facts []fact, err error) {
	for i := range s.roots {
		for h, on := range s.roots[i].on {
			if on {
				s.fetchAhead(&s.roots[i].Requirement, s.roots[i].name, h)
			}
		}
	}
	for i := range s.roots {
		r := &s.roots[i]
		for h, on := range r.on {
			if !on {
				continue
			}
			why := &dependency{requirement: &r.Requirement, root: r}
			if facts, err = s.require(ctx, facts, pubgrub.Root, single(0), h, r.name, why); err != nil {
				return nil, err
			}
		}
	}
	return facts, nil
}
