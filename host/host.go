package host

import (
	"slices"
	"strings"
	"sync"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// DefaultPython is the Python version of a host that nothing says a version
// of: no --python-version, no ABI that names one, no platform that implies
// one.
const DefaultPython = "3.14"

// Options describes a host the way pip's command line does.
type Options struct {
	// Platforms are platform tags or other spellings, preferred first.
	Platforms []string
	// ABIs are ABI tags, preferred first; none means the ABI that the
	// implementation and the version imply.
	ABIs []string
	// PythonVersion is "3", "313", "3.13", "3.13.2" or, for a free-threaded
	// build, "3.13t".
	PythonVersion string
	// Implementation is pip's abbreviation (cp, pp, py, …) or a full name.
	Implementation string
	// Exact takes every platform as the only one: nothing older is added.
	// Platforms of unknown families are then accepted literally.
	Exact bool
	// Markers settles marker variables by name.
	Markers map[string]string
	// DefaultPython stands in for the constant of that name.
	DefaultPython string
	// Getenv looks up deployment floors (IPHONEOS_DEPLOYMENT_TARGET,
	// ANDROID_API_LEVEL, MACOSX_DEPLOYMENT_TARGET) for spellings that leave
	// the version open. Nil means that none is set.
	Getenv func(string) (string, bool)
	// Prefix is what the environment that is worked for says of itself, see
	// [Read]: the version, and the platform if none is given. It may be
	// nil.
	Prefix *Facts
	// Native is the build machine's Python, see [Native]. It answers what no
	// option says, if no platform is given; it may be nil.
	Native *Host
}

// A Host is the machine and the Python for which packages are chosen. It is
// never executed and never assumed to be like the build machine. A Host is
// immutable and safe for concurrent use.
type Host struct {
	python    PythonVersion
	impl      string     // as in tags: "cp"
	platforms []platform // as asked for, preferred first
	machines  []platform // those of them that say what machine code runs
	abis      []string
	threaded  bool
	exact     bool

	tags   tagSet
	env    requirements.Environment
	scheme Scheme
	native *probe // nil unless read from the build machine's Python

	given   Options
	notes   []string
	origins map[string]string

	list   func() []wheel.Tag
	digest func() string
}

// Tags returns all tags of the host, best first. The slice is shared: callers
// must not change it.
func (h *Host) Tags() []wheel.Tag { return h.list() }

// Rank returns the place of t among the host's tags, 0 being the best, and
// whether the host has t at all.
func (h *Host) Rank(t wheel.Tag) (int, bool) { return h.tags.rank(t.Python, t.ABI, t.Platform) }

// Environment returns the marker environment of PEP 508.
func (h *Host) Environment() requirements.Environment { return h.env }

// Python returns the version of the host's Python.
func (h *Host) Python() PythonVersion { return h.python }

// Implementation returns the abbreviation used in tags, such as "cp" or "pp".
func (h *Host) Implementation() string { return h.impl }

// FreeThreaded reports whether the host's CPython runs without the GIL.
func (h *Host) FreeThreaded() bool { return h.threaded }

// ABIs returns the ABI tags as given or implied, preferred first.
func (h *Host) ABIs() []string { return h.abis }

// AcceptsPython reports whether a project with this Requires-Python can be
// used on the host.
func (h *Host) AcceptsPython(s pep440.Specifiers) bool { return s.Contains(h.python.version) }

// Scheme returns where things go in the host prefix.
func (h *Host) Scheme() Scheme { return h.scheme }

// Platform returns the preferred platform tag in canonical form, such as
// ios_13_0_arm64_iphoneos.
func (h *Host) Platform() string { return h.platforms[0].tag() }

// Platforms returns the canonical form of every platform asked for, preferred
// first, without what expansion adds.
func (h *Host) Platforms() []string {
	tags := make([]string, len(h.platforms))
	for i, p := range h.platforms {
		tags[i] = p.tag()
	}
	return tags
}

// Name is what to call the host, such as "iPhone (ios_13_0_arm64_iphoneos)".
func (h *Host) Name() string {
	return h.platforms[0].title() + " (" + h.Platform() + ")"
}

// Notes says what was assumed or translated, one sentence each, for the user
// to see.
func (h *Host) Notes() []string { return h.notes }

// Origin says where the value of a field came from: "platform", "python",
// "implementation", "abi", "scheme" or the name of a marker variable. It
// returns "" for other names.
func (h *Host) Origin(field string) string { return h.origins[field] }

// Digest is a stable key of everything that can change what is chosen,
// installed or built for the host: 64 hexadecimal digits.
func (h *Host) Digest() string { return h.digest() }

// Exact reports whether expansion is switched off.
func (h *Host) Exact() bool { return h.exact }

// String names platform and Python, and says of the Python where it came from
// if nobody asked for it.
func (h *Host) String() string {
	return h.Name() + ", " + h.PythonTitle()
}

// BestRank returns the best rank of all tags of f, and whether the host has
// any of them.
func (h *Host) BestRank(f wheel.Filename) (int, bool) {
	best, found := 0, false
	platforms, abis := f.Platforms(), f.ABIs()
	for _, python := range f.Pythons() {
		for _, abi := range abis {
			if _, ok := h.tags.places[pair{python, abi}]; !ok {
				continue
			}
			for _, p := range platforms {
				if r, ok := h.tags.rank(python, abi, p); ok && (!found || r < best) {
					best, found = r, true
				}
			}
		}
	}
	return best, found
}

// seal completes a Host whose facts are all set.
func (h *Host) seal() *Host {
	h.machines = decisive(h.platforms)
	h.list = sync.OnceValue(h.tags.list)
	h.digest = sync.OnceValue(h.computeDigest)
	return h
}

// decisive leaves out what says nothing about a machine: "any", and linux_*
// where another platform names the C library.
func decisive(platforms []platform) []platform {
	libc := slices.ContainsFunc(platforms, func(p platform) bool { return p.libc() != libcNone })
	var machines []platform
	for _, p := range platforms {
		if p.os != osAny && (p.os != osLinux || p.libc() != libcNone || !libc) {
			machines = append(machines, p)
		}
	}
	return machines
}

// Given repeats what was asked for in the words of pip debug: "platforms=[…]
// version_info='3.13' …", empty if nothing was.
func (h *Host) Given() string {
	var parts []string
	if len(h.given.Platforms) > 0 {
		parts = append(parts, "platforms="+pyList(h.given.Platforms))
	}
	if h.given.PythonVersion != "" {
		parts = append(parts, "version_info='"+h.python.given()+"'")
	}
	if len(h.given.ABIs) > 0 {
		parts = append(parts, "abis="+pyList(h.given.ABIs))
	}
	if h.given.Implementation != "" {
		parts = append(parts, "implementation="+pyQuote(h.given.Implementation))
	}
	return strings.Join(parts, " ")
}

func pyList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = pyQuote(item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
