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

	"github.com/xpip/xpip/wheel"
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
	c.choice.host.registerSlices(r)
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
	all, err := c.choose(ctx, c.app, c.verb, args)
	if err != nil {
		return err
	}
	s := all[0]
	defer closeAll(all)
	announce(ctx, all, func(*slice, string) string { return c.dest })
	wheels, err := fetch(ctx, all)
	if err != nil {
		return err
	}
	files, err := c.oneFolder(all, wheels)
	if err != nil {
		return err
	}
	s.tellBuilt(files)
	if err := os.MkdirAll(c.dest, 0o755); err != nil {
		return &commandError{msg: fmt.Sprintf("Could not make the folder: %v", err)}
	}
	for _, f := range files {
		if err := c.save(ctx, s.session, f); err != nil {
			return err
		}
	}
	if c.verb == "download" {
		slices.SortStableFunc(files, func(a, b fetched) int { return len(a.Why) - len(b.Why) })
		var names []string
		for _, f := range files {
			if !slices.Contains(names, f.Project) {
				names = append(names, f.Project)
			}
		}
		s.printer.Info("Successfully downloaded %s", strings.Join(names, " "))
	}
	return nil
}

// oneFolder lists what the slices put into the folder, each file once. Wheels
// of one name that were built for two hosts and differ cannot both be there.
func (c *downloadCommand) oneFolder(all []*slice, wheels [][]fetched) ([]fetched, error) {
	if len(all) == 1 {
		return wheels[0], nil
	}
	var out []fetched
	whose := map[string]int{} // places in out, by name of the file
	for h, list := range wheels {
		for _, f := range list {
			name := f.Chosen[0].File.Filename
			if f.built != nil && (c.verb == "wheel" || f.ref() == nil) {
				name = f.built.Filename
			}
			i, twice := whose[name]
			switch {
			case !twice:
				whose[name] = len(out)
				out = append(out, f)
			case f.built != nil && !sameFiles(f.wheel, out[i].wheel):
				return nil, &commandError{
					msg:   fmt.Sprintf("%s, built for %s, differs from the one that was built for a slice before: they cannot lie in one folder.", name, all[h].host.Name()),
					hints: []string{"Run xpip for each --platform, with folders of their own."},
				}
			}
		}
	}
	return out, nil
}

// sameFiles reports whether two wheels hold the same bytes under the same names.
func sameFiles(a, b *wheel.Unpacked) bool {
	return slices.EqualFunc(a.Files, b.Files, func(f, g wheel.File) bool { return f.Path == g.Path && f.SHA256 == g.SHA256 })
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
