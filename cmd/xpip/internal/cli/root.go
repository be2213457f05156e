// Package cli is xpip's command line: pip's names, files and exit codes in,
// one call into the rooms below, messages out.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/timings"
	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/host"
)

// Version is xpip's own version.
const Version = "0.1.0"

// Process is what the command line may know of the process it runs in.
type Process struct {
	Name    string   // by which it was started
	Args    []string // without the program's name
	Environ []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// app is one run of the program.
type app struct {
	Process
	general generalOptions
	printer *ui.Printer
	read    map[string]*host.Facts // what files say of hosts, by path
}

// Run runs one command line and returns the exit code.
func Run(ctx context.Context, p Process) int {
	if ui.IsTerminal(p.Stdout) {
		return runCommand(ctx, p)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	out := &pipe{w: p.Stdout, stop: stop}
	p.Stdout = out
	code := runCommand(ctx, p)
	if out.broken.Load() {
		fmt.Fprintln(p.Stderr, "ERROR: Pipe to stdout was broken")
		return exitBrokenPipe
	}
	return code
}

func runCommand(ctx context.Context, p Process) int {
	a := &app{Process: p}
	root := a.command()
	if words, ok := p.asUV(); ok {
		translated, done, err := a.uv(ctx, words)
		if err != nil {
			a.fail(root, err)
		}
		if done || err != nil {
			return exitCode(err)
		}
		a.Args, p.Args = translated, translated
	}
	if wantsVersion(p.Args) {
		fmt.Fprintf(p.Stdout, "xpip %s (%s/%s)\n", Version, runtime.GOOS, runtime.GOARCH)
		return exitOK
	}
	stop, err := a.profile()
	if err == nil {
		err = a.execute(ctx, root)
		if stopErr := stop(); err == nil {
			err = stopErr
		}
	}
	if err != nil {
		a.fail(root, err)
	}
	return exitCode(err)
}

// execute hands the arguments to the command that they name.
func (a *app) execute(ctx context.Context, root *cobra.Command) error {
	args, err := a.prepare(root, a.Args)
	if err != nil {
		return err
	}
	root.SetArgs(args)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	ctx, times := timings.New(ctx)
	err = root.ExecuteContext(ctx)
	if a.general.timings {
		fmt.Fprint(a.Stderr, times.Table())
	}
	return err
}

func (a *app) getenv(name string) (string, bool) {
	for i := len(a.Environ) - 1; i >= 0; i-- {
		if key, value, ok := strings.Cut(a.Environ[i], "="); ok && key == name {
			return value, true
		}
	}
	return "", false
}

// command builds the tree of commands.
func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "xpip",
		Short: "Install Python packages for a machine that cannot run here",
		Long: `xpip installs Python packages for a host that cannot be run on this machine:
an iPhone, an Android ABI, a browser, another processor. It takes pip's
commands, options and files.`,
		Example: `  xpip install --platform ios_13_0_arm64 -r requirements.txt
  xpip install --platform manylinux_2_28_aarch64 --prefix rootfs/usr pandas
  xpip install -t vendor requests          (this machine's own Python, as pip does)
  xpip debug --platform android_24_arm64_v8a`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	r := &registry{flags: root.PersistentFlags()}
	a.general.register(r)
	version := root.Flags().VarPF(&switchValue{dst: new(bool), store: true}, "version", "V", "Show the version.")
	version.NoOptDefVal = noValue
	version.Annotations = map[string][]string{groupAnnotation: {"General"}}
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(a.Stdout, helpText(cmd)) })
	root.SetHelpCommand(&cobra.Command{Use: "help [command]", Short: "Show help for a command", RunE: a.help})
	root.AddCommand(
		a.installCommand(), a.downloadCommand(), a.wheelCommand(), a.lockCommand(),
		a.uninstallCommand(), a.listCommand(), a.freezeCommand(), a.showCommand(), a.checkCommand(), a.inspectCommand(),
		a.indexCommand(), a.hashCommand(), a.cacheCommand(), a.configCommand(), a.completionCommand(), a.debugCommand(), a.platformCommand(),
	)
	for _, cmd := range root.Commands() {
		cmd.Flags().SortFlags = false // options stand in --help as they are registered
	}
	return root
}

func (a *app) help(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Root().Help()
	}
	found, _, err := cmd.Root().Find(args[:1])
	if err != nil || found == cmd.Root() {
		return &commandError{msg: fmt.Sprintf("unknown command %q", args[0])}
	}
	return found.Help()
}

