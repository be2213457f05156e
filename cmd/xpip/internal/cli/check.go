package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// checkCommand is everything that `xpip check` is told.
type checkCommand struct {
	*app
	prefixes prefixOptions
	index    indexOptions
	mending  bool
	dryRun   bool
}

func (a *app) checkCommand() *cobra.Command {
	c := &checkCommand{app: a}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Verify what is installed in a host prefix",
		Long: `Verify that what is installed fits together and fits the host: dependencies,
tags and Requires-Python, the hashes in RECORD, and the machine code in the files.
With --repair, files that are damaged or missing are put back as they were installed.`,
		Example: `  xpip check --platform manylinux_2_28_aarch64 --prefix rootfs/usr
  xpip check --platform ios_13_0_arm64 -t app_packages --repair --dry-run`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	r := &registry{flags: cmd.Flags()}
	c.prefixes.register(r)
	r.heading("Repair")
	r.on(&c.mending, "repair", "", "Restore damaged and missing files, from the cache or the index.")
	r.on(&c.dryRun, "dry-run", "", "With --repair: only say what would be done.")
	c.index.register(r)
	return cmd
}

func (c *checkCommand) run(ctx context.Context) (err error) {
	if c.dryRun && !c.mending {
		return &usageError{msg: "--dry-run goes with --repair: without that, nothing is changed anyway"}
	}
	env, err := c.environment(ctx, c.prefixes)
	if err != nil {
		return err
	}
	if c.mending && !c.dryRun {
		defer func() { err = errors.Join(err, env.close()) }()
		if err := env.lock(ctx); err != nil {
			return err
		}
	}
	h, err := env.host(ctx)
	if err != nil {
		return err
	}
	lines, err := c.report(ctx, env, h)
	if err != nil {
		return err
	}
	if c.mending && len(lines) > 0 {
		if err := c.repair(ctx, env, h); err != nil {
			return err
		}
		if c.dryRun {
			return errSilent
		}
		ctx = context.WithoutCancel(ctx) // the prefix is changed: how it is now is to be known
		if err := env.look(); err != nil {
			return err
		}
		c.printer.Info("After the repair:")
		if lines, err = c.report(ctx, env, h); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		c.printer.Info("No broken requirements found.")
		return nil
	}
	return errSilent
}

// report shows what is wrong, and returns it.
func (c *checkCommand) report(ctx context.Context, env *environment, h *host.Host) ([]string, error) {
	env.warnUnknown(h)
	lines := env.checkDependencies(h)
	contents, err := env.checkContents(ctx, h)
	if err != nil {
		return nil, err
	}
	lines = append(lines, contents...)
	lines = append(lines, env.checkLeftovers()...)
	for _, line := range lines {
		c.printer.Info("%s", line)
	}
	return lines, nil
}

// checkLeftovers says what interrupted runs left behind, and, for who wants to
// know more, which files nobody installed.
func (e *environment) checkLeftovers() []string {
	var lines []string
	for _, p := range e.ours {
		for _, left := range p.Leftovers() {
			lines = append(lines, fmt.Sprintf("%s was left by an interrupted run, or belongs to one that goes on; the next run that changes the prefix, or --repair, puts that right.", left))
		}
		if e.app.printer.Level() < ui.Verbose {
			continue
		}
		orphans, err := p.Orphans()
		if err != nil {
			e.app.printer.Detail("Looking for files that nobody installed: %v", err)
		}
		for _, orphan := range orphans {
			e.app.printer.Detail("%s belongs to no installed project", filepath.Join(p.Path(), filepath.FromSlash(orphan)))
		}
	}
	return lines
}

// checkDependencies says what is missing or has the wrong version, what is not
// for the host by its tags, and what is not for its Python.
func (e *environment) checkDependencies(h *host.Host) []string {
	var missing, conflicting, unsupported, python, damaged []string
	for i := range e.dists {
		d := &e.dists[i]
		for _, problem := range d.Problems {
			damaged = append(damaged, fmt.Sprintf("%s %s: %v.", d.Key, d.shownVersion(), problem))
		}
		deps, err := d.dependencies(h)
		if err != nil {
			e.app.printer.Warn("Error parsing dependencies of %s: %v", d.Key, err)
			missing = append(missing, fmt.Sprintf("%s %s has requirements that cannot be read.", d.Key, d.shownVersion()))
		}
		m, c := e.checkRequirements(d, deps)
		missing, conflicting = append(missing, m...), append(conflicting, c...)
		if tags, ok := d.tags(); ok && !slices.ContainsFunc(tags, func(t wheel.Tag) bool { _, has := h.Rank(t); return has }) {
			unsupported = append(unsupported, fmt.Sprintf("%s %s is not supported on this platform", d.Name, d.shownVersion()))
		}
		if d.Metadata == nil || d.Metadata.RequiresPython == "" {
			continue
		}
		wanted, err := pep440.ParseSpecifiers(d.Metadata.RequiresPython)
		if err == nil && !h.AcceptsPython(wanted) {
			python = append(python, fmt.Sprintf("%s %s requires Python %s, but the host has %s.", d.Key, d.shownVersion(), d.Metadata.RequiresPython, h.Python().Full()))
		}
	}
	for _, d := range e.doubles {
		python = append(python, fmt.Sprintf("%s is installed more than once: version %s in %s is not the one that counts.", d.Key, d.shownVersion(), d.infoPath()))
	}
	return slices.Concat(missing, conflicting, unsupported, python, damaged)
}

