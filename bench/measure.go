package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A lab is where the measuring is done.
type lab struct {
	dir    string
	rounds int
	only   *regexp.Regexp
	write  string            // folder for the results, "" if they are only printed
	runs   int               // so far: every run has folders of its own
	caches map[string]string // those that are filled, by tool and scenario
}

// A result is what came out of a scenario.
type result struct {
	Group, Scenario string
	Packages, Files int `json:",omitempty"`
	Tools           []timing
}

// A timing is how long a tool took. The floors of a scenario are timings too.
type timing struct {
	Tool string
	// Seconds are those of every round.
	Seconds []float64
	// CPU is the median of the processor's seconds.
	CPU float64
	// MaxRSS is the peak memory of one more run, in MiB; 0 if it was not measured.
	MaxRSS float64 `json:",omitempty"`
}

func (r result) of(tool string) (timing, bool) {
	i := slices.IndexFunc(r.Tools, func(t timing) bool { return t.Tool == tool })
	if i < 0 {
		return timing{}, false
	}
	return r.Tools[i], true
}

func (t timing) median() float64 { return median(t.Seconds) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// measure runs every tool once a round, in an order that turns, after one
// round that is thrown away; then the floors, in rounds of their own.
func (l *lab) measure(ctx context.Context, tools []tool, sc scenario) (result, error) {
	r := result{Group: sc.group, Scenario: sc.name, Packages: sc.packages, Files: sc.files}
	tools = slices.Clone(tools)
	tools = slices.DeleteFunc(tools, func(t tool) bool { return sc.tools != nil && !slices.Contains(sc.tools, t.name) })
	if err := l.pin(ctx, tools[0], &sc); err != nil {
		return r, err
	}
	cpu := make([][]float64, len(tools))
	r.Tools = make([]timing, len(tools))
	for round := -1; round < l.rounds; round++ {
		for i := range tools {
			k := (i + round + 1) % len(tools)
			if tools[k].name == "pip" && round >= max(3, l.rounds/3) {
				continue // it takes most of the time, and differs least
			}
			seconds, processor, err := l.once(ctx, tools[k], sc)
			if err != nil {
				return r, fmt.Errorf("%s: %w", tools[k].name, err)
			}
			r.Tools[k].Tool = tools[k].name
			if round >= 0 {
				r.Tools[k].Seconds = append(r.Tools[k].Seconds, seconds)
				cpu[k] = append(cpu[k], processor)
			}
		}
	}
	for i := range tools {
		r.Tools[i].CPU = median(cpu[i])
		rss, err := l.memory(ctx, tools[i], sc)
		if err != nil {
			return r, err
		}
		r.Tools[i].MaxRSS = rss
	}
	floor, err := l.floor(ctx, tools[0], sc)
	if err == nil && floor != nil {
		r.Tools = append(r.Tools, *floor)
	}
	return r, err
}

// once brings about the state of the scenario and times one run.
func (l *lab) once(ctx context.Context, t tool, sc scenario) (seconds, cpu float64, err error) {
	j, err := l.bring(ctx, t, sc)
	if err != nil {
		return 0, 0, err
	}
	return l.time(ctx, t.commands(j), sc.fails)
}

// bring makes the state before a run, and returns the job with its folders. No
// folder is used twice, and none removed before the end: some file systems
// make files slowly for minutes after many were removed.
func (l *lab) bring(ctx context.Context, t tool, sc scenario) (job, error) {
	j := sc.job
	l.runs++
	j.target = l.path("target", l.runs)
	if sc.state == cold {
		j.cache = l.path("cache", l.runs)
		return j, l.settle(ctx)
	}
	filled, err := l.filled(ctx, t, sc)
	if err != nil {
		return j, err
	}
	j.cache = filled
	switch sc.state {
	case incremental:
		l.runs++
		j.cache = l.path("cache", l.runs)
		if out, err := exec.CommandContext(ctx, "cp", "-a", filled, j.cache).CombinedOutput(); err != nil {
			return j, fmt.Errorf("copying a cache: %w\n%s", err, out)
		}
	case done:
		if err := l.plain(ctx, t.commands(j), false); err != nil {
			return j, err
		}
	}
	return j, l.settle(ctx)
}

func (l *lab) path(kind string, n int) string { return filepath.Join(l.dir, kind+"-"+strconv.Itoa(n)) }

// settle has the system write down what is due: it is not the next run's to
// wait for.
func (l *lab) settle(ctx context.Context) error { return exec.CommandContext(ctx, "sync").Run() }

// filled is the cache that a tool has after a job like that of the scenario, the
// last requirement left out if that one is to be added.
func (l *lab) filled(ctx context.Context, t tool, sc scenario) (string, error) {
	key := t.name + "\n" + sc.title()
	if dir, ok := l.caches[key]; ok {
		return dir, nil
	}
	l.runs++
	first := sc.job
	first.offline = false
	first.cache, first.target = l.path("cache", l.runs), l.path("target", l.runs)
	if sc.state == incremental {
		first.packages = first.packages[:len(first.packages)-1]
	}
	if err := os.Mkdir(first.cache, 0o755); err != nil { // not every tool keeps something of every index
		return "", err
	}
	if err := l.plain(ctx, t.commands(first), sc.fails); err != nil {
		return "", err
	}
	l.caches[key] = first.cache
	return first.cache, nil
}

// plain runs commands without looking at the clock.
func (l *lab) plain(ctx context.Context, commands [][]string, fails bool) error {
	for _, argv := range commands {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Env = l.environment()
		if out, err := cmd.CombinedOutput(); (err != nil) != fails {
			return fmt.Errorf("running %s: %w\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return nil
}

// time has hyperfine run the commands once, as one.
func (l *lab) time(ctx context.Context, commands [][]string, fails bool) (seconds, cpu float64, err error) {
	line := quoted(commands[0])
	if len(commands) > 1 {
		var all []string
		for _, argv := range commands {
			all = append(all, quoted(argv))
		}
		line = quoted([]string{"sh", "-c", strings.Join(all, " && ")})
	}
	report := filepath.Join(l.dir, "hyperfine.json")
	argv := []string{"-N", "--style", "none", "--runs", "1", "--export-json", report}
	if fails {
		argv = append(argv, "--ignore-failure")
	}
	cmd := exec.CommandContext(ctx, "hyperfine", append(argv, line)...)
	cmd.Env = l.environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("running %s: %w\n%s", line, err, out)
	}
	data, err := os.ReadFile(report)
	if err != nil {
		return 0, 0, err
	}
	var told struct {
		Results []struct {
			Times        []float64
			User, System float64
			ExitCodes    []int `json:"exit_codes"`
		}
	}
	if err := json.Unmarshal(data, &told); err != nil || len(told.Results) != 1 || len(told.Results[0].Times) != 1 {
		return 0, 0, fmt.Errorf("reading what hyperfine wrote: %w", err)
	}
	one := told.Results[0]
	if failed := len(one.ExitCodes) > 0 && one.ExitCodes[0] != 0; failed != fails {
		return 0, 0, fmt.Errorf("%s ended with %v", line, one.ExitCodes)
	}
	return one.Times[0], one.User + one.System, nil
}

// quoted is a command in the words of a POSIX shell.
func quoted(argv []string) string {
	words := make([]string, len(argv))
	for i, arg := range argv {
		words[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return strings.Join(words, " ")
}

// pin gives pip the versions that xpip chooses on PyPI.
func (l *lab) pin(ctx context.Context, xpip tool, sc *scenario) error {
	if sc.job.index != "" || sc.fails {
		return nil
	}
	chosen, err := l.chosen(ctx, xpip, sc.job)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, c := range chosen {
		fmt.Fprintf(&b, "%s==%s\n", c.Metadata.Name, c.Metadata.Version)
	}
	sc.job.constraints = filepath.Join(l.dir, "constraints.txt")
	return os.WriteFile(sc.job.constraints, []byte(b.String()), 0o644)
}

// chosen is one item of an installation report.
type chosen struct {
	Metadata struct{ Name, Version string }
	Download struct {
		URL string `json:"url"`
	} `json:"download_info"`
}

// chosen asks xpip what it would install on the first machine of the job.
func (l *lab) chosen(ctx context.Context, xpip tool, j job) ([]chosen, error) {
	j.dryRun, j.offline, j.machine.more = true, false, nil
	j.cache, j.target = filepath.Join(l.dir, "cache-pin"), filepath.Join(l.dir, "target-pin")
	report := filepath.Join(l.dir, "report.json")
	argv := append(xpip.commands(j)[0], "--report", report)
	if err := l.plain(ctx, [][]string{argv}, false); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(report)
	if err != nil {
		return nil, err
	}
	var told struct{ Install []chosen }
	if err := json.Unmarshal(data, &told); err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	return told.Install, nil
}
