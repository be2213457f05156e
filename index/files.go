package index

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/requirements"
)

// Files returns what all configured locations have of a project, whatever way
// its name is spelled. Every location is asked, at the same time.
//
// An index that answers 404 or 410 does not have the project. One that answers
// 403 is taken not to have it either, with a warning: some object stores answer
// so for what does not exist. Anything else, 401 among it, leaves open what the
// index has, and is an *UnavailableError even when another index has the
// project: who may not look at the first must not be served from the second.
// With Config.PassOverUnreachable an extra index to which no connection is made
// leaves the answer to the others if one of them has the project.
//
// A project that is pinned (Config.Pins) is asked for at that place alone. What an
// index has under quarantine it does not offer.
//
// Errors: *NotFoundError, *QuarantinedError, *UnavailableError, *InsecureError.
func (c *Client) Files(ctx context.Context, project string) (Listing, error) {
	if !requirements.ValidName(project) {
		return Listing{}, fmt.Errorf("%q is not the name of a project", project)
	}
	project = requirements.NormalizeName(project)
	return c.listings.do(ctx, project, func() (Listing, error) { return c.list(ctx, project) })
}

// found is what one location has.
type found struct {
	page    *simple.Page // of what may be offered; nil if nothing
	source  Source
	exists  bool // the location knows the project, be it without files
	serving serving
}

func (c *Client) list(ctx context.Context, project string) (Listing, error) {
	at := c.placesOf(project)
	answers := make([]found, len(at.findLinks)+len(at.indexes))
	errs := make([]error, len(answers))
	var group errgroup.Group
	for i := range at.findLinks {
		group.Go(func() error {
			answers[i], errs[i] = c.lookLinks(ctx, at.findLinks[i], project)
			return nil
		})
	}
	for i := range at.indexes {
		slot := len(at.findLinks) + i
		group.Go(func() error {
			if errs[slot] = c.unreachable.get(at.indexes[i].name); errs[slot] == nil {
				answers[slot], errs[slot] = c.lookIndex(ctx, at.indexes[i], project)
			}
			if c.passedOver(i, errs[slot]) {
				c.unreachable.note(at.indexes[i].name, errs[slot])
			}
			return nil
		})
	}
	_ = group.Wait() // each has its own slot, so that which error is reported does not depend on timing
	return c.merge(project, at, answers, errs)
}

// merge puts the answers together, in the order of the locations.
func (c *Client) merge(project string, at places, answers []found, errs []error) (Listing, error) {
	l := Listing{Project: project}
	var serving []serving
	var offers []*offer
	exists := false
	var silent, withheld error // of an index that was passed over; of a quarantine
	for i, a := range answers {
		index := i - len(at.findLinks)
		if index >= 0 && c.strategy == FirstIndex && len(serving) > 0 {
			break
		}
		if c.passedOver(index, errs[i]) {
			silent = errs[i]
			l.Warnings = append(l.Warnings, fmt.Sprintf("%s cannot be reached (%v); the other indexes are looked at without it.", at.indexes[index].name, cause(errs[i])))
			continue
		}
		if errs[i] != nil {
			return Listing{}, errs[i]
		}
		if a.page != nil && a.page.Files() > 0 {
			offers = append(offers, &offer{a.page, project, a.source.Location})
		}
		l.Sources = append(l.Sources, a.source)
		exists = exists || a.exists
		if index >= 0 && a.exists {
			serving = append(serving, a.serving)
		}
		if a.source.Project.Quarantined() && withheld == nil {
			withheld = &QuarantinedError{Project: project, Index: a.source.Location, Reason: a.source.Project.Reason}
		}
		l.Warnings = append(l.Warnings, a.remarks(project)...)
	}
	switch {
	case !exists && silent != nil:
		return Listing{}, silent
	case !exists:
		return Listing{}, &NotFoundError{Project: project, Looked: looked(l.Sources)}
	case withheld != nil && len(offers) == 0:
		return Listing{}, withheld
	case withheld != nil:
		l.Warnings = append(l.Warnings, fmt.Sprintf("%v; what others have of it is looked at.", withheld))
	}
	l.take(offers)
	l.Strangers = strangers(serving)
	return l, nil
}

// remarks are what is odd about an answer.
func (a *found) remarks(project string) []string {
	switch s := a.source; {
	case s.Status == http.StatusForbidden:
		return []string{fmt.Sprintf("%s answers 403 Forbidden for %s; it is taken not to have it.", s.Location, project)}
	case a.exists && s.Files == 0 && s.Ignored > 0:
		return []string{fmt.Sprintf("The page of %s on %s lists %d files, and none of them is a wheel or sdist of %s.", project, s.Location, s.Ignored, project)}
	}
	return nil
}

func looked(sources []Source) []string {
	out := make([]string, len(sources))
	for i, s := range sources {
		out[i] = s.Location
		if s.Status != 0 && s.Status != http.StatusNotFound {
			out[i] += fmt.Sprintf(" (%d %s)", s.Status, http.StatusText(s.Status))
		}
	}
	return out
}

// lookIndex asks one index for a project.
func (c *Client) lookIndex(ctx context.Context, l location, project string) (found, error) {
	a := found{source: Source{Location: l.name}}
	u := l.projectURL(project)
	var page *simple.Page
	var err error
	if l.path != "" {
		page, err = localPage(filepath.Join(l.path, project, "index.html"), project)
	} else {
		page, err = c.page(ctx, u, project)
	}
	var status *transport.StatusError
	switch {
	case err == nil:
	case errors.Is(err, errNoPage):
		a.source.Status = http.StatusNotFound
		return a, nil
	case errors.As(err, &status) && status.Status == http.StatusForbidden:
		a.source.Status = http.StatusForbidden
		return a, nil
	default:
		return a, unavailable(ctx, transport.RedactURL(u), err)
	}
	a.exists = true
	a.source.Project = page.Status
	a.serving = serving{l.name, pageID(u), page.Tracks, page.Alternates}
	a.source.Files, a.source.Ignored = page.Files(), page.Dropped
	if !page.Status.Quarantined() { // such must not be offered, whatever the page lists
		a.page = page
	}
	return a, nil
}

// unavailable wraps what kept a location from answering. A refusal of ours, or
// the caller's own giving up, stays what it is.
func unavailable(ctx context.Context, redactedURL string, err error) error {
	var insecure *InsecureError
	if ctx.Err() != nil || errors.As(err, &insecure) {
		return err
	}
	return &UnavailableError{URL: redactedURL, Err: err}
}

// localPage reads a page of this machine.
func localPage(path, project string) (*simple.Page, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errNoPage
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxPage {
		return nil, &transport.TooLargeError{Limit: maxPage}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return simple.ParseHTML(data, fileURL(path), project)
}
