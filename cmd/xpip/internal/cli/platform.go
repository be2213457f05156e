package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/host"
)

// platformCommand is everything that `xpip platform` is told.
type platformCommand struct {
	*app
	host hostOptions
	json bool

	complete bool
	cross    string
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
	r.on(&c.complete, "complete-platform", "", "Of show: write the complete platform that pex reads (JSON).")
	r.choice(&c.cross, "cross-file", strings.Join(crossFormats(), "|"), crossFormats(), "Of show: write the file by which this tool is told of the host.")
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
		"list":    {0, 0, func(context.Context, []string) error { return c.list() }},
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
	switch {
	case c.complete && c.cross != "", c.json && (c.complete || c.cross != ""):
		return &commandError{msg: "Only one of --json, --complete-platform and --cross-file can be written"}
	case c.complete:
		return c.writeFile(h.CompletePlatform())
	case c.cross != "":
		return c.writeFile(h.CrossFile(host.CrossFormat(c.cross)))
	}
	said, err := c.describedBy(c.host)
	if err != nil {
		return err
	}
	if c.json {
		return c.writeJSON(jsonPage(h, said))
	}
	return c.printer.Result(ui.Escape(page(h, said)))
}

// crossFormats are the values of --cross-file.
func crossFormats() []string {
	var out []string
	for _, format := range host.CrossFormats() {
		out = append(out, string(format))
	}
	return out
}

// writeFile writes what another tool reads, as it is.
func (c *platformCommand) writeFile(text []byte, err error) error {
	if err != nil {
		return err
	}
	return c.printer.Result(string(text))
}

func (c *platformCommand) writeJSON(v any) error {
	text, err := pageJSON(v)
	if err != nil {
		return err
	}
	return c.printer.Result(text)
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

// systemListed is an entry of `platform list --json`.
type systemListed struct {
	Tag       string   `json:"tag"`
	Title     string   `json:"title"`
	Family    string   `json:"family"`
	Processor string   `json:"processor"`
	Oldest    string   `json:"oldest,omitempty"`
	Usual     string   `json:"usual,omitempty"`
	Names     []string `json:"names"`
}

// list writes the systems that are known, a line each.
func (c *platformCommand) list() error {
	var listed []systemListed
	rows := [][]string{{"Platform tag", "System", "Processor", "Oldest", "Usual", "Names"}}
	for _, s := range host.Systems() {
		one := systemListed{Tag: s.Tag, Title: s.Title, Family: s.Family, Processor: s.Processor, Oldest: s.Floor, Usual: s.Usual, Names: []string{}}
		for _, name := range s.Spellings {
			if !slices.Contains(one.Names, name.Text) {
				one.Names = append(one.Names, name.Text)
			}
		}
		listed = append(listed, one)
		rows = append(rows, []string{one.Tag, one.Title, one.Processor, one.Oldest, one.Usual, strconv.Itoa(len(one.Names))})
	}
	if c.json {
		return c.writeJSON(listed)
	}
	return c.printer.Result(strings.Join(tabulate(rows), "\n") + "\n")
}

// explained is what `platform explain --json` says.
type explained struct {
	Asked string          `json:"asked"`
	Host  string          `json:"host"`
	Fits  bool            `json:"fits"`
	Rank  int             `json:"rank,omitzero"` // 1 is the best
	Of    int             `json:"of,omitzero"`
	Tag   string          `json:"tag"` // the one that fits best, or comes nearest
	Note  string          `json:"note,omitempty"`
	Parts []explainedPart `json:"parts"`
	// Part and Change are what is wrong and the options with which it would fit.
	Part   string `json:"wrong_part,omitempty"`
	Reason string `json:"reason,omitempty"`
	Change string `json:"smallest_change,omitempty"`
}

type explainedPart struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Fits   bool   `json:"fits"`
	Reason string `json:"reason,omitempty"`
}

// explain says whether a wheel fits a host, at which rank, or by what it misses.
func (c *platformCommand) explain(ctx context.Context, args []string) error {
	h, err := c.app.host(ctx, c.host)
	if err != nil {
		return err
	}
	e, err := h.ExplainTag(args[0])
	if err != nil {
		return err
	}
	if c.json {
		err = c.writeJSON(explainedBy(h, &e))
	} else {
		err = c.printer.Result(ui.Escape(explanation(h, &e)))
	}
	if err == nil && !e.Fits {
		return errSilent
	}
	return err
}

func explainedBy(h *host.Host, e *host.Explanation) explained {
	out := explained{Asked: e.Input, Host: h.String(), Fits: e.Fits, Tag: tagText(e), Note: e.Note}
	for _, p := range e.Parts {
		out.Parts = append(out.Parts, explainedPart{p.Name, p.Value, p.Fits, p.Sentence})
	}
	if e.Fits {
		out.Rank, out.Of = e.Rank+1, e.Of
	} else {
		out.Part, out.Reason, out.Change = string(e.Mismatch.Part), e.Mismatch.Sentence, e.Mismatch.Fix
	}
	return out
}

// tagText is the tag that counts, without what was not asked about.
func tagText(e *host.Explanation) string {
	if e.Tag.Python == "" {
		return e.Tag.Platform
	}
	return e.Tag.String()
}

// explanation is the same for people.
func explanation(h *host.Host, e *host.Explanation) string {
	verdict := "fits"
	rows := [][]string{{"by", tagText(e)}}
	if e.Fits {
		rows = append(rows, []string{"rank", fmt.Sprintf("%d of %d (1 is the best)", e.Rank+1, e.Of)})
	} else {
		verdict = "does not fit"
		rows[0][0] = "nearest"
		rows = append(rows, []string{"wrong", string(e.Mismatch.Part) + ": " + e.Mismatch.Sentence})
	}
	for _, p := range e.Parts {
		answer := "fits"
		if !p.Fits {
			answer = "does not fit: " + p.Sentence
		}
		rows = append(rows, []string{p.Name, p.Value + " " + answer})
	}
	if e.Note != "" {
		rows = append(rows, []string{"read as", e.Note})
	}
	if fix := e.Mismatch.Fix; fix != "" {
		rows = append(rows, []string{"would fit", "a host with  " + fix})
	}
	return fmt.Sprintf("%s %s %s.\n%s", e.Input, verdict, h, columns(rows))
}
