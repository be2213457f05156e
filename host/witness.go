package host

import (
	"slices"
	"strings"
)

// conflict notes that two files disagree about a field, the first time.
func (r *prefixReader) conflict(field string, first, second Source) {
	for _, c := range r.Conflicts {
		if c.Field == field {
			return
		}
	}
	r.Conflicts = append(r.Conflicts, &ConflictError{Path: r.path, Field: field, First: first, Second: second})
}

// record notes what a witness says, once.
func (r *prefixReader) record(said Source) {
	if !slices.Contains(r.Sources, said) {
		r.Sources = append(r.Sources, said)
	}
}

// sayVersion takes a version of the Python: "3.13", or "3.13.5rc1", whose end
// only the marker keeps.
func (r *prefixReader) sayVersion(version, file string) { r.versionSaid(version, file, false) }

// versionSaid is sayVersion. What is stale nobody keeps up to date: its third
// part gives way to any other.
func (r *prefixReader) versionSaid(version, file string, stale bool) {
	number := leadingVersion(version)
	if number == "" {
		return
	}
	said := Source{Field: "python", Value: version, File: file}
	r.record(said)
	v, _ := ParsePythonVersion(number)
	old, err := ParsePythonVersion(r.Python)
	switch {
	case err != nil:
	case v.Major != old.Major || v.Minor != old.Minor:
		r.conflict("python", r.pythonBy, said)
		return
	case v.Parts < 3, old.Parts == 3 && stale:
		return
	case old.Parts == 3 && !r.stale:
		if v.Micro != old.Micro {
			r.conflict("python", r.pythonBy, said)
		}
		return
	}
	r.Python, r.PythonOrigin, r.pythonBy, r.stale = number, file, said, stale
	if v.Parts == 3 {
		r.mark("python_full_version", fullVersion(version))
	}
}

// fullVersion is python_full_version of what an interpreter calls its version.
// Builds from a checkout report "3.14.0+", which is no version: packaging
// repairs it in the same way.
func fullVersion(version string) string {
	if strings.HasSuffix(version, "+") {
		version += "local"
	}
	if v, err := (PythonVersion{}).complete(version); err == nil {
		return v.full
	}
	return leadingVersion(version)
}

func (r *prefixReader) mark(name, value string) {
	if r.Markers == nil {
		r.Markers = make(map[string]string)
	}
	r.Markers[name] = value
}

func (r *prefixReader) sayImplementation(name, file string) {
	short := abbreviation(name)
	if short == "" {
		return
	}
	said := Source{Field: "implementation", Value: short, File: file}
	if r.Implementation != "" && r.Implementation != short {
		for _, s := range r.Sources {
			if s.Field == "implementation" && s.Value == r.Implementation {
				r.conflict("implementation", s, said)
				break
			}
		}
		return
	}
	r.Implementation = short
	r.record(said)
}

// sayThreading takes whether the Python runs without the GIL.
func (r *prefixReader) sayThreading(is truth, file string) {
	if is == untold {
		return
	}
	said := Source{Field: "abi", Value: "with the GIL", File: file}
	if is == yes {
		said.Value = "free-threaded"
	}
	r.record(said)
	switch r.threading {
	case untold:
		r.threading, r.threadingBy = is, said
	case is:
	default:
		r.conflict("abi", r.threadingBy, said)
	}
}

// saySuffix takes the suffix of extension modules: interpreter, version, ABI
// and machine in one, such as ".cpython-313t-aarch64-linux-gnu.so".
func (r *prefixReader) saySuffix(suffix, file string) {
	words := strings.Split(suffix, ".")
	if len(words) < 3 || words[0] != "" {
		return
	}
	parts := strings.SplitN(words[1], "-", 3)
	rest := ""
	switch digits := ""; {
	case len(parts) >= 2 && parts[0] == "cpython":
		digits, rest = parts[1], strings.Join(parts[2:], "-")
		r.abiSaid(suffix, digits, file)
	case strings.HasPrefix(parts[0], "cp"): // .cp313-win_amd64.pyd
		rest = strings.Join(parts[1:], "-")
		r.abiSaid(suffix, parts[0][len("cp"):], file)
	case strings.HasPrefix(parts[0], "pypy") && len(parts) >= 2:
		rest = strings.Join(parts[2:], "-")
		r.sayImplementation("pp", file)
		if v := pythonOfABI(parts[0]); v != "" {
			r.sayVersion(v, file)
		}
		r.suffix = suffix
	}
	if rest != "" {
		r.sayTriple(rest, suffix, file)
	}
}

