package cli

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

const (
	cacheKindWheels = "wheels-v1" // unpacked wheels, by the SHA-256 of their archive
	downloads       = 16          // under way at once
)

// fetched is a package with its wheel, unpacked and verified.
type fetched struct {
	resolver.Package
	wheel *wheel.Unpacked
	blob  index.Blob
}

// ref is the index's own word for the file.
func (f *fetched) ref() *index.File { return f.Chosen[0].File.Ref.(*index.File) }

// fetch brings every wheel of a resolution onto this machine and unpacks it
// into the store, in parallel, and returns them in the resolution's order.
func (s *session) fetch(ctx context.Context, r *resolver.Resolution) ([]fetched, error) {
	var out []fetched
	for _, p := range r.Packages {
		if !p.Installed && p.Chosen[0].File != nil {
			out = append(out, fetched{Package: p})
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(downloads)
	unpacking := semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))
	for i := range out {
		group.Go(func() error { return s.fetchOne(ctx, &out[i], unpacking) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

func (s *session) fetchOne(ctx context.Context, f *fetched, unpacking *semaphore.Weighted) error {
	file := f.Chosen[0].File
	ref := f.ref()
	store := s.client.Store()
	if sum := ref.Hashes["sha256"]; sum != "" && allowed(f.Hashes, "sha256", sum) {
		if dir, ok := store.HasDir(cacheKindWheels, sum); ok {
			unpacked, err := wheel.LoadUnpacked(dir)
			if err == nil {
				f.wheel = unpacked
				return nil
			}
		}
	}
	blob, err := s.client.Download(ctx, *ref, f.Hashes)
	if err != nil {
		return err
	}
	if err := unpacking.Acquire(ctx, 1); err != nil {
		return err
	}
	defer unpacking.Release(1)
	dir, err := store.Dir(ctx, cacheKindWheels, blob.SHA256, func(dir string) error {
		_, err := wheel.UnpackFile(ctx, blob.Path, file.Filename, blob.SHA256, dir, wheel.Limits{})
		return err
	})
	if err != nil {
		return err
	}
	f.blob = blob
	f.wheel, err = wheel.LoadUnpacked(dir)
	return err
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

// announce says, as pip does, what is collected and how it comes here: what
// was asked for first, then what that needs. where is the prefix as named.
func (s *session) announce(r *resolver.Resolution, where string) {
	packages := slices.Clone(r.Packages)
	slices.SortStableFunc(packages, func(a, b resolver.Package) int { return len(a.Why) - len(b.Why) })
	for _, p := range packages {
		file := p.Chosen[0].File
		if p.Installed || file == nil {
			s.printer.Info("Requirement already satisfied: %s in %s%s (%s)", wantedAs(p), where, origin(p), p.Version)
			continue
		}
		s.printer.Info("Collecting %s%s", wantedAs(p), origin(p))
		size := ""
		if file.Size >= 0 {
			size = fmt.Sprintf(" (%s)", ui.Size(file.Size))
		}
		word := "Downloading"
		ref := file.Ref.(*index.File)
		if s.cached(ref) {
			word = "Using cached"
		} else if ref.Local {
			word = "Using"
		}
		s.printer.Info("  %s %s%s", word, file.Filename, size)
		s.sayPassedOver(p)
	}
}

// sayPassedOver tells of newer versions that do not fit the host: one line for
// the newest of them, the rest with -v.
func (s *session) sayPassedOver(p resolver.Package) {
	for i, over := range p.PassedOver {
		say := s.printer.Detail
		if i == 0 && !s.host.IsNative() {
			say = s.printer.Info
		}
		say("  Passed over %s %s: %s", p.Project, over.Version, over.Reason)
	}
}

// cached reports whether a file's wheel, or its archive, is in the cache.
func (s *session) cached(f *index.File) bool {
	sum := f.Hashes["sha256"]
	if sum == "" {
		return false
	}
	store := s.client.Store()
	if _, ok := store.HasDir(cacheKindWheels, sum); ok {
		return true
	}
	_, _, ok := store.Blob(sum)
	return ok
}

// wantedAs is the requirement that brought a package in, as pip shows it.
func wantedAs(p resolver.Package) string {
	if len(p.Why) == 0 {
		return p.Project
	}
	return p.Why[len(p.Why)-1].Requirement.String()
}

func origin(p resolver.Package) string {
	if len(p.Why) == 0 {
		return ""
	}
	switch last := p.Why[len(p.Why)-1]; {
	case last.Project != "":
		return " (from " + last.Project + ")"
	case last.Origin != "":
		return " (from " + last.Origin + ")"
	}
	return ""
}
