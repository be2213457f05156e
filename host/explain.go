package host

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// Part is what keeps a wheel from fitting a host.
type Part string

// The parts, from near to far.
const (
	PartOSVersion      Part = "os version"     // needs a newer operating system
	PartLibcVersion    Part = "libc version"   // needs a newer C library
	PartExact          Part = "exact"          // older than the host, which takes no other
	PartFreeThreading  Part = "free-threading" // built for the other kind of CPython
	PartPython         Part = "python"         // for another Python version
	PartABI            Part = "abi"            // for a build with other options
	PartSDK            Part = "sdk"            // simulator instead of device, or the reverse
	PartArch           Part = "arch"           // for another processor
	PartLibc           Part = "libc"           // for another C library
	PartImplementation Part = "implementation" // for another Python implementation
	PartOS             Part = "os"             // for another operating system
	PartTag            Part = "tag"            // no host has such a tag
)

// distances order the parts; versions add how far they are off.
var distances = map[Part]int{
	PartOSVersion: 100, PartLibcVersion: 100, PartExact: 100, PartFreeThreading: 500, PartPython: 600,
	PartABI: 900, PartSDK: 2000, PartArch: 3000, PartLibc: 4000, PartImplementation: 6000, PartOS: 10000, PartTag: 20000,
}

// Mismatch says why a wheel does not fit a host. The zero Mismatch means that
// it does.
type Mismatch struct {
	Part Part
	// Wanted is what the wheel needs, Has what the host has: "iOS 15.0" and
	// "iOS 13.0".
	Wanted, Has string
	// Sentence says it for people: "needs iOS 15.0, this host is iOS 13.0".
	Sentence string
	// Fix is the options with which the wheel would fit, "" if there are
	// none: "--platform ios_15_0_arm64_iphoneos".
	Fix string
	// Distance compares near misses: the smaller, the nearer. 0 fits.
	Distance int
	// Tag is the one of the wheel's tags that comes nearest.
	Tag wheel.Tag
}

// Fits reports whether nothing is wrong.
func (m Mismatch) Fits() bool { return m.Distance == 0 }

// Explain says what keeps the wheel from fitting the host, judged by the tag
// that comes nearest.
func (h *Host) Explain(f wheel.Filename) Mismatch {
	if _, ok := h.BestRank(f); ok {
		return Mismatch{}
	}
	runtime := h.nearestRuntime(f.Pythons(), f.ABIs())
	machine := h.nearestPlatform(f.Platforms())
	return h.judge(runtime, machine)
}

// nearestRuntime compares every pair of Python and ABI. A compressed set is a
// full product, so that the nearest pair and the nearest platform make the
// nearest tag.
func (h *Host) nearestRuntime(pythons, abis []string) Mismatch {
	var runtime Mismatch
	for i, python := range pythons {
		for j, abi := range abis {
			m := h.explainRuntime(python, abi)
			m.Tag.Python, m.Tag.ABI = python, abi
			if i+j == 0 || m.Distance < runtime.Distance {
				runtime = m
			}
		}
	}
	return runtime
}

func (h *Host) nearestPlatform(platforms []string) Mismatch {
	var machine Mismatch
	for i, tag := range platforms {
		m := h.explainPlatform(tag)
		m.Tag.Platform = tag
		if i == 0 || m.Distance < machine.Distance {
			machine = m
		}
	}
	if machine.Part == PartOS {
		machine.Wanted = strings.Join(systemsOf(platforms), ", ")
		machine.Sentence = "built for " + machine.Wanted
	}
	return machine
}

// judge puts the two halves of a tag together.
func (h *Host) judge(runtime, machine Mismatch) Mismatch {
	m := combine(runtime, machine)
	// Pyodide's ABI and its Python change together or not at all.
	otherPython := h.main().os == osEmscripten && !strings.HasPrefix(m.Fix, "--platform")
	if !isPossible(m.Tag) || otherPython {
		m.Fix = ""
	}
	return m
}

// isPossible reports whether some host has such a tag: people name wheels in
// ways that none does, cp314-cp314-any or py3-abi3-win_amd64.
func isPossible(tag wheel.Tag) bool {
	t := parsePythonTag(tag.Python)
	switch {
	case tag.ABI == "none":
		return true
	case tag.Platform == "any" || t.impl == "py":
		return false
	case t.impl == "cp" && (tag.ABI == "abi3" || tag.ABI == "abi3t"):
		return t.minor >= 2
	case t.impl == "cp":
		return strings.TrimSuffix(pythonOfABI(tag.ABI), "t") == strconv.Itoa(t.major)+"."+strconv.Itoa(t.minor)
	}
	return true
}

