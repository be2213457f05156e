package pylock

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/requirements/tomldoc"
)

// Parse reads a lock file. Errors are *tomldoc.Error.
func Parse(data []byte) (*Lock, error) {
	root, err := tomldoc.Parse(data, MaxFileSize)
	if err != nil {
		return nil, err
	}
	l := &Lock{}
	root.Require("lock-version")
	l.readVersion(root)
	root.Require("created-by", "packages")
	l.CreatedBy = root.String("created-by")
	l.RequiresPython = specifiers(root)
	for i, text := range root.Strings("environments") {
		m, err := marker(text)
		if err != nil {
			root.FailAt("environments", i, "it is not a valid marker", err)
		}
		l.Environments = append(l.Environments, m)
	}
	l.Extras = root.Strings("extras")
	for i, name := range l.Extras {
		if !isNormal(name) {
			root.FailAt("extras", i, fmt.Sprintf("%q is not a normalised name", name), nil)
		}
	}
	l.Groups, l.DefaultGroups = root.Strings("dependency-groups"), root.Strings("default-groups")
	root.Table("tool")
	packages := root.Tables("packages")
	if len(packages) > maxPackages {
		root.Fail("packages", fmt.Sprintf("there are more than %d", maxPackages), nil)
		return nil, root.Err()
	}
	for _, t := range packages {
		l.Packages = append(l.Packages, readPackage(t))
		if err := root.Err(); err != nil {
			return nil, err
		}
	}
	if err := root.Err(); err != nil {
		return nil, err
	}
	return l, nil
}

// readVersion refuses formats of another major version: their keys may mean
// something else.
func (l *Lock) readVersion(root *tomldoc.Table) {
	l.Version = root.String("lock-version")
	if root.Err() != nil {
		return
	}
	v, err := pep440.Parse(l.Version)
	switch {
	case err != nil:
		root.Fail("lock-version", "it is not a valid version", err)
	case v.Less(pep440.MustParse("1")) || !v.Less(pep440.MustParse("2")):
		root.Fail("lock-version", fmt.Sprintf("version %s of the format is not supported, only 1.0", l.Version), nil)
	case pep440.MustParse("1.0").Less(v):
		l.Warnings = append(l.Warnings, fmt.Sprintf("the lock file has version %s of the format; what is new in it since 1.0 is not heeded", v))
	}
}

// specifiers reads requires-python.
func specifiers(t *tomldoc.Table) pep440.Specifiers {
	text := t.String("requires-python")
	s, err := pep440.ParseSpecifiers(text)
	if err != nil {
		t.Fail("requires-python", "it is not a valid version specifier", err)
	}
	return s
}

func marker(text string) (requirements.Marker, error) {
	m, err := requirements.ParseMarker(text)
	if err == nil {
		err = m.Validate()
	}
	return m, err
}

func isNormal(name string) bool {
	return requirements.ValidName(name) && requirements.NormalizeName(name) == name
}

func readPackage(t *tomldoc.Table) Package {
	p := Package{Name: t.String("name"), Index: t.String("index"), RequiresPython: specifiers(t)}
	t.Require("name")
	if !isNormal(p.Name) {
		t.Fail("name", fmt.Sprintf("%q is not a normalised name", p.Name), nil)
	}
	if t.Has("version") {
		var err error
		if p.Version, err = pep440.Parse(t.String("version")); err != nil {
			t.Fail("version", "it is not a valid version", err)
		}
	}
	if t.Has("marker") {
		var err error
		if p.Marker, err = marker(t.String("marker")); err != nil {
			t.Fail("marker", "it is not a valid marker", err)
		}
	}
	t.Tables("dependencies")
	t.Table("tool")
	for _, identity := range t.Tables("attestation-identities") {
		identity.Require("kind")
		identity.String("kind")
	}
	p.readSources(t)
	return p
}

// readSources reads where the package comes from, and sees to it that there is
// one answer.
func (p *Package) readSources(t *tomldoc.Table) {
	direct := 0
	if vcs := t.Table("vcs"); vcs != nil {
		p.VCS = readVCS(vcs)
		direct++
	}
	if dir := t.Table("directory"); dir != nil {
		dir.Require("path")
		p.Directory = &Directory{Path: dir.String("path"), Editable: dir.Bool("editable"), Subdirectory: subdirectory(dir)}
		direct++
	}
	if archive := t.Table("archive"); archive != nil {
		f := readFile(archive)
		f.Subdirectory = subdirectory(archive)
		p.Archive = &f
		direct++
	}
	if sdist := t.Table("sdist"); sdist != nil {
		f := readFile(sdist)
		p.Sdist = &f
		p.checkName(sdist, f.Name, sdistName)
	}
	for _, w := range t.Tables("wheels") {
		f := readFile(w)
		p.Wheels = append(p.Wheels, f)
		p.checkName(w, f.Name, wheelName)
	}
	distributions := p.Sdist != nil || len(p.Wheels) > 0
	switch {
	case distributions && direct > 0:
		t.Fail("", "vcs, directory and archive exclude wheels and sdist", nil)
	case !distributions && direct != 1:
		t.Fail("", "exactly one of vcs, directory, archive, or wheels and sdist, must say where it comes from", nil)
	}
}

