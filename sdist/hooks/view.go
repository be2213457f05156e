package hooks

import (
	"strconv"
	"strings"

	"github.com/xpip/xpip/host"
)

// View is what the project's own code is to see of the host. Its JSON form is
// what runner.py reads; it belongs into the key of every cached build.
type View struct {
	SysPlatform    string `json:"sys_platform"`
	OSName         string `json:"os_name"`
	System         string `json:"platform_system"`
	Machine        string `json:"platform_machine"`
	Release        string `json:"platform_release"`
	KernelVersion  string `json:"platform_version"`
	Implementation string `json:"platform_python_implementation"`
	FullVersion    string `json:"python_full_version"`
	VersionInfo    []any  `json:"version_info"`
	// Platform is sysconfig.get_platform().
	Platform string `json:"platform"`
	// Bits is the size of a pointer.
	Bits int `json:"bits"`
}

// ViewOf returns what h looks like from the inside, as far as it is known;
// unknown values are their documented defaults.
func ViewOf(h *host.Host) View {
	env := h.Environment().Map()
	v := View{
		SysPlatform: env["sys_platform"], OSName: env["os_name"], System: env["platform_system"],
		Machine: env["platform_machine"], Release: env["platform_release"], KernelVersion: env["platform_version"],
		Implementation: env["platform_python_implementation"], FullVersion: env["python_full_version"],
		Platform: sysconfigPlatform(h.Platform()), Bits: 64,
	}
	v.VersionInfo = versionInfo(v.FullVersion)
	switch v.Machine {
	case "i386", "i686", "x86", "armv6l", "armv7l", "armv8l", "wasm32":
		v.Bits = 32
	}
	if v.Platform == "win32" {
		v.Bits = 32
	}
	return v
}

// versionInfo is sys.version_info of a final release; nil for a version that
// isn't three numbers.
func versionInfo(full string) []any {
	parts := strings.Split(full, ".")
	if len(parts) != 3 {
		return nil
	}
	info := make([]any, 0, 5)
	for _, p := range parts {
		digits := p[:len(p)-len(strings.TrimLeft(p, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil {
			return nil
		}
		info = append(info, n)
	}
	return append(info, "final", 0)
}

// emscriptenOf are the Emscripten versions of Pyodide's ABIs (Pyodide's ABI
// documentation): sysconfig names these, wheel tags name the ABI.
var emscriptenOf = map[string]string{
	"2024_0": "3.1.58", "2025_0": "4.0.9", "2026_0": "5.0.3", "2026_5": "6.0.5",
}

// sysconfigPlatform returns what sysconfig.get_platform() says on a machine of a
// platform tag: ios-13.0-arm64-iphoneos for ios_13_0_arm64_iphoneos.
func sysconfigPlatform(tag string) string {
	family, rest, _ := strings.Cut(tag, "_")
	parts := strings.Split(rest, "_")
	from := func(i int) string { return strings.Join(parts[min(i, len(parts)):], "_") }
	switch {
	case family == "win":
		return "win-" + rest
	case family == "linux":
		return "linux-" + rest
	case strings.HasPrefix(family, "manylinux") && family != "manylinux":
		return "linux-" + rest // manylinux2014_aarch64
	case (family == "manylinux" || family == "musllinux") && len(parts) >= 3:
		return "linux-" + from(2)
	case family == "macosx" && len(parts) >= 3:
		return "macosx-" + parts[0] + "." + parts[1] + "-" + from(2)
	case family == "android" && len(parts) >= 2:
		return "android-" + parts[0] + "-" + from(1)
	case family == "ios" && len(parts) >= 4:
		arch := strings.Join(parts[2:len(parts)-1], "_")
		return "ios-" + parts[0] + "." + parts[1] + "-" + arch + "-" + parts[len(parts)-1]
	case (family == "pyemscripten" || family == "pyodide") && len(parts) >= 3:
		if v := emscriptenOf[parts[0]+"_"+parts[1]]; v != "" {
			return "emscripten-" + v + "-" + from(2)
		}
	case family == "emscripten" && len(parts) >= 4:
		return "emscripten-" + strings.Join(parts[:3], ".") + "-" + from(3)
	}
	return strings.ReplaceAll(tag, "_", "-")
}
