package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/host/rootfs"
)

// Read describes the host whose files path names: the folder of a Python
// environment of any kind (virtual or installed, also one for another machine),
// a root file system, a framework, an XCframework or the folder of an app, an
// interpreter, or a file that describes a host. Where there are several Pythons
// for several platforms, the given spellings of platforms choose.
//
// Nothing is run. What the files do not say stays empty, what they say in two
// ways is in Facts.Conflicts. The error is a *PrefixError, a *SlicesError, or
// of the description that was named; it wraps fs.ErrNotExist if there is no
// environment at path.
func Read(path string, platforms ...string) (Facts, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Facts{}, &PrefixError{Path: path, Reason: "it has no absolute path", Err: err}
	}
	info, err := os.Stat(path)
	if err != nil {
		// The interpreter of a foreign environment may be a link that leads
		// nowhere here; it need not be read.
		if info, err = os.Lstat(path); err != nil {
			return Facts{}, &PrefixError{Path: path, Reason: "there is no such file or folder", Err: err}
		}
	}
	r := prefixReader{path: path, platforms: platforms}
	if info.IsDir() {
		return r.readFolder()
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0: // that leads nowhere
	case !info.Mode().IsRegular():
		return Facts{}, &PrefixError{Path: path, Reason: "it is neither a folder nor a regular file"}
	default:
		if read := descriptionReader(path, platforms); read != nil {
			return read(path)
		}
	}
	return r.readInterpreter()
}

// prefixReader gathers Facts from one file after the other.
type prefixReader struct {
	Facts
	path      string   // as it was named
	platforms []string // that were asked for

	// tree is the file system that the environment is in, prefix its folder
	// there and stdlib that of its standard library; "" if there is none.
	tree           rootfs.Tree
	prefix, stdlib string

	machine     machine // what the witnesses of the platform agree about
	machineBy   Source  // the first of them
	spelled     string  // the first name of it that says all
	foreign     string  // a platform that the table of systems does not have
	pythonBy    Source
	stale       bool // that of the Python is one that nobody keeps up to date
	threading   truth
	threadingBy Source
	suffix      string // of extension modules, as EXT_SUFFIX
	debug       bool
	soft        bool     // of ARM's ABIs, the one without floating-point registers
	platlib     string   // sys.platlibdir, "" if it is "lib"
	headers     string   // the folder's name of those of Python
	shared      []string // names of the library that the interpreter is in
	libcHere    bool     // the C library is that of this machine
}

// truth is what is known of a yes or no.
type truth uint8

