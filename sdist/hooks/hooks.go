// Package hooks runs build backends through the hooks of PEP 517: it finds a
// Python of the build machine, makes environments for it, and calls each hook in
// a process of its own, with the host in view of the project's own code.
package hooks

import (
	"context"
	_ "embed" // runner.py
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

//go:embed runner.py
var runnerProgram []byte

// Backend is what to import, and from where.
type Backend struct {
	// Name is "module" or "module:object".
	Name string
	// Path are folders below the source tree to import it from.
	Path []string
}

// Runner calls hooks of one project.
type Runner struct {
	// Python is the interpreter of the build environment.
	Python string
	// Source is the project's folder, absolute.
	Source string
	// Work is a folder, inside of what a hook may write, for the runner's own
	// files; absolute.
	Work string
	// Bytecode is a folder for compiled code, inside of what a hook may write, that
	// hooks of the same build share; absolute.
	Bytecode string
	// Backend is the project's backend.
	Backend Backend
	// View is what the project's own code sees; nil shows the build machine.
	View *View
	// Start prepares the process: environment, sandbox, limits. The runner sets
	// the working directory and the output. done is called when it has ended.
	Start func(ctx context.Context, argv ...string) (cmd *exec.Cmd, done func(), err error)
	// Output takes what the process prints.
	Output io.Writer
}

// Error tells how a hook failed.
type Error struct {
	// Hook is its name.
	Hook string
	// Type is the class of the exception, "" when the process ended by itself.
	Type string
	// Message is the exception's text, or how the process ended.
	Message string
	// Unavailable tells that the backend could not be imported or lacks the
	// hook.
	Unavailable bool
	// Err is the fault of the process.
	Err error
}

func (e *Error) Error() string {
	switch {
	case e.Unavailable:
		return fmt.Sprintf("the build backend is not available: %q", e.Message)
	case e.Type != "":
		return fmt.Sprintf("%s: %s: %q", e.Hook, e.Type, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Hook, e.Message)
}

func (e *Error) Unwrap() error { return e.Err }

// outcome is what the runner writes.
type outcome struct {
	Value json.RawMessage `json:"value"`
	Error *struct {
		Kind, Type, Message string
	} `json:"error"`
	Asked []string `json:"asked"`
}

// maxOutcome bounds what a hook may answer.
const maxOutcome = 4 << 20

const (
	hookRequires = "get_requires_for_build_wheel"
	hookBuild    = "build_wheel"
)

// Requires calls get_requires_for_build_wheel. asked are the facts about the
// machine that the project's code asked for.
func (r *Runner) Requires(ctx context.Context, config map[string]any) (requires, asked []string, err error) {
	end, err := r.call(ctx, call{Hook: hookRequires, Args: []any{settings(config)}}, nil)
	if err != nil {
		return nil, nil, err
	}
	return end.requires()
}

// BuildWheel calls build_wheel and returns the file it made in dir.
func (r *Runner) BuildWheel(ctx context.Context, dir string, config map[string]any) (file string, asked []string, err error) {
	end, err := r.call(ctx, call{Hook: hookBuild, Args: []any{dir, settings(config)}}, nil)
	if err != nil {
		return "", nil, err
	}
	return end.wheel(dir)
}

// Build calls get_requires_for_build_wheel and, if that asks for nothing that is
// not in have, build_wheel. Else there is no file, and more is what has to be
// there before [Runner.BuildWheel] is called.
func (r *Runner) Build(ctx context.Context, dir string, config map[string]any, have []string) (file string, more, asked []string, err error) {
	beyond := func(requires []string) []string {
		return slices.DeleteFunc(requires, func(r string) bool { return slices.Contains(have, r) })
	}
	if runtime.GOOS != "linux" { // elsewhere a process that has begun is not to be divided
		requires, asked, err := r.Requires(ctx, config)
		if more = beyond(requires); err != nil || len(more) > 0 {
			return "", more, asked, err
		}
		file, askedNow, err := r.BuildWheel(ctx, dir, config)
		return file, nil, append(asked, askedNow...), err
	}
	end, err := r.call(ctx, call{Hook: hookRequires, Args: []any{settings(config)}}, &call{Hook: hookBuild, Args: []any{dir, settings(config)}, Have: have})
	if err != nil {
		return "", nil, nil, err
	}
	requires, asked, err := end.requires()
	if more = beyond(requires); err != nil || len(more) > 0 {
		return "", more, asked, err
	}
	file, askedNow, err := end.wheel(dir)
	return file, nil, append(asked, askedNow...), err
}

// requires is the answer of get_requires_for_build_wheel.
func (e *ending) requires() (requires, asked []string, err error) {
	out, err := e.outcome(hookRequires)
	if err != nil {
		return nil, out.Asked, err
	}
	if string(out.Value) == "null" {
		return nil, out.Asked, nil
	}
	if err := json.Unmarshal(out.Value, &requires); err != nil {
		return nil, out.Asked, &Error{Hook: hookRequires, Message: "it returned no list of requirements", Err: err}
	}
	return requires, out.Asked, nil
}

// wheel is the answer of build_wheel, a file in dir.
func (e *ending) wheel(dir string) (file string, asked []string, err error) {
	out, err := e.outcome(hookBuild)
	if err != nil {
		return "", out.Asked, err
	}
	bad := func(format string, args ...any) error {
		return &Error{Hook: hookBuild, Message: fmt.Sprintf(format, args...)}
	}
	var name string
	if json.Unmarshal(out.Value, &name) != nil || name == "" {
		return "", out.Asked, bad("it returned no file name")
	}
	if filepath.Base(name) != name || strings.ContainsAny(name, `/\`) || !filepath.IsLocal(name) {
		return "", out.Asked, bad("it returned %q, which is no file name", name)
	}
	file = filepath.Join(dir, name)
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return "", out.Asked, bad("it returned %q, but made no such file", name)
	}
	return file, out.Asked, nil
}

func settings(config map[string]any) any {
	if len(config) == 0 {
		return nil
	}
	return config
}

// call is a hook to be called.
type call struct {
	Hook   string   `json:"hook"`
	Args   []any    `json:"args"`
	Result string   `json:"result"` // file for the outcome
	Have   []string `json:"have"`   // of one that comes second: what the first may ask for
}

// ending is what is left of a process that called hooks.
type ending struct {
	dir string // of the results
	err error  // how it ended
}

// call runs the runner for one hook, or for two.
func (r *Runner) call(ctx context.Context, first call, then *call) (*ending, error) {
	paths, err := backendPaths(r.Source, r.Backend.Path)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(r.Work, "hook-")
	if err != nil {
		return nil, fmt.Errorf("preparing hook %s: %w", first.Hook, err)
	}
	first.Result = resultFile(dir, first.Hook)
	if then != nil {
		then.Result = resultFile(dir, then.Hook)
	}
	job, err := json.Marshal(struct {
		call
		Then        *call    `json:"then"`
		Backend     string   `json:"backend"`
		BackendPath []string `json:"backend_path"`
		Source      string   `json:"source"`
		Host        *View    `json:"host"`
		Bytecode    string   `json:"bytecode"`
	}{first, then, r.Backend.Name, paths, r.Source, r.View, r.Bytecode})
	if err != nil {
		return nil, fmt.Errorf("preparing hook %s: %w", first.Hook, err)
	}
	program, jobFile := filepath.Join(dir, "runner.py"), filepath.Join(dir, "job.json")
	if err := errors.Join(os.WriteFile(program, runnerProgram, 0o600), os.WriteFile(jobFile, job, 0o600)); err != nil {
		return nil, fmt.Errorf("preparing hook %s: %w", first.Hook, err)
	}
	cmd, done, err := r.Start(ctx, r.Python, "-s", program, jobFile)
	if err != nil {
		return nil, fmt.Errorf("preparing hook %s: %w", first.Hook, err)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.Source, r.Output, r.Output
	end := &ending{dir: dir, err: cmd.Run()}
	done()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return end, nil
}

func resultFile(dir, hook string) string { return filepath.Join(dir, hook+".json") }

// outcome reads what the runner wrote of a hook.
func (e *ending) outcome(hook string) (outcome, error) {
	file, runErr := resultFile(e.dir, hook), e.err
	// What is not a plain file was put there by the hook; a pipe would hang us.
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		message := "its process ended without a result"
		if runErr != nil {
			message = "its process ended: " + runErr.Error()
		}
		return outcome{}, &Error{Hook: hook, Message: message, Err: runErr}
	}
	f, err := os.Open(file)
	if err != nil {
		return outcome{}, fmt.Errorf("reading the result of %s: %w", hook, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxOutcome))
	if err != nil {
		return outcome{}, fmt.Errorf("reading the result of %s: %w", hook, err)
	}
	var out outcome
	if err := json.Unmarshal(b, &out); err != nil {
		return outcome{}, &Error{Hook: hook, Message: "its result can't be read", Err: err}
	}
	if out.Error != nil {
		return out, &Error{Hook: hook, Type: out.Error.Type, Message: out.Error.Message, Unavailable: out.Error.Kind == "backend", Err: runErr}
	}
	return out, nil
}

// backendPaths makes the folders of backend-path absolute and sees to it that
// none leaves the source tree, not even through a link (PEP 517).
func backendPaths(source string, path []string) ([]string, error) {
	real, err := filepath.EvalSymlinks(source)
	if err != nil {
		return nil, fmt.Errorf("resolving the source folder: %w", err)
	}
	list := make([]string, 0, len(path))
	for _, p := range path {
		dir, err := filepath.EvalSymlinks(filepath.Join(source, filepath.FromSlash(p)))
		if err != nil {
			return nil, &Error{Hook: "backend-path", Unavailable: true, Message: fmt.Sprintf("backend-path %q does not exist", p), Err: err}
		}
		if rel, err := filepath.Rel(real, dir); err != nil || !filepath.IsLocal(rel) {
			return nil, &Error{Hook: "backend-path", Unavailable: true, Message: fmt.Sprintf("backend-path %q leads outside of the project", p)}
		}
		list = append(list, dir)
	}
	return list, nil
}
