package installer

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

// A Mender puts files of installed distributions back as they were recorded,
// from the wheels that they came from. Its methods change nothing; what Plan
// returns does. It is to be closed.
type Mender struct {
	prefix *Prefix
	root   *os.Root
	at     places
	opts   Options
	claims map[string][]claim // by path
}

// claim is a row of a distribution's RECORD.
type claim struct {
	infoDir, name string
	file          InstalledFile
}

// A Mending is what one wheel can do for one distribution.
type Mending struct {
	Distribution Distribution
	// Restores are the files that will be as they were; Lost those that the
	// wheel is no help for, with the reason why. Both are sorted by path.
	Restores, Lost []Damage

	files []*placement
}

// An OtherWheelError says that a wheel is not the one which a distribution was
// installed from.
type OtherWheelError struct {
	Wheel  string // file name
	Name   string // of the distribution
	Reason string
}

func (e *OtherWheelError) Error() string {
	return fmt.Sprintf("%s was not installed from %q: %s", e.Name, e.Wheel, e.Reason)
}

// Mender returns a Mender for the distributions of the prefix. The scheme is the
// host's, which the prefix may have been opened without, and the options are
// those of an installation; scripts that were made with others can't be made
// again. Who will apply a plan of it holds the lock.
func (p *Prefix) Mender(scheme host.Scheme, opts Options) (*Mender, error) {
	if p.layout == TargetLayout || scheme.Purelib == p.scheme.Purelib {
		known := *p
		known.scheme = scheme
		p = &known
	}
	root, err := os.OpenRoot(p.path)
	if err != nil {
		return nil, fmt.Errorf("repairing: %w", err)
	}
	m := &Mender{prefix: p, root: root, opts: opts, claims: map[string][]claim{}}
	if m.at, err = p.resolvedPlaces(root, opts); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	all, err := p.installed(root)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	for _, d := range all {
		files, _, err := p.files(root, d)
		if err != nil {
			continue // claims nothing that anybody knows of
		}
		for _, f := range files {
			m.claims[f.Path] = append(m.claims[f.Path], claim{d.InfoDir, d.Name, f})
		}
	}
	return m, nil
}

// Close ends the use of the prefix.
func (m *Mender) Close() error { return m.root.Close() }

// Mend finds out what a wheel can do for a distribution with the given damage.
// A RECORD among the damage is written anew, and all of the wheel's files are
// compared with it. The error is an *OtherWheelError when the wheel contradicts what was
// recorded, and a *StoreDamagedError when its files are not its own.
func (m *Mender) Mend(d Distribution, damage []Damage, w *wheel.Unpacked) (*Mending, error) {
	j, err := m.placed(d, w)
	if err != nil {
		return nil, err
	}
	record := path.Join(d.InfoDir, "RECORD")
	isRecord := func(one Damage) bool { return one.Path == record }
	whole := slices.ContainsFunc(damage, isRecord)
	recordWrong, err := m.compare(d, j, whole)
	if err != nil {
		return nil, err
	}
	if recordWrong && !whole {
		whole = true
		damage = append(slices.Clone(damage), Damage{Path: record, Reason: "does not tell what was installed"})
	}
	mending := &Mending{Distribution: d}
	if whole {
		if damage, err = m.rewrite(d, j, damage); err != nil {
			return nil, err
		}
	}
	files := map[string]*placement{}
	for _, f := range j.files {
		files[f.dest] = f
	}
	for _, one := range damage {
		f := files[one.Path]
		if reason := m.obstacle(d, one.Path, f, whole); reason != "" {
			mending.Lost = append(mending.Lost, Damage{Path: one.Path, Reason: reason})
			continue
		}
		if err := f.verifySource(); err != nil {
			return nil, err
		}
		mending.files = append(mending.files, f)
		mending.Restores = append(mending.Restores, one)
	}
	for _, list := range [][]Damage{mending.Restores, mending.Lost} {
		slices.SortFunc(list, func(a, b Damage) int { return strings.Compare(a.Path, b.Path) })
	}
	return mending, nil
}

// placed decides where the wheel's files would go if it was installed as the
// distribution was.
func (m *Mender) placed(d Distribution, w *wheel.Unpacked) (*job, error) {
	item := Item{Wheel: w, Requested: d.Requested || m.row(d, "REQUESTED") != nil, DirectURL: d.DirectURL}
	j := &job{item: item}
	opts := m.opts
	if d.Installer != "" {
		opts.Installer = d.Installer
	}
	placer := m.prefix.placer(m.at, opts)
	if row := m.row(d, "INSTALLER"); row != nil {
		placer.tool = toolOf(row.Digest, placer.tool)
	}
	if err := placer.place(j); err != nil {
		return nil, err
	}
	if j.infoDir() != d.InfoDir {
		return nil, &OtherWheelError{Wheel: w.Filename.Raw, Name: d.Name, Reason: fmt.Sprintf("its metadata would be in %q, not in %q", j.infoDir(), d.InfoDir)}
	}
	return j, nil
}

// row is what the distribution recorded of a file of its .dist-info; nil if
// nothing.
func (m *Mender) row(d Distribution, name string) *InstalledFile {
	return m.recorded(d, path.Join(d.InfoDir, name))
}

