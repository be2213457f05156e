package host

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/host/rootfs"
)

// findLibrary finds the standard library, by whose name versions go.
func (r *prefixReader) findLibrary(executable string) {
	libraries := libraryFolders(r.tree, r.prefix)
	named := versionInName(executable)
	if named == "" {
		if path, err := r.tree.Resolve(executable); err == nil {
			if real, err := filepath.EvalSymlinks(path); err == nil {
				path = real
			}
			named = versionInName(path)
		}
	}
	for _, library := range libraries {
		version := versionInName(library)
		if len(libraries) > 1 && version != named {
			continue
		}
		r.stdlib = library
		r.nameSays(version, library)
		return
	}
	switch {
	case len(libraries) > 1 && named == "":
		r.stdlib = libraries[len(libraries)-1]
		r.nameSays(versionInName(r.stdlib), r.stdlib)
	case named != "":
		r.nameSays(named, executable)
	}
	if info := joinName(r.tree, r.prefix, "Lib"); r.stdlib == "" && r.tree.IsDir(info) && r.windowsLibrary() != "" {
		r.stdlib = info
	}
}

// nameSays takes version, threading and implementation from the name of a
// library folder or an interpreter.
func (r *prefixReader) nameSays(version, name string) {
	file := r.tree.Join(name)
	number, threaded := strings.CutSuffix(version, "t")
	r.sayVersion(number, file)
	if threaded {
		r.sayThreading(yes, file)
	}
	base := path.Base(filepath.ToSlash(name))
	if strings.HasPrefix(base, "pypy") {
		r.sayImplementation("pp", file)
	}
}

// libraryFolders are the lib/pythonX.Y and lib/pypyX.Y folders of a prefix, of
// all versions, oldest first.
func libraryFolders(tree rootfs.Tree, prefix string) []string {
	return librariesIn(tree, prefix, "lib", "lib64")
}

// librariesIn is libraryFolders for folders of other names than lib. Of those
// that have the same version, the first counts that has the library itself, for
// packages may lie apart from it.
func librariesIn(tree rootfs.Tree, prefix string, dirs ...string) []string {
	var out []string
	for _, lib := range dirs {
		dir := joinName(tree, prefix, lib)
		for _, name := range tree.List(dir) {
			folder := joinName(tree, dir, name)
			if versionInName(name) == "" || !tree.IsDir(folder) {
				continue
			}
			same := slices.IndexFunc(out, func(p string) bool { return path.Base(filepath.ToSlash(p)) == name })
			switch {
			case same < 0:
				out = append(out, folder)
			case !holdsLibrary(tree, out[same]) && holdsLibrary(tree, folder):
				out[same] = folder
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		v, _ := ParsePythonVersion(versionInName(a))
		w, _ := ParsePythonVersion(versionInName(b))
		if v.Minor != w.Minor {
			return v.Minor - w.Minor
		}
		return int(truthOf(w.FreeThreaded)) - int(truthOf(v.FreeThreaded))
	})
	return out
}

func holdsLibrary(tree rootfs.Tree, folder string) bool {
	return tree.IsFile(joinName(tree, folder, "os.py")) || tree.Exists(joinName(tree, folder, "sysconfig"))
}

// versionInName reads the version off the last part of …/python3.13t; "" if
// there is none with a minor version.
func versionInName(name string) string {
	name = strings.TrimSuffix(path.Base(filepath.ToSlash(name)), ".exe")
	text, ok := strings.CutPrefix(name, "python")
	if !ok {
		text, ok = strings.CutPrefix(name, "pypy")
	}
	if !ok || !strings.Contains(text, ".") {
		return ""
	}
	if v, err := ParsePythonVersion(text); err != nil || v.Parts != 2 {
		return ""
	}
	return text
}
