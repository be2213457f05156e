package host

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// UnfitError refuses a file of machine code that the host cannot load.
type UnfitError struct {
	Path   string // in the wheel
	Format wheel.Format
	// Part is what does not fit: [PartOS], [PartArch], [PartSDK],
	// [PartLibc], [PartLibcVersion] or [PartOSVersion].
	Part Part
	// Wanted is what the file needs, Has what the host has.
	Wanted, Has string
	Host        string // the host's platform tag
}

func (e *UnfitError) Error() string {
	return fmt.Sprintf("%q (%s) is for %s; the host %s is %s", e.Path, e.Format, e.Wanted, e.Host, e.Has)
}

// otherProcessors are the machines of code that no host's processor executes:
// the kernel's virtual one, those of graphics cards, and .NET's.
var otherProcessors = []string{"bpf", "cuda", "amdgpu", wheel.MachineCIL}

// isData reports whether a file is machine code that no host loads itself:
//
//   - an .exe: launchers for Windows lie in pip, setuptools and distlib
//     wherever they are installed, and 64-bit Windows starts 32-bit ones;
//   - WebAssembly that is not an Emscripten library: assets for browsers;
//   - code for graphics cards and virtual machines.
func isData(n wheel.Native) bool {
	switch n.Format {
	case wheel.FormatPE:
		if strings.HasSuffix(strings.ToLower(n.Path), ".exe") {
			return true
		}
	case wheel.FormatWasm:
		return n.OS != wheel.OSEmscripten
	}
	return len(n.Machines) == 1 && slices.Contains(otherProcessors, n.Machines[0])
}

// Fits checks one file of machine code against the host: format, operating
// system, processor, C library, and the oldest version of glibc, iOS or Android
// that the file runs on.
// It returns nil if one of the host's platforms can load the file, and for
// what a host does not load by itself (Windows launchers, WebAssembly for
// browsers, accelerator code, and archives that do not name a processor).
// Otherwise it returns a *UnfitError.
func (h *Host) Fits(n wheel.Native) error {
	if e := h.unfit(n); e != nil {
		return e
	}
	return nil
}

func (h *Host) unfit(n wheel.Native) *UnfitError {
	if isData(n) {
		return nil
	}
	var first *UnfitError
	for _, p := range h.machines {
		if p.os == osUnknown {
			return nil
		}
		m := p.load(n)
		if m.Fits() {
			return nil
		}
		if first == nil {
			first = &UnfitError{Path: n.Path, Format: n.Format, Part: m.Part, Wanted: m.Wanted, Has: m.Has, Host: p.name}
		}
	}
	if first == nil { // only "any"
		first = &UnfitError{Path: n.Path, Format: n.Format, Part: PartOS, Wanted: codeFor(n), Has: "every machine, so it can load no machine code", Host: "any"}
	}
	return first
}

// CheckWheel checks the machine code in an unpacked wheel and returns what does
// not fit, in the order of natives. In a wheel for any platform, files for
// several operating systems are not a build that leaked: the project brings
// its own helpers for each and chooses among them when it runs. They are let
// pass.
func (h *Host) CheckWheel(f wheel.Filename, natives []wheel.Native) []*UnfitError {
	var unfit []*UnfitError
	for _, n := range natives {
		if e := h.unfit(n); e != nil {
			unfit = append(unfit, e)
		}
	}
	if len(unfit) > 0 && f.IsPure() && severalSystems(natives) {
		return nil
	}
	return unfit
}

func severalSystems(natives []wheel.Native) bool {
	formats := make(map[wheel.Format]bool)
	for _, n := range natives {
		switch n.Format {
		case wheel.FormatELF, wheel.FormatMachO, wheel.FormatPE:
			if !isData(n) {
				formats[n.Format] = true
			}
		}
	}
	return len(formats) > 1
}

// codeFor names what a file is for.
func codeFor(n wheel.Native) string {
	var parts []string
	if n.OS != "" {
		parts = append(parts, n.OS)
	}
	parts = append(parts, n.Machines...)
	if len(parts) == 0 {
		return string(n.Format)
	}
	return strings.Join(parts, " ")
}

// load compares a file with what the platform can load.
func (p platform) load(n wheel.Native) Mismatch {
	switch n.Format {
	case wheel.FormatArchive, wheel.FormatImportLibrary: // for linkers, not for loaders
		if len(n.Machines) == 0 || slices.ContainsFunc(n.Machines, p.runs) {
			return Mismatch{}
		}
		return mismatch(PartArch, codeFor(n), p.cpu(), "")
	case wheel.FormatELF:
		if p.os == osLinux || p.os == osAndroid {
			return p.loadELF(n)
		}
	case wheel.FormatMachO:
		if p.os == osMacOS || p.os == osIOS {
			return p.loadMachO(n)
		}
	case wheel.FormatPE:
		if p.os == osWindows {
			return p.loadPE(n)
		}
	case wheel.FormatWasm:
		if p.os == osEmscripten {
			return Mismatch{}
		}
	}
	return mismatch(PartOS, codeFor(n), p.os.String(), "")
}

