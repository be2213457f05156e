package host

import (
	"bufio"
	"compress/gzip"
	"os"
	"slices"
	"strings"
	"testing"
)

// programNames are the lines of testdata/names.txt.gz that a program wrote.
func programNames(t *testing.T, program string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/names.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	for scanner := bufio.NewScanner(text); scanner.Scan(); {
		if words := strings.Split(scanner.Text(), " "); words[0] == program {
			lines = append(lines, words[1:])
		}
	}
	if len(lines) < 40 {
		t.Fatalf("only %d names of %s", len(lines), program)
	}
	return lines
}

// readName is the platform that goes by a name, and whether one does.
func readName(name string) (platform, bool) {
	r, ok, err := spellingContext{}.read(strings.ToLower(name))
	return r.platform, ok && err == nil
}

// described is the platform that a program describes by its own words, zero if
// no Python of the table runs there.
func described(os, cpu, libc, abi, endian string) machine {
	oses := map[string]osKind{
		"linux": osLinux, "macos": osMacOS, "darwin": osMacOS, "ios": osIOS, "android": osAndroid, "windows": osWindows,
		"emscripten": osEmscripten, "freebsd": osFreeBSD, "wasi": osWASI,
	}
	libcs := map[string]libcKind{"gnu": libcGlibc, "musl": libcMusl}
	m := machine{os: oses[os], cpu: cpuNames[cpu]}
	switch m.os {
	case osLinux:
		m.libc = libcs[libc]
	case osIOS:
		m.sdk = "iphoneos"
		if abi == "sim" {
			m.sdk = "iphonesimulator"
		}
	}
	soft := m.cpu == cpuARMv7 && m.os == osLinux && abi != "eabihf"
	if cpu == "powerpc64" && endian == "little" {
		m.cpu = cpuPPC64LE
	}
	odd := slices.Contains([]string{"ilp32", "x32", "macabi", "uwp"}, abi) || m.cpu != cpuARMv7 && strings.HasPrefix(abi, "eabi")
	if m.os == osLinux && m.libc == libcNone || soft || odd || isBigEndian(m.cpu) != (endian == "big") || m.system() == nil {
		return machine{}
	}
	return m
}

func (m machine) is(p platform) bool {
	return p.os == m.os && p.cpu() == m.cpu && p.libc() == m.libc && (p.os != osIOS || p.system.sdk == m.sdk)
}

// TestRustTargets: each target of rustc that a Python runs on is understood,
// as the machine that rustc says it is; no other is.
func TestRustTargets(t *testing.T) {
	// Rust alone has these: other processors of a family, other systems below
	// a known name, instrumented libraries.
	without := strings.Fields("x86_64-unknown-linux-gnuasan riscv64a23-unknown-linux-gnu x86_64h-apple-darwin arm64e-apple-ios armv7s-apple-ios " +
		"i386-apple-ios x86_64-win7-windows-gnu x86_64-win7-windows-msvc i686-win7-windows-gnu i686-win7-windows-msvc")
	understood := 0
	for _, words := range programNames(t, "rustc") {
		want := described(words[1], words[2], words[3], words[4], words[5])
		if words[0] == "arm-unknown-linux-gnueabihf" { // ARMv6, as rustc's manual says
			want = machine{os: osLinux, cpu: cpuARMv6}
		}
		p, ok := readName(words[0])
		switch {
		case ok && !want.is(p):
			t.Errorf("%q is %s, which it is not", words, p.name)
		case !ok && want.os != osUnknown && !slices.Contains(without, words[0]):
			t.Errorf("%q is not understood", words)
		case ok:
			understood++
		}
	}
	if understood < 45 {
		t.Errorf("only %d targets are understood", understood)
	}
}

