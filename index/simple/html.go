package simple

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// ParseHTML reads an HTML page (PEP 503). base is the page's own URL after
// redirects; project is the normalised name whose files belong on it, or "" for
// a find-links page, where all distribution files do.
//
// Pages are megabytes of anchors written by a program, so that tokenizing them
// as HTML takes longer than fetching them. From the first anchor on, a scanner
// reads them for as long as they have the form that programs write, and hands
// what is left to the tokenizer when they have not.
func ParseHTML(data []byte, base *url.URL, project string) (*Page, error) {
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errorf("a NUL byte is in it")
	}
	doc := string(data) // what is read of the page are parts of this
	p := newHTMLParser(doc, base, project)
	read, err := p.tokenize(doc, true)
	if err != nil {
		return nil, err
	}
	read += p.scan(doc[read:])
	if _, err := p.tokenize(doc[read:], false); err != nil {
		return nil, err
	}
	if len(p.rows) > maxFiles {
		return nil, errTooMany
	}
	return p.finish(), nil
}

type htmlParser struct {
	*packer
	linker
	based  bool              // a <base> was seen; the first one counts
	python map[string]string // attribute text -> requires-python, of which there are few
}

func newHTMLParser(doc string, base *url.URL, project string) *htmlParser {
	return &htmlParser{
		packer: newPacker(project, len(doc)/2),
		linker: linker{base: base, project: project},
		python: make(map[string]string),
	}
}

// tokenize reads HTML to its end, or to the end of its first anchor tag. It
// returns how many bytes it read.
func (p *htmlParser) tokenize(doc string, toFirstAnchor bool) (read int, err error) {
	z := html.NewTokenizer(strings.NewReader(doc))
	z.SetMaxBuf(maxToken)
	for {
		kind := z.Next()
		read += len(z.Raw())
		switch kind {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return read, errorf("%v", err)
			}
			return len(doc), nil
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if !more {
				continue
			}
			switch string(name) {
			case "a":
				p.anchorTag(z)
				if toFirstAnchor {
					return read, nil
				}
			case "base":
				p.setBase(z)
			case "meta":
				if err := p.meta(z); err != nil {
					return read, err
				}
			}
		}
	}
}

func (p *htmlParser) anchorTag(z *html.Tokenizer) {
	var a anchor
	for more := true; more; {
		var key, val []byte
		key, val, more = z.TagAttr()
		a.set(string(key), string(val))
	}
	p.anchor(&a)
}

// anchor is what counts of an <a> tag. Of an attribute that is there twice the
// first counts, as in HTML.
type anchor struct {
	href, requiresPython, yanked, metadata, legacyMetadata, uploadTime string
	isYanked                                                           bool
}

func (a *anchor) set(key, val string) {
	var field *string
	switch key {
	case "href":
		field = &a.href
	case "data-requires-python":
		field = &a.requiresPython
	case "data-yanked":
		if a.isYanked {
			return
		}
		a.isYanked = true
		field = &a.yanked
	case "data-core-metadata":
		field = &a.metadata
	case "data-dist-info-metadata":
		field = &a.legacyMetadata
	case "data-upload-time":
		field = &a.uploadTime
	default:
		return
	}
	if *field == "" {
		*field = val
	}
}

func (p *htmlParser) anchor(a *anchor) {
	if a.href == "" || len(p.rows) > maxFiles {
		return
	}
	f := File{
		RequiresPython: a.requiresPython,
		Yanked:         a.isYanked,
		YankedReason:   a.yanked,
		Size:           -1,
	}
	var fragment string
	var ok bool
	if f.URL, fragment, ok = p.resolve(a.href); ok {
		f.Filename, ok = FilenameOf(f.URL)
	}
	if !ok || !p.accept(f.Filename) {
		p.page.Dropped++
		return
	}
	if a.uploadTime != "" {
		f.UploadTime = parseTime(a.uploadTime)
	}
	f.Hashes = FragmentHashes(fragment)
	metadata := a.metadata
	if metadata == "" {
		metadata = a.legacyMetadata
	}
	if metadata != "" && metadata != "false" {
		f.HasMetadata = true
		f.MetadataHashes = FragmentHashes(metadata)
	}
	p.add(&f)
}

func (p *htmlParser) setBase(z *html.Tokenizer) {
	for more := true; more; {
		var key, val []byte
		key, val, more = z.TagAttr()
		if p.based || string(key) != "href" {
			continue
		}
		u, err := url.Parse(string(val))
		if err != nil {
			continue
		}
		u = p.base.ResolveReference(u)
		// A page from the network must not make its links local.
		if u.Scheme == "https" || u.Scheme == "http" || u.Scheme == p.base.Scheme {
			p.base, p.based, p.dir = u, true, ""
		}
	}
}

func (p *htmlParser) meta(z *html.Tokenizer) error {
	var name, content string
	for more := true; more; {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) {
		case "name":
			name = string(val)
		case "content":
			content = string(val)
		}
	}
	switch name {
	case "pypi:repository-version":
		return checkVersion(content)
	case "pypi:project-status":
		p.page.Status.State = content
	case "pypi:project-status-reason":
		p.page.Status.Reason = content
	case "pypi:tracks":
		p.page.Tracks = appendPage(p.page.Tracks, content)
	case "pypi:alternate-locations":
		p.page.Alternates = appendPage(p.page.Alternates, content)
	}
	return nil
}

func appendPage(pages []string, page string) []string {
	if len(pages) < maxPages {
		pages = append(pages, page)
	}
	return pages
}
