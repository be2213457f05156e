package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/xpip/xpip/cmd/xpip/internal/config"
)

// Exit codes, as pip's documentation gives them.
const (
	exitOK            = 0
	exitError         = 1
	exitUsage         = 2
	exitConfiguration = 3
	exitBrokenPipe    = 120 // nobody reads standard output any more
	exitInterrupted   = 130 // a shell's convention for SIGINT
)

// usageError is a command line that cannot be understood.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

// commandError is a command line that is understood but asks for something
// that cannot be done; its text is shown as it is.
type commandError struct {
	msg   string
	hints []string // what to do instead, a line each
}

func (e *commandError) Error() string { return e.msg }

// configValueError is a value in a configuration file or variable that its
// option does not take.
type configValueError struct {
	item config.Item
	err  error
}

func (e *configValueError) Error() string {
	return fmt.Sprintf("An error occurred during configuration: option %s: %v (from %s)", e.item.Key, e.err, e.item.File)
}

func (e *configValueError) Unwrap() error { return e.err }

// errSilent ends a command with exit code 1 after it has said why itself.
var errSilent = errors.New("the command has said what is wrong")

// noVirtualenvError is the refusal that --require-virtualenv asks for.
type noVirtualenvError struct{}

func (e *noVirtualenvError) Error() string {
	return "Could not find an activated virtualenv (required)."
}

// exitCode maps what went wrong to the code that the process ends with.
func exitCode(err error) int {
	var usage *usageError
	var unanswered *noAnswerError
	var value *configValueError
	var file *config.FileError
	var venv *noVirtualenvError
	var child *childError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &child):
		return child.code
	case errors.As(err, &usage), errors.As(err, &file), errors.As(err, &unanswered):
		return exitUsage
	case errors.As(err, &value), errors.As(err, &venv):
		return exitConfiguration
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitError
}
