package index

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

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
// Errors: *NotFoundError, *UnavailableError, *InsecureError.
func (c *Client) Files(ctx context.Context, project string) (Listing, error) {
	if !requirements.ValidName(project) {
		return Listing{}, fmt.Errorf("%q is not the name of a project", project)
	}
	project = requirements.NormalizeName(project)
	return c.listings.do(ctx, project, func() (Listing, error) { return c.list(ctx, project) })
}

// found is what one location has.
type found struct {
	files  []File
	status simple.Status
	source Source
	exists bool // the location knows the project, be it without files
}

func (c *Client) list(ctx context.Context, project string) (Listing, error) {
	answers := make([]found, len(c.findLinks)+len(c.indexes))
	errs := make([]error, len(answers))
	var group errgroup.Group
	for i := range c.findLinks {
		group.Go(func() error {
			answers[i], errs[i] = c.lookLinks(ctx, c.findLinks[i], project)
			return nil
		})
	}
	for i := range c.indexes {
		slot := len(c.findLinks) + i
		group.Go(func() error {
			if errs[slot] = c.unreachable.get(i); errs[slot] == nil {
				answers[slot], errs[slot] = c.lookIndex(ctx, c.indexes[i], project)
			}
			if c.passedOver(i, errs[slot]) {
				c.unreachable.note(i, errs[slot])
			}
			return nil
		})
	}
	_ = group.Wait() // each has its own slot, so that which error is reported does not depend on timing
	return c.merge(project, answers, errs)
}

// merge puts the answers together, in the order of the locations.
func (c *Client) merge(project string, answers []found, errs []error) (Listing, error) {
	l := Listing{Project: project}
	var serving []string
	exists := false
	var silent error // of an index that was passed over
	for i, a := range answers {
		isIndex := i >= len(c.findLinks)
		if isIndex && c.strategy == FirstIndex && len(serving) > 0 {
			break
		}
		if c.passedOver(i-len(c.findLinks), errs[i]) {
			silent = errs[i]
			l.Warnings = append(l.Warnings, fmt.Sprintf("%s cannot be reached (%v); the other indexes are looked at without it.", c.indexes[i-len(c.findLinks)].name, cause(errs[i])))
			continue
		}
		if errs[i] != nil {
			return Listing{}, errs[i]
		}
		l.Sources = append(l.Sources, a.source)
		if l.Files == nil {
			l.Files = a.files // mostly that is all
		} else {
			l.Files = append(l.Files, a.files...)
		}
		exists = exists || a.exists
		if isIndex && a.exists {
			serving = append(serving, a.source.Location)
		}
		if l.Status.State == "" {
			l.Status = a.status
		}
		if a.source.Status == http.StatusForbidden {
			l.Warnings = append(l.Warnings, fmt.Sprintf("%s answers 403 Forbidden for %s; it is taken not to have it.", a.source.Location, project))
		}
	}
	if !exists && silent != nil {
		return Listing{}, silent
	}
	if !exists {
		return Listing{}, &NotFoundError{Project: project, Looked: looked(l.Sources)}
	}
	if len(serving) > 1 {
		l.Warnings = append(l.Warnings, fmt.Sprintf("%s is on %d indexes (%s); the best version of all is taken. If they are not the same project, --index-strategy first-index keeps to the first.",
			project, len(serving), strings.Join(serving, ", ")))
	}
	return l, nil
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
	a.status = page.Status
	a.files = c.convert(page.Files, l, project)
	a.source.Files, a.source.Ignored = len(a.files), page.Dropped
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

// convert makes Files of a page's.
func (c *Client) convert(files []simple.File, l location, project string) []File {
	out := make([]File, len(files))
	for i := range files {
		f := &files[i]
		out[i] = File{
			Project:        project,
			Filename:       f.Filename,
			URL:            f.URL,
			Hashes:         f.Hashes,
			RequiresPython: f.RequiresPython,
			Yanked:         f.Yanked,
			YankedReason:   f.YankedReason,
			UploadTime:     f.UploadTime,
			Size:           f.Size,
			HasMetadata:    f.HasMetadata,
			MetadataHashes: f.MetadataHashes,
			Index:          l.name,
			Local:          strings.HasPrefix(f.URL, "file:"),
		}
	}
	return out
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
