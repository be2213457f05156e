package wheel

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Entry is one file in a wheel's archive.
type Entry struct {
	Path       string // slash-separated
	Size       int64  // bytes when unpacked
	Executable bool   // to be installed with execute permission
}

// Archive is a wheel whose frame, names, metadata and RECORD have been found
// sound; its content is verified as it is unpacked. It is safe for concurrent
// use if its reader is.
type Archive struct {
	r        io.ReaderAt
	closer   io.Closer
	name     Filename
	members  []member // files only, in archive order
	byName   map[string]int
	rows     []*RecordEntry // of each member; nil where RECORD need not have one
	distInfo string
	dataDir  string
	metadata *Metadata
	info     Info
	record   []RecordEntry
	points   EntryPoints
}

// OpenFile is Open for the file at path, whose base name is the wheel's. The
// caller closes the archive.
func OpenFile(path string, limits Limits) (*Archive, error) {
	name, err := ParseFilename(filepath.Base(path))
	if err != nil {
		return nil, err
	}
	return openAs(path, name, limits)
}

func openAs(path string, name Filename, limits Limits) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	a, err := Open(f, info.Size(), name, limits)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	a.closer = f
	return a, nil
}

// Open checks the wheel called name, an archive of size bytes: first the whole
// frame, so that what follows reads the same archive as any other program; then
// every member's name; then METADATA, WHEEL, RECORD and entry_points.txt,
// against each other and against the file name. Nothing is written and no other
// member is inflated. Refusals are *InvalidError.
func Open(r io.ReaderAt, size int64, name Filename, limits Limits) (*Archive, error) {
	a := &Archive{r: r, name: name}
	if err := a.open(size, limits); err != nil {
		return nil, blame("reading", name, err)
	}
	return a, nil
}

// blame names the wheel in a refusal that does not do so yet, and says of any
// other error what was being done to the wheel.
func blame(doing string, name Filename, err error) error {
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		if invalid.Wheel == "" {
			invalid.Wheel = name.Raw
		}
		return err
	}
	return fmt.Errorf("%s %q: %w", doing, name.Raw, err)
}

func (a *Archive) open(size int64, limits Limits) error {
	d, err := readDirectory(a.r, size, limits)
	if err != nil {
		return err
	}
	if err := d.walk(a.r); err != nil {
		return err
	}
	if err := a.takeMembers(d, limits.unpacked(size)); err != nil {
		return err
	}
	if a.distInfo, err = findDistInfo(a.members, a.name); err != nil {
		return err
	}
	if a.dataDir, err = findDataDir(a.members, a.name); err != nil {
		return err
	}
	if err := a.readParts(); err != nil {
		return err
	}
	return a.checkRecord()
}

// takeMembers keeps the members that are files and refuses those that cannot
// stand beside each other on any host.
func (a *Archive) takeMembers(d *directory, limit int64) error {
	a.byName = make(map[string]int, len(d.members))
	a.members = make([]member, 0, len(d.members))
	folders := make(map[string]bool)
	var total int64
	for _, m := range d.members {
		if m.isDir() {
			addFolders(folders, m.name)
			continue
		}
		if _, twice := a.byName[m.name]; twice {
			return invalidf(m.name, "stands twice in the archive")
		}
		if total += m.size; m.size > limit || total > limit {
			return invalidf("", "unpacks to more than %d bytes", limit)
		}
		a.byName[m.name] = len(a.members)
		a.members = append(a.members, m)
		addFolders(folders, m.name)
	}
	for _, m := range a.members {
		if folders[m.name] {
			return invalidf(m.name, "both a file and a folder")
		}
	}
	return nil
}

// addFolders notes the folders above path.
func addFolders(folders map[string]bool, path string) {
	for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path, '/') {
		path = path[:i]
		if folders[path] {
			return
		}
		folders[path] = true
	}
}

// readParts reads the four files that an installer acts on.
func (a *Archive) readParts() error {
	raw, err := a.readPart("METADATA", true)
	if err != nil {
		return err
	}
	if a.metadata, err = parseMetadataOf(a.name, a.distInfo, raw); err != nil {
		return err
	}
	if raw, err = a.readPart("WHEEL", true); err != nil {
		return err
	}
	if a.info, err = ParseInfo(raw); err != nil {
		return inPart(a.distInfo, "WHEEL", err)
	}
	if err := checkTags(a.info, a.name); err != nil {
		return inPart(a.distInfo, "WHEEL", err)
	}
	if raw, err = a.readPart("RECORD", true); err != nil {
		return err
	}
	if a.record, err = ParseRecord(bytes.NewReader(raw)); err != nil {
		return inPart(a.distInfo, "RECORD", err)
	}
	if raw, err = a.readPart("entry_points.txt", false); err != nil || raw == nil {
		return err
	}
	if a.points, err = ParseEntryPoints(raw); err != nil {
		return inPart(a.distInfo, "entry_points.txt", err)
	}
	return nil
}