const (
	untold truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// interpreters are where environments have their interpreter, by layout.
var interpreters = []string{
	"bin/python", "bin/python3", "Scripts/python.exe", "Scripts/python", "python.exe",
}

// readFolder reads what a folder is.
func (r *prefixReader) readFolder() (Facts, error) {
	in := func(name string) string { return filepath.Join(r.path, filepath.FromSlash(name)) }
	switch {
	case isFile(in("pyvenv.cfg")):
		return r.readEnvironment(r.path, "")
	case isFile(in("cross/pyvenv.cfg")) && isDir(in("build")): // crossenv
		return r.readEnvironment(in("cross"), "")
	case isFile(in("Info.plist")) && strings.HasSuffix(strings.ToLower(r.path), ".xcframework"):
		return r.readXCFramework(r.path)
	case isFile(in("pyodide-lock.json")):
		return Read(in("pyodide-lock.json"))
	case isDir(in("Versions")) && strings.HasSuffix(r.path, ".framework"):
		return r.readFramework(r.path)
	case isDir(in("usr/bin")) || isDir(in("usr/lib")) || isDir(in("usr/local/bin")):
		return r.readRoot(r.path, "")
	case isDir(in("Python.framework/Versions")):
		return r.readFramework(in("Python.framework"))
	case isFile(in("Python.xcframework/Info.plist")):
		return r.readXCFramework(in("Python.xcframework"))
	case isFile(in("Support/Python.xcframework/Info.plist")): // an app of Briefcase
		return r.readApp(r.readXCFramework(in("Support/Python.xcframework")))
	case isDir(in("Support/Python.framework/Versions")):
		return r.readApp(r.readFramework(in("Support/Python.framework")))
	}
	tree := rootfs.Tree{}
	if findInterpreter(tree, r.path) == "" && len(libraryFolders(tree, r.path)) == 0 {
		if slice := filepath.Dir(r.path); isFile(filepath.Join(slice, "Info.plist")) && strings.HasSuffix(slice, ".xcframework") {
			return r.readXCFramework(slice)
		}
		return Facts{}, &PrefixError{Path: r.path, Reason: "it is not the folder of a Python environment", Err: fs.ErrNotExist}
	}
	return r.readEnvironment(r.path, "")
}

// readInterpreter reads the environment that an interpreter is in.
func (r *prefixReader) readInterpreter() (Facts, error) {
	dir := filepath.Dir(r.path)
	name := strings.ToLower(filepath.Base(dir))
	switch {
	case isFile(filepath.Join(dir, "pyvenv.cfg")): // beside the interpreter, as PEP 405 has it too
	case name == "bin" || name == "scripts":
		dir = filepath.Dir(dir)
	}
	virtual := isFile(filepath.Join(dir, "pyvenv.cfg"))
	if !virtual && dir != "/" && (isDir(filepath.Join(dir, "usr", "bin")) || isDir(filepath.Join(dir, "usr", "lib"))) {
		return r.readRoot(dir, r.path)
	}
	if real, home := r.behindLinks(r.path); !virtual && home != "" && home != dir && rootOf(dir) == "" {
		return r.readEnvironment(home, real)
	}
	return r.readEnvironment(dir, r.path)
}

// readRoot reads the Python of a root file system: the one that its PATH would
// offer, or the given interpreter, a path of this machine.
func (r *prefixReader) readRoot(root, executable string) (Facts, error) {
	tree := rootfs.Tree{Root: root}
	if root == "/" {
		tree.Root = ""
	}
	for _, prefix := range []string{"/usr/local", "/usr"} {
		name := ""
		if executable != "" {
			name, _ = tree.Name(executable)
			if strings.HasPrefix(name, "/bin/") && prefix == "/usr" { // bin is usr/bin
				name = prefix + name
			}
		}
		if name == "" {
			name = findInterpreter(tree, prefix)
		}
		if !strings.HasPrefix(name, prefix+"/") || prefix == "/usr" && strings.HasPrefix(name, "/usr/local/") {
			continue
		}
		r.tree = tree
		if real, home := r.behindLinks(name); home != "" && home != prefix {
			prefix, name = home, real
		}
		return r.readInstalled(prefix, name)
	}
	if libraries := libraryFolders(tree, "/usr"); len(libraries) > 0 {
		r.tree = tree
		return r.readInstalled("/usr", "/usr/bin/"+path.Base(libraries[len(libraries)-1]))
	}
	return Facts{}, &PrefixError{Path: r.path, Reason: "there is no Python in this root file system, neither in usr/local/bin nor in usr/bin", Err: fs.ErrNotExist}
}

// behindLinks is the interpreter that a name leads to, and its prefix if it has
// a library there: where an interpreter looks for its library is decided when
// links have been followed.
func (r *prefixReader) behindLinks(name string) (real, prefix string) {
	path, err := r.tree.Resolve(name)
	if err != nil {
		return "", ""
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", ""
	}
	real, ok := r.tree.Name(path)
	prefix, _ = r.tree.Name(filepath.Dir(filepath.Dir(path)))
	if !ok || prefix == "" || len(libraryFolders(r.tree, prefix)) == 0 {
		return "", ""
	}
	return real, prefix
}

// readEnvironment reads a prefix that was named by its folder or, if executable
// is not "", by its interpreter; both are paths of this machine.
func (r *prefixReader) readEnvironment(dir, executable string) (Facts, error) {
	if root := rootOf(dir); root != "" {
		r.tree.Root = root
	}
	prefix, _ := r.tree.Name(dir)
	name := ""
	if executable != "" {
		name, _ = r.tree.Name(executable)
	}
	if isFile(filepath.Join(dir, "pyvenv.cfg")) {
		return r.readVirtual(prefix, name)
	}
	if name == "" {
		name = findInterpreter(r.tree, prefix)
	}
	if name == "" {
		name = joinName(r.tree, prefix, "bin/python")
	}
	return r.readInstalled(prefix, name)
}

// rootOf is the root file system that a folder is in by the looks of it: /usr
// or /usr/local below something that has more of a system. It returns "" for
// this machine's own.
func rootOf(dir string) string {
	parent := filepath.Dir(dir)
	if filepath.Base(dir) == "local" && filepath.Base(parent) == "usr" {
		dir, parent = parent, filepath.Dir(parent)
	}
	if filepath.Base(dir) != "usr" || parent == "/" || parent == filepath.Dir(parent) {
		return ""
	}
	for _, part := range []string{"etc", "lib", "lib64", "bin"} {
		if _, err := os.Lstat(filepath.Join(parent, part)); err == nil {
			return parent
		}
	}
	return ""
}

// findInterpreter is the interpreter of a prefix, the one that is called so
// before the newest of those with a version in their name; "" if there is none.
func findInterpreter(tree rootfs.Tree, prefix string) string {
	for _, name := range interpreters {
		if exe := joinName(tree, prefix, name); tree.Exists(exe) && !tree.IsDir(exe) {
			return exe
		}
	}
	best, newest := "", -1
	for _, name := range tree.List(joinName(tree, prefix, "bin")) {
		for _, known := range []string{"python", "pypy"} {
			v, err := ParsePythonVersion(strings.TrimPrefix(name, known))
			if !strings.HasPrefix(name, known+"3.") || err != nil || v.Parts != 2 {
				continue
			}
			rank := 2 * v.Minor
			if !v.FreeThreaded {
				rank++
			}
			if rank > newest {
				best, newest = joinName(tree, prefix, "bin/"+name), rank
			}
		}
	}
	return best
}

// joinName joins names of a tree: with slashes in one of another machine.
func joinName(tree rootfs.Tree, dir, name string) string {
	if tree.Root == "" {
		return filepath.Join(dir, filepath.FromSlash(name))
	}
	return path.Join(dir, name)
}

// readInstalled reads an installed Python: its prefix and its interpreter are
// names in the tree.
func (r *prefixReader) readInstalled(prefix, executable string) (Facts, error) {
	r.prefix = prefix
	r.Prefix, r.Executable = r.tree.Join(prefix), r.tree.Join(executable)
	if r.tree.Root != "" {
		r.Root, r.HostExecutable = r.tree.Root, executable
	}
	if err := r.gather(executable); err != nil {
		return Facts{}, err
	}
	r.layOut()
	return r.finish(), nil
}

// gather asks every witness of an installed Python.
func (r *prefixReader) gather(executable string) error {
	r.findLibrary(executable)
	steps := []func() error{r.readBuildDetailsOf, r.readVarsOf, r.readHeaders, r.readConda}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	r.readBinaries(executable)
	return nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readBounded returns the content of a regular file of this machine of at most
// limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	return rootfs.Tree{}.ReadFile(path, limit)
}

// unreadable refuses an environment for one of its files.
func (r *prefixReader) unreadable(file string, err error) error {
	var syntax *PrefixError
	if errors.As(err, &syntax) {
		return err
	}
	return &PrefixError{Path: r.path, Reason: fmt.Sprintf("there is no understanding of %q", file), Err: err}
}
