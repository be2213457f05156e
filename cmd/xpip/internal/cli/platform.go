package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

// platformCommand is everything that `xpip platform` is told.
type platformCommand struct {
	*app
	host hostOptions
	json bool
}

const platformActions = "show, list, explain"

func (a *app) platformCommand() *cobra.Command {
	c := &platformCommand{app: a}
	cmd := &cobra.Command{
		Use:   "platform",
		Short: "Show platforms: their names, what a host of theirs is, which wheels fit it",
		Long: `Show what is known of a platform by one of its names, or of a host by a file or
folder that describes it; list the systems that are known; explain whether a
wheel fits a host, and if not, why. 'explain' ends with exit code 1 if it does not.`,
		Example: `  xpip platform show aarch64-linux-android
  xpip platform show ./build-details.json --json
  xpip platform explain numpy-2.3.5-cp314-cp314-win_amd64.whl --platform ios`,
		Annotations: map[string]string{"usage": "show [<name or path>]\nlist\nexplain <tag or wheel> --platform <name>"},
		RunE:        func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return strings.Split(platformActions, ", "), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Output")
	r.on(&c.json, "json", "", "Write JSON.")
	c.host.register(r)
	return cmd
}

func (c *platformCommand) run(ctx context.Context, args []string) error {
	if err := c.open(); err != nil {
		return err
	}
	actions := map[string]struct {
		least, most int // arguments
		run         func(ctx context.Context, args []string) error
	}{
		"show":    {0, 1, c.show},
		"explain": {1, 1, c.explain},
	}
	if len(args) == 0 {
		return needAction(platformActions)
	}
	action, ok := actions[args[0]]
	switch rest := len(args) - 1; {
	case !ok:
		return needAction(platformActions)
	case rest < action.least:
		return &commandError{msg: "You need to name a tag or a wheel to explain"}
	case rest > action.most:
		return &commandError{msg: "Too many arguments"}
	}
	return action.run(ctx, args[1:])
}

// show writes a page about a host.
func (c *platformCommand) show(ctx context.Context, args []string) error {
	if len(args) == 1 {
		if c.host.foreign() {
			return &commandError{msg: fmt.Sprintf("The host is named twice: %s, and by --platform or --host-from", pyQuote(args[0]))}
		}
		if err := c.take(args[0]); err != nil {
			return err
		}
	}
	h, err := c.app.host(ctx, c.host)
	if err != nil {
		return err
	}
	said, err := c.describedBy(c.host)
	if err != nil {
		return err
	}
	if c.json {
		text, err := pageJSON(jsonPage(h, said))
		if err != nil {
			return err
		}
		return c.printer.Result(text)
	}
	return c.printer.Result(ui.Escape(page(h, said)))
}

// take takes an argument for a platform's name or, if none goes by it, for the
// path of what describes a host. A path that begins with a dot or at the root is
// never a name.
func (c *platformCommand) take(arg string) error {
	if filepath.IsAbs(arg) || strings.HasPrefix(arg, ".") {
		c.host.from = arg
		return nil
	}
	_, err := host.New(host.Options{Platforms: []string{arg}, Exact: c.host.exact, Getenv: c.getenv})
	var unknown *host.UnknownPlatformError
	if errors.As(err, &unknown) {
		if _, statErr := os.Stat(arg); statErr == nil {
			c.host.from = arg
			return nil
		}
	}
	c.host.platforms = []string{arg}
	return nil
}

// explained is what `platform explain --json` says.
type explained struct {
	Asked    string  `json:"asked"`
	Host     string  `json:"host"`
	Fits     bool    `json:"fits"`
	Rank     int     `json:"rank,omitempty"` // 1 is the best
	TagCount int     `json:"tag_count"`
	Tag      string  `json:"tag"` // the one that fits best, or comes nearest
	Mismatch *misfit `json:"mismatch,omitempty"`
	Change   string  `json:"smallest_change,omitempty"` // options
}

type misfit struct {
	Part     string `json:"part"`
	Wanted   string `json:"wanted,omitempty"`
	Has      string `json:"has,omitempty"`
	Sentence string `json:"sentence"`
}

// explain says whether a wheel fits a host, at which rank, or by what it misses.
func (c *platformCommand) explain(ctx context.Context, args []string) error {
	name, err := wheelOrTag(args[0])
	if err != nil {
		return err
	}
	h, err := c.app.host(ctx, c.host)
	if err != nil {
		return err
	}
	out := explained{Asked: args[0], Host: h.String(), TagCount: len(h.Tags())}
	if rank, ok := h.BestRank(name); ok {
		out.Fits, out.Rank, out.Tag = true, rank+1, h.Tags()[rank].String()
	} else {
		m := h.Explain(name)
		out.Tag, out.Change = m.Tag.String(), m.Fix
		out.Mismatch = &misfit{Part: string(m.Part), Wanted: m.Wanted, Has: m.Has, Sentence: m.Sentence}
	}
	if err := c.writeExplained(&out); err != nil {
		return err
	}
	if !out.Fits {
		return errSilent
	}
	return nil
}

func (c *platformCommand) writeExplained(e *explained) error {
	if c.json {
		text, err := pageJSON(e)
		if err != nil {
			return err
		}
		return c.printer.Result(text)
	}
	var b strings.Builder
	if e.Fits {
		fmt.Fprintf(&b, "%s fits %s.\n", e.Asked, e.Host)
		fmt.Fprintf(&b, "  rank       %d of %d tags (1 is the best)\n", e.Rank, e.TagCount)
		fmt.Fprintf(&b, "  by         %s\n", e.Tag)
		return c.printer.Result(ui.Escape(b.String()))
	}
	fmt.Fprintf(&b, "%s does not fit %s.\n", e.Asked, e.Host)
	fmt.Fprintf(&b, "  nearest    %s\n", e.Tag)
	fmt.Fprintf(&b, "  wrong      %s: %s\n", e.Mismatch.Part, e.Mismatch.Sentence)
	if e.Change != "" {
		fmt.Fprintf(&b, "  would fit  a host described with  %s\n", e.Change)
	}
	return c.printer.Result(ui.Escape(b.String()))
}

// wheelOrTag reads the name of a wheel, a tag (compressed or not) or, alone, a
// platform tag, as the name of a wheel.
func wheelOrTag(text string) (wheel.Filename, error) {
	base := filepath.Base(text)
	if !strings.HasSuffix(strings.ToLower(base), ".whl") {
		tag := text
		switch strings.Count(tag, "-") {
		case 0:
			tag = "py3-none-" + tag
		case 2:
		default:
			return wheel.Filename{}, &commandError{
				msg:   fmt.Sprintf("%s is neither the name of a wheel nor a tag", pyQuote(text)),
				hints: []string{"A tag is  cp314-cp314-ios_13_0_arm64_iphoneos  or, without the Python,  ios_13_0_arm64_iphoneos"},
			}
		}
		base = "x-0-" + tag + ".whl"
	}
	name, err := wheel.ParseFilename(base)
	if err != nil {
		return name, &commandError{msg: fmt.Sprintf("%s: %v", pyQuote(text), err)}
	}
	return name, nil
}
