package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/pylock"
	"github.com/xpip/xpip/requirements/redact"
	"github.com/xpip/xpip/requirements/reqfile"
	"github.com/xpip/xpip/resolver"
)

// lockCommand is everything that `xpip lock` is told.
type lockCommand struct {
	*app
	choice
	output string
}

func (a *app) lockCommand() *cobra.Command {
	c := &lockCommand{app: a, output: "pylock.toml"}
	cmd := &cobra.Command{
		Use:   "lock",
		Short: "Write down what would be installed for a host (pylock.toml)",
		Long: `Resolve for a host and write down every file that was chosen, with its hashes,
in a lock file (PEP 751). 'xpip install -r pylock.toml' installs these files and no
others. The lock is for the host of the options; with
several --slice for all of these.`,
		Example: `  xpip lock --platform ios_13_0_arm64 -r requirements.txt
  xpip lock --platform android_24_arm64_v8a -o pylock.android.toml requests
  xpip install --platform ios_13_0_arm64 -r pylock.toml`,
		Annotations: map[string]string{"usage": "[options] <requirement> ...\n[options] -r <requirements file> ...\n[options] <archive path or URL> ..."},
		RunE:        func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
	}
	r := &registry{flags: cmd.Flags()}
	c.reqs.register(r)
	c.choice.host.register(r)
	c.choice.host.registerSlices(r)
	r.heading("Result")
	r.path(&c.output, "output", "o", "path", "Write the lock file here; - is standard output. [default: pylock.toml]")
	c.index.register(r)
	c.sel.register(r)
	c.build.register(r)
	registerBuildCompatibility(r)
	return cmd
}

func (c *lockCommand) run(ctx context.Context, args []string) error {
	stdout := c.Stdout
	if c.output == "-" {
		c.Stdout = c.Stderr // nothing but the lock goes to standard output
	}
	if err := c.open(); err != nil {
		return err
	}
	all, err := c.choose(ctx, c.app, "lock", args)
	if err != nil {
		return err
	}
	defer closeAll(all)
	announce(ctx, all, func(*slice, string) string { return "" })
	return c.write(ctx, all, stdout)
}

// write writes the lock of the slices' resolutions.
func (c *lockCommand) write(ctx context.Context, all []*slice, stdout io.Writer) error {
	s := all[0]
	base, err := filepath.Abs(".")
	if c.output != "-" {
		if _, _, named := reqfile.SplitPylock(c.output); !named {
			s.printer.Warn("%s is not a valid lock file name.", c.output)
		}
		base, err = filepath.Abs(filepath.Dir(c.output))
	}
	if err != nil {
		return fmt.Errorf("finding the folder of %q: %w", c.output, err)
	}
	lock, err := lockOf(ctx, all, base)
	if err != nil {
		return err
	}
	data, err := lock.Encode()
	if err != nil {
		return err
	}
	if c.output == "-" {
		if _, err := stdout.Write(data); err != nil {
			return fmt.Errorf("writing to standard output: %w", err)
		}
		return nil
	}
	if err := os.WriteFile(c.output, data, 0o644); err != nil {
		return &commandError{msg: fmt.Sprintf("Could not write the lock file: %v", err)}
	}
	s.printer.Info("Wrote %s (%d packages)", c.output, len(lock.Packages))
	return nil
}

