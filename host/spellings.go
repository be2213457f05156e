package host

import (
	"slices"
	"strconv"
	"strings"
)

// A Spelling is one of the names that a host's platform goes by.
type Spelling struct {
	Kind Kind
	Text string
	// Open is what the name leaves open, so that it alone does not stand for
	// this host: "glibc version", "C library", "system". It is "" if
	// --platform with this name makes the same host.
	Open string
}

// Spellings lists the names by which the host's platform goes elsewhere, in
// the order of their kinds, the usual one of a kind first. A name that cannot
// say the version is among them; what would be taken instead is found by New.
func (h *Host) Spellings() []Spelling {
	p := h.main()
	if len(h.machines) > 0 {
		p = h.machines[0] // a Linux is first of all linux_ARCH, but its C library has more names
	}
	if p.system == nil || p.version == (version{}) && p.system.floor != (version{}) {
		return []Spelling{{Kind: KindTag, Text: p.name}} // literal, or Emscripten alone
	}
	tag := p.system.tagAt(p.version)
	if p.os == osFreeBSD || p.os == osWASI {
		tag = p.name // which can say more than a version
	}
	list := []Spelling{h.spelling(KindTag, p, tag)}
	for kind := range kindCount {
		for pattern := range strings.FieldsSeq(p.system.names[kind]) {
			text, ok := p.system.write(strings.TrimPrefix(pattern, ">"), p.version)
			if !ok || pattern[0] == '<' {
				continue
			}
			if kind == KindCibuildwheel {
				if text, ok = h.identifier(text); !ok {
					continue
				}
			}
			list = append(list, h.spelling(kind, p, text))
		}
	}
	for _, short := range p.system.short {
		list = append(list, h.spelling(KindShort, p, short.name))
	}
	return slices.Compact(list)
}

// spelling asks the reader of names what a name that stands for p leaves open.
func (h *Host) spelling(kind Kind, p platform, text string) Spelling {
	s := Spelling{Kind: kind, Text: text}
	switch r, ok, err := (spellingContext{}).read(strings.ToLower(text)); {
	case !ok || err != nil, r.os != p.os:
		s.Open = "system"
	case r.cpu() != p.cpu():
		s.Open = "processor"
	case r.system.sdk != p.system.sdk:
		s.Open = "device or simulator"
	case r.system != p.system:
		s.Open = "C library"
	case r.version != p.version:
		s.Open = p.versionTitle()
	case r.name != p.name && p.os == osFreeBSD:
		s.Open = "patch level"
	}
	return s
}

// versionTitle is what the version of a platform is one of.
func (p platform) versionTitle() string {
	switch p.os {
	case osLinux:
		return p.libc().String() + " version"
	case osAndroid:
		return "API level"
	case osEmscripten:
		return "Pyodide version"
	}
	return p.os.String() + " version"
}

// identifier puts the Python before a platform, as cibuildwheel does.
func (h *Host) identifier(platform string) (string, bool) {
	if h.python.Parts < 2 || h.impl != "cp" && h.impl != "pp" {
		return "", false
	}
	id := h.impl + h.python.nodot()
	if h.threaded {
		id += "t"
	}
	return id + "-" + platform, true
}

// write puts a version into a name of the table. It reports false if the name
// has no way to say this version.
func (s *system) write(pattern string, v version) (string, bool) {
	before, rest, ok := strings.Cut(pattern, "{")
	if !ok {
		return pattern, true
	}
	slot, after, _ := strings.Cut(rest, "}")
	number := ""
	switch slot {
	case ".":
		number = dotted(v)
	case "_":
		number = strings.ReplaceAll(dotted(v), ".", "_")
	case "n":
		if v.minor == 0 {
			number = strconv.Itoa(v.major)
		}
	case "legacy":
		number = strings.TrimPrefix(legacyManylinux[v], "manylinux")
	case "darwin":
		for kernel := 8; kernel <= maxVersion; kernel++ {
			if macOS, _ := macOSOfDarwin(kernel); macOS == v {
				number = strconv.Itoa(kernel) + ".0.0"
			}
		}
	case "emscripten":
		if abi, ok := pyodideByVersion(v); ok {
			number = abi.emscripten
		}
	}
	return before + number + after, number != ""
}
