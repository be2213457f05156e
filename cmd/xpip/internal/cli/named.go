package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/xpip/xpip/host"
)

// named is the environment that --python names or, without it, the active one
// if that is for another machine; nil if there is neither. It is read, never
// run: it may be of a machine that is not this one.
func (a *app) named(platforms ...string) (*host.Facts, error) {
	if path := a.general.python; path != "" {
		facts, err := a.facts(path, platforms...)
		if errors.Is(err, fs.ErrNotExist) && !isFile(path) && !isFile(filepath.Join(path, "pyvenv.cfg")) {
			return nil, &usageError{msg: "Could not locate Python interpreter " + path}
		}
		return facts, err
	}
	path, ok := a.getenv("VIRTUAL_ENV")
	if !ok || path == "" || !isFolder(path) {
		return nil, nil
	}
	facts, err := a.facts(path, platforms...)
	if err != nil && errors.Is(err, fs.ErrNotExist) && !facts.Cross {
		return nil, nil // not an environment at all: pip does not mind either
	}
	if err != nil {
		return nil, err
	}
	if !facts.Cross {
		return nil, nil
	}
	return facts, nil
}

func isFile(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && !info.IsDir()
}

// isOwn reports whether an environment can be one of this machine's own Pythons,
// which say more of themselves than their files do.
func isOwn(f *host.Facts) bool {
	if f == nil {
		return true
	}
	if f.Cross || f.Root != "" || len(f.Tags) > 0 || f.Prefix == "" {
		return false
	}
	own := map[string]string{"linux": "linux", "darwin": "macosx", "windows": "win"}[runtime.GOOS]
	return f.Platform == "" || own != "" && strings.HasPrefix(f.Platform, own)
}

// ownPython describes the build machine's Python or, if an environment is
// named, the environment: by the answers of the Python that it was made of. That
// one must be a Python which this machine offers on its PATH, because nothing is
// run on the word of a file. from is the path of --host-from, "" without.
func (a *app) ownPython(ctx context.Context, named *host.Facts, from string) (*host.Host, error) {
	if named == nil {
		return a.buildPython(ctx)
	}
	if named.Cross {
		return nil, silentPlatform(named, from)
	}
	names := []string{"python3", "python"}
	version := ""
	if v, err := host.ParsePythonVersion(named.Python); err == nil && v.Parts > 1 {
		version = v.Short()
		names = append([]string{"python" + version}, names...)
	}
	for _, name := range names {
		path, ok := a.look(name)
		if !ok {
			continue
		}
		h, err := a.describePython(ctx, path)
		if err != nil {
			continue // a Python that does not work is not the one
		}
		if (version == "" || h.Python().Short() == version) && (madeOf(named, path) || madeOf(named, h.Executable())) {
			return h.In(*named), nil
		}
	}
	return nil, silentPlatform(named, from)
}

// look finds a program of this machine on PATH.
func (a *app) look(name string) (path string, ok bool) {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, dir := range a.searchPath() {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, true
		}
	}
	return "", false
}

// madeOf reports whether a Python of this machine is the one that a virtual
// environment was made of or, outside of one, that was named itself.
func madeOf(named *host.Facts, python string) bool {
	base := named.Base
	switch {
	case base == "" && !named.Virtual:
		base = named.Executable
	case base == "" && named.BaseHome != "":
		base = filepath.Join(named.BaseHome, filepath.Base(python))
	}
	return isSameFile(python, base)
}

// silentPlatform refuses an environment, or what --host-from names, whose machine
// only running it would tell.
func silentPlatform(f *host.Facts, from string) error {
	hint := "  --platform ios_13_0_arm64"
	if processor, ok := strings.CutPrefix(f.Platform, "linux-"); ok {
		hint = "  --platform manylinux_2_28_" + strings.ReplaceAll(processor, "-", "_")
	}
	hints := []string{"Name the machine, for example:", hint}
	if from != "" {
		return &commandError{
			msg: fmt.Sprintf("%s does not say for which machine it is.", pyQuote(from)),
			hints: append(hints, "--host-from understands the folder of a Python, a root file system or an XCframework, and the files",
				"by which other tools are told of a host: build-details.json, a complete platform of pex, cross files of",
				"Meson and py-build-cmake, toolchain files of CMake, a lock of Pyodide, the sysconfig data of a Python."),
		}
	}
	return &commandError{
		msg:   fmt.Sprintf("The files of %s do not say for which machine it is, and it is not run to find out.", f.Prefix),
		hints: append(hints, "An environment of this machine's own Python is recognised when that Python is on PATH; an active one needs no --python."),
	}
}

// searchPath are the folders of PATH in which this machine's own Pythons may
// be: not the working directory, and no environment for another machine, whose
// interpreter answers as if it ran there.
func (a *app) searchPath() []string {
	search, _ := a.getenv("PATH")
	var out []string
	for _, dir := range filepath.SplitList(search) {
		if filepath.IsAbs(dir) && !isCross(filepath.Dir(dir)) {
			out = append(out, dir)
		}
	}
	return out
}

// isCross reports whether a folder is a virtual environment for another
// machine.
func isCross(prefix string) bool {
	if _, err := os.Stat(filepath.Join(prefix, "pyvenv.cfg")); err != nil {
		return false
	}
	facts, err := host.Read(prefix)
	return err != nil || facts.Cross // what cannot be read is not run either
}
