package index

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/index/simple"
	"github.com/xpip/xpip/index/transport"
)

// linkList is all that a find-links location offers, of any project.
type linkList []simple.File

// lookLinks asks a find-links location for a project. The location is read
// once per client.
func (c *Client) lookLinks(ctx context.Context, l location, project string) (found, error) {
	a := found{source: Source{Location: l.name}}
	list, err := c.links.do(ctx, l.url.String(), func() (linkList, error) { return c.readLinks(ctx, l) })
	if err != nil {
		return a, unavailable(ctx, l.name, err)
	}
	var files []simple.File
	for i := range list {
		if simple.Belongs(list[i].Filename, project) {
			files = append(files, list[i])
		}
	}
	a.page = simple.NewPage(project, files)
	a.source.Files = len(files)
	a.exists = len(files) > 0
	return a, nil
}

func (c *Client) readLinks(ctx context.Context, l location) (linkList, error) {
	if l.path != "" {
		return c.readLocal(l)
	}
	page, err := c.page(ctx, l.url, "")
	var status *transport.StatusError
	switch {
	case err == nil:
		return page.Others(), nil
	case errors.Is(err, errNoPage):
		c.warn("Location '%s' is ignored: the server answers 404 Not Found.", l.name)
		return nil, nil
	case errors.As(err, &status) && status.Status == http.StatusForbidden:
		c.warn("Location '%s' is ignored: the server answers 403 Forbidden.", l.name)
		return nil, nil
	}
	return nil, err
}

// readLocal reads a folder (its archives, and the links of the HTML pages in
// it, as pip does), a page, or a single archive.
func (c *Client) readLocal(l location) (linkList, error) {
	info, err := os.Stat(l.path)
	if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
		c.warn("Location '%s' is ignored: it is neither a file nor a directory.", l.name)
		return nil, nil
	}
	if !info.IsDir() {
		return localEntry(l.path)
	}
	entries, err := os.ReadDir(l.path)
	if err != nil {
		c.warn("Location '%s' is ignored: %v.", l.name, err)
		return nil, nil
	}
	var list linkList
	for _, e := range entries { // in the order of their names
		if e.IsDir() {
			continue
		}
		files, err := localEntry(filepath.Join(l.path, e.Name()))
		if err != nil {
			return nil, err
		}
		list = append(list, files...)
	}
	return list, nil
}

// localEntry returns the link that an archive is, or those that a page holds.
func localEntry(path string) (linkList, error) {
	name := filepath.Base(path)
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm":
		page, err := localPage(path, "")
		if err != nil {
			return nil, err
		}
		return page.Others(), nil
	}
	if !simple.IsDistribution(name) {
		return nil, nil
	}
	return linkList{{Filename: name, URL: fileURL(path).String(), Size: -1}}, nil
}
