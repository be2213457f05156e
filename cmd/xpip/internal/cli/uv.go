package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// standsForUV marks the environment of a uv that xpip has called, so that two
// programs which stand in for uv do not call each other for ever.
const standsForUV = "XPIP_STANDS_FOR_UV"

// asUV returns the arguments of uv's command line if the program is to be taken
// for uv: started under that name, or as `xpip uv`.
func (p Process) asUV() ([]string, bool) {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(p.Name)), ".exe")
	if name == "uv" {
		return p.Args, true
	}
	if len(p.Args) > 0 && p.Args[0] == "uv" {
		return p.Args[1:], true
	}
	return nil, false
}

// uv does what a command line of uv asks for. `uv pip install` becomes a command
// line of xpip, which is returned; everything else is the business of the uv
// that is installed, or is done here if that takes no uv: done is then true.
func (a *app) uv(ctx context.Context, args []string) (translated []string, done bool, err error) {
	command, rest := uvCommand(args)
	if strings.Join(command, " ") == "pip install" {
		translated, err = a.uvInstall(rest)
		return translated, false, err
	}
	if path, ok := a.realUV(); ok {
		return nil, true, a.call(ctx, path, args...)
	}
	switch {
	case hasFlag(args, "--version") || hasFlag(args, "-V") && len(command) == 0:
		fmt.Fprintf(a.Stdout, "xpip %s, standing in for uv (%s/%s)\n", Version, runtime.GOOS, runtime.GOARCH)
		return nil, true, nil
	case len(command) > 0 && command[0] == "venv":
		return nil, true, a.uvVenv(ctx, rest)
	}
	return nil, true, &usageError{msg: "xpip stands in for uv here: it knows `uv pip install` and `uv venv`. Everything else takes uv itself, on PATH."}
}

// uvCommand returns the names of the command, and all arguments but these.
func uvCommand(args []string) (command, rest []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case strings.HasPrefix(arg, "-"):
			rest = append(rest, arg)
			if long, _, hasValue, _ := uvName(arg); uvOptions[long].value && !hasValue && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
		case arg == "pip" && len(command) == 0:
			command = append(command, arg)
		default:
			return append(command, arg), append(rest, args[i+1:]...)
		}
	}
	return command, rest
}

// realUV finds the uv that is installed behind xpip.
func (a *app) realUV() (string, bool) {
	if _, called := a.getenv(standsForUV); called {
		return "", false
	}
	own, err := os.Executable()
	if err != nil {
		return "", false
	}
	self, err := os.Stat(own)
	if err != nil {
		return "", false
	}
	name := "uv"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, dir := range a.searchPath() {
		path, err := exec.LookPath(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err == nil && !os.SameFile(self, info) {
			return path, true
		}
	}
	return "", false
}

// childError is the exit code of a program that has said itself what is wrong.
type childError struct{ code int }

func (e *childError) Error() string {
	return fmt.Sprintf("the program ended with exit code %d", e.code)
}

// call runs a program of this machine in place of xpip.
func (a *app) call(ctx context.Context, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stdout, a.Stderr
	cmd.Env = append(append([]string{}, a.Environ...), standsForUV+"=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return &childError{code: exit.ExitCode()}
	}
	if err != nil {
		return fmt.Errorf("running %q: %w", path, err)
	}
	return nil
}

// uvVenv makes a virtual environment as `uv venv` does, with the venv module of
// the Python that is asked for.
func (a *app) uvVenv(ctx context.Context, args []string) error {
	var python, path string
	var clean, seed bool
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		switch name {
		case "--python", "-p":
			if !hasValue {
				if i++; i == len(args) {
					return &usageError{msg: name + " option requires 1 argument"}
				}
				value = args[i]
			}
			python = value
		case "--seed":
			seed = true
		case "--clear", "-c":
			clean = true
		case "--quiet", "-q", "--verbose", "-v", "--no-config":
		default:
			if strings.HasPrefix(name, "-") || path != "" {
				return &usageError{msg: "xpip stands in for uv here and does not know `uv venv " + args[i] + "`: that takes uv itself, on PATH."}
			}
			path = args[i]
		}
	}
	if path == "" {
		path = ".venv"
	}
	if python == "" {
		found, err := a.findPython()
		if err != nil {
			return err
		}
		python = found
	}
	argv := []string{"-m", "venv"}
	if !seed {
		argv = append(argv, "--without-pip")
	}
	if clean {
		argv = append(argv, "--clear")
	}
	return a.call(ctx, python, append(argv, path)...)
}
