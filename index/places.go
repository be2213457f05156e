package index

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/requirements"
)

// Named is an index with a name. PyPI is called "pypi" unless that is given away.
type Named struct{ Name, URL string }

// Pin binds projects to one place: nobody else is asked about them, so that
// nobody else can offer something by their names.
type Pin struct {
	Project string // a name, or the beginning of names with * behind it
	Index   string // name, URL, file: URL or local folder of an index, or PinnedToLinks
}

// PinnedToLinks in place of an index stands for the find-links locations.
const PinnedToLinks = "find-links"

// resolveNames puts URLs in place of names.
func resolveNames(cfg *Config) error {
	urls := map[string]string{"pypi": DefaultURL()}
	for _, n := range cfg.Names {
		switch {
		case !requirements.ValidName(n.Name) || n.Name == PinnedToLinks:
			return fmt.Errorf("%q cannot be the name of an index: letters, digits, '-', '_' and '.' can", n.Name)
		case n.URL == "":
			return fmt.Errorf("the index %q has no URL (NAME=URL)", n.Name)
		}
		urls[n.Name] = n.URL
	}
	resolve := func(s string) string {
		if u, ok := urls[s]; ok {
			return u
		}
		return s
	}
	cfg.IndexURL = resolve(cfg.IndexURL)
	cfg.ExtraIndexURLs = slices.Clone(cfg.ExtraIndexURLs)
	for i, s := range cfg.ExtraIndexURLs {
		cfg.ExtraIndexURLs[i] = resolve(s)
	}
	cfg.Pins = slices.Clone(cfg.Pins)
	for i, p := range cfg.Pins {
		if p.Index == "" {
			return fmt.Errorf("the pin of %q names no index (PROJECT=INDEX)", p.Project)
		}
		cfg.Pins[i].Index = resolve(p.Index)
	}
	return nil
}

// pin is a Pin that was read.
type pin struct {
	name   string // normalised
	prefix bool   // every name that begins with name
	at     *location
}

// setPins reads pins.
func (c *Client) setPins(pins []Pin) error {
	for _, given := range pins {
		stem, prefix := strings.CutSuffix(given.Project, "*")
		p := pin{name: requirements.NormalizeName(stem), prefix: prefix}
		if !prefix && !requirements.ValidName(stem) || prefix && stem != "" && !requirements.ValidName(strings.TrimRight(stem, "-_.")) {
			return fmt.Errorf("reading the pin of %q: it is neither the name of a project nor the beginning of one with * behind it", given.Project)
		}
		if given.Index != PinnedToLinks {
			l, err := newLocation(strings.TrimRight(given.Index, "/"), true)
			if err != nil {
				return fmt.Errorf("reading the pin of %q to %q, which is none of the named indexes: %w", given.Project, transport.Redact(given.Index), err)
			}
			if err := c.checkSecure(l.url); err != nil {
				return err
			}
			p.at = &l
		}
		c.pins = append(c.pins, p)
	}
	return nil
}

// pinOf returns the pin that counts for a project: the one that says most of the
// name, of several such the last; nil if there is none.
func (c *Client) pinOf(project string) *pin {
	var best *pin
	for i := range c.pins {
		p := &c.pins[i]
		fits := p.name == project
		if p.prefix {
			fits = strings.HasPrefix(project, p.name)
		}
		if fits && (best == nil || p.weight() >= best.weight()) {
			best = p
		}
	}
	return best
}

// weight is how much of a name a pin says; all of it is more than any part.
func (p *pin) weight() int {
	if !p.prefix {
		return math.MaxInt
	}
	return len(p.name)
}

// places are the locations that answer for one project.
type places struct {
	findLinks, indexes []location
	pinned             bool
}

// placesOf returns where a project is looked for. Without indexes at all
// (Config.NoIndex) pins say nothing.
func (c *Client) placesOf(project string) places {
	all := places{findLinks: c.findLinks, indexes: c.indexes}
	p := c.pinOf(project)
	switch {
	case p == nil || c.noIndex:
		return all
	case p.at == nil:
		return places{findLinks: c.findLinks, pinned: true}
	}
	return places{indexes: []location{*p.at}, pinned: true}
}

// serving is an index that has a project, with what its page says of others (PEP 708).
type serving struct {
	name       string // redacted
	page       string // pageID of the page's URL
	tracks     []string
	alternates []string
}

// strangers returns the names of the indexes if some of them do not say that
// they serve the same project: by tracking another one's page, or by naming each
// other as alternate locations.
func strangers(list []serving) (names []string) {
	if len(list) < 2 {
		return nil
	}
	group := make([]int, len(list))
	for i := range group {
		group[i] = i
	}
	for i, a := range list {
		for j, b := range list {
			if i != j && a.knows(&b) {
				from, to := group[j], group[i]
				for k := range group {
					if group[k] == from {
						group[k] = to
					}
				}
			}
		}
	}
	same := true
	for i, s := range list {
		names = append(names, s.name)
		same = same && group[i] == group[0]
	}
	if same {
		return nil
	}
	return names
}

func (s *serving) knows(other *serving) bool {
	return lists(s.tracks, other.page) || lists(s.alternates, other.page) && lists(other.alternates, s.page)
}

func lists(pages []string, page string) bool {
	for _, p := range pages {
		if u, err := url.Parse(p); err == nil && pageID(u) == page {
			return true
		}
	}
	return false
}

// pageID is the form of a page's URL in which it is compared.
func pageID(u *url.URL) string {
	v := *u
	v.User, v.Fragment, v.RawFragment, v.RawQuery = nil, "", "", ""
	v.Scheme, v.Host = strings.ToLower(v.Scheme), strings.ToLower(v.Host)
	return strings.TrimRight(v.String(), "/")
}
