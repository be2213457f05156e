package resolver

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// universe is a Source for tests: what indexes have, in memory. It counts
// what it is asked.
type universe struct {
	files    map[string][]File
	metadata map[string]*Metadata // by file name
	faults   map[string]error     // by file name or project
	direct   map[string]File      // by URL

	// answer, if set, is called at the beginning of every answer.
	answer func(question string)

	mu    sync.Mutex
	asked map[string]int
}

func newUniverse() *universe {
	return &universe{
		files: map[string][]File{}, metadata: map[string]*Metadata{}, faults: map[string]error{},
		direct: map[string]File{}, asked: map[string]int{},
	}
}

func (u *universe) count(question string) {
	if u.answer != nil {
		u.answer(question)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked[question]++
}

// questions are how many different ones of a kind were asked.
func (u *universe) questions(kind string) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for q := range u.asked {
		if strings.HasPrefix(q, kind) {
			n++
		}
	}
	return n
}

func (u *universe) Listing(ctx context.Context, project string) (Listing, error) {
	u.count("files " + project)
	if err := u.faults[project]; err != nil {
		return nil, err
	}
	if files, ok := u.files[project]; ok {
		return countedListing{ListFiles(files), u, project}, ctx.Err()
	}
	return nil, &NotFoundError{Project: project, Looked: []string{"https://index.example.com/simple/"}}
}

// countedListing counts the versions whose files are asked for.
type countedListing struct {
	Listing
	universe *universe
	project  string
}

func (l countedListing) Files(i int) []File {
	l.universe.count("listed " + l.project + " " + l.Version(i).String())
	return l.Listing.Files(i)
}

func (u *universe) Metadata(ctx context.Context, f File, _ int) (*Metadata, error) {
	u.count("metadata " + f.Filename)
	if err := u.faults[f.Filename]; err != nil {
		return nil, err
	}
	return u.metadata[f.Filename], ctx.Err()
}

func (u *universe) Direct(_ context.Context, r requirements.Requirement) (File, error) {
	u.count("direct " + r.URL)
	f, ok := u.direct[r.URL]
	if !ok {
		return File{}, &UnusableError{File: r.URL, Reason: "there is no such file"}
	}
	return f, nil
}

// add adds one version, described by a line:
//
//	NAME VERSION [attribute…] [| requirement]…
//
// An attribute is a wheel's tags (with a build tag before them, perhaps),
// "sdist", or one of the keys below. Without files there is a py3-none-any
// wheel.
func (u *universe) add(line string) error {
	parts := strings.Split(line, " | ")
	fields := strings.Fields(parts[0])
	if len(fields) < 2 {
		return fmt.Errorf("a version has a name and a number: %q", line)
	}
	name, number := fields[0], fields[1]
	version, err := pep440.Parse(number)
	if err != nil {
		return err
	}
	key := requirements.NormalizeName(name)
	m := &Metadata{Name: name, Version: number, RequiresDist: parts[1:]}
	for _, r := range m.RequiresDist {
		for _, s := range strings.Split(r, `extra == "`)[1:] {
			extra, _, _ := strings.Cut(s, `"`)
			m.ProvidesExtra = append(m.ProvidesExtra, extra)
		}
	}
	common := File{Version: version, Size: -1, Index: "https://index.example.com/simple/", Hashes: map[string]string{}}
	var files []File
	var fault error
	url := ""
	for _, field := range fields[2:] {
		k, v, _ := strings.Cut(field, "=")
		v = strings.ReplaceAll(v, "_", " ")
		switch k {
		case "sdist":
			f := common
			f.Filename = fmt.Sprintf("%s-%s.tar.gz", key, number)
			files = append(files, f)
		case "python":
			common.RequiresPython = v
			m.RequiresPython = v
		case "metadata-python": // which the listing does not say
			m.RequiresPython = v
		case "yanked":
			common.Yanked, common.YankedReason = true, v
		case "uploaded":
			if common.UploadTime, err = time.Parse(time.DateOnly, v); err != nil {
				return err
			}
		case "hash":
			common.Hashes["sha256"] = v
		case "extras":
			m.ProvidesExtra = strings.Split(strings.ReplaceAll(v, " ", "_"), ",")
		case "named":
			m.Name = v
		case "numbered":
			m.Version = v
		case "unusable":
			fault = &UnusableError{File: name + " " + number, Reason: v}
		case "compiler":
			fault = &NeedsCompilerError{File: name + "-" + number + ".tar.gz", Reason: "needs a compiler: " + v}
		case "down":
			fault = fmt.Errorf("the network is down")
		case "url":
			url = strings.ReplaceAll(v, " ", "_")
		default:
			f := common
			f.Filename = fmt.Sprintf("%s-%s-%s.whl", strings.ReplaceAll(key, "-", "_"), strings.ReplaceAll(number, "-", "_"), field)
			w, err := wheel.ParseFilename(f.Filename)
			if err != nil {
				return err
			}
			f.Wheel = &w
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		w, err := wheel.ParseFilename(fmt.Sprintf("%s-%s-py3-none-any.whl", strings.ReplaceAll(key, "-", "_"), number))
		if err != nil {
			return err
		}
		f := common
		f.Filename, f.Wheel = w.Raw, &w
		files = []File{f}
	}
	for i := range files {
		f := &files[i]
		f.RequiresPython, f.Yanked, f.YankedReason = common.RequiresPython, common.Yanked, common.YankedReason
		f.UploadTime, f.Hashes = common.UploadTime, common.Hashes
		if url != "" {
			f.URL = url
			f.Filename = "direct-" + f.Filename
			u.direct[url] = *f
		}
		u.metadata[f.Filename] = m
		if fault != nil {
			u.faults[f.Filename] = fault
		}
	}
	if url == "" {
		u.files[key] = append(u.files[key], files...)
	}
	return nil
}
