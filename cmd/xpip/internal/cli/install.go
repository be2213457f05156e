package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

// hostPrefixes is the folder in which host prefixes are made when the command
// line names no place.
const hostPrefixes = "host-prefix"

// installCommand is everything that `xpip install` is told.
type installCommand struct {
	*app
	host    hostOptions
	index   indexOptions
	sel     selectionOptions
	reqs    requirementOptions
	build   buildOptions
	options installOptions
}

func (a *app) installCommand() *cobra.Command {
	c := &installCommand{app: a}
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install packages into a host prefix",
		Long: `Install packages, with what they need, into a host prefix. With --platform the
host is another machine; without, it is this machine's own Python.`,
		Example: `  xpip install --platform ios_13_0_arm64 -r requirements.txt
  xpip install --platform win_amd64 --python-version 3.13 -t build/lib 'uvicorn[standard]'
  xpip install -t vendor requests`,
		Annotations: map[string]string{"usage": "[options] <requirement> ...\n[options] -r <requirements file> ...\n[options] <archive path or URL> ..."},
		RunE:        func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
	}
	r := &registry{flags: cmd.Flags()}
	c.reqs.register(r)
	c.host.register(r)
	c.options.register(r)
	c.index.register(r)
	c.sel.register(r)
	c.build.register(r)
	return cmd
}

// run is the mission: describe the host, resolve for it, fetch, install.
func (c *installCommand) run(ctx context.Context, args []string) error {
	if err := c.open(); err != nil {
		return err
	}
	wanted, err := c.wanted(ctx, "install", args, c.reqs, &c.index, &c.sel)
	if err != nil {
		return err
	}
	s, err := c.session(ctx, c.host, c.index)
	if err != nil {
		return err
	}
	defer s.close()
	place, err := c.place(s)
	if err != nil {
		return err
	}
	if err := c.followPrefix(ctx, s, place); err != nil {
		return err
	}
	s.greet()

	prefix, installed, err := c.openPrefix(ctx, s, place)
	if err != nil {
		return err
	}
	defer prefix.Close()
	src, err := s.source(ctx, c.build, &c.index, &c.sel)
	if err != nil {
		return err
	}
	resolution, err := c.resolve(ctx, s, src, wanted, installed)
	if err != nil {
		return err
	}
	s.announce(ctx, src, resolution, place.packages(s))
	if c.options.report != "" {
		report, err := s.report(ctx, src, resolution)
		if err != nil {
			return err
		}
		if err := s.writeReport(report, c.options.report); err != nil {
			return err
		}
	}
	if c.options.dryRun {
		s.wouldInstall(resolution)
		return nil
	}
	wheels, err := s.fetch(ctx, src, resolution)
	if err != nil {
		return err
	}
	s.tellBuilt(wheels)
	return c.apply(ctx, s, prefix, place, wheels, installed)
}

// place is where an install goes.
type place struct {
	path   string
	layout installer.Layout
	chosen bool // by us, so it is said
}

func (c *installCommand) place(s *session) (place, error) {
	o := c.options
	named, err := c.named()
	if err != nil {
		return place{}, err
	}
	switch {
	case o.root != "":
		return c.placeBelow(s)
	case o.target != "" && o.prefix != "":
		return place{}, &commandError{msg: "Cannot set --home and --prefix together"}
	case o.target != "":
		return place{path: o.target, layout: installer.TargetLayout}, nil
	case o.prefix != "":
		return place{path: o.prefix, layout: installer.PrefixLayout}, nil
	case named != nil && (named.Virtual || !s.host.IsNative()):
		return place{path: named.Prefix, layout: installer.PrefixLayout}, nil
	case !s.host.IsNative():
		return place{path: filepath.Join(hostPrefixes, s.host.Platform()), layout: installer.PrefixLayout, chosen: true}, nil
	case c.general.requireVenv && !s.host.IsVirtual():
		return place{}, &noVirtualenvError{}
	case s.host.IsVirtual():
		return place{path: s.host.Prefix(), layout: installer.PrefixLayout}, nil
	case o.dryRun:
		return place{path: s.host.Prefix(), layout: installer.PrefixLayout}, nil
	}
	return place{}, &commandError{
		msg: "Nothing says where to install: no virtual environment is active, and no host was named.",
		hints: []string{
			"Try one of",
			"  -t DIR                    a folder for this machine's Python",
			"  --prefix DIR              the same, in the layout of an environment",
			"  --platform ios_13_0_arm64 another host, below " + hostPrefixes,
		},
	}
}

