// Package installer changes a host prefix: it installs unpacked wheels, and
// upgrades, removes, lists and verifies what is there.
//
// Installing has three parts. Plan decides every destination and finds every
// conflict before anything is written. Apply carries the plan out as one
// transaction: staged beside what is there, switched in by renames, finished
// or rolled back by the next run should this one die. Between the two stands a
// lock on the prefix, so that two processes wait for each other.
//
// Nothing here runs the host's Python, and no bytecode is written.
package installer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer/internal/txn"
)

// Layout says where things go below the root of a prefix.
type Layout uint8

const (
	// TargetLayout is that of pip's --target: packages at the top of the
	// folder, programs in bin.
	TargetLayout Layout = iota
	// PrefixLayout is the install scheme of the host.
	PrefixLayout
)

// A Prefix is a folder that holds, or will hold, packages for a host. It is not
// safe for concurrent use; several Prefixes of one folder, in one process or
// many, are.
type Prefix struct {
	path   string // absolute, without symbolic links
	layout Layout
	scheme host.Scheme

	lock      *txn.Lock
	recovered Recovery
	// system opens the file system of a transaction; tests put faults in it.
	system func(*os.Root) txn.FS
}

// Open returns the prefix at root, which need not exist. It neither locks nor
// changes anything.
func Open(root string, layout Layout, scheme host.Scheme) (*Prefix, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("finding the prefix %q: %w", root, err)
	}
	if abs, err = resolve(abs); err != nil {
		return nil, fmt.Errorf("finding the prefix %q: %w", root, err)
	}
	if info, err := os.Stat(abs); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("finding the prefix %q: it is not a folder", root)
	}
	return &Prefix{path: abs, layout: layout, scheme: scheme, system: txn.OS}, nil
}

// resolve follows the symbolic links of the part of a path that exists.
func resolve(abs string) (string, error) {
	real, err := filepath.EvalSymlinks(abs)
	if err == nil {
		return real, nil
	}
	parent := filepath.Dir(abs)
	if !errors.Is(err, fs.ErrNotExist) || parent == abs {
		return "", err
	}
	if _, err := os.Lstat(abs); err == nil {
		return "", fmt.Errorf("%q is a link to nothing", abs)
	}
	if parent, err = resolve(parent); err != nil {
		return "", err
	}
	return filepath.Join(parent, filepath.Base(abs)), nil
}

// Path returns the absolute path of the prefix.
func (p *Prefix) Path() string { return p.path }

// Layout returns the layout that the prefix was opened with.
func (p *Prefix) Layout() Layout { return p.layout }

// Recovery says what was found of an earlier run that had been interrupted.
type Recovery struct {
	// Finished: it had been committed, and what it had left to do was done.
	Finished bool
	// RolledBack: it had not, or had failed: what it had done was taken back.
	RolledBack bool
	// Cleaned: it had done all or nothing, and only its work folder was there.
	Cleaned bool
	// Changes are what it was about, as "install six 1.17.0"; empty when it
	// died before that was written down.
	Changes []string
	// Unlocked says why the prefix could not be locked (some network file
	// systems have no locks); nil when it is.
	Unlocked error
}

// Lock waits until no other process changes the prefix, calling waiting once
// (unless nil) if that takes time, and then finishes what an interrupted run
// left. The folder is made if it is missing, and goes again with Close if
// nothing was put into it. Whoever decides by what is installed holds the lock
// from before looking until Apply has returned; otherwise Apply locks by
// itself.
func (p *Prefix) Lock(ctx context.Context, waiting func()) (Recovery, error) {
	if p.lock != nil {
		return Recovery{}, nil
	}
	lock, err := txn.Acquire(ctx, p.path, waiting)
	if err != nil {
		return Recovery{}, err
	}
	recovery, err := p.recover()
	if err != nil {
		return Recovery{}, errors.Join(err, lock.Release())
	}
	recovery.Unlocked = lock.Unsupported
	p.lock, p.recovered = lock, recovery
	return recovery, nil
}

// Recovered returns what the last Lock, or Apply in its place, recovered.
func (p *Prefix) Recovered() Recovery { return p.recovered }

