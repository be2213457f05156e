package sdist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/sdist/project"
	"github.com/xpip/xpip/wheel"
)

// prove checks the wheel that a build made, gives it the tag it has earned and
// puts it into the output folder.
func (a *attempt) prove(ctx context.Context, path string) (*Result, error) {
	name := filepath.Base(path)
	refuse := func(err error) error {
		return &WheelError{Subject: a.subject, Wheel: name, LogPath: a.logPath, Err: err}
	}
	archive, err := wheel.OpenFile(path, wheel.Limits{})
	if err != nil {
		return nil, refuse(err)
	}
	defer func() { _ = archive.Close() }()
	m := archive.Metadata()
	if err := project.CheckIdentity("the wheel", m.Name, m.Version, a.subject.Project, a.subject.Version); err != nil {
		return nil, refuse(err)
	}
	tree := filepath.Join(a.dir, "wheel")
	contents, err := unpackWheel(ctx, archive, tree)
	if err != nil {
		if _, ok := errors.AsType[*wheel.InvalidError](err); ok {
			return nil, refuse(err)
		}
		return nil, err
	}
	if err := a.checkNative(ctx, archive, contents.Native); err != nil {
		return nil, err
	}
	res := &Result{
		BuiltAs: archive.Filename().TagSet(), Asked: a.asked, Python: a.python, Attempts: a.count, LogPath: a.logPath, Switch: a.use,
		Metadata: Metadata{
			Name: m.Name, Version: m.Version, RequiresPython: m.RequiresPython,
			RequiresDist: m.RequiresDist, ProvidesExtra: m.ProvidesExtra, Source: "wheel",
		},
	}
	if a.promised != nil && !res.Metadata.SameRequirements(*a.promised) {
		res.BrokePromise = true
		res.Notes = append(res.Notes, "its wheel has other requirements than its "+a.promised.Source+" promises")
	}
	if file := a.leak(tree, contents.Files); file != "" {
		res.Notes = append(res.Notes, fmt.Sprintf("%q names a folder of this machine", file))
	}
	if res.WheelPath, err = a.deliver(archive, path, res); err != nil {
		return nil, err
	}
	res.Filename = filepath.Base(res.WheelPath)
	return res, nil
}

func unpackWheel(ctx context.Context, archive *wheel.Archive, dir string) (*wheel.Contents, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("looking into the built wheel: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("looking into the built wheel: %w", err)
	}
	defer func() { _ = root.Close() }()
	return archive.Unpack(ctx, root, 0)
}

// deliver puts the wheel into the output folder, under the tags it has earned.
func (a *attempt) deliver(archive *wheel.Archive, path string, res *Result) (string, error) {
	name := archive.Filename()
	tags := earnedTags(name)
	if _, fits := a.req.Host.BestRank(name); fits && name.IsPure() {
		tags = nil
	}
	if tags == nil {
		dest := filepath.Join(a.outDir, filepath.Base(path))
		return dest, copyFile(path, dest)
	}
	if a.config.NoRetag {
		return "", &WheelError{Subject: a.subject, Wheel: name.Raw, LogPath: a.logPath, Err: errors.New("its tags are for the build machine, though it has no machine code in it")}
	}
	dest, err := wheel.Retag(path, a.outDir, tags)
	if err != nil {
		return "", fmt.Errorf("retagging the built wheel: %w", err)
	}
	res.Retagged = true
	return dest, nil
}

// earnedTags are the tags of a wheel without machine code: for any platform,
// for the Python versions that it names in a general way, else for Python 3.
func earnedTags(name wheel.Filename) []wheel.Tag {
	var tags []wheel.Tag
	for _, p := range name.Pythons() {
		// py312 is what a build with 3.12 says by habit, too; major versions are
		// meant.
		if p == "py2" || p == "py3" {
			tags = append(tags, wheel.Tag{Python: p, ABI: "none", Platform: "any"})
		}
	}
	if !slices.ContainsFunc(tags, func(t wheel.Tag) bool { return t.Python == "py3" }) {
		return []wheel.Tag{{Python: "py3", ABI: "none", Platform: "any"}}
	}
	return tags
}

// checkNative refuses machine code. Files that lie in the source distribution as
// they are were not made by the build; they may be what any none-any wheel may
// hold (launchers for Windows, libraries of several systems).
func (a *attempt) checkNative(ctx context.Context, archive *wheel.Archive, natives []wheel.Native) error {
	suspects := nativePaths(archive, natives)
	if len(suspects) == 0 {
		return nil
	}
	committed, err := a.committed(ctx, archive, suspects)
	if err != nil {
		return err
	}
	refusal := &NativeContentError{Subject: a.subject, LogPath: a.logPath}
	for _, path := range suspects {
		if !committed[path] {
			refusal.Files = append(refusal.Files, path)
		}
	}
	if len(refusal.Files) > 0 {
		return refusal
	}
	pure, err := archive.Filename().WithTags([]wheel.Tag{{Python: "py3", ABI: "none", Platform: "any"}})
	if err != nil {
		return fmt.Errorf("judging the built wheel: %w", err)
	}
	for _, unfit := range a.req.Host.CheckWheel(pure, natives) {
		refusal.Committed = true
		refusal.Files = append(refusal.Files, unfit.Path)
		if refusal.Err == nil {
			refusal.Err = unfit
		}
	}
	if len(refusal.Files) > 0 {
		return refusal
	}
	return nil
}

// nativePaths are the members that are machine code by their first bytes, and
// those called like extension modules, a compiler's empty or odd output. Sorted.
func nativePaths(archive *wheel.Archive, natives []wheel.Native) []string {
	var paths []string
	for _, n := range natives {
		paths = append(paths, n.Path)
	}
	for _, e := range archive.Entries() {
		if base := strings.ToLower(e.Path); strings.HasSuffix(base, ".so") || strings.HasSuffix(base, ".pyd") {
			paths = append(paths, e.Path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// committed tells which of the wheel's files lie byte for byte in the
// source as it was delivered. The source that was built in may have been changed
// by the build, so a fresh one is looked at.
func (a *attempt) committed(ctx context.Context, archive *wheel.Archive, paths []string) (map[string]bool, error) {
	bySize := map[int64]bool{}
	for _, e := range archive.Entries() {
		if slices.Contains(paths, e.Path) {
			bySize[e.Size] = true
		}
	}
	dir := filepath.Join(a.dir, "pristine")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("comparing the built wheel with its source: %w", err)
	}
	if _, err := a.fetchSource(ctx, dir); err != nil {
		return nil, err
	}
	digests := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil || !bySize[info.Size()] {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		digests[base64.RawURLEncoding.EncodeToString(sum[:])] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("comparing the built wheel with its source: %w", err)
	}
	found := map[string]bool{}
	for _, row := range archive.Record() {
		if row.Algorithm == "sha256" && digests[row.Digest] {
			found[row.Path] = true
		}
	}
	return found, nil
}

// leak returns the first text of the wheel that names the build's folder.
func (a *attempt) leak(tree string, files []wheel.File) string {
	const most = 1 << 20
	needle := []byte(a.work)
	for _, f := range files {
		if f.Size > most || strings.HasSuffix(f.Path, ".pyc") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(tree, filepath.FromSlash(f.Path)))
		if err == nil && bytes.Contains(b, needle) {
			return f.Path
		}
	}
	return ""
}
