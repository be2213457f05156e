package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/resolver"
)

// formatValue is --only-binary (binary) or --no-binary. Both work on one
// FormatControl, in the order in which they are given.
type formatValue struct {
	control *resolver.FormatControl
	binary  bool
}

func (v *formatValue) Set(s string) error {
	if strings.HasPrefix(s, "-") {
		return fmt.Errorf("--no-binary / --only-binary option requires 1 argument")
	}
	if v.control.NoBinary == nil {
		v.control.NoBinary, v.control.OnlyBinary = map[string]bool{}, map[string]bool{}
	}
	if v.binary {
		exclusive(s, v.control.OnlyBinary, v.control.NoBinary)
	} else {
		exclusive(s, v.control.NoBinary, v.control.OnlyBinary)
	}
	return nil
}

func (v *formatValue) String() string {
	if v.control == nil {
		return ""
	}
	if v.binary {
		return names(v.control.OnlyBinary)
	}
	return names(v.control.NoBinary)
}

func (v *formatValue) Type() string { return "names" }

// releaseValue is --all-releases (all) or --only-final.
type releaseValue struct {
	control *resolver.ReleaseControl
	all     bool
}

func (v *releaseValue) Set(s string) error {
	if strings.HasPrefix(s, "-") {
		return fmt.Errorf("--all-releases / --only-final option requires 1 argument")
	}
	if v.control.AllReleases == nil {
		v.control.AllReleases, v.control.OnlyFinal = map[string]bool{}, map[string]bool{}
	}
	if v.all {
		exclusive(s, v.control.AllReleases, v.control.OnlyFinal)
	} else {
		exclusive(s, v.control.OnlyFinal, v.control.AllReleases)
	}
	return nil
}

func (v *releaseValue) String() string {
	if v.control == nil {
		return ""
	}
	if v.all {
		return names(v.control.AllReleases)
	}
	return names(v.control.OnlyFinal)
}

func (v *releaseValue) Type() string { return "names" }

func names(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ",")
}

// exclusive puts the names of value into chosen and takes them out of other,
// by pip's rules: ":all:" empties both first and swallows what stands before
// it; ":none:" empties chosen.
func exclusive(value string, chosen, other map[string]bool) {
	list := strings.Split(value, ",")
	for slices.Contains(list, ":all:") {
		clear(other)
		clear(chosen)
		chosen[":all:"] = true
		list = list[slices.Index(list, ":all:")+1:]
		if !slices.Contains(list, ":none:") {
			return
		}
	}
	for _, name := range list {
		if name == ":none:" {
			clear(chosen)
			continue
		}
		name = requirements.NormalizeName(name)
		delete(other, name)
		chosen[name] = true
	}
}