// followPrefix takes the Python version of a prefix that has packages already,
// when nothing else says one.
func (c *installCommand) followPrefix(ctx context.Context, s *session, at place) error {
	if at.layout != installer.PrefixLayout || c.general.python != "" || c.host.pythonVersion != "" || len(c.host.platforms) == 0 {
		return nil
	}
	there, err := c.laidOut(ctx, at.path, c.host)
	if err != nil || there.python == "" {
		return err
	}
	c.host.pythonVersion = there.python
	if s.host, err = c.app.host(ctx, c.host); err != nil {
		return err
	}
	s.printer.Info("Python %s is that of the packages in %s", there.python, at.path)
	return nil
}

// greet says for whom this run works, unless it is simply this machine.
func (s *session) greet() {
	if s.host.IsNative() {
		return
	}
	title := s.host.String()
	s.printer.Info("Host: %s", title)
	for _, note := range s.host.Notes() {
		if !strings.Contains(title, note) {
			s.printer.Info("  %s", note)
		}
	}
}

// openPrefix locks the prefix, unless nothing will be changed, finishes what an
// interrupted run left, and reads what is installed.
func (c *installCommand) openPrefix(ctx context.Context, s *session, at place) (*installer.Prefix, map[string]resolver.Installed, error) {
	prefix, err := installer.Open(at.path, at.layout, s.host.Scheme())
	if err != nil {
		return nil, nil, err
	}
	if !c.options.dryRun {
		recovery, err := prefix.Lock(ctx, func() {
			s.printer.Info("Waiting for another xpip that is changing %s", at.path)
		})
		if err != nil {
			return nil, nil, err
		}
		s.sayRecovery(recovery)
	}
	if c.options.ignoreInstalled {
		return prefix, nil, nil
	}
	found, err := prefix.Installed()
	if err != nil {
		return nil, nil, errors.Join(err, prefix.Close())
	}
	present := map[string]resolver.Installed{}
	for _, d := range found {
		version, err := pep440.Parse(d.Version)
		if err != nil || d.Metadata == nil {
			continue // damaged: installed again when it is wanted
		}
		if one := (&installed{Distribution: d, prefix: prefix}); !s.host.IsNative() && one.foreign(s.host) {
			s.printer.Warn("%s %s in %s was made for another host; it does not count as installed", d.Name, d.Version, at.path)
			continue
		}
		present[d.Key] = resolver.Installed{Version: version, Metadata: resolverMetadata(d.Metadata)}
	}
	return prefix, present, nil
}

// foreign reports whether a distribution was installed for another host: none
// of the tags that it states is the host's, and its machine code is not either.
// The tags alone prove nothing, since renamed wheels keep old ones.
func (d *installed) foreign(h *host.Host) bool {
	name := d.filename()
	if name.Raw == "" {
		return false
	}
	if _, fits := h.BestRank(name); fits {
		return false
	}
	files, _, err := d.prefix.Files(d.Distribution)
	if err != nil {
		return false // not ours to judge
	}
	natives, err := d.natives(files)
	return err == nil && len(h.CheckWheel(name, natives)) > 0
}