func (m *Mender) recorded(d Distribution, name string) *InstalledFile {
	for _, c := range m.claims[name] {
		if c.infoDir == d.InfoDir {
			return &c.file
		}
	}
	return nil
}

// toolOf returns the installer whose INSTALLER has the given digest, or other.
func toolOf(digest, other string) string {
	for _, tool := range []string{"xpip", "pip", "uv"} {
		h := sha256.New()
		h.Write([]byte(tool + "\n"))
		if encodeDigest(h) == digest {
			return tool
		}
	}
	return other
}

// compare holds the wheel's files against RECORD, unless that is known to be
// damaged. It reports whether RECORD is what is wrong: the disk has what the
// wheel has. A file of which RECORD and the wheel tell different things, and the disk
// does not say that the wheel is right, is another wheel's.
func (m *Mender) compare(d Distribution, j *job, damaged bool) (recordWrong bool, err error) {
	for _, f := range j.files {
		isMetadata := f.dest == path.Join(d.InfoDir, "METADATA")
		if f.source == "" || damaged && !isMetadata {
			continue
		}
		row := m.recorded(d, f.dest)
		if row != nil && row.Digest == f.digest {
			continue
		}
		same, err := f.standsAt(m.root, f.dest)
		switch {
		case errors.Is(err, fs.ErrNotExist) && damaged:
			continue
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return false, err
		case !same:
			return false, &OtherWheelError{Wheel: j.wheel(), Name: d.Name, Reason: fmt.Sprintf("%q is another one there", f.dest)}
		}
		recordWrong = true
	}
	return recordWrong && !damaged, nil
}

// rewrite adds RECORD to the files of the wheel, and returns the damage to all
// of them.
func (m *Mender) rewrite(d Distribution, j *job, known []Damage) ([]Damage, error) {
	var damage []Damage
	for _, f := range j.files {
		same, err := f.standsAt(m.root, f.dest)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			damage = append(damage, Damage{Path: f.dest, Reason: "is missing"})
		case err != nil:
			return nil, err
		case !same:
			damage = append(damage, Damage{Path: f.dest, Reason: "was modified"})
		}
	}
	record := path.Join(d.InfoDir, "RECORD")
	data, err := formatRecord(j.lib, record, j.files)
	if err != nil {
		return nil, err
	}
	j.write(record, data, plain)
	for _, one := range known {
		if one.Path == record {
			damage = append(damage, one)
		}
	}
	return damage, nil
}

// obstacle says why a damaged file can't be restored by the wheel's, "" if it
// can.
func (m *Mender) obstacle(d Distribution, name string, f *placement, whole bool) string {
	if f == nil {
		return "the wheel has no such file"
	}
	if row := m.recorded(d, name); !whole && (row == nil || row.Digest != f.digest) {
		return "it can't be made again as it was recorded"
	}
	for _, c := range m.claims[name] {
		if c.infoDir == d.InfoDir {
			continue
		}
		if c.file.verify(m.root) == "" && c.file.Digest != f.digest {
			return "it belongs to " + c.name + " too, whose file is there"
		}
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if info, err := m.root.Lstat(dir); err == nil && !info.IsDir() {
			return fmt.Sprintf("%q is not a folder", dir)
		}
	}
	if info, err := m.root.Lstat(name); err == nil && info.IsDir() {
		return "a folder is in its place"
	}
	return ""
}

// verifySource hashes the file of the unpacked wheel that is to be placed.
func (f *placement) verifySource() error {
	if f.source == "" {
		return nil
	}
	damaged := func(reason string) error {
		return &StoreDamagedError{Wheel: f.from.wheel(), Dir: f.from.item.Wheel.Dir, Path: f.sourcePath(), Reason: reason}
	}
	file, err := os.Open(f.sourcePath())
	if err != nil {
		return damaged("can't be read: " + err.Error())
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return damaged("can't be read: " + err.Error())
	}
	if encodeDigest(h) != f.digest {
		return damaged("was modified")
	}
	return nil
}

// Plan decides how all that the mendings restore, and the removal of
// distributions, is done in one transaction.
func (m *Mender) Plan(mendings []*Mending, remove []Distribution) (*Plan, error) {
	p := m.prefix
	plan := &Plan{prefix: p, lock: p.lock, remove: remove, opts: m.opts}
	old, err := p.leaving(m.root, nil, remove, m.opts)
	if err != nil {
		return nil, err
	}
	plan.Removes = old.leaving
	tree := newTree(p, m.root, true, old)
	var jobs []*job
	var summary []string
	for _, one := range mendings {
		if len(one.files) == 0 {
			continue
		}
		summary = append(summary, "repair "+one.Distribution.Name+" "+one.Distribution.Version)
		jobs = append(jobs, &job{item: one.files[0].from.item, lib: one.files[0].from.lib, files: one.files})
	}
	if err := tree.restore(jobs); err != nil {
		return nil, err
	}
	if err := tree.check(m.at); err != nil {
		return nil, err
	}
	tree.protect(m.at)
	if err := tree.walk(); err != nil {
		return nil, err
	}
	plan.finish(tree, old)
	plan.change.Summary = append(plan.change.Summary, summary...)
	return plan, nil
}

// restore enters what goes and what comes, as build does, with no RECORD but
// those among the files.
func (t *tree) restore(jobs []*job) error {
	t.leave()
	for _, j := range jobs {
		t.enter(j.files...)
	}
	return t.settle()
}
