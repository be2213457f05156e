package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
)

// showCommand is everything that `xpip show` is told.
type showCommand struct {
	*app
	prefix prefixOptions
	files  bool
}

func (a *app) showCommand() *cobra.Command {
	c := &showCommand{app: a}
	cmd := &cobra.Command{
		Use:         "show",
		Short:       "Show what is known of installed packages",
		Example:     "  xpip show -t vendor --files requests",
		Annotations: map[string]string{"usage": "[options] <package> ..."},
		RunE:        func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Show")
	r.on(&c.files, "files", "f", "List the installed files, too.")
	c.prefix.register(r)
	return cmd
}

func (c *showCommand) run(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return &commandError{msg: "Please provide a package name or names."}
	}
	env, err := c.environment(ctx, c.prefix)
	if err != nil {
		return err
	}
	h, err := env.host(ctx)
	if err != nil {
		return err
	}
	var missing, pages []string
	for _, name := range names {
		d := env.find(name)
		if d == nil {
			missing = append(missing, name)
			continue
		}
		page, err := c.page(env, h, d)
		if err != nil {
			return err
		}
		pages = append(pages, page)
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		c.printer.Warn("Package(s) not found: %s", strings.Join(missing, ", "))
	}
	if len(pages) == 0 {
		return errSilent
	}
	c.printer.Info("%s", strings.TrimSuffix(strings.Join(pages, "---\n"), "\n"))
	return nil
}

// page is what is shown of one distribution.
func (c *showCommand) page(env *environment, h *host.Host, d *installed) (string, error) {
	var b strings.Builder
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\n", name, value) }
	list := func(name string, values []string) {
		b.WriteString(name + ":\n")
		for _, value := range values {
			fmt.Fprintf(&b, "  %s\n", value)
		}
	}
	get := func(name string) string {
		if d.Metadata == nil {
			return ""
		}
		return d.Metadata.Get(name)
	}
	all := func(name string) []string {
		if d.Metadata == nil {
			return nil
		}
		return d.Metadata.All(name)
	}
	field("Name", d.Name)
	field("Version", d.Version)
	field("Summary", get("Summary"))
	field("Home-page", homepage(get("Home-page"), all("Project-URL")))
	field("Author", get("Author"))
	field("Author-email", get("Author-email"))
	if expression := get("License-Expression"); expression != "" && hasExpressions(get("Metadata-Version")) {
		field("License-Expression", expression)
	} else {
		field("License", get("License"))
	}
	field("Location", d.location())
	if path := d.editable(); path != "" {
		field("Editable project location", path)
	}
	field("Requires", strings.Join(d.requires(h), ", "))
	field("Required-by", strings.Join(env.requiredBy(h, d.Key), ", "))
	if c.printer.Level() >= ui.Verbose {
		field("Metadata-Version", get("Metadata-Version"))
		field("Installer", d.Installer)
		list("Classifiers", all("Classifier"))
		entries, _ := d.read("entry_points.txt")
		list("Entry-points", splitLines(string(entries)))
		list("Project-URLs", all("Project-URL"))
	}
	if c.files {
		files, err := d.fileLines()
		if err != nil {
			return "", err
		}
		b.WriteString(files)
	}
	return b.String(), nil
}

// unreadable stands where requirements cannot be read.
const unreadable = "#N/A"

// requires are the projects that a distribution depends on.
func (d *installed) requires(h *host.Host) []string {
	deps, err := d.dependencies(h)
	if err != nil {
		return []string{unreadable}
	}
	names := make([]string, len(deps))
	for i, r := range deps {
		names[i] = r.Name
	}
	return sortNames(names)
}

// requiredBy are the distributions that depend on a project.
func (e *environment) requiredBy(h *host.Host, key string) []string {
	var names []string
	for i := range e.dists {
		deps, err := e.dists[i].dependencies(h)
		if err != nil {
			return []string{unreadable}
		}
		if slices.ContainsFunc(deps, func(r requirements.Requirement) bool { return r.Key() == key }) {
			names = append(names, e.dists[i].Name)
		}
	}
	return sortNames(names)
}

// sortNames sorts without regard to case and drops repetitions.
func sortNames(names []string) []string {
	slices.Sort(names)
	names = slices.Compact(names)
	slices.SortStableFunc(names, func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
	return names
}

// homepage is the field, or the project URL with that label (PEP 753).
func homepage(field string, urls []string) string {
	if field != "" {
		return field
	}
	for _, entry := range urls {
		label, url, ok := strings.Cut(entry, ",")
		label = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
				return -1
			}
			return unicode.ToLower(r)
		}, label)
		if ok && label == "homepage" {
			return strings.TrimSpace(url)
		}
	}
	return ""
}

// hasExpressions reports whether metadata of this version may have a
// License-Expression: from 2.4 on (PEP 639).
func hasExpressions(version string) bool {
	major, minor, _ := strings.Cut(version, ".")
	m, err := strconv.Atoi(major)
	n, minorErr := strconv.Atoi(minor)
	return err == nil && minorErr == nil && (m > 2 || m == 2 && n >= 4)
}

// splitLines splits text into its lines, without their ends.
func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return lines
}

// fileLines is the list of files, relative to the location as RECORD has them.
func (d *installed) fileLines() (string, error) {
	files, outside, err := d.prefix.Files(d.Distribution)
	var unlisted *installer.NotRemovableError
	if errors.As(err, &unlisted) {
		return "Files:\nCannot locate RECORD or installed-files.txt\n", nil
	}
	if err != nil {
		return "", err
	}
	paths := outside
	for _, f := range files {
		rel, err := filepath.Rel(filepath.FromSlash(d.Location), filepath.FromSlash(f.Path))
		if err != nil {
			return "", fmt.Errorf("listing the files of %q: %w", d.InfoDir, err)
		}
		paths = append(paths, rel)
	}
	slices.Sort(paths)
	var b strings.Builder
	b.WriteString("Files:\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "  %s\n", path)
	}
	return b.String(), nil
}
