package host

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/xpip/xpip/host/libver"
	"github.com/xpip/xpip/host/rootfs"
	"github.com/xpip/xpip/wheel"
)

// readBinaries reads the headers of the interpreter, or of the library that it
// is in, and the C library that it would be started with.
func (r *prefixReader) readBinaries(executable string) {
	header, name, ok := r.inspectFirst(append([]string{executable}, r.libraries()...))
	if !ok {
		return
	}
	r.sayBinary(header, r.tree.Join(name))
	if header.Format == wheel.FormatELF && (header.OS == wheel.OSLinux || header.OS == "") {
		before := r.tree
		if r.readLibc(header, name); r.tree != before {
			name, _ = r.tree.Name(name)
		}
	}
	v, err := ParsePythonVersion(r.Python)
	if err != nil || v.Parts < 2 || v.Parts == 3 && !r.stale {
		return
	}
	for _, name := range append([]string{name}, r.libraries()...) {
		if full, file, ok := r.versionInside(name, v.Short()); ok {
			r.sayVersion(full, file)
			return
		}
	}
}

// versionInside finds the full version among the strings of a binary.
func (r *prefixReader) versionInside(name, short string) (version, file string, ok bool) {
	if r.Implementation == "pp" { // which has the version of another Python inside, too
		return "", "", false
	}
	f, _, err := r.tree.Open(name)
	if err != nil {
		return "", "", false
	}
	defer f.Close()
	version, err = libver.Python(f, short)
	return version, r.tree.Join(name), err == nil
}

// libraries are where the interpreter may be instead of in its program, names
// in the tree.
func (r *prefixReader) libraries() []string {
	number := strings.TrimSuffix(r.Python, "t")
	if v, err := ParsePythonVersion(number); err == nil {
		number = v.Short()
	}
	if r.threading == yes {
		number += "t"
	}
	dirs := []string{"lib", "lib64"}
	if m, ok := multiarchOf(r.suffix); ok {
		dirs = append(dirs, "lib/"+m)
	}
	names := []string{r.windowsLibrary(), "Python", "../../Python.framework/Python"}
	for _, dir := range dirs {
		for _, name := range r.shared {
			names = append(names, dir+"/"+name)
		}
		names = append(names, dir+"/libpython"+number+".so.1.0", dir+"/libpython"+number+".so", dir+"/libpython"+number+".dylib")
	}
	out := names[:0]
	for _, name := range names {
		if name != "" {
			out = append(out, joinName(r.tree, r.prefix, name))
		}
	}
	return out
}

// multiarchOf is the triple in the suffix of extension modules.
func multiarchOf(suffix string) (string, bool) {
	words := strings.Split(suffix, ".")
	if len(words) < 3 {
		return "", false
	}
	parts := strings.SplitN(words[1], "-", 3)
	return parts[len(parts)-1], len(parts) == 3
}

// windowsLibrary is the name of python313.dll in the prefix, that of the free-threaded
// build only if there is no other; "" if there is none.
func (r *prefixReader) windowsLibrary() string {
	threaded := ""
	for _, name := range r.tree.List(r.prefix) {
		lower := strings.ToLower(name)
		number, ok := strings.CutSuffix(lower, ".dll")
		if number, ok2 := strings.CutPrefix(number, "python3"); ok && ok2 {
			minor, free := strings.CutSuffix(number, "t")
			switch {
			case minor == "" || strings.Trim(minor, "0123456789") != "":
			case !free:
				return name
			default:
				threaded = name
			}
		}
	}
	return threaded
}

// inspectFirst reads the headers of the first file that is machine code.
func (r *prefixReader) inspectFirst(names []string) (wheel.Native, string, bool) {
	for _, name := range names {
		if header, ok := inspectFile(r.tree, name); ok {
			return header, name, true
		}
	}
	return wheel.Native{}, "", false
}

func inspectFile(tree rootfs.Tree, name string) (wheel.Native, bool) {
	f, size, err := tree.Open(name)
	if err != nil {
		return wheel.Native{}, false
	}
	defer f.Close()
	header, err := wheel.Inspect(path.Base(filepath.ToSlash(name)), f, size)
	return header, err == nil && len(header.Machines) > 0
}

