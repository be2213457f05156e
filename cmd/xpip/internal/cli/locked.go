package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/pylock"
	"github.com/xpip/xpip/resolver"
)

// lockRequest is a lock file that the user names, with all that is asked of it.
type lockRequest struct {
	name   string // path or URL as given
	lock   *pylock.Lock
	choice pylock.Choice
}

// lockError says what is wrong with a lock file or with what it lists.
type lockError struct {
	msg   string
	err   error
	hints []string
}

func (e *lockError) Error() string {
	if e.err == nil {
		return e.msg
	}
	return e.msg + ": " + e.err.Error()
}

func (e *lockError) Unwrap() error { return e.err }

// Hints implements the renderer's interface for errors that know a way out.
func (e *lockError) Hints() []string { return e.hints }

// shown is the lock file's name, fit for display.
func (l *lockRequest) shown() string {
	if l.remote() {
		return pyQuote(transport.Redact(l.name))
	}
	return pyQuote(l.name)
}

func (l *lockRequest) remote() bool {
	return strings.HasPrefix(l.name, "http:") || strings.HasPrefix(l.name, "https:")
}

func (l *lockRequest) refuse(err error, hints ...string) error {
	return &lockError{msg: "Cannot select requirements from pylock file " + l.shown(), err: err, hints: hints}
}

// read reads the lock file.
func (l *lockRequest) read(ctx context.Context, open func(context.Context, string) ([]byte, error)) error {
	data, err := open(ctx, l.name)
	if errors.Is(err, fs.ErrNotExist) {
		return &lockError{msg: fmt.Sprintf("Error reading pylock file %s: [Errno 2] No such file or directory: %[1]s", l.shown())}
	}
	if err != nil {
		return &lockError{msg: "Error reading pylock file " + l.shown(), err: err}
	}
	if l.lock, err = pylock.Parse(data); err != nil {
		return &lockError{msg: "Invalid pylock file " + l.shown(), err: err}
	}
	return nil
}

// lockedPackage is what a lock says is to be installed, with the file chosen
// for the host.
type lockedPackage struct {
	*pylock.Package
	lock *lockRequest
	file resolver.File
}

// direct reports whether the package is not one that an index has.
func (p *lockedPackage) direct() bool { return p.file.Ref.(*origin).direct }

func (p *lockedPackage) requirement() requirements.Requirement {
	out := requirements.Requirement{Name: p.Name}
	if !p.direct() {
		out.Specifiers, _ = pep440.ParseSpecifiers("==" + p.file.Version.String()) // a version is one
	}
	return out
}

// rootOf is a locked package as a requirement among others; from there on the
// world has no other file of it.
func (s *source) rootOf(p *lockedPackage) resolver.Root {
	out := resolver.Root{Requirement: p.requirement(), Origin: p.lock.name, Hashes: map[string][]string{}}
	if p.direct() {
		out.Direct = &p.file
	} else {
		if s.locked == nil {
			s.locked = map[string]resolver.File{}
		}
		s.locked[p.Name] = p.file
	}
	for algorithm, digest := range p.file.Hashes {
		out.Hashes[algorithm] = []string{digest}
	}
	return out
}

// locked chooses from every lock file what is for the host.
func (s *session) locked(ctx context.Context, src *source, w *wanted, formats resolver.FormatControl) ([]lockedPackage, error) {
	var out []lockedPackage
	at := map[string]int{}
	for _, l := range w.locks {
		packages, err := s.lockedBy(ctx, src, l, formats)
		if err != nil {
			return nil, err
		}
		for _, p := range packages {
			i, twice := at[p.Name]
			switch {
			case !twice:
				at[p.Name] = len(out)
				out = append(out, p)
			case !p.file.Version.Equal(out[i].file.Version) || !maps.Equal(p.file.Hashes, out[i].file.Hashes):
				return nil, l.refuse(fmt.Errorf("%s %s is in it, %s %s in %s", p.Name, p.file.Version, p.Name, out[i].file.Version, out[i].lock.shown()))
			}
		}
	}
	return out, nil
}

