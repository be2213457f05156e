package unpack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a member of an archive is.
type kind int

const (
	regular kind = iota
	directory
	symlink
	hardlink
)

// member is one entry of an archive as its format's reader yields it, before
// any rule was applied to name and target.
type member struct {
	raw        string // as spelt in the archive
	name       string // cleaned; set by the tree
	target     string // of links
	kind       kind
	size       int64
	executable bool
}

// reader yields the members of an archive in order, io.EOF after the last. The
// content of a regular member is read from the returned reader before the next
// call.
type reader interface {
	next() (*member, io.Reader, error)
}

// sink takes the members that passed the rules.
type sink interface {
	dir(name string) error
	file(m *member, r io.Reader) error
	same(m *member, r io.Reader) (bool, error)
}

// link is a link that is made after everything else exists.
type link struct {
	name, text, target string
	hard               bool
}

// tree is what the rules need to know about the members met so far.
type tree struct {
	top   string
	kinds map[string]kind
	links []link
}

const (
	maxSegment = 255
	maxPath    = 4096
)

// refusal is a rule that a member breaks; walk adds archive and member.
type refusal string

func (r refusal) Error() string { return string(r) }

func refusef(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// walk reads the archive and hands every lawful member to the sink.
func walk(ctx context.Context, file, name string, limits Limits, to sink) (*tree, error) {
	limits = limits.withDefaults()
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening source archive: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening source archive: %w", err)
	}
	budget := limits.budget(info.Size())
	r, closer, err := open(f, info.Size(), name, budget)
	if err != nil {
		return nil, blame(name, "", err)
	}
	defer closer()

	t := &tree{kinds: map[string]kind{}}
	left := budget
	for count := 0; ; count++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, content, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, blame(name, memberName(m), err)
		}
		if count >= limits.Members {
			return nil, blame(name, "", refusef("more than %d members", limits.Members))
		}
		if left -= m.size; left < 0 {
			return nil, blame(name, m.raw, refusef("the archive unfolds to more than %d bytes", budget))
		}
		if err := t.take(m, content, to); err != nil {
			return nil, blame(name, m.raw, err)
		}
	}
	if t.top == "" {
		return nil, blame(name, "", refusal("the archive is empty"))
	}
	for _, l := range t.links {
		if err := t.judge(&l); err != nil {
			return nil, blame(name, l.name, err)
		}
	}
	return t, nil
}

func memberName(m *member) string {
	if m == nil {
		return ""
	}
	return m.raw
}

// blame turns a fault into an [*Error]; faults of the build machine's own file
// system stay what they are.
func blame(archive, member string, err error) error {
	var r refusal
	if errors.As(err, &r) {
		return &Error{Archive: archive, Member: member, Reason: string(r)}
	}
	var path *os.PathError
	if errors.As(err, &path) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("unpacking %q: %w", archive, err)
	}
	return &Error{Archive: archive, Member: member, Reason: "is damaged", Err: err}
}

// take applies the rules to one member and hands it on.
func (t *tree) take(m *member, content io.Reader, to sink) error {
	name, err := cleanName(m.raw)
	if err != nil {
		return err
	}
	if name == "." {
		if m.kind != directory {
			return refusal("is not a folder, but stands for the whole tree")
		}
		return nil
	}
	m.name = name
	top, below, nested := strings.Cut(name, "/")
	if !nested && m.kind == regular && strings.HasPrefix(name, "._") {
		return nil // resource forks that macOS tar adds beside the top folder
	}
	if t.top == "" {
		t.top = top
	}
	if top != t.top {
		return refusef("lies outside the top folder %q", t.top)
	}
	if below == "" && m.kind != directory {
		return refusal("a file stands where the top folder should be")
	}
	return t.place(m, content, to)
}

