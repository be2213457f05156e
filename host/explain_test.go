package host

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	ios := Options{Platforms: []string{"ios_13_0_arm64"}, PythonVersion: "3.14"}
	simulator := Options{Platforms: []string{"ios_13_0_arm64_iphonesimulator"}, PythonVersion: "3.14"}
	glibc := Options{Platforms: []string{"manylinux_2_28_x86_64"}, PythonVersion: "3.13"}
	musl := Options{Platforms: []string{"musllinux_1_1_x86_64"}, PythonVersion: "3.13"}
	android := Options{Platforms: []string{"android_24_arm64_v8a"}, PythonVersion: "3.13"}
	mac := Options{Platforms: []string{"macosx_12_0_arm64"}, PythonVersion: "3.13"}
	threaded := Options{Platforms: []string{"win_amd64"}, PythonVersion: "3.14t"}
	pyodide := Options{Platforms: []string{"pyemscripten_2026_0_wasm32"}}
	plain := Options{Platforms: []string{"linux_x86_64"}, PythonVersion: "3.13"}
	exact := Options{Platforms: []string{"manylinux_2_28_x86_64"}, PythonVersion: "3.13", Exact: true}

	for _, test := range []struct {
		host          Options
		wheel         string
		part          Part
		sentence, fix string
	}{
		{ios, "p-1-cp314-cp314-ios_13_0_arm64_iphoneos.whl", "", "", ""},
		{ios, "p-1-cp314-cp314-ios_15_0_arm64_iphoneos.whl", PartOSVersion,
			"needs iOS 15.0, this host is iOS 13.0", "--platform ios_15_0_arm64_iphoneos"},
		{ios, "p-1-cp314-cp314-ios_15_0_iphoneos_arm64.whl", PartOSVersion,
			"needs iOS 15.0, this host is iOS 13.0", "--platform ios_15_0_arm64_iphoneos"},
		{ios, "p-1-cp314-cp314-ios_13_0_arm64_iphonesimulator.whl", PartSDK, "for the simulator, this host is a device", ""},
		{simulator, "p-1-cp314-cp314-ios_13_0_arm64_iphoneos.whl", PartSDK, "for the device, this host is a simulator", ""},
		{simulator, "p-1-cp314-cp314-ios_13_0_x86_64_iphonesimulator.whl", PartArch, "for x86_64, this host is arm64", ""},
		{ios, "p-1-cp312-cp312-ios_13_0_arm64_iphoneos.whl", PartPython, "needs CPython 3.12", "--python-version 3.12"},
		{ios, "p-1-cp312-cp312-ios_15_0_arm64_iphoneos.whl", PartPython,
			"needs CPython 3.12; needs iOS 15.0, this host is iOS 13.0", "--platform ios_15_0_arm64_iphoneos --python-version 3.12"},
		{ios, "p-1-cp314-cp314-macosx_11_0_arm64.manylinux_2_28_x86_64.whl", PartOS, "built for macOS, Linux", ""},
		{ios, "p-1-cp314-cp314-openbsd_7_7_amd64.whl", PartOS, "built for openbsd_7_7_amd64", ""},
		{ios, "p-1-cp314-cp314-freebsd_14_3_release_amd64.whl", PartOS, "built for FreeBSD", ""},
		{ios, "p-1-cp310-cp310-win_amd64.whl", PartOS, "built for Windows; needs CPython 3.10", ""},

		{glibc, "p-1-cp313-cp313-manylinux_2_34_x86_64.whl", PartLibcVersion,
			"needs glibc 2.34, this host promises 2.28", "--platform manylinux_2_34_x86_64"},
		{glibc, "p-1-cp313-cp313-manylinux_2_31_x86_64.manylinux_2_34_x86_64.whl", PartLibcVersion,
			"needs glibc 2.31, this host promises 2.28", "--platform manylinux_2_31_x86_64"},
		{glibc, "p-1-cp313-cp313-musllinux_1_2_x86_64.whl", PartLibc, "needs musl, not glibc", ""},
		{glibc, "p-1-cp313-cp313-manylinux_2_28_aarch64.whl", PartArch, "for aarch64, this host is x86_64", ""},
		{glibc, "p-1-cp313-cp313-linux_x86_64.whl", PartLibc, "built for one Linux of its own (linux_x86_64 promises no C library)", ""},
		{plain, "p-1-cp313-cp313-manylinux_2_17_x86_64.whl", PartLibc, "needs glibc 2.17, this host (linux_x86_64) promises no C library", "--platform manylinux_2_17_x86_64"},
		{musl, "p-1-cp313-cp313-manylinux2014_x86_64.whl", PartLibc, "needs glibc, not musl", ""},
		{musl, "p-1-cp313-cp313-musllinux_1_2_x86_64.whl", PartLibcVersion, "needs musl 1.2, this host promises 1.1", "--platform musllinux_1_2_x86_64"},
		{exact, "p-1-cp313-cp313-manylinux_2_17_x86_64.whl", PartExact,
			"is for manylinux_2_17_x86_64, and this host takes nothing but its own platform", ""},

		{android, "p-1-cp313-cp313-android_28_arm64_v8a.whl", PartOSVersion,
			"needs Android API level 28, this host is Android API level 24", "--platform android_28_arm64_v8a"},
		{android, "p-1-cp313-cp313-android_24_x86_64.whl", PartArch, "for x86_64, this host is arm64_v8a", ""},
		{mac, "p-1-cp313-cp313-macosx_14_0_universal2.whl", PartOSVersion,
			"needs macOS 14.0, this host is macOS 12.0", "--platform macosx_14_0_arm64"},
		{mac, "p-1-cp313-cp313-macosx_10_9_x86_64.whl", PartArch, "for x86_64, this host is arm64", ""},
		{mac, "p-1-cp313-cp313-macosx_11_3_arm64.whl", PartTag,
			"has the tag macosx_11_3_arm64, but from macOS 11 on hosts have tags of major versions alone", ""},
		{pyodide, "p-1-cp313-cp313-pyodide_2025_0_wasm32.whl", PartPython,
			"needs CPython 3.13; for pyodide_2025_0_wasm32, this host is pyemscripten_2026_0_wasm32", "--platform pyodide_2025_0_wasm32 --python-version 3.13"},

		{glibc, "p-1-cp314-abi3-manylinux2014_x86_64.whl", PartPython, "needs CPython 3.14 or newer", "--python-version 3.14"},
		{glibc, "p-1-py314-none-any.whl", PartPython, "needs Python 3.14 or newer", "--python-version 3.14"},
		{glibc, "p-1-py2-none-any.whl", PartPython, "needs Python 2", ""},
		{glibc, "p-1-cp27-cp27mu-manylinux1_x86_64.whl", PartPython, "needs CPython 2.7", ""},
		{glibc, "p-1-cp312-none-any.whl", PartPython, "needs CPython 3.12", "--python-version 3.12"},
		{glibc, "p-1-pp311-pypy311_pp73-manylinux2014_x86_64.whl", PartImplementation, "needs PyPy 3.11", ""},
		{glibc, "p-1-cp313-cp313t-manylinux2014_x86_64.whl", PartFreeThreading, "free-threaded only", "--python-version 3.13t"},
		{glibc, "p-1-cp315-abi3t-manylinux2014_x86_64.whl", PartFreeThreading, "free-threaded only", "--python-version 3.15t"},
		{glibc, "p-1-cp313-cp313d-manylinux2014_x86_64.whl", PartABI, "needs the ABI cp313d", ""},
		{glibc, "p-1-cp313-cp313-any.whl", PartTag, "no host has the tag cp313-cp313-any", ""},
		{threaded, "p-1-cp314-cp314-win_amd64.whl", PartFreeThreading, "not for free-threaded Python", "--python-version 3.14"},
		{threaded, "p-1-cp39-abi3-win_amd64.whl", PartFreeThreading, "not for free-threaded Python", "--python-version 3.14"},
		{threaded, "p-1-cp313-cp313t-win_amd64.whl", PartPython, "needs CPython 3.13", "--python-version 3.13t"},
	} {
		h := mustNew(t, test.host)
		f := mustFilename(t, test.wheel)
		m := h.Explain(f)
		if m.Part != test.part || m.Sentence != test.sentence || m.Fix != test.fix || m.Fits() != (test.part == "") {
			t.Errorf("%s on %s:\n got %q %q %q\nwant %q %q %q", test.wheel, h.Platform(), m.Part, m.Sentence, m.Fix, test.part, test.sentence, test.fix)
		}
		if m.Fix != "" {
			fixed := applyFix(t, test.host, m.Fix)
			if _, ok := mustNew(t, fixed).BestRank(f); !ok {
				t.Errorf("%s: %s does not help", test.wheel, m.Fix)
			}
		}
	}
}

