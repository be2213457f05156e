package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xpip/xpip/host"
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
// caller closes the session.
func (c *choice) choose(ctx context.Context, a *app, verb string, args []string) (*session, *source, *resolver.Resolution, error) {
	wanted, err := a.wanted(ctx, verb, args, c.reqs, &c.index, &c.sel)
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := a.session(ctx, c.host, c.index)
	if err != nil {
		return nil, nil, nil, err
	}
	s.greet()
	src, resolution, err := c.resolveIn(ctx, s, wanted)
	if err != nil {
		s.close()
		return nil, nil, nil, err
	}
	return s, src, resolution, nil
}

func (c *choice) resolveIn(ctx context.Context, s *session, w *wanted) (*source, *resolver.Resolution, error) {
	policy, err := c.sel.policy(c.index.priorTo, time.Now)
	if err != nil {
		return nil, nil, err
	}
	policy.ProbeSdists = c.build.probe
	src, err := s.source(ctx, c.build, &c.index, &c.sel)
	if err != nil {
		return nil, nil, err
	}
	resolution, err := s.resolve(ctx, src, w, policy, nil)
	return src, resolution, err
}

// resolve chooses the versions and says what it had to assume.
func (s *session) resolve(ctx context.Context, src *source, w *wanted, policy resolver.Policy, installed map[string]resolver.Installed) (*resolver.Resolution, error) {
	if err := s.checkScript(w.script, policy.IgnoreRequiresPython); err != nil {
		return nil, err
	}
	locked, err := s.locked(ctx, src, w, policy.Formats)
	if err != nil {
		return nil, err
	}
	if len(w.locks) > 0 && len(w.entries) == 0 {
		return s.lockedResolution(ctx, src, locked, policy, installed)
	}
	roots, constraints, err := w.roots(ctx, src)
	if err != nil {
		return nil, err
	}
	for i := range locked {
		roots = append(roots, src.rootOf(&locked[i]))
	}
	resolution, err := resolveAndBuild(ctx, src, resolver.Request{
		Hosts: []*host.Host{s.host}, Roots: roots, Constraints: constraints,
		Policy: policy, Installed: installed,
	})
	for _, warning := range s.client.Warnings() {
		s.printer.Warn("%s", warning)
	}
	if err != nil {
		return nil, src.besideLock(err)
	}
	for _, warning := range resolution.Warnings {
		if warning.Kind == resolver.YankedVersion {
			s.warnYanked(warning, foundAt(warning.Project, resolution))
			continue
		}
		s.warn(warning)
	}
	return resolution, nil
}

func (s *session) warn(w resolver.Warning) {
	switch w.Kind {
	case resolver.UnknownMarker:
		whose := "The marker of a requirement depends"
		if n := len(w.Requirements); n > 1 {
			whose = fmt.Sprintf("The markers of %d requirements depend", n)
		}
		s.printer.Warn("%s on %s, which is not known for this host; %s was taken.\n  --marker %s=VALUE settles it: %s",
			whose, w.Subject, pyQuote(w.Default), w.Subject, strings.Join(w.Requirements, "; "))
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
	s.printer.Warn("The candidate selected for download or install is a yanked version: '%s' candidate (version %s%s)\nReason for being yanked: %s", w.Project, w.Version, at, orNone(w.Detail))
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