// abiSaid takes the "313td" of CPython's suffixes.
func (r *prefixReader) abiSaid(suffix, text, file string) {
	flags := strings.TrimLeft(text, "0123456789")
	digits := text[:len(text)-len(flags)]
	if len(digits) < 2 || len(digits) > 3 || strings.Trim(flags, "tdmu") != "" {
		return
	}
	r.sayImplementation("cp", file)
	r.sayVersion(digits[:1]+"."+digits[1:], file)
	r.sayThreading(truthOf(strings.Contains(flags, "t")), file)
	r.debug = r.debug || strings.Contains(flags, "d")
	r.suffix = suffix
}

// sayTriple takes the machine that a triple of CPython's names: a multiarch
// name such as arm-linux-gnueabihf, or a platform tag on Windows. value is what
// stands in the file.
func (r *prefixReader) sayTriple(triple, value, file string) {
	switch triple {
	case "darwin":
		r.sayMachine(machine{os: osMacOS}, value, file)
		return
	case "iphoneos", "iphonesimulator":
		r.sayMachine(machine{os: osIOS, sdk: triple}, value, file)
		return
	}
	if m, ok := ofTriple(triple); ok {
		if strings.HasPrefix(triple, "arm-") { // one triple for several processors
			m.cpu = cpuARM
		}
		if m.os != osFreeBSD { // of the machine that it was built on
			m.version = version{}
		}
		r.sayMachine(m, value, file)
		return
	}
	if p, _, ok, err := parseTag(triple); ok && err == nil {
		r.sayMachine(p.machine(), value, file)
	}
}

// cpuARM is a 32-bit ARM of which no more is said.
const cpuARM = "arm"

// machine is what a platform says of a host.
func (p platform) machine() machine {
	m := machine{os: p.os, cpu: p.cpu(), libc: p.libc(), version: p.version}
	if p.system != nil {
		m.sdk = p.system.sdk
	}
	return m
}

// saySpelling takes a platform in the words of sysconfig.get_platform().
func (r *prefixReader) saySpelling(name, file string) {
	if arch, ok := strings.CutPrefix(strings.ToLower(name), "linux-"); ok {
		cpu, known := cpuNames[arch]
		if !known {
			cpu = arch
		}
		r.sayMachine(machine{os: osLinux, cpu: cpu}, name, file)
		return
	}
	found, ok, err := (spellingContext{}).read(strings.ToLower(name))
	if !ok || err != nil {
		if r.foreign == "" && len(name) <= maxSpelling {
			r.foreign = name
			r.record(Source{Field: "platform", Value: name, File: file})
			r.PlatformOrigin = file
		}
		return
	}
	if r.spelled == "" {
		r.spelled = name
	}
	r.sayMachine(found.machine(), name, file)
}

// sayMachine takes what a file says of the machine.
func (r *prefixReader) sayMachine(m machine, value, file string) {
	said := Source{Field: "platform", Value: value, File: file}
	r.record(said)
	if r.machineBy.File == "" {
		r.machine, r.machineBy = m, said
		return
	}
	merged, ok := r.machine.together(m)
	if !ok {
		r.conflict("platform", r.machineBy, said)
		return
	}
	r.machine = merged
}

