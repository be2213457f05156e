package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/host/sysvars"
)

const (
	maxVenvConfig   = 64 << 10 // bytes of a pyvenv.cfg
	maxBuildDetails = 1 << 20  // bytes of a build-details.json
	maxVersionParts = 3
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

// leadingVersion cuts "3.13.0rc1", "3.14.0+" and "3.11.7.final.0" to the
// numbers that --python-version takes; "" if they are none.
func leadingVersion(s string) string {
	end := 0
	for dots := 0; end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.'); end++ {
		if s[end] == '.' {
			if dots++; dots == maxVersionParts {
				break
			}
		}
	}
	s = strings.TrimRight(s[:end], ".")
	if !strings.Contains(s, ".") {
		return ""
	}
	if _, err := ParsePythonVersion(s); err != nil {
		return ""
	}
	return s
}

// abbreviation is what tags call an implementation; "" if it is not known here.
func abbreviation(name string) string {
	if name == "" {
		return ""
	}
	impl, known, err := lookupImplementation(name)
	if err != nil || !known {
		return ""
	}
	return impl.short
}

// buildDetails are the parts of a build-details.json that describe a host.
//
// Source: PEP 739.
type buildDetails struct {
	SchemaVersion   string `json:"schema_version"`
	BaseInterpreter string `json:"base_interpreter"`
	Platform        string `json:"platform"`
	Language        struct {
		Version string       `json:"version"`
		Info    *versionInfo `json:"version_info"`
	} `json:"language"`
	Implementation struct {
		Name      string `json:"name"`
		Multiarch string `json:"_multiarch"`
	} `json:"implementation"`
	ABI struct {
		Flags  []string `json:"flags"`
		Suffix string   `json:"extension_suffix"`
	} `json:"abi"`
}

type versionInfo struct {
	Major  int    `json:"major"`
	Minor  int    `json:"minor"`
	Micro  int    `json:"micro"`
	Level  string `json:"releaselevel"`
	Serial int    `json:"serial"`
}

// version is python_full_version.
func (i *versionInfo) version() string {
	s := fmt.Sprintf("%d.%d.%d", i.Major, i.Minor, i.Micro)
	short := map[string]string{"alpha": "a", "beta": "b", "candidate": "rc"}[i.Level]
	if short != "" {
		s += fmt.Sprintf("%s%d", short, i.Serial)
	}
	return s
}

// parseBuildDetails checks what CPython promises of the file.
func parseBuildDetails(text []byte) (buildDetails, error) {
	var d buildDetails
	if err := json.Unmarshal(text, &d); err != nil {
		return d, err
	}
	if major, _, _ := strings.Cut(d.SchemaVersion, "."); major != "1" {
		return d, fmt.Errorf("schema_version is %.32q, version 1 is known", d.SchemaVersion)
	}
	if len(d.Platform) > maxSpelling {
		return d, fmt.Errorf("platform %.128q is no name of one", d.Platform)
	}
	if i := d.Language.Info; i != nil && leadingVersion(i.version()) != "" {
		d.Language.Version = i.version()
	}
	if leadingVersion(d.Language.Version) == "" {
		return d, fmt.Errorf("language.version %.128q is no version", d.Language.Version)
	}
	return d, nil
}

// readBuildDetails reads a build-details.json, a name in the tree. Those of
// cross builds have an empty platform, and flags of the Python that they were
// built with: what extension modules are called is said where it is used.
func (r *prefixReader) readBuildDetails(name string) error {
	file := r.tree.Join(name)
	text, err := r.tree.ReadFile(name, maxBuildDetails)
	if err != nil {
		return r.unreadable(file, err)
	}
	d, err := parseBuildDetails(text)
	if err != nil {
		return r.unreadable(file, err)
	}
	r.sayVersion(d.Language.Version, file)
	r.sayImplementation(d.Implementation.Name, file)
	if d.Platform != "" {
		r.saySpelling(d.Platform, file)
	}
	if d.ABI.Suffix != "" {
		r.saySuffix(d.ABI.Suffix, file)
	} else if slices.Contains(d.ABI.Flags, "t") {
		r.sayThreading(yes, file)
	}
	if m := d.Implementation.Multiarch; m != "" {
		r.sayTriple(m, m, file)
	}
	if r.HostExecutable == "" && r.Prefix == "" {
		r.HostExecutable = d.BaseInterpreter
	}
	return nil
}

// readBuildDetailsOf reads the build-details.json of the standard library.
// Debian, whose processors share the folder, writes the processor into its name.
func (r *prefixReader) readBuildDetailsOf() error {
	if r.stdlib == "" {
		return nil
	}
	plain := joinName(r.tree, r.stdlib, "build-details.json")
	if r.tree.IsFile(plain) {
		return r.readBuildDetails(plain)
	}
	var named []string
	for _, name := range r.tree.List(r.stdlib) {
		if strings.HasPrefix(name, "build-details.") && strings.HasSuffix(name, ".json") {
			named = append(named, name)
		}
	}
	if len(named) != 1 { // of several, the interpreter's is not known yet
		return nil
	}
	return r.readBuildDetails(joinName(r.tree, r.stdlib, named[0]))
}

