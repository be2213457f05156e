package host

import (
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/wheel"
)

// library is a shared library or extension module as wheel.Inspect would
// describe it.
func library(path, machine, system string) wheel.Native {
	n := wheel.Native{Path: path, Kind: wheel.KindLibrary, OS: system, Machines: []string{machine}}
	switch system {
	case wheel.OSWindows:
		n.Format = wheel.FormatPE
	case wheel.OSMacOS, wheel.OSIOS, wheel.OSIOSSimulator:
		n.Format = wheel.FormatMachO
		n.Slices = []wheel.Slice{{Machine: machine, OS: system, MinOS: "13.0"}}
	case wheel.OSEmscripten:
		n.Format = wheel.FormatWasm
	default:
		n.Format = wheel.FormatELF
	}
	return n
}

func program(path, machine, system string) wheel.Native {
	n := library(path, machine, system)
	n.Kind = wheel.KindExecutable
	return n
}

func object(path, machine, system string) wheel.Native {
	n := library(path, machine, system)
	n.Kind = wheel.KindObject
	return n
}

// TestCheckPureWheel has wheels that claim to run anywhere. The answer is the
// same on every host.
func TestCheckPureWheel(t *testing.T) {
	cil := wheel.Native{Path: "pythonnet/runtime/Python.Runtime.dll", Format: wheel.FormatPE, Kind: wheel.KindLibrary, Machines: []string{wheel.MachineCIL}}
	fat := wheel.Native{Path: "a/x.so", Format: wheel.FormatMachO, Kind: wheel.KindLibrary, OS: wheel.OSMacOS, Machines: []string{"x86_64", "aarch64"}}
	unnamed := func(path string) wheel.Native { return library(path, "aarch64", "") }
	var hosts []*Host
	for _, platform := range []string{"ios_13_0_arm64_iphoneos", "android_24_arm64_v8a", "manylinux_2_28_x86_64", "win_amd64", "macosx_14_0_arm64", "pyemscripten_2026_0_wasm32", "any"} {
		hosts = append(hosts, mustNew(t, Options{Platforms: []string{platform}, PythonVersion: "3.14"}))
	}
	for name, test := range map[string]struct {
		natives []wheel.Native
		unfit   string // paths
	}{
		"nothing":           {nil, ""},
		"extension module":  {[]wheel.Native{library("a/_fast.so", "x86_64", wheel.OSLinux)}, "a/_fast.so"},
		"two of one build":  {[]wheel.Native{library("a/x.so", "aarch64", wheel.OSAndroid), unnamed("a/y.so")}, "a/x.so a/y.so"},
		"for Windows":       {[]wheel.Native{library("a/_fast.pyd", "x86_64", wheel.OSWindows)}, "a/_fast.pyd"},
		"for a browser":     {[]wheel.Native{library("a/_fast.so", "wasm32", wheel.OSEmscripten)}, "a/_fast.so"},
		"for two in one":    {[]wheel.Native{fat}, "a/x.so"},
		"dylib":             {[]wheel.Native{library("a/x.dylib", "aarch64", wheel.OSMacOS)}, "a/x.dylib"},
		"versioned":         {[]wheel.Native{program("a/libc.so.6", "x86_64", wheel.OSLinux)}, "a/libc.so.6"},
		"without a name":    {[]wheel.Native{library("a/plugin", "x86_64", wheel.OSLinux)}, "a/plugin"},
		"headers cut short": {[]wheel.Native{{Path: "a/_fast.so", Format: wheel.FormatELF, Problem: "cut short"}}, "a/_fast.so"},
		"beside launchers":  {[]wheel.Native{library("a/_fast.so", "x86_64", wheel.OSLinux), program("a/cli.exe", "i686", wheel.OSWindows)}, "a/_fast.so"},
		"beside programs":   {[]wheel.Native{program("a/linux", "aarch64", wheel.OSLinux), library("a/_fast.so", "x86_64", wheel.OSLinux), program("a/mac", "aarch64", wheel.OSMacOS)}, "a/_fast.so"},
		"beside .NET":       {[]wheel.Native{library("a/_fast.so", "x86_64", wheel.OSLinux), cil}, "a/_fast.so"},
		"device, simulator": {[]wheel.Native{library("a/x.so", "aarch64", wheel.OSIOS), library("a/y.so", "aarch64", wheel.OSIOSSimulator)}, "a/x.so a/y.so"},

		"launchers (setuptools)": {[]wheel.Native{program("setuptools/cli-64.exe", "x86_64", wheel.OSWindows), program("setuptools/cli-32.exe", "i686", wheel.OSWindows)}, ""},
		"programs (selenium)":    {[]wheel.Native{program("s/linux/selenium-manager", "x86_64", wheel.OSLinux)}, ""},
		".NET (pythonnet)":       {[]wheel.Native{cil}, ""},
		"web assets":             {[]wheel.Native{{Path: "a/static/x.wasm", Format: wheel.FormatWasm, Machines: []string{"wasm32"}}, library("a/static/tree-sitter-c.wasm", "wasm32", wheel.OSEmscripten)}, ""},
		"for linkers":            {[]wheel.Native{{Path: "a/lib.a", Format: wheel.FormatArchive}, object("a/x.o", "x86_64", wheel.OSLinux), {Path: "a/x.lib", Format: wheel.FormatImportLibrary}}, ""},
		"several systems (debugpy)": {[]wheel.Native{library("d/attach_amd64.dll", "x86_64", wheel.OSWindows), library("d/attach_linux_amd64.so", "x86_64", wheel.OSLinux),
			library("d/attach.dylib", "x86_64", wheel.OSMacOS), library("d/cython.cp39-win_amd64.pyd", "x86_64", wheel.OSWindows)}, ""},
		"systems of one format":           {[]wheel.Native{library("a/linux/x.so", "aarch64", wheel.OSLinux), library("a/android/x.so", "aarch64", wheel.OSAndroid)}, ""},
		"formats that name no system":     {[]wheel.Native{unnamed("a/x.so"), library("a/x.dll", "aarch64", wheel.OSWindows)}, ""},
		"several processors (discord.py)": {[]wheel.Native{library("discord/bin/libopus-0.x64.dll", "x86_64", wheel.OSWindows), library("discord/bin/libopus-0.x86.dll", "i686", wheel.OSWindows)}, ""},
	} {
		for _, filename := range []string{"p-1-py3-none-any.whl", "p-1-cp314-abi3-any.whl", "p-1-py3-none-any.win_amd64.whl"} {
			for _, h := range hosts {
				unfit := h.CheckWheel(mustFilename(t, filename), test.natives)
				if got := unfitPaths(unfit); got != test.unfit {
					t.Errorf("%s, %s on %s: refuses %q, want %q", name, filename, h.Platform(), got, test.unfit)
				}
				for _, e := range unfit {
					if e.Part != PartPure || e.Host != h.Platform() || !strings.Contains(e.Error(), "claims to run on any platform") {
						t.Errorf("%s: %+v (%v)", name, e, e)
					}
				}
			}
		}
	}
}

