package host

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// PartPure is the part of an [UnfitError] that is wrong on every host: machine
// code in a wheel that claims to run on any platform.
const PartPure Part = "pure"

// UnfitError refuses a file of machine code in a wheel.
type UnfitError struct {
	Path   string // in the wheel
	Format wheel.Format
	// Part is what does not fit: [PartOS], [PartArch], [PartSDK],
	// [PartLibc], [PartLibcVersion], [PartOSVersion] or [PartPure].
	Part Part
	// Wanted is what the file needs, Has what the host has; with PartPure,
	// Has is empty.
	Wanted, Has string
	Host        string // the host's platform tag
}

func (e *UnfitError) Error() string {
	if e.Part == PartPure {
		return fmt.Sprintf("%q (%s) is machine code in a wheel that claims to run on any platform", e.Path, e.Format)
	}
	return fmt.Sprintf("%q (%s) is for %s; the host %s is %s", e.Path, e.Format, e.Wanted, e.Host, e.Has)
}

// CheckWheel judges the machine code in a wheel, of which f states the tags and
// natives are the files, and returns what the host must refuse, in the order of
// natives.
//
// In a wheel for named platforms, each file that the host would run or load
// must be for its system, processor, C library, and for no newer glibc, iOS or
// Android. Two kinds of files that are not may lie beside such as are: the
// counterpart for another machine of a file that fits (attach_arm64.dll beside
// attach_amd64.dll), and libraries of another system by name and format.
//
// A wheel for any platform must hold no library that a process would load,
// even if it is one for this host: the tag is wrong. Bundles are let pass:
// libraries for several systems or processors, among which the project chooses
// when it runs (debugpy, discord.py). A build that leaked makes files for one.
//
// What no host loads by itself is data in both; see isData.
func (h *Host) CheckWheel(f wheel.Filename, natives []wheel.Native) []*UnfitError {
	natives = slices.DeleteFunc(slices.Clone(natives), isData)
	if slices.Contains(f.Platforms(), "any") {
		return h.checkPure(natives)
	}
	return h.checkPlatform(natives)
}

func (h *Host) checkPure(natives []wheel.Native) []*UnfitError {
	libraries := slices.DeleteFunc(natives, func(n wheel.Native) bool { return !isLibrary(n) })
	if isBundle(libraries) {
		return nil
	}
	var unfit []*UnfitError
	for _, n := range libraries {
		unfit = append(unfit, &UnfitError{Path: n.Path, Format: n.Format, Part: PartPure, Wanted: codeFor(n), Host: h.Platform()})
	}
	return unfit
}

func (h *Host) checkPlatform(natives []wheel.Native) []*UnfitError {
	var unfit []*UnfitError
	names := make(map[string]bool) // of files that fit, whatever the machine
	formats := make(map[wheel.Format]bool)
	for _, n := range natives {
		if e := h.unfit(n); e != nil {
			unfit = append(unfit, e)
			continue
		}
		names[withoutMachine(n.Path)] = true
		formats[n.Format] = true
	}
	return slices.DeleteFunc(unfit, func(e *UnfitError) bool {
		foreign := len(formats) > 0 && !formats[e.Format] && e.isForeign()
		return foreign || names[withoutMachine(e.Path)]
	})
}

// unfit returns what is wrong with a file if none of the host's platforms runs
// or loads it.
func (h *Host) unfit(n wheel.Native) *UnfitError {
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

// otherProcessors are the machines of code that no host's processor executes:
// the kernel's virtual one, those of graphics cards, and .NET's.
var otherProcessors = []string{"bpf", "cuda", "amdgpu", wheel.MachineCIL}

// isData reports whether a file is machine code that no host runs or loads
// itself:
//
//   - what linkers read: archives, import libraries, and object files, which
//     lie among sources (greenlet has those of Windows in its Linux wheels);
//   - an .exe: launchers for Windows lie in pip, setuptools and distlib
//     wherever they are installed, and 64-bit Windows starts 32-bit ones;
//   - WebAssembly for browsers: all that is not an Emscripten library, and such
//     libraries, too, if they are called .wasm, as Python's never are;
//   - code for graphics cards and virtual machines.
func isData(n wheel.Native) bool {
	ext := strings.ToLower(path.Ext(n.Path))
	switch n.Format {
	case wheel.FormatArchive, wheel.FormatImportLibrary:
		return true
	case wheel.FormatPE:
		if ext == ".exe" {
			return true
		}
	case wheel.FormatWasm:
		return n.OS != wheel.OSEmscripten || ext == ".wasm"
	}
	if n.Kind == wheel.KindObject {
		return true
	}
	return len(n.Machines) == 1 && slices.Contains(otherProcessors, n.Machines[0])
}

// isLibrary reports whether a process would load the file into itself: a shared
// library or an extension module, by its header or by its name. (glibc's C
// library is a program by its header.)
func isLibrary(n wheel.Native) bool {
	name := strings.ToLower(path.Base(n.Path))
	switch path.Ext(name) {
	case ".so", ".pyd", ".dll", ".dylib":
		return true
	}
	return n.Kind == wheel.KindLibrary || strings.Contains(name, ".so.")
}

// isBundle reports whether libraries are for several systems or processors, so
// that there is no process that could load them all. A file that does not say
// its system is taken for one of those that others of its format name.
func isBundle(libraries []wheel.Native) bool {
	systems := make(map[string]bool)
	named := make(map[wheel.Format]bool) // whether a file of the format names its system
	var common []string                  // the processors that all are for
	for _, n := range libraries {
		system := n.OS
		if system == wheel.OSIOSSimulator {
			system = wheel.OSIOS
		}
		if system != "" {
			systems[system] = true
		}
		named[n.Format] = named[n.Format] || system != ""
		if common == nil {
			common = slices.Clone(n.Machines)
		} else if len(n.Machines) > 0 {
			common = slices.DeleteFunc(common, func(m string) bool { return !slices.Contains(n.Machines, m) })
		}
	}
	count := len(systems)
	for _, ok := range named {
		if !ok {
			count++
		}
	}
	return count > 1 || common != nil && len(common) == 0
}

// isForeign reports whether the file is a library of Windows or macOS by name
// and format, which other systems never look for.
func (e *UnfitError) isForeign() bool {
	ext := strings.ToLower(path.Ext(e.Path))
	switch e.Format {
	case wheel.FormatPE:
		return ext == ".dll" || ext == ".pyd"
	case wheel.FormatMachO:
		return ext == ".dylib"
	}
	return false
}

// machineNames are the parts of file and folder names that say for which
// machine a library is, longest first.
var machineNames = strings.NewReplacer(
	"x86_64", "*", "x86-64", "*", "aarch64", "*", "arm64ec", "*", "arm64", "*", "amd64", "*", "win32", "*", "win64", "*",
	"armv7l", "*", "armv7", "*", "i386", "*", "i486", "*", "i586", "*", "i686", "*", "ia32", "*", "x64", "*", "x86", "*", "arm", "*",
)

// withoutMachine returns a path with the names of machines replaced, so that
// the counterparts of one library have the same.
func withoutMachine(p string) string { return machineNames.Replace(strings.ToLower(p)) }
