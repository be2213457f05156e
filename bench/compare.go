package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// benchstat is the public tool that compares Go benchmarks, pinned.
const benchstat = "golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da"

// hot are the packages whose benchmarks are compared.
var hot = []string{"./index/...", "./wheel", "./requirements/...", "./resolver/...", "./installer", "./host"}

// compare measures two commits of xpip, the second being the working tree if
// it is not named: whole commands interleaved, then the benchmarks of the hot
// functions through benchstat.
func (l *lab) compare(ctx context.Context, commits []string) error {
	if len(commits) < 1 || len(commits) > 2 {
		return errors.New("compare takes one commit, or two")
	}
	trees := []string{"", "."}
	var err error
	for i, commit := range commits {
		if trees[i], err = l.checkout(ctx, commit); err != nil {
			return err
		}
	}
	names := []string{"before", "after"}
	tools := make([]tool, 2)
	for i, tree := range trees {
		program := filepath.Join(l.dir, "xpip-"+names[i])
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, "./cmd/xpip")
		build.Dir, build.Stderr = tree, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building %s: %w", names[i], err)
		}
		tools[i] = tool{names[i], func(j job) [][]string { return [][]string{xpipCommand(program, j)} }}
	}
	if err := l.compareCommands(ctx, tools); err != nil {
		return err
	}
	return l.compareFunctions(ctx, trees, names)
}

func (l *lab) compareCommands(ctx context.Context, tools []tool) error {
	index, stop, err := startIndex(ctx)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Println("| scenario | before | after | after/before | CPU after/before |\n|---|---|---|---|---|")
	for _, sc := range scenarios(index) {
		if !l.only.MatchString(sc.title()) {
			continue
		}
		sc.tools = nil
		r, err := l.measure(ctx, tools, sc)
		if err != nil {
			return fmt.Errorf("%s: %w", sc.title(), err)
		}
		before, after := r.Tools[0], r.Tools[1]
		fmt.Printf("| %s | %s | %s | %.2f | %.2f |\n", sc.title(), spread(before), spread(after), after.median()/before.median(), after.CPU/before.CPU)
	}
	return nil
}

// compareFunctions runs the benchmarks in turns, so that a machine that gets
// slower does so for both.
func (l *lab) compareFunctions(ctx context.Context, trees, names []string) error {
	files := make([]*os.File, len(trees))
	for i, name := range names {
		f, err := os.Create(filepath.Join(l.dir, name+".txt"))
		if err != nil {
			return err
		}
		defer f.Close()
		files[i] = f
	}
	for range l.rounds {
		for i, tree := range trees {
			cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", "0.2s"}, hot...)...)
			cmd.Dir, cmd.Stdout, cmd.Stderr = tree, files[i], os.Stderr
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("running the benchmarks of %s: %w", names[i], err)
			}
		}
	}
	cmd := exec.CommandContext(ctx, "go", "run", benchstat, names[0]+"="+files[0].Name(), names[1]+"="+files[1].Name())
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// checkout writes the files of a commit into a folder of the lab.
func (l *lab) checkout(ctx context.Context, commit string) (string, error) {
	dir := filepath.Join(l.dir, "tree-"+fmt.Sprintf("%x", commit))
	archive := dir + ".tar"
	for _, argv := range [][]string{
		{"git", "archive", "-o", archive, commit, "--"},
		{"mkdir", dir},
		{"tar", "-xf", archive, "-C", dir},
	} {
		if out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("running %s: %w\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return dir, nil
}
