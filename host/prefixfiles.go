package host

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// parseVenvConfig reads the `key = value` lines of a pyvenv.cfg, keys in lower
// case, as the site module does. The last of equal keys counts.
func parseVenvConfig(text []byte) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, "="); ok {
			out[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	return out
}

// leadingVersion cuts "3.13.0rc1", "3.14.0+" and "3.11.7.final.0" to the
// numbers that --python-version takes; "" if they are none.
func leadingVersion(s string) string {
	end := 0
	for dots := 0; end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.'); end++ {
		if s[end] == '.' {
			if dots++; dots == 3 {
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

// buildDetails are the parts of a build-details.json that describe a host.
//
// Source: PEP 739.
type buildDetails struct {
	SchemaVersion string `json:"schema_version"`
	Platform      string `json:"platform"`
	Language      struct {
		Version string `json:"version"`
		Info    *struct {
			Major int `json:"major"`
			Minor int `json:"minor"`
			Micro int `json:"micro"`
		} `json:"version_info"`
	} `json:"language"`
	Implementation struct {
		Name string `json:"name"`
	} `json:"implementation"`
	ABI struct {
		Flags []string `json:"flags"`
	} `json:"abi"`
}

func (r *prefixReader) readBuildDetails(file string) error {
	refuse := func(reason string, err error) error {
		return &PrefixError{Path: r.Prefix, Reason: fmt.Sprintf("%s of %q", reason, file), Err: err}
	}
	text, err := readBounded(file, maxBuildDetails)
	if err != nil {
		return refuse("there is no reading", err)
	}
	facts, err := parseBuildDetails(text)
	if err != nil {
		return refuse("there is no understanding", err)
	}
	if facts.Python != "" {
		r.Python, r.PythonOrigin = facts.Python, file
	}
	if facts.Implementation != "" {
		r.Implementation = facts.Implementation
	}
	r.Platform, r.PlatformOrigin = facts.Platform, file
	return nil
}

// parseBuildDetails returns version, implementation and platform.
func parseBuildDetails(text []byte) (Facts, error) {
	var d buildDetails
	if err := json.Unmarshal(text, &d); err != nil {
		return Facts{}, err
	}
	if major, _, _ := strings.Cut(d.SchemaVersion, "."); major != "1" {
		return Facts{}, fmt.Errorf("schema_version is %q, version 1 is known", d.SchemaVersion)
	}
	if d.Platform == "" || len(d.Platform) > 128 {
		return Facts{}, fmt.Errorf("platform %.128q is no name of one", d.Platform)
	}
	f := Facts{Platform: d.Platform, Python: leadingVersion(d.Language.Version)}
	if i := d.Language.Info; i != nil {
		if v := leadingVersion(fmt.Sprintf("%d.%d.%d", i.Major, i.Minor, i.Micro)); v != "" {
			f.Python = v
		}
	}
	if f.Python == "" {
		return Facts{}, fmt.Errorf("language.version %.128q is no version", d.Language.Version)
	}
	if slices.Contains(d.ABI.Flags, "t") {
		if _, err := ParsePythonVersion(f.Python + "t"); err == nil {
			f.Python += "t"
		}
	}
	f.Implementation = abbreviation(d.Implementation.Name)
	return f, nil
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

func (r *prefixReader) readSysconfig(file string) error {
	text, err := readBounded(file, maxSysconfig)
	if err != nil {
		return &PrefixError{Path: r.Prefix, Reason: fmt.Sprintf("there is no reading of %q", file), Err: err}
	}
	platform := sysconfigPlatform(parseSysconfig(text))
	if platform != "" {
		r.Platform, r.PlatformOrigin = platform, file
	}
	if r.Python == "" {
		if v := versionInName(filepath.Dir(file)); v != "" {
			r.Python, r.PythonOrigin = v, file
		}
	}
	return nil
}

// parseSysconfig reads the variables of a _sysconfigdata module that are one
// plain number or string on a line of its own. The module is what pprint makes
// of one dictionary: a line that begins with 'KEY': is an entry, because a
// string that holds a quote continues under other quotes.
func parseSysconfig(text []byte) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if _, first, ok := strings.Cut(line, "= {"); ok && strings.HasPrefix(line, "build_time_vars") {
			line = first
		}
		rest, ok := strings.CutPrefix(line, "'")
		if !ok {
			continue
		}
		key, value, ok := strings.Cut(rest, "': ")
		if !ok || strings.ContainsAny(key, `'"\ `) {
			continue
		}
		value = strings.TrimRight(value, ",}")
		if n := len(value); n >= 2 && value[0] == '\'' && value[n-1] == '\'' {
			value = value[1 : n-1]
		} else if _, err := strconv.Atoi(value); err != nil {
			continue
		}
		if !strings.ContainsAny(value, `'\`) {
			out[key] = value
		}
	}
	return out
}

// sysconfigPlatform is sysconfig.get_platform() of an iOS or Android Python,
// "" if the variables are of another one.
func sysconfigPlatform(vars map[string]string) string {
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
	}
	return ""
}

// In is a Python of the build machine as it is in a virtual environment that
// was made of it: the same in everything but where packages and programs go.
// It returns nil for a host that is no Python of the build machine.
func (h *Host) In(f Facts) *Host {
	if h.native == nil {
		return nil
	}
	answer := *h.native
	answer.Prefix, answer.Executable, answer.Paths = f.Prefix, f.Executable, nil
	own := *h
	own.native = &answer
	impl, _, _ := lookupImplementation(h.impl)
	own.scheme = answer.scheme(schemeFor(h.main().os, impl, h.python, h.threaded))
	return own.seal()
}