var binarySystems = map[string]machine{
	wheel.OSLinux: {os: osLinux}, wheel.OSAndroid: {os: osAndroid}, wheel.OSMacOS: {os: osMacOS},
	wheel.OSIOS: {os: osIOS, sdk: "iphoneos"}, wheel.OSIOSSimulator: {os: osIOS, sdk: "iphonesimulator"},
	wheel.OSWindows: {os: osWindows}, wheel.OSEmscripten: {os: osEmscripten},
}

// machineOf is the machine that a binary is for.
func machineOf(header wheel.Native) (machine, string) {
	m := binarySystems[header.OS]
	var words []string
	for _, name := range header.Machines {
		if name == "arm" {
			m.cpu = cpuARM
		} else if cpu, known := cpuNames[name]; known {
			m.cpu = cpu
		} else {
			m.cpu = name
		}
		words = append(words, m.cpu)
	}
	if len(words) > 1 {
		m.cpu = "" // one of them, another file says which
		if m.os == osMacOS {
			m.cpu = cpuUniversal
		}
	}
	switch header.Libc {
	case "glibc":
		m.libc = libcGlibc
	case "musl":
		m.libc = libcMusl
	}
	if header.AndroidAPI > 0 {
		m.version = version{header.AndroidAPI, 0}
	}
	for _, slice := range header.Slices {
		v, ok := parseDotted(slice.MinOS)
		if ok && (m.version == (version{}) || v.less(m.version)) {
			m.version = v
		}
	}
	value := strings.TrimSpace(header.OS + " " + strings.Join(words, " "))
	if header.Libc != "" && m.os == osLinux {
		value += " " + header.Libc
	}
	return m, value
}

// sayBinary takes what a binary says of the machine.
func (r *prefixReader) sayBinary(header wheel.Native, file string) {
	m, value := machineOf(header)
	if m.os == osLinux && m.libc == libcMusl && r.machine.libc == libcGlibc {
		// Before 3.12 and on some systems later, a Python on musl calls
		// itself one for glibc; what it is linked to decides.
		r.machine.libc = libcMusl
	}
	r.sayMachine(m, value, file)
	if strings.EqualFold(path.Ext(filepath.ToSlash(file)), ".dll") || header.Format == wheel.FormatPE {
		r.sayWindows(header)
	}
	if header.FloatABI == "soft" {
		r.soft = true
		r.Notes = append(r.Notes, "this Python has the soft-float ABI, for which nobody makes wheels: linux tags alone fit")
	}
}

// sayWindows takes the version from the name of python313.dll, which no other
// file of an installation on Windows need say.
func (r *prefixReader) sayWindows(header wheel.Native) {
	name := r.windowsLibrary()
	for _, needed := range header.Needed {
		if strings.HasPrefix(strings.ToLower(needed), "python3") && len(needed) > len("python3.dll") {
			name = needed
		}
	}
	digits, threaded := strings.CutSuffix(strings.TrimSuffix(strings.ToLower(strings.TrimPrefix(name, "python")), ".dll"), "t")
	if len(digits) > 1 {
		file := r.tree.Join(joinName(r.tree, r.prefix, name))
		r.sayImplementation("cp", file)
		r.sayVersion(digits[:1]+"."+digits[1:], file)
		if threaded {
			r.sayThreading(yes, file)
		}
	}
}

// readLibc reads the version of the C library that the interpreter would be
// started with: the one beside the loader that it names, in the nearest folder
// around it that has that loader. Without one it is what the interpreter needs.
func (r *prefixReader) readLibc(header wheel.Native, name string) {
	if header.FloatABI == "soft" || header.Libc == "" {
		return
	}
	tree, ok := r.loaderTree(header)
	if ok {
		if version, file := libcVersion(tree, header); version != "" {
			r.sayLibc(header.Libc+" "+version, file)
			if tree.Root == "" && r.tree.Root == "" {
				r.libcHere = true
			}
			return
		}
	}
	if header.GlibcNeed != "" && header.Libc == "glibc" {
		need := header.GlibcNeed
		for _, library := range r.libraries() {
			if h, ok := inspectFile(r.tree, library); ok && versionLess(need, h.GlibcNeed) {
				need = h.GlibcNeed
			}
		}
		v, ok := parseDotted(need)
		if !ok {
			return
		}
		r.sayLibc("glibc "+dotted(v), r.tree.Join(name))
		r.Notes = append(r.Notes, fmt.Sprintf("there is no C library beside this Python: glibc %s is taken, which it needs at least (a manylinux tag for --platform says another)", dotted(v)))
	}
}

