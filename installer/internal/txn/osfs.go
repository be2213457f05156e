package txn

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// OS returns the FS of the directory that root is open at. The caller keeps
// root open for as long as the FS is used.
func OS(root *os.Root) FS { return &osFS{root: root} }

type osFS struct {
	root   *os.Root
	policy linkPolicy
}

// linkPolicy remembers what the file systems at hand cannot do, so that it is
// tried once and not for every file.
type linkPolicy struct {
	noClone, noLink atomic.Bool

	once  sync.Once
	owner owner
	mask  fs.FileMode
}

func (f *osFS) Lstat(name string) (fs.FileInfo, error) { return f.root.Lstat(name) }

func (f *osFS) ReadDir(name string) ([]fs.DirEntry, error) {
	dir, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.ReadDir(-1)
}

func (f *osFS) ReadFile(name string, limit int64) ([]byte, error) {
	file, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("reading %q: it is larger than %d bytes", name, limit)
	}
	return data, err
}

func (f *osFS) Identity(name string) uint64 {
	info, err := f.root.Lstat(name)
	if err != nil {
		return 0
	}
	return identity(info)
}

func (f *osFS) Mkdir(name string, perm fs.FileMode) error { return f.root.Mkdir(name, perm) }

func (f *osFS) Rename(oldName, newName string) error {
	err := renameFlags(f.root, oldName, newName, noReplace)
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if _, err := f.root.Lstat(newName); err == nil {
		return &os.LinkError{Op: "rename", Old: oldName, New: newName, Err: fs.ErrExist}
	}
	return rename(f.root, oldName, newName)
}

func (f *osFS) Replace(oldName, newName string) error { return rename(f.root, oldName, newName) }

func (f *osFS) Exchange(a, b string) error { return renameFlags(f.root, a, b, exchange) }

func (f *osFS) Link(oldName, newName string) error {
	err := f.root.Link(oldName, newName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) {
		// Whatever the file system or the system's policy has against it,
		// there is another way.
		return errors.Join(err, errors.ErrUnsupported)
	}
	return err
}

func (f *osFS) Remove(name string) error { return f.root.Remove(name) }

func (f *osFS) RemoveAll(name string) error {
	if info, err := f.root.Lstat(name); err == nil && info.IsDir() {
		f.empty(name)
	}
	return f.root.RemoveAll(name)
}

// empty removes what is in a directory, several entries at a time: the trash of an
// upgrade has thousands of files. What fails here is tried again, and reported, with
// the directory.
func (f *osFS) empty(name string) {
	entries, err := f.ReadDir(name)
	if err != nil {
		return
	}
	var group errgroup.Group
	group.SetLimit(workers(0))
	for _, e := range entries {
		group.Go(func() error { return f.root.RemoveAll(path.Join(name, e.Name())) })
	}
	_ = group.Wait()
}

func (f *osFS) WriteFile(name string, data []byte) error {
	return f.root.WriteFile(name, data, 0o600)
}

