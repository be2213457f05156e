package main

import (
	"context"
	"os"
	"path/filepath"
)

// floor times what no installer can go below: for a warm install the making of
// hard links to a tree that is there (cp -al), for a cold one from PyPI the
// transfer of the same files (curl, several at a time), for a resolution one round
// trip (curl, one byte). It is nil for other scenarios.
func (l *lab) floor(ctx context.Context, xpip tool, sc scenario) (*timing, error) {
	if sc.fails || sc.job.sources || len(sc.job.machine.more) > 0 {
		return nil, nil
	}
	switch {
	case sc.state == warm && !sc.job.dryRun:
		return l.linkFloor(ctx, xpip, sc)
	case sc.state == cold && sc.job.index == "":
		return l.wireFloor(ctx, xpip, sc)
	}
	return nil, nil
}

func (l *lab) linkFloor(ctx context.Context, xpip tool, sc scenario) (*timing, error) {
	j, err := l.bring(ctx, xpip, sc)
	if err != nil {
		return nil, err
	}
	if err := l.plain(ctx, xpip.commands(j), false); err != nil {
		return nil, err
	}
	return l.timeFloor(ctx, "cp -al", func(dir string) []string { return []string{"cp", "-al", j.target, dir} })
}

func (l *lab) wireFloor(ctx context.Context, xpip tool, sc scenario) (*timing, error) {
	files, err := l.chosen(ctx, xpip, sc.job)
	if err != nil {
		return nil, err
	}
	if sc.job.dryRun {
		return l.timeFloor(ctx, "one round trip", func(string) []string {
			return []string{"curl", "-sfL", "-r", "0-0", "-o", os.DevNull, files[0].Download.URL}
		})
	}
	return l.timeFloor(ctx, "curl", func(dir string) []string {
		argv := []string{"curl", "-sfL", "--parallel", "--create-dirs"}
		for _, f := range files {
			argv = append(argv, "-o", filepath.Join(dir, f.Metadata.Name), f.Download.URL)
		}
		return argv
	})
}

// timeFloor times a command that makes a new folder.
func (l *lab) timeFloor(ctx context.Context, name string, command func(dir string) []string) (*timing, error) {
	t := &timing{Tool: name}
	var cpu []float64
	for round := -1; round < l.rounds; round++ {
		l.runs++
		argv := command(l.path("target", l.runs))
		if err := l.settle(ctx); err != nil {
			return nil, err
		}
		seconds, processor, err := l.time(ctx, [][]string{argv}, false)
		if err != nil {
			return nil, err
		}
		if round >= 0 {
			t.Seconds, cpu = append(t.Seconds, seconds), append(cpu, processor)
		}
	}
	t.CPU = median(cpu)
	return t, nil
}
