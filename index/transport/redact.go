package transport

import (
	"net/url"
	"strings"
)

const redacted = "****"

// Redact returns rawURL fit for logs and messages: a password (or a lone
// user name, which is then a token) and the value of every query parameter are
// replaced by ****, because signed URLs carry their secret there.
// The fragment is dropped. Text that is no URL comes back as ****.
func Redact(rawURL string) string {
	if !strings.ContainsAny(rawURL, "@?#") {
		return rawURL
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return redacted
	}
	return RedactURL(u)
}

// RedactURL is Redact for a parsed URL.
func RedactURL(u *url.URL) string {
	v := *u
	v.Fragment, v.RawFragment, v.User = "", "", nil
	if v.RawQuery != "" {
		v.RawQuery = redactQuery(v.RawQuery)
	}
	s := v.String()
	if u.User == nil || u.Host == "" {
		return s
	}
	// Put in by hand: url.UserPassword would escape the asterisks.
	who := redacted
	if _, has := u.User.Password(); has {
		who = url.PathEscape(u.User.Username()) + ":" + redacted
	}
	return strings.Replace(s, "://", "://"+who+"@", 1)
}

func redactQuery(raw string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(raw, "&") {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		key, _, hasValue := strings.Cut(part, "=")
		if !hasValue {
			b.WriteString(redacted) // a bare token is a value too
			continue
		}
		b.WriteString(key + "=" + redacted)
	}
	return b.String()
}
