package host

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/wheel"
)

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
	case wheel.FormatELF:
		switch p.os {
		case osLinux, osAndroid:
			return p.loadELF(n)
		case osFreeBSD:
			if n.OS == wheel.OSOther || n.OS == "" {
				return p.checkMachine(n)
			}
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
		if p.os == osEmscripten || p.os == osWASI {
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
