package resolver

import (
	"cmp"
	"slices"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
)

// unknownMarkers collects requirements whose markers depend on values that are
// not known for a host.
type unknownMarkers map[unknownKey]map[string]bool

type unknownKey struct {
	variable string
	host     int
}

// note looks at the marker of one requirement.
func (u unknownMarkers) note(r *requirements.Requirement, env requirements.Environment, h int, extras []string) {
	if r.Marker.IsZero() {
		return
	}
	for _, variable := range r.Marker.Evaluate(env, extras...).Unknown {
		key := unknownKey{variable, h}
		if u[key] == nil {
			u[key] = map[string]bool{}
		}
		u[key][r.String()] = true
	}
}

// warnings says for each variable what was taken, and what asked.
func (u unknownMarkers) warnings(hosts []*host.Host) (list []Warning) {
	keys := make([]unknownKey, 0, len(u))
	for key := range u {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b unknownKey) int {
		return cmp.Or(cmp.Compare(a.variable, b.variable), cmp.Compare(a.host, b.host))
	})
	for _, key := range keys {
		value, _ := hosts[key.host].Environment().Get(key.variable)
		w := Warning{Kind: UnknownMarker, Subject: key.variable, Default: value.Text}
		if n := len(list); n > 0 && list[n-1].Subject == w.Subject && list[n-1].Default == w.Default {
			w = list[n-1]
			list = list[:n-1]
		}
		for r := range u[key] {
			w.Requirements = append(w.Requirements, r)
		}
		slices.Sort(w.Requirements)
		w.Requirements = slices.Compact(w.Requirements)
		list = append(list, w)
	}
	return list
}