// recover finishes or discards what an earlier process left in the prefix or
// beside it.
func (p *Prefix) recover() (Recovery, error) {
	root, err := os.OpenRoot(p.path)
	if err != nil {
		return Recovery{}, err
	}
	defer root.Close()
	r, err := txn.Recover(p.system(root))
	if err != nil {
		return Recovery{}, fmt.Errorf("recovering %q: %w", p.path, err)
	}
	discarded, err := p.discardBeside()
	if err != nil {
		return Recovery{}, fmt.Errorf("recovering %q: %w", p.path, err)
	}
	return Recovery{
		Finished:   r.Outcome == txn.Finished,
		RolledBack: r.Outcome == txn.RolledBack || r.Outcome == txn.Discarded || discarded,
		Cleaned:    r.Outcome == txn.Cleaned,
		Changes:    r.Summary,
	}, nil
}

// discardBeside removes the stage of a run that was making the prefix anew.
func (p *Prefix) discardBeside() (bool, error) {
	work := filepath.Join(filepath.Dir(p.path), txn.FreshWorkName(filepath.Base(p.path)))
	if _, err := os.Lstat(work); err != nil {
		return false, nil
	}
	parent, err := os.OpenRoot(filepath.Dir(p.path))
	if err != nil {
		return false, err
	}
	defer parent.Close()
	return true, p.system(parent).RemoveAll(filepath.Base(work))
}

// Interrupted reports whether a run was interrupted in the middle of changing
// the prefix, so that what is read there is neither old nor new until somebody
// locks it.
func (p *Prefix) Interrupted() bool {
	root, err := os.OpenRoot(p.path)
	if err != nil {
		return false
	}
	defer root.Close()
	return txn.Interrupted(txn.OS(root))
}

// Close gives the lock back.
func (p *Prefix) Close() error {
	if p.lock == nil {
		return nil
	}
	err := p.lock.Release()
	p.lock = nil
	return err
}

// places are the folders of a layout, relative to the root, with slashes; "."
// is the root itself.
type places struct {
	purelib, platlib, scripts, data, headers string
}

// places returns the layout's folders. python is the host's version for the
// headers of a flat layout, where pip in a virtual environment has one too.
func (p *Prefix) places(python string) places {
	if p.layout == PrefixLayout {
		s := p.scheme
		return places{path.Clean(s.Purelib), path.Clean(s.Platlib), path.Clean(s.Scripts), path.Clean(s.Data), path.Clean(s.Headers)}
	}
	return places{".", ".", "bin", ".", "include/site/python" + python}
}

// libraries returns the folders in which distributions are found, the links on
// the way to them followed, each once.
func (p *Prefix) libraries(root *os.Root) ([]string, error) {
	at := p.places("")
	var dirs []string
	for _, dir := range []string{at.purelib, at.platlib} {
		real, err := p.follow(root, dir)
		if err != nil {
			return nil, err
		}
		if len(dirs) == 0 || dirs[0] != real {
			dirs = append(dirs, real)
		}
	}
	return dirs, nil
}

// maxLinks bounds the symbolic links on the way to a folder.
const maxLinks = 40

// follow resolves the symbolic links of a folder of the scheme, such as the
// lib64 of a virtual environment, so that one file has one name. A link that
// leaves the prefix is refused.
func (p *Prefix) follow(root *os.Root, dir string) (string, error) {
	todo := strings.Split(dir, "/")
	done := "."
	for links := 0; len(todo) > 0; {
		next := path.Join(done, todo[0])
		todo = todo[1:]
		info, err := root.Lstat(next)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", &LinkError{Prefix: p.path, Path: dir, Reason: "too many links"}
		}
		to, err := root.Readlink(next)
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(to) {
			if to, err = filepath.Rel(p.path, to); err != nil {
				return "", &LinkError{Prefix: p.path, Path: next, Reason: "it leaves the prefix"}
			}
			done = "."
		}
		to = path.Join(done, filepath.ToSlash(to))
		if !filepath.IsLocal(to) {
			return "", &LinkError{Prefix: p.path, Path: next, Reason: "it leaves the prefix"}
		}
		todo = append(strings.Split(to, "/"), todo...)
		done = "."
	}
	return done, nil
}
