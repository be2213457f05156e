package host

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// parseVenvConfig reads the `key = value` lines of a pyvenv.cfg, keys in lower
// case, as the site module does. The last of equal keys counts.
func parseVenvConfig(text []byte) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, "="); ok {
			out[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	return out
}

// readVirtual reads a virtual environment, and what it was made of.
func (r *prefixReader) readVirtual(prefix, executable string) (Facts, error) {
	r.prefix = prefix
	file := filepath.Join(r.tree.Join(prefix), "pyvenv.cfg")
	text, err := readBounded(file, maxVenvConfig)
	if err != nil {
		return Facts{}, &PrefixError{Path: r.tree.Join(prefix), Reason: "its pyvenv.cfg cannot be read", Err: err}
	}
	config := parseVenvConfig(text)
	r.enterRoot(config["home"], &executable)
	if executable == "" {
		if executable = findInterpreter(r.tree, r.prefix); executable == "" {
			executable = joinName(r.tree, r.prefix, "bin/python")
		}
	}
	r.Prefix, r.Executable, r.Virtual = r.tree.Join(r.prefix), r.tree.Join(executable), true
	if r.tree.Root != "" {
		r.Root, r.HostExecutable = r.tree.Root, executable
	}
	r.BaseHome = config["home"]
	for _, key := range []string{"base-executable", "executable"} {
		if r.Base == "" {
			r.Base = config[key]
		}
	}
	if err := r.readCross(config); err != nil {
		return Facts{}, err
	}
	if err := r.readBase(config); err != nil {
		return Facts{}, err
	}
	if r.machineBy.File == "" && !r.Cross {
		r.readBinaries(executable) // a copy, as on Windows
	}
	r.sayImplementation(config["implementation"], file)
	for _, key := range []string{"version", "version_info"} { // venv; virtualenv and uv
		if v := leadingVersion(config[key]); v != "" {
			r.versionSaid(v, file, true)
		}
	}
	for _, library := range libraryFolders(r.tree, r.prefix) {
		if number, threaded := strings.CutSuffix(versionInName(library), "t"); strings.HasPrefix(r.Python+".", number+".") {
			r.stdlib = library
			if threaded && r.threading == untold {
				r.sayThreading(yes, r.tree.Join(library))
			}
		}
	}
	r.layOutVirtual(strings.EqualFold(config["include-system-site-packages"], "true"))
	return r.finish(), nil
}

// readCross follows what xvenv records of the Python that it made a virtual
// environment for. A record that leads nowhere is an error: without it, the
// environment would be taken for one of this machine.
func (r *prefixReader) readCross(config map[string]string) error {
	if filepath.Base(r.Prefix) == "cross" && isFile(filepath.Join(filepath.Dir(r.Prefix), "build", "pyvenv.cfg")) {
		r.Cross = true // crossenv
	}
	outside := r.tree
	r.tree.Root = "" // the records are of this machine
	defer func() { r.tree = outside }()
	for _, record := range []struct {
		key  string
		read func(file string) error
	}{
		{"xvenv-build-details", r.readBuildDetails},
		{"xvenv-sysconfig", r.readSysconfig},
	} {
		file := config[record.key]
		if file == "" {
			continue
		}
		r.Cross = true
		if !filepath.IsAbs(file) {
			file = filepath.Join(r.Prefix, file)
		}
		if err := record.read(file); err != nil {
			return err
		}
	}
	return nil
}

func (r *prefixReader) readSysconfig(file string) error {
	if err := r.readVars(file); err != nil {
		return err
	}
	if v := versionInName(filepath.Dir(file)); v != "" {
		r.nameSays(v, file)
	}
	return nil
}

// enterRoot finds the root file system that a virtual environment is in: the
// nearest folder around it in which the home of its Python is. Names that were
// found before are changed to those in it.
func (r *prefixReader) enterRoot(home string, executable *string) {
	if r.tree.Root != "" || !path.IsAbs(home) {
		return
	}
	for dir := filepath.Dir(r.prefix); ; dir = filepath.Dir(dir) {
		if dir == filepath.Dir(dir) {
			return
		}
		tree := r.tree
		tree.Root = dir
		if !tree.IsDir(home) || findInterpreter(tree, path.Dir(home)) == "" {
			continue
		}
		prefix, _ := tree.Name(r.prefix)
		if *executable != "" {
			*executable, _ = tree.Name(*executable)
		}
		r.tree, r.prefix = tree, prefix
		return
	}
}

// readBase reads the Python that a virtual environment was made of, as far as
// it lies there. An environment that xvenv made is not for its machine.
func (r *prefixReader) readBase(config map[string]string) error {
	home := config["home"]
	if home == "" || config["xvenv-build-details"] != "" || config["xvenv-sysconfig"] != "" {
		return nil
	}
	base := prefixReader{path: r.path, tree: r.tree, platforms: r.platforms}
	base.prefix = home
	if name := strings.ToLower(path.Base(filepath.ToSlash(home))); name == "bin" {
		base.prefix = filepath.Dir(home)
	}
	if base.tree.Root == "" {
		if !filepath.IsAbs(home) {
			return nil
		}
		if root := rootOf(base.prefix); root != "" {
			base.tree.Root = root
			base.prefix, _ = base.tree.Name(base.prefix)
		}
	} else {
		base.prefix = filepath.ToSlash(base.prefix)
	}
	executable := r.baseInterpreter(&base, config)
	if executable == "" {
		return nil
	}
	base.Prefix = base.tree.Join(base.prefix)
	if err := base.gather(executable); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	said := leadingVersion(config["version"] + config["version_info"])
	if v, err := ParsePythonVersion(said); err == nil && v.Parts > 1 {
		if w, err := ParsePythonVersion(base.Python); err != nil || v.Short() != w.Short() {
			return nil // what is there now is another one
		}
	}
	base.layOut()
	r.inherit(&base)
	return nil
}

// baseInterpreter is the interpreter in the home of a virtual environment that
// has its version, a name in the tree; "" if there is none.
func (r *prefixReader) baseInterpreter(base *prefixReader, config map[string]string) string {
	dir := config["home"]
	if base.tree.Root != "" && r.tree.Root == "" {
		dir, _ = base.tree.Name(dir)
	}
	v, err := ParsePythonVersion(leadingVersion(config["version"] + config["version_info"]))
	var names []string
	if config["base-executable"] != "" {
		names = append(names, path.Base(filepath.ToSlash(config["base-executable"])))
	}
	if err == nil && v.Parts > 1 {
		names = append(names, "python"+v.Short(), "pypy"+v.Short())
	}
	for _, name := range append(names, path.Base(filepath.ToSlash(r.Executable)), "python3", "python", "python.exe") {
		if exe := joinName(base.tree, dir, name); base.tree.IsFile(exe) {
			return exe
		}
	}
	return ""
}

// inherit takes over what the Python of a virtual environment says.
func (r *prefixReader) inherit(base *prefixReader) {
	cross, conflicts := r.Cross, append(r.Conflicts, base.Conflicts...)
	own := r.Facts
	r.Facts = base.Facts
	r.Prefix, r.Executable, r.Virtual, r.Cross = own.Prefix, own.Executable, true, cross
	r.Base, r.BaseHome, r.Root, r.HostExecutable = own.Base, own.BaseHome, own.Root, own.HostExecutable
	r.Sources = append(own.Sources, base.Sources...)
	r.Conflicts = conflicts
	r.machine, r.machineBy, r.foreign, r.spelled = base.machine, base.machineBy, base.foreign, base.spelled
	r.pythonBy, r.stale, r.threading, r.threadingBy = base.pythonBy, base.stale, base.threading, base.threadingBy
	r.suffix, r.debug, r.platlib, r.libcHere = base.suffix, base.debug, base.platlib, base.libcHere
}
