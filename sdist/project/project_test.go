package project

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree is a source tree in memory.
type tree map[string]string

func (t tree) ReadFile(name string) ([]byte, error) {
	s, ok := t[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(s), nil
}

func read(t *testing.T, files tree) *Project {
	t.Helper()
	p, err := Read(files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadBuildSystem(t *testing.T) {
	for name, c := range map[string]struct {
		files       tree
		backend     string
		legacy      bool
		requires    []string
		backendPath []string
	}{
		"setup.py alone":   {tree{"setup.py": ""}, legacyBackend, true, []string{"setuptools>=40.8.0"}, nil},
		"no build-system":  {tree{"pyproject.toml": "[tool.black]\nline-length=88\n"}, legacyBackend, true, []string{"setuptools>=40.8.0"}, nil},
		"no backend":       {tree{"pyproject.toml": "[build-system]\nrequires=['setuptools','cython']\n"}, legacyBackend, true, []string{"setuptools", "cython"}, nil},
		"backend":          {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend='a.b:c.d'\nbackend-path=['_build/./x', '.']\n"}, "a.b:c.d", false, []string{}, []string{"_build/x", "."}},
		"other tables odd": {tree{"pyproject.toml": "[build-system]\nrequires=['x']\nbuild-backend='m'\n[project]\nname=3\n"}, "m", false, []string{"x"}, nil},
	} {
		p := read(t, c.files)
		if p.Backend != c.backend || p.Legacy != c.legacy || !slices.Equal(p.Requires, c.requires) || !slices.Equal(p.BackendPath, c.backendPath) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	var tables, dotted strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&tables, "[a%d]\n", i)
		fmt.Fprintf(&dotted, "a%d.b = 1\n", i)
	}
	for name, c := range map[string]struct {
		files tree
		want  string
	}{
		"nothing":             {tree{"README": ""}, "neither pyproject.toml nor setup.py"},
		"not TOML":            {tree{"pyproject.toml": "[build-system\n"}, "can't be read"},
		"too large":           {tree{"pyproject.toml": strings.Repeat("#", maxPyproject+1)}, "larger than 256 KiB"},
		"too many tables":     {tree{"pyproject.toml": tables.String()}, "more than 2000 tables"},
		"too many dotted":     {tree{"pyproject.toml": dotted.String()}, "more than 2000 tables"},
		"BOM":                 {tree{"pyproject.toml": "\ufeff[a]"}, "byte order mark"},
		"NUL":                 {tree{"pyproject.toml": "a='\x00'"}, "NUL"},
		"Latin-1":             {tree{"pyproject.toml": "a='\xe9'"}, "UTF-8"},
		"no requires":         {tree{"pyproject.toml": "[build-system]\nbuild-backend='x'"}, "without requires"},
		"requires a table":    {tree{"pyproject.toml": "[build-system]\nrequires={a=1}"}, "can't be read"},
		"malformed require":   {tree{"pyproject.toml": "[build-system]\nrequires=['a b']"}, "malformed build requirement"},
		"path without":        {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbackend-path=['.']"}, "without a build-backend"},
		"path climbs":         {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend='x'\nbackend-path=['a/../../x']"}, "outside of the project"},
		"path absolute":       {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend='x'\nbackend-path=['/x']"}, "outside of the project"},
		"path on a drive":     {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend='x'\nbackend-path=['c:x']"}, "outside of the project"},
		"path with backslash": {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend='x'\nbackend-path=['..\\x']"}, "outside of the project"},
		"backend is code":     {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend='os; x'"}, "can't be imported"},
		"backend is empty":    {tree{"pyproject.toml": "[build-system]\nrequires=[]\nbuild-backend=''"}, "can't be imported"},
	} {
		_, err := Read(c.files)
		if e, ok := errors.AsType[*Error](err); !ok || !strings.Contains(e.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q", name, err, c.want)
		}
	}
}

const pkgInfo = "Metadata-Version: %s\nName: Demo\nVersion: 1.0\nRequires-Python: >=3.8\nRequires-Dist: six\nProvides-Extra: x\nRequires-Dist: idna; extra == 'x'\n%s\n"

func TestStaticMetadata(t *testing.T) {
	fromInfo := Metadata{"Demo", "1.0", ">=3.8", []string{"six", "idna; extra == 'x'"}, []string{"x"}, "PKG-INFO"}
	table := "[project]\nname='Demo'\nversion='1.0'\nrequires-python='>=3.9'\ndependencies=['six>=1', 'a @ https://example.invalid/a.zip']\n" +
		"[project.optional-dependencies]\nTest_Me=['idna; os_name==\"nt\" or os_name==\"posix\"', 'b']\n"
	fromTable := Metadata{"Demo", "1.0", ">=3.9", []string{
		"six>=1", "a@ https://example.invalid/a.zip",
		`idna; (os_name == "nt" or os_name == "posix") and extra == "test-me"`, `b; extra == "test-me"`,
	}, []string{"test-me"}, "pyproject.toml"}
	for name, c := range map[string]struct {
		files tree
		want  *Metadata
	}{
		"2.1":                  {tree{"setup.py": "", "PKG-INFO": fmt.Sprintf(pkgInfo, "2.1", "")}, nil},
		"2.2":                  {tree{"setup.py": "", "PKG-INFO": fmt.Sprintf(pkgInfo, "2.2", "")}, &fromInfo},
		"2.10":                 {tree{"setup.py": "", "PKG-INFO": fmt.Sprintf(pkgInfo, "2.10", "")}, &fromInfo},
		"dynamic elsewhere":    {tree{"setup.py": "", "PKG-INFO": fmt.Sprintf(pkgInfo, "2.4", "Dynamic: License\n")}, &fromInfo},
		"dynamic requirements": {tree{"setup.py": "", "PKG-INFO": fmt.Sprintf(pkgInfo, "2.2", "Dynamic: Requires-Dist\n")}, nil},
		"2.6 partly dynamic":   {tree{"setup.py": "", "PKG-INFO": fmt.Sprintf(pkgInfo, "2.6", "Dynamic: requires-dist\n")}, nil},
		"table":                {tree{"pyproject.toml": table}, &fromTable},
		"PKG-INFO over table":  {tree{"pyproject.toml": table, "PKG-INFO": fmt.Sprintf(pkgInfo, "2.2", "")}, &fromInfo},
		"old PKG-INFO, table":  {tree{"pyproject.toml": table, "PKG-INFO": fmt.Sprintf(pkgInfo, "2.1", "")}, &fromTable},
		"dynamic version":      {tree{"pyproject.toml": "[project]\nname='x'\ndynamic=['version']\n"}, nil},
		"dynamic dependencies": {tree{"pyproject.toml": "[project]\nname='x'\nversion='1'\ndynamic=['dependencies']\n"}, nil},
		"dynamic readme":       {tree{"pyproject.toml": "[project]\nname='x'\nversion='1'\ndynamic=['readme']\n"}, &Metadata{Name: "x", Version: "1", Source: "pyproject.toml"}},
		"malformed dependency": {tree{"pyproject.toml": "[project]\nname='x'\nversion='1'\ndependencies=['a b']\n"}, nil},
		"nothing":              {tree{"setup.py": ""}, nil},
	} {
		m, ok, err := read(t, c.files).StaticMetadata()
		if err != nil || ok != (c.want != nil) {
			t.Errorf("%s: %v, %v, %v", name, m, ok, err)
			continue
		}
		if c.want == nil {
			continue
		}
		for i, r := range m.RequiresDist {
			m.RequiresDist[i] = strings.ReplaceAll(r, " @ ", "@ ")
		}
		if d := cmp.Diff(*c.want, m); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if _, _, err := read(t, tree{"setup.py": "", "PKG-INFO": "Metadata-Version: 3.0\nName: x\nVersion: 1\n"}).StaticMetadata(); err == nil {
		t.Error("metadata 3.0 was read")
	}
}

func TestCheckIdentity(t *testing.T) {
	for _, c := range []struct {
		name, version, wantName, wantVersion string
		ok                                   bool
	}{
		{"My.Pkg", "1.0", "my-pkg", "1.0.0", true},
		{"x", "1.0", "", "", true},
		{"x", "1.0", "y", "", false},
		{"x", "1.0", "x", "1.0.1", false},
		{"x", "1.0+local", "x", "1.0", false},
		{"x", "not a version", "x", "1.0", false},
	} {
		err := CheckIdentity("PKG-INFO", c.name, c.version, c.wantName, c.wantVersion)
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestSameRequirements(t *testing.T) {
	a := Metadata{RequiresPython: ">=3.8", RequiresDist: []string{"My_Pkg >= 1", "idna; extra == 'x'"}}
	for _, c := range []struct {
		b    Metadata
		same bool
	}{
		{Metadata{RequiresPython: ">= 3.8", RequiresDist: []string{`idna ; extra == "x"`, "my-pkg>=1"}}, true},
		{Metadata{RequiresPython: ">=3.9", RequiresDist: a.RequiresDist}, false},
		{Metadata{RequiresPython: ">=3.8", RequiresDist: []string{"my-pkg>=1"}}, false},
		{Metadata{RequiresPython: ">=3.8", RequiresDist: []string{"my-pkg>=2", `idna; extra == "x"`}}, false},
	} {
		if got := a.SameRequirements(c.b); got != c.same {
			t.Errorf("%+v: %v", c.b, got)
		}
	}
}

func backend(name, more string) string {
	return "[build-system]\nrequires=['x']\nbuild-backend='" + name + "'\n" + more
}

func TestNeedsCompiler(t *testing.T) {
	rust := "[build-system]\nrequires=['setuptools', 'setuptools-rust>=1']\nbuild-backend='setuptools.build_meta'\n"
	skbuild := "[build-system]\nrequires=['scikit-build','setuptools']\n"
	for name, c := range map[string]struct {
		files     tree
		languages string // "" when it can't be told
	}{
		"meson C, C++":        {tree{"pyproject.toml": backend("mesonpy", ""), "meson.build": "# project('no','rust')\nproject(\n  'x', 'c', 'cpp',\n  version: run_command(['a.py']).stdout(),\n  default_options: ['c_std=c11', 'rust'])\n"}, "C and C++"},
		"meson list":          {tree{"pyproject.toml": backend("mesonpy", ""), "meson.build": "project('x', ['c', 'fortran'], license: 'c')"}, "C and Fortran"},
		"meson pure":          {tree{"pyproject.toml": backend("mesonpy", ""), "meson.build": "project('x', version: '1')\npy = import('python').find_installation(pure: true)\n"}, ""},
		"meson added":         {tree{"pyproject.toml": backend("mesonpy", ""), "meson.build": "project('x')\nadd_languages('c', native: false)\n"}, "C"},
		"meson optional":      {tree{"pyproject.toml": backend("mesonpy", ""), "meson.build": "project('x')\nadd_languages('c', required: false)\n"}, ""},
		"meson conditional":   {tree{"pyproject.toml": backend("mesonpy", ""), "meson.build": "project('x')\nif get_option('fast')\n  add_languages('c')\nendif\n"}, ""},
		"meson missing":       {tree{"pyproject.toml": backend("mesonpy", "")}, ""},
		"meson method":        {tree{"pyproject.toml": backend("mesonpy", ""), "meson.build": "project('x')\nmod.project('y', 'c')\n"}, ""},
		"cmake default":       {tree{"pyproject.toml": backend("scikit_build_core.build", ""), "CMakeLists.txt": "cmake_minimum_required(VERSION 3.15)\nproject(${SKBUILD_PROJECT_NAME} VERSION 1.0)\n"}, "C and C++"},
		"cmake languages":     {tree{"pyproject.toml": backend("scikit_build_core.build", ""), "CMakeLists.txt": "#project(a)\nPROJECT (x # why\n  LANGUAGES\n CXX CUDA)\n"}, "C++ and CUDA"},
		"cmake short form":    {tree{"pyproject.toml": backend("scikit_build_core.build", ""), "CMakeLists.txt": "project(x CXX)"}, "C++"},
		"cmake none":          {tree{"pyproject.toml": backend("scikit_build_core.build", ""), "CMakeLists.txt": "project(x LANGUAGES NONE)"}, ""},
		"cmake variable":      {tree{"pyproject.toml": backend("scikit_build_core.build", ""), "CMakeLists.txt": "project(x LANGUAGES ${L})"}, ""},
		"cmake off":           {tree{"pyproject.toml": backend("scikit_build_core.build", "[tool.scikit-build]\nwheel.cmake=false\n"), "CMakeLists.txt": "project(x)"}, ""},
		"cmake override":      {tree{"pyproject.toml": backend("scikit_build_core.build", "[[tool.scikit-build.overrides]]\nif.platform-system='ios'\nwheel.cmake=false\n"), "CMakeLists.txt": "project(x)"}, ""},
		"cmake source dir":    {tree{"pyproject.toml": backend("scikit_build_core.build", "[tool.scikit-build]\ncmake.source-dir='src/c'\n"), "src/c/CMakeLists.txt": "project(x C)"}, "C"},
		"py-build-cmake":      {tree{"pyproject.toml": backend("py_build_cmake.build", "[tool.py-build-cmake.cmake]\nbuild_type='Release'\n"), "CMakeLists.txt": "project(x C)"}, "C"},
		"py-build-cmake pure": {tree{"pyproject.toml": backend("py_build_cmake.build", ""), "CMakeLists.txt": "project(x C)"}, ""},
		"maturin":             {tree{"pyproject.toml": backend("maturin", "")}, "Rust"},
		"sip":                 {tree{"pyproject.toml": backend("sipbuild.api", "")}, "C++"},
		"rust table":          {tree{"pyproject.toml": rust + "[[tool.setuptools-rust.ext-modules]]\ntarget='a.b'\n"}, "Rust"},
		"rust optional":       {tree{"pyproject.toml": rust + "[[tool.setuptools-rust.ext-modules]]\ntarget='a.b'\noptional=true\n"}, ""},
		"rust setup.py":       {tree{"pyproject.toml": rust, "setup.py": "setup(rust_extensions=[RustExtension('a')])"}, "Rust"},
		"rust setup.py opt":   {tree{"pyproject.toml": rust, "setup.py": "setup(rust_extensions=[RustExtension('a', optional=True)])"}, ""},
		"rust unused":         {tree{"pyproject.toml": rust, "setup.py": "setup()"}, ""},
		"scikit-build":        {tree{"pyproject.toml": skbuild, "setup.py": "from skbuild import setup", "CMakeLists.txt": "project(x C)"}, "C"},
		"setuptools":          {tree{"setup.py": "setup(ext_modules=[Extension('a', ['a.c'])])"}, ""},
		"flit":                {tree{"pyproject.toml": backend("flit_core.buildapi", ""), "Cargo.toml": ""}, ""},
	} {
		v, ok := read(t, c.files).NeedsCompiler()
		if got := join(v.Languages); got != c.languages || ok != (c.languages != "") || ok && v.Reason == "" {
			t.Errorf("%s: %+v, %v; want %q", name, v, ok, c.languages)
		}
	}
}

func TestExternal(t *testing.T) {
	p := read(t, tree{"pyproject.toml": backend("m", "[external]\nbuild-requires=['virtual:compiler/c']\nhost-requires=['pkg:generic/libxml2', 3]\n")})
	if want := []string{"virtual:compiler/c", "pkg:generic/libxml2"}; !slices.Equal(p.External, want) {
		t.Errorf("External = %q", p.External)
	}
}

func FuzzBuildFiles(f *testing.F) {
	f.Add("project('x', 'c', ['d'], a: [1,'e'])\nadd_languages('c'")
	f.Add("project(x LANGUAGES C \"CXX\" # y\n)")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range mesonLanguages(s) {
			if l == "" {
				t.Error("empty language")
			}
		}
		if l, known := cmakeLanguages(s); !known && l != nil {
			t.Error("unknown, but languages")
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("[build-system]\nrequires=['a']\nbuild-backend='x'\nbackend-path=['.']\n[project]\nname='x'\nversion='1'\n")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Read(tree{"pyproject.toml": s, "PKG-INFO": s})
		if err != nil {
			return
		}
		for _, dir := range p.BackendPath {
			if strings.HasPrefix(dir, "..") || strings.HasPrefix(dir, "/") {
				t.Errorf("backend-path %q", dir)
			}
		}
		p.NeedsCompiler()
		_, _, _ = p.StaticMetadata()
	})
}
