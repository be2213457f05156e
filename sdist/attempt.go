package sdist

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/sdist/hooks"
	"github.com/xpip/xpip/sdist/project"
	"github.com/xpip/xpip/sdist/sandbox"
	"github.com/xpip/xpip/sdist/trap"
)

// sourceDate is SOURCE_DATE_EPOCH of every build: the second day that a zip
// archive can express, so that it can in every time zone.
const sourceDate = "315619200"

// attempt is one run of a project's hooks.
type attempt struct {
	*building
	variant
	dir     string
	source  string // the project's folder, absolute
	project *project.Project
	trap    *trap.Trap
	env     string
	asked   []string
	jobs    int
}

// untrapped are tools of the trap that this backend needs to work at all:
// meson-python drives even pure projects by ninja, which calls no compiler of
// its own.
func (a *attempt) untrapped() []string {
	if module, _, _ := strings.Cut(a.project.Backend, ":"); module == "mesonpy" {
		return []string{"ninja", "ninja-build", "samu"}
	}
	return nil
}

// toolchains are build requirements that only a project about to compile asks
// for when it finds no tool.
var toolchains = map[string]string{
	"cmake": "CMake", "ninja": "Ninja", "ziglang": "Zig", "puccinialin": "Rust", "rust": "Rust",
}

// build runs the hooks and returns the wheel's path.
func (a *attempt) build(ctx context.Context) (string, error) {
	a.log.Printf("--- xpip: building %s with %s by %s%s", a.subject, a.python, a.project.Backend, a.words())
	runner := &hooks.Runner{
		Source: a.source, Work: filepath.Join(a.dir, "hooks"), Start: a.start, Output: a.log,
		Bytecode: a.pycache(), Backend: hooks.Backend{Name: a.project.Backend, Path: a.project.BackendPath},
	}
	if a.view {
		view := hooks.ViewOf(a.req.Host)
		runner.View = &view
	}
	a.env = a.base
	runner.Python = a.interpreter()
	config, out := a.settings(), filepath.Join(a.dir, "out")
	wheel, more, asked, err := runner.Build(ctx, out, config, a.requires)
	a.ask(asked)
	if err != nil || len(more) == 0 {
		return wheel, err
	}
	if err := a.refuseToolchain(more); err != nil {
		return "", err
	}
	name := fmt.Sprintf("environment%d", a.count)
	if a.env, err = a.environment(ctx, name, slices.Concat(a.requires, more)); err != nil {
		return "", err
	}
	runner.Python = a.interpreter()
	wheel, asked, err = runner.BuildWheel(ctx, out, config)
	a.ask(asked)
	return wheel, err
}

// words describes the variant for the log.
func (a *attempt) words() string {
	s := ""
	if a.view {
		s = ", with " + a.req.Host.Name() + " in view"
	}
	if a.use != nil {
		s += ", with " + a.use.String()
	}
	return s
}

func (a *attempt) ask(facts []string) {
	a.asked = append(a.asked, facts...)
	slices.Sort(a.asked)
	a.asked = slices.Compact(a.asked)
}

// refuseToolchain recognises a backend that, for want of a compiler, asks for
// one as a package.
func (a *attempt) refuseToolchain(requires []string) error {
	for _, r := range requires {
		parsed, err := requirements.Parse(r)
		if err != nil {
			return &RequirementError{Subject: a.subject, Requirement: r, Reason: "is malformed", Err: err}
		}
		tool, ok := toolchains[parsed.Key()]
		if !ok || !parsed.Marker.IsZero() || slices.Contains(a.untrapped(), parsed.Key()) {
			continue
		}
		return &NeedsCompilerError{
			Subject: a.subject, Host: a.req.Host.Name(), Backend: a.backend(), Probed: true, External: a.project.External,
			Reason: fmt.Sprintf("%s asked for %s (build requirement %q)", a.backend(), tool, r), LogPath: a.logPath,
		}
	}
	return nil
}

