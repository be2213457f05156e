package cli

import (
	"context"
	"fmt"
	"net/url"

	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/requirements/reqfile"
	"github.com/xpip/xpip/resolver"
)

// wanted is what a command line and its files ask for.
type wanted struct {
	entries []reqfile.Entry // requirements and constraints, in order
	locks   []*lockRequest
	script  *scriptDemand
}

// wanted reads the arguments and every requirements and constraints file.
// Options found in the files are applied to ix and sel, as pip applies them:
// from there on they hold for the whole run.
func (a *app) wanted(ctx context.Context, verb string, args []string, o requirementOptions, ix *indexOptions, sel *selectionOptions) (*wanted, error) {
	if len(o.editables) > 0 {
		return nil, &commandError{
			msg:   fmt.Sprintf("-e %s: an editable install points at a folder of this machine and cannot work on the host", o.editables[0]),
			hints: []string{"Leave out -e: the project is then built and installed as it is now."},
		}
	}
	w := &wanted{}
	opener := reqfile.Files{Fetch: a.fetcher(ix)}
	for _, path := range o.constraints {
		if err := w.file(ctx, a, path, true, opener, ix, sel); err != nil {
			return nil, err
		}
	}
	for _, arg := range args {
		entry, err := reqfile.ParseLine(arg)
		if err != nil {
			return nil, err
		}
		w.entries = append(w.entries, entry)
	}
	files, err := w.collect(ctx, o.sources, o.files, opener.Open)
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		if err := w.file(ctx, a, path, false, opener, ix, sel); err != nil {
			return nil, err
		}
	}
	if len(args) == 0 && len(o.files) == 0 && !o.sources.given() {
		return nil, &commandError{msg: fmt.Sprintf("You must give at least one requirement to %s (see \"xpip help %s\")", verb, verb)}
	}
	return w, nil
}

// fetcher reads requirements files from URLs, with an index client of its own:
// the final one can only be made when the files have been read.
func (a *app) fetcher(ix *indexOptions) func(context.Context, string) ([]byte, error) {
	return func(ctx context.Context, url string) ([]byte, error) {
		client, err := index.New(a.indexConfig(*ix))
		if err != nil {
			return nil, err
		}
		defer client.Close()
		data, _, err := client.Fetch(ctx, url, reqfile.MaxFileSize)
		return data, err
	}
}

func (w *wanted) file(ctx context.Context, a *app, path string, constraint bool, opener reqfile.Opener, ix *indexOptions, sel *selectionOptions) error {
	file, err := reqfile.Parse(ctx, path, constraint, opener, a.getenv)
	if err != nil {
		return err
	}
	for _, warning := range file.Warnings {
		a.printer.Warn("%s", warning)
	}
	w.entries = append(w.entries, file.Entries...)
	ix.apply(file.Options)
	a.general.trustedHosts = append(a.general.trustedHosts, file.Options.TrustedHosts...)
	return sel.apply(file.Options)
}

func (o *indexOptions) apply(from reqfile.Options) {
	if from.IndexURL != nil {
		o.indexURL, o.extraURLs = *from.IndexURL, nil
	}
	o.noIndex = o.noIndex || from.NoIndex // and no -i brings an index back
	o.extraURLs = append(o.extraURLs, from.ExtraIndexURLs...)
	o.findLinks = append(o.findLinks, from.FindLinks...)
}

func (o *selectionOptions) apply(from reqfile.Options) error {
	o.preferBinary = o.preferBinary || from.PreferBinary
	o.pre = o.pre || from.Pre
	o.requireHashes = o.requireHashes || from.RequireHashes
	o.noHashes = o.noHashes || from.NoRequireHashes
	for _, s := range from.Selections {
		var err error
		switch s.Option {
		case "--no-binary":
			err = (&formatValue{&o.formats, false}).Set(s.Value)
		case "--only-binary":
			err = (&formatValue{&o.formats, true}).Set(s.Value)
		case "--all-releases":
			err = (&releaseValue{&o.releases, true}).Set(s.Value)
		case "--only-final":
			err = (&releaseValue{&o.releases, false}).Set(s.Value)
		}
		if err != nil {
			return &commandError{msg: err.Error()}
		}
	}
	return nil
}

// roots turns what is wanted into the resolver's words.
func (w *wanted) roots(ctx context.Context, src *source) (roots []resolver.Root, constraints []resolver.Constraint, err error) {
	for _, e := range w.entries {
		direct, err := w.directFile(ctx, src, e)
		if err != nil {
			return nil, nil, err
		}
		if e.Constraint {
			constraints = append(constraints, resolver.Constraint{
				Requirement: e.Requirement, Origin: e.Origin.String(), Direct: direct, Hashes: e.Hashes,
			})
			continue
		}
		roots = append(roots, resolver.Root{
			Requirement: e.Requirement, Origin: e.Origin.String(), Direct: direct, Hashes: e.Hashes,
		})
	}
	return roots, constraints, nil
}

// directFile is the candidate that an entry names by path or URL, nil when it
// names a project.
func (w *wanted) directFile(ctx context.Context, src *source, e reqfile.Entry) (*resolver.File, error) {
	if e.Path == "" {
		return nil, nil
	}
	if e.Missing {
		return nil, &commandError{msg: fmt.Sprintf("Could not install packages due to an OSError: [Errno 2] No such file or directory: %s", pyQuote(absolute(e.Path)))}
	}
	f, err := src.direct(ctx, withFragment(e), e.Requirement.Name, e.ConfigSettings)
	if err != nil {
		return nil, err
	}
	return &f, nil
}

// withFragment is the path or URL of an entry with its subdirectory.
func withFragment(e reqfile.Entry) string {
	if e.Subdirectory == "" || e.IsURL() {
		return e.Path
	}
	return e.Path + "#subdirectory=" + url.QueryEscape(e.Subdirectory)
}

// Hints implements the renderer's interface for errors that know a way out.
func (e *commandError) Hints() []string { return e.hints }

// policy is the resolver's view of the selection options.
func (o *selectionOptions) policy(priorTo string, now clock) (resolver.Policy, error) {
	p := resolver.Policy{
		Formats: o.formats, Releases: o.releases, PreferBinary: o.preferBinary,
		IgnoreRequiresPython: o.ignoreRequires, NoDeps: o.noDeps, OnlyDeps: o.onlyDeps,
		RequireHashes: o.requireHashes, HashesOptional: o.noHashes && !o.requireHashes,
	}
	var err error
	if p.UploadedPriorTo, err = uploadedPriorTo(priorTo, now); err != nil {
		return p, err
	}
	if o.pre {
		if err := (&releaseValue{&p.Releases, true}).Set(":all:"); err != nil {
			return p, err
		}
	}
	if o.noDeps && o.onlyDeps {
		return p, &commandError{msg: "Cannot use '--only-dependencies' in combination with '--no-deps'."}
	}
	return p, nil
}
