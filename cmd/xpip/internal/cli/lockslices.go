package cli

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/pylock"
)

// lockHosts writes down whom the lock is for.
func lockHosts(lock *pylock.Lock, all []*slice) (err error) {
	oldest, samePython := all[0].host.Python(), true
	for _, one := range all[1:] {
		v := one.host.Python()
		samePython = samePython && v.Short() == oldest.Short()
		if v.Major < oldest.Major || v.Major == oldest.Major && v.Minor < oldest.Minor {
			oldest = v
		}
	}
	wanted := "==" + oldest.Short() + ".*"
	if !samePython {
		wanted = ">=" + oldest.Short()
	}
	if lock.RequiresPython, err = pep440.ParseSpecifiers(wanted); err != nil {
		return err
	}
	var markers []string
	for _, text := range slicesMarkers(all) {
		if text != "" && !slices.Contains(markers, text) {
			markers = append(markers, text)
		}
	}
	for _, text := range markers {
		m, err := requirements.ParseMarker(text)
		if err != nil {
			return err
		}
		lock.Environments = append(lock.Environments, m)
	}
	if len(all) == 1 {
		lock.Tool = map[string]any{"xpip": lockTool(all[0].host)}
		return nil
	}
	var hosts []any
	for _, one := range all {
		said := lockTool(one.host)
		delete(said, "version") // xpip's own, said once
		hosts = append(hosts, said)
	}
	lock.Tool = map[string]any{"xpip": map[string]any{"version": Version, "slices": hosts}}
	return nil
}

// slicesMarkers are the markers of the environments of each slice. The Python's
// version is in them if it is not the same for all.
func slicesMarkers(all []*slice) []string {
	var more []string
	for _, one := range all {
		if one.host.Python().Short() != all[0].host.Python().Short() {
			more = []string{"python_version"}
		}
	}
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = environmentMarker(one.host.Environment(), more...)
	}
	return out
}

// lockShared says where a package comes from: the wheels of all slices, each
// once, and the sdist of those that have none.
func lockShared(ctx context.Context, all []*slice, p shared, base string, out *pylock.Package) error {
	for i, h := range p.slices {
		one := all[h]
		var entry pylock.Package
		if err := one.lockPackage(ctx, one.chosen(p.Project), base, &entry); err != nil {
			return err
		}
		if i == 0 {
			*out = entry
			continue
		}
		if !reflect.DeepEqual([]any{out.VCS, out.Directory, out.Archive}, []any{entry.VCS, entry.Directory, entry.Archive}) {
			return &commandError{
				msg:   fmt.Sprintf("%s is a file of its own for %s: a lock has one archive of a package, for all.", p.Project, one.host.Name()),
				hints: []string{"Write a lock for each --platform."},
			}
		}
		for _, file := range entry.Wheels {
			if !slices.ContainsFunc(out.Wheels, func(f pylock.File) bool { return f.Name == file.Name }) {
				out.Wheels = append(out.Wheels, file)
			}
		}
		if out.Sdist == nil {
			out.Sdist = entry.Sdist
		}
	}
	if len(p.slices) == len(all) {
		return nil
	}
	return lockMarker(all, p, out)
}

// lockMarker limits a package to the slices that need it. Hosts that differ in
// their tags alone no marker tells apart.
func lockMarker(all []*slice, p shared, out *pylock.Package) (err error) {
	var terms []string
	markers := slicesMarkers(all)
	for _, h := range p.slices {
		if !slices.Contains(terms, markers[h]) {
			terms = append(terms, markers[h])
		}
	}
	if !slices.Contains(terms, "") {
		out.Marker, err = requirements.ParseMarker(strings.Join(terms, " or "))
	}
	if err != nil {
		return err
	}
	for h, one := range all {
		if !slices.Contains(p.slices, h) && out.Marker.Evaluate(one.host.Environment()).Holds {
			return &commandError{
				msg:   fmt.Sprintf("%s is needed for %s but not for %s, and no marker tells these hosts apart: one lock cannot say that.", p.Project, all[p.slices[0]].host.Name(), one.host.Name()),
				hints: []string{"Write a lock for each --platform."},
			}
		}
	}
	return nil
}
