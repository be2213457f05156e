package wheel

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFilename bounds a file name. File systems stop at 255 bytes; nothing real
// comes near.
const maxFilename = 1024

// Filename is the parsed name of a wheel file. It is a small value: nothing of
// the compressed tag set is expanded until asked for.
type Filename struct {
	Raw          string   // the name as it was given
	Project      string   // normalised (PEP 503)
	Distribution string   // the project as the file name spells it
	Version      string   // as the file name spells it
	Build        BuildTag // the zero value when the name has none
	Variant      string   // variant label (PEP 825); "" for an ordinary wheel

	tags tagSet
}

// FilenameError says why a string is not the name of a wheel or of an sdist.
type FilenameError struct {
	Filename string
	Reason   string
}

func (e *FilenameError) Error() string {
	return fmt.Sprintf("invalid file name %q: %s", e.Filename, e.Reason)
}

// ParseFilename parses the base name of a wheel: five parts, a build tag if the
// third part starts with a digit (PEP 427), and a variant label at the end if
// there is one part more (PEP 825). It follows packaging.utils and so pip, which
// accepts no name that it refuses; it also refuses what could be mistaken for a
// path. It expands no tags and allocates at most for normalisation.
func ParseFilename(s string) (Filename, error) {
	f := Filename{Raw: s}
	bad := func(reason string) error { return &FilenameError{s, reason} }
	if len(s) > maxFilename {
		return Filename{}, &FilenameError{s[:64] + "…", "too long"}
	}
	stem, ok := strings.CutSuffix(s, ".whl")
	if !ok {
		return Filename{}, bad("the extension is not .whl")
	}
	var parts [7]string
	n := 0
	for rest := stem; ; n++ {
		if n == len(parts) {
			return Filename{}, bad("too many parts")
		}
		dash := strings.IndexByte(rest, '-')
		if dash < 0 {
			parts[n] = rest
			n++
			break
		}
		parts[n], rest = rest[:dash], rest[dash+1:]
	}
	if n < 5 {
		return Filename{}, bad("a wheel's name has at least five parts: project, version, python, abi, platform")
	}
	f.Distribution, f.Version = parts[0], parts[1]
	if !validDistribution(f.Distribution) {
		return Filename{}, bad("the project part is not a name as PEP 427 escapes it")
	}
	f.Project = NormalizeName(f.Distribution)
	if !validVersion(f.Version) {
		return Filename{}, bad("the version part is not a version (PEP 440)")
	}
	rest := parts[2:n]
	if b := rest[0]; b != "" && isDigit(b[0]) {
		if f.Build, ok = parseBuildTag(b); !ok {
			return Filename{}, bad("the build tag holds a character that no build tag has")
		}
		rest = rest[1:]
	}
	switch len(rest) {
	case 3:
	case 4:
		if f.Variant = rest[3]; !validVariant(f.Variant) || rest[2] == "none" {
			return Filename{}, bad("wrong number of parts: the third is no build tag (it starts with a digit), the last no variant label")
		}
	default:
		return Filename{}, bad("wrong number of parts")
	}
	var err error
	if f.tags, err = newTagSet(rest[0], rest[1], rest[2]); err != nil {
		return Filename{}, bad(err.Error())
	}
	return f, nil
}

// Tags yields the wheel's tags, expanded from the compressed set.
func (f Filename) Tags() iter.Seq[Tag] { return f.tags.all() }

// TagCount returns how many tags Tags yields.
func (f Filename) TagCount() int {
	if f.Raw == "" {
		return 0
	}
	return f.tags.count()
}

// TagSet returns the compressed tag set in lower case: "py2.py3-none-any".
func (f Filename) TagSet() string { return f.tags.String() }

// Pythons returns the python tags in the order written.
func (f Filename) Pythons() []string { return strings.Split(f.tags.pythons, ".") }

// ABIs returns the ABI tags in the order written.
func (f Filename) ABIs() []string { return strings.Split(f.tags.abis, ".") }

// Platforms returns the platform tags in the order written, each in canonical
// form (see [CanonicalPlatform]).
func (f Filename) Platforms() []string {
	platforms := strings.Split(f.tags.platforms, ".")
	for i, p := range platforms {
		platforms[i] = CanonicalPlatform(p)
	}
	return platforms
}

// IsPure reports whether no tag names a platform or an interpreter's ABI.
func (f Filename) IsPure() bool { return f.tags.abis == "none" && f.tags.platforms == "any" }

