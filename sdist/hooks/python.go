package hooks

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/xpip/xpip/host"
)

// Python is a Python of the build machine that runs build backends.
type Python struct {
	// Executable is its absolute path, outside of any virtual environment where
	// that can be known.
	Executable string
	// Version is major, minor, micro.
	Version [3]int
	// Implementation is sys.implementation.name.
	Implementation string
	// Platform is sysconfig.get_platform().
	Platform string
	// Prefix is where it is installed.
	Prefix string
	// Paths are the folders of its library, headers and shared library.
	Paths []string
	// Purelib is the folder for packages below the root of a virtual
	// environment, with slashes: "lib/python3.13/site-packages".
	Purelib string
	// Host is what the program that was asked said of itself and its machine.
	Host *host.Host
}

// pythonOf is the Python whose description is h, if it can build.
func pythonOf(h *host.Host) (*Python, error) {
	v, base := h.Python(), h.Base()
	if v.Major != 3 || v.Minor < oldest {
		return nil, fmt.Errorf("it is Python %d.%d; 3.%d or later is needed", v.Major, v.Minor, oldest)
	}
	if !filepath.IsAbs(base.Executable) || base.Purelib == "" || !filepath.IsLocal(filepath.FromSlash(base.Purelib)) {
		return nil, errors.New("it doesn't know where it is installed")
	}
	return &Python{
		Executable: base.Executable, Version: [3]int{v.Major, v.Minor, v.Micro},
		Implementation: base.Implementation, Platform: base.Platform,
		Prefix: base.Prefix, Paths: base.Library, Purelib: base.Purelib, Host: h,
	}, nil
}

// String is "CPython 3.13.2 (path)".
func (p *Python) String() string {
	name := p.Implementation
	if name == "cpython" {
		name = "CPython"
	}
	return fmt.Sprintf("%s %d.%d.%d (%s)", name, p.Version[0], p.Version[1], p.Version[2], p.Executable)
}

// MakeEnvironment makes an empty virtual environment of p in dir, which exists
// and is empty. It is what python -m venv makes, less pip and the scripts to
// activate it, and nothing is run.
func (p *Python) MakeEnvironment(dir string) error {
	if err := p.makeEnvironment(dir); err != nil {
		return fmt.Errorf("making the build environment: %w", err)
	}
	return nil
}

func (p *Python) makeEnvironment(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(p.Purelib)), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(p.Scripts(dir), 0o755); err != nil {
		return err
	}
	config := fmt.Sprintf("home = %s\ninclude-system-site-packages = false\nversion = %d.%d.%d\nexecutable = %s\n",
		filepath.Dir(p.Executable), p.Version[0], p.Version[1], p.Version[2], p.Executable)
	if err := os.WriteFile(filepath.Join(dir, "pyvenv.cfg"), []byte(config), 0o644); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return p.copyLauncher(dir)
	}
	if strings.HasPrefix(p.Purelib, "lib/") && strconv.IntSize == 64 && runtime.GOOS == "linux" {
		if err := os.Symlink("lib", filepath.Join(dir, "lib64")); err != nil {
			return err
		}
	}
	if err := os.Symlink(p.Executable, p.Interpreter(dir)); err != nil {
		return err
	}
	for _, name := range []string{"python3", fmt.Sprintf("python3.%d", p.Version[1])} {
		if err := os.Symlink("python", filepath.Join(p.Scripts(dir), name)); err != nil {
			return err
		}
	}
	return nil
}

// copyLauncher puts the launcher that comes with Python for Windows in place of
// a link.
func (p *Python) copyLauncher(dir string) error {
	for _, lib := range p.Paths {
		for _, name := range []string{"venvlauncher.exe", "python.exe"} {
			b, err := os.ReadFile(filepath.Join(lib, "venv", "scripts", "nt", name))
			if err == nil {
				return os.WriteFile(p.Interpreter(dir), b, 0o755)
			}
		}
	}
	return fmt.Errorf("%q has no launcher for virtual environments", p.Executable)
}

// Scripts is the folder of programs in a virtual environment of p.
func (p *Python) Scripts(dir string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(dir, "Scripts")
	}
	return filepath.Join(dir, "bin")
}

// Interpreter is the path of the interpreter in a virtual environment of p.
func (p *Python) Interpreter(dir string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(p.Scripts(dir), "python.exe")
	}
	return filepath.Join(p.Scripts(dir), "python")
}
