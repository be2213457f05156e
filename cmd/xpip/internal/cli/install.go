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
	defer closeAll(all)
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
	if !c.options.dryRun {
		defer fetchEarly(ctx, all).close()
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
