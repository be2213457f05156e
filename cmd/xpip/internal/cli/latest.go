package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
)

// offered is a version of a project that the indexes have for the host.
type offered struct {
	version pep440.Version
	wheel   bool // there is a wheel of it that fits
}

func (o *offered) kind() string {
	if o.wheel {
		return "wheel"
	}
	return "sdist"
}

// offers asks an index what there is of projects for a host.
type offers struct {
	host   *host.Host
	source *source
	policy resolver.Policy
}

// offers opens the index. The caller calls close.
func (a *app) offers(h *host.Host, ix indexOptions, sel selectionOptions) (o *offers, closeIndex func(), err error) {
	policy, err := sel.policy(ix.priorTo, time.Now)
	if err != nil {
		return nil, nil, err
	}
	client, err := index.New(a.indexConfig(ix))
	if err != nil {
		return nil, nil, err
	}
	for _, warning := range client.Warnings() {
		a.printer.Warn("%s", warning)
	}
	s := &session{app: a, printer: a.printer, host: h, client: client}
	return &offers{host: h, source: newSource(client, a.printer.Warn, nil), policy: policy}, s.close, nil
}

// of returns the versions of a project that the host could take, newest first.
// Yanked ones are not offered, nor pre-releases that nobody asked for.
func (o *offers) of(ctx context.Context, project string) ([]offered, error) {
	listing, err := o.source.Listing(ctx, project)
	if err != nil {
		return nil, err
	}
	var out []offered
	for i := range listing.Len() {
		version := offered{version: listing.Version(i)}
		some := false
		files := listing.Files(i)
		for k := range files {
			usable, err := o.usable(project, &files[k])
			if err != nil {
				return nil, err
			}
			some = some || usable
			version.wheel = version.wheel || usable && files[k].IsWheel()
		}
		if some {
			out = append(out, version)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// usable reports whether a file counts: for the host, and by the policy.
func (o *offers) usable(project string, f *resolver.File) (bool, error) {
	if f.Yanked {
		return false, nil
	}
	if pre, _ := o.policy.Releases.Prereleases(project); f.Version.IsPrerelease() && !pre {
		return false, nil
	}
	wheels, sdists := o.policy.Formats.Allows(project)
	if f.IsWheel() {
		if _, fits := o.host.BestRank(*f.Wheel); !fits || !wheels {
			return false, nil
		}
	} else if !sdists {
		return false, nil
	}
	if f.RequiresPython != "" && !o.policy.IgnoreRequiresPython {
		// What cannot be read forbids nothing, as in pip.
		if wanted, err := pep440.ParseSpecifiers(f.RequiresPython); err == nil && !o.host.AcceptsPython(wanted) {
			return false, nil
		}
	}
	before := o.policy.UploadedPriorTo
	if before.IsZero() || f.Local {
		return true, nil
	}
	if f.UploadTime.IsZero() {
		return false, &resolver.MissingUploadTimeError{Project: project, File: f.Filename, Index: f.Index, PriorTo: before}
	}
	return f.UploadTime.Before(before), nil
}

// latest returns the newest version of each project, nil for one of which there
// is none. An index that cannot answer is an error: it is not known then what
// is the newest.
func (a *app) latest(ctx context.Context, h *host.Host, ix indexOptions, sel selectionOptions, projects []string) ([]*offered, error) {
	o, closeIndex, err := a.offers(h, ix, sel)
	if err != nil {
		return nil, err
	}
	defer closeIndex()
	out := make([]*offered, len(projects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(downloads)
	for i, project := range projects {
		group.Go(func() error {
			versions, err := o.of(ctx, project)
			var missing *resolver.NotFoundError
			if err != nil && !errors.As(err, &missing) {
				return err
			}
			if o.policy.PreferBinary {
				if i := slices.IndexFunc(versions, func(v offered) bool { return v.wheel }); i > 0 {
					versions = versions[i:]
				}
			}
			if len(versions) > 0 {
				out[i] = &versions[0]
			}
			return nil
		})
	}
	return out, group.Wait()
}
