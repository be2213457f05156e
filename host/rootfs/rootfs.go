// Package rootfs reads the files of another machine's root file system from
// the outside: links are followed as that machine would follow them, and never
// out of the root. What is no regular file is not opened.
package rootfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const (
	maxLinks   = 40 // as Linux
	maxEntries = 20_000
)

// A Tree is a root file system. Names in it are absolute paths as that machine
// sees them; Windows' have no place here.
type Tree struct {
	// Root is the folder that is "/", an absolute path. "" is this machine's
	// own file system: names are its paths, links lead where they lead.
	Root string
}

// Join is where a name would be on this machine if no part of it were a link.
func (t Tree) Join(name string) string {
	if t.Root == "" {
		return name
	}
	return filepath.Join(t.Root, filepath.FromSlash(name))
}

// Name is the name in the tree of a path of this machine, and whether it is in
// the tree at all. No link is followed.
func (t Tree) Name(path string) (string, bool) {
	if t.Root == "" {
		return path, true
	}
	rel, err := filepath.Rel(t.Root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	if rel == "." {
		return "/", true
	}
	return "/" + filepath.ToSlash(rel), true
}

// Resolve follows every link in a name and returns the path on this machine,
// which need not exist beyond the last link. An absolute link begins at Root,
// and ".." ends there, as after chroot(2). The errors are of os, or of a loop of
// links.
func (t Tree) Resolve(name string) (string, error) {
	if t.Root == "" {
		return name, nil
	}
	todo := strings.Split(filepath.ToSlash(name), "/")
	var done []string
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			done = done[:max(0, len(done)-1)]
			continue
		}
		path := filepath.Join(t.Root, filepath.Join(append(done, part)...))
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			done = append(done, part)
			continue
		}
		if err != nil {
			return "", err
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "resolving", Path: t.Join(name), Err: syscall.ELOOP}
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if to = filepath.ToSlash(to); strings.HasPrefix(to, "/") {
			done = nil
		}
		if todo = append(strings.Split(to, "/"), todo...); len(todo) > 4096 {
			return "", &fs.PathError{Op: "resolving", Path: t.Join(name), Err: syscall.ENAMETOOLONG}
		}
	}
	return filepath.Join(t.Root, filepath.Join(done...)), nil
}

// Stat describes the file that a name leads to.
func (t Tree) Stat(name string) (fs.FileInfo, error) {
	path, err := t.Resolve(name)
	if err != nil {
		return nil, err
	}
	if t.Root == "" {
		return os.Stat(path)
	}
	return os.Lstat(path) // a link that appeared meanwhile is not followed
}

// IsFile reports whether a name leads to a regular file.
func (t Tree) IsFile(name string) bool {
	info, err := t.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// IsDir reports whether a name leads to a folder.
func (t Tree) IsDir(name string) bool {
	info, err := t.Stat(name)
	return err == nil && info.IsDir()
}

// Exists reports whether there is something of that name, be it a link that
// leads nowhere.
func (t Tree) Exists(name string) bool {
	dir, err := t.Resolve(filepath.Dir(name))
	if err != nil {
		return false
	}
	_, err = os.Lstat(filepath.Join(dir, filepath.Base(name)))
	return err == nil
}

// Open opens a regular file and tells its size in bytes. Other files are
// refused before they are opened: opening a FIFO would wait for ever.
func (t Tree) Open(name string) (*os.File, int64, error) {
	info, err := t.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%q is not a regular file", t.Join(name))
	}
	path, err := t.Resolve(name)
	if err != nil {
		return nil, 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// ReadFile returns the content of a regular file of at most limit bytes.
func (t Tree) ReadFile(name string, limit int64) ([]byte, error) {
	f, size, err := t.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tooLarge := fmt.Errorf("%q has more than %d bytes", t.Join(name), limit)
	if size > limit {
		return nil, tooLarge
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, tooLarge
	}
	return data, nil
}

// List returns the names in a folder, sorted; of a folder with tens of
// thousands, those that the system lists first. It returns nil for what is no
// folder that can be read.
func (t Tree) List(name string) []string {
	if !t.IsDir(name) { // a FIFO would be waited for
		return nil
	}
	path, err := t.Resolve(name)
	if err != nil {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, err := f.Readdirnames(maxEntries)
	if err != nil {
		return nil
	}
	slices.Sort(names)
	return names
}
