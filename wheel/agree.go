package wheel

import (
	"slices"
	"strings"
)

// checkTags compares WHEEL's tags with the file name's. For a host that is
// elsewhere they are the only word inside the archive on what it is for.
//
// The two are not always equal in wheels that people use: torch and others are
// built for linux_x86_64 and renamed to the manylinux tag that they satisfy, and
// some tools write no Tag at all. So interpreters and ABIs must be the same, and
// the platforms of the same kind, whatever version of it they ask for. A wheel
// for one system under the name of another is refused.
func checkTags(info Info, name Filename) error {
	if len(info.Tags) == 0 {
		return nil
	}
	var stated []Tag
	for _, line := range info.Tags {
		set, err := parseTagSet(line)
		if err != nil {
			return &InvalidError{Err: err}
		}
		if len(stated)+set.count() > 2*maxTags {
			return invalidf("", "too many tags")
		}
		for t := range set.all() {
			stated = append(stated, t)
		}
	}
	var named []Tag
	for t := range name.Tags() {
		named = append(named, t)
	}
	if t, ok := without(stated, named); ok {
		return invalidf("", "its tag %s is not in the file name", t)
	}
	if t, ok := without(named, stated); ok {
		return invalidf("", "the file name says %s, and it does not", t)
	}
	return nil
}

// without returns a tag that has no counterpart among others. Plain linux is the
// counterpart of either libc.
func without(tags, others []Tag) (Tag, bool) {
	known := make(map[Tag]bool, len(others))
	for _, t := range others {
		known[Tag{t.Python, t.ABI, platformKind(t.Platform)}] = true
	}
	for _, t := range tags {
		kind := platformKind(t.Platform)
		alike := []string{kind}
		if libc, arch, ok := strings.Cut(kind, "linux_"); ok {
			if alike = append(alike, "linux_"+arch); libc == "" {
				alike = append(alike, "manylinux_"+arch, "musllinux_"+arch)
			}
		}
		if !slices.ContainsFunc(alike, func(kind string) bool { return known[Tag{t.Python, t.ABI, kind}] }) {
			return t, true
		}
	}
	return Tag{}, false
}

// platformKind strips from a platform tag the version of the system: what is
// left says which machines could run it at all.
func platformKind(platform string) string {
	system, rest, _ := strings.Cut(platform, "_")
	switch {
	case system == "macosx":
		return system // its architectures come under too many names (intel, universal2)
	case strings.HasPrefix(system, "manylinux"):
		return "manylinux_" + skipNumbers(rest)
	case strings.HasPrefix(system, "musllinux"):
		return "musllinux_" + skipNumbers(rest)
	case system == "ios", system == "android":
		return system + "_" + skipNumbers(rest)
	}
	return platform
}

// skipNumbers drops leading fields that are numbers: "2_17_x86_64" is x86_64.
func skipNumbers(s string) string {
	for s != "" {
		first, rest, _ := strings.Cut(s, "_")
		if strings.Trim(first, "0123456789") != "" {
			break
		}
		s = rest
	}
	return s
}
