// Package config reads pip's configuration: pip.conf files and PIP_* variables,
// in pip's order and with pip's rules, and answers which value an option of a
// command takes before the command line is looked at. What pip has no name for
// is read from the project's file and from XPIP_* variables.
//
// Source: pip's user documentation, "Configuration".
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFileSize bounds a configuration file, in bytes.
const maxFileSize = 1 << 20

// Kind is the place a value came from, named as `pip config debug` names it.
type Kind string

// The kinds, least important first.
const (
	KindGlobal Kind = "global"
	KindUser   Kind = "user"
	KindSite   Kind = "site"
	KindEnv    Kind = "env"
	KindVar    Kind = "env-var"
)

// Machine is what configuration depends on of the machine that runs xpip.
type Machine struct {
	OS     string                           // as runtime.GOOS
	Home   string                           // the user's home folder; "" when there is none
	Etc    string                           // the folder of system-wide configuration; "/etc" on Unix
	Getenv func(name string) (string, bool) // os.LookupEnv
	Vars   []string                         // os.Environ: NAME=VALUE
}

// Item is one setting with the place it was read from.
type Item struct {
	Section string // "global", a command's name, "tool.xpip", ":env:" or ":xpip:"
	Key     string // an option's long name, without dashes in front: "index-url"
	Value   string
	List    []string // the values of a list that was written as one, else nil
	Kind    Kind
	File    string // the file, or the variable's name
}

// Settings is the whole configuration. It is immutable.
type Settings struct {
	items []Item
	files []Source
}

// Source is a file that was looked at.
type Source struct {
	Kind   Kind
	Path   string
	Exists bool
}

// FileError says which configuration file could not be used, and why.
type FileError struct {
	Path string
	Line int // 0 when the whole file is meant
	Err  error
}

func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("Configuration file could not be loaded.\n%s, line %d: %v", e.Path, e.Line, e.Err)
	}
	return fmt.Sprintf("Configuration file could not be loaded.\n%s: %v", e.Path, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// Load reads every configuration file that pip would read and, unless isolated,
// the PIP_* and XPIP_* variables. A file that is missing is no error; one that cannot be
// parsed is a *FileError.
func Load(m Machine, isolated bool) (*Settings, error) {
	s := &Settings{files: sources(m, isolated)}
	for i := range s.files {
		items, err := readFile(s.files[i])
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		s.files[i].Exists = true
		s.items = append(s.items, items...)
	}
	if !isolated {
		s.items = append(s.items, variables(m.Vars)...)
	}
	return s, nil
}

// For returns the settings that apply to a command, least important first:
// [global], [command], the project, PIP_* variables, XPIP_* variables. Within a section a later file
// replaces what an earlier one said. Empty values are dropped.
func (s *Settings) For(command string) []Item {
	var out []Item
	for _, section := range []string{"global", command, projectSection, ":env:", ownSection} {
		last := map[string]int{}
		var keys []string
		for i, item := range s.items {
			if item.Section != section {
				continue
			}
			if _, seen := last[item.Key]; !seen {
				keys = append(keys, item.Key)
			}
			last[item.Key] = i
		}
		for _, key := range keys {
			if item := s.items[last[key]]; item.Value != "" {
				out = append(out, item)
			}
		}
	}
	return out
}

// Items returns every setting in the order it was read.
func (s *Settings) Items() []Item { return slices.Clone(s.items) }

// Sources returns the files that were looked at, in order.
func (s *Settings) Sources() []Source { return slices.Clone(s.files) }

// sources lists the files in pip's order. PIP_CONFIG_FILE naming the null
// device switches all files off; naming another file replaces the user's.
func sources(m Machine, isolated bool) []Source {
	envFile, envSet := m.Getenv("PIP_CONFIG_FILE")
	if envFile == os.DevNull {
		return nil
	}
	var out []Source
	add := func(kind Kind, path string) {
		if path != "" {
			out = append(out, Source{Kind: kind, Path: path})
		}
	}
	for _, path := range globalFiles(m) {
		add(KindGlobal, path)
	}
	_, statErr := os.Stat(envFile)
	replaced := envSet && envFile != "" && statErr == nil
	if !isolated && !replaced {
		for _, path := range userFiles(m) {
			add(KindUser, path)
		}
	}
	if venv, ok := m.Getenv("VIRTUAL_ENV"); ok && venv != "" {
		add(KindSite, filepath.Join(venv, baseName(m.OS)))
	}
	add(KindEnv, envFile)
	return out
}

func baseName(goos string) string {
	if goos == "windows" {
		return "pip.ini"
	}
	return "pip.conf"
}

func globalFiles(m Machine) []string {
	base := baseName(m.OS)
	switch m.OS {
	case "windows":
		if dir, ok := m.Getenv("ProgramData"); ok && dir != "" {
			return []string{filepath.Join(dir, "pip", base)}
		}
		return nil
	case "darwin":
		return []string{filepath.Join("/Library/Application Support", "pip", base)}
	}
	dirs, _ := m.Getenv("XDG_CONFIG_DIRS")
	if dirs == "" {
		dirs = filepath.Join(m.Etc, "xdg")
	}
	var out []string
	for _, dir := range strings.Split(dirs, ":") {
		if dir != "" {
			out = append(out, filepath.Join(dir, "pip", base))
		}
	}
	return append(out, filepath.Join(m.Etc, base))
}

func userFiles(m Machine) []string {
	base := baseName(m.OS)
	switch m.OS {
	case "windows":
		var out []string
		if m.Home != "" {
			out = append(out, filepath.Join(m.Home, "pip", base))
		}
		if dir, ok := m.Getenv("APPDATA"); ok && dir != "" {
			out = append(out, filepath.Join(dir, "pip", base))
		}
		return out
	}
	if m.Home == "" {
		return nil
	}
	legacy := filepath.Join(m.Home, ".pip", base)
	if m.OS == "darwin" {
		library := filepath.Join(m.Home, "Library", "Application Support", "pip")
		if info, err := os.Stat(library); err == nil && info.IsDir() {
			return []string{legacy, filepath.Join(library, base)}
		}
	}
	dir, _ := m.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		dir = filepath.Join(m.Home, ".config")
	}
	return []string{legacy, filepath.Join(dir, "pip", base)}
}

// variables turns PIP_INDEX_URL=x into the setting index-url of section
// ":env:", and XPIP_MARKER=x into marker of section ":xpip:". The order is the environment's, made certain by sorting.
func variables(environ []string) []Item {
	var out []Item
	for _, pair := range environ {
		name, value, ok := strings.Cut(pair, "=")
		section := ":env:"
		rest, known := strings.CutPrefix(name, "PIP_")
		if !known {
			section = ownSection
			rest, known = strings.CutPrefix(name, "XPIP_")
		}
		if !ok || !known {
			continue
		}
		key := normalizeKey(rest)
		if key == "version" || key == "help" {
			continue
		}
		out = append(out, Item{Section: section, Key: key, Value: value, Kind: KindVar, File: name})
	}
	slices.SortFunc(out, func(a, b Item) int { return strings.Compare(a.File, b.File) })
	return out
}

func normalizeKey(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	return strings.TrimPrefix(name, "--")
}
