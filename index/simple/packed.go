package simple

import (
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// packed are the files of a page as records in their binary form, those of a
// version together, the versions in order. Of one version the files stand as
// they do on the page.
type packed struct {
	base     string    // what URLs begin with
	pythons  []string  // the values of requires-python
	undated  bool      // a file that is not local does not say when it was uploaded
	releases []release // oldest first, each version once
	others   release   // files whose names are of no version of the project
	records  []byte
}

// release is where the records of a version are.
type release struct {
	version    pep440.Version
	files      int
	start, end int
}

// NewPage returns a page of files, of the project with the given normalised name.
func NewPage(project string, files []File) *Page {
	p := newPacker(project, 0)
	for i := range files {
		p.add(&files[i])
	}
	return p.finish()
}

// Releases returns how many versions of the project the page has files of.
func (p *Page) Releases() int { return len(p.releases) }

// Version returns the i-th version, of which the first is the oldest, as the first
// of its files spells it.
func (p *Page) Version(i int) pep440.Version { return p.releases[i].version }

// ReleaseFiles returns the files of the i-th version as they stand on the page.
func (p *Page) ReleaseFiles(i int) []File { return p.decode(&p.releases[i]) }

// Others returns the files whose names are of no version of the project: all, if
// the page is of no single project.
func (p *Page) Others() []File { return p.decode(&p.others) }

// Files returns how many files are on the page.
func (p *Page) Files() int {
	n := p.others.files
	for i := range p.releases {
		n += p.releases[i].files
	}
	return n
}

// Size returns about how many bytes the page's binary form takes.
func (p *Page) Size() int { return len(p.records) + 32*len(p.releases) + 1<<10 }

// Undated reports whether a file, of those that are not local, does not say when
// it was uploaded.
func (p *Page) Undated() bool { return p.undated }

// packer packs the files of a page, one by one.
type packer struct {
	page    *Page
	project string // normalised; "" if the page is of no single one
	pythons map[string]int

	records []byte
	rows    []row   // by file
	groups  []group // by version, in the order met; the first is for the others
	known   map[string]int
	last    struct { // files of a version mostly stand together
		text  string
		group int
	}
}

// row says where the record of a file ends, and of which group the file is.
type row struct{ end, group int }

type group struct {
	version      pep440.Version
	files, bytes int
}

// newPacker makes room for a page's records, which take so many bytes.
func newPacker(project string, room int) *packer {
	return &packer{
		page: &Page{}, project: project, pythons: map[string]int{}, known: map[string]int{},
		records: make([]byte, 0, room), groups: make([]group, 1),
	}
}

func (p *packer) add(f *File) {
	if len(p.rows) == 0 {
		p.page.base = strings.Clone(f.URL[:strings.LastIndexByte(f.URL, '/')+1]) // nothing of the document is kept
	}
	if f.UploadTime.IsZero() && !strings.HasPrefix(f.URL, "file:") {
		p.page.undated = true
	}
	start := len(p.records)
	p.records = appendFile(p.records, f, p.page.base, p.python(f.RequiresPython))
	g := p.group(f.Filename)
	p.rows = append(p.rows, row{len(p.records), g})
	p.groups[g].files++
	p.groups[g].bytes += len(p.records) - start
}

// python returns the number of a value of requires-python, 0 for none.
func (p *packer) python(value string) int {
	if value == "" {
		return 0
	}
	n, ok := p.pythons[value]
	if !ok {
		p.page.pythons = append(p.page.pythons, strings.Clone(value))
		n = len(p.page.pythons)
		p.pythons[value] = n
	}
	return n
}

// group returns the group of the version that a file's name says.
func (p *packer) group(filename string) int {
	text, ok := p.versionOf(filename)
	if !ok {
		return 0
	}
	if text == p.last.text {
		return p.last.group
	}
	g, ok := p.known[text]
	if !ok {
		if v, err := pep440.Parse(text); err == nil {
			g = len(p.groups)
			p.groups = append(p.groups, group{version: v})
		}
		p.known[text] = g
	}
	p.last.text, p.last.group = text, g
	return g
}

// versionOf reads the version out of a file's name; false if the name is no wheel's
// or sdist's of the project.
func (p *packer) versionOf(filename string) (string, bool) {
	switch {
	case p.project == "":
		return "", false
	case IsWheel(filename):
		name, err := wheel.ParseFilename(filename)
		return name.Version, err == nil && name.Project == p.project
	}
	name, err := wheel.ParseSdistFilename(filename, p.project)
	return name.Version, err == nil
}

// finish puts the records in order.
func (p *packer) finish() *Page {
	order := make([]int, len(p.groups)-1)
	for i := range order {
		order[i] = i + 1
	}
	slices.SortStableFunc(order, func(a, b int) int { return p.groups[a].version.Compare(p.groups[b].version) })
	places := make([]int, len(p.groups)) // of the groups among the releases
	releases := make([]release, 0, len(p.groups))
	for _, g := range append(order, 0) {
		group := &p.groups[g]
		if n := len(releases); n == 0 || g == 0 || !releases[n-1].version.Equal(group.version) {
			releases = append(releases, release{version: group.version})
		}
		r := &releases[len(releases)-1]
		r.files += group.files
		r.end += group.bytes
		places[g] = len(releases) - 1
	}
	at := 0
	next := make([]int, len(releases)) // where the next record goes
	for i := range releases {
		r := &releases[i]
		r.start, r.end, next[i] = at, at+r.end, at
		at = r.end
	}
	page := p.page
	page.records = make([]byte, len(p.records))
	start := 0
	for _, row := range p.rows {
		to := &next[places[row.group]]
		*to += copy(page.records[*to:], p.records[start:row.end])
		start = row.end
	}
	last := len(releases) - 1
	page.releases, page.others = releases[:last], releases[last]
	return page
}
