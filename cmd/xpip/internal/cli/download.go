package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/index"
)

// downloadCommand is everything that `xpip download` is told.
type downloadCommand struct {
	*app
	host  hostOptions
	index indexOptions
	sel   selectionOptions
	reqs  requirementOptions
	dest  string
}

func (a *app) downloadCommand() *cobra.Command {
	c := &downloadCommand{app: a, dest: "."}
	cmd := &cobra.Command{
		Use:   "download",
		Short: "Download packages for a host into a folder",
		Long: `Download packages, with what they need, into a folder that --find-links of xpip
or pip reads.`,
		Example:     `  xpip download --platform ios_13_0_arm64 -d wheels -r requirements.txt`,
		Annotations: map[string]string{"usage": "[options] <requirement> ...\n[options] -r <requirements file> ..."},
		RunE:        func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
	}
	r := &registry{flags: cmd.Flags()}
	c.reqs.register(r)
	c.host.register(r)
	r.heading("Result")
	r.text(&c.dest, "dest", "d", "dir", "Download into this folder. [default: .]")
	r.alias("destination-dir", "dest")
	r.alias("destination-directory", "dest")
	c.index.register(r)
	c.sel.register(r)
	for _, name := range []string{"no-clean", "use-pep517", "check-build-dependencies"} {
		r.ignored(name, false)
	}
	r.ignored("src", true)
	r.ignored("exists-action", true)
	return cmd
}

func (c *downloadCommand) run(ctx context.Context, args []string) error {
	if err := c.open(); err != nil {
		return err
	}
	wanted, err := c.wanted(ctx, "download", args, c.reqs, &c.index, &c.sel)
	if err != nil {
		return err
	}
	s, err := c.session(ctx, c.host, c.index)
	if err != nil {
		return err
	}
	defer s.close()
	s.greet()
	policy, err := c.sel.policy(c.index.priorTo, time.Now)
	if err != nil {
		return err
	}
	src := newSource(s.client, s.printer.Warn)
	resolution, err := s.resolve(ctx, src, wanted, policy, nil)
	if err != nil {
		return err
	}
	s.announce(resolution, c.dest)
	files, err := s.fetch(ctx, resolution)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.dest, 0o755); err != nil {
		return &commandError{msg: fmt.Sprintf("Could not make the folder: %v", err)}
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Project
		if err := c.save(ctx, s, f); err != nil {
			return err
		}
	}
	s.printer.Info("Successfully downloaded %s", strings.Join(names, " "))
	return nil
}

// save puts a file into the folder, whole or not at all.
func (c *downloadCommand) save(ctx context.Context, s *session, f fetched) error {
	to := filepath.Join(c.dest, f.Chosen[0].File.Filename)
	blob, err := s.archive(ctx, f)
	if err != nil {
		return err
	}
	sum, err := fileSHA256(to)
	switch {
	case err == nil && sum == blob.SHA256:
		s.printer.Info("File was already downloaded %s", to)
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &commandError{msg: fmt.Sprintf("Could not read %s: %v", to, err)}
	}
	if err := copyFile(blob.Path, to); err != nil {
		return &commandError{msg: fmt.Sprintf("Could not save %s: %v", to, err)}
	}
	s.printer.Info("Saved %s", to)
	return nil
}

// archive is the wheel's own file, from the cache if it is there.
func (s *session) archive(ctx context.Context, f fetched) (index.Blob, error) {
	if f.blob.Path != "" {
		return f.blob, nil
	}
	return s.client.Download(ctx, *f.ref(), f.Hashes)
}

func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
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
