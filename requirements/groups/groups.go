// Package groups reads the dependency groups of a pyproject.toml (PEP 735, and
// the specification "Dependency Groups" that continues it). It refuses what
// packaging 26.3 refuses, but says where in the file it stands.
package groups

import (
	"errors"
	"fmt"
	"slices"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/tomldoc"
)

// Bounds on what is read.
const (
	// MaxFileSize is the size of a pyproject.toml, in bytes.
	MaxFileSize = 4 << 20
	// Groups that include another one twice, which does the same, and so on,
	// double with every step.
	maxRequirements = 100_000
)

// ErrNoTable is returned for a file without [dependency-groups].
var ErrNoTable = errors.New("there is no [dependency-groups] table")

// Groups are the dependency groups of a file.
type Groups struct {
	table *tomldoc.Table
	names map[string]string // as written, by normalised name
}

// Error says why a group cannot be had.
type Error struct {
	// Group is the normalised name that was asked for.
	Group string
	// Msg is the complaint, in the words of packaging.
	Msg string
}

func (e *Error) Error() string { return e.Msg }

// Parse reads the groups of a pyproject.toml. A group that nobody asks for is
// not looked into. Errors are *tomldoc.Error and ErrNoTable.
func Parse(data []byte) (*Groups, error) {
	root, err := tomldoc.Parse(data, MaxFileSize)
	if err != nil {
		return nil, err
	}
	if !root.Has("dependency-groups") {
		return nil, ErrNoTable
	}
	g := &Groups{table: root.Table("dependency-groups"), names: map[string]string{}}
	if err := root.Err(); err != nil {
		return nil, err
	}
	for _, name := range g.table.Keys() {
		key := requirements.NormalizeName(name)
		if other, twice := g.names[key]; twice {
			g.table.Fail(name, fmt.Sprintf("Duplicate dependency group names: %s (%s, %s)", key, other, name), nil)
		}
		g.names[key] = name
	}
	return g, g.table.Err()
}

// Resolve returns the requirements of a group, those of included groups in the
// place of what includes them. Errors are *Error, and *tomldoc.Error for what
// is wrong in the file.
func (g *Groups) Resolve(name string) ([]requirements.Requirement, error) {
	r := resolution{Groups: g, asked: requirements.NormalizeName(name), done: map[string][]requirements.Requirement{}}
	return r.group(r.asked, nil)
}

// resolution is the answer to one question.
type resolution struct {
	*Groups
	asked string
	done  map[string][]requirements.Requirement
}

func (r *resolution) fail(format string, args ...any) error {
	return &Error{Group: r.asked, Msg: fmt.Sprintf(format, args...)}
}

// group resolves the group of a normalised name; chain is what led to it.
func (r *resolution) group(key string, chain []string) ([]requirements.Requirement, error) {
	if all, ok := r.done[key]; ok {
		return all, nil
	}
	written, ok := r.names[key]
	if !ok {
		return nil, r.fail("Dependency group '%s' not found", key)
	}
	chain = append(slices.Clip(chain), key)
	var all []requirements.Requirement
	for i, item := range r.table.Items(written) {
		switch {
		case item.Table != nil:
			included, err := r.include(written, i, item.Table, chain)
			if err != nil {
				return nil, err
			}
			all = append(all, included...)
		case item.Kind != "":
			r.table.FailAt(written, i, "Invalid dependency group item: it is "+item.Kind, nil)
		default:
			one, err := requirements.Parse(item.Text)
			if err == nil {
				err = one.Marker.Validate()
			}
			if err != nil {
				r.table.FailAt(written, i, "it is not a valid requirement", err)
			}
			all = append(all, one)
		}
		if err := r.table.Err(); err != nil {
			return nil, err
		}
		if len(all) > maxRequirements {
			return nil, r.fail("Dependency group '%s' has more than %d requirements", key, maxRequirements)
		}
	}
	if err := r.table.Err(); err != nil {
		return nil, err
	}
	r.done[key] = all
	return all, nil
}

// include resolves {include-group = "name"}, which stands at place i.
func (r *resolution) include(written string, i int, item *tomldoc.Table, chain []string) ([]requirements.Requirement, error) {
	if keys := item.Keys(); len(keys) != 1 || keys[0] != "include-group" {
		r.table.FailAt(written, i, "Invalid dependency group item: a table has include-group and nothing else", nil)
		return nil, r.table.Err()
	}
	name := item.String("include-group")
	if err := r.table.Err(); err != nil {
		return nil, err
	}
	from, to := chain[len(chain)-1], requirements.NormalizeName(name)
	switch {
	case from == to:
		return nil, r.fail("Cyclic dependency group include while resolving %s: %s includes itself", r.asked, from)
	case slices.Contains(chain, to):
		return nil, r.fail("Cyclic dependency group include while resolving %s: %s -> %s, %s -> %s", r.asked, name, from, from, name)
	}
	return r.group(to, chain)
}
