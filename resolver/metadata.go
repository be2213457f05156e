package resolver

import (
	"fmt"
	"sync"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// metadata is the core metadata of one file, parsed.
type metadata struct {
	raw      *Metadata
	requires []*requires
	provides map[string]bool
	// unusable says why the version must be passed over; "" if it need not.
	unusable string
}

// requires is a requirement of metadata.
type requires struct {
	requirements.Requirement
	key string // normalised name
}

// parser parses requirements, those of one text once: versions of a project
// mostly require what the ones before did. It is safe for concurrent use.
type parser struct {
	mu    sync.Mutex
	known map[string]*requires
}

func (p *parser) parse(s string) (*requires, error) {
	p.mu.Lock()
	r := p.known[s]
	p.mu.Unlock()
	if r != nil {
		return r, nil
	}
	parsed, err := requirements.Parse(s)
	if err != nil {
		return nil, err
	}
	r = &requires{parsed, parsed.Key()}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.known[s]; first != nil {
		return first, nil // one for all, so that it can be told by its address
	}
	if p.known == nil {
		p.known = map[string]*requires{}
	}
	p.known[s] = r
	return r, nil
}

// Bounds on what metadata may ask of the resolver; far above anything real.
const (
	maxRequires  = 4096
	maxRequire   = 16 << 10
	maxProvides  = 4096
	maxNameBytes = 512
)

// metadata reads what decides. A mistake in it makes the version
// ineligible, as in pip.
func (p *parser) metadata(raw *Metadata, project string, f *File) *metadata {
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
	m.requires = make([]*requires, 0, len(raw.RequiresDist))
	for _, s := range raw.RequiresDist {
		if len(s) > maxRequire {
			return bad("its metadata has a requirement of %d bytes", len(s))
		}
		r, err := p.parse(s)
		if err != nil {
			return bad("its metadata has the invalid requirement %.120q", s)
		}
		m.requires = append(m.requires, r)
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
	for i, r := range m.requires {
		marker := r.Marker
		if marker.IsZero() {
			if extra == "" {
				places = append(places, i)
			}
			continue
		}
		plain := marker.Evaluate(env)
		if plain.Undefined != "" {
			return nil, &r.Requirement
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
