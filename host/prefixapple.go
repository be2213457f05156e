package host

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/host/crossfile"
	"github.com/xpip/xpip/host/rootfs"
)

const maxPlist = 1 << 20 // bytes of an Info.plist

// readFramework reads a Python.framework of macOS: its current version, or the
// only one.
func (r *prefixReader) readFramework(framework string) (Facts, error) {
	versions := filepath.Join(framework, "Versions")
	prefix := filepath.Join(versions, "Current")
	if real, err := filepath.EvalSymlinks(prefix); err == nil && filepath.Dir(real) != prefix {
		prefix = filepath.Join(versions, filepath.Base(real))
	}
	if !isDir(prefix) {
		prefix = ""
		for _, name := range (rootfs.Tree{}).List(versions) {
			if dir := filepath.Join(versions, name); len(libraryFolders(rootfs.Tree{}, dir)) > 0 {
				if prefix != "" {
					return Facts{}, &PrefixError{Path: r.path, Reason: fmt.Sprintf("there are several Pythons in %q: name the folder of one", versions)}
				}
				prefix = dir
			}
		}
	}
	if prefix == "" || len(libraryFolders(rootfs.Tree{}, prefix)) == 0 {
		return Facts{}, &PrefixError{Path: r.path, Reason: "there is no Python in this framework", Err: fs.ErrNotExist}
	}
	return r.readEnvironment(prefix, "")
}

// readXCFramework reads the Python in a slice of an XCframework: the one that
// was named by its folder, the one that an asked for platform is of, or the only
// one.
func (r *prefixReader) readXCFramework(framework string) (Facts, error) {
	plist := filepath.Join(framework, "Info.plist")
	text, err := readBounded(plist, maxPlist)
	if err != nil {
		return Facts{}, r.unreadable(plist, err)
	}
	found, err := crossfile.ParseXCFramework(text)
	if err != nil {
		return Facts{}, describeError(plist, err)
	}
	if filepath.Dir(r.path) == framework {
		if i := slices.IndexFunc(found, func(s crossfile.Slice) bool { return s.Identifier == filepath.Base(r.path) }); i >= 0 {
			found = found[i : i+1]
		}
	}
	all, err := xcframeworkPlatforms(found)
	if err != nil {
		return Facts{}, describeError(plist, err)
	}
	chosen := all
	if len(r.platforms) > 0 {
		chosen = slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !sameSystem(name, r.platforms[0]) })
	}
	if len(chosen) != 1 {
		return Facts{}, &SlicesError{Path: plist, Platforms: all}
	}
	wanted, _, _ := (spellingContext{}).read(strings.ToLower(chosen[0]))
	for _, s := range found {
		names, err := xcframeworkPlatforms([]crossfile.Slice{s})
		if err == nil && slices.Contains(names, chosen[0]) && filepath.IsLocal(s.Identifier) {
			return r.readSlice(filepath.Join(framework, s.Identifier), wanted.platform, chosen[0], plist)
		}
	}
	f := Facts{}
	f.sayPlatform(chosen[0], plist)
	return f, nil
}

// sameSystem reports whether two spellings are of one system with one
// processor, whatever its version.
func sameSystem(a, b string) bool {
	x, ok, err := (spellingContext{}).read(strings.ToLower(a))
	y, ok2, err2 := (spellingContext{}).read(strings.ToLower(b))
	return ok && ok2 && err == nil && err2 == nil && x.system == y.system
}

// readSlice reads the Python in a slice, for one of its processors. Several
// have one folder of libraries each, lib-arm64 and lib-x86_64.
func (r *prefixReader) readSlice(dir string, wanted platform, name, plist string) (Facts, error) {
	r.prefix, r.Prefix = dir, dir
	r.Executable = filepath.Join(dir, "bin", "python")
	r.sayMachine(machine{os: wanted.os, cpu: wanted.cpu(), sdk: wanted.system.sdk}, name, plist)
	libraries := librariesIn(r.tree, dir, "lib-"+wanted.system.arch, "lib")
	if len(libraries) > 0 {
		r.stdlib = libraries[len(libraries)-1]
		r.nameSays(versionInName(r.stdlib), r.stdlib)
		for _, read := range []func() error{r.readBuildDetailsOf, r.readVarsOf, r.readHeaders} {
			if err := read(); err != nil {
				return Facts{}, err
			}
		}
	}
	r.readBinaries(filepath.Join(dir, "Python.framework", "Python"))
	r.layOut()
	return r.finish(), nil
}

// readApp completes what the Python in the folder of an app says: its packages
// lie in app_packages, beside the app's own code; on iOS in one for each SDK.
func (r *prefixReader) readApp(f Facts, err error) (Facts, error) {
	if err != nil {
		return f, err
	}
	dirs := []string{r.path}
	for _, name := range (rootfs.Tree{}).List(r.path) {
		dirs = append(dirs, filepath.Join(r.path, name))
	}
	for _, suffix := range []string{r.machine.sdk, ""} {
		for _, dir := range dirs {
			packages := filepath.Join(dir, strings.TrimSuffix("app_packages."+suffix, "."))
			if !isDir(packages) {
				continue
			}
			name := filepath.Base(packages)
			f.Prefix, f.Site = dir, []string{packages}
			f.Scheme = &Scheme{Purelib: name, Platlib: name, Data: name, Scripts: name + "/bin", Headers: name + "/include"}
			f.Sources = append(f.Sources, Source{Field: "scheme", Value: name, File: packages})
			return f, nil
		}
	}
	return f, nil
}
