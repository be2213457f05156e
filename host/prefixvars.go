package host

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/host/sysvars"
)

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
	} else if t := vars["HOST_GNU_TYPE"]; t != "" {
		// The ports of FreeBSD have a vendor of their own.
		r.sayTriple(strings.Replace(t, "-portbld-", "-unknown-", 1), t, file)
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
	headers := []string{joinName(r.tree, dir, "patchlevel.h"), joinName(r.tree, dir, "pyconfig.h")}
	if triple, ok := multiarchOf(r.suffix); ok { // Debian's pyconfig.h only leads there
		headers = append(headers, joinName(r.tree, r.prefix, "include/"+triple+"/"+library+"/pyconfig.h"))
	}
	for _, name := range headers {
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
