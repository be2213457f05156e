package project

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// Metadata is what resolving needs of a project.
type Metadata struct {
	Name           string
	Version        string
	RequiresPython string
	RequiresDist   []string
	ProvidesExtra  []string
	// Source tells where they were read: "PKG-INFO", "pyproject.toml" or
	// "wheel".
	Source string
}

// SameRequirements reports whether m and o require the same, however it is
// spelt.
func (m Metadata) SameRequirements(o Metadata) bool {
	canonical := func(list []string) []string {
		out := make([]string, 0, len(list))
		for _, s := range list {
			if r, err := requirements.Parse(s); err == nil {
				r.Name = r.Key()
				s = r.String()
			}
			out = append(out, s)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	mine, errMine := pep440.ParseSpecifiers(m.RequiresPython)
	others, errOthers := pep440.ParseSpecifiers(o.RequiresPython)
	samePython := m.RequiresPython == o.RequiresPython || errMine == nil && errOthers == nil && mine.Set().Equal(others.Set())
	return samePython && slices.Equal(canonical(m.RequiresDist), canonical(o.RequiresDist))
}

// MismatchError tells that an archive holds another project, or another
// version, than its file name says.
type MismatchError struct {
	// Want is "name version" of the file name, Got that of the content, which
	// Source tells.
	Want, Got, Source string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s says it is %q, but the file's name says %q", e.Source, e.Got, e.Want)
}

// StaticMetadata returns the metadata that the tree promises every wheel built
// from it will have, and whether it promises them. They come from PKG-INFO of
// metadata version 2.2 or later (PEP 643), else from [project] (PEP 621). A
// field named in Dynamic is no promise; since metadata 2.6 not even when it has
// values, as a wheel may add to them.
func (p *Project) StaticMetadata() (Metadata, bool, error) {
	raw, err := p.files.ReadFile("PKG-INFO")
	switch {
	case err == nil:
		m, err := wheel.ParseMetadata(raw)
		if err != nil {
			return Metadata{}, false, &Error{File: "PKG-INFO", Reason: "can't be read", Err: err}
		}
		if promised(m) {
			return Metadata{m.Name, m.Version, m.RequiresPython, m.RequiresDist, m.ProvidesExtra, "PKG-INFO"}, true, nil
		}
	case !errors.Is(err, fs.ErrNotExist):
		return Metadata{}, false, fmt.Errorf("reading PKG-INFO: %w", err)
	}
	m, ok := p.tableMetadata()
	return m, ok, nil
}

// RequiresPython returns the Python versions that the project says it is made
// for, promised or not; "" when it doesn't say.
func (p *Project) RequiresPython() string {
	if p.table.RequiresPython != "" {
		return p.table.RequiresPython
	}
	if m, err := wheel.ParseMetadata([]byte(p.text("PKG-INFO"))); err == nil {
		return m.RequiresPython
	}
	return ""
}

// promised reports whether a PKG-INFO speaks for the wheel about requirements.
func promised(m *wheel.Metadata) bool {
	v, err := pep440.Parse(m.MetadataVersion)
	if err != nil || v.Less(pep440.MustParse("2.2")) {
		return false
	}
	return !slices.ContainsFunc(m.Dynamic, func(field string) bool {
		switch strings.ToLower(strings.TrimSpace(field)) {
		case "requires-dist", "requires-python", "provides-extra", "requires", "name", "version":
			return true
		}
		return false
	})
}

// tableMetadata turns [project] into metadata, as a backend has to.
func (p *Project) tableMetadata() (Metadata, bool) {
	t := p.table
	dynamic := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(t.Dynamic, n) })
	}
	if !p.hasTable || t.Name == "" || t.Version == "" ||
		dynamic("version", "dependencies", "optional-dependencies", "requires-python") {
		return Metadata{}, false
	}
	m := Metadata{Name: t.Name, Version: t.Version, RequiresPython: t.RequiresPython, Source: "pyproject.toml"}
	for _, d := range t.Dependencies {
		r, err := requirements.Parse(d)
		if err != nil {
			return Metadata{}, false
		}
		m.RequiresDist = append(m.RequiresDist, r.String())
	}
	for _, extra := range slices.Sorted(maps.Keys(t.Optional)) {
		name := requirements.NormalizeName(extra)
		m.ProvidesExtra = append(m.ProvidesExtra, name)
		for _, d := range t.Optional[extra] {
			r, err := requirements.Parse(d)
			if err != nil {
				return Metadata{}, false
			}
			condition := fmt.Sprintf("extra == %q", name)
			if !r.Marker.IsZero() {
				condition = "(" + r.Marker.String() + ") and " + condition
			}
			if r.Marker, err = requirements.ParseMarker(condition); err != nil {
				return Metadata{}, false
			}
			m.RequiresDist = append(m.RequiresDist, r.String())
		}
	}
	return m, true
}

// CheckIdentity compares a name and version with those that were expected;
// empty expectations hold for everything.
func CheckIdentity(source, name, version, wantName, wantVersion string) error {
	sameName := wantName == "" || requirements.NormalizeName(name) == requirements.NormalizeName(wantName)
	sameVersion := wantVersion == "" || version == wantVersion
	if !sameVersion {
		v, err := pep440.Parse(version)
		w, wantErr := pep440.Parse(wantVersion)
		sameVersion = err == nil && wantErr == nil && v.Equal(w)
	}
	if sameName && sameVersion {
		return nil
	}
	return &MismatchError{
		Want:   strings.TrimSpace(wantName + " " + wantVersion),
		Got:    strings.TrimSpace(name + " " + version),
		Source: source,
	}
}