// settings turns config settings into what PEP 517 passes: a string for one
// value, a list for several.
func (a *attempt) settings() map[string]any {
	config := map[string]any{}
	for k, v := range a.req.ConfigSettings {
		if len(v) == 1 {
			config[k] = v[0]
		} else {
			config[k] = v
		}
	}
	return config
}

func (a *attempt) interpreter() string {
	if a.env == "" {
		return a.python.Executable
	}
	return a.python.Interpreter(a.env)
}

// backend is what people call the project's backend.
func (a *attempt) backend() string {
	module, _, _ := strings.Cut(a.project.Backend, ":")
	first, _, _ := strings.Cut(module, ".")
	switch first {
	case "mesonpy":
		return "meson-python"
	case "poetry":
		return "poetry-core"
	case "flit_core", "scikit_build_core", "py_build_cmake", "pdm", "hatchling", "maturin":
		return strings.ReplaceAll(first, "_", "-")
	}
	return first
}

// start prepares a process of the build: in the sandbox, with an environment of
// its own.
func (a *attempt) start(ctx context.Context, argv ...string) (*exec.Cmd, func(), error) {
	a.jobs++
	job := filepath.Join(a.dir, "jobs", fmt.Sprintf("%d.json", a.jobs))
	cmd, err := sandbox.Command(ctx, a.config.Self, job, a.policy(), a.support, argv...)
	if err != nil {
		return nil, nil, err
	}
	cmd.Env = a.environ()
	return cmd, func() { sandbox.Finish(cmd) }, nil
}

// environ is the whole environment of a build; nothing of the user's comes
// along but what is named here.
func (a *attempt) environ() []string {
	path := []string{a.trap.Bin()}
	if a.env != "" {
		path = append(path, a.python.Scripts(a.env))
	}
	path = append(path, a.config.Path()...)
	home, tmp := filepath.Join(a.dir, "home"), filepath.Join(a.dir, "tmp")
	env := map[string]string{
		"PATH": strings.Join(path, string(filepath.ListSeparator)),
		"HOME": home, "TMPDIR": tmp, "TMP": tmp, "TEMP": tmp,
		"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": sourceDate,
		"PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1",
		"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
	}
	if runtime.GOOS == "windows" {
		env["USERPROFILE"] = home
		for _, name := range []string{"SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "NUMBER_OF_PROCESSORS"} {
			env[name] = os.Getenv(name)
		}
	}
	if a.config.Network {
		for _, name := range []string{"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
			if v, ok := os.LookupEnv(name); ok {
				env[name] = v
			}
		}
	}
	if a.env != "" {
		env["VIRTUAL_ENV"] = a.env
	}
	set := func(pairs []string) {
		for _, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			env[name] = value
		}
	}
	set(a.trap.Environ())
	set(a.config.Environ)
	if a.use != nil {
		env[a.use.Variable] = a.use.Value
	}
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// pycache is the folder for bytecode of this build: compiled once for all hooks
// and attempts, and for no other build.
func (w *building) pycache() string { return filepath.Join(w.work, "pycache") }

// policy is what the attempt may touch.
func (a *attempt) policy() sandbox.Policy {
	p := a.machine
	p.Writable, p.Programs = slices.Clip(p.Writable), slices.Clip(p.Programs)
	for _, name := range []string{"source", "home", "tmp", "out", "hooks"} {
		p.Writable = append(p.Writable, filepath.Join(a.dir, name))
	}
	p.Writable = append(p.Writable, a.trap.Log(), a.pycache())
	p.Programs = append(p.Programs, a.trap.Bin())
	if a.env != "" {
		p.Programs = append(p.Programs, a.env)
	}
	for _, name := range a.untrapped() {
		for _, dir := range a.config.Path() {
			p.Programs = append(p.Programs, filepath.Join(dir, name))
		}
	}
	return p
}

// machinePolicy is what every attempt needs of the build machine.
func (b *Builder) machinePolicy(python *BuildPython) sandbox.Policy {
	p := sandbox.System()
	programs, folders := interpreterPaths(python)
	p.Programs = slices.Concat(p.Programs, []string{b.config.Self}, b.programs(), programs)
	p.Readable = append(p.Readable, folders...)
	p.Network = b.config.Network
	p.Limits = sandbox.Limits{CPU: b.config.Timeout, FileSize: maxFileSize, Memory: b.config.Memory, Processes: maxProcesses}
	return p
}

