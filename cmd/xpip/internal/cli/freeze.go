package cli

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/reqfile"
)

// freezeCommand is everything that `xpip freeze` is told.
type freezeCommand struct {
	*app
	prefix      prefixOptions
	files       []string
	all         bool
	noEditables bool
	exclude     []string
}

func (a *app) freezeCommand() *cobra.Command {
	c := &freezeCommand{app: a}
	cmd := &cobra.Command{
		Use:     "freeze",
		Short:   "Write what is installed in a host prefix as requirements",
		Example: "  xpip freeze --prefix rootfs/usr > installed.txt",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Freeze")
	r.list(&c.files, "requirement", "r", "file", "Keep the order and the comments of this requirements file; repeatable.")
	r.on(&c.all, "all", "", "Do not leave out pip (before Python 3.12 also setuptools, wheel, distribute).")
	r.on(&c.noEditables, "exclude-editable", "", "Leave editable projects out.")
	r.list(&c.exclude, "exclude", "", "name", "Leave this project out; repeatable.")
	c.prefix.register(r)
	return cmd
}

func (c *freezeCommand) run(ctx context.Context) error {
	env, err := c.environment(ctx, c.prefix)
	if err != nil {
		return err
	}
	f := &frozen{app: c.app, lines: map[string]string{}, names: map[string]string{}}
	for i := range env.dists {
		d := &env.dists[i]
		if c.noEditables && d.editable() != "" {
			continue
		}
		f.lines[d.Key], f.names[d.Key] = d.requirement(), d.Name
	}
	if err := f.inOrderOf(ctx, c.files); err != nil {
		return err
	}
	return c.printer.Result(ui.Escape(f.rest(c.left(ctx, env))))
}

// left are the projects that are not written.
func (c *freezeCommand) left(ctx context.Context, env *environment) map[string]bool {
	out := map[string]bool{}
	skip := slices.Concat(notListed, c.exclude)
	if !c.all {
		skip = append(skip, "pip")
		if env.oldPython(ctx) {
			skip = append(skip, "setuptools", "distribute", "wheel")
		}
	}
	for _, name := range skip {
		out[requirements.NormalizeName(name)] = true
	}
	return out
}

// oldPython reports whether the host's Python is older than 3.12, whose venv
// was the first not to bring setuptools along.
func (e *environment) oldPython(ctx context.Context) bool {
	h, err := e.host(ctx)
	if err != nil {
		return false // a flat folder, and no Python here that it could be for
	}
	v := h.Python()
	return v.Major == 3 && v.Minor < 12
}

// requirement is the line, or the lines, that name what is installed.
func (d *installed) requirement() string {
	if path := d.editable(); path != "" {
		return fmt.Sprintf("# Editable install (%s)\n-e %s", d.pinned(), path)
	}
	if d.DirectURL != nil {
		return d.Name + " @ " + reference(d.DirectURL)
	}
	return d.pinned()
}

// reference is a direct URL as a requirement has it (PEP 440, "Direct
// references"), without secrets.
func reference(u *installer.DirectURL) string {
	text := u.Redacted()
	var fragment []string
	switch {
	case u.VCSInfo != nil:
		text = u.VCSInfo.VCS + "+" + text + "@" + u.VCSInfo.CommitID
	case u.ArchiveInfo != nil:
		if hash := u.ArchiveInfo.Hash; hash != "" {
			fragment = append(fragment, hash)
		} else if hash := hashes(u.ArchiveInfo.Hashes).Hash; hash != "" {
			fragment = append(fragment, hash)
		}
	}
	if u.Subdirectory != "" {
		fragment = append(fragment, "subdirectory="+u.Subdirectory)
	}
	if len(fragment) > 0 {
		text += "#" + strings.Join(fragment, "&")
	}
	return text
}

// frozen is the output of freeze while it is made.
type frozen struct {
	*app
	lines map[string]string // by normalised name, those not written yet
	names map[string]string // names as the distributions spell them
	out   strings.Builder
	files bool
}

// optionLine matches the lines of a requirements file that freeze repeats as
// they are.
var optionLine = regexp.MustCompile(`^\s*(#.*)?$|^(-r|--requirement|-f|--find-links|-i|--index-url|--pre|--trusted-host|--process-dependency-links|--extra-index-url|--use-feature)`)

// comment matches what requirement files take for a comment.
var comment = regexp.MustCompile(`(^|\s+)#.*$`)

// inOrderOf writes what the requirements files name, in their order and with
// their comments.
func (f *frozen) inOrderOf(ctx context.Context, files []string) error {
	if len(files) == 0 {
		return nil
	}
	f.files = true
	options := map[string]bool{}
	mentioned := map[string][]string{} // files by normalised name
	var order []string
	for _, file := range files {
		text, err := reqfile.Files{}.Open(ctx, file)
		if err != nil {
			return &commandError{msg: fmt.Sprintf("Could not open requirements file: %v", err)}
		}
		if len(text) > reqfile.MaxFileSize {
			return &commandError{msg: fmt.Sprintf("Could not open requirements file: %s is larger than %d bytes", file, reqfile.MaxFileSize)}
		}
		goesOn := false
		for line := range strings.Lines(string(text)) {
			line = strings.TrimRight(line, "\r\n")
			rest := goesOn
			if goesOn = strings.HasSuffix(line, `\`); rest {
				continue // hashes of the requirement before it
			}
			if optionLine.MatchString(line) {
				line = strings.TrimRight(line, " \t")
				if !options[line] {
					options[line] = true
					f.out.WriteString(line + "\n")
				}
				continue
			}
			name, err := f.named(file, line)
			if err != nil {
				return err
			}
			if name == "" {
				continue
			}
			key := requirements.NormalizeName(name)
			if f.write(file, line, name, mentioned[key]) {
				if len(mentioned[key]) == 0 {
					order = append(order, name)
				}
				mentioned[key] = append(mentioned[key], file)
			}
		}
	}
	for _, name := range order {
		if in := mentioned[requirements.NormalizeName(name)]; len(in) > 1 {
			slices.Sort(in)
			f.printer.Warn("Requirement %s included multiple times [%s]", name, strings.Join(slices.Compact(in), ", "))
		}
	}
	return nil
}

// named is the project that a line asks for, "" if it does not say.
func (f *frozen) named(file, line string) (string, error) {
	text := strings.TrimSpace(comment.ReplaceAllString(line, ""))
	var entry reqfile.Entry
	var err error
	if rest, ok := strings.CutPrefix(text, "--editable"); ok {
		entry, err = reqfile.ParseEditable(strings.TrimLeft(strings.TrimSpace(rest), "="))
	} else if rest, ok := strings.CutPrefix(text, "-e"); ok {
		entry, err = reqfile.ParseEditable(strings.TrimSpace(rest))
	} else {
		// Hashes and settings that belong to the line are no part of the name.
		text, _, _ = strings.Cut(text, " --")
		entry, err = reqfile.ParseLine(strings.TrimSpace(strings.TrimSuffix(text, `\`)))
	}
	if err != nil {
		return "", err
	}
	if entry.Requirement.Name == "" {
		f.printer.Info("Skipping line in requirement file [%s] because it's not clear what it would install: %s", file, strings.TrimSpace(line))
		f.printer.Info("  (add #egg=PackageName to the URL to avoid this warning)")
	}
	return entry.Requirement.Name, nil
}

// write writes the line of a project that a file names, once, and reports
// whether it is installed.
func (f *frozen) write(file, line, name string, before []string) bool {
	key := requirements.NormalizeName(name)
	text, ok := f.lines[key]
	switch {
	case ok:
		f.out.WriteString(text + "\n")
		delete(f.lines, key)
		return true
	case len(before) > 0:
		return true // written already
	}
	f.printer.Warn("Requirement file [%s] contains %s, but package %s is not installed",
		file, strings.TrimSpace(comment.ReplaceAllString(line, "")), pyQuote(name))
	return false
}

// rest writes what no file named, by name, and returns the whole.
func (f *frozen) rest(left map[string]bool) string {
	if f.files {
		f.out.WriteString("## The following requirements were added by pip freeze:\n")
	}
	keys := make([]string, 0, len(f.lines))
	for key := range f.lines {
		if !left[key] {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return strings.Compare(strings.ToLower(f.names[a]), strings.ToLower(f.names[b]))
	})
	for _, key := range keys {
		f.out.WriteString(f.lines[key] + "\n")
	}
	return f.out.String()
}
