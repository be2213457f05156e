package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write docs/pip-compatibility.md anew")

// pipOption is an option of pip, frozen by testdata/pip-options.py.
type pipOption struct {
	Names   []string
	Short   []string
	Value   bool
	Hidden  bool
	General bool
}

// TestCompatibility makes docs/pip-compatibility.md of the options that there
// are and of the notes beside them, and fails when the page says something else.
func TestCompatibility(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "pip-options.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pip struct {
		Pip      string
		Commands map[string][]pipOption
	}
	if err := json.Unmarshal(data, &pip); err != nil {
		t.Fatal(err)
	}
	if pip.Pip != pipVersion {
		t.Fatalf("the options are those of pip %s, but %s is the one that xpip follows", pip.Pip, pipVersion)
	}
	root := (&app{}).command()
	var page bytes.Buffer
	fmt.Fprintf(&page, `# Options of pip, one by one

This page is made by a test from the options of pip %s and those of xpip. *Supported* means that
the option does here what pip's documentation says, for the host; [pip.md](pip.md) tells what else
differs and why.
`, pip.Pip)
	writeCommands(&page, root, pip.Commands)
	writeOptions(t, &page, root, pip.Commands)
	writeOwn(&page, root, pip.Commands)

	path := filepath.Join("..", "..", "..", "..", "docs", "pip-compatibility.md")
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	written, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(bytes.ReplaceAll(written, []byte("\r\n"), []byte("\n")), page.Bytes()) {
		t.Errorf("docs/pip-compatibility.md is stale (%v): go test ./cmd/xpip/internal/cli -run TestCompatibility -update", err)
	}
}

func writeCommands(page *bytes.Buffer, root *cobra.Command, commands map[string][]pipOption) {
	page.WriteString("\n## Commands\n\n| command of pip | |\n|---|---|\n")
	for _, name := range sortedKeys(commands) {
		status := absentCommands[name]
		if commandNamed(root, name) != nil {
			status = "supported"
			if how := differingCommands[name]; how != "" {
				status = "differs: " + how
			}
		}
		fmt.Fprintf(page, "| `%s` | %s |\n", name, status)
	}
}

// writeOptions writes a row for each option and each answer to it, with the
// commands that give this answer.
func writeOptions(t *testing.T, page *bytes.Buffer, root *cobra.Command, commands map[string][]pipOption) {
	type row struct {
		option, status string
		commands       []string
	}
	var general, own []*row
	for _, command := range sortedKeys(commands) {
		cmd := commandNamed(root, command)
		if cmd == nil {
			continue
		}
		for _, option := range commands[command] {
			status := statusOf(cmd, option)
			if status == "" {
				t.Errorf("%s has no word about pip's %s", command, option.Names[0])
			}
			rows := &own
			if option.General {
				rows = &general
			}
			shown := shownOption(option)
			i := slices.IndexFunc(*rows, func(r *row) bool { return r.option == shown && r.status == status })
			if i < 0 {
				i = len(*rows)
				*rows = append(*rows, &row{option: shown, status: status})
			}
			(*rows)[i].commands = append((*rows)[i].commands, command)
		}
	}
	for _, part := range []struct {
		title string
		rows  []*row
	}{{"Options of every command", general}, {"Options of single commands", own}} {
		fmt.Fprintf(page, "\n## %s\n\n| option of pip | commands | |\n|---|---|---|\n", part.title)
		slices.SortStableFunc(part.rows, func(a, b *row) int {
			return strings.Compare(strings.TrimLeft(a.option, "`-"), strings.TrimLeft(b.option, "`-"))
		})
		for _, r := range part.rows {
			where := strings.Join(r.commands, ", ")
			if len(r.commands) > 12 {
				where = "all"
			}
			fmt.Fprintf(page, "| %s | %s | %s |\n", r.option, where, r.status)
		}
	}
}

// writeOwn lists the options that pip does not have on a command.
func writeOwn(page *bytes.Buffer, root *cobra.Command, commands map[string][]pipOption) {
	known := map[string]bool{}
	for command, options := range commands {
		for _, option := range options {
			for _, name := range option.Names {
				known[command+" "+strings.TrimPrefix(name, "--")] = true
			}
		}
	}
	where, usage := map[string][]string{}, map[string]string{}
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			hidden := slices.Contains(f.Annotations[groupAnnotation], hiddenGroup)
			if hidden || known[cmd.Name()+" "+f.Name] || f.Name == "help" || root.PersistentFlags().Lookup(f.Name) != nil {
				return
			}
			where[f.Name] = append(where[f.Name], cmd.Name())
			if usage[f.Name] == "" {
				usage[f.Name] = f.Usage
			}
		})
	}
	page.WriteString("\n## Options that pip does not have, or not on these commands\n\n| option | commands | |\n|---|---|---|\n")
	for _, name := range sortedKeys(where) {
		fmt.Fprintf(page, "| `--%s` | %s | %s |\n", name, strings.Join(where[name], ", "), cell(usage[name]))
	}
}

// statusOf is what becomes of an option of pip's on a command.
func statusOf(cmd *cobra.Command, option pipOption) string {
	name := strings.TrimPrefix(option.Names[0], "--")
	f := findFlag(cmd, name)
	if f == nil {
		if why := absentOptions[cmd.Name()+" --"+name]; why != "" {
			return "not there: " + cell(why)
		}
		return ""
	}
	for _, other := range option.Names[1:] {
		if findFlag(cmd, strings.TrimPrefix(other, "--")) == nil {
			return ""
		}
	}
	for _, short := range option.Short {
		if g := cmd.Flags().ShorthandLookup(strings.TrimPrefix(short, "-")); g == nil && cmd.Root().PersistentFlags().ShorthandLookup(strings.TrimPrefix(short, "-")) == nil && name != "help" {
			return ""
		}
	}
	if takes := f.NoOptDefVal == "" && name != "help"; takes != option.Value {
		return ""
	}
	for _, note := range []struct{ annotation, word string }{
		{refusedAnnotation, "refused: "}, {ignoredAnnotation, "no effect: "}, {differsAnnotation, "differs: "},
	} {
		if text := f.Annotations[note.annotation]; len(text) > 0 {
			return note.word + cell(text[0])
		}
	}
	return "supported"
}

func findFlag(cmd *cobra.Command, name string) *pflag.Flag {
	cmd.InitDefaultHelpFlag()
	if f := cmd.Flags().Lookup(name); f != nil {
		return f
	}
	return cmd.Root().PersistentFlags().Lookup(name)
}

func commandNamed(root *cobra.Command, name string) *cobra.Command {
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == name {
			return cmd
		}
	}
	return nil
}

func shownOption(o pipOption) string {
	var names []string
	for _, name := range slices.Concat(o.Names, o.Short) {
		names = append(names, "`"+name+"`")
	}
	return strings.Join(names, " ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// cell is text that stands in a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
