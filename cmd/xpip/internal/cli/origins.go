package cli

import (
	"fmt"
	"strings"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/resolver"
)

// tellOrigins says of what was chosen from indexes that its maintainers have
// given it up, and which of several indexes it came from: by another's name
// somebody may offer something else.
func (s *source) tellOrigins(r *resolver.Resolution) {
	var shared []string
	for i := range r.Packages {
		p := &r.Packages[i]
		f, listing := s.origin(p)
		if f == nil {
			continue
		}
		if text := status(p.Project, f, listing); text != "" {
			s.once(text)
		}
		if len(listing.Strangers) > 0 {
			shared = append(shared, fmt.Sprintf("%s: %s was taken from %s; it is also on %s",
				p.Project, p.Version, f.Index, strings.Join(without(listing.Strangers, f.Index), ", ")))
		}
	}
	advice := "If by one name there are different projects, --pin-index binds it to an index, and --index-strategy first-index keeps to the first that has it."
	switch len(shared) {
	case 0:
	case 1:
		s.once("A project is on several indexes, and the best version of all was taken. " + shared[0] + ". " + advice)
	default:
		s.once(fmt.Sprintf("%d projects are on several indexes, and the best version of all was taken. %s\n  %s", len(shared), advice, strings.Join(shared, "\n  ")))
	}
}

// origin is the file of a package, if it was listed by an index, and the listing.
func (s *source) origin(p *resolver.Package) (*index.File, *index.Listing) {
	if p.Installed || p.Direct || p.Chosen[0].File == nil {
		return nil, nil
	}
	f := fileOf(p.Chosen[0].File)
	s.mu.Lock()
	defer s.mu.Unlock()
	if listing, ok := s.listings[p.Project]; ok && f != nil {
		return f, &listing
	}
	return nil, nil
}

// status is what the index of a file says of its project, if that speaks against
// using it (PEP 792).
func status(project string, f *index.File, l *index.Listing) string {
	for _, from := range l.Sources {
		if from.Location != f.Index || !from.Project.Discouraged() {
			continue
		}
		text := fmt.Sprintf("%s is %s, says %s", project, strings.ToLower(strings.TrimSpace(from.Project.State)), from.Location)
		if from.Project.Reason != "" {
			text += ": " + ui.OneLine(from.Project.Reason)
		}
		return text
	}
	return ""
}

func without(list []string, one string) []string {
	var rest []string
	for _, s := range list {
		if s != one {
			rest = append(rest, s)
		}
	}
	return rest
}
