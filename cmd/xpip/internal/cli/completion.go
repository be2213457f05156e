package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// completionCommand writes what makes a shell complete xpip's commands and
// options.
func (a *app) completionCommand() *cobra.Command {
	var bash, zsh, fish, powershell bool
	cmd := &cobra.Command{
		Use:   "completion",
		Short: "Write completion code for a shell",
		Example: `  xpip completion bash > /etc/bash_completion.d/xpip
  xpip completion fish > ~/.config/fish/completions/xpip.fish`,
		Annotations: map[string]string{"usage": "bash|zsh|fish|powershell"},
		ValidArgs:   []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			writers := map[string]func(io.Writer) error{
				"bash":       func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
				"zsh":        root.GenZshCompletion,
				"fish":       func(w io.Writer) error { return root.GenFishCompletion(w, true) },
				"powershell": root.GenPowerShellCompletionWithDesc,
			}
			shell := ""
			switch {
			case len(args) == 1:
				shell = args[0]
			case len(args) > 1:
			case bash:
				shell = "bash"
			case zsh:
				shell = "zsh"
			case fish:
				shell = "fish"
			case powershell:
				shell = "powershell"
			}
			write, ok := writers[shell]
			if !ok {
				return &commandError{msg: "You must pass --bash or --fish or --powershell or --zsh"}
			}
			return write(a.Stdout)
		},
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Completion (pip's options for the same)")
	r.on(&bash, "bash", "b", "Emit completion code for bash.")
	r.on(&zsh, "zsh", "z", "Emit completion code for zsh.")
	r.on(&fish, "fish", "f", "Emit completion code for fish.")
	r.on(&powershell, "powershell", "p", "Emit completion code for powershell.")
	return cmd
}
