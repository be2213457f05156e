package pylock

import (
	"bytes"
	"fmt"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// The tables as they are written: keys in the specification's order, what is
// not said left out.
type (
	lockTable struct {
		Version        string         `toml:"lock-version"`
		Environments   []string       `toml:"environments,omitempty,multiline"`
		RequiresPython string         `toml:"requires-python,omitempty"`
		Extras         []string       `toml:"extras,omitempty"`
		Groups         []string       `toml:"dependency-groups,omitempty"`
		DefaultGroups  []string       `toml:"default-groups,omitempty"`
		CreatedBy      string         `toml:"created-by"`
		Packages       []packageTable `toml:"packages"`
		Tool           map[string]any `toml:"tool,omitempty"`
	}
	packageTable struct {
		Name           string          `toml:"name"`
		Version        string          `toml:"version,omitempty"`
		Marker         string          `toml:"marker,omitempty"`
		RequiresPython string          `toml:"requires-python,omitempty"`
		VCS            *vcsTable       `toml:"vcs,omitempty"`
		Directory      *directoryTable `toml:"directory,omitempty"`
		Archive        *fileTable      `toml:"archive,omitempty"`
		Index          string          `toml:"index,omitempty"`
		Sdist          *fileTable      `toml:"sdist,omitempty"`
		Wheels         []fileTable     `toml:"wheels,omitempty"`
	}
	vcsTable struct {
		Type              string `toml:"type"`
		URL               string `toml:"url,omitempty"`
		Path              string `toml:"path,omitempty"`
		RequestedRevision string `toml:"requested-revision,omitempty"`
		CommitID          string `toml:"commit-id"`
		Subdirectory      string `toml:"subdirectory,omitempty"`
	}
	directoryTable struct {
		Path         string `toml:"path"`
		Editable     bool   `toml:"editable,omitempty"`
		Subdirectory string `toml:"subdirectory,omitempty"`
	}
	fileTable struct {
		Name         string            `toml:"name,omitempty"`
		UploadTime   time.Time         `toml:"upload-time,omitzero"`
		URL          string            `toml:"url,omitempty"`
		Path         string            `toml:"path,omitempty"`
		Size         *int64            `toml:"size,omitempty"`
		Hashes       map[string]string `toml:"hashes,inline"`
		Subdirectory string            `toml:"subdirectory,omitempty"`
	}
)

// Encode writes the lock as TOML. The same lock gives the same bytes.
func (l *Lock) Encode() ([]byte, error) {
	out := lockTable{
		Version: l.Version, RequiresPython: l.RequiresPython.String(), Extras: l.Extras,
		Groups: l.Groups, DefaultGroups: l.DefaultGroups, CreatedBy: l.CreatedBy,
		Packages: []packageTable{}, Tool: l.Tool,
	}
	for _, m := range l.Environments {
		out.Environments = append(out.Environments, m.String())
	}
	for i := range l.Packages {
		out.Packages = append(out.Packages, l.Packages[i].table())
	}
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(out); err != nil {
		return nil, fmt.Errorf("writing a lock file: %w", err)
	}
	return b.Bytes(), nil
}

func (p *Package) table() packageTable {
	out := packageTable{Name: p.Name, RequiresPython: p.RequiresPython.String(), Index: p.Index}
	if !p.Version.IsZero() {
		out.Version = p.Version.String()
	}
	if !p.Marker.IsZero() {
		out.Marker = p.Marker.String()
	}
	if p.VCS != nil {
		v := vcsTable(*p.VCS)
		out.VCS = &v
	}
	if p.Directory != nil {
		d := directoryTable(*p.Directory)
		out.Directory = &d
	}
	if p.Archive != nil {
		f := p.Archive.table()
		f.Name = "" // the specification gives archives none
		out.Archive = &f
	}
	if p.Sdist != nil {
		f := p.Sdist.table()
		out.Sdist = &f
	}
	for i := range p.Wheels {
		out.Wheels = append(out.Wheels, p.Wheels[i].table())
	}
	return out
}

func (f *File) table() fileTable {
	out := fileTable{
		Name: f.Name, UploadTime: f.UploadTime.UTC(), URL: f.URL, Path: f.Path,
		Hashes: f.Hashes, Subdirectory: f.Subdirectory,
	}
	if f.Size >= 0 {
		out.Size = &f.Size
	}
	return out
}
