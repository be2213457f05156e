package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"

	"github.com/xpip/xpip/wheel"
)

// checks measures what it costs to believe nothing: each part of a cold install
// alone, by one processor.
func (l *lab) checks(ctx context.Context) error {
	j := job{machine: arm(), packages: []string{"pandas", "scikit-learn"}, cache: l.path("cache", 0), target: l.path("target", 0)}
	tools, err := l.prepare(ctx)
	if err != nil {
		return err
	}
	s, err := l.samples(ctx, tools[0], j)
	if err != nil {
		return err
	}
	parts := s.parts(ctx)
	seconds := make([][]float64, len(parts))
	for round := -1; round < l.rounds; round++ {
		s.tree = l.path("tree", round+1)
		for i, p := range parts {
			began := time.Now()
			if err := p.do(); err != nil {
				return fmt.Errorf("%s: %w", p.what, err)
			}
			if round >= 0 {
				seconds[i] = append(seconds[i], time.Since(began).Seconds())
			}
		}
	}
	page := checksPage(j, parts, seconds)
	fmt.Print(page)
	if l.write == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(l.write, "checks.md"), []byte(page), 0o644)
}

func checksPage(j job, parts []part, seconds [][]float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What the checks cost\n\nMade by `go run ./bench checks -write docs` with the wheels of %s for %s: what each part of\n"+
		"a cold install takes one processor when it is done alone.\n\n| part | seconds | |\n|---|---|---|\n",
		strings.Join(j.packages, " and "), j.machine.name)
	var all, checks float64
	for i, p := range parts {
		took, word := median(seconds[i]), ""
		if p.check {
			checks, word = checks+took, "check"
		}
		all += took
		fmt.Fprintf(&b, "| %s | %.3f | %s |\n", p.what, took, word)
	}
	fmt.Fprintf(&b, "\nThe checks are %.0f %% of that.\n", 100*checks/all)
	return b.String()
}

// A part of an install; a check is what can be left out by who believes.
type part struct {
	what  string
	check bool
	do    func() error
}

// samples are wheels with their content.
type samples struct {
	paths    []string
	archives [][]byte
	members  []member
	tree     string // where they are written
}

type member struct {
	name            string
	method          uint16
	packed, content []byte
}

func (s *samples) parts(ctx context.Context) []part {
	return []part{
		{"inflating", false, s.inflate},
		{"writing the files", false, s.write},
		{"the wait for the disk, unless much is written before", true, func() error { return exec.CommandContext(ctx, "sync", "-f", s.tree).Run() }},
		{"SHA-256 of the archives, held against the index", true, func() error { return each(s.archives, hash) }},
		{"structure, names, metadata and RECORD of the archives", true, func() error { return each(s.paths, open) }},
		{"CRC-32 of the files, held against the archive", true, func() error { return each(s.members, checksum) }},
		{"SHA-256 of the files, held against RECORD", true, func() error { return each(s.members, func(m member) error { return hash(m.content) }) }},
		{"headers of machine code, which must be the host's", true, func() error { return each(s.members, inspect) }},
		{"a look at each file before it is linked", true, s.look},
	}
}

func each[T any](all []T, do func(T) error) error {
	for _, one := range all {
		if err := do(one); err != nil {
			return err
		}
	}
	return nil
}

func hash(data []byte) error {
	_ = sha256.Sum256(data)
	return nil
}

func checksum(m member) error {
	_ = crc32.ChecksumIEEE(m.content)
	return nil
}

func open(path string) error {
	a, err := wheel.OpenFile(path, wheel.Limits{})
	if err != nil {
		return err
	}
	return a.Close()
}

func inspect(m member) error {
	if _, native := wheel.Sniff(m.name, m.content[:min(len(m.content), 256<<10)]); native {
		_, _ = wheel.Inspect(m.name, bytes.NewReader(m.content), int64(len(m.content))) // some only look like it
	}
	return nil
}

func (s *samples) inflate() error {
	r := flate.NewReader(nil)
	return each(s.members, func(m member) error {
		if m.method != zip.Deflate {
			return nil
		}
		if err := r.(flate.Resetter).Reset(bytes.NewReader(m.packed), nil); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, r)
		return err
	})
}

func (s *samples) write() error {
	return each(s.members, func(m member) error {
		name := filepath.Join(s.tree, filepath.FromSlash(m.name))
		err := os.WriteFile(name, m.content, 0o644)
		if os.IsNotExist(err) {
			if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
				err = os.WriteFile(name, m.content, 0o644)
			}
		}
		return err
	})
}

func (s *samples) look() error {
	return filepath.WalkDir(s.tree, func(_ string, d fs.DirEntry, err error) error {
		if err == nil {
			_, err = d.Info()
		}
		return err
	})
}

// samples downloads the wheels of a job.
func (l *lab) samples(ctx context.Context, xpip tool, j job) (*samples, error) {
	argv := xpip.commands(j)[0]
	argv[1] = "download"
	for i, arg := range argv {
		if arg == "--target" {
			argv[i] = "-d"
		}
	}
	if err := l.plain(ctx, [][]string{argv}, false); err != nil {
		return nil, err
	}
	s := &samples{}
	var err error
	if s.paths, err = filepath.Glob(filepath.Join(j.target, "*.whl")); err != nil {
		return nil, err
	}
	return s, each(s.paths, s.load)
}

// load brings a wheel into memory.
func (s *samples) load(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s.archives = append(s.archives, data)
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	return each(archive.File, func(f *zip.File) error {
		at, err := f.DataOffset()
		if err != nil {
			return err
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		content, err := io.ReadAll(r)
		if err != nil || f.FileInfo().IsDir() {
			return err
		}
		s.members = append(s.members, member{f.Name, f.Method, data[at : at+int64(f.CompressedSize64)], content})
		return nil
	})
}
