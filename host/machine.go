package host

import (
	"slices"
	"strings"
)

// machine is what a build tool's file says of a host, part by part. It says
// nothing of what is zero.
type machine struct {
	os      osKind
	libc    libcKind
	cpu     string
	sdk     string // iOS
	version version
}

// processors translates the names of processors. Those that macOS has in one
// file are one.
func (m machine) processors(names []string) []string {
	var cpus []string
	for _, name := range names {
		cpu, known := cpuNames[strings.ToLower(name)]
		if !known {
			cpu = name
		}
		if !slices.Contains(cpus, cpu) {
			cpus = append(cpus, cpu)
		}
	}
	if m.os == osMacOS && slices.Contains(cpus, cpuX8664) && slices.Contains(cpus, cpuAArch64) {
		return []string{cpuUniversal}
	}
	return cpus
}

// system is the row of the table that the machine is of, nil if there is none.
func (m machine) system() *system {
	if m.os == osLinux && m.libc == libcNone && m.cpu != cpuARMv6 {
		m.libc = libcGlibc // what is meant by a Linux of which no more is said
	}
	for i := range systems {
		s := &systems[i]
		if s.os == m.os && s.cpu == m.cpu && s.libc == m.libc && s.named() && (m.sdk == "" || s.sdk == m.sdk) {
			return s
		}
	}
	return nil
}

// spell returns the name that --platform has for the machine: its tag, or
// where the version was not said the first name that leaves it open. It
// returns "" if the table has no such machine.
func (m machine) spell() string {
	s := m.system()
	if s == nil {
		return ""
	}
	if m.version != (version{}) {
		return s.tagAt(m.version)
	}
	for kind, column := range s.names {
		if Kind(kind) == KindSysconfig && s.libc != libcNone {
			continue // is the same whatever the C library
		}
		for name := range strings.FieldsSeq(column) {
			if name[0] == '>' || name[0] == '<' || strings.Contains(name, "{") {
				continue
			}
			if r, ok, err := (spellingContext{}).read(strings.ToLower(name)); ok && err == nil && r.system == s {
				return name
			}
		}
	}
	return s.tagAt(s.usual)
}

// tripleTools end the names of tools that begin with a triple.
var tripleTools = []string{"-gcc-ar", "-gcc", "-g++", "-c++", "-cc", "-clang", "-clang++", "-cpp", "-ar", "-strip", "-ld"}

// tripleIn cuts the triple from the name of a tool:
// /opt/cross/bin/aarch64-linux-gnu-gcc-13. Of other names it returns all, and
// false.
func tripleIn(name string) (string, bool) {
	name = strings.ToLower(name[strings.LastIndexAny(name, `/\`)+1:])
	name = strings.TrimSuffix(name, ".exe")
	if cut, number, ok := cutLast(name, "-"); ok && number != "" && strings.Trim(number, "0123456789.") == "" {
		name = cut
	}
	for _, tool := range tripleTools {
		if triple, ok := strings.CutSuffix(name, tool); ok {
			return triple, true
		}
	}
	return name, false
}

// ofTriple is the machine of a triple or of a tool that is named by one. It
// reports false for other names.
func ofTriple(name string) (machine, bool) {
	name, _ = tripleIn(name)
	if tripleKey(name) == "" {
		return machine{}, false
	}
	sp, v, ok := spellings().find(name)
	if !ok {
		return machine{}, false
	}
	s := sp.system
	return machine{os: s.os, libc: s.libc, cpu: s.cpu, sdk: s.sdk, version: v}, true
}

// isTriple reports whether a name has the form of a triple, be it of a machine
// that the table has or of another: arm-linux-gnueabi, x86_64-linux-gnux32.
func isTriple(name string) bool {
	words := strings.Split(name, "-")
	return tripleKey(name) != "" && slices.ContainsFunc(words[1:], func(word string) bool {
		return namesSystem(word) || strings.HasPrefix(word, "eabi")
	})
}

// refined completes what a file says in its own words by what a triple in it
// says. It reports false if the two are of different machines. A compiler can
// make code for more than its name says, and a triple can say more than the
// words: Android is a Linux, iOS a Darwin.
func (m machine) refined(triple machine) (machine, bool) {
	switch {
	case m.os == osUnknown, m.os == osLinux && triple.os == osAndroid, m.os == osMacOS && triple.os == osIOS:
		m.os = triple.os
	case m.os != triple.os:
		return m, false
	}
	x86 := []string{cpuX8664, cpuI686}
	arm := []string{cpuARMv6, cpuARMv7}
	switch {
	case m.cpu == "":
		m.cpu = triple.cpu
	case m.cpu == triple.cpu, m.cpu == cpuUniversal,
		slices.Contains(x86, m.cpu) && slices.Contains(x86, triple.cpu), slices.Contains(arm, m.cpu) && slices.Contains(arm, triple.cpu):
	default:
		return m, false
	}
	otherLibc := m.libc != libcNone && triple.libc != libcNone && m.libc != triple.libc
	otherSDK := m.sdk != "" && triple.sdk != "" && m.sdk != triple.sdk
	// Of macOS and iOS, the version in a triple is often that of the compiler.
	otherLevel := m.os == osAndroid && m.version != version{} && triple.version != version{} && m.version != triple.version
	if otherLibc || otherSDK || otherLevel {
		return m, false
	}
	if m.libc == libcNone {
		m.libc = triple.libc
	}
	if m.sdk == "" {
		m.sdk = triple.sdk
	}
	if m.version == (version{}) {
		m.version = triple.version
	}
	return m, true
}
