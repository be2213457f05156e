package crossfile

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/xpip/xpip/requirements/tomldoc"
)

const maxTOML = 1 << 20 // bytes

// PyBuildCMake is a cross file of py-build-cmake, as far as it describes the
// host: each field is "" if the file does not have it.
//
// Source: py-build-cmake's configuration reference, "cross".
type PyBuildCMake struct {
	OS             string // "linux", "mac", "windows"; "pyodide"
	Implementation string // as in wheel tags: "cp"
	Version        string // without dots: "313"
	ABI            string // "cp313t"
	Arch           string // a platform tag
}

// ParsePyBuildCMake reads a py-build-cmake.cross.toml. What else is in it
// (prefix, library, cmake) is checked for TOML alone. Its errors are
// *tomldoc.Error.
func ParsePyBuildCMake(text []byte) (PyBuildCMake, error) {
	root, err := tomldoc.Parse(text, maxTOML)
	if err != nil {
		return PyBuildCMake{}, err
	}
	p := PyBuildCMake{
		OS: root.String("os"), Implementation: root.String("implementation"), Version: root.String("version"),
		ABI: root.String("abi"), Arch: root.String("arch"),
	}
	return p, root.Err()
}

// TOML writes the fields that are set.
func (p PyBuildCMake) TOML() []byte {
	var b strings.Builder
	for _, field := range [][2]string{
		{"os", p.OS}, {"implementation", p.Implementation}, {"version", p.Version}, {"abi", p.ABI}, {"arch", p.Arch},
	} {
		if field[1] != "" {
			fmt.Fprintf(&b, "%s = %s\n", field[0], quoteTOML(field[1]))
		}
	}
	return []byte(b.String())
}

// quoteTOML writes a basic string: one of JSON, but for DEL.
func quoteTOML(s string) string {
	quoted, _ := json.Marshal(s) //nolint:errcheck // a string is always JSON
	return strings.ReplaceAll(string(quoted), "\x7f", `\u007f`)
}
