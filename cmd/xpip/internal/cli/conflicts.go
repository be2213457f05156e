package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/resolver"
)

// brokenBy says what an install leaves broken: requirements of what was
// installed, and of what had been there and needs one of these, that nothing in
// the prefix meets. Only what is asked for decides the versions, as in pip, so
// this can happen.
func brokenBy(h *host.Host, installed map[string]resolver.Installed, wheels []fetched) []string {
	all := maps.Clone(installed)
	if all == nil {
		all = map[string]resolver.Installed{}
	}
	changed := map[string]bool{}
	for i := range wheels {
		w := &wheels[i]
		all[w.Project] = resolver.Installed{Version: w.Version, Metadata: resolverMetadata(w.wheel.Metadata)}
		changed[w.Project] = true
	}
	var lines []string
	for _, project := range slices.Sorted(maps.Keys(all)) {
		var broken []string
		concerned := changed[project]
		for _, r := range dependenciesOf(all[project], h) {
			concerned = concerned || changed[r.Key()]
			has, ok := all[r.Key()]
			switch {
			case !ok:
				broken = append(broken, fmt.Sprintf("%s %s requires %s, which is not installed.", project, all[project].Version, r))
			case !r.Specifiers.Contains(has.Version):
				broken = append(broken, fmt.Sprintf("%s %s requires %s, but you have %s %s which is incompatible.",
					project, all[project].Version, r, r.Key(), has.Version))
			}
		}
		if concerned {
			lines = append(lines, broken...)
		}
	}
	return lines
}

// dependenciesOf are the requirements that count on the host with no extra
// asked for, without their markers. What cannot be read is passed over: the
// resolver has refused it, or an earlier install let it in.
func dependenciesOf(i resolver.Installed, h *host.Host) []requirements.Requirement {
	if i.Metadata == nil {
		return nil
	}
	var out []requirements.Requirement
	for _, text := range i.Metadata.RequiresDist {
		r, err := requirements.Parse(strings.TrimSpace(text))
		if err == nil && r.Marker.Evaluate(h.Environment()).Holds {
			r.Marker = requirements.Marker{}
			out = append(out, r)
		}
	}
	return out
}

// warnAbout says, in pip's words, what an install leaves broken.
func (s *session) warnAbout(broken []string) {
	if len(broken) > 0 {
		s.printer.Error("xpip's dependency resolver does not currently take into account all the packages that are installed. This behaviour is the source of the following dependency conflicts.\n%s", strings.Join(broken, "\n"))
	}
}
