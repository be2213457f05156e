package transport

import (
	"net/url"

	"github.com/xpip/xpip/requirements/redact"
)

// Redact returns rawURL fit for logs and messages (redact.URL).
func Redact(rawURL string) string { return redact.URL(rawURL) }

// RedactURL is Redact for a parsed URL.
func RedactURL(u *url.URL) string { return redact.Parsed(u) }
