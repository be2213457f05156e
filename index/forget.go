package index

import (
	"errors"
	"net/http"

	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/wheel"
)

// Forget drops from the cache all that servers have said about a file: the page
// that lists it, its metadata, and the download that goes by its URL. It is
// called when what was said does not agree with what came, so that the next run
// asks anew, without a validator that would have the same said again.
func (c *Client) Forget(f File) {
	if f.Local || !c.store.Persistent() {
		return
	}
	c.log.Info("what was said about a file is forgotten", "file", f.Filename)
	for _, l := range c.indexes {
		if l.name == f.Index {
			_ = c.store.Delete(kindPage, pageKey(l.projectURL(f.Project), f.Project)) // an entry that stays is asked about
		}
	}
	for _, l := range c.findLinks {
		if l.name == f.Index {
			_ = c.store.Delete(kindPage, pageKey(l.url, ""))
		}
	}
	_ = c.store.Delete(kindURL, f.URL)
	if key, _ := metadataKey(f); key != "" {
		_ = c.store.Delete(kindMetadata, key)
	}
}

// distrust forgets what led to err, if something said must have been wrong.
func (c *Client) distrust(f File, err error) {
	var hash *HashError
	var size *SizeError
	var status *transport.StatusError
	var invalid *wheel.InvalidError
	switch {
	case errors.As(err, &hash) && !hash.FromIndex:
	case errors.As(err, &hash), errors.As(err, &size), errors.As(err, &invalid),
		errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone):
		c.Forget(f)
	}
}