func TestCheckPlatformWheel(t *testing.T) {
	const glibc, windows, device = "manylinux_2_28_x86_64", "win_amd64", "ios_13_0_arm64_iphoneos"
	for name, test := range map[string]struct {
		host    string
		natives []wheel.Native
		unfit   string
	}{
		"nothing":                        {glibc, nil, ""},
		"fits":                           {glibc, []wheel.Native{library("a/x.so", "x86_64", wheel.OSLinux)}, ""},
		"all that do not fit, in order":  {glibc, []wheel.Native{library("a/z.so", "aarch64", wheel.OSLinux), library("a/x.so", "x86_64", wheel.OSLinux), library("a/b.so", "s390x", wheel.OSLinux)}, "a/z.so a/b.so"},
		"another machine's program":      {glibc, []wheel.Native{program("a-1.data/scripts/a", "aarch64", wheel.OSLinux)}, "a-1.data/scripts/a"},
		"Linux code in an iOS wheel":     {device, []wheel.Native{library("a/y.so", "aarch64", wheel.OSIOS), library("a/x.so", "aarch64", wheel.OSLinux)}, "a/x.so"},
		"counterparts (debugpy)":         {windows, []wheel.Native{library("a/attach_amd64.dll", "x86_64", wheel.OSWindows), library("a/attach_arm64.dll", "aarch64", wheel.OSWindows), program("a/inject_dll_x86.exe", "i686", wheel.OSWindows)}, ""},
		"counterparts by folder":         {windows, []wheel.Native{library("a/arm64/x.dll", "aarch64", wheel.OSWindows), library("a/amd64/x.dll", "x86_64", wheel.OSWindows)}, ""},
		"no counterpart":                 {windows, []wheel.Native{library("a/x.pyd", "x86_64", wheel.OSWindows), library("a/attach_arm64.dll", "aarch64", wheel.OSWindows)}, "a/attach_arm64.dll"},
		"32-bit libraries":               {windows, []wheel.Native{library("a/attach.dll", "i686", wheel.OSWindows)}, ""},
		"32-bit extension modules":       {windows, []wheel.Native{library("a/attach.pyd", "i686", wheel.OSWindows)}, "a/attach.pyd"},
		"Windows' library beside":        {glibc, []wheel.Native{library("a/x.so", "x86_64", wheel.OSLinux), library("a/helper.dll", "x86_64", wheel.OSWindows), library("a/helper.dylib", "x86_64", wheel.OSMacOS)}, ""},
		"Windows' library alone":         {glibc, []wheel.Native{library("a/helper.pyd", "x86_64", wheel.OSWindows)}, "a/helper.pyd"},
		"not what its name says":         {device, []wheel.Native{library("a/x.so", "aarch64", wheel.OSIOS), library("a/helper.dylib", "aarch64", wheel.OSLinux)}, "a/helper.dylib"},
		"a launcher is no excuse":        {glibc, []wheel.Native{program("a/t64.exe", "x86_64", wheel.OSWindows), library("a/x.so", "aarch64", wheel.OSLinux)}, "a/x.so"},
		"objects of Windows (greenlet)":  {glibc, []wheel.Native{library("a/x.so", "x86_64", wheel.OSLinux), object("a/switch_arm64_masm.obj", "aarch64", wheel.OSWindows)}, ""},
		"several systems are no bundle":  {device, []wheel.Native{library("a/x.so", "x86_64", wheel.OSLinux), library("a/y.so", "aarch64", wheel.OSMacOS)}, "a/x.so a/y.so"},
		"several machines are no bundle": {glibc, []wheel.Native{library("a/x.so", "aarch64", wheel.OSLinux), library("a/y.so", "s390x", wheel.OSLinux)}, "a/x.so a/y.so"},
	} {
		h := mustNew(t, Options{Platforms: []string{test.host}, PythonVersion: "3.14"})
		before := slices.Clone(test.natives)
		for _, filename := range []wheel.Filename{
			mustFilename(t, "p-1-cp314-cp314-"+test.host+".whl"), mustFilename(t, "p-1-py3-none-"+test.host+".whl"), {}, // without a tag
		} {
			if got := unfitPaths(h.CheckWheel(filename, test.natives)); got != test.unfit {
				t.Errorf("%s, %s: refuses %q, want %q", name, filename, got, test.unfit)
			}
		}
		if !slices.EqualFunc(before, test.natives, func(a, b wheel.Native) bool { return a.Path == b.Path }) {
			t.Errorf("%s: the caller's files were changed", name)
		}
	}
}

func unfitPaths(unfit []*UnfitError) string {
	var paths []string
	for _, e := range unfit {
		paths = append(paths, e.Path)
	}
	return strings.Join(paths, " ")
}