func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	msg := fmt.Sprintf("unknown command %q", args[0])
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		msg += fmt.Sprintf(" - maybe you meant %q", near[0])
	}
	return &commandError{msg: msg}
}

// prepare finds the command that args name, gives its options the values of
// configuration and environment, and completes abbreviated options. What it
// returns is ready for cobra.
func (a *app) prepare(root *cobra.Command, args []string) ([]string, error) {
	cmd := root
	at := commandAt(root, args)
	if at >= 0 {
		if found, _, err := root.Find(args[at : at+1]); err == nil && found != root {
			cmd = found
		}
	}
	cmd.InitDefaultHelpFlag()
	flags := cmd.Flags()
	flags.AddFlagSet(cmd.InheritedFlags())
	flags.SortFlags = false
	settings, err := a.settings(hasFlag(args, "--isolated"))
	if err != nil {
		return nil, err
	}
	if err := configure(flags, settings.For(cmd.Name())); err != nil {
		return nil, err
	}
	if cmd == root {
		return args, nil
	}
	before, err := expandPrefixes(flags, args[:at])
	if err != nil {
		return nil, err
	}
	after, err := expandPrefixes(flags, args[at+1:])
	if err != nil {
		return nil, err
	}
	// cobra wants the command first to accept every option before it.
	out := append([]string{args[at]}, before...)
	return append(out, after...), nil
}

// commandAt returns the place of the first argument that is neither an option
// nor an option's value; -1 if there is none.
func commandAt(root *cobra.Command, args []string) int {
	flags := root.PersistentFlags()
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case strings.HasPrefix(arg, "--"):
			name, _, hasValue := strings.Cut(arg[2:], "=")
			if f, err := longOption(flags, name); err == nil && !hasValue && f.NoOptDefVal == "" {
				i++
			}
		case strings.HasPrefix(arg, "-") && len(arg) > 1:
			if shortTakesNext(flags, arg[1:]) {
				i++
			}
		default:
			return i
		}
	}
	return -1
}

func hasFlag(args []string, name string) bool {
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		if arg == name {
			return true
		}
	}
	return false
}

// wantsVersion reports whether --version stands before any command.
func wantsVersion(args []string) bool {
	for _, arg := range args {
		if arg == "--version" || arg == "-V" {
			return true
		}
		if !strings.HasPrefix(arg, "-") {
			break
		}
	}
	return false
}

// open makes the printer that a command writes to, once its options are known.
func (a *app) open() error {
	if a.printer != nil {
		return nil
	}
	level := ui.Level(a.general.verbose - a.general.quiet)
	level = min(max(level, ui.Silent), ui.Debug)
	_, noColor := a.getenv("NO_COLOR")
	termName, _ := a.getenv("TERM")
	options := ui.Options{
		Out: a.Stdout, Err: a.Stderr, Level: level,
		NoColor:  a.general.noColor || noColor || termName == "dumb",
		Progress: a.general.progressBar != "off" && termName != "dumb",
		Raw:      a.general.progressBar == "raw",
	}
	if a.general.log != "" {
		if err := os.MkdirAll(filepath.Dir(a.general.log), 0o777); err != nil {
			return &commandError{msg: fmt.Sprintf("Could not make the folder of the log file: %v", err)}
		}
		f, err := os.OpenFile(a.general.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return &commandError{msg: fmt.Sprintf("Could not open the log file: %v", err)}
		}
		options.Log = f // open until the process ends
	}
	a.printer = ui.New(options)
	return nil
}

// fail shows err.
func (a *app) fail(root *cobra.Command, err error) {
	var usage *usageError
	if errors.As(err, &usage) {
		cmd := root
		if at := commandAt(root, a.Args); at >= 0 {
			if found, _, findErr := root.Find(a.Args[at : at+1]); findErr == nil {
				cmd = found
			}
		}
		fmt.Fprintf(a.Stderr, "\n%s\n%s\n", usageText(cmd), ui.Escape(usage.msg))
		return
	}
	if out, ok := a.Stdout.(*pipe); errors.Is(err, errSilent) || ok && out.broken.Load() {
		return
	}
	var value *configValueError
	if errors.As(err, &value) {
		fmt.Fprintln(a.Stderr, ui.Escape(value.Error()))
		return
	}
	if a.open() != nil || a.printer == nil {
		a.printer = ui.New(ui.Options{Out: a.Stdout, Err: a.Stderr})
	}
	a.printer.Failure(err)
}
