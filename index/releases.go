package index

import (
	"slices"
	"strings"

	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/requirements/pep440"
)

// Release is one version of a project in a Listing. Its files are made when they
// are asked for.
type Release struct {
	Version pep440.Version
	shares  []share
}

// share is what one location has of a version.
type share struct {
	from *offer
	at   int // the version on its page
}

func (s share) version() pep440.Version { return s.from.page.Version(s.at) }

// offer is the page of a project at one location.
type offer struct {
	page    *simple.Page
	project string // normalised
	index   string // redacted
}

// Files returns the version's files: find-links first, then the indexes in order;
// each in its own order. Every call makes them anew.
func (r Release) Files() []File {
	var files []File
	for _, s := range r.shares {
		files = s.from.appendFiles(files, s.from.page.ReleaseFiles(s.at))
	}
	return files
}

// Files returns all files that are listed: those of one version after the other, as
// Release.Files has them, then those whose names are of no version of the project.
func (l Listing) Files() []File {
	var files []File
	for i := range l.Releases {
		files = append(files, l.Releases[i].Files()...)
	}
	for _, o := range l.offers {
		files = o.appendFiles(files, o.page.Others())
	}
	return files
}

// Undated reports whether a file, of those that are not local, does not say when
// it was uploaded.
func (l Listing) Undated() bool {
	return slices.ContainsFunc(l.offers, func(o *offer) bool { return o.page.Undated() })
}

// take puts the versions of the pages together.
func (l *Listing) take(offers []*offer) {
	l.offers = offers
	total := 0
	for _, o := range offers {
		total += o.page.Releases()
	}
	shares := make([]share, 0, total)
	for _, o := range offers {
		for i := range o.page.Releases() {
			shares = append(shares, share{o, i})
		}
	}
	if len(offers) > 1 { // else they are in order
		slices.SortStableFunc(shares, func(a, b share) int { return a.version().Compare(b.version()) })
	}
	l.Releases = make([]Release, 0, total)
	for i := 0; i < total; {
		j := i + 1
		for j < total && shares[j].version().Equal(shares[i].version()) {
			j++
		}
		l.Releases = append(l.Releases, Release{shares[i].version(), shares[i:j:j]})
		i = j
	}
}

// appendFiles appends a page's files as Files.
func (o *offer) appendFiles(out []File, files []simple.File) []File {
	out = slices.Grow(out, len(files))
	for i := range files {
		f := &files[i]
		out = append(out, File{
			Project:        o.project,
			Filename:       f.Filename,
			URL:            f.URL,
			Hashes:         f.Hashes.Map(),
			RequiresPython: f.RequiresPython,
			Yanked:         f.Yanked,
			YankedReason:   f.YankedReason,
			UploadTime:     f.UploadTime,
			Size:           f.Size,
			HasMetadata:    f.HasMetadata,
			MetadataHashes: f.MetadataHashes.Map(),
			Index:          o.index,
			Local:          strings.HasPrefix(f.URL, "file:"),
		})
	}
	return out
}
