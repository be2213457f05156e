package pylock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// Host is what a selection has to know of the host.
type Host interface {
	Environment() requirements.Environment
	// AcceptsPython reports whether the host's Python meets a specifier.
	AcceptsPython(pep440.Specifiers) bool
}

// Choice says which of the optional parts of a lock are wanted.
type Choice struct {
	// Extras are normalised names.
	Extras []string
	// Groups to install, besides the default groups if Default is set.
	Groups  []string
	Default bool
}

// Selection is what of a lock is to be installed on a host.
type Selection struct {
	Packages []*Package
	// Unknown names, for each marker variable whose value is not known for the
	// host, the packages whose presence depends on it; "" stands for the lock
	// as a whole.
	Unknown map[string][]string
	// Undeclared are the extras and groups that were asked for and that the
	// lock does not have.
	Undeclared []string
}

// SelectError says why a lock file cannot be installed on a host.
type SelectError struct {
	// Package is the name of the entry at fault, empty for the lock as a whole.
	Package string
	// Reason is a clause: "is for Python >=3.12, the host has 3.11.0".
	Reason string
}

func (e *SelectError) Error() string {
	if e.Package == "" {
		return "the lock file " + e.Reason
	}
	return fmt.Sprintf("package %q %s", e.Package, e.Reason)
}

// Select follows the steps of the specification ("Installation"): it checks the
// lock against the host and returns the packages whose markers hold, in the
// order of the file. Which file of a package fits is not decided here. Errors
// are *SelectError.
func (l *Lock) Select(h Host, choice Choice) (*Selection, error) {
	env := h.Environment()
	s := &Selection{Unknown: map[string][]string{}, Undeclared: l.undeclared(choice)}
	if !h.AcceptsPython(l.RequiresPython) {
		return nil, &SelectError{Reason: otherPython(l.RequiresPython, env)}
	}
	if err := l.checkEnvironments(env, s); err != nil {
		return nil, err
	}
	groups := choice.Groups
	if choice.Default {
		groups = slices.Concat(groups, l.DefaultGroups)
	}
	seen := map[string]bool{}
	for i := range l.Packages {
		p := &l.Packages[i]
		d := p.Marker.EvaluateLock(env, choice.Extras, groups)
		s.depends(d, p.Name)
		switch {
		case d.Undefined != "":
			return nil, &SelectError{p.Name, fmt.Sprintf("has the marker '%s', in which %s has no meaning", p.Marker, d.Undefined)}
		case !d.Holds:
		case !h.AcceptsPython(p.RequiresPython):
			return nil, &SelectError{p.Name, otherPython(p.RequiresPython, env)}
		case seen[p.Name]:
			return nil, &SelectError{p.Name, "has several entries whose markers all hold for the host: it is not clear which one is meant"}
		default:
			seen[p.Name] = true
			s.Packages = append(s.Packages, p)
		}
	}
	return s, nil
}

func (s *Selection) depends(d requirements.Decision, name string) {
	for _, variable := range d.Unknown {
		s.Unknown[variable] = append(s.Unknown[variable], name)
	}
}

func otherPython(wanted pep440.Specifiers, env requirements.Environment) string {
	has, _ := env.Get("python_full_version")
	return fmt.Sprintf("is for Python %s, the host has %s", wanted, has.Text)
}

// checkEnvironments demands that one of the environments is the host's.
func (l *Lock) checkEnvironments(env requirements.Environment, s *Selection) error {
	if len(l.Environments) == 0 {
		return nil
	}
	var texts []string
	for _, m := range l.Environments {
		d := m.Evaluate(env)
		if d.Holds && d.Undefined == "" {
			s.depends(d, "")
			return nil
		}
		texts = append(texts, "'"+m.String()+"'")
	}
	return &SelectError{Reason: "is not for this host: it is for " + strings.Join(texts, " or ")}
}

// undeclared lists what is asked for and not there.
func (l *Lock) undeclared(choice Choice) (out []string) {
	for _, name := range choice.Extras {
		if !slices.Contains(l.Extras, name) {
			out = append(out, fmt.Sprintf("extra '%s'", name))
		}
	}
	has := map[string]bool{}
	for _, name := range slices.Concat(l.Groups, l.DefaultGroups) {
		has[requirements.NormalizeName(name)] = true
	}
	for _, name := range choice.Groups {
		if !has[requirements.NormalizeName(name)] {
			out = append(out, fmt.Sprintf("dependency group '%s'", name))
		}
	}
	return out
}
