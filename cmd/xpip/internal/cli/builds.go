package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/sdist"
	"github.com/xpip/xpip/sdist/hooks"
	"github.com/xpip/xpip/wheel"
)

const (
	cacheKindBuilt    = "built-v1"    // wheels made of sdists, by sdist.Builder.Key
	cacheKindVerdicts = "verdicts-v1" // refusals to build, by the same key
)

// origin is where a candidate comes from: a file of an index or a URL, or a
// folder of this machine. It is the source's handle on a resolver.File.
type origin struct {
	file         *index.File // nil for a folder
	dir          string
	subdirectory string
	settings     map[string][]string // for the build backend
	direct       bool                // named by the user, not found by name
	locked       bool                // the only file of its project, by a lock
	url          string              // of the repository that dir is a checkout of
	vcs          *installer.VCSInfo
}

// id tells origins apart.
func (o *origin) id() string {
	if o.file != nil {
		return o.file.URL + "#" + o.subdirectory
	}
	return o.dir + "#" + o.subdirectory
}

// builds makes wheels of sdists for one host, each once, and keeps them. Build
// environments have builds of their own, so that no build waits for one that
// waits for it.
type builds struct {
	builder  *sdist.Builder
	client   *index.Client
	host     *host.Host
	say      func(format string, args ...any)
	detail   func(format string, args ...any) // for who wants to know more
	nested   bool                             // for a build environment
	temp     string                           // folder for wheels that are not kept
	settings map[string][]string              // for every build backend

	life    context.Context // of the jobs, which outlive the question that starts them
	end     context.CancelFunc
	running sync.WaitGroup

	mu   sync.Mutex
	jobs map[string]*job
}

// newBuilds begins the life of b, which lasts until ctx or [builds.close] end it.
func newBuilds(ctx context.Context, b *builds) *builds {
	b.life, b.end = context.WithCancel(ctx)
	b.jobs = map[string]*job{}
	return b
}

// close ends what has been begun and is not done, and waits until nothing of it
// runs any more.
func (b *builds) close() {
	b.mu.Lock()
	b.end() // from here on no job begins
	b.mu.Unlock()
	b.running.Wait()
}

// job is one sdist on its way to a wheel.
type job struct {
	inspected chan struct{} // closed when metadata may be read
	done      chan struct{} // closed when wheel or err may be read
	metadata  *sdist.Metadata
	wheel     *builtWheel
	err       error
}

// builtWheel is a wheel made of an sdist, as it lies in the cache.
type builtWheel struct {
	Filename string   `json:"filename"`
	Notes    []string `json:"notes,omitempty"`
	Retagged bool     `json:"retagged,omitempty"`
	BuiltAs  string   `json:"built_as,omitempty"`
	SHA256   string   `json:"sha256"`
	// SawBuildMachine: what it computed may not be meant for the host.
	SawBuildMachine bool `json:"saw_build_machine,omitempty"`
	path            string
	metadata        *wheel.Metadata
}

// start begins to build what o names, unless that has begun already.
func (b *builds) start(ctx context.Context, o *origin, name, version string) *job {
	b.mu.Lock()
	defer b.mu.Unlock()
	if j := b.jobs[o.id()]; j != nil {
		return j
	}
	j := &job{inspected: make(chan struct{}), done: make(chan struct{})}
	b.jobs[o.id()] = j
	if j.err = b.life.Err(); j.err != nil {
		close(j.done)
		return j
	}
	b.builder.Seek(b.host) // while the sdist comes here and is read
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(b.life, cancel)
	b.running.Go(func() {
		defer close(j.done)
		defer cancel()
		defer stop()
		j.wheel, j.err = b.run(ctx, j, o, name, version)
	})
	return j
}

// finished reports whether there is a wheel, or none to be had.
func (j *job) finished() bool {
	select {
	case <-j.done:
		return true
	default:
		return false
	}
}

