package host

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// tagSet is an ordered list of tags kept as what it is made of: sections, each
// one a pair of Python and ABI tag combined with every platform tag, or with
// "any" alone. Thousands of tags are a few dozen sections, so building a set is
// cheap and the place of a tag is found by two small look-ups.
type tagSet struct {
	platforms []string
	sections  []section
	size      int
	places    map[pair]place
	order     map[string]int // of platforms
	// listed are tags that are no such product, ranks their places; nil for
	// what this program makes itself.
	listed []wheel.Tag
	ranks  map[wheel.Tag]int
}

type pair struct{ python, abi string }

type section struct {
	pair
	pure bool // combined with "any" alone
}

// place says where the tags of a pair begin; -1 if there are none.
type place struct{ platforms, pure int }

func newTagSet(platforms []string, sections []section) tagSet {
	s := tagSet{
		platforms: platforms,
		sections:  sections,
		places:    make(map[pair]place, len(sections)),
		order:     make(map[string]int, len(platforms)),
	}
	for i, p := range platforms {
		if _, seen := s.order[p]; !seen {
			s.order[p] = i
		}
	}
	for _, sec := range sections {
		at, seen := s.places[sec.pair]
		if !seen {
			at = place{-1, -1}
		}
		switch {
		case sec.pure && at.pure < 0:
			at.pure = s.size
		case !sec.pure && at.platforms < 0:
			at.platforms = s.size
		}
		s.places[sec.pair] = at
		if sec.pure {
			s.size++
		} else {
			s.size += len(platforms)
		}
	}
	return s
}

// tagSetOf keeps the tags of a host that lists them itself, each at its first
// place. Lists that Pythons make are products again.
func tagSetOf(tags []wheel.Tag) tagSet {
	var platforms []string
	var sections []section
	known := make(map[string]bool)
	for _, t := range tags {
		last := section{pair{t.Python, t.ABI}, t.Platform == "any"}
		if len(sections) == 0 || sections[len(sections)-1] != last || last.pure {
			sections = append(sections, last)
		}
		if t.Platform != "any" && !known[t.Platform] {
			known[t.Platform] = true
			platforms = append(platforms, t.Platform)
		}
	}
	s := newTagSet(platforms, sections)
	if s.size == len(tags) && slices.Equal(s.list(), tags) {
		return s
	}
	s.listed, s.ranks = nil, make(map[wheel.Tag]int, len(tags))
	for _, t := range tags {
		if _, seen := s.ranks[t]; !seen {
			s.ranks[t] = len(s.listed)
			s.listed = append(s.listed, t)
		}
	}
	s.size = len(s.listed)
	return s
}

func (s *tagSet) rank(python, abi, platform string) (int, bool) {
	if s.ranks != nil {
		rank, ok := s.ranks[wheel.Tag{Python: python, ABI: abi, Platform: platform}]
		return rank, ok
	}
	at, ok := s.places[pair{python, abi}]
	if !ok {
		return 0, false
	}
	if i, ok := s.order[platform]; ok && at.platforms >= 0 {
		return at.platforms + i, true
	}
	if platform == "any" && at.pure >= 0 {
		return at.pure, true
	}
	return 0, false
}

func (s *tagSet) list() []wheel.Tag {
	if s.ranks != nil {
		return s.listed
	}
	tags := make([]wheel.Tag, 0, s.size)
	for _, sec := range s.sections {
		if sec.pure {
			tags = append(tags, wheel.Tag{Python: sec.python, ABI: sec.abi, Platform: "any"})
			continue
		}
		for _, p := range s.platforms {
			tags = append(tags, wheel.Tag{Python: sec.python, ABI: sec.abi, Platform: p})
		}
	}
	return tags
}

// tagSections orders the pairs of Python and ABI tag as pip does for the given
// implementation: the version's own ABIs, the stable ABI, no ABI, the stable
// ABI of older versions, then what is independent of the implementation.
// compatible is the interpreter tag that goes with "none-any".
func tagSections(impl string, v PythonVersion, abis []string, threaded bool, compatible string) []section {
	interpreter := impl + v.nodot()
	sections := make([]section, 0, len(abis)+3*v.Minor+8)
	add := func(python, abi string, pure bool) {
		sections = append(sections, section{pair{python, abi}, pure})
	}
	if impl == "cp" {
		for _, abi := range withoutExplicit(abis, threaded) {
			add(interpreter, abi, false)
		}
		stable := "abi3"
		if threaded {
			stable = "abi3t"
		}
		limited := v.Parts > 1 && v.since(2)
		if limited {
			add(interpreter, stable, false)
		}
		add(interpreter, "none", false)
		if limited {
			for minor := v.Minor - 1; minor > 1; minor-- {
				add("cp"+strconv.Itoa(v.Major)+strconv.Itoa(minor), stable, false)
			}
		}
	} else {
		none := false
		for _, abi := range abis {
			none = none || abi == "none"
			add(interpreter, abi, false)
		}
		if !none {
			add(interpreter, "none", false)
		}
	}
	versions := pythonRange(v)
	for _, py := range versions {
		add(py, "none", false)
	}
	if compatible != "" {
		add(compatible, "none", true)
	}
	for _, py := range versions {
		add(py, "none", true)
	}
	return sections
}

// pythonRange lists py313, py3, py312, … py30.
func pythonRange(v PythonVersion) []string {
	major := "py" + strconv.Itoa(v.Major)
	if v.Parts == 1 {
		return []string{major}
	}
	versions := make([]string, 0, v.Minor+2)
	versions = append(versions, major+strconv.Itoa(v.Minor), major)
	for minor := v.Minor - 1; minor >= 0; minor-- {
		versions = append(versions, major+strconv.Itoa(minor))
	}
	return versions
}

// withoutExplicit drops the first mention of each ABI that has a fixed place
// of its own in the list of a CPython.
func withoutExplicit(abis []string, threaded bool) []string {
	explicit := map[string]bool{"abi3": true, "none": true, "abi3t": threaded}
	kept := make([]string, 0, len(abis))
	for _, abi := range abis {
		if explicit[abi] {
			explicit[abi] = false
			continue
		}
		kept = append(kept, abi)
	}
	return kept
}

// defaultABIs returns the ABI that a build without special options has. The
// ABI flags of the build machine's Python play no part in it.
func defaultABIs(impl string, v PythonVersion) []string {
	if v.Parts == 1 {
		return nil
	}
	switch impl {
	case "cp":
		abi := "cp" + v.nodot()
		switch {
		case v.FreeThreaded:
			abi += "t"
		case !v.since(3):
			abi += "mu" // WITH_PYMALLOC, and UCS-4 as on every Linux
		case !v.since(8):
			abi += "m"
		}
		return []string{abi}
	case "pp":
		if v.since(7) {
			return []string{"pypy" + v.nodot() + "_pp73"}
		}
	}
	return nil
}

// isThreadedABI reads free-threading off an ABI tag as packaging does: cp313t,
// cp313td.
func isThreadedABI(abi string) bool {
	version, ok := strings.CutPrefix(abi, "cp")
	flags := strings.TrimLeft(version, "0123456789")
	return ok && flags != version && strings.Contains(flags, "t")
}
