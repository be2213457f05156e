package wheel

import (
	"fmt"
	"iter"
	"strings"
)

// maxTags bounds the cross product of a compressed tag set. The largest sets of
// real wheels have some dozens of tags.
const maxTags = 4096

// Tag is one compatibility tag (PEP 425): lower case, its platform in canonical
// form (see [CanonicalPlatform]).
type Tag struct {
	Python   string `json:"python"`
	ABI      string `json:"abi"`
	Platform string `json:"platform"`
}

// String returns the tag as it stands in a file name: "cp313-abi3-android_24_arm64_v8a".
func (t Tag) String() string { return t.Python + "-" + t.ABI + "-" + t.Platform }

// tagSet is a compressed tag set: three dot-separated lists, unexpanded.
type tagSet struct{ pythons, abis, platforms string }

// ParseTags expands a compressed tag set such as "py2.py3-none-any", as it
// stands in file names and in WHEEL's Tag lines, in the order written.
func ParseTags(s string) ([]Tag, error) {
	set, err := parseTagSet(s)
	if err != nil {
		return nil, err
	}
	tags := make([]Tag, 0, set.count())
	for t := range set.all() {
		tags = append(tags, t)
	}
	return tags, nil
}

func parseTagSet(s string) (tagSet, error) {
	python, rest, ok := strings.Cut(s, "-")
	if !ok {
		return tagSet{}, fmt.Errorf("tag %q has not three parts", s)
	}
	abi, platform, ok := strings.Cut(rest, "-")
	if !ok || strings.Contains(platform, "-") {
		return tagSet{}, fmt.Errorf("tag %q has not three parts", s)
	}
	return newTagSet(python, abi, platform)
}

func newTagSet(python, abi, platform string) (tagSet, error) {
	set := tagSet{python, abi, platform}
	for _, part := range [...]*string{&set.pythons, &set.abis, &set.platforms} {
		var err error
		if *part, err = readTagPart(*part); err != nil {
			return tagSet{}, err
		}
	}
	for i := range len(set.pythons) {
		if isDigit(set.pythons[i]) && (i == 0 || set.pythons[i-1] == '.') {
			python, _, _ := strings.Cut(set.pythons[i:], ".")
			return tagSet{}, fmt.Errorf("python tag %q starts with a digit", python)
		}
	}
	if set.count() > maxTags {
		return tagSet{}, fmt.Errorf("more than %d tags in one name", maxTags)
	}
	return set, nil
}

// readTagPart returns a part of a tag set in lower case, which most are in.
func readTagPart(part string) (string, error) {
	empty := true
	for i := range len(part) {
		switch c := part[i]; {
		case c == '.' && empty:
			return "", fmt.Errorf("tag part %q has an empty component", part)
		case !isTagByte(c):
			if lower := strings.ToLower(part); lower != part {
				return readTagPart(lower)
			}
			return "", fmt.Errorf("tag part %q holds a character that no tag has", part)
		default:
			empty = c == '.'
		}
	}
	if empty {
		return "", fmt.Errorf("tag part %q has an empty component", part)
	}
	return part, nil
}

// isTagByte is false for what would make a tag something else in a path, a URL or
// a terminal; PEP 425 itself names no alphabet.
func isTagByte(c byte) bool { return isLowerOrDigit(c) || c == '_' || c == '.' }

func (s tagSet) String() string { return s.pythons + "-" + s.abis + "-" + s.platforms }

func (s tagSet) count() int {
	return (strings.Count(s.pythons, ".") + 1) * (strings.Count(s.abis, ".") + 1) * (strings.Count(s.platforms, ".") + 1)
}

// all yields the cross product without keeping it.
func (s tagSet) all() iter.Seq[Tag] {
	return func(yield func(Tag) bool) {
		for platform := range fields(s.platforms) {
			platform = CanonicalPlatform(platform)
			for python := range fields(s.pythons) {
				for abi := range fields(s.abis) {
					if !yield(Tag{python, abi, platform}) {
						return
					}
				}
			}
		}
	}
}

func fields(dotted string) iter.Seq[string] { return strings.SplitSeq(dotted, ".") }

// CanonicalPlatform returns the platform tag that PEP 730 and 738 would write
// for s, which must be lower case; anything it does not know comes back as is.
//
//   - ios_12_0_iphoneos_arm64, the order used before PEP 730, is
//     ios_12_0_arm64_iphoneos;
//   - android_24_aarch64, android_24_arm and android_24_i686, as
//     python-for-android writes them, are android_24_arm64_v8a,
//     android_24_armeabi_v7a and android_24_x86.
func CanonicalPlatform(s string) string {
	switch {
	case strings.HasPrefix(s, "ios_"):
		for _, sdk := range [...]string{"iphoneos", "iphonesimulator"} {
			version, arch, ok := strings.Cut(s, "_"+sdk+"_")
			if ok && (arch == "arm64" || arch == "x86_64") && strings.Count(version, "_") == 2 {
				return version + "_" + arch + "_" + sdk
			}
		}
	case strings.HasPrefix(s, "android_"):
		api, abi, ok := strings.Cut(s[len("android_"):], "_")
		if !ok {
			return s
		}
		switch abi {
		case "aarch64":
			return "android_" + api + "_arm64_v8a"
		case "arm", "armv7l":
			return "android_" + api + "_armeabi_v7a"
		case "i686":
			return "android_" + api + "_x86"
		}
	}
	return s
}
