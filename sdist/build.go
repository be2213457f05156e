package sdist

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/sdist/hooks"
	"github.com/xpip/xpip/sdist/project"
	"github.com/xpip/xpip/sdist/sandbox"
	"github.com/xpip/xpip/sdist/trap"
)

// Result is a wheel built from a source distribution, proven to have no machine
// code that the host could not load.
type Result struct {
	// WheelPath is the wheel, in the folder given to [Builder.Build], and
	// Filename its name.
	WheelPath, Filename string
	// Retagged tells that the build had given it a platform's tag, which was
	// BuiltAs.
	Retagged bool
	BuiltAs  string
	// Trapped tells that a compiler was called, and did without.
	Trapped bool
	// Switch is what it took to build without extension modules, if anything.
	Switch *Switch
	// SawBuildMachine tells that the project's code asked about the machine and
	// was told of the build machine, as the build failed with the host in view.
	SawBuildMachine bool
	// Asked are the facts about the machine that the project's code asked for.
	// None means that the result is the same for every host with this Python.
	Asked []string
	// BrokePromise tells that the wheel has other requirements than the source
	// distribution promised: what was decided by those has to be decided anew.
	BrokePromise bool
	// Notes are sentences for the user.
	Notes []string
	// Metadata are the wheel's.
	Metadata Metadata
	// Python is what built it.
	Python *BuildPython
	// Attempts is how many times it was built.
	Attempts int
	LogPath  string
}

type stackKey struct{}

// enter notes in ctx that a project is being built, and refuses one that is
// already.
func enter(ctx context.Context, name string) (context.Context, error) {
	if name == "" {
		return ctx, nil
	}
	stack, _ := ctx.Value(stackKey{}).([]string)
	if i := slices.Index(stack, name); i >= 0 {
		return ctx, &CycleError{Chain: append(slices.Clone(stack[i:]), name)}
	}
	return context.WithValue(ctx, stackKey{}, append(slices.Clip(stack), name)), nil
}

// Build builds req into the folder outDir, which exists and doesn't have that
// wheel yet. Its refusals are
// [*NeedsCompilerError], [*NativeContentError], [*WheelError], [*BuildError],
// [*RequirementError], [*CycleError], [*TimeoutError], [*SpaceError],
// [*sandbox.UnavailableError] and [*hooks.NoPythonError]; faults of the build
// machine and of the provisioner come as they are.
func (b *Builder) Build(ctx context.Context, req Request, outDir string) (*Result, error) {
	nested := ctx.Value(stackKey{}) != nil
	ctx, err := enter(ctx, requirements.NormalizeName(req.Name))
	if err != nil {
		return nil, err
	}
	if !nested { // a build for a build waits for nobody who waits for it
		select {
		case b.slots <- struct{}{}:
			defer func() { <-b.slots }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	in := req.Inspection
	if in == nil {
		if in, err = b.Inspect(ctx, req); err != nil {
			return nil, err
		}
	}
	if in.NeedsCompiler != nil {
		return nil, in.NeedsCompiler
	}
	if b.config.Sandbox == SandboxRequire && !b.support().Full() {
		return nil, &sandbox.UnavailableError{Missing: b.support().Missing}
	}
	python, err := b.Python(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.config.TempDir, "xpip-build-")
	if err != nil {
		return nil, fmt.Errorf("making a folder to build in: %w", err)
	}
	defer b.background.Go(func() { removeAll(dir) }) // nobody waits for that
	work, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("making a folder to build in: %w", err)
	}
	w := &building{
		Builder: b, req: req, subject: Subject{req.Name, req.Version}, python: python,
		work: work, outDir: outDir, requires: in.Requires, promised: in.Metadata,
	}
	if w.subject.Project == "" && in.Metadata != nil {
		w.subject = Subject{in.Metadata.Name, in.Metadata.Version}
	}
	return w.run(ctx)
}

// removeAll removes a build's folder, whatever modes the build gave to parts of
// it.
func removeAll(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) // what can't be changed can't be removed either
		}
		return nil
	})
	_ = os.RemoveAll(dir)
}