func combine(runtime, machine Mismatch) Mismatch {
	tag := wheel.Tag{Python: runtime.Tag.Python, ABI: runtime.Tag.ABI, Platform: machine.Tag.Platform}
	worst, other := machine, runtime
	if runtime.Distance > machine.Distance {
		worst, other = runtime, machine
	}
	if worst.Fits() { // each part by itself is there, but not in this combination
		worst = mismatch(PartTag, tag.String(), "", "no host has the tag "+tag.String())
	}
	worst.Tag = tag
	if other.Fits() {
		return worst
	}
	worst.Distance += other.Distance
	worst.Sentence += "; " + other.Sentence
	if worst.Fix != "" && other.Fix != "" {
		worst.Fix = machine.Fix + " " + runtime.Fix
	} else {
		worst.Fix = ""
	}
	return worst
}

func mismatch(part Part, wanted, has, sentence string) Mismatch {
	return Mismatch{Part: part, Wanted: wanted, Has: has, Sentence: sentence, Distance: distances[part]}
}

// familyOf maps the beginning of a platform tag to its operating system.
var familyOf = map[string]osKind{
	"ios": osIOS, "android": osAndroid, "macosx": osMacOS, "win": osWindows, "win32": osWindows, "linux": osLinux,
	"manylinux": osLinux, "manylinux1": osLinux, "manylinux2010": osLinux, "manylinux2014": osLinux, "musllinux": osLinux,
	"pyemscripten": osEmscripten, "pyodide": osEmscripten, "emscripten": osEmscripten,
	"freebsd": osFreeBSD, "wasi": osWASI,
}

