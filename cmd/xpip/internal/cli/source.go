package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/xpip/xpip/cmd/xpip/internal/timings"
	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/sdist/checkout"
	"github.com/xpip/xpip/wheel"
)

// source is the world of one host, made of an index and of builds.
// It keeps the full core metadata of every file that was asked for, for reports.
type source struct {
	client *index.Client
	warn   func(format string, args ...any)
	builds *builds

	locked    map[string]resolver.File // the only file of a project, by a lock
	anyPython bool                     // what wheels say of Python does not count

	mu       sync.Mutex
	metadata map[string]*wheel.Metadata // by URL
	warned   map[string]bool
	listings map[string]index.Listing // by project, those that were asked for
}

func newSource(client *index.Client, warn func(string, ...any), b *builds) *source {
	return &source{client: client, warn: warn, builds: b, metadata: map[string]*wheel.Metadata{}, warned: map[string]bool{}, listings: map[string]index.Listing{}}
}

// Listing returns the candidates of a project, as resolver.Source wants them.
func (s *source) Listing(ctx context.Context, project string) (resolver.Listing, error) {
	if f, ok := s.locked[project]; ok {
		return resolver.ListFiles([]resolver.File{f}), nil
	}
	asking, answered := timings.Start(ctx, timings.Index)
	listing, err := s.client.Files(asking, project)
	answered()
	var missing *index.NotFoundError
	if errors.As(err, &missing) {
		return nil, &resolver.NotFoundError{Project: missing.Project, Looked: missing.Looked}
	}
	var quarantined *index.QuarantinedError
	if errors.As(err, &quarantined) {
		return nil, &resolver.NotFoundError{Project: quarantined.Project, Looked: []string{quarantined.Index}, Withheld: withheld(quarantined)}
	}
	if err != nil {
		return nil, err
	}
	for _, w := range listing.Warnings {
		s.once(w)
	}
	s.mu.Lock()
	s.listings[project] = listing
	s.mu.Unlock()
	return candidates{listing}, nil
}

// candidates are what indexes list of a project, as the resolver sees it.
type candidates struct{ index.Listing }

// Len implements resolver.Listing.
func (c candidates) Len() int { return len(c.Releases) }

// Version implements resolver.Listing.
func (c candidates) Version(i int) pep440.Version { return c.Releases[i].Version }

// Files implements resolver.Listing.
func (c candidates) Files(i int) []resolver.File {
	listed := c.Releases[i].Files()
	files := make([]resolver.File, 0, len(listed))
	for k := range listed {
		if f, ok := candidate(&origin{file: &listed[k]}); ok && f.Version.Equal(c.Version(i)) {
			files = append(files, f)
		}
	}
	return files
}

// withheld says of a project, behind its name, that it is quarantined.
func withheld(q *index.QuarantinedError) string {
	if q.Reason == "" {
		return "is quarantined by its index"
	}
	return fmt.Sprintf("is quarantined by its index (%s)", ui.OneLine(q.Reason))
}

// once warns of each thing one time, though several requirements may meet it.
func (s *source) once(warning string) {
	s.mu.Lock()
	seen := s.warned[warning]
	s.warned[warning] = true
	s.mu.Unlock()
	if !seen {
		s.warn("%s", warning)
	}
}

// candidate reads name and version out of a file's name. A name that is no
// distribution's, or a version that is none, is not offered at all, as in pip.
func candidate(o *origin) (resolver.File, bool) {
	f := o.file
	out := resolver.File{
		Filename: f.Filename, RequiresPython: f.RequiresPython,
		Yanked: f.Yanked, YankedReason: f.YankedReason, UploadTime: f.UploadTime,
		Hashes: f.Hashes, Size: f.Size, Index: f.Index, Local: f.Local, Ref: o,
	}
	var version string
	if f.IsWheel() {
		name, err := wheel.ParseFilename(f.Filename)
		if err != nil || name.Project != f.Project && f.Project != "" {
			return resolver.File{}, false
		}
		out.Wheel, version = &name, name.Version
	} else {
		name, err := wheel.ParseSdistFilename(f.Filename, f.Project)
		if err != nil {
			return resolver.File{}, false
		}
		version = name.Version
	}
	parsed, err := pep440.Parse(version)
	if err != nil {
		return resolver.File{}, false
	}
	out.Version = parsed
	return out, true
}

