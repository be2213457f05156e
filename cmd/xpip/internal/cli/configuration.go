package cli

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/config"
)

// settings reads pip's configuration.
func (a *app) settings(isolated bool) (*config.Settings, error) {
	home, _ := os.UserHomeDir() // without one, only the files that need none are read
	settings, err := config.Load(config.Machine{
		OS: runtime.GOOS, Home: home, Etc: "/etc", Getenv: a.getenv, Vars: a.Environ,
	}, isolated)
	if err != nil || isolated {
		return settings, err
	}
	return settings, settings.AddProject("", func() map[string]config.Option { return ownOptions(a.command()) })
}

// configCommand is everything that `xpip config` is told.
type configCommand struct {
	*app
	user, global, site bool
}

func (a *app) configCommand() *cobra.Command {
	c := &configCommand{app: a}
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show pip's configuration as xpip reads it",
		Example: `  xpip config list
  xpip config get global.index-url
  xpip config debug`,
		Annotations: map[string]string{"usage": "[<file-option>] list\n[<file-option>] get <command>.<option>\n[<file-option>] debug"},
		RunE:        func(_ *cobra.Command, args []string) error { return c.run(args) },
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Config")
	r.on(&c.global, "global", "", "Only the system's configuration files.")
	r.on(&c.user, "user", "", "Only the user's.")
	r.on(&c.site, "site", "", "Only that of the active virtual environment.")
	return cmd
}

func (c *configCommand) run(args []string) error {
	if err := c.open(); err != nil {
		return err
	}
	settings, err := c.settings(c.general.isolated)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return needAction("debug, get, list")
	}
	switch action := args[0]; action {
	case "set", "unset", "edit":
		return &commandError{
			msg:   "xpip reads pip's configuration and never writes it",
			hints: []string{"Use 'pip config " + action + "', or edit one of the files that 'xpip config debug' names."},
		}
	case "list", "debug":
		if len(args) > 1 {
			return &commandError{msg: fmt.Sprintf("Got unexpected number of arguments, expected 0. (example: \"xpip config %s\")", action)}
		}
		only, err := c.only()
		if err != nil {
			return err
		}
		if action == "debug" {
			c.debug(settings)
			return nil
		}
		c.list(settings, only)
		return nil
	case "get":
		if len(args) != 2 {
			return &commandError{msg: "Got unexpected number of arguments, expected 1. (example: \"xpip config get [name]\")"}
		}
		return c.get(settings, args[1])
	}
	return needAction("debug, get, list")
}

// only is the kind of file that the options restrict the command to, "" for all.
func (c *configCommand) only() (config.Kind, error) {
	var kinds []config.Kind
	for _, o := range []struct {
		given bool
		kind  config.Kind
	}{{c.user, config.KindUser}, {c.global, config.KindGlobal}, {c.site, config.KindSite}} {
		if o.given {
			kinds = append(kinds, o.kind)
		}
	}
	switch len(kinds) {
	case 0:
		return "", nil
	case 1:
		return kinds[0], nil
	}
	return "", &commandError{msg: "Need exactly one file to operate upon (--user, --site, --global) to perform."}
}

// list shows every setting, file by file, then those of the environment.
func (c *configCommand) list(s *config.Settings, only config.Kind) {
	items := slices.DeleteFunc(s.Items(), func(i config.Item) bool {
		return only != "" && i.Kind != only && i.Kind != config.KindVar
	})
	slices.SortStableFunc(items, func(a, b config.Item) int {
		if a.Kind == config.KindVar || b.Kind == config.KindVar {
			return boolToInt(a.Kind == config.KindVar) - boolToInt(b.Kind == config.KindVar)
		}
		if order := strings.Compare(a.File, b.File); order != 0 {
			return order
		}
		return strings.Compare(settingName(a), settingName(b))
	})
	for _, item := range items {
		c.printer.Info("%s=%s", settingName(item), pyRepr(item.Value))
	}
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func settingName(i config.Item) string { return i.Section + "." + i.Key }

// get shows one setting: of the file that the options name, else of the
// environment's file if it has one, else of the user's; or a variable, as
// ":env:.index-url".
func (c *configCommand) get(s *config.Settings, name string) error {
	only, err := c.only()
	if err != nil {
		return err
	}
	if only == "" {
		only = config.KindUser
		for _, source := range s.Sources() {
			if source.Kind == config.KindSite && source.Exists {
				only = config.KindSite
			}
		}
	}
	section, key, ok := strings.Cut(strings.ReplaceAll(strings.ToLower(name), "_", "-"), ".")
	if !ok {
		return &commandError{msg: fmt.Sprintf("Key does not contain dot separated section and key. Perhaps you wanted to use 'global.%s' instead?", name)}
	}
	items := s.Items()
	for i := len(items) - 1; i >= 0; i-- {
		item := items[i]
		if item.Section == section && item.Key == key && (item.Kind == only || item.Kind == config.KindVar) {
			c.printer.Info("%s", item.Value)
			return nil
		}
	}
	return &commandError{msg: "No such key - " + name}
}

// debug shows every file that was looked for, and what stands in it.
func (c *configCommand) debug(s *config.Settings) {
	items := s.Items()
	c.printer.Info("env_var:")
	for _, item := range items {
		if item.Kind == config.KindVar {
			c.printer.Info("  %s=%s", item.File, pyRepr(item.Value))
		}
	}
	for _, kind := range []config.Kind{config.KindEnv, config.KindGlobal, config.KindSite, config.KindUser, config.KindProject} {
		sources := slices.DeleteFunc(s.Sources(), func(s config.Source) bool { return s.Kind != kind })
		if len(sources) == 0 && (kind == config.KindUser || kind == config.KindProject) {
			continue // PIP_CONFIG_FILE stands in for the user's; pip knows no project's
		}
		c.printer.Info("%s:", kind)
		for _, source := range sources {
			exists := "False"
			if source.Exists {
				exists = "True"
			}
			c.printer.Info("  %s, exists: %s", source.Path, exists)
			for _, item := range items {
				if item.Kind == kind && item.File == source.Path {
					c.printer.Info("    %s: %s", settingName(item), strings.ReplaceAll(item.Value, "\n", "\n    "))
				}
			}
		}
	}
}

// pyRepr quotes as Python's repr does, so that every value is one line.
func pyRepr(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return pyQuote(b.String())
}