// applyFix reads the options that a Mismatch proposes.
func applyFix(t *testing.T, o Options, fix string) Options {
	t.Helper()
	words := strings.Fields(fix)
	for i := 0; i+1 < len(words); i += 2 {
		switch words[i] {
		case "--platform":
			o.Platforms = []string{words[i+1]}
		case "--python-version":
			o.PythonVersion = words[i+1]
		default:
			t.Fatalf("an unknown option in %q", fix)
		}
	}
	return o
}

// TestNearest orders wheels by how far they are from fitting.
func TestNearest(t *testing.T) {
	h := mustNew(t, Options{Platforms: []string{"ios_13_0_arm64"}, PythonVersion: "3.14"})
	last := 0
	for _, name := range []string{
		"p-1-cp314-cp314-ios_13_4_arm64_iphoneos.whl",
		"p-1-cp314-cp314-ios_15_0_arm64_iphoneos.whl",
		"p-1-cp314-cp314-ios_17_0_arm64_iphoneos.whl",
		"p-1-cp314-cp314t-ios_13_0_arm64_iphoneos.whl",
		"p-1-cp313-cp313-ios_13_0_arm64_iphoneos.whl",
		"p-1-cp312-cp312-ios_13_0_arm64_iphoneos.whl",
		"p-1-cp312-cp312-ios_17_0_arm64_iphoneos.whl",
		"p-1-cp314-cp314-ios_13_0_arm64_iphonesimulator.whl",
		"p-1-cp314-cp314-macosx_11_0_arm64.whl",
		"p-1-cp312-cp312-macosx_11_0_arm64.whl",
	} {
		m := h.Explain(mustFilename(t, name))
		if m.Distance <= last {
			t.Errorf("%s is at %d, not farther than what precedes it, at %d", name, m.Distance, last)
		}
		last = m.Distance
	}
}

