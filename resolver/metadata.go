package resolver

import (
	"fmt"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// metadata is the core metadata of one file, parsed.
type metadata struct {
	raw      *Metadata
	requires []requirements.Requirement
	// keys are the normalised names of requires.
	keys     []string
	provides map[string]bool
	// unusable says why the version must be passed over; "" if it need not.
	unusable string
}

// Bounds on what metadata may ask of the resolver; far above anything real.
const (
	maxRequires  = 4096
	maxRequire   = 16 << 10
	maxProvides  = 4096
	maxNameBytes = 512
)

// parseMetadata reads what decides. A mistake in it makes the version
// ineligible, as in pip.
func parseMetadata(raw *Metadata, project string, f *File) *metadata {
	m := &metadata{raw: raw}
	bad := func(format string, args ...any) *metadata {
		m.unusable = fmt.Sprintf(format, args...)
		return m
	}
	if f != nil {
		if len(raw.Name) > maxNameBytes || project != "" && requirements.NormalizeName(raw.Name) != project {
			return bad("its metadata is of %.80q", raw.Name)
		}
		v, err := pep440.Parse(raw.Version)
		if err != nil || !f.Version.IsZero() && !v.Equal(f.Version) {
			return bad("its metadata says version %.80q", raw.Version)
		}
	}
	if len(raw.RequiresDist) > maxRequires || len(raw.ProvidesExtra) > maxProvides {
		return bad("its metadata has %d requirements and %d extras", len(raw.RequiresDist), len(raw.ProvidesExtra))
	}
	m.requires = make([]requirements.Requirement, 0, len(raw.RequiresDist))
	m.keys = make([]string, 0, len(raw.RequiresDist))
	for _, s := range raw.RequiresDist {
		if len(s) > maxRequire {
			return bad("its metadata has a requirement of %d bytes", len(s))
		}
		r, err := requirements.Parse(s)
		if err != nil {
			return bad("its metadata has the invalid requirement %.120q", s)
		}
		m.requires = append(m.requires, r)
		m.keys = append(m.keys, r.Key())
	}
	if len(raw.ProvidesExtra) > 0 {
		m.provides = make(map[string]bool, len(raw.ProvidesExtra))
		for _, extra := range raw.ProvidesExtra {
			m.provides[requirements.NormalizeName(extra)] = true
		}
	}
	return m
}

// needs are the places of the requirements that count in env: without extra
// those of the project itself, with one those that it adds. undefined is a
// requirement whose marker asks for a variable that does not exist; the version
// is then ineligible.
func (m *metadata) needs(env requirements.Environment, extra string) (places []int, undefined *requirements.Requirement) {
	if extra != "" && !m.provides[extra] {
		return nil, nil
	}
	for i := range m.requires {
		marker := m.requires[i].Marker
		if marker.IsZero() {
			if extra == "" {
				places = append(places, i)
			}
			continue
		}
		plain := marker.Evaluate(env)
		if plain.Undefined != "" {
			return nil, &m.requires[i]
		}
		holds := plain.Holds
		if extra != "" {
			holds = !holds && marker.Evaluate(env, extra).Holds
		}
		if holds {
			places = append(places, i)
		}
	}
	return places, nil
}
