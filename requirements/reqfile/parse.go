package reqfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Parse reads the requirement file at path, or the constraint file, and all
// that it includes. The path may be a URL; relative ones are resolved against
// the working directory. Variables that lines refer to are looked up with
// getenv; nil finds none. Errors are *Error, *PylockError, or ctx's.
func Parse(ctx context.Context, path string, constraint bool, opener Opener, getenv func(string) (string, bool)) (*File, error) {
	if getenv == nil {
		getenv = func(string) (string, bool) { return "", false }
	}
	p := &parser{opener: opener, getenv: getenv, file: &File{}}
	if err := p.read(ctx, path, inclusion{constraint: constraint}, nil); err != nil {
		return nil, err
	}
	return p.file, nil
}

type parser struct {
	opener       Opener
	getenv       func(string) (string, bool)
	file         *File
	files, lines int
	bytes        int
}

// inclusion is a file that is being read: from where it was included, and
// what it is taken for.
type inclusion struct {
	// location identifies the file: its absolute path or its URL.
	location   string
	from       Line
	constraint bool
}

// read adds what the file at location asks for. The chain is the files that
// led to it, the first one first.
func (p *parser) read(ctx context.Context, location string, self inclusion, chain []inclusion) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if name, extras, ok := SplitPylock(location); ok {
		return &PylockError{File: name, Extras: extras}
	}
	self.location = location
	if !isRemote(location) {
		absolute, err := filepath.Abs(location)
		if err != nil {
			return self.fail(fmt.Sprintf("resolving %s", repr(location)), err)
		}
		self.location = absolute
	}
	if err := p.admit(self, chain); err != nil {
		return err
	}
	chain = append(slices.Clip(chain), self)
	data, err := p.opener.Open(ctx, location)
	if err == nil && len(data) > MaxFileSize {
		err = fmt.Errorf("%s is larger than %d bytes", repr(redact(location)), MaxFileSize)
	}
	if p.bytes += len(data); err == nil && p.bytes > maxTotalSize {
		err = fmt.Errorf("all requirement files together are larger than %d bytes", maxTotalSize)
	}
	if err != nil {
		return self.openFailed(location, err)
	}
	text, err := decode(data)
	if err != nil {
		return &Error{File: location, Msg: "reading " + repr(redact(location)), Err: err}
	}
	for _, line := range logicalLines(text) {
		if p.lines++; p.lines > maxLines {
			return self.fail(fmt.Sprintf("more than %d lines in all requirement files", maxLines), nil)
		}
		origin := Line{File: location, Line: line.number, Constraint: self.constraint}
		if err := p.line(ctx, origin, line.text, chain); err != nil {
			return err
		}
	}
	return nil
}

// fail makes an error about the inclusion itself.
func (i inclusion) fail(msg string, err error) *Error {
	return &Error{File: i.from.File, Line: i.from.Line, Msg: msg, Err: err}
}

// admit refuses a file that includes itself, and inclusion without end.
func (p *parser) admit(self inclusion, chain []inclusion) error {
	for i, ancestor := range chain {
		if ancestor.location != self.location {
			continue
		}
		msg := fmt.Sprintf("%s recursively references itself in %s", redact(self.location), redact(self.from.File))
		if i > 0 {
			msg += " and again in " + redact(ancestor.from.File)
		}
		return self.fail(msg, nil)
	}
	if len(chain) >= maxDepth {
		return self.fail(fmt.Sprintf("requirement files are nested more than %d deep", maxDepth), nil)
	}
	if p.files++; p.files > maxFiles {
		return self.fail(fmt.Sprintf("more than %d requirement files are included", maxFiles), nil)
	}
	return nil
}

// openFailed words an error as pip does, which quotes Python's.
func (i inclusion) openFailed(location string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	kind := "requirements"
	if i.constraint {
		kind = "constraint"
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = &pythonError{"[Errno 2] No such file or directory: " + repr(redact(location)), err}
	case errors.Is(err, fs.ErrPermission):
		err = &pythonError{"[Errno 13] Permission denied: " + repr(redact(location)), err}
	}
	return i.fail(fmt.Sprintf("Could not open %s file", kind), err)
}

// pythonError is an error in Python's words.
type pythonError struct {
	text  string
	cause error
}

func (e *pythonError) Error() string { return e.text }

func (e *pythonError) Unwrap() error { return e.cause }

// line heeds one logical line.
func (p *parser) line(ctx context.Context, origin Line, raw string, chain []inclusion) error {
	text, ok := expandVariables(raw, p.getenv)
	if !ok || len(text) > maxLineLength {
		return origin.fail(fmt.Sprintf("the line is longer than %d bytes", maxLineLength), nil)
	}
	requirement, optionText := splitLine(text)
	o, err := parseOptions(optionText)
	if err != nil {
		return origin.badOptions(raw, err)
	}
	p.file.Options.Selections = append(p.file.Options.Selections, o.selections...)
	if len(o.positional) > 0 {
		p.warn("line %d of %s: %s stands behind an option and is ignored.",
			origin.Line, redact(origin.File), repr(redact(strings.Join(o.positional, " "))))
	}
	switch {
	case requirement != "" || len(o.editables) > 0:
		return p.entry(origin, requirement, o)
	case len(o.requirements) > 0:
		return p.include(ctx, origin, o.requirements[0], false, chain)
	case len(o.constraints) > 0:
		return p.include(ctx, origin, o.constraints[0], true, chain)
	}
	p.options(origin, o)
	return nil
}