func readVCS(t *tomldoc.Table) *VCS {
	t.Require("type", "commit-id")
	v := &VCS{
		Type: t.String("type"), URL: t.String("url"), Path: t.String("path"),
		RequestedRevision: t.String("requested-revision"), CommitID: t.String("commit-id"),
		Subdirectory: subdirectory(t),
	}
	if v.URL == "" && v.Path == "" {
		t.Fail("", "either path or url must say where it is", nil)
	}
	if v.CommitID == "" || strings.Trim(v.CommitID, "0123456789abcdefABCDEF") != "" && v.Type == "git" {
		t.Fail("commit-id", fmt.Sprintf("%q is not the id of a commit", v.CommitID), nil)
	}
	return v
}

// subdirectory reads the place of a project within a tree, which it must not
// leave.
func subdirectory(t *tomldoc.Table) string {
	sub := t.String("subdirectory")
	clean := path.Clean(strings.ReplaceAll(sub, `\`, "/"))
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(sub, ":") {
		t.Fail("subdirectory", fmt.Sprintf("%q leads out of the tree", sub), nil)
	}
	return sub
}

func readFile(t *tomldoc.Table) File {
	f := File{
		Name: t.String("name"), URL: t.String("url"), Path: t.String("path"),
		UploadTime: t.Time("upload-time"), Size: -1,
	}
	if f.URL == "" && f.Path == "" {
		t.Fail("", "either path or url must say where it is", nil)
	}
	if size, ok := t.Int("size"); ok {
		f.Size = size
		if size < 0 {
			t.Fail("size", "it is negative", nil)
		}
	}
	if f.Name == "" {
		f.Name = lastPart(f.Path, f.URL)
	}
	if f.Name == "" || f.Name == "." || f.Name == ".." || strings.ContainsAny(f.Name, "/\\\x00") {
		t.Fail("name", fmt.Sprintf("%q is not the name of a file", f.Name), nil)
	}
	t.Require("hashes")
	f.Hashes = readHashes(t)
	return f
}

// lastPart is the name of a file that only has a path or a URL.
func lastPart(file, address string) string {
	if file != "" {
		if i := strings.LastIndexByte(file, '/'); i >= 0 {
			return file[i+1:]
		}
		return file[strings.LastIndexByte(file, '\\')+1:]
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return path.Base(u.Path)
}

func readHashes(t *tomldoc.Table) map[string]string {
	h := t.Table("hashes")
	if h == nil {
		return nil
	}
	if len(h.Keys()) == 0 {
		t.Fail("hashes", "there must be at least one", nil)
	}
	out := map[string]string{}
	for _, algorithm := range h.Keys() {
		digest := strings.ToLower(h.String(algorithm))
		out[algorithm] = digest
		if want := hexLength(algorithm); len(digest) != want && want > 0 || digest == "" || strings.Trim(digest, "0123456789abcdef") != "" {
			h.Fail(algorithm, fmt.Sprintf("%q is not a digest of this kind", digest), nil)
		}
	}
	return out
}

// hexLength is the length of a digest in hexadecimal; 0 for an algorithm that
// is not known here.
func hexLength(algorithm string) int {
	switch algorithm {
	case "md5":
		return 32
	case "sha1":
		return 40
	case "sha224", "sha3_224":
		return 56
	case "sha256", "sha3_256", "blake2s":
		return 64
	case "sha384", "sha3_384":
		return 96
	case "sha512", "sha3_512", "blake2b":
		return 128
	}
	return 0
}

// checkName holds a file's name against that of its package, and takes the
// version from it where the package has none.
func (p *Package) checkName(t *tomldoc.Table, file string, split func(string) (name, version string, ok bool)) {
	name, text, ok := split(file)
	version, err := pep440.Parse(text)
	switch {
	case !ok || err != nil:
		t.Fail("name", fmt.Sprintf("%q is not the name of a distribution", file), nil)
	case requirements.NormalizeName(name) != p.Name:
		t.Fail("name", fmt.Sprintf("%q does not belong to the project %q", file, p.Name), nil)
	case p.Version.IsZero():
		p.Version = version
	case !version.Equal(p.Version):
		t.Fail("name", fmt.Sprintf("%q is not of version %s", file, p.Version), nil)
	}
}

// wheelName splits a wheel's name as far as a lock needs it (binary
// distribution format, "File name convention"; a seventh part is PEP 825's).
func wheelName(file string) (name, version string, ok bool) {
	stem, ok := strings.CutSuffix(file, ".whl")
	parts := strings.Split(stem, "-")
	if !ok || len(parts) < 5 || len(parts) > 7 || slices.Contains(parts, "") {
		return "", "", false
	}
	return parts[0], parts[1], requirements.ValidName(parts[0])
}

// sdistName splits an sdist's name (source distribution format, "File name").
func sdistName(file string) (name, version string, ok bool) {
	for _, suffix := range []string{".tar.gz", ".zip"} {
		if stem, cut := strings.CutSuffix(file, suffix); cut {
			at := strings.LastIndexByte(stem, '-')
			return stem[:max(at, 0)], stem[at+1:], at > 0
		}
	}
	return "", "", false
}
