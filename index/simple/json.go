package simple

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ParseJSON reads a JSON page (PEP 691). base and project are as for ParseHTML.
func ParseJSON(data []byte, base *url.URL, project string) (*Page, error) {
	doc := jsonPage{Files: jsonFiles{
		jsonReader: jsonReader{doc: string(data)},
		packer:     newPacker(project, len(data)/2),
		linker:     linker{base: base, project: project},
	}}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, errorf("%s", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	if err := checkVersion(doc.Meta.APIVersion); err != nil {
		return nil, err
	}
	page := doc.Files.finish()
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

// jsonFiles packs each file as soon as it is read: a page has thousands, and no
// value is made of what is not kept.
type jsonFiles struct {
	jsonReader
	*packer
	linker
}

func (s *jsonFiles) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	s.dec = dec
	if dec.PeekKind() != '[' {
		return errors.New("files is no array")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if len(s.rows) == maxFiles {
			return errTooMany
		}
		if err := s.file(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// file reads one file and packs it, if it belongs on the page.
func (s *jsonFiles) file() error {
	if s.dec.PeekKind() != '{' {
		return errors.New("a file is no object")
	}
	f := File{Size: -1}
	var link string
	var core, distInfo jsonMetadata
	err := s.object(func(key string) (err error) {
		switch key {
		case "filename":
			f.Filename, err = s.str(key)
		case "url":
			link, err = s.str(key)
		case "hashes":
			f.Hashes, err = s.hashes()
		case "requires-python":
			f.RequiresPython, err = s.str(key)
		case "yanked":
			f.Yanked, f.YankedReason, err = s.yanked()
		case "upload-time":
			var uploaded string
			uploaded, err = s.str(key)
			f.UploadTime = parseTime(uploaded)
		case "size":
			f.Size, err = s.size()
		case "core-metadata":
			core, err = s.metadata()
		case "dist-info-metadata":
			distInfo, err = s.metadata()
		default:
			err = s.dec.SkipValue()
		}
		return err
	})
	if err != nil {
		return err
	}
	abs, _, ok := s.resolve(link)
	if !ok || !isSegment(f.Filename) || !s.accept(f.Filename) {
		s.page.Dropped++
		return nil
	}
	if !core.said {
		core = distInfo
	}
	f.URL, f.HasMetadata, f.MetadataHashes = abs, core.available, core.hashes
	s.add(&f)
	return nil
}

// jsonReader reads parts of a document, of which its strings are parts.
type jsonReader struct {
	dec *jsontext.Decoder
	doc string
}

// text reads a string, or a member's name.
func (r *jsonReader) text() (string, error) {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(raw, '\\') >= 0 {
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		return string(unquoted), err
	}
	end := int(r.dec.InputOffset())
	return r.doc[end-len(raw)+1 : end-1], nil
}

// str reads the string that a member must have, or null for none.
func (r *jsonReader) str(key string) (string, error) {
	switch r.dec.PeekKind() {
	case '"':
		return r.text()
	case 'n':
		return "", r.dec.SkipValue()
	}
	if err := r.dec.SkipValue(); err != nil {
		return "", err
	}
	return "", fmt.Errorf("the %s of a file is no string", key)
}

// object calls member with the name of each member of an object, to read its value.
func (r *jsonReader) object(member func(name string) error) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for r.dec.PeekKind() != '}' {
		name, err := r.text()
		if err == nil {
			err = member(name)
		}
		if err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// hashes reads the digests that can be checked.
func (r *jsonReader) hashes() (h Hashes, err error) {
	if r.dec.PeekKind() != '{' {
		return h, r.dec.SkipValue()
	}
	err = r.object(func(algorithm string) error {
		if r.dec.PeekKind() != '"' {
			return r.dec.SkipValue()
		}
		digest, err := r.text()
		h.add(algorithm, digest)
		return err
	})
	return h, err
}

// size reads a size; -1 if there is none. A fraction or a number beyond any disk
// is no size.
func (r *jsonReader) size() (int64, error) {
	if r.dec.PeekKind() != '0' {
		return -1, r.dec.SkipValue()
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return -1, err
	}
	if n, err := tok.Int(); err == nil && n >= 0 && n < 1<<62 {
		return n, nil
	}
	return -1, nil
}

// yanked reads false, true, or a non-empty reason (PEP 691).
func (r *jsonReader) yanked() (yanked bool, reason string, err error) {
	switch r.dec.PeekKind() {
	case 't':
		return true, "", r.dec.SkipValue()
	case '"':
		reason, err = r.text()
		return reason != "", reason, err
	}
	return false, "", r.dec.SkipValue()
}

// jsonMetadata is false, true, or the sidecar's hashes (PEP 714).
type jsonMetadata struct {
	said, available bool
	hashes          Hashes
}

func (r *jsonReader) metadata() (m jsonMetadata, err error) {
	switch kind := r.dec.PeekKind(); kind {
	case 't', 'f':
		m.said, m.available = true, kind == 't'
	case '{':
		m.said, m.available = true, true
		m.hashes, err = r.hashes()
		return m, err
	}
	return m, r.dec.SkipValue()
}