// building is one build of one request, over all its attempts.
type building struct {
	*Builder
	req      Request
	subject  Subject
	python   *BuildPython
	work     string
	outDir   string
	requires []string
	promised *Metadata // by the source distribution; nil for nothing

	log     *hooks.Log
	logPath string
	support sandbox.Support
	machine sandbox.Policy
	base    string // environment with the static requirements
	count   int
}

// run makes up to three attempts: with the host in view; without it if that may
// have been what failed; with a switch of the project if a compiler was needed.
func (w *building) run(ctx context.Context) (res *Result, err error) {
	if err := w.openLog(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.log.Close()) }()
	plan := variant{view: !w.config.NoHostView}
	first, err := w.begin(ctx, plan)
	if err != nil {
		return nil, err
	}
	res, asked, err := w.attempt(ctx, first)
	if plan.view && len(asked) > 0 && isBuildError(err) {
		plan.view = false
		var again error
		if res, again = w.again(ctx, plan); again == nil || !isBuildError(again) {
			err = again
		}
		if res != nil {
			res.SawBuildMachine = true
			res.Notes = append(res.Notes, "its build code asks about the machine ("+strings.Join(asked, ", ")+
				") and works only when it is shown the build machine: what it computed may not be meant for the host")
		}
	}
	var needs *NeedsCompilerError
	if errors.As(err, &needs) && !w.config.NoSwitches {
		if s, ok := SwitchFor(requirements.NormalizeName(w.subject.Project)); ok {
			plan.use = &s
			var again error
			if res, again = w.again(ctx, plan); again == nil {
				err = nil
				res.Notes = append(res.Notes, fmt.Sprintf("built without its extension modules by %s (%s)", s, s.Source))
			}
		}
	}
	if err != nil {
		return nil, err
	}
	res.Notes = append(res.Notes, w.unknownFacts(res.Asked)...)
	return res, nil
}

// unknownFacts tells of questions of the project's code whose answer nobody
// knows for this host.
func (w *building) unknownFacts(asked []string) []string {
	var notes []string
	for _, fact := range []string{"platform.release", "platform.version"} {
		value, _ := w.req.Host.Environment().Get(strings.ReplaceAll(fact, ".", "_"))
		if slices.Contains(asked, fact) && !value.Known {
			notes = append(notes, fmt.Sprintf("its build code asks for %s, which is not known for this host; %q was taken", fact, value.Text))
		}
	}
	return notes
}

func isBuildError(err error) bool {
	var build *BuildError
	return errors.As(err, &build)
}

func (w *building) openLog() error {
	if err := os.MkdirAll(w.config.LogDir, 0o700); err != nil {
		return fmt.Errorf("making the folder for build logs: %w", err)
	}
	name := requirements.NormalizeName(w.subject.Project)
	if !requirements.ValidName(name) {
		name = "project"
	}
	for _, part := range []string{w.subject.Version, w.req.Host.Platform()} {
		if part = strings.Map(fileRune, part); part != "" {
			name += "-" + part
		}
	}
	var err error
	w.logPath = filepath.Join(w.config.LogDir, name+".log")
	w.log, err = hooks.CreateLog(w.logPath)
	return err
}

func fileRune(r rune) rune {
	if r == '.' || r == '_' || r == '+' || r == '!' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' {
		return r
	}
	return -1
}

// environment makes an environment with the requirements in it. With
// NoIsolation there is none: "".
func (w *building) environment(ctx context.Context, name string, requires []string) (string, error) {
	if w.config.NoIsolation {
		return "", nil
	}
	for _, r := range requires {
		parsed, err := requirements.Parse(r)
		if err != nil {
			return "", &RequirementError{Subject: w.subject, Requirement: r, Reason: "is malformed", Err: err}
		}
		if parsed.URL != "" && w.req.FromIndex {
			return "", &RequirementError{Subject: w.subject, Requirement: r, Reason: "names a URL, which a project from an index may not"}
		}
	}
	dir := filepath.Join(w.work, name)
	if err := w.python.MakeEnvironment(dir); err != nil {
		return "", err
	}
	if len(requires) == 0 {
		return dir, nil
	}
	w.log.Printf("--- xpip: installing build requirements: %s", strings.Join(requires, ", "))
	if err := w.provisioner.Provision(ctx, dir, requires, w.python); err != nil {
		return "", fmt.Errorf("installing the build requirements of %q: %w", w.subject, err)
	}
	return dir, nil
}

