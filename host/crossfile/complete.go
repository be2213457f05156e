package crossfile

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/xpip/xpip/wheel"
)

const (
	completeFormat = "complete platform"
	maxComplete    = 8 << 20 // bytes; those of today have some hundred thousand
	maxTags        = 200_000 // Pythons of today have some thousand
)

// CompletePlatform is what pex calls so: all that a choice of wheels depends
// on.
type CompletePlatform struct {
	// Tags are the tags of the host, best first.
	Tags []wheel.Tag
	// Markers are the values of marker variables. Unknown are the names of
	// those that are defaults, because nobody knows better.
	Markers map[string]string
	Unknown []string
}

// completeJSON is the form that pex reads and writes; it ignores members that
// it does not know, of which unknown_markers is one.
//
// Source: pex's help of --complete-platform.
type completeJSON struct {
	CompatibleTags []string           `json:"compatible_tags"`
	Markers        map[string]*string `json:"marker_environment"`
	Unknown        []string           `json:"unknown_markers,omitempty"`
}

// ParseCompletePlatform reads pex's JSON. A marker whose value is null is
// absent. Its errors are *SyntaxError.
func ParseCompletePlatform(text []byte) (CompletePlatform, error) {
	var raw completeJSON
	refuse := func(format string, args ...any) (CompletePlatform, error) {
		return CompletePlatform{}, &SyntaxError{Format: completeFormat, Msg: fmt.Sprintf(format, args...)}
	}
	if len(text) > maxComplete {
		return refuse("it has more than %d bytes", maxComplete)
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return refuse("%v", err)
	}
	switch {
	case len(raw.CompatibleTags) == 0:
		return refuse("it has no compatible_tags")
	case raw.Markers == nil:
		return refuse("it has no marker_environment")
	case len(raw.CompatibleTags) > maxTags:
		return refuse("it has more than %d tags", maxTags)
	}
	p := CompletePlatform{Markers: make(map[string]string, len(raw.Markers)), Unknown: raw.Unknown}
	for _, text := range raw.CompatibleTags {
		tags, err := wheel.ParseTags(text)
		if err != nil {
			return refuse("%v", err)
		}
		if p.Tags = append(p.Tags, tags...); len(p.Tags) > maxTags {
			return refuse("it has more than %d tags", maxTags)
		}
	}
	for name, value := range raw.Markers {
		if value != nil {
			p.Markers[name] = *value
		}
	}
	return p, nil
}

// JSON writes the form that pex reads, one tag to a line.
func (p CompletePlatform) JSON() ([]byte, error) {
	raw := completeJSON{Markers: make(map[string]*string, len(p.Markers)), Unknown: slices.Clone(p.Unknown)}
	slices.Sort(raw.Unknown)
	for _, tag := range p.Tags {
		raw.CompatibleTags = append(raw.CompatibleTags, tag.String())
	}
	for name, value := range p.Markers {
		raw.Markers[name] = &value
	}
	text, err := json.MarshalIndent(raw, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing a %s: %w", completeFormat, err)
	}
	return append(text, '\n'), nil
}

// PyodideLock is what the lock file of a Pyodide release says of the Python.
type PyodideLock struct {
	// Python is its version: "3.14.2". Platform names the compiler:
	// "emscripten_5_0_3".
	Python, Arch, Platform string
	// ABI is the version of Pyodide's ABI, such as "2026_0"; releases before
	// 0.28 do not say it.
	ABI string
}

// ParsePyodideLock reads a pyodide-lock.json. Its errors are *SyntaxError.
func ParsePyodideLock(text []byte) (PyodideLock, error) {
	var raw struct {
		Info struct {
			Arch     string `json:"arch"`
			Platform string `json:"platform"`
			Python   string `json:"python"`
			ABI      string `json:"abi_version"`
		} `json:"info"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return PyodideLock{}, &SyntaxError{Format: "Pyodide lock", Msg: err.Error()}
	}
	lock := PyodideLock{Python: raw.Info.Python, Arch: raw.Info.Arch, Platform: raw.Info.Platform, ABI: raw.Info.ABI}
	if lock.Python == "" || lock.Platform == "" {
		return PyodideLock{}, &SyntaxError{Format: "Pyodide lock", Msg: "its info says no platform or no python"}
	}
	return lock, nil
}
