package resolver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// entry is a project in one search.
type entry struct {
	*project
	// versions replaces the project's: with what is installed and direct.
	versions []*version
	indexed  int32
	// unexpanded if the index was not asked, because an installed version may
	// do. The versions are then that one and a stand-in for all others.
	unexpanded bool
	// rank has the places of the versions, best first; weights are those by which
	// they are, nil if all are alike.
	rank    []int32
	weights []int8
	// specifiers caches the versions that a specifier allows.
	specifiers map[string]indexSet
	// matched caches the same by requirement.
	matched map[*requirements.Requirement]indexSet
	// parties are all requirements on the project so far.
	parties []party
	// hiddenYanked if versions were excluded for being yanked.
	hiddenYanked bool
	// read counts the versions whose metadata was asked for, batches the times
	// when those of the next were asked for together.
	read, batches int
	// unbuildable counts sdists that were no way out; built marks the others.
	unbuildable int
	built       indexSet
	// early and late are for projects in conflicts; see Priority.
	early, late bool
}

// party is a requirement on a project.
type party struct {
	by         handle
	versions   indexSet // of by
	set        indexSet // of the project
	prerelease bool     // names a pre-release
	// why is the requirement; constraint is set instead if it is one.
	why        *dependency
	constraint *Constraint
}

// entry returns the project, asking for its versions if need be.
func (s *search) entry(ctx context.Context, name string) (*entry, error) {
	if e := s.projects[name]; e != nil {
		return e, nil
	}
	in, installed := s.installed(name)
	e := &entry{specifiers: map[string]indexSet{}, matched: map[*requirements.Requirement]indexSet{}}
	switch {
	case s.only[name]:
		e.project = s.bare(name)
	case installed && s.keepsInstalled(name) && !s.lore.expanded[name]:
		e.project = s.bare(name)
		e.unexpanded = true
		e.versions = []*version{s.newVersion(&version{number: in.Version, installed: &in}), s.newVersion(&version{standIn: true})}
	default:
		p, err := s.listing(name, true).wait(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the versions of %q: %w", name, err)
		}
		e.project, e.versions = p, p.versions
		if installed {
			e.insertInstalled(s.newVersion(&version{number: in.Version, installed: &in}))
		}
	}
	e.indexed = int32(len(e.versions))
	if files := s.lore.direct[name]; len(files) > 0 {
		e.versions = slices.Clone(e.versions)
		for _, f := range files {
			e.addDirect(s.newVersion(&version{number: f.Version, url: f.URL, given: []*File{f}}), s)
		}
	}
	s.order(e)
	s.projects[name] = e
	return e, nil
}

// insertInstalled puts the installed version among the others, in place of the
// index's version of that number.
func (e *entry) insertInstalled(v *version) {
	e.versions = slices.Clone(e.versions)
	i, found := slices.BinarySearchFunc(e.versions, v.number, func(v *version, n pep440.Version) int {
		return v.number.Compare(n)
	})
	if found {
		e.versions[i] = v
	} else {
		e.versions = slices.Insert(e.versions, i, v)
	}
}

// addDirect adds a direct file. Files of one version that the user gives for
// different hosts (one wheel for each slice) make one version together.
func (e *entry) addDirect(v *version, s *search) {
	for i := int(e.indexed); i < len(e.versions) && s.only[e.name]; i++ {
		old := e.versions[i]
		if old.number.Equal(v.number) && s.complement(old.given, v.given[0]) {
			e.versions[i] = s.newVersion(&version{number: v.number, url: old.url, given: append(slices.Clone(old.given), v.given...)})
			return
		}
	}
	e.versions = append(e.versions, v)
}

// complement reports whether f is for hosts that none of files is for.
func (w *world) complement(files []*File, f *File) bool {
	if f.Wheel == nil {
		return false
	}
	some := false
	for _, h := range w.hosts {
		if _, ok := h.BestRank(*f.Wheel); !ok {
			continue
		}
		some = true
		for _, g := range files {
			if g.Wheel == nil {
				return false
			}
			if _, ok := h.BestRank(*g.Wheel); ok {
				return false
			}
		}
	}
	return some
}

// all is the set of every version, with direct files.
func (e *entry) all() indexSet { return upTo(len(e.versions)) }

// matching is the set of versions that a requirement allows.
func (e *entry) matching(r *requirements.Requirement) indexSet {
	set, ok := e.matched[r]
	if !ok {
		set = e.match(r.Specifiers)
		e.matched[r] = set
	}
	return set
}

// match is the set of versions that a specifier allows.
func (e *entry) match(spec pep440.Specifiers) indexSet {
	if spec.Empty() {
		return e.all()
	}
	key := spec.String()
	if set, ok := e.specifiers[key]; ok {
		return set
	}
	contains := spec.Set().Contains
	if strings.Contains(key, "===") {
		contains = spec.Contains // compares texts, which no set of versions does
	}
	var set indexSet
	for i, v := range e.versions {
		if v.standIn || contains(v.number) {
			set.add(interval{int32(i), int32(i) + 1})
		}
	}
	e.specifiers[key] = set
	return set
}

// direct is the set of the version that the file at url belongs to.
func (e *entry) direct(url string) indexSet {
	for i, v := range e.versions {
		if slices.ContainsFunc(v.given, func(f *File) bool { return f.URL == url && url != "" }) {
			return single(int32(i))
		}
	}
	return indexSet{}
}

// verdict says what version i means for host h.
func (s *search) verdict(e *entry, i int32, h int) *verdict {
	return s.judged(e.project, e.versions[i], h)
}

// note remembers the versions that a requirement pins, which makes them
// eligible though they are yanked, and reports whether they are news.
func (s *search) note(e *entry, spec pep440.Specifiers, set indexSet) (fresh bool) {
	if !isPinned(spec) {
		return false
	}
	set.descend(func(i int32) bool {
		if v := e.versions[i]; v.installed == nil && !v.standIn {
			key := v.number.Key()
			if s.lore.yanked[e.name] == nil {
				s.lore.yanked[e.name] = pins{}
			}
			fresh = fresh || !s.lore.yanked[e.name][key]
			s.lore.yanked[e.name][key] = true
		}
		return true
	})
	return fresh
}

// isPinned reports whether some clause names one version, as pip has it.
func isPinned(spec pep440.Specifiers) bool {
	for _, c := range spec.Clauses() {
		if c.Op == "===" || c.Op == "==" && !strings.HasSuffix(c.Version, ".*") {
			return true
		}
	}
	return false
}