// place enters a member with a lawful name into the tree.
func (t *tree) place(m *member, content io.Reader, to sink) error {
	for dir := path.Dir(m.name); dir != "."; dir = path.Dir(dir) {
		k, known := t.kinds[dir]
		if known && k != directory {
			return refusef("its folder %q is a file or a link", dir)
		}
		if known {
			break
		}
		t.kinds[dir] = directory
	}
	before, again := t.kinds[m.name]
	switch {
	case again && before == directory && m.kind == directory:
		return nil
	case again && before == regular && m.kind == regular:
		same, err := to.same(m, content)
		if err == nil && !same {
			err = refusal("is there twice with different content")
		}
		return err
	case again:
		return refusal("is there twice")
	}
	t.kinds[m.name] = m.kind
	switch m.kind {
	case directory:
		return to.dir(m.name)
	case regular:
		return to.file(m, content)
	}
	l := link{name: m.name, text: m.target, hard: m.kind == hardlink}
	from := path.Dir(m.name)
	if l.hard {
		from = "."
	}
	target, err := cleanTarget(from, m.target)
	if err != nil {
		return err
	}
	l.target = target
	t.links = append(t.links, l)
	return nil
}

// judge decides about a link when the whole tree is known.
func (t *tree) judge(l *link) error {
	if l.target != t.top && !strings.HasPrefix(l.target, t.top+"/") {
		return refusef("links to %q, outside the top folder", l.text)
	}
	if l.target == l.name || strings.HasPrefix(l.name, l.target+"/") {
		return refusef("links to %q, a folder around itself", l.text)
	}
	for p := l.target; p != "."; p = path.Dir(p) {
		if k, known := t.kinds[p]; known && (k == symlink || k == hardlink) {
			return refusef("links to %q through another link", l.text)
		}
	}
	k, known := t.kinds[l.target]
	if l.hard && (!known || k != regular) {
		return refusef("is a hard link to %q, which is no file of the archive", l.text)
	}
	return nil
}

// cleanName checks a member's name and returns it with "." segments at its start
// and a slash at its end removed.
func cleanName(raw string) (string, error) {
	if err := checkText(raw); err != nil {
		return "", err
	}
	name := raw
	for strings.HasPrefix(name, "./") {
		name = strings.TrimLeft(name[2:], "/")
	}
	name = strings.TrimSuffix(name, "/")
	if name == "" || name == "." {
		if strings.HasPrefix(raw, ".") {
			return ".", nil
		}
		return "", refusal("has no name")
	}
	for segment := range strings.SplitSeq(name, "/") {
		switch {
		case segment == "":
			return "", refusal("has an absolute name or an empty segment")
		case segment == "." || segment == "..":
			return "", refusef("has a %q segment", segment)
		case len(segment) > maxSegment:
			return "", refusef("has a segment of more than %d bytes", maxSegment)
		}
	}
	if len(name) > maxPath {
		return "", refusef("has a name of more than %d bytes", maxPath)
	}
	return name, nil
}

// checkText refuses names that mean something else on another system or that
// speak to a terminal.
func checkText(s string) error {
	if !utf8.ValidString(s) {
		return refusal("its name is not UTF-8")
	}
	for _, c := range s {
		switch {
		case c == '\\':
			return refusal("has a backslash in its name")
		case unicode.Is(unicode.C, c):
			return refusal("has a control character in its name")
		}
	}
	if len(s) >= 2 && s[1] == ':' && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z') {
		return refusal("has a drive letter in its name")
	}
	return nil
}

// cleanTarget resolves the text of a link that stands in folder from.
func cleanTarget(from, text string) (string, error) {
	if text == "" {
		return "", refusal("is a link to nothing")
	}
	if err := checkText(text); err != nil {
		return "", refusef("is a link whose target %v", err)
	}
	if path.IsAbs(text) {
		return "", refusef("links to the absolute path %q", text)
	}
	target := path.Join(from, text)
	if target == ".." || strings.HasPrefix(target, "../") {
		return "", refusef("links to %q, outside the archive", text)
	}
	return target, nil
}
