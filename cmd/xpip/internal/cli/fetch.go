package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/cmd/xpip/internal/timings"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/index/cache"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

const (
	cacheKindWheels = "wheels-v" + wheel.UnpackedFormat // unpacked wheels, by the SHA-256 of their archive
	downloads       = 16                                // under way at once
)

// fetched is a package with its wheel, unpacked and verified.
type fetched struct {
	resolver.Package
	wheel *wheel.Unpacked
	blob  index.Blob  // the archive, unless it came unpacked from the cache
	built *builtWheel // for an sdist
}

// ref is the index's own word for the file; nil for a folder.
func (f *fetched) ref() *index.File { return fileOf(f.Chosen[0].File) }

// fetch brings every wheel of the slices' resolutions onto this machine and
// unpacks it into the store, in parallel, and returns those of each slice in the
// resolution's order.
func fetch(ctx context.Context, all []*slice) ([][]fetched, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(downloads)
	unpacking := newSlots(runtime.GOMAXPROCS(0))
	if e := all[0].early; e != nil {
		unpacking = e.unpacking
	}
	out := make([][]fetched, len(all))
	for h, one := range all {
		for _, p := range one.resolution.Packages {
			if !p.Installed && p.Chosen[0].File != nil {
				out[h] = append(out[h], fetched{Package: p})
			}
		}
	}
	all[0].early.settle(out)
	for h, one := range all {
		for i := range out[h] {
			f := &out[h][i]
			group.Go(func() (err error) {
				if !one.early.take(ctx, f) {
					err = one.fetchOne(ctx, one.src, f, unpacking)
				}
				if err == nil {
					err = errors.Join(sameMetadata(f), one.checkPython(f))
				}
				one.distrust(f, err)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all[0].client.Store().WriteBack()
	return out, nil
}

// tellBuilt says which of the wheels were built in this run or an earlier one.
func (s *session) tellBuilt(wheels []fetched) {
	var names []string
	for i := range wheels {
		if wheels[i].built != nil && !slices.Contains(names, wheels[i].Project) {
			names = append(names, wheels[i].Project)
		}
	}
	if len(names) > 0 {
		s.printer.Info("Successfully built %s", strings.Join(names, " "))
	}
}

func (s *session) fetchOne(ctx context.Context, src *source, f *fetched, unpacking *slots) error {
	file := f.Chosen[0].File
	if !file.IsWheel() {
		built, err := src.built(ctx, *file)
		if err != nil {
			return err
		}
		f.built = built
		return s.unpack(ctx, f, built.path, built.Filename, built.SHA256, unpacking)
	}
	ref := f.ref()
	if sum := ref.Hashes["sha256"]; sum != "" && allowed(f.Hashes, "sha256", sum) {
		_, found := timings.Start(ctx, timings.Cache)
		unpacked, ok := s.unpacked(ref, sum)
		found()
		if ok {
			f.wheel = unpacked
			return nil
		}
	}
	asking, arrived := timings.Start(ctx, timings.Download)
	blob, err := s.client.Download(asking, *ref, f.Hashes)
	arrived()
	if err != nil {
		return theUsers(err, file)
	}
	f.blob = blob
	return s.unpack(ctx, f, blob.Path, file.Filename, blob.SHA256, unpacking)
}

// metadataError says that a wheel is not what was resolved: the metadata that
// its index gave apart from it, or in part of it, differ from those within.
type metadataError struct {
	file string
	difference
}

func (e *metadataError) Error() string {
	return fmt.Sprintf("%s has %s %q inside, but the index said %q: the versions were chosen by what the index said, so nothing is installed",
		e.file, e.field, e.inside, e.told)
}

// distrust has the cache forget what was said of a wheel that turned out to be
// another, or none.
func (s *session) distrust(f *fetched, err error) {
	var other *metadataError
	var invalid *wheel.InvalidError
	if ref := f.ref(); ref != nil && (errors.As(err, &other) || errors.As(err, &invalid)) {
		s.client.Forget(*ref)
	}
}

// sameMetadata holds what was resolved with against the verified wheel.
func sameMetadata(f *fetched) error {
	if d := differs(f.Chosen[0].Metadata, f.wheel.Metadata); d != nil {
		return &metadataError{file: f.wheel.Filename.Raw, difference: *d}
	}
	return nil
}

// checkPython refuses a locked wheel that by its own word is not for the host's
// Python: its lock may say nothing about that, or something else. What was
// resolved has been asked before.
func (s *slice) checkPython(f *fetched) error {
	text := f.wheel.Metadata.RequiresPython
	o, ok := f.Chosen[0].File.Ref.(*origin)
	if !ok || !o.locked || text == "" || s.src.anyPython {
		return nil
	}
	wanted, err := pep440.ParseSpecifiers(text)
	if err != nil || s.host.AcceptsPython(wanted) { // what cannot be read forbids nothing, as in pip
		return nil
	}
	return &resolver.RequiresPythonError{
		Project: f.Project, Version: f.Version.String(), RequiresPython: text,
		Python: s.host.Python().Full(), Host: s.host, Chain: f.Why,
	}
}

// difference is a field of core metadata with two values.
type difference struct{ field, told, inside string }

// differs returns the first field that decides and differs; nil if none does,
// or if nothing was told.
func differs(told *resolver.Metadata, inside *wheel.Metadata) *difference {
	if told == nil {
		return nil
	}
	for _, field := range []struct {
		name         string
		told, inside []string
	}{
		{"Name", normal(requirements.NormalizeName, told.Name), normal(requirements.NormalizeName, inside.Name)},
		{"Version", normal(asVersion, told.Version), normal(asVersion, inside.Version)},
		{"Requires-Python", normal(asSpecifiers, told.RequiresPython), normal(asSpecifiers, inside.RequiresPython)},
		{"Requires-Dist", normal(asRequirement, told.RequiresDist...), normal(asRequirement, inside.RequiresDist...)},
		{"Provides-Extra", normal(requirements.NormalizeName, told.ProvidesExtra...), normal(requirements.NormalizeName, inside.ProvidesExtra...)},
	} {
		if !slices.Equal(field.told, field.inside) {
			return &difference{field.name, strings.Join(field.told, ", "), strings.Join(field.inside, ", ")}
		}
	}
	return nil
}

// normal writes values in one form, sorted, each once: two spellings of one
// thing are no lie.
func normal(form func(string) string, values ...string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = form(v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func asVersion(s string) string {
	if v, err := pep440.Parse(s); err == nil {
		return v.String()
	}
	return s
}

func asSpecifiers(s string) string {
	if v, err := pep440.ParseSpecifiers(s); err == nil {
		return v.String()
	}
	return s
}

func asRequirement(s string) string {
	if r, err := requirements.Parse(s); err == nil {
		return r.String()
	}
	return s
}

// unpacked returns the wheel of a file from the store, if it is there and the
// file is said to be as large and has the name that it was unpacked by: what
// contradicts itself is downloaded, and refused there.
func (s *session) unpacked(ref *index.File, sum string) (*wheel.Unpacked, bool) {
	w, ok := stored(s.client.Store(), sum)
	if !ok || w.Filename.Raw != ref.Filename || ref.Size >= 0 && w.Size != ref.Size {
		return nil, false
	}
	return w, true
}

// stored returns an unpacked wheel of the store. Its files are for the installer
// to compare with what is known of them.
func stored(store *cache.Store, key string) (*wheel.Unpacked, bool) {
	dir, facts, ok := store.HasLinkable(cacheKindWheels, key)
	if !ok {
		return nil, false
	}
	w, err := wheel.LoadUnpacked(dir, facts)
	return w, err == nil
}

// storeKeys are the keys under which a wheel may be in the store, in the order in
// which they are tried. One archive under two names is two wheels: each is judged
// by its own name.
func storeKeys(sum, filename string) []string { return []string{sum, sum + "\n" + filename} }

// unpack unpacks an archive into the store, unless it is there.
func (s *session) unpack(ctx context.Context, f *fetched, path, filename, sum string, unpacking *slots) error {
	if err := unpacking.acquire(ctx, f.blob.Size); err != nil {
		return err
	}
	defer unpacking.release()
	_, unpacked := timings.Start(ctx, timings.Unpack)
	defer unpacked()
	fill := func(dir string) ([]byte, error) {
		u, err := wheel.UnpackFile(ctx, path, filename, sum, dir, wheel.Limits{})
		if err != nil {
			return nil, err
		}
		size := int64(0)
		for i := range u.Files {
			size += u.Files[i].Size
		}
		s.client.Store().Filled(size)
		return u.Facts()
	}
	for _, key := range storeKeys(sum, filename) {
		dir, facts, err := s.client.Store().Linkable(ctx, cacheKindWheels, key, fill)
		if err != nil {
			return err
		}
		if f.wheel, err = wheel.LoadUnpacked(dir, facts); err != nil || f.wheel.Filename.Raw == filename {
			return err
		}
	}
	return nil
}

// allowed reports whether the user's hashes permit a digest; with no hashes
// everything is permitted.
func allowed(hashes map[string][]string, algorithm, digest string) bool {
	if len(hashes) == 0 {
		return true
	}
	for _, one := range hashes[algorithm] {
		if one == digest {
			return true
		}
	}
	return false
}
