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

// take adds what a location offers, which the last one has been asked for.
func (l *Listing) take(offers []*offer) {
	total := 0
	for _, o := range offers {
		total += o.page.Releases()
	}
	l.offers = offers
	l.Releases = make([]Release, 0, total)
	shares := make([]share, 0, total)
	next := make([]int, len(offers)) // the version of each that comes next
	for {
		oldest := -1
		for i, o := range offers {
			if next[i] < o.page.Releases() && (oldest < 0 || o.page.Version(next[i]).Less(offers[oldest].page.Version(next[oldest]))) {
				oldest = i
			}
		}
		if oldest < 0 {
			return
		}
		r := Release{Version: offers[oldest].page.Version(next[oldest])}
		start := len(shares)
		for i, o := range offers[oldest:] {
			i += oldest
			if next[i] < o.page.Releases() && o.page.Version(next[i]).Equal(r.Version) {
				shares = append(shares, share{o, next[i]})
				next[i]++
			}
		}
		r.shares = shares[start:len(shares):len(shares)]
		l.Releases = append(l.Releases, r)
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