// checkRequirements compares the requirements of one distribution with what is
// there, in pip's words. Several for one project stand in the order of their
// text.
func (e *environment) checkRequirements(d *installed, deps []requirements.Requirement) (missing, conflicting []string) {
	slices.SortStableFunc(deps, func(a, b requirements.Requirement) int {
		if c := strings.Compare(a.Key(), b.Key()); c != 0 {
			return c
		}
		return strings.Compare(a.String(), b.String())
	})
	for _, r := range deps {
		has := e.find(r.Key())
		if has == nil {
			missing = append(missing, fmt.Sprintf("%s %s requires %s, which is not installed.", d.Key, d.shownVersion(), r.Key()))
			continue
		}
		version, err := pep440.Parse(has.Version)
		if err != nil || !r.Specifiers.Contains(version) {
			conflicting = append(conflicting, fmt.Sprintf("%s %s has requirement %s, but you have %s %s.", d.Key, d.shownVersion(), r, r.Key(), has.shownVersion()))
		}
	}
	return slices.Compact(missing), slices.Compact(conflicting)
}

// tags are those that the WHEEL of a distribution states; false if it has none.
func (d *installed) tags() ([]wheel.Tag, bool) {
	text, ok := d.read("WHEEL")
	if !ok {
		return nil, false
	}
	info, err := wheel.ParseInfo(text)
	if err != nil {
		return nil, false
	}
	var tags []wheel.Tag
	for _, line := range info.Tags {
		if parsed, err := wheel.ParseTags(line); err == nil {
			tags = append(tags, parsed...)
		}
	}
	return tags, true
}

// checkContents says which files are not as they were installed, and which are
// machine code that the host cannot load.
func (e *environment) checkContents(ctx context.Context, h *host.Host) ([]string, error) {
	found := make([][]string, len(e.dists))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range e.dists {
		group.Go(func() error {
			var err error
			found[i], err = e.dists[i].checkFiles(ctx, h)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(found...), nil
}

func (d *installed) checkFiles(ctx context.Context, h *host.Host) ([]string, error) {
	files, _, err := d.prefix.Files(d.Distribution)
	var unlisted *installer.NotRemovableError
	if err != nil && !errors.As(err, &unlisted) {
		return nil, err
	}
	damage, err := d.damage(ctx)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, one := range damage {
		lines = append(lines, fmt.Sprintf("%s %s: %s %s.", d.Key, d.shownVersion(), one.Path, one.Reason))
	}
	natives, err := d.natives(files)
	if err != nil {
		return nil, err
	}
	for _, unfit := range h.CheckWheel(d.filename(), natives) {
		lines = append(lines, fmt.Sprintf("%s %s: %v.", d.Key, d.shownVersion(), unfit))
	}
	return lines, nil
}

// damage lists the files that are not as they were installed. Bytecode comes
// and goes, and what lies outside of the prefix is not ours to see.
func (d *installed) damage(ctx context.Context) ([]installer.Damage, error) {
	_, outside, err := d.prefix.Files(d.Distribution)
	var unlisted *installer.NotRemovableError
	if errors.As(err, &unlisted) {
		if !d.wheelInstalled() || d.Installer == "" || d.Manager() != "" {
			return nil, nil // as distributions of an operating system: nothing is promised
		}
		reason := "is missing"
		if _, there := d.read("RECORD"); there {
			reason = "can't be read"
		}
		return []installer.Damage{{Path: path.Join(d.InfoDir, "RECORD"), Reason: reason}}, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := d.prefix.Verify(ctx, d.Distribution)
	return slices.DeleteFunc(all, func(one installer.Damage) bool {
		return path.Ext(one.Path) == ".pyc" || slices.Contains(outside, one.Path)
	}), err
}

// filename is the name of a wheel like the one that was installed, by the tags
// that it states; without a tag, which claims nothing, if it states none.
func (d *installed) filename() wheel.Filename {
	tags, ok := d.tags()
	if !ok || len(tags) == 0 {
		return wheel.Filename{}
	}
	stem := strings.TrimSuffix(path.Base(d.InfoDir), path.Ext(d.InfoDir))
	name, err := wheel.ParseFilename(stem + "-py3-none-any.whl")
	if err == nil {
		name, err = name.WithTags(tags)
	}
	if err != nil {
		return wheel.Filename{}
	}
	return name
}

// natives are the files of machine code among those that were recorded.
func (d *installed) natives(files []installer.InstalledFile) ([]wheel.Native, error) {
	root, err := os.OpenRoot(d.prefix.Path())
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var out []wheel.Native
	for _, f := range files {
		native, ok, err := inspectFile(root, f.Path)
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", f.Path, err)
		}
		if ok {
			out = append(out, native)
		}
	}
	return out, nil
}

// sniffed is how many of a file's first bytes are looked at.
const sniffed = 4096

// inspectFile reads the headers of a file if it is machine code. What is
// missing, or no regular file, is left to others to report.
func inspectFile(root *os.Root, name string) (wheel.Native, bool, error) {
	info, err := root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return wheel.Native{}, false, nil
	}
	f, err := root.Open(name)
	if err != nil {
		return wheel.Native{}, false, err
	}
	defer f.Close()
	var head [sniffed]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return wheel.Native{}, false, err
	}
	if _, ok := wheel.Sniff(name, head[:n]); !ok {
		return wheel.Native{}, false, nil
	}
	if int64(n) == info.Size() {
		native, err := wheel.Inspect(name, bytes.NewReader(head[:n]), info.Size())
		return native, err == nil, err
	}
	native, err := wheel.Inspect(name, f, info.Size())
	return native, err == nil, err
}