func (s *session) sayRecovery(r installer.Recovery) {
	what := ""
	if len(r.Changes) > 0 {
		what = ": " + strings.Join(r.Changes, ", ")
	}
	switch {
	case r.Finished:
		s.printer.Warn("An earlier run was interrupted; what it had left to do was finished%s", what)
	case r.RolledBack:
		s.printer.Warn("An earlier run was interrupted before it had changed anything for good; it was rolled back%s", what)
	case r.Cleaned:
		s.printer.Warn("An earlier run was interrupted, but not in the middle of a change; what it left behind was removed")
	}
	if r.Unlocked != nil {
		s.printer.Warn("The prefix cannot be locked (%v): let no other program change it now", r.Unlocked)
	}
}

func resolverMetadata(m *wheel.Metadata) *resolver.Metadata {
	return &resolver.Metadata{
		Name: m.Name, Version: m.Version, RequiresPython: m.RequiresPython,
		RequiresDist: m.RequiresDist, ProvidesExtra: m.ProvidesExtra,
	}
}

func (c *installCommand) resolve(ctx context.Context, s *session, src *source, w *wanted, installed map[string]resolver.Installed) (*resolver.Resolution, error) {
	policy, err := c.sel.policy(c.index.priorTo, time.Now)
	if err != nil {
		return nil, err
	}
	policy.ProbeSdists = c.build.probe
	policy.ForceReinstall = c.options.forceReinstall
	if c.options.upgrade {
		policy.Upgrade = resolver.OnlyIfNeeded
		if c.options.strategy == "eager" {
			policy.Upgrade = resolver.Eager
		}
	}
	return s.resolve(ctx, src, w, policy, installed)
}

// apply switches the wheels into the prefix and says what was done.
func (c *installCommand) apply(ctx context.Context, s *session, prefix *installer.Prefix, at place, wheels []fetched, installed map[string]resolver.Installed) error {
	if len(wheels) == 0 {
		return nil
	}
	items := make([]installer.Item, len(wheels))
	names := make([]string, len(wheels))
	for i, w := range wheels {
		items[i] = installer.Item{Wheel: w.wheel, Requested: w.Requested, DirectURL: w.directURL()}
		names[i] = w.Project
	}
	s.printer.Info("Installing collected packages: %s", strings.Join(names, ", "))
	plan, err := prefix.Plan(items, nil, installer.Options{
		Host: s.host, Interpreter: s.host.Executable(),
		Overwrite: c.options.overwrite || c.options.ignoreInstalled || c.options.target != "" && c.options.upgrade, AllowNative: c.options.noNativeCheck,
	})
	if err != nil {
		return err
	}
	for _, note := range plan.Notes {
		if note.Warning || c.options.overwrite {
			s.printer.Warn("%s", noteText(note))
		} else {
			s.printer.Detail("%s", noteText(note))
		}
	}
	for _, i := range plan.Installs {
		for _, old := range i.Replaces {
			s.printer.Info("  Attempting uninstall: %s", old.Key)
			s.printer.Info("    Found existing installation: %s %s", old.Name, old.Version)
		}
	}
	if err := plan.Apply(ctx); err != nil {
		return err
	}
	for _, i := range plan.Installs {
		for _, old := range i.Replaces {
			s.printer.Info("      Successfully uninstalled %s-%s", old.Name, old.Version)
		}
	}
	if !c.sel.noDeps && !c.options.noWarnConflicts {
		s.warnAbout(brokenBy(s.host, installed, wheels))
	}
	s.printer.Info("Successfully installed %s", installedList(wheels))
	if at.chosen {
		s.printer.Info("Host prefix: %s (%s)", at.path, s.host.Scheme().Purelib)
	}
	return nil
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
	out.URL = f.ref().URL // secrets are taken out when it is written
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

func (s *session) wouldInstall(r *resolver.Resolution) {
	var parts []string
	for _, p := range r.Packages {
		if p.Installed || p.Chosen[0].File == nil {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s-%s", p.Name, p.Version))
	}
	if len(parts) > 0 {
		slices.Sort(parts)
		s.printer.Info("Would install %s", strings.Join(parts, " "))
	}
}
