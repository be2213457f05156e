package host

import (
	"testing"

	"github.com/xpip/xpip/wheel"
)

func elf(machine, libc, glibcNeed string) wheel.Native {
	return wheel.Native{Path: "p/ext.so", Format: wheel.FormatELF, OS: wheel.OSLinux, Machines: []string{machine}, Libc: libc, GlibcNeed: glibcNeed}
}

func softFloat(n wheel.Native) wheel.Native {
	n.FloatABI = "soft"
	return n
}

func androidELF(machine string, level int) wheel.Native {
	return wheel.Native{Path: "p/ext.so", Format: wheel.FormatELF, OS: wheel.OSAndroid, Machines: []string{machine}, Libc: "bionic", AndroidAPI: level}
}

func macho(slices ...wheel.Slice) wheel.Native {
	n := wheel.Native{Path: "p/ext.so", Format: wheel.FormatMachO, Slices: slices, OS: slices[0].OS}
	for _, s := range slices {
		n.Machines = append(n.Machines, s.Machine)
	}
	return n
}

func pe(path, machine string) wheel.Native {
	return wheel.Native{Path: path, Format: wheel.FormatPE, OS: wheel.OSWindows, Machines: []string{machine}}
}

// checkFile judges a file that is alone in a wheel for a platform.
func checkFile(t *testing.T, h *Host, n wheel.Native) *UnfitError {
	t.Helper()
	switch unfit := h.CheckWheel(mustFilename(t, "p-1-py3-none-linux_x86_64.whl"), []wheel.Native{n}); len(unfit) {
	case 0:
		return nil
	case 1:
		return unfit[0]
	default:
		t.Fatalf("one file is unfit %d times: %v", len(unfit), unfit)
		return nil
	}
}