// systemsOf names the operating systems of platform tags, in the order of the
// tags. A tag of no known family is its own name.
func systemsOf(platforms []string) []string {
	var names []string
	for _, tag := range platforms {
		name := tag
		prefix, _, _ := strings.Cut(tag, "_")
		if os, known := familyOf[prefix]; known {
			name = os.String()
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// explainPlatform compares a platform tag with the nearest of the host's
// platforms.
func (h *Host) explainPlatform(tag string) Mismatch {
	if _, ok := h.tags.order[tag]; ok || tag == "any" {
		return Mismatch{}
	}
	p, _, known, err := parseTag(tag)
	if !known || err != nil {
		return mismatch(PartOS, tag, h.Platform(), "built for "+tag)
	}
	var best Mismatch
	for i, own := range h.platforms {
		if m := h.comparePlatforms(p, own); i == 0 || m.Distance < best.Distance {
			best = m
		}
	}
	return best
}

func (h *Host) comparePlatforms(p, own platform) Mismatch {
	if p.os != own.os || own.system == nil || p.system == nil {
		return mismatch(PartOS, p.os.String(), own.os.String(), "built for "+p.os.String())
	}
	if p.os == osIOS && p.system.sdk != own.system.sdk {
		wanted, has := "the device", "a simulator"
		if p.system.sdk == "iphonesimulator" {
			wanted, has = "the simulator", "a device"
		}
		return mismatch(PartSDK, wanted, has, "for "+wanted+", this host is "+has)
	}
	if !sameArch(p, own) {
		return mismatch(PartArch, p.system.arch, own.system.arch, "for "+p.system.arch+", this host is "+own.system.arch)
	}
	if p.os == osEmscripten {
		m := mismatch(PartOSVersion, p.name, own.name, "for "+p.name+", this host is "+own.name)
		m.Fix = "--platform " + p.name
		return m
	}
	if p.libc() != own.libc() {
		return h.compareLibc(p, own)
	}
	return h.compareVersions(p, own)
}

func sameArch(p, own platform) bool {
	if p.os == osMacOS {
		return slices.Contains(macFormats(own.system.arch, 16), p.system.arch)
	}
	return p.system.arch == own.system.arch
}

func (h *Host) compareLibc(p, own platform) Mismatch {
	switch {
	case p.libc() == libcNone:
		return mismatch(PartLibc, p.name, own.release(), "built for one Linux of its own ("+p.name+" promises no C library)")
	case own.libc() == libcNone:
		m := mismatch(PartLibc, p.release(), own.name, "needs "+p.release()+", this host ("+own.name+") promises no C library")
		if h.native == nil {
			m.Fix = "--platform " + p.name
		}
		return m
	}
	return mismatch(PartLibc, p.libc().String(), own.libc().String(), "needs "+p.libc().String()+", not "+own.libc().String())
}

func (h *Host) compareVersions(p, own platform) Mismatch {
	if p.os == osMacOS && p.version.major > 10 && p.version.minor > 0 {
		return mismatch(PartTag, p.name, own.name, "has the tag "+p.name+", but from macOS 11 on hosts have tags of major versions alone")
	}
	if !own.version.less(p.version) {
		return mismatch(PartExact, p.release(), own.name, "is for "+p.name+", and this host takes nothing but its own platform")
	}
	part, verb := PartOSVersion, "is"
	if p.libc() != libcNone {
		part, verb = PartLibcVersion, "promises"
	}
	has := own.release()
	m := mismatch(part, p.release(), has, "needs "+p.release()+", this host "+verb+" "+strings.TrimPrefix(has, p.libc().String()+" "))
	m.Distance += min(10*(p.version.major-own.version.major)+max(0, p.version.minor-own.version.minor), 300)
	if h.native == nil {
		m.Fix = "--platform " + own.system.tagAt(p.version)
	}
	return m
}

// pythonTag is a Python tag taken apart: "cp313" or "py3".
type pythonTag struct {
	impl         string
	major, minor int // -1 if not said
}

func parsePythonTag(tag string) pythonTag {
	impl := strings.TrimRight(tag, "0123456789")
	digits := tag[len(impl):]
	t := pythonTag{impl: impl, major: -1, minor: -1}
	if digits == "" || len(digits) > 4 {
		return t
	}
	t.major = int(digits[0] - '0')
	if n, err := strconv.Atoi(digits[1:]); err == nil {
		t.minor = n
	}
	return t
}

func (t pythonTag) String() string {
	name := t.impl
	for _, impl := range implementations {
		if impl.short == t.impl {
			name = impl.title
		}
	}
	if t.impl == "py" {
		name = "Python"
	}
	if t.major >= 0 {
		name += " " + strconv.Itoa(t.major)
	}
	if t.minor >= 0 {
		name += "." + strconv.Itoa(t.minor)
	}
	return name
}

// explainRuntime compares a pair of Python and ABI tag with the host's Python.
func (h *Host) explainRuntime(python, abi string) Mismatch {
	if _, ok := h.tags.places[pair{python, abi}]; ok {
		return Mismatch{}
	}
	t := parsePythonTag(python)
	has := pythonTag{h.impl, h.python.Major, h.python.Minor}
	if t.impl != "py" && t.impl != h.impl {
		return mismatch(PartImplementation, t.String(), has.String(), "needs "+t.String())
	}
	stable := abi == "abi3" || abi == "abi3t"
	wrongGIL := h.impl == "cp" && abi != "none" && (abi == "abi3t" || isThreadedABI(abi)) != h.threaded &&
		(stable || pythonOfABI(abi) != "")
	newer := t.major == h.python.Major && t.minor > h.python.Minor
	switch {
	case wrongGIL:
		return h.explainGIL(t, abi, has, newer)
	case t.major != h.python.Major || newer || !stable && abi != "none" && t.minor != h.python.Minor ||
		abi == "none" && t.impl != "py" && t.minor != h.python.Minor:
		return h.explainVersion(t, abi, has)
	}
	return mismatch(PartABI, abi, strings.Join(h.abis, ", "), "needs the ABI "+abi)
}

func (h *Host) explainGIL(t pythonTag, abi string, has pythonTag, newer bool) Mismatch {
	m := mismatch(PartFreeThreading, "free-threaded "+t.String(), has.String(), "free-threaded only")
	if h.threaded {
		m = mismatch(PartFreeThreading, t.String()+" with the GIL", "free-threaded "+has.String(), "not for free-threaded Python")
	}
	fix := "--python-version " + h.python.Short()
	if abi != "abi3" && abi != "abi3t" || newer {
		m.Distance += versionDistance(t, h.python)
		fix = "--python-version " + strconv.Itoa(t.major) + "." + strconv.Itoa(t.minor)
	}
	if !h.threaded {
		fix += "t"
	}
	if h.fixesPython(t, fix) {
		m.Fix = fix
	}
	return m
}

func (h *Host) explainVersion(t pythonTag, abi string, has pythonTag) Mismatch {
	m := mismatch(PartPython, t.String(), has.String(), "needs "+t.String())
	if abi == "abi3" || abi == "abi3t" || t.impl == "py" && t.minor >= 0 {
		m.Sentence += " or newer"
	}
	m.Distance += versionDistance(t, h.python)
	fix := "--python-version " + strconv.Itoa(t.major)
	if t.minor >= 0 {
		fix += "." + strconv.Itoa(t.minor)
		if isThreadedABI(abi) || abi == "abi3t" {
			fix += "t"
		}
	}
	if h.fixesPython(t, fix) {
		m.Fix = fix
	}
	return m
}

// fixesPython reports whether another --python-version would help: no Python
// before 3.8 is worth the advice, and a given ABI would stand against it.
func (h *Host) fixesPython(t pythonTag, fix string) bool {
	_, err := ParsePythonVersion(strings.TrimPrefix(fix, "--python-version "))
	return err == nil && t.major == 3 && t.minor >= 8 && len(h.given.ABIs) == 0
}

func versionDistance(t pythonTag, v PythonVersion) int {
	d := t.minor - v.Minor
	if d < 0 {
		d = -d
	}
	if t.major != v.Major {
		d += 100
	}
	return min(d, 290)
}
