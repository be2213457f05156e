package host

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/host/sysvars"
)

const maxDescription = 64 << 20 // bytes: Pyodide's lock has one of every package

// descriptionReader returns what reads a file that describes a host, by its
// name or by what it begins with; nil if it is none. Of several hosts in it, the
// platforms choose one.
func descriptionReader(file string, platforms []string) func(string) (Facts, error) {
	name := strings.ToLower(filepath.Base(file))
	described := func(limit int64, parse func(string, []byte) (Facts, error)) func(string) (Facts, error) {
		return func(file string) (Facts, error) {
			text, err := readBounded(file, limit)
			if err != nil {
				return Facts{}, &PrefixError{Path: file, Reason: "there is no reading it", Err: err}
			}
			return parse(file, text)
		}
	}
	alone := func(read func(r *prefixReader, file string) error) func(string) (Facts, error) {
		return func(file string) (Facts, error) {
			r := prefixReader{path: file}
			if err := read(&r, file); err != nil {
				return Facts{}, err
			}
			return r.finish(), nil
		}
	}
	switch {
	case name == "pyvenv.cfg":
		return func(file string) (Facts, error) {
			r := prefixReader{path: filepath.Dir(file)}
			return r.readFolder()
		}
	case name == "info.plist":
		return func(file string) (Facts, error) {
			r := prefixReader{path: file, platforms: platforms}
			return r.readXCFramework(filepath.Dir(file))
		}
	case strings.HasPrefix(name, "_sysconfigdata") && strings.HasSuffix(name, ".py"),
		strings.HasPrefix(name, "_sysconfig_vars") && strings.HasSuffix(name, ".json"):
		return alone((*prefixReader).readSysconfig)
	case strings.HasPrefix(name, "build-details") && strings.HasSuffix(name, ".json"):
		return alone((*prefixReader).readBuildDetails)
	case name == "pyconfig.h" || name == "patchlevel.h":
		return alone((*prefixReader).readHeaderAlone)
	case strings.HasSuffix(name, ".toml"):
		return described(maxBuildDetails, readPyBuildCMake)
	case strings.HasSuffix(name, ".cmake"):
		return described(maxBuildDetails, readCMakeToolchain)
	case strings.HasSuffix(name, ".json"):
		return describedJSON(file, described, alone)
	case strings.HasSuffix(name, ".ini"), strings.HasSuffix(name, ".txt"), strings.HasSuffix(name, ".cross"), !strings.Contains(name, "."):
		if text := headOf(file); bytes.Contains(text, []byte("[host_machine]")) {
			return described(maxBuildDetails, readMesonCross)
		}
	}
	return nil
}

// describedJSON tells JSON files apart by their keys: pex's complete platform,
// build details under another name, Pyodide's lock.
func describedJSON(
	file string,
	described func(int64, func(string, []byte) (Facts, error)) func(string) (Facts, error),
	alone func(func(*prefixReader, string) error) func(string) (Facts, error),
) func(string) (Facts, error) {
	if strings.EqualFold(filepath.Base(file), "pyodide-lock.json") {
		return described(maxDescription, readPyodideLock)
	}
	text, err := readBounded(file, maxDescription)
	if err != nil {
		return func(file string) (Facts, error) {
			return Facts{}, &PrefixError{Path: file, Reason: "there is no reading it", Err: err}
		}
	}
	var keys struct {
		Tags     json.RawMessage `json:"compatible_tags"`
		Schema   json.RawMessage `json:"schema_version"`
		Packages json.RawMessage `json:"packages"`
		Version  json.RawMessage `json:"VERSION"`
	}
	err = json.Unmarshal(text, &keys)
	switch {
	case err == nil && keys.Tags != nil:
		return described(maxDescription, readCompletePlatform)
	case err == nil && keys.Schema != nil:
		return alone((*prefixReader).readBuildDetails)
	case err == nil && keys.Packages != nil:
		return described(maxDescription, readPyodideLock)
	case err == nil && keys.Version != nil:
		return alone((*prefixReader).readSysconfig)
	}
	return func(file string) (Facts, error) {
		return Facts{}, &PrefixError{Path: file, Err: err, Reason: "it is none of the descriptions of a host in JSON: a complete platform, build-details.json, " +
			"_sysconfig_vars or pyodide-lock.json"}
	}
}

// headOf is the beginning of a file; empty if it can't be read.
func headOf(file string) []byte {
	text, err := readBounded(file, maxBuildDetails)
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return nil
	}
	return text
}

// readHeaderAlone reads a pyconfig.h or patchlevel.h that was named by itself.
// Of the machine it tells what Debian's signpost names, if that is one alone.
func (r *prefixReader) readHeaderAlone(file string) error {
	text, err := readBounded(file, sysvars.MaxSize)
	if err != nil {
		return r.unreadable(file, err)
	}
	if v := versionInName(filepath.Dir(file)); v != "" {
		r.nameSays(v, filepath.Dir(file))
	}
	if err := r.sayHeader(text, file); err != nil {
		return r.unreadable(file, err)
	}
	if found := sysvars.Includes(text); len(found) == 1 {
		triple, _, _ := strings.Cut(found[0], "/")
		if tripleKey(triple) != "" {
			r.sayTriple(triple, triple, file)
		}
	}
	return nil
}
