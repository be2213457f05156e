package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	helpWidth  = 100 // columns of --help
	helpColumn = 32  // where the explanation of an option begins
)

// usageText is the "Usage:" paragraph, as pip's parser prints it.
func usageText(cmd *cobra.Command) string {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if !cmd.HasParent() {
		b.WriteString("  xpip <command> [options]\n")
		return b.String()
	}
	forms := cmd.Annotations["usage"]
	if forms == "" {
		forms = "[options]"
	}
	for _, form := range strings.Split(forms, "\n") {
		fmt.Fprintf(&b, "  xpip %s %s\n", cmd.Name(), form)
	}
	return b.String()
}

// helpText is --help of a command: usage, what it does, an example, then its
// options under headings, the command's own before those all commands have.
func helpText(cmd *cobra.Command) string {
	var b strings.Builder
	b.WriteString(usageText(cmd))
	long := cmd.Long
	if long == "" {
		long = cmd.Short
	}
	fmt.Fprintf(&b, "\n%s\n", long)
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				fmt.Fprintf(&b, "  %-12s %s\n", c.Name(), c.Short)
			}
		}
	}
	var headings []string
	options := map[string][]*pflag.Flag{}
	collect := func(f *pflag.Flag) {
		heading := "General"
		if g := f.Annotations[groupAnnotation]; len(g) > 0 {
			heading = g[0]
		}
		if f.Name == "help" {
			f.Usage = "Show this help."
		}
		if heading == hiddenGroup || slices.Contains(options[heading], f) {
			return
		}
		if !slices.Contains(headings, heading) {
			headings = append(headings, heading)
		}
		options[heading] = append(options[heading], f)
	}
	cmd.InitDefaultHelpFlag()
	own := cmd.NonInheritedFlags()
	own.SortFlags = false
	own.VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && cmd.HasParent() && cmd.Parent().PersistentFlags().Lookup(f.Name) == nil {
			collect(f)
		}
	})
	inherited := cmd.Root().PersistentFlags()
	inherited.SortFlags = false
	inherited.VisitAll(collect)
	own.VisitAll(collect)
	for _, heading := range headings {
		fmt.Fprintf(&b, "\n%s:\n", heading)
		for _, f := range options[heading] {
			b.WriteString(optionHelp(f))
		}
	}
	return b.String()
}

func optionHelp(f *pflag.Flag) string {
	left := "      --" + f.Name
	if f.Shorthand != "" {
		left = "  -" + f.Shorthand + ", --" + f.Name
	}
	if f.NoOptDefVal == "" && f.DefValue != "" {
		left += " <" + f.DefValue + ">"
	}
	var b strings.Builder
	b.WriteString(left)
	column := len(left)
	if column > helpColumn-2 {
		b.WriteString("\n")
		column = 0
	}
	for _, word := range strings.Fields(f.Usage) {
		if column == 0 || column+1+len(word) > helpWidth {
			if column != 0 {
				b.WriteString("\n")
			}
			b.WriteString(strings.Repeat(" ", helpColumn))
			column = helpColumn
		} else if column < helpColumn {
			b.WriteString(strings.Repeat(" ", helpColumn-column))
			column = helpColumn
		} else {
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteString("\n")
	return b.String()
}
