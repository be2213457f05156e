package host

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	maxVenvConfig   = 64 << 10 // bytes of a pyvenv.cfg
	maxBuildDetails = 1 << 20  // bytes of a build-details.json
	maxVersionParts = 3
)

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
	if exe := d.BaseInterpreter; r.HostExecutable == "" && r.Prefix == "" && isPlainPath(exe) {
		r.HostExecutable = exe
	}
	return nil
}

// isPlainPath reports whether a path can stand in the first line of a script.
func isPlainPath(p string) bool {
	return path.IsAbs(p) && len(p) <= 120 && !strings.ContainsFunc(p, func(c rune) bool { return c <= ' ' || c == 0x7f })
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
