package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/reqfile"
)

// uninstallCommand is everything that `xpip uninstall` is told.
type uninstallCommand struct {
	*app
	host           hostOptions
	target, prefix string
	files          []string
	yes            bool
	breakSystem    bool
	others         []beside // seen, but not for us to remove
	root           string   // of the prefix
	virtual        bool     // it is a virtual environment
	answers        *bufio.Reader
}

func (a *app) uninstallCommand() *cobra.Command {
	c := &uninstallCommand{app: a}
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Uninstall packages from a host prefix",
		Example: `  xpip uninstall --platform ios_13_0_arm64 pillow
  xpip uninstall -y -t vendor -r requirements.txt`,
		Annotations: map[string]string{"usage": "[options] <package> ...\n[options] -r <requirements file> ..."},
		RunE:        func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Uninstall")
	r.list(&c.files, "requirement", "r", "file", "Uninstall everything that this requirements file names; repeatable.")
	r.on(&c.yes, "yes", "y", "Do not ask for confirmation.")
	r.heading("Host prefix (default: the active virtual environment)")
	r.text(&c.target, "target", "t", "dir", "Uninstall from this flat folder.")
	r.text(&c.prefix, "prefix", "", "dir", "Uninstall from what lies below this folder in the host's own layout.")
	c.host.register(r)
	r.ignoredChoice("root-user-action", []string{"warn", "ignore"}, nil, "xpip does not warn of it")
	r.on(&c.breakSystem, "break-system-packages", "", "Change an environment that belongs to another package manager (EXTERNALLY-MANAGED), and what one installed.")
	r.note("break-system-packages", differsAnnotation, "it is about the environment of --python, and also gives leave to remove what conda or another package manager put into it")
	return cmd
}

func (c *uninstallCommand) run(ctx context.Context, args []string) (err error) {
	if err := c.open(); err != nil {
		return err
	}
	names, err := c.names(ctx, args)
	if err != nil {
		return err
	}
	prefix, err := c.locked(ctx)
	if err != nil {
		return err
	}
	var found map[string][]installer.Distribution
	if prefix != nil {
		defer func() { err = errors.Join(err, prefix.Close()) }()
		if found, err = distributions(prefix); err != nil {
			return err
		}
	}
	if c.yes {
		return c.removeAll(ctx, prefix, names, found)
	}
	c.answers = bufio.NewReader(c.Stdin)
	for _, name := range names {
		if err := c.ask(ctx, prefix, name, found[requirements.NormalizeName(name)]); err != nil {
			return err
		}
	}
	return nil
}

