// Bench measures xpip beside pip and uv on the real index: the same packages
// for the same foreign host, the tools interleaved in every round, and prints
// medians and ratios.
//
//	go run ./bench                 # all scenarios, 10 rounds
//	go run ./bench -rounds 3 -only ios
//
// It needs a Python 3 with venv to run pip and uv, which it installs in the
// pinned versions of requirements.txt. A time is the wall clock of the whole
// command; the machine should be otherwise idle.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// before pins what the index offers to xpip and uv; pip, which reads upload
// times only where an index has JSON, is given the versions that xpip chose, as
// constraints: a little less work for it.
const before = "2026-11-01T00:00:00Z"

type hostCase struct {
	name     string
	python   string
	platform string // of xpip and pip: a wheel platform tag
	more     []string
	uv       string // uv's name of the same platform
	packages []string
}

func hosts() []hostCase {
	return []hostCase{
		{name: "ios", python: "3.14", platform: "ios_13_0_arm64_iphoneos", uv: "arm64-apple-ios",
			packages: []string{"pillow", "markupsafe", "httpx"}},
		{name: "aarch64", python: "3.13", platform: "manylinux_2_28_aarch64", uv: "aarch64-manylinux_2_28",
			more:     []string{"manylinux_2_27_aarch64", "manylinux_2_26_aarch64", "manylinux_2_24_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"},
			packages: []string{"pandas", "scikit-learn"}},
		{name: "windows", python: "3.13", platform: "win_amd64", uv: "windows",
			packages: []string{"jupyterlab"}},
	}
}

// tool is one command under measurement.
type tool struct {
	name string
	argv func(h hostCase, cache, target string, dryRun bool) []string
}

// constraints is the file in which pip finds the versions for a host.
func constraints(work string, h hostCase) string {
	return filepath.Join(work, "constraints-"+h.name+".txt")
}

func tools(work, xpip, bin string) []tool {
	platforms := func(h hostCase) []string {
		out := []string{"--platform", h.platform}
		for _, p := range h.more {
			out = append(out, "--platform", p)
		}
		return out
	}
	finish := func(argv []string, h hostCase, target string, dryRun bool) []string {
		if dryRun {
			argv = append(argv, "--dry-run")
		}
		argv = append(argv, "--target", target)
		return append(argv, h.packages...)
	}
	return []tool{
		{"xpip", func(h hostCase, cache, target string, dryRun bool) []string {
			argv := []string{xpip, "install", "-q", "--only-binary", ":all:", "--cache-dir", cache,
				"--uploaded-prior-to", before, "--python-version", h.python, "--platform", h.platform}
			return finish(argv, h, target, dryRun)
		}},
		{"uv", func(h hostCase, cache, target string, dryRun bool) []string {
			argv := []string{filepath.Join(bin, "uv"), "pip", "install", "-q", "--only-binary", ":all:", "--cache-dir", cache,
				"--exclude-newer", before, "--python-version", h.python, "--python-platform", h.uv}
			return finish(argv, h, target, dryRun)
		}},
		{"pip", func(h hostCase, cache, target string, dryRun bool) []string {
			argv := []string{filepath.Join(bin, "python"), "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check",
				"--only-binary", ":all:", "--cache-dir", cache, "-c", constraints(work, h), "--python-version", h.python}
			return finish(append(argv, platforms(h)...), h, target, dryRun)
		}},
	}
}

// scenario says what is kept between two runs.
type scenario struct {
	name   string
	cold   bool // the cache is emptied before every run
	dryRun bool // resolve only
}

func scenarios() []scenario {
	return []scenario{
		{"resolve cold", true, true},
		{"resolve warm", false, true},
		{"install cold", true, false},
		{"install warm", false, false},
	}
}

