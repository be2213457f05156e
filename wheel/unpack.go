package wheel

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"sync"
	"time"
)

// File is one unpacked file.
type File struct {
	Path       string    `json:"path"`   // slash-separated, relative to the tree
	SHA256     string    `json:"sha256"` // as RECORD writes it: URL-safe base64 without padding
	Size       int64     `json:"size"`   // bytes
	Executable bool      `json:"executable,omitzero"`
	ModTime    time.Time `json:"mtime"` // as the file system keeps it
}

// Record returns the file's row of RECORD.
func (f File) Record() RecordEntry {
	return RecordEntry{Path: f.Path, Algorithm: "sha256", Digest: f.SHA256, Size: f.Size}
}

// Unchanged reports whether info, of the same path, still shows the file that
// was written: a regular file of the same size, time and execute permission.
func (f File) Unchanged(info fs.FileInfo) bool {
	if !info.Mode().IsRegular() || info.Size() != f.Size || !info.ModTime().Equal(f.ModTime) {
		return false
	}
	return runtime.GOOS == "windows" || f.Executable == (info.Mode()&0o100 != 0)
}

// Contents is what Unpack wrote, each list sorted by path.
type Contents struct {
	Files  []File
	Native []Native
}

// Unpack writes every file of the wheel below root, which must not have any of
// them, exactly as the archive has them, with mode 0644 or 0755 less the umask.
// Each digest that RECORD states is verified while the file is written; machine
// code is found by content and its headers are read. workers bounds how many
// files are written at once; 0 means the number of CPUs. Whatever the size of
// the wheel, a worker needs about half a megabyte.
//
// On any error the tree is incomplete and not to be used. A refusal is an
// *InvalidError, the first in the order of the archive if there are more.
func (a *Archive) Unpack(ctx context.Context, root *os.Root, workers int) (*Contents, error) {
	u := unpacking{a: a, files: make([]File, len(a.members))}
	if err := u.makeFolders(root); err != nil {
		return nil, blame("unpacking", a.name, err)
	}
	jobs := u.plan()
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, len(jobs))
	queue := make(chan job, len(jobs))
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { u.work(ctx, root, queue) })
	}
	wg.Wait()
	if err := u.failure(ctx); err != nil {
		return nil, blame("unpacking", a.name, err)
	}
	byPath := func(x, y File) int { return cmp.Compare(x.Path, y.Path) }
	slices.SortFunc(u.files, byPath)
	slices.SortFunc(u.native, func(x, y Native) int { return cmp.Compare(x.Path, y.Path) })
	return &Contents{Files: u.files, Native: u.native}, nil
}

// unpacking is one run of Unpack.
type unpacking struct {
	a     *Archive
	files []File // by index of the member

	mu        sync.Mutex
	native    []Native
	refused   error // of the member that comes first in the archive
	refusedAt int
	fault     error // of the build machine: disk full, cancelled
}

// job is some files of one folder, so that the folder is opened once for all of
// them.
type job struct {
	dir     string
	members []int
	bytes   int64
}

const (
	jobFiles = 64
	jobBytes = 4 << 20
)

