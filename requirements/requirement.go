package requirements

import (
	"strings"

	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/redact"
)

// Requirement is one dependency specifier (PEP 508).
type Requirement struct {
	// Name is the project's name as written.
	Name string
	// Extras are the extras asked for: normalised, sorted, each once.
	Extras []string
	// Specifiers restrict the version; empty when there is a URL.
	Specifiers pep440.Specifiers
	// URL is the direct reference of "name @ URL", else empty. It may hold
	// credentials.
	URL string
	// Marker says for which environments the requirement counts. The zero
	// Marker is always true.
	Marker Marker
}

// Shown is String without what is secret in the URL.
func (r Requirement) Shown() string {
	place, fragment, has := strings.Cut(r.URL, "#")
	r.URL = redact.URL(place)
	if has {
		r.URL += "#" + fragment
	}
	return r.String()
}

// Key returns the normalised name, under which requirements for the same
// project meet.
func (r Requirement) Key() string { return NormalizeName(r.Name) }

// String returns the requirement as packaging writes it, with the extras
// normalised. Parse reads it back as the same requirement.
func (r Requirement) String() string {
	var b strings.Builder
	b.WriteString(r.Name)
	if len(r.Extras) > 0 {
		b.WriteByte('[')
		for i, extra := range r.Extras {
			if i > 0 {
				b.WriteByte(',')
			}
			// "x_" is an extra that packaging accepts, "x-" is none.
			if name, ok := strings.CutSuffix(extra, "-"); ok {
				b.WriteString(name + "_")
			} else {
				b.WriteString(extra)
			}
		}
		b.WriteByte(']')
	}
	b.WriteString(r.Specifiers.String())
	if r.URL != "" {
		b.WriteString(" @ ")
		b.WriteString(r.URL)
		if !r.Marker.IsZero() {
			b.WriteByte(' ')
		}
	}
	if !r.Marker.IsZero() {
		b.WriteString("; ")
		b.WriteString(r.Marker.String())
	}
	return b.String()
}