// readVarsOf reads the variables of the build: the JSON rather than the module.
func (r *prefixReader) readVarsOf() error {
	if r.stdlib == "" {
		return nil
	}
	name := r.varsFile(r.tree.List(r.stdlib))
	if name == "" {
		return nil
	}
	return r.readVars(joinName(r.tree, r.stdlib, name))
}

// varsFile picks the file with the variables among the names in a folder.
// There may be one for each build of the interpreter, and those that conda has
// for its compilers: the module of the interpreter itself begins with the
// flags of its ABI and its system.
func (r *prefixReader) varsFile(names []string) string {
	best, score := "", -1
	for _, name := range names {
		rest, isJSON := strings.CutPrefix(name, "_sysconfig_vars_")
		if isJSON && !strings.HasSuffix(name, ".json") {
			continue
		}
		if !isJSON {
			var ok bool
			if rest, ok = strings.CutPrefix(name, "_sysconfigdata_"); !ok || !strings.HasSuffix(name, ".py") {
				continue
			}
		}
		flags, machine, ok := strings.Cut(rest, "_")
		points := 0
		switch {
		case !ok:
		case flags == "" && r.threading != yes, flags == "t" && r.threading == yes:
			points = 4
		case flags == "t", flags == "d", flags == "td":
			points = 2
		}
		if system, _, _ := strings.Cut(machine, "_"); ok && osWords[strings.TrimRight(system, "0123456789")] != osUnknown {
			points++
		}
		points *= 2
		if isJSON {
			points++
		}
		if points > score {
			best, score = name, points
		}
	}
	return best
}

// readVars reads a _sysconfigdata module or its twin in JSON.
func (r *prefixReader) readVars(name string) error {
	file := r.tree.Join(name)
	text, err := r.tree.ReadFile(name, sysvars.MaxSize)
	if err != nil {
		return r.unreadable(file, err)
	}
	parse := sysvars.ParseModule
	if strings.HasSuffix(name, ".json") {
		parse = sysvars.ParseJSON
	}
	vars, err := parse(text)
	if err != nil {
		return r.unreadable(file, err)
	}
	r.sayVars(vars, file)
	return nil
}

// sayVars takes what the variables of a build say.
func (r *prefixReader) sayVars(vars sysvars.Vars, file string) {
	if v := vars["py_version"]; leadingVersion(v) != "" {
		r.sayVersion(v, file)
	} else {
		r.sayVersion(vars["VERSION"], file)
	}
	suffix := vars["EXT_SUFFIX"]
	if suffix == "" && vars["SOABI"] != "" {
		suffix = "." + vars["SOABI"] + ".so"
	}
	r.saySuffix(suffix, file)
	if _, ok := vars["Py_GIL_DISABLED"]; ok {
		r.sayThreading(truthOf(vars.On("Py_GIL_DISABLED")), file)
	}
	r.debug = r.debug || vars.On("Py_DEBUG")
	if lib := vars["PLATLIBDIR"]; lib == "lib64" {
		r.platlib = lib
	}
	r.headers = path.Base(vars["INCLUDEPY"])
	for _, key := range []string{"INSTSONAME", "LDLIBRARY"} {
		if name := vars[key]; strings.HasPrefix(name, "lib") && path.Base(name) == name && !strings.HasSuffix(name, ".a") {
			r.shared = append(r.shared, name)
		}
	}
	if name := sysconfigPlatform(vars); name != "" {
		r.saySpelling(name, file)
	} else if m := vars["MULTIARCH"]; m != "" {
		r.sayTriple(m, m, file)
	} else if t := vars["HOST_GNU_TYPE"]; vars["MACHDEP"] == "linux" && t != "" {
		r.sayTriple(t, t, file)
	}
}

// sysconfigPlatform is sysconfig.get_platform() of a Python that says its
// system in its variables, "" if they are of another one: a Linux there asks
// the kernel.
func sysconfigPlatform(vars sysvars.Vars) string {
	multiarch := vars["MULTIARCH"]
	switch vars["MACHDEP"] {
	case "ios":
		if floor := vars["IPHONEOS_DEPLOYMENT_TARGET"]; floor != "" && multiarch != "" {
			return "ios-" + floor + "-" + multiarch
		}
	case "android":
		abi := map[string]string{
			"aarch64-linux-android": "arm64_v8a", "x86_64-linux-android": "x86_64",
			"arm-linux-androideabi": "armeabi_v7a", "i686-linux-android": "x86",
		}[multiarch]
		if api := vars["ANDROID_API_LEVEL"]; api != "" && abi != "" {
			return "android-" + api + "-" + abi
		}
	case "darwin":
		if arch, floor := macArch(vars), vars["MACOSX_DEPLOYMENT_TARGET"]; arch != "" && floor != "" {
			return "macosx-" + floor + "-" + arch
		}
	case "emscripten":
		if abi := vars["PYEMSCRIPTEN_PLATFORM_VERSION"]; abi != "" {
			return "pyemscripten_" + abi + "_wasm32"
		}
	}
	return ""
}