// makeFolders creates all folders, parents first.
func (u *unpacking) makeFolders(root *os.Root) error {
	folders := make(map[string]bool)
	for i := range u.a.members {
		addFolders(folders, u.a.members[i].name)
	}
	sorted := make([]string, 0, len(folders))
	for dir := range folders {
		sorted = append(sorted, dir)
	}
	slices.Sort(sorted)
	for _, dir := range sorted {
		if err := root.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// plan groups the members by folder, the largest jobs first, so that no worker
// is left with a long one at the end.
func (u *unpacking) plan() []job {
	var jobs []job
	open := make(map[string]int) // folder → its job that takes more
	for i := range u.a.members {
		m := &u.a.members[i]
		dir := path.Dir(m.name)
		at, ok := open[dir]
		if !ok || len(jobs[at].members) >= jobFiles || jobs[at].bytes+m.size > jobBytes {
			at = len(jobs)
			jobs = append(jobs, job{dir: dir})
			open[dir] = at
		}
		jobs[at].members = append(jobs[at].members, i)
		jobs[at].bytes += m.size
	}
	slices.SortStableFunc(jobs, func(x, y job) int { return cmp.Compare(y.bytes, x.bytes) })
	return jobs
}

func (u *unpacking) work(ctx context.Context, root *os.Root, queue <-chan job) {
	inf := inflaters.Get().(*inflater)
	defer inflaters.Put(inf)
	archive := &readAhead{r: u.a.r, buf: make([]byte, readAheadSize)}
	for j := range queue {
		dir, err := openFolder(root, j.dir)
		if err != nil {
			u.fail(j.members[0], err)
			return
		}
		for _, i := range j.members {
			if err := ctx.Err(); err != nil || u.stopped() {
				break
			}
			if err := u.write(ctx, dir, archive, inf, i); err != nil {
				u.fail(i, err)
			}
		}
		if err := dir.close(); err != nil {
			u.fail(j.members[0], err)
		}
	}
}

// write unpacks member i into its folder.
func (u *unpacking) write(ctx context.Context, dir folder, archive io.ReaderAt, inf *inflater, i int) (err error) {
	m := &u.a.members[i]
	mode := fs.FileMode(0o644)
	if m.executable() {
		mode = 0o755
	}
	f, err := dir.create(path.Base(m.name), mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()

	first, isNative := true, false
	digest, err := u.a.verify(archive, inf, i, func(part []byte) error {
		if first {
			first = false
			_, isNative = Sniff(m.name, part)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		_, err := f.Write(part)
		return err
	})
	if err != nil {
		return err
	}
	if isNative {
		if err := u.inspect(m, f); err != nil {
			return err
		}
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	u.files[i] = File{Path: m.name, SHA256: digest, Size: m.size, Executable: m.executable(), ModTime: info.ModTime()}
	return nil
}

const readAheadSize = 64 << 10

// readAhead serves small reads from what was read before: the members of a
// folder mostly follow one another in the archive.
type readAhead struct {
	r     io.ReaderAt
	buf   []byte
	block []byte // of buf: what is in the archive from off on
	off   int64
}

// ReadAt implements io.ReaderAt.
func (a *readAhead) ReadAt(p []byte, off int64) (int, error) {
	if len(p) > len(a.buf)/2 {
		return a.r.ReadAt(p, off)
	}
	if off < a.off || off+int64(len(p)) > a.off+int64(len(a.block)) {
		n, err := a.r.ReadAt(a.buf, off)
		a.off, a.block = off, a.buf[:n]
		if n < len(p) {
			return copy(p, a.block), err
		}
	}
	return copy(p, a.block[off-a.off:]), nil
}

// inspect notes what m is if it is machine code.
func (u *unpacking) inspect(m *member, content io.ReaderAt) error {
	native, err := Inspect(m.name, &readAhead{r: content, buf: make([]byte, readAheadSize)}, m.size)
	if errors.Is(err, ErrNotNative) {
		return nil
	}
	if err != nil {
		return err
	}
	u.mu.Lock()
	u.native = append(u.native, native)
	u.mu.Unlock()
	return nil
}

// fail notes an error. Refusals do not stop the others, so that which one is
// reported depends on the wheel alone; a fault of the machine does.
func (u *unpacking) fail(i int, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, ok := errors.AsType[*InvalidError](err); !ok {
		if u.fault == nil {
			u.fault = err
		}
	} else if u.refused == nil || i < u.refusedAt {
		u.refused, u.refusedAt = err, i
	}
}

func (u *unpacking) stopped() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.fault != nil
}

func (u *unpacking) failure(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case u.fault != nil:
		return u.fault
	}
	return u.refused
}