func TestFits(t *testing.T) {
	const (
		device, simulator, simulatorX86 = "ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphonesimulator", "ios_13_0_x86_64_iphonesimulator"
		android                         = "android_24_arm64_v8a"
		glibc, musl, plain              = "manylinux_2_28_x86_64", "musllinux_1_2_x86_64", "linux_x86_64"
		mac, macX86, universal          = "macosx_12_0_arm64", "macosx_10_13_x86_64", "macosx_10_13_universal2"
		freebsd, wasi                   = "freebsd_14_3_release_amd64", "wasi_0_0_0_wasm32"
		windows, win32, wasm            = "win_amd64", "win32", "pyemscripten_2026_0_wasm32"
	)
	armMac := wheel.Slice{Machine: "aarch64", OS: wheel.OSMacOS, MinOS: "11.0"}
	intelMac := wheel.Slice{Machine: "x86_64", OS: wheel.OSMacOS, MinOS: "10.13"}
	for _, test := range []struct {
		host   string
		native wheel.Native
		part   Part // "" fits
	}{
		{glibc, elf("x86_64", "glibc", "2.28"), ""},
		{glibc, elf("x86_64", "glibc", "2.2.5"), ""},
		{glibc, elf("x86_64", "glibc", ""), ""},
		{glibc, elf("x86_64", "", ""), ""},
		{glibc, elf("x86_64", "glibc", "2.29"), PartLibcVersion},
		{glibc, elf("x86_64", "musl", ""), PartLibc},
		{glibc, elf("aarch64", "glibc", "2.17"), PartArch},
		{glibc, elf("i686", "glibc", "2.17"), PartArch},
		{glibc, androidELF("x86_64", 24), PartOS},
		{glibc, wheel.Native{Path: "x.so", Format: wheel.FormatELF, OS: wheel.OSOther, Machines: []string{"x86_64"}}, PartOS},
		{glibc, macho(intelMac), PartOS},
		{glibc, pe("p/x.dll", "x86_64"), PartOS},
		{musl, elf("x86_64", "musl", ""), ""},
		{musl, elf("x86_64", "", ""), ""},
		{musl, elf("x86_64", "glibc", "2.5"), PartLibc},
		{plain, elf("x86_64", "glibc", "2.99"), ""},
		{plain, elf("x86_64", "musl", ""), ""},
		{plain, elf("s390x", "musl", ""), PartArch},
		{"manylinux_2_31_armv7l", elf("arm", "glibc", "2.4"), ""},
		{"manylinux_2_31_armv7l", softFloat(elf("arm", "glibc", "2.4")), PartArch},
		{"android_24_armeabi_v7a", softFloat(androidELF("arm", 24)), ""}, // Android passes floats so
		{"manylinux_2_31_armv7l", elf("aarch64", "glibc", "2.17"), PartArch},
		{"manylinux_2_28_ppc64le", elf("ppc64le", "glibc", "2.17"), ""},
		{"manylinux_2_28_ppc64le", elf("ppc64", "glibc", "2.17"), PartArch},
		{"manylinux_2_28_s390x", elf("s390x", "glibc", "2.17"), ""},
		{"manylinux_2_39_riscv64", elf("riscv64", "glibc", "2.39"), ""},
		{"manylinux_2_36_loongarch64", elf("loongarch64", "glibc", "2.36"), ""},
		{"manylinux_2_28_i686", elf("i686", "glibc", "2.28"), ""},

		{android, androidELF("aarch64", 24), ""},
		{android, androidELF("aarch64", 21), ""},
		{android, elf("aarch64", "", ""), ""}, // not every linker leaves Android's note
		{android, androidELF("aarch64", 28), PartOSVersion},
		{android, androidELF("x86_64", 24), PartArch},
		{android, elf("aarch64", "glibc", "2.17"), PartLibc},
		{android, elf("aarch64", "musl", ""), PartLibc},
		{"android_24_armeabi_v7a", androidELF("arm", 24), ""},
		{"android_24_x86", androidELF("i686", 24), ""},

		{device, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOS, MinOS: "13.0"}), ""},
		{device, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOS, MinOS: "12.0"}), ""},
		{device, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOS, MinOS: "15.0"}), PartOSVersion},
		{device, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOSSimulator, MinOS: "13.0"}), PartSDK},
		{device, macho(wheel.Slice{Machine: "x86_64", OS: wheel.OSIOS, MinOS: "13.0"}), PartArch},
		{device, macho(armMac), PartOS},
		{device, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSOther}), PartOS}, // Mac Catalyst, tvOS
		{device, elf("aarch64", "glibc", "2.17"), PartOS},
		{device, elf("x86_64", "glibc", "2.17"), PartOS},
		{simulator, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOSSimulator, MinOS: "14.0"}), ""},
		{simulator, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOSSimulator, MinOS: "14.1"}), PartOSVersion},
		{simulator, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOS, MinOS: "13.0"}), PartSDK},
		{simulatorX86, macho(wheel.Slice{Machine: "x86_64", OS: wheel.OSIOSSimulator, MinOS: "13.0"}), ""},
		{simulatorX86, macho(wheel.Slice{Machine: "x86_64", OS: wheel.OSIOSSimulator, MinOS: "14.0"}), PartOSVersion},
		{simulatorX86, macho(wheel.Slice{Machine: "x86_64", OS: wheel.OSIOS, MinOS: "9.0"}), ""},
		{simulatorX86, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOSSimulator, MinOS: "14.0"},
			wheel.Slice{Machine: "x86_64", OS: wheel.OSIOSSimulator, MinOS: "13.0"}), ""},

		{mac, macho(armMac), ""},
		{mac, macho(intelMac, armMac), ""},
		{mac, macho(intelMac), PartArch},
		{mac, macho(wheel.Slice{Machine: "arm64e", OS: wheel.OSMacOS}), PartArch},
		{mac, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSMacOS, MinOS: "26.0"}), ""}, // the loader does not mind
		{mac, macho(wheel.Slice{Machine: "aarch64"}), ""},                                   // an object file that does not say
		{mac, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOS, MinOS: "11.0"}), PartOS},
		{macX86, macho(intelMac), ""},
		{universal, macho(intelMac, armMac), ""},
		{universal, macho(intelMac), PartArch},
		{universal, macho(armMac), PartArch},

		{windows, pe("p/x.pyd", "x86_64"), ""},
		{windows, pe("p/x.pyd", "i686"), PartArch},
		{windows, pe("p/x.dll", "aarch64"), PartArch},
		{windows, pe("p/attach_x86.dll", "i686"), ""}, // for the 32-bit processes of 64-bit Windows
		{win32, pe("p/attach.dll", "x86_64"), PartArch},
		{"win_arm64", pe("p/x.dll", "aarch64"), ""},
		{win32, pe("p/x.pyd", "i686"), ""},
		{win32, pe("p/x.pyd", "x86_64"), PartArch},
		{windows, elf("x86_64", "glibc", "2.17"), PartOS},

		{wasm, wheel.Native{Path: "p/x.so", Format: wheel.FormatWasm, OS: wheel.OSEmscripten, Machines: []string{"wasm32"}}, ""},
		{wasm, wheel.Native{Path: "p/x.wasm", Format: wheel.FormatWasm}, ""},
		{wasm, elf("x86_64", "glibc", "2.17"), PartOS},
		{wasi, wheel.Native{Path: "p/x.wasm", Format: wheel.FormatWasm}, ""},
		{wasi, pe("p/x.dll", "x86_64"), PartOS},
		{freebsd, wheel.Native{Path: "x.so", Format: wheel.FormatELF, OS: wheel.OSOther, Machines: []string{"x86_64"}}, ""},
		{freebsd, elf("x86_64", "glibc", "2.17"), PartOS},
		{freebsd, wheel.Native{Path: "x.so", Format: wheel.FormatELF, OS: wheel.OSOther, Machines: []string{"aarch64"}}, PartArch},
		{freebsd, androidELF("x86_64", 24), PartOS},
		{device, wheel.Native{Path: "p/x.so", Format: wheel.FormatWasm, OS: wheel.OSEmscripten, Machines: []string{"wasm32"}}, PartOS},

		// What no host loads by itself.
		{device, pe("setuptools/cli-64.exe", "x86_64"), ""},
		{windows, pe("distlib/T32.EXE", "i686"), ""},
		{glibc, wheel.Native{Path: "static/viewer.wasm", Format: wheel.FormatWasm, Machines: []string{"wasm32"}}, ""},
		{glibc, elf("cuda", "", ""), ""},
		{glibc, pe("p/x.dll", wheel.MachineCIL), ""},
		{glibc, elf("bpf", "", ""), ""},
		{android, wheel.Native{Path: "lib/x.a", Format: wheel.FormatArchive}, ""},
		{windows, wheel.Native{Path: "lib/x.lib", Format: wheel.FormatImportLibrary, Machines: []string{"aarch64"}}, ""},
		{device, wheel.Native{Path: "src/switch.obj", Format: wheel.FormatPE, Kind: wheel.KindObject, OS: wheel.OSWindows, Machines: []string{"aarch64"}}, ""},
		{glibc, wheel.Native{Path: "static/tree-sitter.wasm", Format: wheel.FormatWasm, Kind: wheel.KindLibrary, OS: wheel.OSEmscripten, Machines: []string{"wasm32"}}, ""},

		// No machine code runs everywhere.
		{"any", elf("x86_64", "glibc", "2.17"), PartOS},
		{"any", macho(intelMac, armMac), PartOS},
	} {
		h := mustNew(t, Options{Platforms: []string{test.host}})
		unfit := checkFile(t, h, test.native)
		if test.part == "" {
			if unfit != nil {
				t.Errorf("%s: %v", test.host, unfit)
			}
			continue
		}
		if unfit == nil {
			t.Errorf("%s takes %+v", test.host, test.native)
			continue
		}
		if unfit.Part != test.part || unfit.Path != test.native.Path || unfit.Host != test.host || unfit.Wanted == "" || unfit.Has == "" {
			t.Errorf("%s, %+v: %+v, want the part %s", test.host, test.native, unfit, test.part)
		}
	}
}

