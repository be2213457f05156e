package sdist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/sdist/hooks"
	"github.com/xpip/xpip/sdist/project"
	"github.com/xpip/xpip/sdist/sandbox"
	"github.com/xpip/xpip/sdist/trap"
	"github.com/xpip/xpip/sdist/unpack"
)

// Metadata is what resolving needs of a project, and where it was read.
type Metadata = project.Metadata

// BuildPython is the Python of the build machine that runs a backend.
type BuildPython = hooks.Python

// Provisioner fills build environments.
type Provisioner interface {
	// Provision installs the requirements (PEP 508), and what they require, for
	// the build machine's Python into the virtual environment at dir, which has
	// no packages yet. Packages go to python.Purelib below dir, scripts to
	// python.Scripts(dir), for the interpreter python.Interpreter(dir). Where it
	// has to build one of them, it passes ctx on to [Builder.Build], which finds
	// cycles by it.
	Provision(ctx context.Context, dir string, requires []string, python *BuildPython) error
}

// SandboxMode says what to do about the sandbox.
type SandboxMode int

const (
	// SandboxAuto enforces what the build machine can.
	SandboxAuto SandboxMode = iota
	// SandboxRequire refuses to build where something can't be enforced.
	SandboxRequire
	// SandboxOff enforces nothing but limits.
	SandboxOff
)

// Config is how a [Builder] builds. The zero value has sensible defaults.
type Config struct {
	// Python is the program to build with; "" finds the one on Path whose
	// version is nearest to the host's.
	Python string
	// Describe asks a program what Python it is; nil is [host.Native]. It may
	// remember what programs answered.
	Describe func(ctx context.Context, program string) (*host.Host, error)
	// NoIsolation builds in Python's own environment instead of a fresh one.
	NoIsolation bool
	// Path returns the folders where programs are found; nil is PATH. It is asked
	// when something is built.
	Path func() []string
	// Self is the running program, which is trap and sandbox helper too; "" is
	// [os.Executable].
	Self string
	// TempDir is where builds happen; "" is the system's.
	TempDir string
	// LogDir is where logs are kept; "" is xpip/logs in the user's cache folder.
	LogDir string
	// Sandbox says what to do about the sandbox.
	Sandbox SandboxMode
	// Network leaves builds the network.
	Network bool
	// Timeout bounds each attempt at a build; 0 means 30 minutes.
	Timeout time.Duration
	// Space bounds the bytes in a build's folder, its environments included; 0
	// means 16 GiB.
	Space int64
	// Memory bounds the address space of each process; 0 means 8 GiB, less than
	// 0 no bound. Linux only.
	Memory int64
	// Environ are additional variables for builds, "NAME=value".
	Environ []string
	// NoSwitches keeps to what a project does by itself.
	NoSwitches bool
	// NoRetag refuses wheels that are pure only by content.
	NoRetag bool
	// NoHostView shows builds the build machine.
	NoHostView bool
	// Limits bounds what an archive may unfold to.
	Limits unpack.Limits
	// Jobs bounds how many builds run at once; 0 means one for each processor.
	Jobs int
	// Salt is made part of every cache key: what the provisioner depends on,
	// such as build constraints.
	Salt string
}

const (
	defaultTimeout = 30 * time.Minute
	defaultSpace   = 16 << 30
	defaultMemory  = 8 << 30
	maxFileSize    = 4 << 30
	maxProcesses   = 1024
)

// Request is one source distribution to build for one host.
type Request struct {
	// Archive is the file of the source distribution, and Filename its own name
	// if the file is called otherwise (in a cache).
	Archive, Filename string
	// Dir is a project's folder instead of an archive. It is copied.
	Dir string
	// Subdirectory is where the project lies in archive or folder,
	// slash-separated; "" is its root.
	Subdirectory string
	// SHA256 is the archive's digest in hexadecimal, if it is known.
	SHA256 string
	// Name and Version are what it has to be; empty when not known.
	Name, Version string
	// Host is whom it is for.
	Host *host.Host
	// ConfigSettings are passed to the backend; a single value as a string,
	// several as a list (as pip does).
	ConfigSettings map[string][]string
	// Inspection is the answer of [Builder.Inspect] for this request, if it was
	// asked for already.
	Inspection *Inspection
	// Foreign tells that Dir is not the user's own (a checkout): links out of it
	// are not followed when it is copied.
	Foreign bool
	// FromIndex refuses build requirements by URL or path: an index vouches for
	// names only.
	FromIndex bool
}

// filename is the name that tells the archive's format.
func (r Request) filename() string {
	if r.Filename != "" {
		return r.Filename
	}
	return filepath.Base(r.Archive)
}

