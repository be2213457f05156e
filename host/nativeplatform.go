package host

import (
	"fmt"
	"slices"
	"strings"
)

// platforms returns the platform that the interpreter runs on and the platform
// tags of packaging.tags.platform_tags (26.3) in their order.
func (f *probe) platforms() (platform, []string, error) {
	switch f.System {
	case "Linux":
		return f.linux()
	case "Darwin":
		return f.macOS()
	case "iOS":
		if len(f.IOS) == 2 {
			return f.parsed("ios_" + twoNumbers(f.IOS[0]) + "_" + f.IOS[1])
		}
	case "Android":
		abi := f.Platform[strings.LastIndex(f.Platform, "-")+1:]
		return f.parsed(fmt.Sprintf("android_%d_%s", f.AndroidAPI, abi))
	case "Emscripten":
		own, tags, err := f.parsed(f.Platform)
		if err != nil || f.Pyemscripten == "" {
			return own, tags, err
		}
		p, tags, err := f.parsed("pyemscripten_" + f.Pyemscripten + "_wasm32")
		return p, append(tags[:min(1, len(tags))], own.name), err
	}
	p, _, err := f.parsed(f.Platform)
	if err != nil { // a system without a family of its own here
		name := normalizeTag(f.Platform)
		if !isTagWord(name) {
			return p, nil, fmt.Errorf("platform %q: %w", f.Platform, err)
		}
		p = platform{os: osUnknown, name: name}
	}
	return p, []string{p.name}, nil
}

// parsed reads a platform by its tag or by sysconfig's name of it.
func (f *probe) parsed(name string) (platform, []string, error) {
	p, _, ok, err := parseTag(normalizeTag(name))
	if err == nil && !ok {
		err = &UnknownPlatformError{Input: name}
	}
	if err != nil {
		return platform{}, nil, err
	}
	return p, p.expand(), nil
}

func normalizeTag(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "_", ".", "_", " ", "_").Replace(s))
}

// twoNumbers cuts "17.4.1" to "17_4".
func twoNumbers(release string) string {
	parts := strings.Split(release+".0", ".")
	return parts[0] + "_" + parts[1]
}

func (f *probe) macOS() (platform, []string, error) {
	if len(f.MacOS) != 2 {
		return platform{}, nil, fmt.Errorf("macOS without a version")
	}
	machine := f.MacOS[1]
	if f.Bits == 32 {
		machine = "i386"
	}
	return f.parsed("macosx_" + twoNumbers(f.MacOS[0]) + "_" + machine)
}

// linux lists linux_* first, then the C library's tags: what was made for this
// very system is nearer than what was made for many.
func (f *probe) linux() (platform, []string, error) {
	native := normalizeTag(f.Platform)
	arch, ok := strings.CutPrefix(native, "linux_")
	if !ok || !isTagWord(arch) {
		return platform{}, nil, fmt.Errorf("platform %q is none of Linux", f.Platform)
	}
	if f.Bits == 32 {
		switch arch {
		case "x86_64":
			arch = "i686"
		case "aarch64":
			arch = "armv8l"
		}
	}
	archs := []string{arch}
	if arch == "armv8l" {
		archs = append(archs, "armv7l")
	}
	main := platform{os: osLinux, name: "linux_" + arch, system: findSystem(osLinux, libcNone, arch, "")}
	if main.system == nil {
		main.os = osUnknown
	}
	tags := make([]string, 0, 40)
	for _, arch := range archs {
		tags = append(tags, "linux_"+arch)
	}
	// The host is named by its native tag, but what it can load is decided
	// by the C library too.
	glibc, _ := parseDotted(f.Glibc)
	musl, _ := parseDotted(f.Musl)
	for _, arch := range archs {
		if s := libcSystem(libcGlibc, arch); s != nil && glibc.major == 2 && glibc.minor <= maxVersion && f.loadsManylinux(archs) {
			p := s.at(glibc)
			tags = append(tags, f.withoutRefused(p)...)
			main.system, main.version = s, glibc
		}
	}
	for _, arch := range archs {
		if s := libcSystem(libcMusl, arch); s != nil && musl.major > 0 && musl.minor <= maxVersion {
			tags = append(tags, s.at(musl).expand()...)
			main.system, main.version = s, musl
		}
	}
	return main, tags, nil
}

// libcSystem returns the system of a processor with a C library. packaging
// lists musllinux tags for every processor, and manylinux tags for armv8l,
// though nobody makes such wheels: the table of systems does not have those.
func libcSystem(libc libcKind, arch string) *system {
	if s := findSystem(osLinux, libc, arch, ""); s != nil {
		return s
	}
	plain := findSystem(osLinux, libcNone, arch, "")
	if plain == nil || libc == libcGlibc && arch != "armv8l" {
		return nil
	}
	s := *plain
	s.libc, s.floor = libc, musl10
	if libc == libcGlibc {
		s.floor = glibcOther
	}
	return &s
}

// loadsManylinux checks, where a processor has several ABIs, that the
// interpreter itself has the one that manylinux names: hard-float EABI 5 on
// ARM, 32-bit x86.
func (f *probe) loadsManylinux(archs []string) bool {
	e := f.ELF
	switch {
	case slices.Contains(archs, "armv7l"):
		const machineARM, abiMask, eabi5, hardFloat = 40, 0xff000000, 0x05000000, 0x400
		return e != nil && e.Bits == 32 && e.Little && e.Machine == machineARM &&
			e.Flags&abiMask == eabi5 && e.Flags&hardFloat != 0
	case slices.Contains(archs, "i686"):
		const machine386 = 3
		return e != nil && e.Bits == 32 && e.Little && e.Machine == machine386
	}
	return true
}

// withoutRefused drops the versions that the interpreter's _manylinux module
// takes back (PEP 600).
func (f *probe) withoutRefused(p platform) []string {
	if len(f.RefusedManylinux) == 0 {
		return p.expand()
	}
	refused := make(map[string]bool)
	for _, minor := range f.RefusedManylinux {
		v := version{2, minor}
		refused[p.system.tagAt(v)] = true
		refused[legacyManylinux[v]+"_"+p.system.arch] = true
	}
	return slices.DeleteFunc(p.expand(), func(tag string) bool { return refused[tag] })
}