// String returns the file name as it was given.
func (f Filename) String() string { return f.Raw }

// MarshalText returns the file name.
func (f Filename) MarshalText() ([]byte, error) { return []byte(f.Raw), nil }

// UnmarshalText parses a file name.
func (f *Filename) UnmarshalText(text []byte) error {
	parsed, err := ParseFilename(string(text))
	if err != nil {
		return err
	}
	*f = parsed
	return nil
}

// WithTags returns the same wheel's name for other tags, which must be the cross
// product of their parts, since that is all a file name can say. The variant
// label is dropped: it qualified the old tags.
func (f Filename) WithTags(tags []Tag) (Filename, error) {
	set, err := compress(tags)
	if err != nil {
		return Filename{}, err
	}
	name := f.Distribution + "-" + f.Version
	if !f.Build.IsZero() {
		name += "-" + f.Build.String()
	}
	return ParseFilename(name + "-" + set.String() + ".whl")
}

func compress(tags []Tag) (tagSet, error) {
	var pythons, abis, platforms []string
	seen := make(map[Tag]bool, len(tags))
	for _, t := range tags {
		pythons, abis, platforms = appendNew(pythons, t.Python), appendNew(abis, t.ABI), appendNew(platforms, t.Platform)
		seen[t] = true
	}
	if len(seen) == 0 {
		return tagSet{}, errors.New("a wheel has at least one tag")
	}
	if len(seen) != len(pythons)*len(abis)*len(platforms) {
		return tagSet{}, fmt.Errorf("%d tags are no cross product, so no file name says them", len(seen))
	}
	return newTagSet(strings.Join(pythons, "."), strings.Join(abis, "."), strings.Join(platforms, "."))
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// BuildTag is the build number of a wheel (PEP 427), which breaks ties between
// wheels of one version and tag. The zero value means none and sorts first.
type BuildTag struct {
	Number string // decimal digits without leading zeros, "" when there is no build tag
	Suffix string // what follows the digits
	raw    string
}

func parseBuildTag(s string) (BuildTag, bool) {
	digits := 0
	for digits < len(s) && isDigit(s[digits]) {
		digits++
	}
	b := BuildTag{Number: strings.TrimLeft(s[:digits], "0"), Suffix: s[digits:], raw: s}
	if b.Number == "" {
		b.Number = "0"
	}
	for _, r := range b.Suffix {
		if pathRune(r) {
			return BuildTag{}, false
		}
	}
	return b, true
}

// IsZero reports whether the wheel has no build tag.
func (b BuildTag) IsZero() bool { return b.Number == "" }

// String returns the tag as written, or "".
func (b BuildTag) String() string {
	if b.raw == "" {
		return b.Number + b.Suffix
	}
	return b.raw
}

// Compare orders build tags: none first, then by number, then by suffix as text.
func (b BuildTag) Compare(c BuildTag) int {
	return cmp.Or(
		cmp.Compare(len(b.Number), len(c.Number)),
		cmp.Compare(b.Number, c.Number),
		cmp.Compare(b.Suffix, c.Suffix),
	)
}

// NormalizeName returns a project name in normalised form (PEP 503): lower case,
// every run of '-', '_' and '.' one hyphen. A name that is normalised already
// comes back without allocation.
func NormalizeName(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if isLowerOrDigit(c) || c == '-' && i > 0 && s[i-1] != '-' {
			continue
		}
		plain = false
		break
	}
	if plain {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '-' || c == '_' || c == '.':
			if len(out) == 0 || out[len(out)-1] != '-' {
				out = append(out, '-')
			}
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= utf8.RuneSelf:
			return normalizeUnicode(s)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func normalizeUnicode(s string) string {
	s = strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(s))
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	return s
}

func validDistribution(s string) bool {
	if s == "" {
		return false
	}
	for i, r := range s {
		switch {
		case r == '_':
			if i > 0 && s[i-1] == '_' {
				return false
			}
		case r == '.', r < utf8.RuneSelf && (isLowerOrDigit(byte(r)) || r >= 'A' && r <= 'Z'):
		case r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r)):
		default:
			return false
		}
	}
	return true
}

func validVariant(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLowerOrDigit(s[i]) && s[i] != '_' && s[i] != '.' {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLowerOrDigit(c byte) bool { return c >= 'a' && c <= 'z' || isDigit(c) }
