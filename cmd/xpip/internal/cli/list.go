package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// notListed are projects that pip never lists: Python itself brings them.
var notListed = []string{"python", "wsgiref", "argparse"}

// listCommand is everything that `xpip list` is told.
type listCommand struct {
	*app
	prefix             prefixOptions
	index              indexOptions
	sel                selectionOptions
	outdated, uptodate bool
	format             string
	notRequired        bool
	editable           bool
	withEditables      bool
	exclude            []string
}

func (a *app) listCommand() *cobra.Command {
	c := &listCommand{app: a, format: "columns", withEditables: true}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what is installed in a host prefix",
		Example: `  xpip list --platform ios_13_0_arm64
  xpip list -t vendor --outdated --format json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("List")
	r.on(&c.outdated, "outdated", "o", "Only what has a newer version for the host.")
	r.on(&c.uptodate, "uptodate", "u", "Only what has none.")
	r.on(&c.notRequired, "not-required", "", "Only what nothing else that is installed depends on.")
	r.choice(&c.format, "format", "columns|freeze|json", []string{"columns", "freeze", "json"}, "Output format. [default: columns]")
	r.list(&c.exclude, "exclude", "", "name", "Leave this project out; repeatable.")
	r.on(&c.editable, "editable", "e", "Only editable projects.")
	r.off(&c.withEditables, "exclude-editable", "", "Leave editable projects out.")
	r.on(&c.withEditables, "include-editable", "", "List editable projects, too. [default]")
	c.prefix.register(r)
	c.index.register(r)
	c.sel.registerReleases(r)
	return cmd
}

// noArguments refuses arguments of a command that takes none. pip passes over
// them; what was meant is then not what is done.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{msg: fmt.Sprintf("%s takes no arguments: %s", cmd.Name(), strings.Join(args, " "))}
}

// listed is one line of the list.
type listed struct {
	*installed
	build  string   // build number of the wheel
	latest *offered // with --outdated and --uptodate
}

func (c *listCommand) run(ctx context.Context) error {
	switch {
	case c.outdated && c.uptodate:
		return &commandError{msg: "Options --outdated and --uptodate cannot be combined."}
	case c.outdated && c.format == "freeze":
		return &commandError{msg: "List format 'freeze' cannot be used with the --outdated option."}
	}
	env, err := c.environment(ctx, c.prefix)
	if err != nil {
		return err
	}
	list, err := c.chosen(ctx, env)
	if err != nil {
		return err
	}
	if c.outdated || c.uptodate {
		if list, err = c.compared(ctx, env, list); err != nil {
			return err
		}
	}
	return c.show(list)
}

// chosen are the distributions that the options ask for.
func (c *listCommand) chosen(ctx context.Context, env *environment) ([]listed, error) {
	var list []listed
	excluded := map[string]bool{}
	for _, name := range notListed {
		excluded[name] = true
	}
	for _, name := range c.exclude {
		excluded[requirements.NormalizeName(name)] = true
	}
	required := map[string]bool{}
	if c.notRequired {
		h, err := env.host(ctx)
		if err != nil {
			return nil, err
		}
		for i := range env.dists {
			deps, err := env.dists[i].dependencies(h)
			if err != nil {
				return nil, fmt.Errorf("reading the requirements of %s %s: %w", env.dists[i].Name, env.dists[i].Version, err)
			}
			for _, r := range deps {
				required[r.Key()] = true
			}
		}
	}
	for i := range env.dists {
		d := &env.dists[i]
		editable := d.editable() != ""
		if excluded[d.Key] || required[d.Key] || c.editable && !editable || !c.withEditables && editable {
			continue
		}
		list = append(list, listed{installed: d})
	}
	return list, nil
}

// compared looks up the newest version of each and keeps what is, or is not,
// behind it.
func (c *listCommand) compared(ctx context.Context, env *environment, list []listed) ([]listed, error) {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.Key
	}
	h, err := env.host(ctx)
	if err != nil {
		return nil, err
	}
	latest, err := c.latest(ctx, h, c.index, c.sel, names)
	if err != nil {
		return nil, err
	}
	var out []listed
	for i, d := range list {
		version, err := pep440.Parse(d.Version)
		if err != nil || latest[i] == nil {
			continue
		}
		order := version.Compare(latest[i].version)
		if c.outdated && order < 0 || c.uptodate && order == 0 {
			d.latest = latest[i]
			out = append(out, d)
		}
	}
	return out, nil
}

func (c *listCommand) show(list []listed) error {
	verbose := c.printer.Level() >= ui.Verbose
	switch c.format {
	case "json":
		text, err := lineJSON(c.items(list, verbose))
		if err != nil {
			return err
		}
		c.printer.Info("%s", text)
	case "freeze":
		for _, d := range list {
			line := d.pinned()
			if verbose {
				line += " (" + d.location() + ")"
			}
			c.printer.Info("%s", line)
		}
	default:
		if len(list) > 0 {
			c.printer.Info("%s", strings.Join(tabulate(c.rows(list, verbose)), "\n"))
		}
	}
	return nil
}

// listItem is one distribution in JSON.
type listItem struct {
	Name           string  `json:"name"`
	Version        string  `json:"version"`
	Location       *string `json:"location,omitzero"`
	Installer      *string `json:"installer,omitzero"`
	LatestVersion  string  `json:"latest_version,omitempty"`
	LatestFiletype string  `json:"latest_filetype,omitempty"`
	Editable       string  `json:"editable_project_location,omitempty"`
}

func (c *listCommand) items(list []listed, verbose bool) []listItem {
	items := make([]listItem, len(list))
	for i, d := range list {
		items[i] = listItem{Name: d.Name, Version: d.shownVersion(), Editable: d.editable()}
		if verbose {
			location := d.location()
			items[i].Location, items[i].Installer = &location, &d.Installer
		}
		if c.outdated {
			items[i].LatestVersion, items[i].LatestFiletype = d.latest.version.String(), d.latest.kind()
		}
	}
	return items
}

// rows is the table of the list, its header first. Columns that would be empty
// are left out.
func (c *listCommand) rows(list []listed, verbose bool) [][]string {
	header := []string{"Package", "Version"}
	var builds, editables bool
	for i := range list {
		if text, ok := list[i].read("WHEEL"); ok {
			if info, err := wheel.ParseInfo(text); err == nil {
				list[i].build = info.Build
			}
		}
		builds = builds || list[i].build != ""
		editables = editables || list[i].editable() != ""
	}
	rows := make([][]string, len(list))
	for i, d := range list {
		rows[i] = []string{d.Name, d.Version}
	}
	column := func(name string, value func(listed) string) {
		header = append(header, name)
		for i, d := range list {
			rows[i] = append(rows[i], value(d))
		}
	}
	if c.outdated {
		column("Latest", func(d listed) string { return d.latest.version.String() })
		column("Type", func(d listed) string { return d.latest.kind() })
	}
	if builds {
		column("Build", func(d listed) string { return d.build })
	}
	if editables {
		column("Editable project location", func(d listed) string { return d.editable() })
	}
	if verbose {
		column("Location", func(d listed) string { return d.location() })
		column("Installer", func(d listed) string { return d.Installer })
	}
	return slices.Insert(rows, 0, header)
}

// tabulate sets rows in columns, with a line of dashes below the first one.
func tabulate(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	dashes := make([]string, len(widths))
	for i, width := range widths {
		dashes[i] = strings.Repeat("-", width)
	}
	var lines []string
	for i, row := range rows {
		var b strings.Builder
		for j, cell := range row {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell)))
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
		if i == 0 {
			lines = append(lines, strings.Join(dashes, " "))
		}
	}
	return lines
}