func (f *osFS) SyncFile(name string) error {
	file, err := f.root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func (f *osFS) SyncAll(name string) error {
	dir, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(syncFileSystem(dir), dir.Close())
}

func (f *osFS) SyncDir(name string) error {
	dir, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(syncDirectory(dir), dir.Close())
}

func (f *osFS) OpenDir(name string) (Dir, error) {
	dir, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	info, err := dir.Stat()
	if err != nil {
		return nil, err
	}
	// The directory was made with all permissions: what it lacks is the mask
	// that applies here, and its owner is the one that new files get.
	f.policy.once.Do(func() {
		f.policy.owner = ownerOf(info)
		f.policy.mask = 0o777 &^ info.Mode().Perm()
	})
	opened, err := newOpenDir(f.root, name, dir)
	if err != nil {
		return nil, err
	}
	return &osDir{openDir: opened, policy: &f.policy}, nil
}

// osDir makes files in a directory, by way of the system's own handle.
type osDir struct {
	openDir
	policy *linkPolicy
}

func (d *osDir) Close() error { return d.close() }

func (d *osDir) Mkdir(name string, perm fs.FileMode) (Dir, error) {
	child, err := d.mkdir(name, perm)
	if err != nil {
		return nil, err
	}
	return &osDir{openDir: child, policy: d.policy}, nil
}

func (d *osDir) Write(name string, data []byte, perm fs.FileMode) error {
	file, err := d.create(name, perm)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// A ChangedError says that a source file is not what it was said to be.
type ChangedError struct {
	Path   string
	Reason string
}

func (e *ChangedError) Error() string { return fmt.Sprintf("%q %s", e.Path, e.Reason) }

func (d *osDir) Place(name string, src Source, perm fs.FileMode, how LinkMode) error {
	info, err := d.inspect(src.Dir, name)
	if err != nil {
		return src.changed(name, err)
	}
	if reason := src.differs(info); reason != "" {
		return &ChangedError{Path: src.path(name), Reason: reason}
	}
	if how != LinkCopy && !d.policy.noClone.Load() {
		err := d.clone(src.path(name), name, perm)
		if left := (*leftoverError)(nil); err == nil || errors.Is(err, fs.ErrExist) || errors.As(err, &left) {
			return err
		}
		d.policy.noClone.Store(true)
	}
	if how == LinkAuto && !d.policy.noLink.Load() && d.policy.linkable(info, perm) {
		err := d.link(src.Dir, name)
		switch {
		case err == nil || errors.Is(err, fs.ErrExist):
			return err
		case !isTooManyLinks(err):
			d.policy.noLink.Store(true)
		}
	}
	return d.copy(name, src, perm)
}

// A leftoverError says that a file which could not be made can't be removed
// either, so that there is no room for another way of making it.
type leftoverError struct{ err error }

func (e *leftoverError) Error() string { return e.err.Error() }
func (e *leftoverError) Unwrap() error { return e.err }

// linkable reports whether a second name for the file would look, to the
// tree's users, as a file written there: same owner, and permissions that
// differ at most in who else may write.
func (p *linkPolicy) linkable(info sourceInfo, perm fs.FileMode) bool {
	const othersWrite = 0o022
	return info.owner == p.owner && info.perm&^othersWrite == perm&^p.mask&^othersWrite
}

// sourceInfo is what counts of a file outside of the tree.
type sourceInfo struct {
	regular bool
	perm    fs.FileMode
	owner   owner
	size    int64
	modTime time.Time
}

func (s Source) path(name string) string { return filepath.Join(s.Dir, name) }

// differs returns what about a file is not as it was said to be, or "".
func (s Source) differs(info sourceInfo) string {
	switch {
	case !info.regular:
		return "is not a regular file"
	case info.size != s.Size:
		return fmt.Sprintf("has %d bytes, not %d", info.size, s.Size)
	case !s.ModTime.IsZero() && !info.modTime.Equal(s.ModTime):
		return "was modified"
	}
	return ""
}

// changed is err, as a *ChangedError if that is what it shows: the file is gone,
// something else is on the way to it, or it can't be read any more.
func (s Source) changed(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP):
		return &ChangedError{Path: s.path(name), Reason: "is missing"}
	case errors.Is(err, fs.ErrPermission):
		return &ChangedError{Path: s.path(name), Reason: "can't be read"}
	}
	return err
}

func (d *osDir) copy(name string, src Source, perm fs.FileMode) (err error) {
	from, err := os.Open(src.path(name))
	if err != nil {
		return src.changed(name, err)
	}
	defer from.Close()
	to, err := d.create(name, perm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	n, err := io.Copy(to, from)
	if err == nil && n != src.Size {
		err = &ChangedError{Path: src.path(name), Reason: fmt.Sprintf("has %d bytes, not %d", n, src.Size)}
	}
	return err
}
