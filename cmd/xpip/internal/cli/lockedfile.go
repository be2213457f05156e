package cli

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/pylock"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/wheel"
)

// lockedFile finds the one source of a package that counts on the host. For
// wheels that is decided by the names that the lock records, not by what can be
// had.
func (s *session) lockedFile(ctx context.Context, src *source, l *lockRequest, p *pylock.Package, formats resolver.FormatControl) (resolver.File, error) {
	switch {
	case p.VCS != nil:
		return s.lockedCommit(ctx, src, l, p)
	case p.Directory != nil:
		return s.lockedFolder(ctx, src, l, p)
	case p.Archive != nil:
		return s.lockedArchive(ctx, src, l, p)
	}
	wheels, sdists := formats.Allows(p.Name)
	var best *pylock.File
	if wheels || p.Sdist == nil {
		var err error
		if best, err = s.bestWheel(l, p); err != nil {
			return resolver.File{}, err
		}
	}
	if best == nil && sdists {
		best = p.Sdist
	}
	if best == nil {
		return resolver.File{}, s.noneFits(l, p, sdists)
	}
	file, err := l.indexFile(p, best)
	if err != nil {
		return resolver.File{}, err
	}
	out, ok := candidate(&origin{file: file, locked: true})
	if !ok {
		return resolver.File{}, l.refuse(fmt.Errorf("%q is not the name of a file of %s", best.Name, p.Name))
	}
	return out, nil
}

// bestWheel is the wheel with the best tag for the host, then the highest build
// tag; nil if none fits.
func (s *session) bestWheel(l *lockRequest, p *pylock.Package) (*pylock.File, error) {
	var best *pylock.File
	var bestName wheel.Filename
	bestRank := 0
	for i := range p.Wheels {
		name, err := wheel.ParseFilename(p.Wheels[i].Name)
		if err != nil {
			return nil, l.refuse(err)
		}
		rank, fits := s.host.BestRank(name)
		if fits && (best == nil || rank < bestRank || rank == bestRank && name.Build.Compare(bestName.Build) > 0) {
			best, bestName, bestRank = &p.Wheels[i], name, rank
		}
	}
	return best, nil
}

// noneFits says why there is no file of a package for the host.
func (s *session) noneFits(l *lockRequest, p *pylock.Package, sdists bool) error {
	reason := "the lock has no sdist of it"
	if p.Sdist != nil && !sdists {
		reason = "its sdist is excluded by --only-binary"
	}
	return l.refuse(fmt.Errorf("none of the %d wheels of %s %s fits the host, and %s", len(p.Wheels), p.Name, p.Version, reason), s.nearestWheel(p)...)
}

// nearestWheel says which of the recorded wheels misses the host by least, and
// what would help.
func (s *session) nearestWheel(p *pylock.Package) []string {
	var nearest host.Mismatch
	file := ""
	for _, w := range p.Wheels {
		name, err := wheel.ParseFilename(w.Name)
		if err != nil {
			continue // refused before
		}
		if m := s.host.Explain(name); !m.Fits() && (file == "" || m.Distance < nearest.Distance) {
			nearest, file = m, w.Name
		}
	}
	out := []string{fmt.Sprintf("%s %s can't be installed for %s from this lock.", p.Name, p.Version, s.host)}
	if file != "" {
		out = append(out, fmt.Sprintf("  nearest   %s %s", file, nearest.Sentence))
	}
	out = append(out, "Try one of", "  - a lock for this host:  xpip lock with its options")
	if nearest.Fix != "" {
		out = append(out, "  - a host that the wheel fits:  "+nearest.Fix)
	}
	return out
}

// checked are the algorithms that a file is verified by; of the others the lock
// may hold digests too.
var checked = []string{"sha256", "sha384", "sha512"}

// indexFile is a recorded file in the words of the index, to be verified by
// its size and every digest that can be.
func (l *lockRequest) indexFile(p *pylock.Package, f *pylock.File) (*index.File, error) {
	address, local, err := l.locate(f.Path, f.URL)
	if err != nil {
		return nil, l.refuse(fmt.Errorf("package %q: %w", p.Name, err))
	}
	hashes := map[string]string{}
	for _, algorithm := range checked {
		if digest := f.Hashes[algorithm]; digest != "" {
			hashes[algorithm] = digest
		}
	}
	if len(hashes) == 0 {
		return nil, l.refuse(fmt.Errorf("%q has no digest by sha256, sha384 or sha512", f.Name))
	}
	return &index.File{
		Project: p.Name, Filename: f.Name, URL: address, Local: local,
		Hashes: hashes, Size: f.Size, UploadTime: f.UploadTime, Index: transport.Redact(p.Index),
	}, nil
}