// TestExplainAgreesWithTags: what fits by its tags has no mismatch, what does
// not has one with words, and a fix that is proposed works.
func TestExplainAgreesWithTags(t *testing.T) {
	var options []Options
	for _, p := range []string{"ios", "android", "linux", "musllinux", "macos", "windows", "pyodide", "linux_x86_64", "any", "macosx_10_9_universal2",
		"ios_17_2_arm64_iphoneos", "android_33_arm64_v8a", "manylinux_2_39_x86_64", "musllinux_1_5_x86_64", "macosx_26_0_arm64", "pyodide_2025_0_wasm32"} {
		for _, python := range []string{"3.14", "3.13t", "3.8", "3"} {
			options = append(options, Options{Platforms: []string{p}, PythonVersion: python})
		}
	}
	var names []string
	var hosts []*Host
	for _, o := range options {
		h := mustNew(t, o)
		hosts = append(hosts, h)
		for i, tag := range h.Tags() {
			if i%67 == 0 {
				names = append(names, tag.String())
			}
		}
	}
	for _, python := range []string{"py3", "py314", "py2", "cp3", "cp314", "cp39", "pp311", "graalpy311", "x"} {
		for _, abi := range []string{"none", "abi3", "abi3t", "cp314", "cp314t", "cp39", "pypy311_pp73", "y"} {
			for _, p := range []string{"any", "win_amd64", "ios_15_0_arm64_iphoneos", "win_arm128", "z"} {
				names = append(names, python+"-"+abi+"-"+p)
			}
		}
	}
	fixes := 0
	for _, name := range names {
		f := mustFilename(t, "p-1-"+name+".whl")
		for i, h := range hosts {
			_, fits := h.BestRank(f)
			m := h.Explain(f)
			if fits != m.Fits() || fits != (m.Sentence == "") || fits != (m.Part == "") {
				t.Fatalf("%s on %s: %t, %+v", f, h, fits, m)
			}
			if m.Fix == "" {
				continue
			}
			fixes++
			if fixed, err := New(applyFix(t, options[i], m.Fix)); err != nil {
				t.Fatalf("%s on %s: %s: %v", f, h, m.Fix, err)
			} else if _, ok := fixed.BestRank(f); !ok {
				t.Fatalf("%s on %s: %s does not help", f, h, m.Fix)
			}
		}
	}
	if fixes < 100 {
		t.Errorf("only %d fixes were proposed", fixes)
	}
}