// decisive returns the metadata that decide. That of an sdist is what it
// promises, if it promises anything, while it is being built; else it is that of
// the wheel.
func (s *source) decisive(ctx context.Context, f resolver.File) (*resolver.Metadata, error) {
	if !f.IsWheel() {
		return s.sdistMetadata(ctx, f)
	}
	m, err := s.wheelMetadata(ctx, f)
	if err != nil {
		return nil, err
	}
	return resolverMetadata(m), nil
}

func (s *source) sdistMetadata(ctx context.Context, f resolver.File) (*resolver.Metadata, error) {
	j := s.job(ctx, f)
	select {
	case <-j.inspected:
		if m := j.metadata; m != nil && !j.finished() {
			return &resolver.Metadata{
				Name: m.Name, Version: m.Version, RequiresPython: m.RequiresPython,
				RequiresDist: m.RequiresDist, ProvidesExtra: m.ProvidesExtra,
			}, nil
		}
	case <-j.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	built, err := j.wait(ctx)
	if err != nil {
		return nil, refusal(f.Filename, err)
	}
	return resolverMetadata(built.metadata), nil
}

// job is the build of an sdist, begun now or before.
func (s *source) job(ctx context.Context, f resolver.File) *job {
	o := f.Ref.(*origin)
	name := ""
	if o.file != nil {
		name = o.file.Project
	}
	return s.builds.start(ctx, o, name, f.Version.String())
}

// built is the wheel made of an sdist.
func (s *source) built(ctx context.Context, f resolver.File) (*builtWheel, error) {
	built, err := s.job(ctx, f).wait(ctx)
	if err != nil {
		return nil, refusal(f.Filename, err)
	}
	return built, nil
}

func isRefusal(err error) bool {
	var needs *resolver.NeedsCompilerError
	return errors.As(err, &needs)
}

// coreMetadata returns all the core metadata of a candidate.
func (s *source) coreMetadata(ctx context.Context, f resolver.File) (*wheel.Metadata, error) {
	if f.IsWheel() {
		return s.wheelMetadata(ctx, f)
	}
	built, err := s.built(ctx, f)
	if err != nil {
		return nil, err
	}
	return built.metadata, nil
}

// wheelMetadata returns the core metadata of a wheel, read once.
func (s *source) wheelMetadata(ctx context.Context, f resolver.File) (*wheel.Metadata, error) {
	file := fileOf(&f)
	s.mu.Lock()
	m := s.metadata[file.URL]
	s.mu.Unlock()
	if m != nil {
		return m, nil
	}
	asking, answered := timings.Start(ctx, timings.Metadata)
	raw, err := s.client.Metadata(asking, *file)
	answered()
	if err != nil {
		var invalid *wheel.InvalidError
		if errors.As(err, &invalid) {
			if f.Ref.(*origin).direct {
				return nil, invalidWheel(&f, invalid)
			}
			return nil, &resolver.UnusableError{File: f.Filename, Reason: invalid.Error(), Err: err}
		}
		return nil, theUsers(err, &f)
	}
	m, err = wheel.ParseMetadata(raw)
	if err != nil {
		return nil, &resolver.UnusableError{File: f.Filename, Reason: "has metadata that cannot be read: " + err.Error(), Err: err}
	}
	s.mu.Lock()
	s.metadata[file.URL] = m
	s.mu.Unlock()
	return m, nil
}

// invalidWheel refuses a wheel that was named by path or URL: there is no other
// version to take instead.
func invalidWheel(f *resolver.File, cause *wheel.InvalidError) error {
	at := localPath(f)
	if at == "" {
		at = f.URL
	}
	return &commandError{
		msg:   fmt.Sprintf("Wheel %s located at %s is invalid.", pyQuote(f.Wheel.Project), at),
		hints: []string{cause.Error()},
	}
}

// theUsers notes that the hash which a file named by URL does not have was the
// user's word, in the URL's fragment or in a lock, not an index's.
func theUsers(err error, f *resolver.File) error {
	var hash *index.HashError
	if o := f.Ref.(*origin); (o.direct || o.locked) && errors.As(err, &hash) {
		hash.FromIndex = false
	}
	return err
}

// Direct returns the candidate that the URL of a requirement stands for.
func (s *source) Direct(ctx context.Context, r requirements.Requirement) (resolver.File, error) {
	return s.direct(ctx, r.URL, r.Key(), nil)
}

// direct makes a candidate of what the user named by URL or path: a wheel, an
// archive or a folder. project is the name that the requirement states, "" when
// it states none. What is no wheel is built right away where its name does not
// tell the version.
func (s *source) direct(ctx context.Context, ref, project string, settings map[string][]string) (resolver.File, error) {
	if scheme, _, ok := strings.Cut(ref, "+"); ok && isVCS(scheme) {
		return s.repository(ctx, ref, project, settings)
	}
	o := &origin{direct: true, settings: settings, subdirectory: fragmentValue(ref, "subdirectory")}
	if path, ok := localFolder(ref); ok {
		o.dir = path
		return s.directProject(ctx, o, filepath.Base(path), project)
	}
	file, err := s.client.Direct(ctx, ref)
	if err != nil {
		return resolver.File{}, err
	}
	if file.Project == "" {
		file.Project = project
	}
	o.file = &file
	if file.IsWheel() {
		out, ok := candidate(o)
		if !ok {
			return resolver.File{}, &commandError{msg: fmt.Sprintf("%s is not the name of a wheel of a valid version", pyQuote(file.Filename))}
		}
		out.URL = file.Redacted()
		return out, nil
	}
	return s.directProject(ctx, o, file.Filename, project)
}

// directProject makes a candidate of a project that has to be built: only its
// metadata say for certain what it is.
func (s *source) directProject(ctx context.Context, o *origin, title, project string) (resolver.File, error) {
	f := resolver.File{Filename: title, Local: true, Size: -1, Ref: o, URL: o.id()}
	if o.file != nil {
		f.URL, f.Local, f.Hashes = o.file.Redacted(), o.file.Local, o.file.Hashes
	}
	j := s.builds.start(ctx, o, project, "")
	select {
	case <-j.inspected:
	case <-j.done:
	case <-ctx.Done():
		return f, ctx.Err()
	}
	var name, version string
	if m := j.metadata; m != nil {
		name, version = m.Name, m.Version
	} else {
		built, err := j.wait(ctx)
		if err != nil {
			return f, refusal(title, err)
		}
		name, version = built.metadata.Name, built.metadata.Version
	}
	parsed, err := pep440.Parse(version)
	if err != nil {
		return f, err
	}
	f.Version = parsed
	if o.file != nil && o.file.Project == "" {
		o.file.Project = requirements.NormalizeName(name)
	}
	return f, nil
}

// repository makes a candidate of a project in a repository under version
// control, checked out for this run.
func (s *source) repository(ctx context.Context, ref, project string, settings map[string][]string) (resolver.File, error) {
	where, err := checkout.Parse(ref)
	if err != nil {
		return resolver.File{}, err
	}
	if s.client.Offline() && !strings.HasPrefix(where.Repository, "file:") {
		return resolver.File{}, &index.UnavailableError{URL: where.String(), Err: index.ErrOffline}
	}
	dir, err := os.MkdirTemp(s.builds.temp, "checkout-")
	if err != nil {
		return resolver.File{}, fmt.Errorf("making a folder for a checkout: %w", err)
	}
	dir = filepath.Join(dir, "tree")
	s.builds.say("Cloning %s", where)
	commit, err := where.Fetch(ctx, dir)
	if err != nil {
		return resolver.File{}, err
	}
	o := &origin{
		dir: dir, subdirectory: where.Subdirectory, direct: true, settings: settings, url: where.Repository,
		vcs: &installer.VCSInfo{VCS: "git", CommitID: commit, RequestedRevision: where.Revision},
	}
	f, err := s.directProject(ctx, o, path.Base(where.Repository), project)
	f.URL = ref
	return f, err
}

// localFolder is the folder of this machine that a path or file: URL names.
func localFolder(ref string) (string, bool) {
	name, _, _ := strings.Cut(ref, "#")
	if rest, ok := strings.CutPrefix(name, "file://"); ok {
		unescaped, err := url.PathUnescape(rest)
		if err != nil {
			return "", false
		}
		name = unescaped
	}
	info, err := os.Stat(name)
	return name, err == nil && info.IsDir()
}

// fragmentValue is the value of name in the fragment of a URL.
func fragmentValue(ref, name string) string {
	_, fragment, _ := strings.Cut(ref, "#")
	values, err := url.ParseQuery(fragment)
	if err != nil {
		return ""
	}
	return values.Get(name)
}

func isVCS(scheme string) bool {
	switch scheme {
	case "git", "hg", "svn", "bzr":
		return true
	}
	return false
}