// wait returns the wheel when it is built.
func (j *job) wait(ctx context.Context) (*builtWheel, error) {
	select {
	case <-j.done:
		return j.wheel, j.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run brings the sdist here, reads it, and builds it if that promises anything.
func (b *builds) run(ctx context.Context, j *job, o *origin, name, version string) (*builtWheel, error) {
	inspected := sync.OnceFunc(func() { close(j.inspected) })
	defer inspected()
	req := sdist.Request{
		Name: name, Version: version, Host: b.host, Dir: o.dir, Subdirectory: o.subdirectory,
		ConfigSettings: merged(b.settings, o.settings), FromIndex: !o.direct, Foreign: o.vcs != nil,
	}
	if o.file != nil {
		blob, err := b.client.Download(ctx, *o.file, nil)
		if err != nil {
			return nil, err
		}
		req.Archive, req.Filename, req.SHA256 = blob.Path, o.file.Filename, blob.SHA256
	}
	facts, err := b.builder.Inspect(ctx, req)
	if err != nil {
		return nil, err
	}
	if facts.NeedsCompiler != nil {
		return nil, facts.NeedsCompiler
	}
	req.Inspection = facts
	j.metadata = facts.Metadata
	inspected()
	return b.kept(ctx, request{req, o.title(name)})
}

// merged adds the settings of one requirement to those of all.
func merged(all, own map[string][]string) map[string][]string {
	out := maps.Clone(all)
	if out == nil {
		return own
	}
	maps.Copy(out, own)
	return out
}

// request is a build with what to call it.
type request struct {
	sdist.Request
	title string
}

// title is what to call the project before its metadata are known.
func (o *origin) title(name string) string {
	switch {
	case name != "":
		return name
	case o.url != "":
		return transport.Redact(o.url)
	case o.file != nil:
		return o.file.Filename
	}
	return o.dir
}

// kept builds a request, or finds the outcome of an earlier build.
func (b *builds) kept(ctx context.Context, req request) (*builtWheel, error) {
	key, keep, err := b.builder.Key(ctx, req.Request)
	if err != nil {
		return nil, err
	}
	store := b.client.Store()
	if !keep { // a folder may change unnoticed: it is built every time
		return b.buildAside(ctx, req)
	}
	if data, err := store.Get(cacheKindVerdicts, key); err == nil {
		var verdict sdist.NeedsCompilerError
		if json.Unmarshal(data, &verdict) == nil {
			return nil, &verdict
		}
	}
	built, err := b.stored(ctx, req, key)
	var verdict *sdist.NeedsCompilerError
	if errors.As(err, &verdict) {
		if data, marshalErr := json.Marshal(verdict); marshalErr == nil {
			_ = store.Put(cacheKindVerdicts, key, data) // only a cache
		}
	}
	return built, err
}

// stored builds a request into the store, unless it is there. A nested build
// is made aside first: it must not hold the lock of an entry while it builds.
func (b *builds) stored(ctx context.Context, req request, key string) (*builtWheel, error) {
	store := b.client.Store()
	fill := func(dir string) error { return b.build(ctx, req, dir) }
	if b.nested {
		if dir, ok := store.HasDir(cacheKindBuilt, key); ok {
			return readBuilt(dir)
		}
		aside, err := b.buildAside(ctx, req)
		if err != nil {
			return nil, err
		}
		fill = func(dir string) error { return os.CopyFS(dir, os.DirFS(filepath.Dir(aside.path))) }
	}
	dir, err := store.Dir(ctx, cacheKindBuilt, key, fill)
	if err != nil {
		return nil, err
	}
	return readBuilt(dir)
}

// buildAside builds a request into a temporary folder that goes with the session.
func (b *builds) buildAside(ctx context.Context, req request) (*builtWheel, error) {
	dir, err := os.MkdirTemp(b.temp, "wheel-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for a wheel: %w", err)
	}
	if err := b.build(ctx, req, dir); err != nil {
		return nil, err
	}
	return readBuilt(dir)
}

const builtFacts = "built.json"

// build builds req into dir and writes down beside the wheel how it went.
func (b *builds) build(ctx context.Context, req request, dir string) error {
	python, err := b.builder.Python(ctx, b.host)
	if err != nil {
		return err
	}
	b.say("Building %s from source, without a compiler, with %s", strings.TrimSpace(req.title+" "+req.Version), python)
	result, err := b.builder.Build(ctx, req.Request, dir)
	for _, missing := range b.builder.Sandbox().Missing {
		b.detail("The build sandbox is not complete on this machine: %s", missing)
	}
	if err != nil {
		return err
	}
	sum, err := fileHash(result.WheelPath, "sha256")
	if err != nil {
		return fmt.Errorf("hashing a built wheel: %w", err)
	}
	built := builtWheel{
		Filename: result.Filename, Notes: result.Notes, SHA256: sum,
		Retagged: result.Retagged, BuiltAs: result.BuiltAs, SawBuildMachine: result.SawBuildMachine,
	}
	data, err := json.Marshal(built)
	if err != nil {
		return fmt.Errorf("recording a build: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, builtFacts), data, 0o600)
}

// readBuilt reads what build left in dir.
func readBuilt(dir string) (*builtWheel, error) {
	data, err := os.ReadFile(filepath.Join(dir, builtFacts))
	if err != nil {
		return nil, fmt.Errorf("reading a built wheel: %w", err)
	}
	var b builtWheel
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("reading a built wheel: %w", err)
	}
	b.path = filepath.Join(dir, b.Filename)
	archive, err := wheel.OpenFile(b.path, wheel.Limits{})
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	b.metadata = archive.Metadata()
	return &b, nil
}

// refusal turns what a build failed with into the resolver's words: whatever is
// wrong with the sdist means that the version does not exist for the host. Other
// errors (the network's, the machine's) come back as they are.
func refusal(file string, err error) error {
	var (
		compiler *sdist.NeedsCompilerError
		build    *sdist.BuildError
		native   *sdist.NativeContentError
		made     *sdist.WheelError
		needs    *sdist.RequirementError
		cycle    *sdist.CycleError
		timeout  *sdist.TimeoutError
		space    *sdist.SpaceError
		python   *hooks.NoPythonError
	)
	refuse := func(reason, log string) error {
		return &resolver.NeedsCompilerError{File: file, Reason: reason, Log: log, Err: err}
	}
	switch {
	case errors.As(err, &compiler):
		return refuse("needs a compiler: "+compiler.Reason, compiler.LogPath)
	case errors.As(err, &build):
		return refuse("could not be built: "+build.Reason, build.LogPath)
	case errors.As(err, &native):
		return refuse(native.Error(), native.LogPath)
	case errors.As(err, &made):
		return refuse(made.Error(), made.LogPath)
	case errors.As(err, &timeout):
		return refuse(timeout.Error(), timeout.LogPath)
	case errors.As(err, &space):
		return refuse(space.Error(), space.LogPath)
	case errors.As(err, &needs):
		return refuse("can't be built: "+needs.Error(), "")
	case errors.As(err, &cycle):
		return refuse("can't be built: "+cycle.Error(), "")
	case errors.As(err, &python):
		return &resolver.NeedsCompilerError{
			File: file, Reason: "can't be built here: " + python.Error(), Err: err,
			Remedy: resolver.Suggestion{Text: "install a Python 3 on this machine, or name one", Command: "--build-python PATH"},
		}
	}
	return err
}
