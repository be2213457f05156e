package host

import (
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
)

// checkConflicts refuses a prefix whose files disagree about something that no
// option states.
func (b *builder) checkConflicts() error {
	if b.given.Prefix == nil {
		return nil
	}
	for _, c := range b.given.Prefix.Conflicts {
		settled := false
		switch c.Field {
		case "platform", "libc":
			settled = len(b.given.Platforms) > 0
		case "python":
			settled = b.given.PythonVersion != ""
		case "implementation":
			settled = b.given.Implementation != "" || len(b.given.ABIs) > 0
		case "abi":
			settled = len(b.given.ABIs) > 0 || b.given.PythonVersion != ""
		}
		if !settled {
			return c
		}
	}
	return nil
}

// ownPython reports whether the Python is the prefix's: no option states
// another one.
func (b *builder) ownPython() bool {
	p, given := b.given.Prefix, b.given
	return p != nil && p.Python != "" && given.PythonVersion == "" && len(given.ABIs) == 0 &&
		(given.Implementation == "" || b.impl == p.Implementation)
}

// ownPlatform reports whether the platform is the prefix's.
func (b *builder) ownPlatform() bool {
	p := b.given.Prefix
	return p != nil && p.Platform != "" && len(b.given.Platforms) == 0
}

// spellings are the platforms that the files name, as the options would: on
// Linux both the kernel's and that of the C library, in the order in which a
// Python there lists them.
func (f *Facts) spellings() []string {
	arch, ok := strings.CutPrefix(f.Platform, "linux-")
	libc, number, ok2 := strings.Cut(f.Libc, " ")
	if !ok || !ok2 {
		return []string{f.Platform}
	}
	out := []string{"linux_" + arch}
	v, ok := parseDotted(number)
	kind := map[string]libcKind{"glibc": libcGlibc, "musl": libcMusl}[libc]
	if s := findSystem(osLinux, kind, arch, ""); ok && kind != libcNone && s != nil && !v.less(s.floor) {
		out = append(out, s.tagAt(v))
	}
	return out
}

// Describes reports whether the files say for which machine the host is, so
// that [New] needs no other word about it.
func (f *Facts) Describes() bool {
	return len(f.Tags) > 0 || f.Platform != "" && (!strings.HasPrefix(f.Platform, "linux-") || f.Libc != "")
}

// fullPython is the version with everything that files say of it.
func (f *Facts) fullPython(v PythonVersion) PythonVersion {
	full := f.Markers["python_full_version"]
	if leadingVersion(full) == "" || !strings.HasPrefix(full, v.Short()+".") {
		return v
	}
	if complete, err := v.complete(full); err == nil {
		return complete
	}
	return v
}

// takeMarkers replaces derived values by those that files state.
func (b *builder) takeMarkers(values map[string]requirements.Value) {
	p := b.given.Prefix
	if p == nil {
		return
	}
	for name, value := range p.Markers {
		ofPython := strings.Contains(name, "python") || strings.HasPrefix(name, "implementation")
		if _, known := values[name]; !known || ofPython && !b.ownPython() || !ofPython && !b.ownPlatform() {
			continue
		}
		values[name] = known(value)
		b.origins[name] = p.originOf(name, ofPython)
	}
}

// originOf is the file that states a field of the Python or of the platform.
func (f *Facts) originOf(field string, ofPython bool) string {
	for _, s := range f.Sources {
		if s.Field == field {
			return s.File
		}
	}
	if ofPython {
		return f.PythonOrigin
	}
	return f.PlatformOrigin
}

// takeScheme replaces the paths of the default scheme by those of the prefix. A
// virtual environment has headers where pip puts them.
func (b *builder) takeScheme() {
	p := b.given.Prefix
	if p == nil || p.Scheme == nil && !p.Virtual {
		return
	}
	if v, err := ParsePythonVersion(p.Python); err != nil || v.Short() != b.python.Short() {
		return
	}
	if p.Scheme != nil {
		s := *p.Scheme
		s.ScriptKind, s.CaseFolds, s.Windows = b.scheme.ScriptKind, b.scheme.CaseFolds, b.scheme.Windows
		b.scheme = s
		b.origins["scheme"] = p.originOf("scheme", true)
	}
	if p.Virtual {
		b.scheme.Headers = b.scheme.virtualHeaders(b.python.Short())
	}
}

// takeTags replaces the tags by those that a file lists, unless an option
// states something that they depend on.
func (b *builder) takeTags() {
	p := b.given.Prefix
	if p != nil && len(p.Tags) > 0 && b.ownPython() && b.ownPlatform() && !b.exact {
		b.tags = tagSetOf(p.Tags)
	}
}

// takeNotes repeats what was assumed about the prefix's platform.
func (b *builder) takeNotes() {
	if !b.ownPlatform() {
		return
	}
	for _, note := range b.given.Prefix.Notes {
		if !slices.Contains(b.notes, note) {
			b.notes = append(b.notes, note)
		}
	}
}

// In is a Python of the build machine as it is in a virtual environment that
// was made of it: the same in everything but where packages and programs go.
// It returns nil for a host that is no Python of the build machine.
func (h *Host) In(f Facts) *Host {
	if h.native == nil {
		return nil
	}
	answer := *h.native
	answer.Prefix, answer.Executable, answer.Paths = f.Prefix, f.Executable, nil
	own := *h
	own.native = &answer
	impl, _, _ := lookupImplementation(h.impl)
	own.scheme = answer.scheme(schemeFor(h.main().os, impl, h.python, h.threaded))
	return own.seal()
}
