package installer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// maxDirectURL bounds a direct_url.json, in bytes.
const maxDirectURL = 1 << 20

// DirectURL is the content of direct_url.json: where a distribution came from
// that was not found by its name on an index (PEP 610, "Recording the Direct
// URL Origin"). One of the three infos is set.
type DirectURL struct {
	ArchiveInfo  *ArchiveInfo `json:"archive_info,omitempty"`
	DirInfo      *DirInfo     `json:"dir_info,omitempty"`
	Subdirectory string       `json:"subdirectory,omitempty"`
	URL          string       `json:"url"`
	VCSInfo      *VCSInfo     `json:"vcs_info,omitempty"`
}

// ArchiveInfo describes a wheel or an sdist.
type ArchiveInfo struct {
	Hash   string            `json:"hash,omitempty"` // "sha256=…", the older form
	Hashes map[string]string `json:"hashes,omitempty"`
}

// DirInfo describes a local folder.
type DirInfo struct {
	Editable bool `json:"editable,omitempty"`
}

// VCSInfo describes a checkout.
type VCSInfo struct {
	CommitID          string `json:"commit_id"`
	RequestedRevision string `json:"requested_revision,omitempty"`
	VCS               string `json:"vcs"`
}

// ParseDirectURL parses direct_url.json.
func ParseDirectURL(data []byte) (*DirectURL, error) {
	var u DirectURL
	if len(data) > maxDirectURL {
		return nil, fmt.Errorf("parsing direct_url.json: larger than %d bytes", maxDirectURL)
	}
	if err := json.Unmarshal(data, &u); err != nil {
		return nil, fmt.Errorf("parsing direct_url.json: %w", err)
	}
	if u.URL == "" {
		return nil, fmt.Errorf("parsing direct_url.json: it has no url")
	}
	return &u, nil
}

// Encode returns the JSON, the keys in alphabetical order, without secrets in
// the URL.
func (u *DirectURL) Encode() ([]byte, error) {
	safe := *u
	safe.URL = withoutSecrets(u.URL)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(safe); err != nil {
		return nil, fmt.Errorf("encoding direct_url.json: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// Redacted returns the URL without user and password.
func (u *DirectURL) Redacted() string { return withoutSecrets(u.URL) }

// withoutSecrets drops user and password from a URL, unless they are the names
// of environment variables or the customary "git" of SSH (PEP 610). It takes
// the URL apart by itself: net/url refuses those very names.
func withoutSecrets(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return raw
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return raw
	}
	user, password, has := strings.Cut(rest[:at], ":")
	if isVariable(user) && (!has || isVariable(password)) || user == "git" && !has {
		return raw
	}
	return scheme + "://" + rest[at+1:]
}

// isVariable reports whether s is an environment variable in the form ${NAME}.
func isVariable(s string) bool {
	name, ok := strings.CutPrefix(s, "${")
	name, closed := strings.CutSuffix(name, "}")
	return ok && closed && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
