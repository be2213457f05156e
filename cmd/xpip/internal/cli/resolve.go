package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/resolver"
)

// choice is everything that versions are chosen by where no prefix has a say.
type choice struct {
	host  hostOptions
	index indexOptions
	sel   selectionOptions
	reqs  requirementOptions
	build buildOptions
}

// choose opens a session and resolves what the command line asks for. The
// caller closes the session of the first slice.
func (c *choice) choose(ctx context.Context, a *app, verb string, args []string) ([]*slice, error) {
	wanted, err := a.wanted(ctx, verb, args, c.reqs, &c.index, &c.sel)
	if err != nil {
		return nil, err
	}
	all, err := a.slices(ctx, c.host, c.index)
	if err != nil {
		return nil, err
	}
	greet(all)
	if err := c.resolveIn(ctx, all, wanted); err != nil {
		closeAll(all)
		return nil, err
	}
	return all, nil
}

func (c *choice) resolveIn(ctx context.Context, all []*slice, w *wanted) error {
	policy, err := c.policy()
	if err != nil {
		return err
	}
	if err := c.openSources(ctx, all); err != nil {
		return err
	}
	return resolve(ctx, all, w, policy)
}

// policy is the resolver's view of the options that say what may be chosen.
func (c *choice) policy() (resolver.Policy, error) {
	policy, err := c.sel.policy(c.index.priorTo, time.Now)
	policy.ProbeSdists = c.build.probe
	return policy, err
}

// openSources makes the world of each slice; one builder builds for all.
func (c *choice) openSources(ctx context.Context, all []*slice) error {
	settings, err := c.build.backendSettings()
	if err != nil {
		return err
	}
	builder, err := all[0].builder(ctx, c.build, &c.index, &c.sel)
	if err != nil {
		return err
	}
	for _, one := range all {
		one.src = one.source(ctx, builder, settings)
	}
	return nil
}

func (s *session) warn(w resolver.Warning) {
	switch w.Kind {
	case resolver.UnknownMarker:
		s.printer.Warn("%s", unknownMarker(w))
	case resolver.MissingExtra:
		s.printer.Warn("%s %s does not provide the extra '%s'", w.Project, w.Version, w.Subject)
	case resolver.YankedVersion:
		s.warnYanked(w, "")
	case resolver.UnusableVersion:
		s.printer.Warn("Ignoring version %s of %s since it %s", w.Version, w.Project, w.Detail)
	case resolver.IgnoredRoot:
		s.printer.Info("Ignoring %s: markers '%s' don't match your environment", w.Subject, w.Detail)
	}
}

func (s *session) warnYanked(w resolver.Warning, at string) {
	s.printer.Warn("The candidate selected for download or install is a yanked version: '%s' candidate (version %s%s)\nReason for being yanked: %s", w.Project, w.Version, at, orNone(ui.OneLine(w.Detail)))
}

// foundAt says where the file of a project is, and the page that lists it, as
// pip shows a link: " at URL (from PAGE)".
func foundAt(project string, r *resolver.Resolution) string {
	for _, p := range r.Packages {
		if p.Project != project || p.Chosen[0].File == nil {
			continue
		}
		f := fileOf(p.Chosen[0].File)
		switch {
		case f == nil:
		case f.Index == "" || f.Local:
			return " at " + f.Redacted()
		default:
			return fmt.Sprintf(" at %s (from %s/%s/)", f.Redacted(), strings.TrimRight(f.Index, "/"), project)
		}
	}
	return ""
}

func orNone(reason string) string {
	if reason == "" {
		return "<none given>"
	}
	return reason
}
