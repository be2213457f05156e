package project

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Verdict says why a project can't be built without a compiler.
type Verdict struct {
	// Backend is the tool that would compile, as people call it.
	Backend string
	// Languages are what would be compiled, "C", "C++", "Rust" …; may be empty.
	Languages []string
	// Reason is a clause about the project: "its meson.build asks for C and C++".
	Reason string
}

// toolTables are the settings of backends that decide whether they compile.
type toolTables struct {
	Maturin struct {
		Manifest string `toml:"manifest-path"`
	} `toml:"maturin"`
	Scikit struct {
		CMake struct {
			Source string `toml:"source-dir"`
		} `toml:"cmake"`
		Wheel struct {
			CMake *bool `toml:"cmake"`
		} `toml:"wheel"`
		Overrides []map[string]any `toml:"overrides"`
	} `toml:"scikit-build"`
	PyBuildCMake struct {
		CMake map[string]any `toml:"cmake"`
	} `toml:"py-build-cmake"`
	SetuptoolsRust struct {
		Modules []struct {
			Optional bool `toml:"optional"`
		} `toml:"ext-modules"`
		Bins []struct {
			Optional bool `toml:"optional"`
		} `toml:"bins"`
	} `toml:"setuptools-rust"`
}

// NeedsCompiler tells, from files alone, that a project exists to be compiled:
// its backend only drives a compiler, and the project names something to
// compile. False means that only building it can tell.
func (p *Project) NeedsCompiler() (Verdict, bool) {
	module, _, _ := strings.Cut(p.Backend, ":")
	switch module {
	case "mesonpy", "mesonpep517.buildapi":
		return p.meson()
	case "scikit_build_core.build", "scikit_build_core.setuptools.build_meta":
		return p.scikitBuildCore()
	case "py_build_cmake.build":
		if len(p.tool.PyBuildCMake.CMake) > 0 {
			return p.cmake("py-build-cmake", ".")
		}
	case "maturin":
		manifest := p.tool.Maturin.Manifest
		if manifest == "" {
			manifest = "Cargo.toml"
		}
		return Verdict{"maturin", []string{"Rust"}, fmt.Sprintf("it is written in Rust (%s)", quote(manifest))}, true
	case "sipbuild.api", "pyqtbuild.api":
		return Verdict{"sip", []string{"C++"}, "its backend, sip, generates C++"}, true
	case "setuptools.build_meta":
		return p.setuptools()
	}
	return Verdict{}, false
}

func (p *Project) setuptools() (Verdict, bool) {
	setup := p.text("setup.py")
	if p.requiresProject("setuptools-rust") && p.mandatoryRust(setup) {
		return Verdict{"setuptools-rust", []string{"Rust"}, "it has an extension module in Rust"}, true
	}
	if p.requiresProject("scikit-build") && (strings.Contains(setup, "from skbuild") || strings.Contains(setup, "import skbuild")) {
		return p.cmake("scikit-build", ".")
	}
	return Verdict{}, false
}

// mandatoryRust reports whether setuptools-rust is told of an extension that is
// not marked as optional.
func (p *Project) mandatoryRust(setup string) bool {
	for _, m := range append(slices.Clone(p.tool.SetuptoolsRust.Modules), p.tool.SetuptoolsRust.Bins...) {
		if !m.Optional {
			return true
		}
	}
	return strings.Contains(setup, "RustExtension(") && !strings.Contains(setup, "optional")
}

func (p *Project) meson() (Verdict, bool) {
	languages := mesonLanguages(p.text("meson.build"))
	if len(languages) == 0 {
		return Verdict{}, false
	}
	return Verdict{"meson-python", languages, "its meson.build asks for " + join(languages)}, true
}

func (p *Project) scikitBuildCore() (Verdict, bool) {
	s := p.tool.Scikit
	if s.Wheel.CMake != nil && !*s.Wheel.CMake {
		return Verdict{}, false
	}
	for _, o := range s.Overrides {
		if w, ok := o["wheel"].(map[string]any); ok && w["cmake"] != nil {
			return Verdict{}, false // it depends, and the backend knows on what
		}
	}
	return p.cmake("scikit-build-core", s.CMake.Source)
}

func (p *Project) cmake(backend, dir string) (Verdict, bool) {
	languages, known := cmakeLanguages(p.text(path.Join(dir, "CMakeLists.txt")))
	if !known || len(languages) == 0 {
		return Verdict{}, false
	}
	return Verdict{backend, languages, "its CMakeLists.txt asks for " + join(languages)}, true
}

// quote makes a name from outside fit to be shown.
func quote(s string) string { return fmt.Sprintf("%q", s) }

// join lists words as prose does.
func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
