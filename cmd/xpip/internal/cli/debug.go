package cli

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/host"
)

// tagsShown is how many tags `pip debug` lists without --verbose.
const tagsShown = 10

func (a *app) debugCommand() *cobra.Command {
	var options hostOptions
	cmd := &cobra.Command{
		Use:   "debug",
		Short: "Show what is known of the host, and where each fact comes from",
		Long: `Show the host that the options describe: its tags as 'pip debug' prints them, its
marker environment, where its packages go, and the origin of each fact.`,
		Example: `  xpip debug --platform ios_13_0_arm64
  xpip debug --verbose --platform manylinux_2_28_aarch64 --python-version 3.13`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.open(); err != nil {
				return err
			}
			h, err := a.host(cmd.Context(), options)
			if err != nil {
				return err
			}
			return a.printer.Result(ui.Escape(debugText(h, a.printer.Level() >= ui.Verbose)))
		},
	}
	r := &registry{flags: cmd.Flags()}
	options.register(r)
	return cmd
}

func debugText(h *host.Host, all bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "xpip version: xpip %s (%s/%s)\n", Version, runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(&b, "host: %s\n", h)
	for _, note := range h.Notes() {
		fmt.Fprintf(&b, "  note: %s\n", note)
	}
	fact := func(name, value, origin string) {
		if origin != "" {
			value += "  (" + origin + ")"
		}
		fmt.Fprintf(&b, "  %s: %s\n", name, value)
	}
	fact("platform", strings.Join(h.Platforms(), ", "), h.Origin("platform"))
	fact("python", h.Python().String(), h.Origin("python"))
	fact("implementation", h.Implementation(), h.Origin("implementation"))
	fact("abi", strings.Join(h.ABIs(), ", "), h.Origin("abi"))
	b.WriteString("markers:\n")
	env := h.Environment()
	for _, name := range env.Names() {
		value, ok := env.Get(name)
		if !ok {
			continue
		}
		text := fmt.Sprintf("%q", value.Text)
		if !value.Known {
			text = fmt.Sprintf("unknown; %q is taken (--marker %s=VALUE settles it)", value.Text, name)
		}
		fact(name, text, h.Origin(name))
	}
	s := h.Scheme()
	b.WriteString("scheme, below --prefix:\n")
	fact("purelib", s.Purelib, h.Origin("scheme"))
	fact("platlib", s.Platlib, "")
	fact("scripts", s.Scripts, "")
	fact("headers", s.Headers, "")
	fact("data", s.Data, "")
	tags := h.Tags()
	given := h.Given()
	if given != "" {
		given = " (target: " + given + ")"
	}
	fmt.Fprintf(&b, "Compatible tags: %d%s\n", len(tags), given)
	shown := tags
	if !all && len(tags) > tagsShown {
		shown = tags[:tagsShown]
	}
	for _, tag := range shown {
		fmt.Fprintf(&b, "  %s\n", tag)
	}
	if len(shown) < len(tags) {
		fmt.Fprintf(&b, "  ...\n  [First %d tags shown. Pass --verbose to show all.]\n", len(shown))
	}
	return b.String()
}