func versionLess(a, b string) bool {
	v, ok := parseDotted(a)
	w, ok2 := parseDotted(b)
	return ok && ok2 && v.less(w)
}

// loaderTree is the file system in which the interpreter's loader lies: the
// environment's, a folder around it, or this machine's.
func (r *prefixReader) loaderTree(header wheel.Native) (rootfs.Tree, bool) {
	if header.Interp == "" || !path.IsAbs(header.Interp) {
		if r.tree.Root == "" && runtime.GOOS != "linux" {
			return rootfs.Tree{}, false
		}
		return r.tree, r.tree.Root != ""
	}
	if r.tree.Root != "" {
		return r.tree, true
	}
	for dir := r.prefix; filepath.IsAbs(dir); dir = filepath.Dir(dir) {
		tree := rootfs.Tree{Root: dir}
		if dir == filepath.Dir(dir) {
			tree.Root = ""
		}
		if filepath.Base(dir) == "usr" { // has a lib and a lib64 like the root's
			continue
		}
		if loader, ok := inspectFile(tree, header.Interp); ok && loader.Machines[0] == header.Machines[0] {
			if tree.Root != "" && dir != r.prefix {
				r.tree, r.Root = tree, dir
				r.HostExecutable, _ = tree.Name(r.Executable)
				r.prefix, _ = tree.Name(r.prefix)
				if r.stdlib != "" {
					r.stdlib, _ = tree.Name(r.stdlib)
				}
			}
			return tree, true
		}
		if tree.Root == "" {
			break
		}
	}
	return rootfs.Tree{}, false
}

// libcVersion reads the version of the C library in a file system that is for
// the same machine as the interpreter, and where it lies on this machine.
func libcVersion(tree rootfs.Tree, header wheel.Native) (version, file string) {
	var dirs []string
	if header.Interp != "" {
		if loader, err := tree.Resolve(header.Interp); err == nil {
			if real, err := filepath.EvalSymlinks(loader); err == nil && tree.Root == "" {
				loader = real
			}
			if name, ok := tree.Name(loader); ok {
				dirs = append(dirs, path.Dir(filepath.ToSlash(name)))
			}
		}
		dirs = append(dirs, path.Dir(header.Interp))
	}
	if header.Libc == "musl" {
		return muslVersion(tree, header, dirs)
	}
	for _, lib := range []string{"/lib", "/usr/lib"} {
		dirs = append(dirs, lib+"64", lib)
		for _, name := range tree.List(lib) {
			if tripleKey(name) != "" {
				dirs = append(dirs, lib+"/"+name)
			}
		}
	}
	for _, dir := range dirs {
		name := path.Join(dir, "libc.so.6")
		library, ok := inspectFile(tree, name)
		if !ok || library.Machines[0] != header.Machines[0] {
			continue
		}
		f, size, err := tree.Open(name)
		if err != nil {
			continue
		}
		version, err = libver.Glibc(f, size)
		_ = f.Close() // it was only read
		if err == nil {
			return version, tree.Join(name)
		}
	}
	return "", ""
}

// muslVersion reads the version of musl's loader, which is its library.
func muslVersion(tree rootfs.Tree, header wheel.Native, dirs []string) (version, file string) {
	names := []string{header.Interp}
	for _, dir := range append(dirs, "/lib", "/usr/lib") {
		for _, name := range tree.List(dir) {
			if strings.HasPrefix(name, "ld-musl-") && strings.HasSuffix(name, ".so.1") {
				names = append(names, path.Join(dir, name))
			}
		}
	}
	for _, name := range names {
		library, ok := inspectFile(tree, name)
		if !ok || library.Machines[0] != header.Machines[0] {
			continue
		}
		f, _, err := tree.Open(name)
		if err != nil {
			continue
		}
		version, err = libver.Musl(f)
		_ = f.Close() // it was only read
		if v, ok := parseDotted(version); err == nil && ok {
			return dotted(v), tree.Join(name)
		}
	}
	return "", ""
}
