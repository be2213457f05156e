package host

import (
	"slices"
	"strings"
)

// A distribution is a Linux that people name by its releases, which have one
// version of the C library each: that of its package libc6, glibc or musl.
type distribution struct {
	title    string
	names    []string // before the release
	libc     libcKind
	releases []distributionRelease
	// onwards says that a release has what the one before it in the list has,
	// minor that releases are told apart by their first number alone.
	onwards, minor bool
}

type distributionRelease struct {
	number, codename string
	libc             version
}

var distributions = []distribution{
	{title: "Debian", names: []string{"debian"}, libc: libcGlibc, releases: []distributionRelease{
		{"10", "buster", version{2, 28}}, {"11", "bullseye", version{2, 31}}, {"12", "bookworm", version{2, 36}}, {"13", "trixie", version{2, 41}},
	}},
	{title: "Ubuntu", names: []string{"ubuntu"}, libc: libcGlibc, releases: []distributionRelease{
		{"18.04", "bionic", version{2, 27}}, {"20.04", "focal", version{2, 31}}, {"22.04", "jammy", version{2, 35}}, {"24.04", "noble", version{2, 39}},
	}},
	{title: "Enterprise Linux", names: []string{"rhel", "el", "ubi", "almalinux", "rockylinux", "rocky", "centos"}, libc: libcGlibc, minor: true,
		releases: []distributionRelease{{"7", "", version{2, 17}}, {"8", "", version{2, 28}}, {"9", "", version{2, 34}}, {"10", "", version{2, 39}}}},
	{title: "Amazon Linux", names: []string{"amazonlinux"}, libc: libcGlibc,
		releases: []distributionRelease{{"2", "", version{2, 26}}, {"2023", "", version{2, 34}}}},
	{title: "Alpine Linux", names: []string{"alpine"}, libc: libcMusl, onwards: true,
		releases: []distributionRelease{{"3.3", "", version{1, 1}}, {"3.13", "", version{1, 2}}}},
}

// readDistribution reads a release of a distribution, and the official image of
// Python on one, which says the Python too: debian-12, ubuntu:22.04-arm64,
// python:3.13-slim-bookworm. The processor is x86_64 where none is said.
func (c spellingContext) readDistribution(name string) (resolution, bool, error) {
	words := strings.FieldsFunc(name[strings.LastIndex(name, "/")+1:], func(r rune) bool { return strings.ContainsRune(" -:", r) })
	r := resolution{}
	if len(words) > 2 && words[0] == "python" {
		if v, err := ParsePythonVersion(words[1]); err == nil && v.Parts > 1 {
			r.python, r.implementation = v.String(), "cp"
			words = words[2:]
		}
	}
	cpu, open := cpuX8664, "x86_64, "
	if last := len(words) - 1; last > 0 {
		if said := cpuNames[words[last]]; said != "" && strings.Trim(words[last], "0123456789") != "" {
			cpu, open, words = said, "", words[:last]
		}
	}
	words = slices.DeleteFunc(words, func(word string) bool { return word == "slim" })
	text := strings.Join(words, "")
	for _, d := range distributions {
		release, named := d.find(text)
		if !named {
			continue
		}
		p, ok := release.on(d.libc, cpu)
		if !ok {
			return resolution{}, false, d.refusal(name)
		}
		r.platform = p
		r.note = name + " is taken as " + p.name + ": " + open + strings.TrimSpace(d.title+" "+release.number) + ", " + p.release()
		return r, true, nil
	}
	return resolution{}, false, nil
}

// find returns the release in the rest of a name, the zero release if there is
// none of that number. It reports false for names of others.
func (d distribution) find(text string) (distributionRelease, bool) {
	number, named := text, false
	for _, prefix := range d.names {
		if rest, ok := strings.CutPrefix(text, prefix); ok && !named && (rest == "" || rest[0] <= '9' || d.hasCodename(rest)) {
			number, named = rest, true
		}
	}
	if d.minor {
		number, _, _ = strings.Cut(number, ".")
	}
	var found distributionRelease
	v, numbered := parseDotted(number)
	for _, r := range d.releases {
		first, _ := parseDotted(r.number)
		switch {
		case number == "":
		case number == r.codename:
			return r, true
		case named && number == r.number:
			return r, true
		case named && d.onwards && numbered && !v.less(first):
			found, named = distributionRelease{number: number, libc: r.libc}, true
		}
	}
	return found, named
}

func (d distribution) hasCodename(name string) bool {
	return slices.ContainsFunc(d.releases, func(r distributionRelease) bool { return r.codename != "" && r.codename == name })
}

// on is the platform of a release on a processor.
func (r distributionRelease) on(libc libcKind, cpu string) (platform, bool) {
	s := machine{os: osLinux, libc: libc, cpu: cpu}.system()
	if s == nil || r.number == "" || r.libc.less(s.floor) {
		return platform{}, false
	}
	return s.at(r.libc), true
}

func (d distribution) refusal(name string) error {
	var known []string
	for _, r := range d.releases {
		known = append(known, d.names[0]+"-"+r.number)
	}
	last := known[len(known)-1]
	which := strings.Join(known, ", ")
	if d.onwards {
		which = known[0] + " and newer"
	}
	return &UnknownPlatformError{Input: name, Suggestions: []string{last, last + "-arm64"},
		Reason: "Of " + d.title + " xpip knows " + which + ", each with the name of a processor behind it if that is not x86_64: " + last + "-arm64."}
}
