package host

import "strings"

// System is an entry of the table of systems: a platform whose version is
// open, or the usual one.
type System struct {
	// Tag is the platform tag with the usual version.
	Tag string
	// Title names the operating system, or the C library on a Linux, for
	// people: "iPhone", "Linux with glibc".
	Title string
	// Family is the word that tags begin with: "manylinux", "ios".
	Family string
	// Processor is one name for the processor over all systems.
	Processor string
	// Floor and Usual are the oldest version and the one that is taken where
	// a name says none, as in the tag: "2.17", "2.28"; "" for systems without
	// versions.
	Floor, Usual string
	// Spellings are the names of the system with the usual version, as
	// [Host.Spellings] of a host with Python 3.14, or the Python that goes
	// with the platform, lists them.
	Spellings []Spelling
	// Source says where the tag was seen with the names that Python itself
	// has for the platform; for those of other tools see [Kind.Source].
	Source string
}

// Systems lists the platforms that xpip knows by name, in the order of the
// table. Formats of macOS of which nothing but tags is left are not among
// them.
func Systems() []System {
	var list []System
	for i := range systems {
		s := &systems[i]
		if !s.named() {
			continue
		}
		p := s.at(s.usual)
		h, err := New(Options{Platforms: []string{p.name}})
		if err != nil {
			continue // the table has none such; a test says so
		}
		entry := System{Tag: p.name, Title: s.listTitle(), Family: s.family(), Processor: s.cpu, Spellings: h.Spellings(), Source: s.source}
		if s.floor != (version{}) {
			entry.Floor, entry.Usual = s.number(s.floor), s.number(s.usual)
		}
		list = append(list, entry)
	}
	return list
}

func (s *system) listTitle() string {
	switch {
	case s.libc != libcNone:
		return "Linux with " + s.libc.String()
	case s.os == osLinux:
		return "Linux, C library not promised"
	}
	return s.at(s.usual).title()
}

// family is the word that the system's tags begin with.
func (s *system) family() string {
	family, _, versioned := strings.Cut(s.tagAt(s.usual), "_")
	if !versioned { // win32
		return "win"
	}
	return family
}

// number is a version as the system counts.
func (s *system) number(v version) string {
	text, ok := s.write("{n}", v)
	if ok && s.os == osAndroid {
		return text
	}
	return dotted(v)
}
