package transport

import (
	"net/http"
	"net/url"
	"strings"
)

const maxRedirects = 10

// checkRedirect decides whether a redirect is followed. Credentials need no
// care here: the authenticator below gives each hop only its own origin's.
func checkRedirect(req *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	refuse := func(reason string) error {
		return &RedirectError{From: RedactURL(from), To: RedactURL(req.URL), Reason: reason}
	}
	switch {
	case req.URL.Scheme != "https" && req.URL.Scheme != "http":
		return refuse("only http and https can be followed")
	case from.Scheme == "https" && req.URL.Scheme == "http":
		return refuse("it leaves https")
	case len(via) > maxRedirects:
		return refuse("more than 10 redirects")
	}
	for _, earlier := range via {
		if earlier.URL.String() == req.URL.String() {
			return refuse("it leads round in a circle")
		}
	}
	for _, name := range [...]string{"Authorization", "Cookie", "Proxy-Authorization", "Referer"} {
		req.Header.Del(name)
	}
	return nil
}

// origin is what credentials belong to: scheme, host and port.
type origin struct{ scheme, host, port string }

func originOf(u *url.URL) origin {
	port := u.Port()
	if port == "" {
		switch u.Scheme {
		case "https":
			port = "443"
		case "http":
			port = "80"
		}
	}
	return origin{u.Scheme, strings.ToLower(u.Hostname()), port}
}
