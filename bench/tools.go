package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// before pins what the index offers to xpip and uv; pip, which reads upload
// times only where an index has JSON, is given the versions that xpip chose, as
// constraints: a little less work for it.
const before = "2026-11-01T00:00:00Z"

// A machine is a host in the words of each tool.
type machine struct {
	name     string
	python   string
	platform string   // wheel platform tag
	lower    []string // the older tags that pip has to be told of
	uv       string   // uv's name of the same platform
	more     []machine
}

// A job is one command line, whichever tool it is for.
type job struct {
	machine  machine
	index    string // "" is PyPI
	packages []string
	sources  bool // sdists may be built
	dryRun   bool
	offline  bool // of xpip and uv: nothing but the cache is asked
	cache    string
	target   string
	// constraints is for pip alone; "" if there are none.
	constraints string
}

// A tool turns a job into commands, to be run one after the other.
type tool struct {
	name     string
	commands func(job) [][]string
}

func (l *lab) tools(xpip, bin string) []tool {
	return []tool{
		{"xpip", func(j job) [][]string { return [][]string{xpipCommand(xpip, j)} }},
		{"uv", func(j job) [][]string { return perMachine(j, filepath.Join(bin, "uv"), uvCommand) }},
		{"pip", func(j job) [][]string { return perMachine(j, filepath.Join(bin, "python"), pipCommand) }},
	}
}

// perMachine is a command for each slice: uv and pip prepare one at a time.
func perMachine(j job, program string, command func(string, job) []string) [][]string {
	if len(j.machine.more) == 0 {
		return [][]string{command(program, j)}
	}
	var out [][]string
	for _, m := range append([]machine{j.machine}, j.machine.more...) {
		one := j
		one.machine, one.target = m, filepath.Join(j.target, m.platform)
		out = append(out, command(program, one))
	}
	return out
}

func xpipCommand(xpip string, j job) []string {
	argv := []string{xpip, "install", "-q", "--cache-dir", j.cache, "--python-version", j.machine.python}
	if len(j.machine.more) == 0 {
		argv = append(argv, "--platform", j.machine.platform)
	} else {
		for _, m := range append([]machine{j.machine}, j.machine.more...) {
			argv = append(argv, "--slice", m.platform)
		}
	}
	if j.index != "" {
		argv = append(argv, "-i", j.index)
	} else {
		argv = append(argv, "--uploaded-prior-to", before)
	}
	return j.finish(argv)
}

func uvCommand(uv string, j job) []string {
	argv := []string{uv, "pip", "install", "-q", "--cache-dir", j.cache,
		"--python-version", j.machine.python, "--python-platform", j.machine.uv}
	if j.index != "" {
		argv = append(argv, "--default-index", j.index)
	} else {
		argv = append(argv, "--exclude-newer", before)
	}
	return j.finish(argv)
}

func pipCommand(python string, j job) []string {
	argv := []string{python, "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check",
		"--cache-dir", j.cache, "--python-version", j.machine.python, "--platform", j.machine.platform}
	for _, p := range j.machine.lower {
		argv = append(argv, "--platform", p)
	}
	if j.index != "" {
		argv = append(argv, "-i", j.index)
	}
	if j.constraints != "" {
		argv = append(argv, "-c", j.constraints)
	}
	return j.finish(argv)
}

// finish adds what all three tools call by the same names.
func (j job) finish(argv []string) []string {
	if !j.sources {
		argv = append(argv, "--only-binary", ":all:")
	}
	if j.offline {
		argv = append(argv, "--offline")
	}
	if j.dryRun {
		argv = append(argv, "--dry-run")
	}
	return append(append(argv, "--target", j.target), j.packages...)
}

// prepare builds xpip and makes a virtual environment with pip and uv.
func (l *lab) prepare(ctx context.Context) ([]tool, error) {
	for _, name := range []string{"hyperfine", "curl", "cp", "sync"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("looking for %s, which distributions have as a package: %w", name, err)
		}
	}
	xpip, env := filepath.Join(l.dir, "xpip"), filepath.Join(l.dir, "env")
	bin := filepath.Join(env, "bin")
	for _, argv := range [][]string{
		{"go", "build", "-trimpath", "-o", xpip, "./cmd/xpip"},
		{"python3", "-m", "venv", env},
		{filepath.Join(bin, "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", filepath.Join("bench", "requirements.txt")},
	} {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("running %s: %w", strings.Join(argv, " "), err)
		}
	}
	return l.tools(xpip, bin), nil
}

// environment is this process's without settings of the tools that would make
// one of them do something else; certificates and proxies stay. The virtual
// environment comes first, so that uv builds with its Python: one behind a
// script that first looks for it would be what is measured.
func (l *lab) environment() []string {
	var out []string
	for _, line := range os.Environ() {
		name, value, _ := strings.Cut(line, "=")
		if name == "PATH" {
			line = "PATH=" + filepath.Join(l.dir, "env", "bin") + string(os.PathListSeparator) + value
		}
		ours := strings.HasPrefix(name, "PIP_") || strings.HasPrefix(name, "UV_") || strings.HasPrefix(name, "XPIP_")
		if !ours || strings.HasSuffix(name, "_CERT") || strings.HasSuffix(name, "_PROXY") {
			out = append(out, line)
		}
	}
	return append(out, "PIP_CONFIG_FILE="+os.DevNull, "UV_NO_CONFIG=1", "UV_PYTHON_DOWNLOADS=never")
}