// macArch is what _osx_support.get_platform_osx makes of the compiler's flags,
// or else the machine that the Python was configured for.
func macArch(vars sysvars.Vars) string {
	var archs []string
	flags := strings.Fields(vars["CFLAGS"])
	for i, flag := range flags {
		if flag == "-arch" && i+1 < len(flags) && !slices.Contains(archs, flags[i+1]) {
			archs = append(archs, flags[i+1])
		}
	}
	slices.Sort(archs)
	switch strings.Join(archs, " ") {
	case "arm64 x86_64":
		return "universal2"
	case "arm64", "x86_64":
		return archs[0]
	case "":
		cpu, _, _ := strings.Cut(vars["HOST_GNU_TYPE"], "-")
		switch cpu {
		case "x86_64":
			return cpu
		case "aarch64", "arm64":
			return "arm64"
		}
	}
	return ""
}

// readHeaders reads the full version from patchlevel.h and whether the Python is
// free-threaded from pyconfig.h, where those of its development files lie there.
func (r *prefixReader) readHeaders() error {
	library := path.Base(filepath.ToSlash(r.stdlib))
	dir := joinName(r.tree, r.prefix, "include/"+library)
	switch {
	case strings.EqualFold(library, "lib"): // Windows
		dir = joinName(r.tree, r.prefix, "Include")
	case strings.HasPrefix(r.headers, library): // python3.7m
		dir = joinName(r.tree, r.prefix, "include/"+r.headers)
	}
	for _, header := range []string{"patchlevel.h", "pyconfig.h"} {
		name := joinName(r.tree, dir, header)
		if r.stdlib == "" || !r.tree.IsFile(name) {
			continue
		}
		text, err := r.tree.ReadFile(name, sysvars.MaxSize)
		if err != nil {
			return r.unreadable(r.tree.Join(name), err)
		}
		if err := r.sayHeader(text, name); err != nil {
			return r.unreadable(r.tree.Join(name), err)
		}
	}
	return nil
}

// sayHeader takes what the macros of patchlevel.h and pyconfig.h say.
func (r *prefixReader) sayHeader(text []byte, name string) error {
	vars, err := sysvars.ParseHeader(text)
	if err != nil {
		return err
	}
	file := r.tree.Join(name)
	r.sayVersion(vars["PY_VERSION"], file)
	if vars.On("Py_GIL_DISABLED") {
		r.sayThreading(yes, file)
	}
	if api := vars["ANDROID_API_LEVEL"]; api != "" && r.machine.os == osAndroid && r.machine.version == (version{}) {
		if v, err := parseFloor("ANDROID_API_LEVEL", api); err == nil {
			r.machine.version = v
		}
	}
	return nil
}

// readConda takes the version from the record of conda's Python package.
func (r *prefixReader) readConda() error {
	for _, name := range r.tree.List(joinName(r.tree, r.prefix, "conda-meta")) {
		rest, ok := strings.CutPrefix(name, "python-")
		version, _, ok2 := strings.Cut(rest, "-")
		if ok && ok2 && strings.HasSuffix(name, ".json") && strings.HasPrefix(version, "3.") {
			r.sayVersion(version, r.tree.Join(joinName(r.tree, r.prefix, "conda-meta/"+name)))
		}
	}
	return nil
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
	if err := r.enterRoot(config["home"], &executable); err != nil {
		return Facts{}, err
	}
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
func (r *prefixReader) enterRoot(home string, executable *string) error {
	if r.tree.Root != "" || !path.IsAbs(home) {
		return nil
	}
	for dir := filepath.Dir(r.prefix); ; dir = filepath.Dir(dir) {
		if dir == filepath.Dir(dir) {
			return nil
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
		return nil
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
	r.Facts.Prefix, r.Facts.Executable, r.Facts.Virtual, r.Facts.Cross = own.Prefix, own.Executable, true, cross
	r.Facts.Base, r.Facts.BaseHome, r.Facts.Root, r.Facts.HostExecutable = own.Base, own.BaseHome, own.Root, own.HostExecutable
	r.Facts.Sources = append(own.Sources, base.Sources...)
	r.Facts.Conflicts = conflicts
	r.machine, r.machineBy, r.foreign, r.spelled = base.machine, base.machineBy, base.foreign, base.spelled
	r.pythonBy, r.stale, r.threading, r.threadingBy = base.pythonBy, base.stale, base.threading, base.threadingBy
	r.suffix, r.debug, r.platlib, r.libcHere = base.suffix, base.debug, base.platlib, base.libcHere
}
