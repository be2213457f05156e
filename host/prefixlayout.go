package host

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
)

const maxSysconfig = 1 << 20 // bytes of the sysconfig module that is searched for a word

// layOut finds where an installed Python keeps packages: the scheme that its
// distributor gave it, the folders that it sees, the file that protects it.
func (r *prefixReader) layOut() {
	if r.stdlib == "" {
		return
	}
	library := path.Base(filepath.ToSlash(r.stdlib))
	if protected := joinName(r.tree, r.stdlib, "EXTERNALLY-MANAGED"); r.tree.IsFile(protected) {
		r.ExternallyManaged = r.tree.Join(protected)
	}
	rel, _ := filepath.Rel(filepath.FromSlash(r.prefix), filepath.FromSlash(r.stdlib))
	rel = filepath.ToSlash(rel)
	sites := []string{rel + "/site-packages"}
	switch distributor, file := r.distributor(); {
	case distributor == "debian":
		r.Scheme = debianScheme(library, r.Python)
		r.record(Source{Field: "scheme", Value: r.Scheme.Purelib, File: file})
		sites = []string{r.Scheme.Purelib, "lib/python3/dist-packages", rel + "/dist-packages"}
	case distributor == "fedora":
		r.Scheme = fedoraScheme(library, r.platlibDir())
		r.record(Source{Field: "scheme", Value: r.Scheme.Purelib, File: file})
		sites = []string{r.Scheme.Platlib, r.Scheme.Purelib, r.platlibDir() + "/" + library + "/site-packages", "lib/" + library + "/site-packages"}
	case r.platlib != "" && strings.HasPrefix(library, "py"):
		s := posixScheme(library)
		s.Platlib = r.platlib + "/" + library + "/site-packages"
		r.Scheme = &s
		r.record(Source{Field: "scheme", Value: s.Platlib, File: r.tree.Join(r.stdlib)})
		sites = []string{s.Platlib, s.Purelib}
	case strings.HasPrefix(r.headers, library) && r.headers != library: // python3.7m, and of debug builds
		s := posixScheme(library)
		s.Headers = "include/" + r.headers
		r.Scheme = &s
	case strings.HasPrefix(rel, "lib-"): // a slice of an XCframework
		s := posixScheme(library)
		s.Purelib, s.Platlib, s.ScriptKind = rel+"/site-packages", rel+"/site-packages", ScriptsNone
		r.Scheme = &s
	}
	r.see(sites...)
}

func (r *prefixReader) platlibDir() string {
	if r.platlib == "" {
		return "lib"
	}
	return r.platlib
}

// see adds folders below the prefix to those with packages, if they exist.
func (r *prefixReader) see(sites ...string) {
	for _, site := range sites {
		name := joinName(r.tree, r.prefix, site)
		path := r.tree.Join(name)
		known := false
		for _, s := range r.Site {
			known = known || s == path
		}
		if !known && r.tree.IsDir(name) {
			r.Site = append(r.Site, path)
		}
	}
}

// distributor tells whose scheme an installed Python has, by the words that are
// in its sysconfig module and in no other: "debian", "fedora" or ""; and the
// file that tells it.
func (r *prefixReader) distributor() (name, file string) {
	for _, name := range []string{"sysconfig/__init__.py", "sysconfig.py"} {
		module := joinName(r.tree, r.stdlib, name)
		text, err := r.tree.ReadFile(module, maxSysconfig)
		switch {
		case err != nil:
		case bytes.Contains(text, []byte("'deb_system'")):
			return "debian", r.tree.Join(module)
		case bytes.Contains(text, []byte("'rpm_prefix'")):
			return "fedora", r.tree.Join(module)
		}
	}
	packages := joinName(r.tree, r.prefix, "lib/python3/dist-packages")
	if path.Base(filepath.ToSlash(r.prefix)) == "usr" && r.tree.IsDir(packages) {
		return "debian", r.tree.Join(packages) // whose older Pythons have it in distutils
	}
	return "", ""
}

// posixScheme is sysconfig's posix_prefix for a library folder.
func posixScheme(library string) Scheme {
	return Scheme{
		Purelib: "lib/" + library + "/site-packages", Platlib: "lib/" + library + "/site-packages",
		Scripts: "bin", Headers: "include/" + library, ScriptKind: ScriptsPOSIX,
	}
}

// debianScheme is the posix_local of Debian's sysconfig: the administrator's
// packages are apart from the distribution's. Before 3.10 it was distutils'
// unix_local, which has a place for headers there too.
func debianScheme(library, python string) *Scheme {
	s := posixScheme(library)
	s.Purelib, s.Scripts, s.Data = "local/lib/"+library+"/dist-packages", "local/bin", "local"
	s.Platlib = s.Purelib
	if v, err := ParsePythonVersion(python); err == nil && !v.since(10) {
		s.Headers = "local/include/" + library
	}
	return &s
}

// fedoraScheme is the posix_prefix of Fedora's sysconfig outside of virtual
// environments and of its own builds.
func fedoraScheme(library, platlib string) *Scheme {
	s := posixScheme(library)
	s.Purelib, s.Scripts, s.Data = "local/lib/"+library+"/site-packages", "local/bin", "local"
	s.Platlib = "local/" + platlib + "/" + library + "/site-packages"
	return &s
}

// layOutVirtual is layOut of a virtual environment. What protects the Python
// that it was made of does not protect it.
func (r *prefixReader) layOutVirtual(systemSite bool) {
	inherited := r.Site
	r.Site, r.ExternallyManaged, r.Scheme = nil, "", nil
	if r.stdlib == "" {
		if lib := joinName(r.tree, r.prefix, "Lib"); r.tree.IsDir(lib) {
			r.see("Lib/site-packages")
		}
	} else {
		library := path.Base(filepath.ToSlash(r.stdlib))
		if r.platlib != "" {
			s := posixScheme(library)
			s.Platlib = r.platlib + "/" + library + "/site-packages"
			r.Scheme = &s
			r.see(s.Platlib)
		}
		r.see("lib/" + library + "/site-packages")
	}
	if systemSite {
		r.Site = append(r.Site, inherited...)
	}
}