// Builder builds source distributions. It is safe for concurrent use.
type Builder struct {
	config      Config
	provisioner Provisioner
	slots       chan struct{}
	support     func() sandbox.Support
	programs    func() []string

	life       context.Context // of searches
	end        context.CancelFunc
	background sync.WaitGroup // searches, and folders that are being removed

	mu      sync.Mutex
	pythons map[int]*search
}

// search is the search for a Python of one minor version.
type search struct {
	done   chan struct{} // closed when the others may be read
	python *BuildPython
	err    error
}

// New makes a builder. The caller closes it.
func New(config Config, provisioner Provisioner) (*Builder, error) {
	if config.Self == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("finding the running program: %w", err)
		}
		config.Self = self
	}
	self, err := filepath.EvalSymlinks(config.Self)
	if err != nil {
		return nil, fmt.Errorf("finding the running program: %w", err)
	}
	config.Self = self
	path := config.Path
	if path == nil {
		path = func() []string { return filepath.SplitList(os.Getenv("PATH")) }
	}
	config.Path = sync.OnceValue(func() []string {
		return slices.DeleteFunc(slices.Clone(path()), func(dir string) bool { return !filepath.IsAbs(dir) })
	})
	if config.LogDir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("finding a place for build logs: %w", err)
		}
		config.LogDir = filepath.Join(cache, "xpip", "logs")
	}
	if config.Space == 0 {
		config.Space = defaultSpace
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	if config.Memory == 0 {
		config.Memory = defaultMemory
	}
	if config.Jobs <= 0 {
		config.Jobs = runtime.GOMAXPROCS(0)
	}
	if config.Describe == nil {
		config.Describe = host.Native
	}
	life, end := context.WithCancel(context.Background())
	return &Builder{
		config: config, provisioner: provisioner, pythons: map[int]*search{}, life: life, end: end,
		slots:   make(chan struct{}, config.Jobs),
		support: sync.OnceValue(func() sandbox.Support { return sandbox.Probe(self) }),
		programs: sync.OnceValue(func() []string {
			return sandbox.Programs(config.Path(), trap.Replaces)
		}),
	}, nil
}

// Main plays the compiler trap or the sandbox's helper if that is what the
// program was started as. A program that builds calls it before anything else
// in its main function, and ends with exit if it was handled.
func Main(args []string) (handled bool, exit int) {
	if handled, exit = trap.Main(args); handled {
		return true, exit
	}
	return sandbox.Main(args)
}

// Sandbox tells what of the sandbox this machine can enforce. The first call
// finds out.
func (b *Builder) Sandbox() sandbox.Support { return b.support() }

// Close ends the search for Pythons, and returns when no program runs any more
// that was asked and nothing is left of the builds, which have ended.
func (b *Builder) Close() {
	b.mu.Lock()
	b.end() // from here on no search begins
	b.mu.Unlock()
	b.background.Wait()
}

// Seek begins to find the Python that builds for a host, unless that has begun
// already: [Builder.Python] will have to wait less.
func (b *Builder) Seek(h *host.Host) { b.seek(h.Python().Minor) }

