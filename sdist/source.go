package sdist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/sdist/project"
	"github.com/xpip/xpip/sdist/unpack"
	"github.com/xpip/xpip/wheel"
)

// fetchSource puts a fresh copy of the request's source into dir and returns
// the project's folder in it.
func (w *building) fetchSource(ctx context.Context, dir string) (string, error) {
	top := "project"
	if w.req.Dir != "" {
		if err := copyTree(ctx, w.req.Dir, filepath.Join(dir, top), w.work, !w.req.Foreign); err != nil {
			return "", fmt.Errorf("copying the source folder: %w", err)
		}
	} else {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return "", fmt.Errorf("unpacking the source: %w", err)
		}
		defer func() { _ = root.Close() }()
		if top, err = unpack.Into(ctx, w.req.Archive, w.req.filename(), root, w.config.Limits); err != nil {
			return "", err
		}
	}
	source := filepath.Join(dir, top)
	if w.req.Subdirectory != "" {
		sub := filepath.FromSlash(w.req.Subdirectory)
		real, err := filepath.EvalSymlinks(filepath.Join(source, sub))
		if rel, relErr := filepath.Rel(source, real); !filepath.IsLocal(sub) || err != nil || relErr != nil || !filepath.IsLocal(rel) {
			return "", &BuildError{Subject: w.subject, Reason: fmt.Sprintf("has no subdirectory %q", w.req.Subdirectory), Err: err}
		}
		source = real
	}
	return source, w.checkPKGInfo(source)
}

// checkPKGInfo compares the name and version in PKG-INFO, of any age, with the
// requested ones.
func (w *building) checkPKGInfo(source string) error {
	raw, err := dirFiles(source).ReadFile("PKG-INFO")
	if errors.Is(err, fs.ErrNotExist) || w.req.Dir != "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading PKG-INFO: %w", err)
	}
	m, err := wheel.ParseMetadata(raw)
	if err != nil {
		return nil //nolint:nilerr // old ones are often malformed, and nothing depends on them
	}
	if err := project.CheckIdentity("PKG-INFO", m.Name, m.Version, w.req.Name, w.req.Version); err != nil {
		return &BuildError{Subject: w.subject, Reason: err.Error(), Err: err}
	}
	return nil
}

// leftovers are folders of earlier builds and of tools at the top of a project,
// which are not part of it.
func leftover(dir, name string) bool {
	switch name {
	case "build", "dist", ".eggs", ".tox", ".nox", ".venv", "venv", "env", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache":
	default:
		return strings.HasSuffix(name, ".egg-info")
	}
	// A package may well be called build, or env.
	_, err := os.Stat(filepath.Join(dir, name, "__init__.py"))
	return err != nil
}

// copyTree copies a project's folder, less what earlier builds left there: a
// stale build folder would bring old files into the wheel. Links are copied as
// links when they stay inside; when not, with follow, as the files they lead to.
// The folder skip, which may lie inside, is left out.
func copyTree(ctx context.Context, from, to, skip string, follow bool) error {
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		dest := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			if path == skip || filepath.Dir(rel) == "." && rel != "." && leftover(from, rel) {
				return fs.SkipDir
			}
			return os.MkdirAll(dest, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			return copyLink(from, path, dest, follow)
		case d.Type().IsRegular():
			return copyFile(path, dest)
		}
		return nil // sockets and pipes are no source
	})
}

func copyLink(from, path, dest string, follow bool) error {
	text, err := os.Readlink(path)
	if err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil //nolint:nilerr // leads nowhere
	}
	rel, err := filepath.Rel(from, target)
	if err == nil && filepath.IsLocal(rel) && !filepath.IsAbs(text) {
		return os.Symlink(text, dest)
	}
	if info, err := os.Stat(target); err != nil || !follow || !info.Mode().IsRegular() {
		return err
	}
	return copyFile(target, dest)
}

func copyFile(path, dest string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(dest, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644|info.Mode().Perm()&0o111)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
