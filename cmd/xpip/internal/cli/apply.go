package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/xpip/xpip/cmd/xpip/internal/timings"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements/redact"
)

// apply switches the wheels into the prefixes, each in one transaction, and says
// what was done. No prefix is changed before all changes are planned.
func (c *installCommand) apply(ctx context.Context, all []*slice, wheels [][]fetched) error {
	plans := make([]*installer.Plan, len(all))
	for h, one := range all {
		if len(wheels[h]) == 0 {
			continue
		}
		if len(all) == 1 {
			one.printer.Info("Installing collected packages: %s", projects(wheels[h]))
		}
		var err error
		if plans[h], err = c.plan(ctx, one, wheels[h]); err != nil {
			return one.titled(all, err)
		}
	}
	for h, one := range all {
		if plans[h] == nil {
			continue
		}
		if len(all) > 1 {
			one.printer.Info("Installing collected packages for %s: %s", one.host.Platform(), projects(wheels[h]))
		}
		if err := c.commit(ctx, one, plans[h], wheels[h]); err != nil {
			for i, done := range all[:h] {
				if plans[i] != nil {
					done.printer.Warn("%s is changed already; what stops the others is said below, and the same command goes on from here", done.place.path)
				}
			}
			return one.titled(all, err)
		}
	}
	return nil
}

// projects names what wheels are of.
func projects(wheels []fetched) string {
	names := make([]string, len(wheels))
	for i := range wheels {
		names[i] = wheels[i].Project
	}
	return strings.Join(names, ", ")
}

// plan finds out what the wheels change in a prefix, and whether they may.
func (c *installCommand) plan(ctx context.Context, s *slice, wheels []fetched) (*installer.Plan, error) {
	plan, err := c.planned(ctx, s, wheels)
	for s.renews(ctx, wheels, &err) {
		plan, err = c.planned(ctx, s, wheels)
	}
	if err != nil {
		return nil, cannotUninstall(err)
	}
	for _, note := range plan.Notes {
		if note.Warning || c.options.overwrite {
			s.printer.Warn("%s", noteText(note))
		} else {
			s.printer.Detail("%s", noteText(note))
		}
	}
	return plan, nil
}

func (c *installCommand) planned(ctx context.Context, s *slice, wheels []fetched) (*installer.Plan, error) {
	items := make([]installer.Item, len(wheels))
	for i, w := range wheels {
		items[i] = installer.Item{Wheel: w.wheel, Requested: w.Requested, DirectURL: w.directURL()}
	}
	_, planned := timings.Start(ctx, timings.Plan)
	defer planned()
	return s.prefix.Plan(items, nil, installer.Options{
		Host: s.host, Interpreter: s.place.interpreter(s.host), Shebang: c.options.shebang,
		NoScripts: c.options.noScripts, Launchers: c.launchers(ctx, s.session, wheels), AllowManaged: c.options.breakSystem,
		Overwrite: c.options.overwrite || c.options.ignoreInstalled || c.options.target != "" && c.options.upgrade, AllowNative: c.options.noNativeCheck,
	})
}

// commit makes the planned changes in one transaction.
func (c *installCommand) commit(ctx context.Context, s *slice, plan *installer.Plan, wheels []fetched) error {
	for _, i := range plan.Installs {
		for _, old := range i.Replaces {
			s.printer.Info("  Attempting uninstall: %s", old.Key)
			s.printer.Info("    Found existing installation: %s %s", old.Name, old.Version)
		}
	}
	if !c.options.ignoreInstalled {
		s.sayKept(s.place.others, s.place.path, plan)
	}
	err := applyTimed(ctx, plan)
	for s.renews(ctx, wheels, &err) {
		if plan, err = c.planned(ctx, s, wheels); err == nil {
			err = applyTimed(ctx, plan)
		}
	}
	if err != nil {
		return err
	}
	for _, i := range plan.Installs {
		for _, old := range i.Replaces {
			s.printer.Info("      Successfully uninstalled %s-%s", old.Name, old.Version)
		}
	}
	if !c.sel.noDeps && !c.options.noWarnConflicts {
		s.warnAbout(brokenBy(s.host, s.installed, wheels))
	}
	s.printer.Info("Successfully installed %s", installedList(wheels))
	switch {
	case !s.place.chosen:
	case s.place.layout == installer.TargetLayout:
		s.printer.Info("Host prefix: %s", s.place.path)
	default:
		s.printer.Info("Host prefix: %s (%s)", s.place.path, s.host.Scheme().Purelib)
	}
	return nil
}

// applyTimed carries a plan out, and times the placing of the files and the
// switch.
func applyTimed(ctx context.Context, plan *installer.Plan) error {
	_, linked := timings.Start(ctx, timings.Link)
	defer linked()
	committed := func() {}
	defer func() { committed() }()
	plan.Staged = func() {
		linked()
		_, committed = timings.Start(ctx, timings.Commit)
	}
	return plan.Apply(ctx)
}

func noteText(n installer.Note) string {
	text := n.Text
	for _, about := range []string{n.Path, n.Wheel} {
		if about != "" {
			text = about + ": " + text
		}
	}
	return text
}

func installedList(wheels []fetched) string {
	parts := make([]string, len(wheels))
	for i, w := range wheels {
		parts[i] = w.Project + "-" + w.Version.String()
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// directURL is what direct_url.json says of a package that was named by URL or
// path; nil for one from an index (PEP 610).
func (f *fetched) directURL() *installer.DirectURL {
	if !f.Direct {
		return nil
	}
	info := infoOf(f.Chosen[0].File)
	out := &installer.DirectURL{URL: info.URL, Subdirectory: info.Subdirectory}
	if info.VCSInfo != nil {
		out.VCSInfo = info.VCSInfo
		return out
	}
	if f.ref() == nil {
		out.DirInfo = &installer.DirInfo{}
		return out
	}
	out.URL = redact.Signatures(f.ref().URL) // user and password are taken out when it is written
	sum := f.wheel.SHA256
	if f.built != nil {
		sum = f.Chosen[0].File.Hashes["sha256"]
	}
	out.ArchiveInfo = &installer.ArchiveInfo{}
	if sum != "" {
		out.ArchiveInfo = &installer.ArchiveInfo{Hash: "sha256=" + sum, Hashes: map[string]string{"sha256": sum}}
	}
	return out
}