// together is what two files say of one machine. It reports false if they
// speak of different ones. Where one says more than the other, that counts.
func (m machine) together(n machine) (machine, bool) {
	if m.os == osUnknown {
		m.os = n.os
	}
	if m.libc == libcNone {
		m.libc = n.libc
	}
	if m.sdk == "" {
		m.sdk = n.sdk
	}
	arms := []string{cpuARM, cpuARMv6, cpuARMv7}
	intel := []string{cpuUniversal, cpuX8664, cpuAArch64}
	switch {
	case m.cpu == "", m.cpu == cpuARM && slices.Contains(arms, n.cpu):
		m.cpu = n.cpu
	case n.cpu == "", n.cpu == m.cpu, n.cpu == cpuARM && slices.Contains(arms, m.cpu):
	case m.os == osMacOS && slices.Contains(intel, m.cpu) && slices.Contains(intel, n.cpu) && (m.cpu == cpuUniversal || n.cpu == cpuUniversal):
		m.cpu = cpuUniversal
	default:
		return m, false
	}
	if m.version == (version{}) {
		m.version = n.version
	}
	same := (n.os == osUnknown || n.os == m.os) && (n.libc == libcNone || n.libc == m.libc) && (n.sdk == "" || n.sdk == m.sdk)
	return m, same
}

// sayLibc takes the version of the C library: a name and a number with a dot.
func (r *prefixReader) sayLibc(value, file string) {
	r.record(Source{Field: "libc", Value: value, File: file})
	if r.Libc == "" {
		r.Libc, r.LibcOrigin = value, file
	}
}

// finish makes Facts of what was gathered.
func (r *prefixReader) finish() Facts {
	if r.threading == yes {
		if _, err := ParsePythonVersion(r.Python + "t"); err == nil {
			r.Python += "t"
		}
	}
	r.nameABIs()
	r.namePlatform()
	if r.libcHere {
		r.Notes = append(r.Notes, r.Libc+" is that of this machine, where the environment lies (a manylinux or musllinux tag for --platform says another)")
	}
	if r.machine.os == osMacOS && r.Platform != "" {
		r.Notes = append(r.Notes, r.Platform+" is the oldest macOS that this Python runs on (--platform says a newer one)")
	}
	if _, ok := r.Markers["python_full_version"]; ok && r.Implementation == "cp" {
		r.mark("implementation_version", r.Markers["python_full_version"])
	}
	return r.Facts
}

// nameABIs says which ABIs the interpreter loads where that is not implied.
func (r *prefixReader) nameABIs() {
	v, err := ParsePythonVersion(r.Python)
	impl, known, err2 := lookupImplementation(r.Implementation)
	if r.suffix == "" || err != nil || err2 != nil || !known || v.Parts < 2 {
		return
	}
	answer := probe{
		ExtSuffix: r.suffix, GILDisabled: r.threading == yes, Debug: r.debug,
		Pymalloc: true, // nobody builds without it, and from 3.8 on nothing depends on it
	}
	r.ABIs = answer.abis(impl, v)
}

// namePlatform spells the machine. On Linux it is the platform of the kernel;
// the C library is a field of its own.
func (r *prefixReader) namePlatform() {
	if r.machineBy.File == "" {
		r.Platform = r.foreign
		return
	}
	m := r.machine
	if m.cpu == cpuARM {
		m.cpu = cpuARMv7
	}
	r.PlatformOrigin = r.machineBy.File
	switch {
	case m.os == osLinux && m.cpu != "":
		r.nameLinux(m)
	case m.os == osUnknown && r.foreign != "":
		r.Platform = r.foreign
	case m.os != osUnknown && m.os != osLinux && (m.cpu != "" || m.os == osEmscripten):
		if r.Platform = r.spelled; r.Platform == "" {
			r.Platform = m.spell()
		}
	}
	if r.Platform == "" {
		r.PlatformOrigin = ""
	}
}

func (r *prefixReader) nameLinux(m machine) {
	r.Platform = "linux-" + m.cpu
	r.mark("platform_machine", m.cpu)
	if r.soft {
		r.Platform = "linux_" + m.cpu
		return
	}
	if r.Libc == "" && m.libc != libcNone {
		if name := m.spell(); name != "" { // which says what is taken for its version
			r.Platform = name
		}
	}
}
