// Package redact takes out of URLs what nobody else may see.
package redact

import (
	"net/url"
	"strings"
)

const (
	hidden = "****"

	// tokenPassword is what git hosts have one write behind a token that stands
	// in place of the user's name.
	tokenPassword = "x-oauth-basic"
)

// URL returns raw fit for logs and messages: a password (or a user name without
// one, which is then a token) and the value of every query parameter are
// replaced by ****, because signed URLs carry their secret there. The fragment
// is dropped. Text that is no URL comes back as ****.
func URL(raw string) string {
	if !strings.ContainsAny(raw, "@?#") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return hidden
	}
	return Parsed(u)
}

// Parsed is URL for a parsed URL.
func Parsed(u *url.URL) string {
	v := *u
	v.Fragment, v.RawFragment, v.User = "", "", nil
	v.RawQuery = eachParameter(v.RawQuery, func(key, _ string, hasValue bool) (string, bool) {
		if !hasValue {
			return hidden, true // a bare token is a value too
		}
		return key + "=" + hidden, true
	})
	s := v.String()
	if u.User == nil || u.Host == "" {
		return s
	}
	// Put in by hand: url.UserPassword would escape the asterisks.
	who := hidden
	password, has := u.User.Password()
	switch {
	case password != "" && password != tokenPassword:
		who = url.PathEscape(u.User.Username()) + ":" + hidden
	case !has && u.User.Username() == "git":
		who = "git" // the customary user of SSH
	}
	return strings.Replace(s, "://", "://"+who+"@", 1)
}

// Signatures returns raw fit to be kept in a file that others read: without the
// query parameters that by their name are a signature, a token or a key.
func Signatures(raw string) string {
	before, rest, ok := strings.Cut(raw, "?")
	if !ok || strings.Contains(before, "#") {
		return raw
	}
	query, fragment, hasFragment := strings.Cut(rest, "#")
	query = eachParameter(query, func(key, value string, hasValue bool) (string, bool) {
		if hasValue {
			return key + "=" + value, !secretName(key)
		}
		return key, true
	})
	if query != "" {
		before += "?" + query
	}
	if hasFragment {
		before += "#" + fragment
	}
	return before
}

func secretName(key string) bool {
	key = strings.ToLower(key)
	for _, word := range [...]string{"sig", "token", "secret", "passw", "credential", "auth", "key"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

func eachParameter(query string, f func(key, value string, hasValue bool) (text string, keep bool)) string {
	if query == "" {
		return ""
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		key, value, hasValue := strings.Cut(part, "=")
		if text, keep := f(key, value, hasValue); keep {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, "&")
}
