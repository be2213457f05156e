package index

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxFresh bounds how long a server may make us not ask again.
const maxFresh = 365 * 24 * time.Hour

// validator is how a server is asked whether something has changed (RFC 9110, 13.1).
type validator struct {
	ETag         string
	LastModified string
}

func validatorOf(h http.Header) validator {
	return validator{ETag: h.Get("ETag"), LastModified: h.Get("Last-Modified")}
}

// apply makes a request conditional. With an ETag the date adds nothing.
func (v validator) apply(h http.Header) {
	switch {
	case v.ETag != "":
		h.Set("If-None-Match", v.ETag)
	case v.LastModified != "":
		h.Set("If-Modified-Since", v.LastModified)
	}
}

// freshness returns for how long an answer may be used without asking, and
// whether it may be kept at all (RFC 9111, for a private cache). What the server
// does not say is zero: no heuristics, a new release must be seen.
func freshness(h http.Header, now time.Time) (lifetime time.Duration, keep bool) {
	maxAge := time.Duration(-1)
	noCache := false
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			switch strings.ToLower(name) {
			case "no-store":
				return 0, false
			case "no-cache":
				noCache = true
			case "max-age":
				if n, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 63); err == nil {
					maxAge = seconds(n)
				} else {
					maxAge = 0 // one that cannot be read is stale
				}
			}
		}
	}
	if h.Get("Vary") == "*" || noCache {
		return 0, true
	}
	if maxAge < 0 {
		expires, err := http.ParseTime(h.Get("Expires"))
		if err != nil {
			return 0, true
		}
		date, err := http.ParseTime(h.Get("Date"))
		if err != nil {
			date = now
		}
		maxAge = min(expires.Sub(date), maxFresh)
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 63); err == nil {
		maxAge -= seconds(age)
	}
	return max(maxAge, 0), true
}

func seconds(n uint64) time.Duration {
	return time.Duration(min(n, uint64(maxFresh/time.Second))) * time.Second
}
