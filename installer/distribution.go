package installer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/wheel"
)

// A Distribution is what one .dist-info (or legacy .egg-info) in a prefix says.
// One that is damaged is a Distribution too, with what could be read of it.
type Distribution struct {
	Key     string // normalised project name (PEP 503)
	Name    string // as its metadata spell it
	Version string
	// Location is the folder that it is importable from, and InfoDir its
	// .dist-info or .egg-info; both relative to the prefix, with slashes.
	Location, InfoDir string
	Metadata          *wheel.Metadata // nil when it can't be read
	Installer         string          // the tool that INSTALLER names, or ""
	Requested         bool            // asked for by the user, not by another distribution
	DirectURL         *DirectURL      // nil when it came from an index
	// Problems says what is wrong with the metadata, empty if nothing is.
	Problems []error
}

// managers are the tools that INSTALLER names which keep lists of their own of
// what they have installed.
var managers = map[string]bool{"conda": true, "debian": true, "rpm": true, "apk": true}

// Manager returns the package manager of the system that installed the
// distribution and will upgrade and remove it, such as "conda"; "" if it is
// nobody's, which is true of what pip and its like install.
func (d *Distribution) Manager() string {
	if managers[d.Installer] {
		return d.Installer
	}
	return ""
}

const (
	distInfo = ".dist-info"
	eggInfo  = ".egg-info"

	maxInstaller = 4 << 10
	maxRecord    = 64 << 20
)

// Installed returns the distributions in the prefix, sorted by name. A prefix
// that does not exist has none.
func (p *Prefix) Installed() ([]Distribution, error) {
	root, err := os.OpenRoot(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing what is installed: %w", err)
	}
	defer root.Close()
	return p.installed(root)
}

func (p *Prefix) installed(root *os.Root) ([]Distribution, error) {
	libs, err := p.libraries(root)
	if err != nil {
		return nil, err
	}
	var found []Distribution
	for _, lib := range libs {
		names, err := infoNames(root, lib)
		if err != nil {
			return nil, fmt.Errorf("listing what is installed: %w", err)
		}
		for _, name := range names {
			found = append(found, Distribution{Location: lib, InfoDir: path.Join(lib, name)})
		}
	}
	var group errgroup.Group
	group.SetLimit(8)
	for i := range found {
		group.Go(func() error { found[i].read(root); return nil })
	}
	_ = group.Wait() // no reader fails: a damaged distribution is one with problems
	slices.SortFunc(found, func(a, b Distribution) int {
		if c := strings.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		return strings.Compare(a.InfoDir, b.InfoDir)
	})
	return found, nil
}

// infoNames returns the entries of a folder that describe distributions.
func infoNames(root *os.Root, lib string) ([]string, error) {
	dir, err := root.Open(lib)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	all, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(name string) bool {
		ext := path.Ext(name)
		// pip renames what it is about to remove to a name with a tilde.
		return ext != distInfo && ext != eggInfo || name == ext || name[0] == '~'
	}), nil
}

// read fills the distribution from its folder.
func (d *Distribution) read(root *os.Root) {
	d.nameFromFolder()
	raw, err := d.readMetadata(root)
	if err == nil {
		d.Metadata, err = wheel.ParseMetadata(raw)
	}
	if err != nil {
		d.Problems = append(d.Problems, fmt.Errorf("reading the metadata of %q: %w", d.InfoDir, err))
	} else {
		d.Name, d.Version = d.Metadata.Name, d.Metadata.Version
	}
	d.Key = wheel.NormalizeName(d.Name)
	if path.Ext(d.InfoDir) == eggInfo {
		return
	}
	if raw, err := readSmall(root, path.Join(d.InfoDir, "INSTALLER"), maxInstaller); err == nil {
		d.Installer = strings.TrimSpace(string(raw))
	}
	_, err = root.Lstat(path.Join(d.InfoDir, "REQUESTED"))
	d.Requested = err == nil
	raw, err = readSmall(root, path.Join(d.InfoDir, "direct_url.json"), maxDirectURL)
	if err == nil {
		d.DirectURL, err = ParseDirectURL(raw)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.Problems = append(d.Problems, fmt.Errorf("reading %q: %w", d.InfoDir, err))
	}
}

