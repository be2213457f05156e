package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements/tomldoc"
)

// KindProject is the place of settings that a project gives.
const KindProject Kind = "project"

// projectSection and ownSection are the sections of the settings that pip has
// no place for: a project's file, and XPIP_* variables.
const (
	projectSection = "tool.xpip"
	ownSection     = ":xpip:"
)

// ValueKind is what TOML value an option takes.
type ValueKind int

// The kinds of values.
const (
	Text    ValueKind = iota // a string
	Switch                   // true or false
	Integer                  // an integer
	List                     // an array of strings
	Table                    // a table of strings, of which each becomes KEY=VALUE
)

// Option is what a project may say about an option.
type Option struct {
	Kind    ValueKind
	Name    string            // of the option that is set; "" is that of the key
	Allowed []string          // the only texts, nil for any
	Refused map[string]string // texts that a project may not give, with the reason; "" is every one
}

// AddProject adds what the project in dir says: xpip.toml, or else the table
// [tool.xpip] of pyproject.toml. Keys are the names of options; one that is not
// among them, or a value that its option does not take, is a *FileError that
// tells line and column; options is called if there is such a file. Only dir itself is looked at: a folder above it may
// belong to somebody else.
func (s *Settings) AddProject(dir string, options func() map[string]Option) error {
	for _, name := range []string{"xpip.toml", "pyproject.toml"} {
		path := filepath.Join(dir, name)
		data, err := readProject(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && name == "pyproject.toml" && !bytes.Contains(data, []byte("xpip")) {
			continue
		}
		var items []Item
		if err == nil {
			items, err = parseProject(data, name == "pyproject.toml", options())
		}
		if err != nil {
			return &FileError{Path: path, Err: err}
		}
		for i := range items {
			items[i].File = path
		}
		s.items = append(s.items, items...)
		s.files = append(s.files, Source{Kind: KindProject, Path: path, Exists: true})
		if name == "xpip.toml" {
			break
		}
	}
	return nil
}

func readProject(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > maxFileSize:
		return nil, fmt.Errorf("larger than %d bytes", maxFileSize)
	}
	return os.ReadFile(path)
}

// parseProject reads the settings of a document; nested says that they stand in
// its table [tool.xpip].
func parseProject(data []byte, nested bool, options map[string]Option) ([]Item, error) {
	root, err := tomldoc.Parse(data, maxFileSize)
	if err != nil {
		return nil, err
	}
	table := root
	if nested {
		tool := root.Table("tool")
		if tool == nil || !tool.Has("xpip") {
			return nil, root.Err()
		}
		table = tool.Table("xpip")
	}
	if err := root.Err(); err != nil {
		return nil, err
	}
	var items []Item
	for _, key := range table.Keys() {
		option, ok := options[key]
		if !ok {
			table.Fail(key, "it is no setting of xpip's own; pip's options are set in pip.conf or by PIP_* variables", nil)
			break
		}
		item := Item{Section: projectSection, Key: key, Kind: KindProject}
		option.read(table, &item)
		items = append(items, item)
	}
	if err := table.Err(); err != nil {
		return nil, err
	}
	return items, nil
}

// read takes the value of item's key; what is wrong with it is kept by table.
func (o Option) read(table *tomldoc.Table, item *Item) {
	switch o.Kind {
	case Text:
		item.Value = table.String(item.Key)
		if o.Allowed != nil && !slices.Contains(o.Allowed, item.Value) {
			table.Fail(item.Key, fmt.Sprintf("it is %q, not one of %q", item.Value, o.Allowed), nil)
		}
	case Switch:
		item.Value = fmt.Sprint(table.Bool(item.Key))
	case Integer:
		n, _ := table.Int(item.Key)
		item.Value = fmt.Sprint(n)
	case Table:
		pairs := table.Table(item.Key)
		for _, key := range pairs.Keys() {
			if strings.Contains(key, "=") {
				pairs.Fail(key, "a name has no '='", nil)
			}
			item.List = append(item.List, key+"="+pairs.String(key))
		}
		item.Value = strings.Join(item.List, " ")
	case List:
		item.List = table.Strings(item.Key)
		item.Value = fmt.Sprint(item.List)
	}
	if o.Name != "" {
		item.Key = o.Name
	}
	for _, value := range []string{"", item.Value} {
		if why := o.Refused[value]; why != "" {
			table.Fail(item.Key, why, nil)
		}
	}
}