// readPart reads a file of .dist-info; nil if it is absent and need not be there.
func (a *Archive) readPart(name string, required bool) ([]byte, error) {
	path := a.distInfo + "/" + name
	i, ok := a.byName[path]
	if !ok {
		if required {
			return nil, invalidf(path, "missing")
		}
		return nil, nil
	}
	limit := int64(MaxMetadata)
	if name == "RECORD" {
		limit = maxRecord
	}
	if a.members[i].size > limit {
		return nil, invalidf(path, "larger than %d bytes", limit)
	}
	return readMember(a.r, &a.members[i])
}

func readMember(r io.ReaderAt, m *member) ([]byte, error) {
	inf := inflaters.Get().(*inflater)
	defer inflaters.Put(inf)
	out := make([]byte, 0, m.size)
	_, err := inf.extract(r, m, nil, func(part []byte) error {
		out = append(out, part...)
		return nil
	})
	return out, err
}

// inPart gives the parsers' errors the member's full path.
func inPart(distInfo, name string, err error) error {
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		invalid.Member = distInfo + "/" + name
	}
	return err
}

// parseMetadataOf parses METADATA and compares it with the wheel's name.
func parseMetadataOf(name Filename, distInfo string, raw []byte) (*Metadata, error) {
	m, err := ParseMetadata(raw)
	if err != nil {
		return nil, inPart(distInfo, "METADATA", err)
	}
	path := distInfo + "/METADATA"
	if NormalizeName(m.Name) != name.Project {
		return nil, invalidf(path, "is about %q, the file name about %q", m.Name, name.Project)
	}
	if !sameVersion(m.Version, name.Version) {
		return nil, invalidf(path, "is about version %q, the file name about %q", m.Version, name.Version)
	}
	return m, nil
}

// Close closes the file that OpenFile opened.
func (a *Archive) Close() error {
	if a.closer == nil {
		return nil
	}
	return a.closer.Close()
}

// Filename returns the wheel's name.
func (a *Archive) Filename() Filename { return a.name }

// Metadata returns the parsed METADATA.
func (a *Archive) Metadata() *Metadata { return a.metadata }

// Info returns the parsed WHEEL file.
func (a *Archive) Info() Info { return a.info }

// Record returns the rows of RECORD as written. The caller must not change them.
func (a *Archive) Record() []RecordEntry { return a.record }

// EntryPoints returns the scripts that the wheel declares.
func (a *Archive) EntryPoints() EntryPoints { return a.points }

// DistInfo returns the name of the .dist-info folder.
func (a *Archive) DistInfo() string { return a.distInfo }

// DataDir returns the name of the .data folder, "" if there is none. What is
// below it stands in folders named after install scheme keys.
func (a *Archive) DataDir() string { return a.dataDir }

// Entries returns the files in the order of the archive.
func (a *Archive) Entries() []Entry {
	entries := make([]Entry, len(a.members))
	for i := range a.members {
		m := &a.members[i]
		entries[i] = Entry{Path: m.name, Size: m.size, Executable: m.executable()}
	}
	return entries
}

// ReadFile returns the content of one file, verified against RECORD. It is meant
// for small files: more than [MaxMetadata] bytes are refused.
func (a *Archive) ReadFile(path string) ([]byte, error) {
	i, ok := a.byName[path]
	if !ok {
		return nil, blame("reading", a.name, invalidf(path, "not in the archive"))
	}
	if a.members[i].size > MaxMetadata {
		return nil, blame("reading", a.name, invalidf(path, "larger than %d bytes", MaxMetadata))
	}
	inf := inflaters.Get().(*inflater)
	defer inflaters.Put(inf)
	var out bytes.Buffer
	if _, err := a.verify(a.r, inf, i, func(part []byte) error {
		_, err := out.Write(part)
		return err
	}); err != nil {
		return nil, blame("reading", a.name, err)
	}
	return out.Bytes(), nil
}

// verify extracts member i out of r, which is the archive, and checks its digest
// against RECORD's. It returns the sha256 in RECORD's form. What sink was given
// is not to be trusted until verify returns nil.
func (a *Archive) verify(r io.ReaderAt, inf *inflater, i int, sink func([]byte) error) (string, error) {
	row := a.rows[i]
	if row == nil || row.Algorithm == "" {
		s, err := inf.extract(r, &a.members[i], nil, sink)
		return s.sha256, err
	}
	other, _ := newHash(row.Algorithm)
	s, err := inf.extract(r, &a.members[i], other, sink)
	if err != nil {
		return "", err
	}
	got := s.sha256
	if other != nil {
		got = s.other
	}
	if got != row.Digest {
		return "", invalidf(row.Path, "its %s is %s; RECORD says %s", row.Algorithm, got, row.Digest)
	}
	return s.sha256, nil
}