// interpreterPaths are the programs that come with a Python, and the folders
// that it reads. What lies beside it in a folder shared with the system is not
// among them.
func interpreterPaths(p *BuildPython) (programs, folders []string) {
	real, err := filepath.EvalSymlinks(p.Executable)
	if err != nil {
		real = p.Executable
	}
	programs = append(sandbox.Programs([]string{filepath.Dir(real)}, trap.Replaces), real)
	folders = append(folders, p.Paths...)
	if home, err := os.UserHomeDir(); err == nil && p.Prefix == home {
		return programs, folders
	}
	switch filepath.Clean(p.Prefix) {
	case "/", "/usr", "/usr/local", ".":
		return programs, folders
	}
	entries, _ := os.ReadDir(p.Prefix) // gone with its Python
	for _, e := range entries {
		if name := strings.ToLower(e.Name()); name != "bin" && name != "scripts" {
			folders = append(folders, filepath.Join(p.Prefix, e.Name()))
		}
	}
	// A virtual environment's own interpreter, when it is used as it is.
	if dir := filepath.Dir(filepath.Dir(p.Executable)); dir != p.Prefix {
		if _, err := os.Stat(filepath.Join(dir, "pyvenv.cfg")); err == nil {
			folders = append(folders, dir)
		}
	}
	return programs, folders
}

// judge turns the failure of a build into a verdict by what the trap saw.
func (a *attempt) judge(err error, calls []trap.Call) error {
	var hook *hooks.Error
	if !errors.As(err, &hook) {
		return err
	}
	if hook.Hook == "backend-path" {
		return a.failed(hook.Error(), err)
	}
	first, kind := strongest(calls)
	if first == nil {
		return a.failed(hook.Error(), err)
	}
	what := map[trap.Kind]string{
		trap.Compile: "%s called %q", trap.Probe: "%s looked for a compiler (%q)", trap.Search: "%s looked for a C library (%q)",
	}
	needs := &NeedsCompilerError{
		Subject: a.subject, Host: a.req.Host.Name(), Backend: a.backend(), Call: first, Source: first.Source(),
		Probed: kind != trap.Compile, External: a.project.External, LogPath: a.logPath,
		Reason: fmt.Sprintf(what[kind], a.backend(), first.String()),
	}
	for _, c := range calls {
		if l := c.Language(); l != "" && c.Kind() == kind && !slices.Contains(needs.Languages, l) {
			needs.Languages = append(needs.Languages, l)
		}
	}
	return needs
}

// strongest returns the first call of the kind that proves most.
func strongest(calls []trap.Call) (*trap.Call, trap.Kind) {
	for _, kind := range []trap.Kind{trap.Compile, trap.Probe, trap.Search} {
		if i := slices.IndexFunc(calls, func(c trap.Call) bool { return c.Kind() == kind }); i >= 0 {
			return &calls[i], kind
		}
	}
	return nil, 0
}

// accepted reports whether the build Python is one that a Requires-Python
// names.
func (a *attempt) accepted(wants string) bool {
	specifiers, err := pep440.ParseSpecifiers(wants)
	v := a.python.Version
	version, versionErr := pep440.Parse(fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]))
	return err != nil || versionErr != nil || specifiers.Contains(version)
}

const tailLines = 30

// failed is an ordinary failure of a build. A Python that the project is not
// made for is the likeliest reason.
func (a *attempt) failed(reason string, err error) error {
	if wants := a.project.RequiresPython(); !a.accepted(wants) {
		reason = fmt.Sprintf("it is made for Python %q and was built with %s: %s", wants, a.python, reason)
	}
	return &BuildError{Subject: a.subject, Backend: a.backend(), Reason: reason, LogPath: a.logPath, Tail: a.log.Tail(tailLines), Err: err}
}