func main() {
	rounds := flag.Int("rounds", 10, "runs of each tool in each scenario")
	only := flag.String("only", "", "one host of: ios, aarch64, windows")
	flag.Parse()
	if err := run(context.Background(), *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, only string) error {
	work, err := os.MkdirTemp("", "xpip-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	fmt.Fprintln(os.Stderr, "preparing: building xpip, installing pip and uv")
	xpip, bin, err := prepare(ctx, work)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "host\tscenario\txpip\tuv\tpip\txpip/uv\txpip/pip")
	for _, h := range hosts() {
		if only != "" && only != h.name {
			continue
		}
		if err := pin(ctx, work, xpip, h); err != nil {
			return err
		}
		for _, sc := range scenarios() {
			fmt.Fprintf(os.Stderr, "measuring %s, %s\n", h.name, sc.name)
			times, err := measure(ctx, work, tools(work, xpip, bin), h, sc, rounds)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", h.name, sc.name, err)
			}
			x, u, p := median(times["xpip"]), median(times["uv"]), median(times["pip"])
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%.2f\t%.2f\n", h.name, sc.name,
				spread(times["xpip"]), spread(times["uv"]), spread(times["pip"]),
				x.Seconds()/u.Seconds(), x.Seconds()/p.Seconds())
		}
	}
	return table.Flush()
}

// pin writes the versions that xpip chooses for a host.
func pin(ctx context.Context, work, xpip string, h hostCase) error {
	cache, target := filepath.Join(work, "cache-pin"), filepath.Join(work, "target-pin")
	argv := tools(work, xpip, "")[0].argv(h, cache, target, true)
	out, err := exec.CommandContext(ctx, argv[0], append(argv[1:], "--report", "-")...).Output()
	if err != nil {
		return fmt.Errorf("resolving for %s: %w", h.name, err)
	}
	var report struct {
		Install []struct {
			Metadata struct{ Name, Version string }
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("reading the report for %s: %w", h.name, err)
	}
	var b strings.Builder
	for _, item := range report.Install {
		fmt.Fprintf(&b, "%s==%s\n", item.Metadata.Name, item.Metadata.Version)
	}
	return os.WriteFile(constraints(work, h), []byte(b.String()), 0o644)
}

// prepare builds xpip and makes a virtual environment with pip and uv.
func prepare(ctx context.Context, work string) (xpip, bin string, err error) {
	xpip = filepath.Join(work, "xpip")
	env := filepath.Join(work, "env")
	bin = filepath.Join(env, "bin")
	for _, argv := range [][]string{
		{"go", "build", "-trimpath", "-o", xpip, "./cmd/xpip"},
		{"python3", "-m", "venv", env},
		{filepath.Join(bin, "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", filepath.Join("bench", "requirements.txt")},
	} {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return "", "", fmt.Errorf("running %s: %w", strings.Join(argv, " "), err)
		}
	}
	return xpip, bin, nil
}

// measure runs every tool once a round, in an order that turns, after one
// round that is thrown away.
func measure(ctx context.Context, work string, all []tool, h hostCase, sc scenario, rounds int) (map[string][]time.Duration, error) {
	times := map[string][]time.Duration{}
	for round := -1; round < rounds; round++ {
		for i := range all {
			t := all[(i+round+1)%len(all)]
			cache := filepath.Join(work, "cache-"+t.name+"-"+h.name)
			target := filepath.Join(work, "target-"+t.name)
			if err := os.RemoveAll(target); err != nil {
				return nil, err
			}
			if sc.cold {
				if err := os.RemoveAll(cache); err != nil {
					return nil, err
				}
			}
			argv := t.argv(h, cache, target, sc.dryRun)
			cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			start := time.Now()
			err := cmd.Run()
			took := time.Since(start)
			if err != nil {
				return nil, fmt.Errorf("running %s: %w\n%s", strings.Join(argv, " "), err, stderr.String())
			}
			if round >= 0 {
				times[t.name] = append(times[t.name], took)
			}
		}
	}
	return times, nil
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}

// spread is the median with the fastest and the slowest run.
func spread(times []time.Duration) string {
	return fmt.Sprintf("%.2fs (%.2f-%.2f)", median(times).Seconds(),
		slices.Min(times).Seconds(), slices.Max(times).Seconds())
}