func TestFitsOneOfSeveralPlatforms(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphonesimulator", "any"}})
	if err := checkFile(t, h, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSIOSSimulator, MinOS: "14.0"})); err != nil {
		t.Error(err)
	}
	if err := checkFile(t, h, macho(wheel.Slice{Machine: "aarch64", OS: wheel.OSMacOS, MinOS: "11.0"})); err == nil {
		t.Error("macOS code passes as iOS code")
	}
}

// TestFitsTheNamedLibc: linux_x86_64 beside a platform that names its C library
// does not open the door to another.
func TestFitsTheNamedLibc(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"linux_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64", "any"}})
	for n, fits := range map[string]bool{"2.28": true, "2.5": true, "2.31": false} {
		if err := checkFile(t, h, elf("x86_64", "glibc", n)); (err == nil) != fits {
			t.Errorf("glibc %s: %v", n, err)
		}
	}
	if err := checkFile(t, h, elf("x86_64", "musl", "")); err == nil {
		t.Error("takes musl code")
	}
}

func TestUnfitMessage(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"ios_13_0_arm64_iphoneos"}})
	err := checkFile(t, h, wheel.Native{Path: "p/\x1bext.so", Format: wheel.FormatELF, OS: wheel.OSLinux, Machines: []string{"x86_64"}})
	want := `"p/\x1bext.so" (ELF) is for linux x86_64; the host ios_13_0_arm64_iphoneos is iOS`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
