package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/installer"
)

// inspection is pip's inspect report, version 1, with the host's environment
// in place of the build machine's and one key of our own.
type inspection struct {
	Version     string            `json:"version"`
	PipVersion  string            `json:"pip_version"`
	Installed   []inspected       `json:"installed"`
	Environment map[string]string `json:"environment"`
	Xpip        reportHost        `json:"xpip"`
}

type inspected struct {
	Metadata         map[string]any       `json:"metadata"`
	MetadataLocation string               `json:"metadata_location"`
	DirectURL        *installer.DirectURL `json:"direct_url,omitempty"`
	Installer        string               `json:"installer,omitempty"`
	Requested        *bool                `json:"requested,omitempty"`
}

func (a *app) inspectCommand() *cobra.Command {
	var options prefixOptions
	cmd := &cobra.Command{
		Use:     "inspect",
		Short:   "Describe a host prefix and what is installed in it, as JSON",
		Example: "  xpip inspect --platform ios_13_0_arm64",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.inspect(cmd.Context(), options) },
	}
	options.register(&registry{flags: cmd.Flags()})
	return cmd
}

func (a *app) inspect(ctx context.Context, o prefixOptions) error {
	env, err := a.environment(ctx, o)
	if err != nil {
		return err
	}
	h, err := env.host(ctx)
	if err != nil {
		return err
	}
	out := inspection{
		Version: "1", PipVersion: pipVersion, Installed: []inspected{},
		Environment: h.Environment().Map(), Xpip: describeHost(h),
	}
	for i := range env.dists {
		d := &env.dists[i]
		if d.Metadata == nil {
			for _, problem := range d.Problems {
				a.printer.Warn("Skipping %s: %v", d.infoPath(), problem)
			}
			continue
		}
		if slices.Contains(notListed, d.Key) {
			continue
		}
		out.Installed = append(out.Installed, d.inspect())
	}
	text, err := pageJSON(out)
	if err != nil {
		return err
	}
	return a.printer.Result(text)
}

// inspect describes one distribution that has metadata.
func (d *installed) inspect() inspected {
	out := inspected{
		Metadata: d.Metadata.JSON(), MetadataLocation: d.infoPath(), Installer: d.Installer,
	}
	if u := d.DirectURL; u != nil {
		shown := *u
		shown.URL = u.Redacted()
		out.DirectURL = &shown
	}
	if d.wheelInstalled() {
		out.Requested = &d.Requested
	} else if requires := d.requiresDist(); len(requires) > 0 {
		out.Metadata["requires_dist"] = requires
	}
	return out
}
