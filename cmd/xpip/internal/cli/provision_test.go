package cli

import (
	"runtime"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/sdist"
)

// TestEnvironmentScheme: Debian's Python has folders of its own for packages and
// scripts, which environments of it have not.
func TestEnvironmentScheme(t *testing.T) {
	h, err := host.ParseNative([]byte(`{"schema": 1, "executable": "/usr/bin/python3", "prefix": "/usr", "base_prefix": "/usr",
		"version": [3, 13, 1], "implementation": "cpython", "system": "Linux", "platform": "linux-x86_64", "bits": 64,
		"paths": {"purelib": "/usr/local/lib/python3.13/dist-packages", "platlib": "/usr/local/lib/python3.13/dist-packages", "scripts": "/usr/local/bin"},
		"markers": {"python_full_version": "3.13.1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	scripts := "bin"
	if runtime.GOOS == "windows" {
		scripts = "Scripts"
	}
	s := environmentScheme(&sdist.BuildPython{Host: h, Purelib: "lib/python3.13/site-packages"})
	if s.Purelib != "lib/python3.13/site-packages" || s.Platlib != s.Purelib || s.Scripts != scripts {
		t.Errorf("%+v, of a Python that has %+v", s, h.Scheme())
	}
}
