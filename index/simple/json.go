package simple

import (
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ParseJSON reads a JSON page (PEP 691). base and project are as for ParseHTML.
func ParseJSON(data []byte, base *url.URL, project string) (*Page, error) {
	var doc jsonPage
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, errorf("%v", err)
	}
	if err := checkVersion(doc.Meta.APIVersion); err != nil {
		return nil, err
	}
	page := &Page{
		Files:  make([]File, 0, len(doc.Files)),
		Status: Status(doc.Status),
	}
	l := linker{base: base, project: project}
	for i := range doc.Files {
		if f, ok := doc.Files[i].file(&l); ok {
			page.Files = append(page.Files, f)
		} else {
			page.Dropped++
		}
	}
	return page, nil
}

type jsonPage struct {
	Meta struct {
		APIVersion string `json:"api-version"`
	} `json:"meta"`
	Status jsonStatus `json:"project-status"`
	Files  []jsonFile `json:"files"`
}

type jsonStatus struct {
	State  string `json:"status"`
	Reason string `json:"reason"`
}

type jsonFile struct {
	Filename       string            `json:"filename"`
	URL            string            `json:"url"`
	Hashes         map[string]string `json:"hashes"`
	RequiresPython string            `json:"requires-python"`
	Yanked         jsonYanked        `json:"yanked"`
	UploadTime     string            `json:"upload-time"`
	Size           jsonSize          `json:"size"`
	CoreMetadata   jsonMetadata      `json:"core-metadata"`
	DistInfo       jsonMetadata      `json:"dist-info-metadata"`
}

func (j *jsonFile) file(l *linker) (File, bool) {
	abs, _, ok := l.resolve(j.URL)
	if !ok || !l.accept(j.Filename) {
		return File{}, false
	}
	f := File{
		Filename:       j.Filename,
		URL:            abs,
		Hashes:         cleanHashes(j.Hashes),
		RequiresPython: j.RequiresPython,
		Yanked:         j.Yanked.set,
		YankedReason:   j.Yanked.reason,
		UploadTime:     parseTime(j.UploadTime),
		Size:           int64(j.Size) - 1,
	}
	metadata := j.CoreMetadata
	if !metadata.said {
		metadata = j.DistInfo
	}
	f.HasMetadata = metadata.available
	f.MetadataHashes = cleanHashes(metadata.hashes)
	return f, true
}

// cleanHashes keeps what can be checked. The common page has only that, so the
// map is made anew only when something must go.
func cleanHashes(hashes map[string]string) map[string]string {
	var kept map[string]string
	for algorithm, digest := range hashes {
		kept = addHash(kept, algorithm, digest)
	}
	return kept
}

// jsonSize is a size plus one, so that its zero value is "not said".
type jsonSize int64

func (s *jsonSize) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '0' {
		return dec.SkipValue()
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	// A fraction or a number beyond any disk is no size.
	if n, err := tok.Int(); err == nil && n >= 0 && n < 1<<62 {
		*s = jsonSize(n) + 1
	}
	return nil
}

// jsonYanked is false, true, or a non-empty reason (PEP 691).
type jsonYanked struct {
	set    bool
	reason string
}

func (y *jsonYanked) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case 't', 'f', '"':
	default:
		return dec.SkipValue()
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch tok.Kind() {
	case 't':
		y.set = true
	case '"':
		y.reason = tok.String()
		y.set = y.reason != ""
	}
	return nil
}

// jsonMetadata is false, true, or the sidecar's hashes (PEP 714).
type jsonMetadata struct {
	said, available bool
	hashes          map[string]string
}

func (m *jsonMetadata) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case 't', 'f':
		tok, err := dec.ReadToken()
		m.said, m.available = true, err == nil && tok.Bool()
		return err
	case '{':
		m.said, m.available = true, true
		return json.UnmarshalDecode(dec, &m.hashes)
	default:
		return dec.SkipValue()
	}
}