// lockOf is the lock of the slices' resolutions; base is the folder that it will
// lie in.
func lockOf(ctx context.Context, all []*slice, base string) (*pylock.Lock, error) {
	packages := together(all)
	lock := &pylock.Lock{Version: "1.0", CreatedBy: "xpip", Packages: make([]pylock.Package, len(packages))}
	if err := lockHosts(lock, all); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(downloads)
	for i := range packages {
		group.Go(func() error { return lockShared(ctx, all, packages[i], base, &lock.Packages[i]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(lock.Packages, func(a, b pylock.Package) int { return strings.Compare(a.Name, b.Name) })
	return lock, nil
}

// environmentMarker is the marker of the environments of a host: the system, the
// processor and the implementation, with more of them the Python's version; "" if
// nothing is known. The C library, and what else only tags can say, the wheels'
// names have.
func environmentMarker(env requirements.Environment, more ...string) string {
	var terms []string
	for _, name := range append([]string{"sys_platform", "platform_machine", "implementation_name"}, more...) {
		if value, ok := env.Get(name); ok && value.Known && value.Text != "" {
			terms = append(terms, name+" == "+strconv.Quote(value.Text))
		}
	}
	return strings.Join(terms, " and ")
}

// lockTool is what [tool.xpip] says: how the host was described. Nothing reads
// it; it is there for people.
func lockTool(h *host.Host) map[string]any {
	out := map[string]any{
		"version": Version, "host": h.Name(), "platforms": h.Platforms(),
		"python-version": h.Python().String(), "implementation": h.Implementation(), "abis": h.ABIs(),
	}
	if h.Exact() {
		out["platform-exact"] = true
	}
	return out
}

// lockPackage says where a package comes from.
func (s *session) lockPackage(ctx context.Context, p *resolver.Package, base string, out *pylock.Package) error {
	file := p.Chosen[0].File
	o := file.Ref.(*origin)
	out.Name = p.Project
	switch {
	case o.vcs != nil:
		out.VCS = &pylock.VCS{
			Type: o.vcs.VCS, URL: withoutCredentials(o.url), RequestedRevision: o.vcs.RequestedRevision,
			CommitID: o.vcs.CommitID, Subdirectory: o.subdirectory,
		}
		return nil
	case o.file == nil:
		out.Directory = &pylock.Directory{Path: relativePath(base, o.dir), Subdirectory: o.subdirectory}
		return nil
	}
	entry, err := s.lockFile(ctx, file, base)
	if err != nil {
		return err
	}
	if o.direct {
		entry.Subdirectory = o.subdirectory
		out.Archive = entry
		return nil
	}
	out.Version, out.Index = p.Version, o.file.Index
	text := file.RequiresPython
	if text == "" && p.Chosen[0].Metadata != nil {
		text = p.Chosen[0].Metadata.RequiresPython
	}
	if wanted, err := pep440.ParseSpecifiers(text); err == nil { // what cannot be read forbids nothing
		out.RequiresPython = wanted
	}
	if file.IsWheel() {
		out.Wheels = []pylock.File{*entry}
	} else {
		out.Sdist = entry
	}
	return nil
}

// lockFile is the entry of a file: what its index says. A file of which that is
// no hash is brought here to find out.
func (s *session) lockFile(ctx context.Context, f *resolver.File, base string) (*pylock.File, error) {
	ref := fileOf(f)
	out := &pylock.File{Name: ref.Filename, UploadTime: ref.UploadTime, Size: ref.Size, Hashes: map[string]string{}}
	for _, algorithm := range checked {
		if digest := ref.Hashes[algorithm]; digest != "" {
			out.Hashes[algorithm] = digest
		}
	}
	if len(out.Hashes) == 0 {
		blob, err := s.client.Download(ctx, *ref, nil)
		if err != nil {
			return nil, err
		}
		out.Hashes["sha256"], out.Size = blob.SHA256, blob.Size
	}
	if path := localPath(f); path != "" {
		out.Path = relativePath(base, path)
	} else {
		out.URL = withoutCredentials(ref.URL)
	}
	return out, nil
}

// relativePath is a path as a lock file in the folder base has it.
func relativePath(base, path string) string {
	abs := absolute(path)
	rel, err := filepath.Rel(base, abs)
	if err != nil {
		return filepath.ToSlash(abs) // another drive
	}
	return filepath.ToSlash(rel)
}

// withoutCredentials is a URL without the user's name and password, and without
// signatures.
func withoutCredentials(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.User = nil
	return redact.Signatures(u.String())
}
