package host

import (
	"archive/zip"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tool is the path of a program that the test is about; without it, the test is
// skipped. They are on PyPI: pip install meson cmake pex py-build-cmake.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(name + " is not on the PATH")
	}
	return path
}

// writtenHosts are hosts of every operating system and of processors that have
// several names.
func writtenHosts(t *testing.T) []*Host {
	var hosts []*Host
	for _, name := range []string{
		"manylinux_2_28_aarch64", "manylinux_2_17_s390x", "musllinux_1_2_ppc64le", "linux_armv6l", "manylinux_2_28_i686", "macosx_11_0_arm64",
		"ios_13_0_arm64_iphonesimulator", "android_24_arm64_v8a", "win_amd64", "win32", "pyodide", "freebsd", "wasi",
	} {
		hosts = append(hosts, mustNew(t, Options{Platforms: []string{name}}))
	}
	return hosts
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMesonTakesCrossFiles: Meson itself reads what is written for it, knows
// all the words, and says the machine of it.
func TestMesonTakesCrossFiles(t *testing.T) {
	meson := tool(t, "meson")
	for _, h := range writtenHosts(t) {
		text, err := h.CrossFile(CrossMeson)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		writeFiles(t, dir, map[string]string{
			"cross.ini": string(text),
			"meson.build": "project('p')\nmessage('is', host_machine.system(), host_machine.cpu_family(), host_machine.endian(), " +
				"meson.get_external_property('xpip_platform'), meson.can_run_host_binaries())\n",
		})
		out, err := exec.Command(meson, "setup", "--cross-file", filepath.Join(dir, "cross.ini"), filepath.Join(dir, "build"), dir).CombinedOutput()
		words := mesonSystems[h.main().os]
		said := fmt.Sprintf("is %s ", words[0])
		if err != nil || !strings.Contains(string(out), said) || !strings.Contains(string(out), h.Platform()+" false") || strings.Contains(string(out), "Unknown") {
			t.Errorf("%s: %v, want %q\n%s\n%s", h, err, said, text, out)
		}
	}
}

// TestCMakeTakesToolchainFiles: CMake itself reads what is written for it.
func TestCMakeTakesToolchainFiles(t *testing.T) {
	cmake := tool(t, "cmake")
	tool(t, "make")
	for _, h := range writtenHosts(t) {
		text, err := h.CrossFile(CrossCMake)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		writeFiles(t, dir, map[string]string{
			"toolchain.cmake": string(text),
			"CMakeLists.txt": "cmake_minimum_required(VERSION 3.20)\nproject(p NONE)\n" +
				"message(STATUS \"is ${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR} ${CMAKE_CROSSCOMPILING} ${XPIP_PLATFORM}\")\n",
		})
		out, err := exec.Command(cmake, "-G", "Unix Makefiles", "-S", dir, "-B", filepath.Join(dir, "build"),
			"-DCMAKE_TOOLCHAIN_FILE="+filepath.Join(dir, "toolchain.cmake")).CombinedOutput()
		p := h.main()
		said := fmt.Sprintf("is %s %s TRUE %s", cmakeSystems[p.os], cmakeProcessor(p), h.Platform())
		if err != nil && regexp.MustCompile(`is not an iOS SDK|Neither the NDK`).Match(out) {
			continue // read, but CMake looks for Apple's or Android's kit at once
		}
		if err != nil || !strings.Contains(string(out), said) {
			t.Errorf("%s: %v, want %q\n%s\n%s", h, err, said, text, out)
		}
	}
}

// TestPexTakesCompletePlatforms: pex itself chooses a wheel by what is written
// for it, or finds none.
func TestPexTakesCompletePlatforms(t *testing.T) {
	pex := tool(t, "pex")
	dir := t.TempDir()
	writeWheel(t, dir, "cp313-cp313-ios_13_0_arm64_iphoneos", `Requires-Dist: absent; sys_platform != "ios" or platform_release == "1"`)
	for platform, fits := range map[string]bool{"ios_17_0_arm64_iphoneos": true, "ios_12_0_arm64_iphoneos": false} {
		text, err := mustNew(t, Options{Platforms: []string{platform}, PythonVersion: "3.13"}).CompletePlatform()
		if err != nil {
			t.Fatal(err)
		}
		writeFiles(t, dir, map[string]string{"host.json": string(text)})
		cmd := exec.Command(pex, "--no-pypi", "-f", dir, "--complete-platform", filepath.Join(dir, "host.json"), "demo", "-o", filepath.Join(dir, platform+".pex"))
		cmd.Env = append(os.Environ(), "PEX_ROOT="+filepath.Join(dir, "cache"))
		if out, err := cmd.CombinedOutput(); (err == nil) != fits {
			t.Errorf("%s: %v, want it to fit: %v\n%s", platform, err, fits, out)
		}
	}
}

// writeWheel writes the wheel of a project demo that holds nothing but what it
// must.
func writeWheel(t *testing.T, dir, tag, metadata string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "demo-1-"+tag+".whl"))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(f)
	for name, text := range map[string]string{
		"METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1\n" + metadata + "\n",
		"WHEEL":    "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: " + tag + "\n",
		"RECORD":   "demo-1.dist-info/METADATA,,\ndemo-1.dist-info/WHEEL,,\ndemo-1.dist-info/RECORD,,\n",
	} {
		w, err := archive.Create("demo-1.dist-info/" + name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