func (s *session) lockedBy(ctx context.Context, src *source, l *lockRequest, formats resolver.FormatControl) ([]lockedPackage, error) {
	for _, warning := range l.lock.Warnings {
		s.printer.Warn("%s: %s", l.shown(), warning)
	}
	selection, err := l.lock.Select(s.host, l.choice)
	if err != nil {
		return nil, l.refuse(err, "'xpip lock' with the options of this host makes a lock for it.")
	}
	for _, missing := range selection.Undeclared {
		s.printer.Warn("%s does not provide the %s", l.shown(), missing)
	}
	env := s.host.Environment()
	for _, variable := range slices.Sorted(maps.Keys(selection.Unknown)) {
		value, _ := env.Get(variable)
		names := selection.Unknown[variable]
		if i := slices.Index(names, ""); i >= 0 {
			names[i] = "the environments of " + l.name
		}
		s.warn(resolver.Warning{Kind: resolver.UnknownMarker, Subject: variable, Default: value.Text, Requirements: names})
	}
	out := make([]lockedPackage, len(selection.Packages))
	for i, p := range selection.Packages {
		out[i] = lockedPackage{Package: p, lock: l}
		if out[i].file, err = s.lockedFile(ctx, src, l, p, formats); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// besideLock says of a requirement that nothing meets because a lock has
// another version that this is the reason.
func (s *source) besideLock(err error) error {
	var none *resolver.NoCandidateError
	if !errors.As(err, &none) {
		return err
	}
	file, ok := s.locked[none.Project]
	if !ok {
		return err
	}
	return &lockError{msg: fmt.Sprintf("The requirement %s is not compatible with version %s specified in a provided lock file", none.Requirement, file.Version)}
}

// lockedResolution makes the resolution of what locks list, nothing more: nothing is
// resolved. It waits for what is built from source.
func (s *session) lockedResolution(ctx context.Context, src *source, packages []lockedPackage, policy resolver.Policy, installed map[string]resolver.Installed) (*resolver.Resolution, error) {
	if policy.OnlyDeps {
		return nil, &commandError{msg: "Cannot use '--only-dependencies' in combination with '--requirement' for a lock file: nothing in it is a dependency of the rest."}
	}
	slices.SortFunc(packages, func(a, b lockedPackage) int { return strings.Compare(a.Name, b.Name) })
	for i := range packages {
		if p := &packages[i]; policy.RequireHashes && len(p.file.Hashes) == 0 {
			return nil, p.lock.refuse(fmt.Errorf("package %q is a folder or a repository, of which no hash can be taken, and --require-hashes is given", p.Name))
		}
	}
	out := &resolver.Resolution{}
	for i := range packages {
		p := &packages[i]
		one := resolver.Package{
			Project: p.Name, Name: p.Name, Version: p.file.Version, Requested: true, Direct: p.direct(),
			Chosen: []resolver.Chosen{{Needed: true, Rank: -1, File: &p.file}},
			Why:    []resolver.Step{{Origin: p.lock.name, Requirement: p.requirement()}},
		}
		if old, ok := installed[p.Name]; ok && !one.Direct && !policy.ForceReinstall && old.Version.Equal(one.Version) {
			one.Installed, one.Chosen[0].File, one.Name = true, nil, old.Metadata.Name
		}
		if file := one.Chosen[0].File; file != nil && !file.IsWheel() {
			src.job(ctx, *file) // begun here, so that all build at the same time
		}
		out.Packages = append(out.Packages, one)
	}
	for i := range packages {
		if out.Packages[i].Installed || packages[i].file.IsWheel() {
			continue
		}
		built, err := src.built(ctx, packages[i].file)
		if err != nil {
			return nil, s.unbuilt(&packages[i], err)
		}
		out.Packages[i].Name = built.metadata.Name
	}
	return out, nil
}

// unbuilt says that a package is only to be had from source, and not from there
// either. The lock's point of view counts, so the build's own error is quoted.
func (s *session) unbuilt(p *lockedPackage, err error) error {
	if !isRefusal(err) {
		return err
	}
	var needs *resolver.NeedsCompilerError
	errors.As(err, &needs)
	quoted := &lockError{
		msg:   fmt.Sprintf("Cannot install %s %s from pylock file %s: %s %s", p.Name, p.file.Version, p.lock.shown(), needs.File, needs.Reason),
		hints: s.nearestWheel(p.Package),
	}
	if needs.Log != "" {
		quoted.hints = append(quoted.hints, "The full build log is "+needs.Log)
	}
	return quoted
}
