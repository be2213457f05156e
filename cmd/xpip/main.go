// Xpip installs Python packages for a host that cannot be run on this machine.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/xpip/xpip/cmd/xpip/internal/cli"
	"github.com/xpip/xpip/sdist"
)

func main() { os.Exit(run()) }

func run() int {
	// A build starts this program again, as the compiler that it must not have
	// and as the helper that confines it.
	if handled, exit := sdist.Main(os.Args); handled {
		return exit
	}
	collectLate()
	ctx := newInterruption()
	// A pipe that nobody reads is an error of the write, not the end of a program
	// that may be changing a prefix.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return ctx.code(cli.Run(ctx, cli.Process{
		Name: os.Args[0], Args: os.Args[1:], Environ: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}
