package cli

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/timings"
	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/redact"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

// hostPrefixes is the folder in which host prefixes are made when the command
// line names no place.
const hostPrefixes = "host-prefix"

// installCommand is everything that `xpip install` is told.
type installCommand struct {
	*app
	choice
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
	c.choice.host.register(r)
	c.choice.host.registerSlices(r)
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
	if err := c.options.settleShebang(); err != nil {
		return err
	}
	wanted, err := c.wanted(ctx, "install", args, c.reqs, &c.index, &c.sel)
	if err != nil {
		return err
	}
	all, err := c.slices(ctx, c.choice.host, c.index)
	if err != nil {
		return err
	}
	defer all[0].close()
	if err := c.settlePlaces(ctx, all); err != nil {
		return err
	}
	greet(all)

	defer closePrefixes(all)
	if err := c.openPrefixes(ctx, all); err != nil {
		return err
	}
	if err := c.openSources(ctx, all); err != nil {
		return err
	}
	if err := c.resolve(ctx, all, wanted); err != nil {
		return err
	}
	announce(ctx, all, (*slice).packages)
	if c.options.report != "" {
		if err := report(ctx, all, c.options.report); err != nil {
			return err
		}
	}
	if c.options.dryRun {
		wouldInstall(all)
		return nil
	}
	wheels, err := fetch(ctx, all)
	if err != nil {
		return err
	}
	all[0].tellBuilt(slices.Concat(wheels...))
	return c.apply(ctx, all, wheels)
}

// place is where an install goes.
type place struct {
	path   string
	layout installer.Layout
	chosen bool // by us, so it is said
	// facts are of the environment that is installed into, if one is named,
	// and others what its Python sees in folders that stay as they are.
	facts  *host.Facts
	others []beside
}

// interpreter is the path of the host's Python for #! lines; "" for scripts that
// look for it in their own folder or on PATH.
func (at place) interpreter(h *host.Host) string {
	if at.facts == nil || at.facts.HostExecutable == "" || at.facts.Root == "" || h.IsNative() {
		return h.Executable()
	}
	below, err := filepath.Rel(at.facts.Root, filepath.Join(at.path, filepath.FromSlash(h.Scheme().Scripts)))
	if err == nil && path.Join("/", filepath.ToSlash(below)) == path.Dir(at.facts.HostExecutable) {
		return ""
	}
	exact := path.Join(path.Dir(at.facts.HostExecutable), "python"+h.Python().Short())
	if _, err := os.Lstat(filepath.Join(at.facts.Root, filepath.FromSlash(exact))); err == nil && !h.FreeThreaded() {
		return exact // python3 may become another one
	}
	return at.facts.HostExecutable
}

func (c *installCommand) place(s *session) (place, error) {
	o := c.options
	named, err := c.destination(c.choice.host)
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
		return c.placeWithin(s, named)
	case !s.host.IsNative() || c.choice.host.from != "":
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

// openPrefix locks the prefix of a slice, unless nothing will be changed, finishes
// what an interrupted run left, and reads what is installed.
func (c *installCommand) openPrefix(ctx context.Context, s *slice) (err error) {
	at := s.place
	if s.prefix, err = installer.Open(at.path, at.layout, s.host.Scheme()); err != nil {
		return err
	}
	if !c.options.dryRun {
		recovery, err := s.prefix.Lock(ctx, func() {
			s.printer.Info("Waiting for another xpip that is changing %s", at.path)
		})
		if err != nil {
			return err
		}
		s.sayRecovery(recovery)
	}
	if c.options.ignoreInstalled {
		return nil
	}
	found, err := s.prefix.Installed()
	if err != nil {
		return err
	}
	s.installed = map[string]resolver.Installed{}
	for _, d := range found {
		version, err := pep440.Parse(d.Version)
		if err != nil || d.Metadata == nil {
			continue // damaged: installed again when it is wanted
		}
		if one := (&installed{Distribution: d, prefix: s.prefix}); !s.host.IsNative() && one.foreign(s.host) {
			s.printer.Warn("%s %s in %s was made for another host; it does not count as installed", d.Name, d.Version, at.path)
			continue
		}
		s.installed[d.Key] = resolver.Installed{Version: version, Metadata: resolverMetadata(d.Metadata)}
	}
	s.countBeside(at.others, s.installed)
	return nil
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

func (c *installCommand) resolve(ctx context.Context, all []*slice, w *wanted) error {
	policy, err := c.policy()
	if err != nil {
		return err
	}
	policy.ForceReinstall = c.options.forceReinstall
	if c.options.upgrade {
		policy.Upgrade = resolver.OnlyIfNeeded
		if c.options.strategy == "eager" {
			policy.Upgrade = resolver.Eager
		}
	}
	return resolve(ctx, all, w, policy)
}

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
	items := make([]installer.Item, len(wheels))
	for i, w := range wheels {
		items[i] = installer.Item{Wheel: w.wheel, Requested: w.Requested, DirectURL: w.directURL()}
	}
	_, planned := timings.Start(ctx, timings.Plan)
	defer planned()
	plan, err := s.prefix.Plan(items, nil, installer.Options{
		Host: s.host, Interpreter: s.place.interpreter(s.host), Shebang: c.options.shebang,
		NoScripts: c.options.noScripts, Launchers: c.launchers(ctx, s.session, wheels), AllowManaged: c.options.breakSystem,
		Overwrite: c.options.overwrite || c.options.ignoreInstalled || c.options.target != "" && c.options.upgrade, AllowNative: c.options.noNativeCheck,
	})
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
	if err := applyTimed(ctx, plan); err != nil {
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

// wouldInstall says what a run without --dry-run would install.
func wouldInstall(all []*slice) {
	for _, one := range all {
		var parts []string
		for _, p := range one.resolution.Packages {
			if !p.Installed && p.Chosen[0].File != nil {
				parts = append(parts, fmt.Sprintf("%s-%s", p.Name, p.Version))
			}
		}
		if len(parts) == 0 {
			continue
		}
		slices.Sort(parts)
		whom := ""
		if len(all) > 1 {
			whom = " for " + one.host.Platform()
		}
		one.printer.Info("Would install%s %s", whom, strings.Join(parts, " "))
	}
}
