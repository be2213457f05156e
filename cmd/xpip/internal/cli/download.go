package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// downloadCommand is everything that `xpip download` or `xpip wheel` is told.
type downloadCommand struct {
	*app
	verb string
	choice
	dest string
}

func (a *app) downloadCommand() *cobra.Command {
	c := &downloadCommand{app: a, verb: "download", dest: "."}
	cmd := &cobra.Command{
		Use:   "download",
		Short: "Download packages for a host into a folder",
		Long: `Download packages, with what they need, into a folder that --find-links of xpip
or pip reads. What comes from source is downloaded as it is: 'xpip wheel' builds it.`,
		Example: `  xpip download --platform ios_13_0_arm64 -d wheels -r requirements.txt`,
	}
	c.register(cmd, func(r *registry) {
		r.path(&c.dest, "dest", "d", "dir", "Download into this folder. [default: .]")
		r.alias("destination-dir", "dest")
		r.alias("destination-directory", "dest")
	})
	return cmd
}

func (a *app) wheelCommand() *cobra.Command {
	c := &downloadCommand{app: a, verb: "wheel", dest: "."}
	cmd := &cobra.Command{
		Use:   "wheel",
		Short: "Collect wheels for a host in a folder, building what comes from source",
		Long: `Collect a wheel of everything that is asked for, and of what that needs, in a
folder: a wheelhouse. What has no wheel for the host is built from source without
a compiler. pip installs from it with --no-index --find-links.`,
		Example: `  xpip wheel --platform ios_13_0_arm64 -w wheels -r requirements.txt`,
	}
	c.register(cmd, func(r *registry) {
		r.path(&c.dest, "wheel-dir", "w", "dir", "Put wheels into this folder. [default: .]")
	})
	return cmd
}

// register gives cmd its options; result adds the one that names the folder.
func (c *downloadCommand) register(cmd *cobra.Command, result func(*registry)) {
	cmd.Annotations = map[string]string{"usage": "[options] <requirement> ...\n[options] -r <requirements file> ...\n[options] <archive path or URL> ..."}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) }
	r := &registry{flags: cmd.Flags()}
	c.reqs.register(r)
	c.choice.host.register(r)
	r.heading("Result")
	result(r)
	c.index.register(r)
	c.sel.register(r)
	c.build.register(r)
	registerBuildCompatibility(r)
	if c.verb == "wheel" {
		r.ignored("no-verify", false, "a wheel that was built is always verified")
	}
}

func (c *downloadCommand) run(ctx context.Context, args []string) error {
	if err := c.open(); err != nil {
		return err
	}
	s, src, resolution, err := c.choose(ctx, c.app, c.verb, args)
	if err != nil {
		return err
	}
	defer s.close()
	s.announce(ctx, src, resolution, c.dest)
	files, err := s.fetch(ctx, src, resolution)
	if err != nil {
		return err
	}
	s.tellBuilt(files)
	if err := os.MkdirAll(c.dest, 0o755); err != nil {
		return &commandError{msg: fmt.Sprintf("Could not make the folder: %v", err)}
	}
	for _, f := range files {
		if err := c.save(ctx, s, f); err != nil {
			return err
		}
	}
	if c.verb == "download" {
		slices.SortStableFunc(files, func(a, b fetched) int { return len(a.Why) - len(b.Why) })
		names := make([]string, len(files))
		for i, f := range files {
			names[i] = f.Project
		}
		s.printer.Info("Successfully downloaded %s", strings.Join(names, " "))
	}
	return nil
}

// save puts a file into the folder, whole or not at all.
func (c *downloadCommand) save(ctx context.Context, s *session, f fetched) error {
	from, name, digest, err := c.result(ctx, s, f)
	if err != nil {
		return err
	}
	to := filepath.Join(c.dest, name)
	sum, err := fileHash(to, "sha256")
	switch {
	case err == nil && sum == digest:
		s.printer.Info("File was already downloaded %s", absolute(to))
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &commandError{msg: fmt.Sprintf("Could not read %s: %v", to, err)}
	}
	if err := copyFile(from, to); err != nil {
		return &commandError{msg: fmt.Sprintf("Could not save %s: %v", to, err)}
	}
	s.printer.Info("Saved %s", shownPath(to))
	return nil
}

// result is the file that a package leaves in the folder: its wheel, or for
// download its sdist as it was found. A folder's wheel is all there is of it.
func (c *downloadCommand) result(ctx context.Context, s *session, f fetched) (path, name, digest string, err error) {
	if f.built != nil && (c.verb == "wheel" || f.ref() == nil) {
		return f.built.path, f.built.Filename, f.built.SHA256, nil
	}
	blob := f.blob
	if blob.Path == "" {
		if blob, err = s.client.Download(ctx, *f.ref(), f.Hashes); err != nil {
			return "", "", "", err
		}
	}
	return blob.Path, f.ref().Filename, blob.SHA256, nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), ".xpip-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // gone already when all went well
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(0o644)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}