// badOptions words an error about the options of a line as pip does, but shows
// the line before variables were put in.
func (l Line) badOptions(raw string, err error) error {
	reason := err.Error()
	if errors.Is(err, errQuotes) {
		_, optionText := splitLine(raw)
		reason = "Could not split options: " + shorten(redact(optionText))
	}
	problem := l.fail(fmt.Sprintf("Invalid requirement: %s\n%s", shorten(redact(raw)), shorten(reason)), nil)
	if option, ok := strings.CutPrefix(reason, "no such option: "); ok && isCommandLineOption(option) {
		problem.Hint = option + " is given on the command line, not in a requirements file."
	}
	return problem
}

func (l Line) fail(msg string, err error) *Error {
	return &Error{File: l.File, Line: l.Line, Msg: msg, Err: err}
}

// badURL leaves out the cause, which would repeat the URL with its password.
func (l Line) badURL(location string) error {
	return l.fail("Invalid URL: "+repr(redact(location)), nil)
}

func (p *parser) warn(format string, args ...any) {
	p.file.Warnings = append(p.file.Warnings, fmt.Sprintf(format, args...))
}

// include reads the file that a line names, relative to the line's own.
func (p *parser) include(ctx context.Context, origin Line, target string, constraint bool, chain []inclusion) error {
	switch {
	case isRemote(origin.File):
		base, err := url.Parse(origin.File)
		if err != nil {
			return origin.badURL(origin.File)
		}
		reference, err := url.Parse(target)
		if err != nil {
			return origin.badURL(target)
		}
		target = base.ResolveReference(reference).String()
	case !isRemote(target):
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(origin.File), target)
		}
		absolute, err := filepath.Abs(target)
		if err != nil {
			return origin.fail(fmt.Sprintf("resolving %s", repr(target)), err)
		}
		target = absolute
	}
	return p.read(ctx, target, inclusion{from: origin, constraint: constraint}, chain)
}

// entry adds a requirement with the options that belong to it.
func (p *parser) entry(origin Line, requirement string, o *lineOptions) error {
	editable := len(o.editables) > 0
	if requirement == "" {
		requirement = o.editables[0]
	}
	if origin.Constraint && editable {
		return origin.fail("Editable requirements are not allowed as constraints", nil)
	}
	read := ParseLine
	if editable {
		read = ParseEditable
	}
	e, err := read(requirement)
	if err != nil {
		var problem *Error
		if errors.As(err, &problem) {
			problem.File, problem.Line = origin.File, origin.Line
		}
		return err
	}
	e.Origin, e.Constraint = origin, origin.Constraint
	e.ConfigSettings = o.configSettings
	if !editable {
		e.Hashes = o.hashes
	}
	if origin.Constraint {
		switch {
		case e.Requirement.Name == "":
			return origin.fail("Unnamed requirements are not allowed as constraints", nil)
		case len(e.Requirement.Extras) > 0:
			return origin.fail("Constraints cannot have extras", nil)
		}
	}
	if e.Missing {
		p.warn("Requirement %s looks like a filename, but the file does not exist", repr(e.Raw))
	}
	p.file.Entries = append(p.file.Entries, e)
	return nil
}

// options applies the global options of a line without a requirement.
func (p *parser) options(origin Line, o *lineOptions) {
	all := &p.file.Options
	if len(o.hashes) > 0 {
		p.warn("%s line %d has --hash but no requirement, and will be ignored.", redact(origin.File), origin.Line)
	}
	if o.noIndex {
		all.NoIndex, all.IndexURL, all.ExtraIndexURLs = true, nil, nil
	}
	if o.indexURL != "" && !all.NoIndex {
		all.IndexURL, all.ExtraIndexURLs = &o.indexURL, nil
	}
	if !all.NoIndex {
		all.ExtraIndexURLs = append(all.ExtraIndexURLs, o.extraIndexURLs...)
	}
	if len(o.findLinks) > 0 {
		all.FindLinks = append(all.FindLinks, relativeTo(origin.File, o.findLinks[0]))
		for _, link := range o.findLinks[1:] {
			p.warn("line %d of %s: --find-links %s is the second one on its line and is ignored.", origin.Line, redact(origin.File), repr(redact(link)))
		}
	}
	all.TrustedHosts = append(all.TrustedHosts, o.trustedHosts...)
	for _, feature := range o.features {
		if !slices.Contains(all.Features, feature) {
			all.Features = append(all.Features, feature)
		}
	}
	all.Pre = all.Pre || o.pre
	all.PreferBinary = all.PreferBinary || o.preferBinary
	all.RequireHashes = all.RequireHashes || o.requireHashes
	all.NoRequireHashes = all.NoRequireHashes || o.noRequireHashes
}

// relativeTo returns the absolute path of what a file names if it exists
// beside it, else the name unchanged.
func relativeTo(file, name string) string {
	if isRemote(file) {
		return name
	}
	path := name
	if !filepath.IsAbs(name) {
		path = filepath.Join(filepath.Dir(file), name)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return name
	}
	if _, err := os.Stat(absolute); err != nil {
		return name
	}
	return absolute
}
