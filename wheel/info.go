package wheel

import (
	"strconv"
	"strings"
)

// Info is the content of a wheel's WHEEL file.
type Info struct {
	WheelVersion  string   `json:"wheel_version"`
	Generator     string   `json:"generator,omitempty"`
	RootIsPurelib bool     `json:"root_is_purelib"`
	Tags          []string `json:"tags"` // as written: one compressed tag set a line
	Build         string   `json:"build,omitempty"`
}

// ParseInfo parses a WHEEL file. It refuses a Wheel-Version whose major part is
// above 1, as the specification asks; drafts before it (0.1) differ in nothing
// that is read here.
func ParseInfo(raw []byte) (Info, error) {
	if len(raw) > MaxMetadata {
		return Info{}, invalidf("WHEEL", "larger than %d bytes", MaxMetadata)
	}
	fields, _, ok := parseHeaders(raw)
	if !ok {
		return Info{}, invalidf("WHEEL", "not UTF-8")
	}
	var info Info
	for _, f := range fields {
		value := oneLine(f.value)
		switch strings.ToLower(f.name) {
		case "wheel-version":
			info.WheelVersion = value
		case "generator":
			info.Generator = value
		case "root-is-purelib":
			info.RootIsPurelib = strings.EqualFold(value, "true")
		case "tag":
			info.Tags = append(info.Tags, value)
		case "build":
			info.Build = value
		}
	}
	major, minor, _ := strings.Cut(info.WheelVersion, ".")
	n, err := strconv.Atoi(major)
	if _, minorErr := strconv.Atoi(minor); info.WheelVersion == "" || err != nil || minorErr != nil || n < 0 {
		return Info{}, invalidf("WHEEL", "no usable Wheel-Version (%q)", info.WheelVersion)
	}
	if n > 1 {
		return Info{}, invalidf("WHEEL", "Wheel-Version is %s; only 1.x and older can be installed", info.WheelVersion)
	}
	return info, nil
}

// format writes a WHEEL file.
func (i Info) format() []byte {
	var b strings.Builder
	line := func(name, value string) { b.WriteString(name + ": " + value + "\n") }
	line("Wheel-Version", i.WheelVersion)
	if i.Generator != "" {
		line("Generator", i.Generator)
	}
	purelib := "false"
	if i.RootIsPurelib {
		purelib = "true"
	}
	line("Root-Is-Purelib", purelib)
	for _, t := range i.Tags {
		line("Tag", t)
	}
	if i.Build != "" {
		line("Build", i.Build)
	}
	return []byte(b.String())
}
