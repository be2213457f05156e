package wheel

import (
	"slices"
	"strings"
)

// findDistInfo returns the one .dist-info folder, which must be the named
// wheel's own.
func findDistInfo(members []member, name Filename) (string, error) {
	return ownFolder(members, name, ".dist-info", true)
}

// findDataDir returns the .data folder or "", and refuses one whose content has
// no place to go: installers take every top-level folder of that name apart.
func findDataDir(members []member, name Filename) (string, error) {
	dir, err := ownFolder(members, name, ".data", false)
	if err != nil || dir == "" {
		return "", err
	}
	for i := range members {
		rest, ok := strings.CutPrefix(members[i].name, dir+"/")
		if !ok {
			continue
		}
		key, file, _ := strings.Cut(rest, "/")
		switch key {
		case "purelib", "platlib", "headers", "scripts", "data":
		default:
			return "", invalidf(members[i].name, "%q is no install scheme key", key)
		}
		if file == "" {
			return "", invalidf(members[i].name, "a file where a folder belongs")
		}
		if reason := reservedScript(key, file); reason != "" {
			return "", invalidf(members[i].name, "%s", reason)
		}
	}
	return dir, nil
}

// reservedScript refuses files of .data that would replace the environment's
// own interpreter.
func reservedScript(key, file string) string {
	if key == "data" {
		dir, base, ok := strings.Cut(file, "/")
		switch {
		case !ok: // the prefix itself, where Windows has python.exe
			if !strings.HasSuffix(strings.ToLower(file), ".exe") {
				return ""
			}
			base = file
		case !strings.EqualFold(dir, "bin") && !strings.EqualFold(dir, "Scripts"):
			return ""
		}
		file = base
	} else if key != "scripts" {
		return ""
	}
	if IsInterpreterName(file) {
		return "would replace the environment's Python interpreter"
	}
	return ""
}

// ownFolder returns the top-level folder with the given suffix; there may be one
// at most, and it must bear the wheel's project and version.
func ownFolder(members []member, name Filename, suffix string, required bool) (string, error) {
	found := ""
	for i := range members {
		top, _, isFolder := strings.Cut(members[i].name, "/")
		if !isFolder || top == found || len(top) <= len(suffix) || !strings.EqualFold(top[len(top)-len(suffix):], suffix) {
			continue
		}
		if found != "" {
			return "", invalidf("", "two %s folders: %q and %q", suffix, found, top)
		}
		found = top
	}
	if found == "" {
		if required {
			return "", invalidf("", "no %s folder", suffix)
		}
		return "", nil
	}
	stem, exact := strings.CutSuffix(found, suffix)
	dash := projectEnd(stem, name.Project)
	if !exact || dash < 0 || !sameVersion(stem[dash+1:], name.Version) {
		return "", invalidf(found, "belongs to another project or version than the file name says")
	}
	return found, nil
}

// checkRecord compares RECORD with the archive's members, both ways.
func (a *Archive) checkRecord() error {
	member := a.distInfo + "/RECORD"
	a.rows = make([]*RecordEntry, len(a.members))
	for i := range a.record {
		row := &a.record[i]
		at, ok := a.byName[row.Path]
		switch {
		case !ok:
			return invalidf(member, "lists %q, which is not in the archive", row.Path)
		case a.rows[at] != nil:
			return invalidf(member, "lists %q twice", row.Path)
		case row.Size >= 0 && row.Size != a.members[at].size:
			return invalidf(row.Path, "%d bytes; RECORD says %d", a.members[at].size, row.Size)
		}
		a.rows[at] = row
		if row.Algorithm == "" {
			if !a.needsNoDigest(row.Path) {
				return invalidf(row.Path, "has no digest in RECORD")
			}
		} else if _, ok := newHash(row.Algorithm); !ok {
			return invalidf(row.Path, "RECORD vouches for it by %s; sha256 or better is required", row.Algorithm)
		}
	}
	for i := range a.members {
		if a.rows[i] == nil && !a.needsNoDigest(a.members[i].name) {
			return invalidf(a.members[i].name, "is not in RECORD")
		}
	}
	return nil
}

// needsNoDigest reports the files that RECORD cannot vouch for: itself and what
// signs it.
func (a *Archive) needsNoDigest(path string) bool {
	name, ok := strings.CutPrefix(path, a.distInfo+"/")
	return ok && (name == "RECORD" || name == "RECORD.jws" || name == "RECORD.p7s")
}

// checkTags compares WHEEL's tags with the file name's. For a host that is
// elsewhere they are the only word inside the archive on what it is for.
//
// The two are not always equal in wheels that people use: torch and others are
// built for linux_x86_64 and renamed to the manylinux tag that they satisfy,
// playwright is built for any platform and renamed to the one whose programs it
// holds, universal wheels are renamed to py3, and some tools write no Tag at
// all. So the file name may claim less than WHEEL, but no more: each of its tags
// must stand there, with a platform of the same kind, whatever version of it they
// ask for, or with any. A wheel for one system under the name of another, or that
// of all, is refused.
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
	platforms := make(map[Tag]bool, len(named)) // as kinds, of any interpreter
	for _, t := range named {
		platforms[Tag{Platform: platformKind(t.Platform)}] = true
	}
	for _, t := range stated {
		if t.Platform != "any" && !hasAlike(platforms, Tag{Platform: t.Platform}) {
			return invalidf("", "its tag %s is not in the file name", t)
		}
	}
	tags := make(map[Tag]bool, len(stated))
	for _, t := range stated {
		tags[Tag{t.Python, t.ABI, platformKind(t.Platform)}] = true
	}
	for _, t := range named {
		if !tags[Tag{t.Python, t.ABI, "any"}] && !hasAlike(tags, t) {
			return invalidf("", "the file name says %s, and it does not", t)
		}
	}
	return nil
}

// hasAlike reports whether a tag is among known, in which platforms stand as
// kinds. Plain linux is like either libc.
func hasAlike(known map[Tag]bool, t Tag) bool {
	kind := platformKind(t.Platform)
	alike := []string{kind}
	if libc, arch, ok := strings.Cut(kind, "linux_"); ok {
		if alike = append(alike, "linux_"+arch); libc == "" {
			alike = append(alike, "manylinux_"+arch, "musllinux_"+arch)
		}
	}
	return slices.ContainsFunc(alike, func(kind string) bool { return known[Tag{t.Python, t.ABI, kind}] })
}

// platformKind strips from a platform tag the version of the system: what is
// left says which machines could run it at all.
func platformKind(platform string) string {
	system, rest, _ := strings.Cut(platform, "_")
	switch {
	case system == "macosx":
		return system // its architectures come under too many names (intel, universal2)
	case strings.HasPrefix(system, "manylinux"):
		return "manylinux_" + processor(skipNumbers(rest))
	case strings.HasPrefix(system, "musllinux"):
		return "musllinux_" + processor(skipNumbers(rest))
	case system == "ios", system == "android":
		return system + "_" + skipNumbers(rest)
	}
	return platform
}

// processor is what tags call a processor that some builders call otherwise:
// sbsa, after the base system architecture of ARM servers, stands in wheels of
// CUDA's libraries.
func processor(name string) string {
	if name == "sbsa" {
		return "aarch64"
	}
	return name
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
