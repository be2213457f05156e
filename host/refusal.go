package host

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

const howNamed = "Platforms are named like ios_13_0_arm64, android_24_arm64_v8a, manylinux_2_28_aarch64, macosx_14_0_arm64, win_amd64."

// foreign are systems that the table does not have, by the words for them in
// tags and triples, with the name to call them by.
var foreign = map[string]string{
	"openbsd": "OpenBSD", "netbsd": "NetBSD", "dragonfly": "DragonFly BSD",
	"cygwin": "Cygwin", "solaris": "Solaris", "sunos": "Solaris", "aix": "AIX", "haiku": "Haiku", "hurd": "GNU Hurd",
	"tvos": "tvOS", "watchos": "watchOS", "xros": "visionOS", "visionos": "visionOS", "macabi": "Mac Catalyst",
}

// foreignIn finds the word for such a system in a name, and what to call it.
func foreignIn(name string) (word, title string) {
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune("-_./", r) }) {
		word = strings.TrimRight(word, "0123456789")
		if title := foreign[word]; title != "" {
			return word, title
		}
	}
	return "", ""
}

// refusal says why nothing goes by the name and what does. It completes the
// error that a grammar has about it, if there is one. Everything it suggests
// is understood.
func (c spellingContext) refusal(input, name string, err error) error {
	unknown, ok := err.(*UnknownPlatformError) //nolint:errorlint // made by parseTag, never wrapped
	if !ok {
		unknown = &UnknownPlatformError{}
	}
	unknown.Input = input
	if unknown.Reason == "" {
		c.explain(name, unknown)
	}
	plain := spellingContext{getenv: c.getenv}
	unknown.Suggestions = slices.DeleteFunc(unknown.Suggestions, func(s string) bool {
		_, ok, err := plain.read(s)
		return !ok || err != nil
	})
	return unknown
}

// explain finds a reason for which a name is refused, or names that resemble
// it.
func (c spellingContext) explain(name string, unknown *UnknownPlatformError) {
	if word, title := foreignIn(name); word != "" {
		unknown.Reason = title + " is not among the systems that xpip knows: no Python there has a platform tag that indexes accept. " +
			"--platform-exact takes a wheel tag as it is, like openbsd_7_7_amd64."
		return
	}
	if cpu, ok := cpuNames[name]; ok {
		if unknown.Suggestions = systemsWith(cpu); len(unknown.Suggestions) == 1 {
			return
		}
		unknown.Reason = name + " is a processor, and several systems have it: " + strings.Join(unknown.Suggestions, ", ") + "."
		return
	}
	if tag := familyTag(name); tag != "" {
		_, _, ok, err := parseTag(tag)
		likely, _ := err.(*UnknownPlatformError) //nolint:errorlint // made by parseTag, never wrapped
		switch {
		case ok && err == nil:
			unknown.Suggestions = []string{tag}
			return
		case likely != nil && likely.Reason != "":
			unknown.Reason, unknown.Suggestions = likely.Reason, likely.Suggestions
			return
		}
	}
	unknown.Suggestions = nearestNames(name)
	if len(unknown.Suggestions) == 0 {
		unknown.Reason = howNamed
		if isTagWord(name) && strings.Contains(name, "_") {
			unknown.Reason += " --platform-exact takes a name of another family as it is."
		}
	}
}

// systemsWith lists the usual tag of each operating system that runs on a
// processor.
func systemsWith(cpu string) []string {
	var tags []string
	var last osKind
	for i := range systems {
		if s := &systems[i]; s.cpu == cpu && s.named() && s.os != last {
			tags, last = append(tags, s.tagAt(s.usual)), s.os
		}
	}
	return tags
}

// familyTag turns ios13, macos-14-arm64 and android24 into what may be meant as
// a tag: ios_13, macosx_14_arm64 and android_24. It returns "" for other names.
func familyTag(name string) string {
	at := strings.IndexAny(name, "0123456789")
	if at < 0 {
		return ""
	}
	families := map[string]string{"ios": "ios", "iphoneos": "ios", "android": "android", "macos": "macosx", "macosx": "macosx", "osx": "macosx"}
	family := families[strings.TrimRight(name[:at], "-_")]
	if family == "" {
		return ""
	}
	return family + "_" + strings.NewReplacer(".", "_", "-", "_").Replace(name[at:])
}

// cpuIn is the processor that a word of the name stands for, "" if none does.
func cpuIn(name string) string {
	if strings.Contains(name, "x86_64") {
		return cpuX8664
	}
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune("-_./", r) }) {
		if cpu, ok := cpuNames[word]; ok && strings.Trim(word, "0123456789") != "" {
			return cpu
		}
	}
	return ""
}

// nearestNames lists up to two of the names that are understood and that s may
// be a slip of. If s names a processor, they are of systems that have it.
func nearestNames(s string) []string {
	limit := min(3, max(1, len(s)/4)) + 1
	cpu := cpuIn(s)
	var names []string
	consider := func(name string) {
		if len(name) > len(s)+limit || len(s) > len(name)+limit {
			return
		}
		switch d := editDistance(s, name); {
		case d < limit:
			limit, names = d, []string{name}
		case d == limit && len(names) == 1 && names[0] != name:
			names = append(names, name)
		}
	}
	numbers := anyNumbers(s)
	for i := range systems {
		sys := &systems[i]
		if cpu != "" && sys.cpu != cpu {
			continue
		}
		if len(numbers) > 0 && sys.floor != (version{}) {
			if r, ok, _ := sys.checked(s, versionOr(numbers, version{})); ok {
				consider(r.name)
			}
		}
		consider(sys.tagAt(sys.usual))
		for _, column := range sys.names {
			for name := range strings.FieldsSeq(column) {
				if name = strings.TrimPrefix(name, "<"); name[0] != '>' && !strings.Contains(name, "{") {
					consider(strings.ToLower(name))
				}
			}
		}
		for _, short := range sys.short {
			consider(short.name)
		}
		for _, word := range slices.Sorted(maps.Keys(cpuNames)) {
			if cpuNames[word] == sys.cpu && sys.os == osLinux && sys.libc == libcGlibc {
				consider("linux-" + word)
			}
		}
	}
	return names
}

// anyNumbers finds the first two numbers that stand alone between underscores.
func anyNumbers(s string) []int {
	var numbers []int
	for word := range strings.SplitSeq(s, "_") {
		if n, err := strconv.Atoi(word); err == nil && n >= 0 && len(numbers) < 2 {
			numbers = append(numbers, n)
		} else if len(numbers) > 0 {
			break
		}
	}
	return numbers
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func editDistance(a, b string) int {
	previous, current, older := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(previous[j]+cost, previous[j+1]+1, current[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, older[j-1]+1)
			}
			current[j+1] = d
		}
		older, previous, current = previous, current, older
	}
	return previous[len(b)]
}
