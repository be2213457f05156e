// Bench measures xpip beside pip and uv: the same packages for the same foreign
// host, the tools interleaved in every round, each run timed by hyperfine.
//
//	go run ./bench                          # everything, 10 rounds
//	go run ./bench -rounds 3 -only ios      # a part
//	go run ./bench -write docs              # and put table and plots there
//	go run ./bench checks                   # what the checks cost
//	go run ./bench compare COMMIT [COMMIT]  # two states of xpip
//
// It needs hyperfine, curl, cp, and a Python 3 with venv to run pip and uv, which it
// installs in the pinned versions of requirements.txt. What is installed comes
// from PyPI, or, where a scenario is about size, from an index of its own on
// loopback. The machine should be otherwise idle.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] == "serve" {
		return serve()
	}
	mode := ""
	if len(args) > 0 && (args[0] == "compare" || args[0] == "checks") {
		mode, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	rounds := flags.Int("rounds", 10, "runs of each tool in each scenario")
	only := flags.String("only", "", "scenarios whose name matches this regular expression")
	write := flags.String("write", "", "folder for speed.json, speed.md, speed.svg and growth.svg, or checks.md")
	work := flags.String("work", "", "folder for caches and trees, on the file system to be measured (default: a temporary one)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("reading -only: %w", err)
	}
	dir, err := os.MkdirTemp(*work, "xpip-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l := &lab{dir: dir, rounds: *rounds, only: pattern, write: *write, caches: map[string]string{}}
	switch mode {
	case "compare":
		return l.compare(ctx, flags.Args())
	case "checks":
		return l.checks(ctx)
	}
	results, err := l.sideBySide(ctx)
	if err != nil {
		return err
	}
	fmt.Print(table(results))
	return nil
}

// sideBySide measures xpip, uv and pip in every scenario.
func (l *lab) sideBySide(ctx context.Context) ([]result, error) {
	say("building xpip, installing pip and uv")
	tools, err := l.prepare(ctx)
	if err != nil {
		return nil, err
	}
	index, stop, err := startIndex(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	var results []result
	for _, sc := range scenarios(index) {
		if !l.only.MatchString(sc.title()) {
			continue
		}
		say("measuring %s", sc.title())
		r, err := l.measure(ctx, tools, sc)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sc.title(), err)
		}
		results = append(results, r)
		if l.write != "" { // all that there is so far: a whole run is long
			if err := writeAll(l.write, results); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