func (b *Builder) seek(minor int) *search {
	if b.config.Python != "" {
		minor = 0 // it is the same for all
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.pythons[minor]; s != nil {
		return s
	}
	s := &search{done: make(chan struct{})}
	if s.err = b.life.Err(); s.err != nil {
		close(s.done)
		return s
	}
	b.pythons[minor] = s
	b.background.Go(func() {
		defer close(s.done)
		s.python, s.err = b.findPython(b.life, minor)
	})
	return s
}

// Python returns the Python that builds for a host, found at the first call.
// The error is a [*hooks.NoPythonError] when there is none.
func (b *Builder) Python(ctx context.Context, h *host.Host) (*BuildPython, error) {
	s := b.seek(h.Python().Minor)
	select {
	case <-s.done:
		return s.python, s.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b *Builder) findPython(ctx context.Context, minor int) (*BuildPython, error) {
	describe := hooks.Describer(b.config.Describe)
	if b.config.Python == "" {
		return describe.Find(ctx, b.config.Path(), minor)
	}
	program := b.config.Python
	if filepath.Base(program) == program {
		for _, dir := range b.config.Path() {
			if info, err := os.Stat(filepath.Join(dir, program)); err == nil && !info.IsDir() {
				program = filepath.Join(dir, program)
				break
			}
		}
	}
	program, err := filepath.Abs(program)
	if err != nil {
		return nil, fmt.Errorf("finding the Python to build with: %w", err)
	}
	p, err := describe.Ask(ctx, program)
	if err != nil {
		return nil, err
	}
	if b.config.NoIsolation {
		p.Executable = program // its own environment is what is wanted
	}
	return p, nil
}

// Inspection is what a source distribution says without being run.
type Inspection struct {
	// Metadata is what it promises its wheels will say; nil if it promises
	// nothing.
	Metadata *Metadata
	// NeedsCompiler is the verdict if the files alone tell it, else nil.
	NeedsCompiler *NeedsCompilerError
	// Backend is the build backend, and Requires what that requires.
	Backend  string
	Requires []string
}

// Inspect reads a source distribution without running or writing anything.
func (b *Builder) Inspect(ctx context.Context, req Request) (*Inspection, error) {
	subject := Subject{req.Name, req.Version}
	files, err := b.files(ctx, req)
	if err != nil {
		return nil, &BuildError{Subject: subject, Reason: err.Error(), Err: err}
	}
	p, err := project.Read(files)
	if err != nil {
		return nil, &BuildError{Subject: subject, Reason: err.Error(), Err: err}
	}
	in := &Inspection{Backend: p.Backend, Requires: p.Requires}
	m, promised, err := p.StaticMetadata()
	if err != nil {
		return nil, &BuildError{Subject: subject, Backend: p.Backend, Reason: err.Error(), Err: err}
	}
	if promised {
		if err := project.CheckIdentity(m.Source, m.Name, m.Version, req.Name, req.Version); err != nil {
			return nil, &BuildError{Subject: subject, Backend: p.Backend, Reason: err.Error(), Err: err}
		}
		in.Metadata = &m
	}
	in.NeedsCompiler = staticVerdict(p, req)
	return in, nil
}

// files opens a request's tree for reading.
func (b *Builder) files(ctx context.Context, req Request) (project.Files, error) {
	if req.Dir != "" {
		return dirFiles(filepath.Join(req.Dir, filepath.FromSlash(req.Subdirectory))), nil
	}
	prefix := ""
	if req.Subdirectory != "" {
		prefix = req.Subdirectory + "/"
	}
	peeked, err := unpack.Peek(ctx, req.Archive, req.filename(), b.config.Limits, func(name string) int64 {
		if len(name) <= len(prefix) || name[:len(prefix)] != prefix {
			return 0
		}
		return project.Wanted(name[len(prefix):])
	})
	if err != nil {
		return nil, err
	}
	const file = "pyproject.toml" // what is too large is not kept, and must not count as absent
	if _, err := peeked.ReadFile(prefix + file); err != nil && slices.Contains(peeked.Names, prefix+file) {
		return nil, project.TooLarge(file)
	}
	return subFiles{peeked, prefix}, nil
}

// dirFiles reads below a folder of the build machine, and follows no link out of
// it.
type dirFiles string

func (d dirFiles) ReadFile(name string) ([]byte, error) {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, &os.PathError{Op: "read", Path: name, Err: os.ErrNotExist}
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, project.Wanted(name)))
}

// subFiles are the files below a prefix.
type subFiles struct {
	files  project.Files
	prefix string
}

func (s subFiles) ReadFile(name string) ([]byte, error) { return s.files.ReadFile(s.prefix + name) }

// staticVerdict is what the project's files alone tell about a compiler.
func staticVerdict(p *project.Project, req Request) *NeedsCompilerError {
	v, native := p.NeedsCompiler()
	if !native {
		return nil
	}
	return &NeedsCompilerError{
		Subject: Subject{req.Name, req.Version}, Host: req.Host.Name(), Backend: v.Backend, Languages: v.Languages,
		Static: true, Reason: v.Reason, External: p.External,
	}
}

// keyVersion grows when the same input is built differently than before.
const keyVersion = 1

// Key is the key of the result of building req: whoever has a result under it
// can do without building. ok is false for folders, which may change unnoticed.
// A result is never shared between hosts that a build can tell apart.
func (b *Builder) Key(ctx context.Context, req Request) (key string, ok bool, err error) {
	if req.Archive == "" {
		return "", false, nil
	}
	python, err := b.Python(ctx, req.Host)
	if err != nil {
		return "", false, err
	}
	digest := req.SHA256
	if digest == "" {
		if digest, err = fileDigest(req.Archive); err != nil {
			return "", false, err
		}
	}
	c := b.config
	parts, err := json.Marshal([]any{
		keyVersion, trap.Version, digest, req.Subdirectory, hooks.ViewOf(req.Host), req.Host.Platform(), req.ConfigSettings,
		requirements.NormalizeName(req.Name), python.Version, python.Implementation, python.Platform,
		c.NoIsolation, c.Network, c.Environ, c.NoSwitches, c.NoRetag, c.NoHostView, c.Salt, c.Sandbox == SandboxOff,
	})
	if err != nil {
		return "", false, fmt.Errorf("making the key of a build: %w", err)
	}
	sum := sha256.Sum256(parts)
	return hex.EncodeToString(sum[:]), true, nil
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("hashing a source archive: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("hashing a source archive: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