// names are the projects that the arguments and files name, each once.
func (c *uninstallCommand) names(ctx context.Context, args []string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if key := requirements.NormalizeName(name); !seen[key] {
			seen[key] = true
			names = append(names, name)
		}
	}
	for _, arg := range args {
		entry, err := reqfile.ParseLine(arg)
		if err != nil {
			return nil, err
		}
		if entry.Requirement.Name == "" {
			c.printer.Warn("Invalid requirement: %s ignored - the uninstall command expects named requirements.", pyQuote(arg))
			continue
		}
		add(entry.Requirement.Name)
	}
	opener := reqfile.Files{Fetch: c.fetcher(&indexOptions{})}
	for _, path := range c.files {
		file, err := reqfile.Parse(ctx, path, false, opener, c.getenv)
		if err != nil {
			return nil, err
		}
		for _, entry := range file.Entries {
			if !entry.Constraint && entry.Requirement.Name != "" {
				add(entry.Requirement.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil, &commandError{msg: `You must give at least one requirement to uninstall (see "xpip help uninstall")`}
	}
	return names, nil
}

// locked opens and locks the prefix; nil when there is no such folder.
func (c *uninstallCommand) locked(ctx context.Context) (*installer.Prefix, error) {
	at, err := c.place(ctx)
	if err != nil {
		return nil, err
	}
	if !isFolder(at.path) {
		c.printer.Warn("%s does not exist", at.path)
		return nil, nil
	}
	c.root = at.path
	prefix, err := installer.Open(at.path, at.layout, at.scheme)
	if err != nil {
		return nil, err
	}
	recovery, err := prefix.Lock(ctx, func() {
		c.printer.Info("Waiting for another xpip that is changing %s", at.path)
	})
	if err != nil {
		return nil, err
	}
	(&session{app: c.app, printer: c.printer}).sayRecovery(recovery)
	return prefix, nil
}

// place is the prefix that the options name. Without a word about one it is the
// active virtual environment, never the machine's own Python.
func (c *uninstallCommand) place(ctx context.Context) (location, error) {
	o := prefixOptions{prefix: c.prefix, host: c.host}
	if c.target != "" {
		o.paths = []string{c.target}
	}
	if c.target != "" && c.prefix != "" {
		return location{}, &commandError{msg: "Cannot combine '--target' with '--prefix'"}
	}
	named, err := c.named()
	if err != nil {
		return location{}, err
	}
	if len(o.paths) == 0 && o.prefix == "" && (named == nil || !named.Virtual) {
		h, err := c.app.host(ctx, c.host)
		if err != nil {
			return location{}, err
		}
		if h.IsNative() && !h.IsVirtual() {
			return location{}, &commandError{
				msg: "Nothing says where to uninstall from: no virtual environment is active, and no host was named.",
				hints: []string{
					"Try one of",
					"  -t DIR                    a flat folder",
					"  --prefix DIR              a folder in the layout of an environment",
					"  --platform ios_13_0_arm64 the host prefix below " + hostPrefixes,
				},
			}
		}
	}
	if len(o.paths) == 0 && o.prefix == "" && !c.breakSystem {
		if err := checkManaged(named, c.language()); err != nil {
			return location{}, err
		}
	}
	at, err := c.locate(ctx, &o)
	if err != nil {
		return location{}, err
	}
	c.virtual = named != nil && named.Virtual
	c.others, err = lookBeside(at[1:])
	return at[0], err
}

// distributions are those in a prefix, by normalised name. A project that is
// there more than once is uninstalled as a whole.
func distributions(p *installer.Prefix) (map[string][]installer.Distribution, error) {
	all, err := p.Installed()
	if err != nil {
		return nil, err
	}
	found := map[string][]installer.Distribution{}
	for _, d := range all {
		found[d.Key] = append(found[d.Key], d)
	}
	return found, nil
}

// removeAll uninstalls everything in one change, or nothing, and then says it
// package by package.
func (c *uninstallCommand) removeAll(ctx context.Context, prefix *installer.Prefix, names []string, found map[string][]installer.Distribution) error {
	var all []installer.Distribution
	for _, name := range names {
		all = append(all, found[requirements.NormalizeName(name)]...)
	}
	if len(all) > 0 {
		if err := c.remove(ctx, prefix, all); err != nil {
			return err
		}
	}
	for _, name := range names {
		dists := found[requirements.NormalizeName(name)]
		if len(dists) == 0 {
			if err := c.skip(name); err != nil {
				return err
			}
		}
		for _, d := range dists {
			c.sayFound(d)
			c.sayDone(d)
		}
	}
	return nil
}

// ask shows what would go with a project and removes it if the user agrees.
func (c *uninstallCommand) ask(ctx context.Context, prefix *installer.Prefix, name string, dists []installer.Distribution) error {
	if len(dists) == 0 {
		return c.skip(name)
	}
	for _, d := range dists {
		listing, err := removalOf(prefix, d, c.printer.Level() >= ui.Verbose)
		if err != nil {
			return cannotUninstall(err)
		}
		c.sayFound(d)
		listing.show(c.printer)
		yes, err := c.proceed()
		if err != nil {
			return err
		}
		if !yes {
			continue
		}
		if err := c.remove(ctx, prefix, []installer.Distribution{d}); err != nil {
			return err
		}
		c.sayDone(d)
	}
	return nil
}

func (c *uninstallCommand) remove(ctx context.Context, prefix *installer.Prefix, dists []installer.Distribution) error {
	plan, err := prefix.Plan(nil, dists, installer.Options{AllowManaged: c.breakSystem})
	if err != nil {
		return cannotUninstall(err)
	}
	for _, note := range plan.Notes {
		c.printer.Detail("%s", noteText(note))
	}
	return plan.Apply(ctx)
}

// skip says of a project that the prefix does not have why nothing is removed.
// It is an error that its files are not known, as it is in pip.
func (c *uninstallCommand) skip(name string) error {
	i := slices.IndexFunc(c.others, func(d beside) bool { return d.Key == requirements.NormalizeName(name) })
	if i < 0 {
		c.printer.Warn("Skipping %s as it is not installed.", name)
		return nil
	}
	d := &c.others[i]
	c.printer.Info("Found existing installation: %s %s", d.Name, d.Version)
	if _, _, err := d.prefix.Files(d.Distribution); err != nil && !c.virtual {
		return cannotUninstall(err)
	}
	c.sayOutside("", d, c.root)
	return nil
}

func (c *uninstallCommand) sayFound(d installer.Distribution) {
	c.printer.Info("Found existing installation: %s %s", d.Name, d.Version)
	c.printer.Info("Uninstalling %s-%s:", d.Name, d.Version)
}

func (c *uninstallCommand) sayDone(d installer.Distribution) {
	c.printer.Info("  Successfully uninstalled %s-%s", d.Name, d.Version)
}

// noAnswerError says that a question could not be put to the user.
type noAnswerError struct{ reason string }

func (e *noAnswerError) Error() string { return e.reason }

// Hints says what answers the question beforehand.
func (e *noAnswerError) Hints() []string { return []string{"-y uninstalls without asking."} }

// question is what pip asks, word for word.
const question = "Proceed (Y/n)? "

// proceed asks the user, until the answer is one.
func (c *uninstallCommand) proceed() (bool, error) {
	for {
		if c.general.noInput {
			return false, &noAnswerError{"No input was expected ($PIP_NO_INPUT set); question: " + question}
		}
		if err := c.printer.Result(question); err != nil {
			return false, err
		}
		line, err := c.answers.ReadString('\n')
		answer := strings.ToLower(strings.TrimSpace(line))
		if err != nil && (!errors.Is(err, io.EOF) || line == "") {
			_ = c.printer.Result("\n")
			return false, &noAnswerError{"Nobody answered on standard input: " + strings.TrimSpace(question)}
		}
		switch answer {
		case "", "y":
			return true, nil
		case "n":
			return false, nil
		}
		if err := c.printer.Result(ui.Escape(fmt.Sprintf("Your response (%s) was not one of the expected responses: y, n, \n", pyQuote(answer)))); err != nil {
			return false, err
		}
	}
}
