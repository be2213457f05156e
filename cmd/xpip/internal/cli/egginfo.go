package cli

import (
	"strings"

	"github.com/xpip/xpip/requirements"
)

// requiresDist are the requirements of a distribution as metadata write them.
// What older tools installed has them in requires.txt.
func (d *installed) requiresDist() []string {
	if d.Metadata == nil {
		return nil
	}
	if d.wheelInstalled() || len(d.Metadata.RequiresDist) > 0 {
		return d.Metadata.RequiresDist
	}
	text, ok := d.read("requires.txt")
	if !ok {
		return nil
	}
	return parseRequires(string(text))
}

// parseRequires reads requires.txt of an .egg-info (setuptools' documentation,
// "The Internal Structure of Python Eggs"): a requirement a line, in sections
// named after an extra, a marker, or both as "[extra:marker]".
func parseRequires(text string) []string {
	var out []string
	condition := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[' && line[len(line)-1] == ']':
			condition = sectionMarker(line[1 : len(line)-1])
		case condition == "":
			out = append(out, line)
		default:
			out = append(out, line+" ; "+condition)
		}
	}
	return out
}

// sectionMarker is the marker that a section of requires.txt stands for.
func sectionMarker(section string) string {
	extra, marker, _ := strings.Cut(section, ":")
	extra, marker = strings.TrimSpace(extra), strings.TrimSpace(marker)
	if extra == "" {
		return marker
	}
	is := `extra == "` + requirements.NormalizeName(extra) + `"`
	if marker == "" {
		return is
	}
	return "(" + marker + ") and " + is
}
