package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/xpip/xpip/installer"
)

// settlePlaces decides where each slice goes. Where nothing says a Python
// version, that of the packages which are there counts, for all slices.
func (c *installCommand) settlePlaces(ctx context.Context, all []*slice) (err error) {
	for i, one := range all {
		if len(c.choice.host.slices) == 0 {
			one.place, err = c.place(one.session)
		} else {
			one.place, err = c.placeOf(one)
		}
		if err != nil {
			return err
		}
		for j, other := range all[:i] {
			if resolved(one.place.path) == resolved(other.place.path) {
				return &commandError{msg: fmt.Sprintf("--slice %s and --slice %s go into the same folder, %s.", c.choice.host.slices[j], c.choice.host.slices[i], one.place.path)}
			}
		}
	}
	return c.followPrefixes(ctx, all)
}

// placeOf is where one of several slices goes: a folder of its own below that of
// --target or --prefix, or where host prefixes are made.
func (c *installCommand) placeOf(s *slice) (place, error) {
	o := c.options
	at := place{path: hostPrefixes, layout: installer.PrefixLayout, chosen: true}
	switch {
	case o.root != "":
		return at, &commandError{msg: "Cannot use '--slice' in combination with '--root': each slice has a folder of its own."}
	case o.target != "" && o.prefix != "":
		return at, &commandError{msg: "Cannot set --home and --prefix together"}
	case o.target != "":
		at.path, at.layout = o.target, installer.TargetLayout
	case o.prefix != "":
		at.path = o.prefix
	}
	folder := cmp.Or(s.folder, s.host.Platform())
	if filepath.IsAbs(folder) {
		at.path = folder
	} else {
		at.path = filepath.Join(at.path, folder)
	}
	return at, nil
}

// resolved is a path by which folders can be compared.
func resolved(path string) string {
	path = absolute(path)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// followPrefixes takes the Python version of prefixes that have packages
// already, when nothing else says one.
func (c *installCommand) followPrefixes(ctx context.Context, all []*slice) error {
	followed := map[string]string{} // versions, with the prefix that has them
	for _, one := range all {
		if c.general.python != "" || one.options.pythonVersion != "" || one.place.layout != installer.PrefixLayout || !one.options.foreign() ||
			one.options.from != "" && one.host.Origin("python") != "default" {
			continue
		}
		there, err := c.laidOut(ctx, one.place.path, one.options)
		if err != nil {
			return err
		}
		if there.python == "" {
			continue
		}
		followed[there.python] = one.place.path
		if err := c.setPython(ctx, one, there.python); err != nil {
			return err
		}
		one.printer.Info("Python %s is that of the packages in %s", there.python, one.place.path)
	}
	if len(followed) != 1 {
		return nil
	}
	for version := range followed {
		for _, one := range all {
			if one.options.pythonVersion == "" && one.host.Origin("python") == "default" {
				if err := c.setPython(ctx, one, version); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *installCommand) setPython(ctx context.Context, s *slice, version string) (err error) {
	s.options.pythonVersion = version
	s.host, err = c.app.host(ctx, s.options)
	return err
}

// openPrefixes opens the prefixes of all slices, in one order whatever that of
// the options, so that two runs cannot wait for each other.
func (c *installCommand) openPrefixes(ctx context.Context, all []*slice) error {
	ordered := slices.SortedFunc(slices.Values(all), func(a, b *slice) int {
		return cmp.Compare(resolved(a.place.path), resolved(b.place.path))
	})
	for _, one := range ordered {
		if err := c.openPrefix(ctx, one); err != nil {
			return one.titled(all, err)
		}
	}
	return nil
}