// variant is how an attempt differs from others.
type variant struct {
	view bool
	use  *Switch
}

// begin makes the environment with the static requirements, which takes the
// network, and meanwhile lays out the first attempt.
func (w *building) begin(ctx context.Context, v variant) (*attempt, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		first  *attempt
		unfit  error
		laying sync.WaitGroup
	)
	laying.Go(func() {
		if w.config.Sandbox != SandboxOff {
			w.support = w.Sandbox()
		}
		w.machine = w.machinePolicy(w.python)
		if first, unfit = w.prepare(ctx, v); unfit != nil {
			cancel() // what is to build can't be
		}
	})
	base, err := w.environment(ctx, "base", w.requires)
	laying.Wait()
	if unfit != nil {
		return nil, unfit
	}
	w.base = base
	return first, err
}

// again builds once more, from a fresh copy of the source.
func (w *building) again(ctx context.Context, v variant) (*Result, error) {
	a, err := w.prepare(ctx, v)
	if err != nil {
		return nil, err
	}
	res, _, err := w.attempt(ctx, a)
	return res, err
}

// bounded returns a context that ends, with an error that says so, when more
// than an attempt's time or space is taken. The function ends the watch.
func (w *building) bounded(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, w.config.Timeout, &TimeoutError{w.subject, w.config.Timeout, w.logPath})
	ctx, done := w.watchSpace(ctx)
	return ctx, func() {
		done()
		cancel()
	}
}

// attempt builds once, and tells what the project's code asked for.
func (w *building) attempt(ctx context.Context, a *attempt) (*Result, []string, error) {
	ctx, done := w.bounded(ctx)
	defer done()
	wheel, err := a.build(ctx)
	calls, readErr := a.trap.Calls()
	if readErr != nil {
		return nil, a.asked, readErr
	}
	for _, c := range calls {
		w.log.Printf("--- xpip: trapped: %s (in %s)", c, c.Dir)
	}
	if err != nil {
		return nil, a.asked, a.judge(err, calls)
	}
	res, err := a.prove(ctx, wheel)
	if err != nil {
		return nil, a.asked, err
	}
	res.Trapped = slices.ContainsFunc(calls, func(c trap.Call) bool { return c.Kind() == trap.Compile })
	if res.Trapped && a.use == nil {
		res.Notes = append(res.Notes, "its optional extension modules were left out")
	}
	return res, a.asked, nil
}

// prepare lays out an attempt's folders: fresh source, private home and
// temporary folder, output, trap.
func (w *building) prepare(ctx context.Context, v variant) (*attempt, error) {
	ctx, done := w.bounded(ctx)
	defer done()
	w.count++
	dir := filepath.Join(w.work, fmt.Sprintf("attempt%d", w.count))
	a := &attempt{building: w, variant: v, dir: dir}
	folders := []string{w.pycache()}
	for _, name := range []string{"source", "home", "tmp", "out", "hooks", "trap", "jobs"} {
		folders = append(folders, filepath.Join(dir, name))
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, fmt.Errorf("preparing a build: %w", err)
		}
	}
	source, err := w.fetchSource(ctx, filepath.Join(dir, "source"))
	if err != nil {
		return nil, err
	}
	a.source = source
	p, err := project.Read(dirFiles(source))
	if err != nil {
		return nil, &BuildError{Subject: w.subject, Reason: err.Error(), Err: err}
	}
	a.project = p
	a.trap, err = trap.Set(filepath.Join(dir, "trap"), w.config.Self, w.config.Path(), a.untrapped()...)
	if err != nil {
		return nil, err
	}
	return a, nil
}
