package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/resolver"
)

// indexCommand is everything that `xpip index` is told.
type indexCommand struct {
	*app
	prefix prefixOptions
	index  indexOptions
	sel    selectionOptions
	json   bool
}

func (a *app) indexCommand() *cobra.Command {
	c := &indexCommand{app: a}
	cmd := &cobra.Command{
		Use:         "index",
		Short:       "Show which versions of a project there are for the host",
		Example:     "  xpip index versions --platform android_24_arm64_v8a numpy",
		Annotations: map[string]string{"usage": "versions <package>"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.open(); err != nil {
				return err
			}
			if len(args) == 0 || args[0] != "versions" {
				return &commandError{msg: "Need an action (versions) to perform."}
			}
			if len(args) != 2 {
				return &commandError{msg: "You need to specify exactly one argument"}
			}
			return c.versions(cmd.Context(), args[1])
		},
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Index")
	r.on(&c.json, "json", "", "Write JSON.")
	r.on(&c.sel.ignoreRequires, "ignore-requires-python", "", "Ignore Requires-Python.")
	c.prefix.register(r)
	c.index.register(r)
	c.sel.registerReleases(r)
	return cmd
}

// versionsFound is what `index versions --json` says.
type versionsFound struct {
	Name             string   `json:"name"`
	Versions         []string `json:"versions"`
	Latest           string   `json:"latest"`
	InstalledVersion string   `json:"installed_version,omitempty"`
}

func (c *indexCommand) versions(ctx context.Context, query string) error {
	if !requirements.ValidName(query) {
		return &commandError{msg: fmt.Sprintf("%s is not the name of a project", pyQuote(query))}
	}
	env, err := c.lookedAt(ctx)
	if err != nil {
		return err
	}
	h, err := env.host(ctx)
	if err != nil {
		return err
	}
	o, closeIndex, err := c.offers(h, c.index, c.sel)
	if err != nil {
		return err
	}
	defer closeIndex()
	found, err := o.of(ctx, requirements.NormalizeName(query))
	var missing *resolver.NotFoundError
	if err != nil && !errors.As(err, &missing) {
		return err
	}
	if len(found) == 0 {
		return &commandError{msg: "No matching distribution found for " + query}
	}
	out := versionsFound{Name: query, Latest: found[0].version.String()}
	for _, one := range found {
		out.Versions = append(out.Versions, one.version.String())
	}
	if d := env.find(query); d != nil {
		out.InstalledVersion = d.shownVersion()
	}
	return c.show(out)
}

// lookedAt is the prefix in which the installed version is looked up. For
// another host there need not be one yet.
func (c *indexCommand) lookedAt(ctx context.Context) (*environment, error) {
	at, err := c.locate(ctx, &c.prefix)
	if err != nil {
		return nil, err
	}
	for _, one := range at {
		if !isFolder(one.path) {
			return &environment{app: c.app, options: c.prefix.host}, nil
		}
	}
	return c.environment(ctx, c.prefix)
}

func (c *indexCommand) show(v versionsFound) error {
	if c.json {
		text, err := lineJSON(v)
		if err != nil {
			return err
		}
		c.printer.Info("%s", text)
		return nil
	}
	c.printer.Info("%s (%s)", v.Name, v.Latest)
	c.printer.Info("Available versions: %s", strings.Join(v.Versions, ", "))
	switch v.InstalledVersion {
	case "":
	case v.Latest:
		c.printer.Info("  INSTALLED: %s (latest)", v.InstalledVersion)
	default:
		c.printer.Info("  INSTALLED: %s", v.InstalledVersion)
		c.printer.Info("  LATEST:    %s", v.Latest)
	}
	return nil
}
