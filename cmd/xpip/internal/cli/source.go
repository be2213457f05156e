package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

// source is the world as the resolver sees it, made of an index. It keeps the
// full core metadata of every wheel that was asked for, for reports.
type source struct {
	client *index.Client
	warn   func(format string, args ...any)

	mu       sync.Mutex
	metadata map[string]*wheel.Metadata // by URL
	warned   map[string]bool
}

func newSource(client *index.Client, warn func(string, ...any)) *source {
	return &source{client: client, warn: warn, metadata: map[string]*wheel.Metadata{}, warned: map[string]bool{}}
}

// Files implements resolver.Source.
func (s *source) Files(ctx context.Context, project string) ([]resolver.File, error) {
	listing, err := s.client.Files(ctx, project)
	var missing *index.NotFoundError
	if errors.As(err, &missing) {
		return nil, &resolver.NotFoundError{Project: missing.Project, Looked: missing.Looked}
	}
	if err != nil {
		return nil, err
	}
	for _, w := range listing.Warnings {
		s.once(w)
	}
	files := make([]resolver.File, 0, len(listing.Files))
	for i := range listing.Files {
		if f, ok := candidate(&listing.Files[i]); ok {
			files = append(files, f)
		}
	}
	return files, nil
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
func candidate(f *index.File) (resolver.File, bool) {
	out := resolver.File{
		Filename: f.Filename, RequiresPython: f.RequiresPython,
		Yanked: f.Yanked, YankedReason: f.YankedReason, UploadTime: f.UploadTime,
		Hashes: f.Hashes, Size: f.Size, Index: f.Index, Local: f.Local, Ref: f,
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

// Metadata implements resolver.Source.
func (s *source) Metadata(ctx context.Context, f resolver.File) (*resolver.Metadata, error) {
	m, err := s.wheelMetadata(ctx, f)
	if err != nil {
		return nil, err
	}
	return &resolver.Metadata{
		Name: m.Name, Version: m.Version, RequiresPython: m.RequiresPython,
		RequiresDist: m.RequiresDist, ProvidesExtra: m.ProvidesExtra,
	}, nil
}

// wheelMetadata returns the core metadata of a wheel, read once.
func (s *source) wheelMetadata(ctx context.Context, f resolver.File) (*wheel.Metadata, error) {
	file := f.Ref.(*index.File)
	if !f.IsWheel() {
		return nil, &resolver.UnusableError{File: f.Filename, Reason: "is a source distribution, which this version of xpip does not build"}
	}
	s.mu.Lock()
	m := s.metadata[file.URL]
	s.mu.Unlock()
	if m != nil {
		return m, nil
	}
	raw, err := s.client.Metadata(ctx, *file)
	if err != nil {
		var invalid *wheel.InvalidError
		if errors.As(err, &invalid) {
			return nil, &resolver.UnusableError{File: f.Filename, Reason: invalid.Error(), Err: err}
		}
		return nil, err
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

// Direct implements resolver.Source.
func (s *source) Direct(ctx context.Context, r requirements.Requirement) (resolver.File, error) {
	return s.direct(ctx, r.URL, r.Key())
}

// direct makes a candidate of a URL or path. project is the name that the
// requirement states, "" when it states none.
func (s *source) direct(ctx context.Context, ref, project string) (resolver.File, error) {
	if scheme, _, ok := strings.Cut(ref, "+"); ok && isVCS(scheme) {
		return resolver.File{}, &commandError{msg: fmt.Sprintf("%s names a version control repository: only archives and wheels can be installed from a URL", ref)}
	}
	file, err := s.client.Direct(ctx, ref)
	if err != nil {
		return resolver.File{}, err
	}
	if file.Project == "" {
		file.Project = project
	}
	out, ok := candidate(&file)
	if !ok {
		return resolver.File{}, &commandError{msg: fmt.Sprintf("%s is not the name of a wheel or sdist of a valid version", pyQuote(file.Filename))}
	}
	out.URL = file.Redacted()
	return out, nil
}

func isVCS(scheme string) bool {
	switch scheme {
	case "git", "hg", "svn", "bzr":
		return true
	}
	return false
}