// TestDebianNames: the architectures of dpkg, and their triples and multiarch
// folders.
func TestDebianNames(t *testing.T) {
	words := map[string]string{"arm": "armv7l", "ppc64": "ppc64", "i386": "i686"}
	understood := 0
	for _, line := range programNames(t, "dpkg") {
		cpu := line[2]
		if words[cpu] != "" {
			cpu = words[cpu]
		}
		want := described(line[1], cpu, line[3], line[4], line[7])
		for i, name := range []string{line[0], line[5], line[6]} {
			p, ok := readName(name)
			several := i == 0 && (name == "amd64" || name == "arm64") // also the processors of other systems
			switch {
			case ok && !want.is(p):
				t.Errorf("%q of %q is %s, which it is not", name, line, p.name)
			case !ok && want.os != osUnknown && !several:
				t.Errorf("%q of %q is not understood", name, line)
			case ok:
				understood++
			}
		}
	}
	if understood < 55 {
		t.Errorf("only %d names are understood", understood)
	}
}

// TestGNUTriples: what config.sub makes of a triple is understood as the same.
func TestGNUTriples(t *testing.T) {
	understood := 0
	for _, words := range programNames(t, "gnu") {
		short, ok := readName(words[0])
		long, also := readName(words[1])
		if words[0] == "arm-linux-gnueabihf" || words[0] == "arm-linux-musleabihf" {
			continue // rustc's name of ARMv6 with a vendor, Debian's of ARMv7 without
		}
		if ok && strings.Contains(words[1], "-unknown-darwin") {
			continue // Apple is the only vendor; config.sub knows of none
		}
		if ok != also || ok && short.name != long.name {
			t.Errorf("%s is %q, %s is %q", words[0], short.name, words[1], long.name)
		}
		if ok {
			understood++
		}
	}
	if understood < 15 {
		t.Errorf("only %d triples are understood", understood)
	}
}

// TestGoPlatforms: of those that Go builds for, the ones with a Python.
func TestGoPlatforms(t *testing.T) {
	oses := map[string]string{"wasip1": "wasi", "darwin": "macos"}
	understood := 0
	for _, words := range programNames(t, "go") {
		system, cpu, _ := strings.Cut(words[0], "/")
		if oses[system] != "" {
			system = oses[system]
		}
		abi, endian := "", "little"
		if cpu == "arm" {
			abi = "eabihf"
		}
		if system == "ios" && cpu == "amd64" {
			abi = "sim"
		}
		if cpuNames[cpu] == cpuPPC64 || cpuNames[cpu] == cpuS390X {
			endian = "big"
		}
		want := described(system, cpu, "gnu", abi, endian)
		p, ok := readName(words[0])
		switch {
		case ok && !want.is(p):
			t.Errorf("%s is %s, which it is not", words[0], p.name)
		case !ok && want.os != osUnknown:
			t.Errorf("%s is not understood", words[0])
		case ok:
			understood++
		}
	}
	if understood < 22 {
		t.Errorf("only %d platforms are understood", understood)
	}
}

// TestUVPlatforms: every value of uv's --python-platform is understood. Those
// with a version are of that version, the others of uv's own default
// (uv's help of --python-platform).
func TestUVPlatforms(t *testing.T) {
	defaults := map[string]string{
		"windows": "win_amd64", "linux": "manylinux_2_28_x86_64", "macos": "macosx_13_0_arm64", "x86_64-unknown-linux-musl": "musllinux_1_2_x86_64",
		"riscv64-unknown-linux": "manylinux_2_39_riscv64", "aarch64-linux-android": "android_24_arm64_v8a", "arm64-apple-ios": "ios_13_0_arm64_iphoneos",
		"x86_64-apple-ios-simulator": "ios_13_0_x86_64_iphonesimulator", "wasm32-pyodide2024": "pyemscripten_2024_0_wasm32", "x86_64-manylinux2014": "manylinux_2_17_x86_64",
	}
	for _, words := range programNames(t, "uv") {
		p, ok := readName(words[0])
		want := defaults[words[0]]
		if cpu, version, versioned := strings.Cut(words[0], "-manylinux_"); versioned {
			want = "manylinux_" + version + "_" + cpu
		}
		if !ok || want != "" && p.name != want {
			t.Errorf("%s is %q, want %q", words[0], p.name, want)
		}
	}
}