// locate returns the URL of what a lock names by path, else by URL, and whether
// it is on this machine. A lock that came from elsewhere can name nothing but
// what is there, too.
func (l *lockRequest) locate(path, address string) (location string, local bool, err error) {
	switch {
	case path == "":
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "file" {
			return "", false, fmt.Errorf("%q is not an https, http or file URL", transport.Redact(address))
		}
		u.Fragment, u.RawFragment = "", ""
		return u.String(), u.Scheme == "file", nil
	case !l.remote():
		name, err := l.localPath(path)
		return fileURL(name), true, err
	case filepath.IsAbs(path) || strings.HasPrefix(path, "/"):
		return "", false, fmt.Errorf("the path %q is absolute, but the lock file is on another machine", path)
	}
	base, err := url.Parse(l.name)
	if err != nil {
		return "", false, err
	}
	reference, err := url.Parse(filepath.ToSlash(path))
	if err != nil {
		return "", false, fmt.Errorf("%q is not a path", path)
	}
	u := base.ResolveReference(reference)
	if u.Scheme != base.Scheme || u.Host != base.Host {
		return "", false, fmt.Errorf("the path %q leads away from where the lock file is", path)
	}
	return u.String(), false, nil
}

// localPath is the absolute form of a path in a lock file of this machine.
func (l *lockRequest) localPath(path string) (string, error) {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path, nil
	}
	name := l.name
	if u, err := url.Parse(name); err == nil && u.Scheme == "file" {
		name = filepath.FromSlash(u.Path)
	}
	return filepath.Abs(filepath.Join(filepath.Dir(name), path))
}

// fileURL is the URL of an absolute path.
func fileURL(path string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	if !strings.HasPrefix(u.Path, "/") {
		u.Path = "/" + u.Path // a drive's letter
	}
	return u.String()
}

func (s *session) lockedArchive(ctx context.Context, src *source, l *lockRequest, p *pylock.Package) (resolver.File, error) {
	file, err := l.indexFile(p, p.Archive)
	if err != nil {
		return resolver.File{}, err
	}
	o := &origin{file: file, direct: true, locked: true, subdirectory: p.Archive.Subdirectory}
	if file.IsWheel() {
		out, ok := candidate(o)
		if !ok {
			return out, l.refuse(fmt.Errorf("%q is not the name of a wheel of %s", file.Filename, p.Name))
		}
		if _, fits := s.host.BestRank(*out.Wheel); !fits {
			return out, l.refuse(fmt.Errorf("%s does not fit the host: it %s", file.Filename, s.host.Explain(*out.Wheel).Sentence))
		}
		out.URL = file.Redacted()
		return out, l.sameVersion(p, out.Version)
	}
	return l.project(ctx, src, o, file.Filename, p)
}

func (s *session) lockedFolder(ctx context.Context, src *source, l *lockRequest, p *pylock.Package) (resolver.File, error) {
	if l.remote() {
		return resolver.File{}, l.refuse(fmt.Errorf("package %q is a folder, but the lock file is on another machine", p.Name))
	}
	if p.Directory.Editable {
		s.printer.Warn("%s: %s is to be editable, which cannot work on the host; it is installed as it is now", l.shown(), p.Name)
	}
	path, err := l.localPath(p.Directory.Path)
	if err != nil {
		return resolver.File{}, l.refuse(err)
	}
	if !isFolder(path) {
		return resolver.File{}, l.refuse(fmt.Errorf("package %q: there is no folder %q", p.Name, path))
	}
	return l.project(ctx, src, &origin{dir: path, direct: true, subdirectory: p.Directory.Subdirectory}, filepath.Base(path), p)
}

// project makes a candidate of a source tree, which must be what the lock says.
func (l *lockRequest) project(ctx context.Context, src *source, o *origin, title string, p *pylock.Package) (resolver.File, error) {
	out, err := src.directProject(ctx, o, title, p.Name)
	if err != nil {
		return out, l.refuse(fmt.Errorf("package %q: %w", p.Name, err))
	}
	return out, l.sameVersion(p, out.Version)
}

func (l *lockRequest) sameVersion(p *pylock.Package, found pep440.Version) error {
	if !p.Version.IsZero() && !p.Version.Equal(found) {
		return l.refuse(fmt.Errorf("package %q is version %s there, not %s", p.Name, found, p.Version))
	}
	return nil
}

func (s *session) lockedCommit(ctx context.Context, src *source, l *lockRequest, p *pylock.Package) (resolver.File, error) {
	if p.VCS.Type != "git" {
		return resolver.File{}, l.refuse(fmt.Errorf("package %q is in a repository of %q; only git is supported", p.Name, p.VCS.Type))
	}
	address := p.VCS.URL
	if p.VCS.Path != "" {
		var err error
		if address, _, err = l.locate(p.VCS.Path, ""); err != nil {
			return resolver.File{}, l.refuse(fmt.Errorf("package %q: %w", p.Name, err))
		}
	}
	ref := "git+" + strings.TrimPrefix(address, "git+") + "@" + p.VCS.CommitID
	if p.VCS.Subdirectory != "" {
		ref += "#subdirectory=" + url.QueryEscape(p.VCS.Subdirectory)
	}
	out, err := src.repository(ctx, ref, p.Name, nil)
	if err != nil {
		return out, l.refuse(fmt.Errorf("package %q: %w", p.Name, err))
	}
	vcs := out.Ref.(*origin).vcs
	if !strings.EqualFold(vcs.CommitID, p.VCS.CommitID) {
		return out, l.refuse(fmt.Errorf("package %q is at commit %s, not %s", p.Name, vcs.CommitID, p.VCS.CommitID))
	}
	vcs.RequestedRevision = p.VCS.RequestedRevision
	return out, l.sameVersion(p, out.Version)
}