// runs reports whether the platform's processor executes code for machine, in
// the vocabulary of [wheel.Native].
func (p platform) runs(machine string) bool {
	switch p.cpu() {
	case cpuARMv7, cpuARMv6:
		return machine == "arm"
	case cpuUniversal:
		return machine == cpuX8664 || machine == cpuAArch64
	}
	return machine == p.cpu()
}

func (p platform) checkMachine(n wheel.Native) Mismatch {
	if len(n.Machines) == 0 || slices.ContainsFunc(n.Machines, p.runs) {
		return Mismatch{}
	}
	return mismatch(PartArch, codeFor(n), p.cpu(), "")
}

// loadPE lets 32-bit libraries pass on 64-bit Windows, which runs 32-bit
// processes: debuggers and profilers bring a library for those, too. Python
// itself loads extension modules, named .pyd, of its own kind alone.
func (p platform) loadPE(n wheel.Native) Mismatch {
	module := strings.HasSuffix(strings.ToLower(n.Path), ".pyd")
	if !module && p.cpu() != cpuI686 && slices.Contains(n.Machines, cpuI686) {
		return Mismatch{}
	}
	return p.checkMachine(n)
}

func (p platform) loadELF(n wheel.Native) Mismatch {
	if n.OS == wheel.OSOther {
		return mismatch(PartOS, codeFor(n), p.os.String(), "")
	}
	if m := p.checkMachine(n); !m.Fits() {
		return m
	}
	if p.os == osAndroid {
		switch {
		case n.Libc == "glibc" || n.Libc == "musl":
			return mismatch(PartLibc, "Linux with "+n.Libc, "Android", "")
		case n.AndroidAPI > p.version.major:
			return mismatch(PartOSVersion, fmt.Sprintf("Android API level %d", n.AndroidAPI), p.release(), "")
		}
		return Mismatch{}
	}
	switch {
	case n.FloatABI == "soft" && p.cpu() == cpuARMv7:
		return mismatch(PartArch, codeFor(n)+" with soft-float calls", p.cpu()+" with hard-float calls", "")
	case n.OS == wheel.OSAndroid || n.Libc == "bionic":
		return mismatch(PartOS, "Android", p.release(), "")
	case p.libc() == libcNone:
		return Mismatch{}
	case n.Libc != "" && n.Libc != p.libc().String():
		return mismatch(PartLibc, n.Libc, p.release(), "")
	case p.libc() == libcGlibc && n.GlibcNeed != "":
		need, ok := parseDotted(n.GlibcNeed)
		if ok && p.version.less(need) {
			return mismatch(PartLibcVersion, "glibc "+n.GlibcNeed, p.release(), "")
		}
	}
	return Mismatch{}
}

// loadMachO finds the slices for the platform's processors, each of which must
// be there and fit.
func (p platform) loadMachO(n wheel.Native) Mismatch {
	cpus := []string{p.cpu()}
	if p.cpu() == cpuUniversal {
		cpus = []string{cpuX8664, cpuAArch64}
	}
	if len(n.Slices) == 0 {
		return p.checkMachine(n)
	}
	for _, cpu := range cpus {
		i := slices.IndexFunc(n.Slices, func(s wheel.Slice) bool { return s.Machine == cpu })
		if i < 0 {
			return mismatch(PartArch, codeFor(n), p.cpu(), "")
		}
		if m := p.loadSlice(n.Slices[i]); !m.Fits() {
			return m
		}
	}
	return Mismatch{}
}

func (p platform) loadSlice(s wheel.Slice) Mismatch {
	wanted := wheel.OSMacOS
	if p.os == osIOS {
		wanted = wheel.OSIOS
		if p.system.sdk == "iphonesimulator" {
			wanted = wheel.OSIOSSimulator
		}
	}
	// Before LC_BUILD_VERSION, nothing but the processor told a simulator's
	// code from a device's.
	oldSimulator := wanted == wheel.OSIOSSimulator && s.OS == wheel.OSIOS && s.Machine == cpuX8664
	if s.OS != "" && s.OS != wanted && !oldSimulator {
		part := PartOS
		if p.os == osIOS && (s.OS == wheel.OSIOS || s.OS == wheel.OSIOSSimulator) {
			part = PartSDK
		}
		return mismatch(part, s.OS+" "+s.Machine, p.title(), "")
	}
	minimum, ok := parseDotted(s.MinOS)
	if !ok || p.os == osMacOS {
		// macOS loads what was built for a newer one as long as it finds the
		// symbols, and projects count on it: their tags are what they tested.
		return Mismatch{}
	}
	floor := p.version
	if first := (version{14, 0}); wanted == wheel.OSIOSSimulator && s.Machine == cpuAArch64 && floor.less(first) {
		floor = first // the linker's own minimum, whatever the tag says
	}
	if floor.less(minimum) {
		return mismatch(PartOSVersion, p.os.String()+" "+s.MinOS, p.release(), "")
	}
	return Mismatch{}
}

// parseDotted reads "13.0", "2.28" or "13.0.1".
func parseDotted(s string) (version, bool) {
	numbers, _ := leadingNumbers(strings.ReplaceAll(s, ".", "_"))
	return versionOr(numbers, version{}), len(numbers) > 0
}