// nameFromFolder takes name and version from "name-1.0.dist-info".
func (d *Distribution) nameFromFolder() {
	stem := strings.TrimSuffix(path.Base(d.InfoDir), path.Ext(d.InfoDir))
	d.Name, d.Version, _ = strings.Cut(stem, "-")
	if path.Ext(d.InfoDir) == eggInfo {
		d.Version, _, _ = strings.Cut(d.Version, "-") // name-1.0-py3.11
	}
}

// readMetadata reads METADATA, or PKG-INFO of an .egg-info, which may be a
// file itself.
func (d *Distribution) readMetadata(root *os.Root) ([]byte, error) {
	name := path.Join(d.InfoDir, "METADATA")
	if path.Ext(d.InfoDir) == eggInfo {
		name = path.Join(d.InfoDir, "PKG-INFO")
		if info, err := root.Stat(d.InfoDir); err == nil && info.Mode().IsRegular() {
			name = d.InfoDir
		}
	}
	return readSmall(root, name, wheel.MaxMetadata)
}

func readSmall(root *os.Root, name string, limit int64) ([]byte, error) {
	// A FIFO would block the open, and a device might do anything.
	if info, err := root.Stat(name); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading %q: it is not a file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("reading %q: it is larger than %d bytes", name, limit)
	}
	return raw, err
}

// An InstalledFile is one row of what a distribution recorded.
type InstalledFile struct {
	Path      string // relative to the prefix, with slashes
	Algorithm string // of the digest: "sha256"; "" when there is none
	Digest    string // URL-safe base64 without padding
	Size      int64  // bytes; -1 when not recorded
}

// Files returns the files that a distribution recorded, sorted by path, and
// the recorded paths that lead out of the prefix, which nobody follows. It
// returns a *NotRemovableError for one that recorded nothing.
func (p *Prefix) Files(d Distribution) (files []InstalledFile, outside []string, err error) {
	root, err := os.OpenRoot(p.path)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	return p.files(root, d)
}

func (p *Prefix) files(root *os.Root, d Distribution) (files []InstalledFile, outside []string, err error) {
	refuse := func(reason string, unlisted bool) ([]InstalledFile, []string, error) {
		return nil, nil, &NotRemovableError{Name: d.Name, Version: d.Version, InfoDir: d.InfoDir,
			Reason: reason, Installer: d.Installer, Unlisted: unlisted}
	}
	if path.Ext(d.InfoDir) == eggInfo {
		return p.legacyFiles(root, d)
	}
	raw, err := readSmall(root, path.Join(d.InfoDir, "RECORD"), maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse("it has no RECORD that says which files are its own", true)
	}
	if err != nil {
		return nil, nil, err
	}
	rows, err := wheel.ParseRecord(bytes.NewReader(raw))
	if err != nil {
		return refuse("its RECORD can't be read: "+err.Error(), false)
	}
	for _, row := range rows {
		if file, ok := p.within(d.Location, row.Path); ok {
			files = append(files, InstalledFile{Path: file, Algorithm: row.Algorithm, Digest: row.Digest, Size: row.Size})
		} else {
			outside = append(outside, row.Path)
		}
	}
	return uniqueFiles(files), outside, nil
}

// legacyFiles reads installed-files.txt, which setuptools wrote for what it
// installed without a wheel: paths relative to the .egg-info folder.
func (p *Prefix) legacyFiles(root *os.Root, d Distribution) (files []InstalledFile, outside []string, err error) {
	raw, err := readSmall(root, path.Join(d.InfoDir, "installed-files.txt"), maxRecord)
	if err != nil {
		return nil, nil, &NotRemovableError{Name: d.Name, Version: d.Version, InfoDir: d.InfoDir,
			Reason: "it was not installed from a wheel, and no list says which files are its own"}
	}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		row := path.Join(path.Base(d.InfoDir), line)
		if file, ok := p.within(d.Location, row); ok && line[0] != '/' {
			files = append(files, InstalledFile{Path: file, Size: -1})
		} else {
			outside = append(outside, line)
		}
	}
	return uniqueFiles(files), outside, nil
}

func uniqueFiles(files []InstalledFile) []InstalledFile {
	slices.SortStableFunc(files, func(a, b InstalledFile) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(files, func(a, b InstalledFile) bool { return a.Path == b.Path })
}
