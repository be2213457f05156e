package simple

import (
	"bytes"
	"errors"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ParseJSON reads a JSON page (PEP 691). base and project are as for ParseHTML.
func ParseJSON(data []byte, base *url.URL, project string) (*Page, error) {
	page := &Page{Files: make([]File, 0, min(bytes.Count(data, []byte(`"filename"`)), maxEager))}
	doc := jsonPage{Files: jsonFiles{page: page, linker: linker{base: base, project: project}}}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, errorf("%s", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	if err := checkVersion(doc.Meta.APIVersion); err != nil {
		return nil, err
	}
	page.Status = Status(doc.Status)
	page.Tracks, page.Alternates = doc.Meta.Tracks, doc.Alternates
	return page, nil
}

type jsonPage struct {
	Meta struct {
		APIVersion string    `json:"api-version"`
		Tracks     jsonPages `json:"tracks"`
	} `json:"meta"`
	Status     jsonStatus `json:"project-status"`
	Alternates jsonPages  `json:"alternate-locations"`
	Files      jsonFiles  `json:"files"`
}

// jsonPages are URLs; what else stands there says nothing.
type jsonPages []string

func (p *jsonPages) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if dec.PeekKind() != '"' || len(*p) == maxPages {
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		*p = append(*p, tok.String())
	}
	_, err := dec.ReadToken()
	return err
}

type jsonStatus struct {
	State  string `json:"status"`
	Reason string `json:"reason"`
}

// jsonFiles puts each file on the page as soon as it is read.
type jsonFiles struct {
	page *Page
	linker
	file jsonFile
}

func (s *jsonFiles) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() != '[' {
		return errors.New("files is no array")
	}
	for dec.PeekKind() != ']' {
		if len(s.page.Files) == maxFiles {
			return errTooMany
		}
		s.file = jsonFile{}
		if err := json.UnmarshalDecode(dec, &s.file); err != nil {
			return err
		}
		if f, ok := s.file.convert(&s.linker); ok {
			s.page.Files = append(s.page.Files, f)
		} else {
			s.page.Dropped++
		}
	}
	_, err = dec.ReadToken()
	return err
}

type jsonFile struct {
	Filename       string       `json:"filename"`
	URL            string       `json:"url"`
	Hashes         jsonHashes   `json:"hashes"`
	RequiresPython string       `json:"requires-python"`
	Yanked         jsonYanked   `json:"yanked"`
	UploadTime     string       `json:"upload-time"`
	Size           jsonSize     `json:"size"`
	CoreMetadata   jsonMetadata `json:"core-metadata"`
	DistInfo       jsonMetadata `json:"dist-info-metadata"`
}

func (j *jsonFile) convert(l *linker) (File, bool) {
	abs, _, ok := l.resolve(j.URL)
	if !ok || !l.accept(j.Filename) {
		return File{}, false
	}
	metadata := j.CoreMetadata
	if !metadata.said {
		metadata = j.DistInfo
	}
	return File{
		Filename:       j.Filename,
		URL:            abs,
		Hashes:         j.Hashes,
		RequiresPython: j.RequiresPython,
		Yanked:         j.Yanked.set,
		YankedReason:   j.Yanked.reason,
		UploadTime:     parseTime(j.UploadTime),
		Size:           int64(j.Size) - 1,
		HasMetadata:    metadata.available,
		MetadataHashes: metadata.hashes,
	}, true
}

// jsonHashes keeps the digests that can be checked.
type jsonHashes map[string]string

func (h *jsonHashes) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '{' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		algorithm := tok.String()
		if dec.PeekKind() != '"' {
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		if tok, err = dec.ReadToken(); err != nil {
			return err
		}
		*h = addHash(*h, algorithm, tok.String())
	}
	_, err := dec.ReadToken()
	return err
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
	hashes          jsonHashes
}

func (m *jsonMetadata) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case 't', 'f':
		tok, err := dec.ReadToken()
		m.said, m.available = true, err == nil && tok.Bool()
		return err
	case '{':
		m.said, m.available = true, true
		return m.hashes.UnmarshalJSONFrom(dec)
	default:
		return dec.SkipValue()
	}
}
