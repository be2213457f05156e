// Package unpack reads source archives (tar in its compressions, zip) without
// trusting them: every member name, link and size is judged before anything is
// written, and writing goes through an [os.Root].
//
// The rules are those of PEP 721 (the "data" filter) made stricter: names that
// are absolute, climb or hide are refused instead of repaired, links stay
// inside the tree and never lead through other links, special files are
// refused, and an archive has exactly one top folder (PEP 517, PEP 625).
package unpack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
)

// Limits bounds what an archive may unfold to.
type Limits struct {
	// Bytes is the largest sum of all file sizes. Zero means 4 GiB.
	Bytes int64
	// Ratio is the largest quotient of unpacked and packed size for archives
	// that unfold to more than 64 MiB. Zero means 50.
	Ratio int64
	// Members is the largest number of members. Zero means 200,000.
	Members int
}

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 4 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 50
	}
	if l.Members == 0 {
		l.Members = 200_000
	}
	return l
}

// freeRatio is the unpacked size below which the ratio is not looked at: small
// archives of text compress very well.
const freeRatio = 64 << 20

// budget is the number of bytes that an archive of the given size may unfold to.
func (l Limits) budget(packed int64) int64 {
	return min(l.Bytes, max(freeRatio, l.Ratio*packed))
}

// Error is the refusal of an archive.
type Error struct {
	// Archive is the archive's file name.
	Archive string
	// Member is the offending member as the archive spells it; "" when the
	// archive as a whole is refused.
	Member string
	// Reason says what is wrong with it.
	Reason string
	// Err is the underlying fault, if there was one.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "source archive %q", e.Archive)
	if e.Member != "" {
		fmt.Fprintf(&b, ", member %q", e.Member)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// Into unpacks the archive at file into root and returns the name of its single
// top folder. name is the archive's own file name, which alone decides how it
// is read. What it returns is an [*Error] when the archive is to blame. Links
// are made last; where the build machine has none they become copies.
func Into(ctx context.Context, file, name string, root *os.Root, limits Limits) (top string, err error) {
	w := &writer{root: root, made: map[string]bool{}, buf: make([]byte, 128<<10)}
	t, err := walk(ctx, file, name, limits, w)
	if err != nil {
		return "", err
	}
	for _, l := range t.links {
		if err := w.link(l); err != nil {
			return "", fmt.Errorf("linking %q of %q: %w", l.name, name, err)
		}
	}
	return t.top, nil
}

// writer is the sink that puts members into a folder.
type writer struct {
	root *os.Root
	made map[string]bool
	buf  []byte
}

func (w *writer) dir(name string) error {
	if name == "." || w.made[name] {
		return nil
	}
	if err := w.root.MkdirAll(name, 0o755); err != nil {
		return err
	}
	for ; name != "." && !w.made[name]; name = path.Dir(name) {
		w.made[name] = true
	}
	return nil
}

func (w *writer) file(m *member, r io.Reader) error {
	if err := w.dir(path.Dir(m.name)); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if m.executable {
		mode = 0o755
	}
	f, err := w.root.OpenFile(m.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(writeOnly{f}, r, w.buf)
	return errors.Join(err, f.Close())
}

// writeOnly hides ReadFrom, so that CopyBuffer uses the buffer it was given.
type writeOnly struct{ io.Writer }

// same compares a repeated member with the file written before.
func (w *writer) same(m *member, r io.Reader) (bool, error) {
	f, err := w.root.Open(m.name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return equal(f, r)
}

func (w *writer) link(l link) error {
	if err := w.dir(path.Dir(l.name)); err != nil {
		return err
	}
	if !l.hard && runtime.GOOS != "windows" {
		return w.root.Symlink(l.text, l.name)
	}
	info, err := w.root.Lstat(l.target)
	if err != nil || !info.Mode().IsRegular() {
		// Without links of its own the build machine goes without a link to
		// nothing, or to a folder.
		return nil //nolint:nilerr // a dangling link is not a fault of the archive
	}
	src, err := w.root.Open(l.target)
	if err != nil {
		return err
	}
	defer src.Close()
	return w.file(&member{name: l.name, executable: info.Mode()&0o111 != 0}, src)
}

// Peeked is a part of an archive held in memory: the files that were wanted,
// and the names of all.
type Peeked struct {
	// Top is the archive's single top folder.
	Top string
	// Names are all regular files and links in archive order, relative to Top.
	Names []string
	files map[string][]byte
}

// ReadFile returns the content of a wanted file, named relative to the top
// folder with slashes. A file that is absent or was not wanted is
// [fs.ErrNotExist].
func (p *Peeked) ReadFile(name string) ([]byte, error) {
	b, ok := p.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return b, nil
}

// Peek reads an archive without writing anything, under the same rules as
// [Into]. It keeps the files for which want, called with the path below the top
// folder, returns the number of bytes it is ready to keep; larger files and
// those with 0 are passed over.
func Peek(ctx context.Context, file, name string, limits Limits, want func(name string) int64) (*Peeked, error) {
	k := &keeper{want: want, kept: map[string][]byte{}}
	t, err := walk(ctx, file, name, limits, k)
	if err != nil {
		return nil, err
	}
	p := &Peeked{Top: t.top, files: map[string][]byte{}, Names: make([]string, 0, len(k.names)+len(t.links))}
	below := func(name string) string { return strings.TrimPrefix(name, t.top+"/") }
	for _, n := range k.names {
		p.Names = append(p.Names, below(n))
	}
	for n, b := range k.kept {
		p.files[below(n)] = b
	}
	for _, l := range t.links {
		p.Names = append(p.Names, below(l.name))
		if b, ok := k.kept[l.target]; ok && want(below(l.name)) > 0 {
			p.files[below(l.name)] = b
		}
	}
	return p, nil
}

// keeper is the sink that keeps wanted files in memory.
type keeper struct {
	want  func(string) int64
	names []string
	kept  map[string][]byte
}

func (k *keeper) dir(string) error { return nil }

func (k *keeper) file(m *member, r io.Reader) error {
	k.names = append(k.names, m.name)
	_, below, _ := strings.Cut(m.name, "/")
	if limit := k.want(below); limit == 0 || m.size > limit {
		return nil
	}
	b, err := io.ReadAll(r)
	k.kept[m.name] = b
	return err
}

func (k *keeper) same(m *member, r io.Reader) (bool, error) {
	b, ok := k.kept[m.name]
	if !ok {
		return true, nil // what is not looked at cannot mislead; Into compares
	}
	return equal(bytes.NewReader(b), r)
}

// equal reports whether two streams have the same bytes.
func equal(a, b io.Reader) (bool, error) {
	var x, y [16 << 10]byte
	for {
		n, errA := io.ReadFull(a, x[:])
		m, errB := io.ReadFull(b, y[:])
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		if endA, endB := isEnd(errA), isEnd(errB); endA || endB {
			return endA && endB, nil
		}
		if err := errors.Join(errA, errB); err != nil {
			return false, err
		}
	}
}

func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
