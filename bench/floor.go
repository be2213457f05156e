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
	defer os.RemoveAll(j.target)
	if err := l.plain(ctx, xpip.commands(j), false); err != nil {
		return nil, err
	}
	copied := j.target + "-copy"
	return l.timeFloor(ctx, "cp -al", [][]string{{"cp", "-al", j.target, copied}}, copied)
}

func (l *lab) wireFloor(ctx context.Context, xpip tool, sc scenario) (*timing, error) {
	files, err := l.chosen(ctx, xpip, sc.job)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(l.dir, "downloads")
	if sc.job.dryRun {
		return l.timeFloor(ctx, "one round trip", [][]string{{"curl", "-sfL", "-r", "0-0", "-o", os.DevNull, files[0].Download.URL}}, dir)
	}
	argv := []string{"curl", "-sfL", "--parallel", "--create-dirs"}
	for _, f := range files {
		argv = append(argv, "-o", filepath.Join(dir, f.Metadata.Name), f.Download.URL)
	}
	return l.timeFloor(ctx, "curl", [][]string{argv}, dir)
}

// timeFloor times commands that make the folder leavings.
func (l *lab) timeFloor(ctx context.Context, name string, commands [][]string, leavings string) (*timing, error) {
	t := &timing{Tool: name}
	var cpu []float64
	for round := -1; round < l.rounds; round++ {
		seconds, processor, err := l.time(ctx, commands, false)
		if err != nil {
			return nil, err
		}
		if err := os.RemoveAll(leavings); err != nil {
			return nil, err
		}
		if round >= 0 {
			t.Seconds, cpu = append(t.Seconds, seconds), append(cpu, processor)
		}
	}
	t.CPU = median(cpu)
	return t, nil
}
