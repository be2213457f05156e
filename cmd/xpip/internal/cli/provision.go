package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/xpip/xpip/cmd/xpip/internal/timings"
	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/reqfile"
	"github.com/xpip/xpip/resolver"
	"github.com/xpip/xpip/sdist"
)

// provisioner fills build environments by the same way as everything else:
// resolve for the build machine's Python, fetch, install.
type provisioner struct {
	session     *session
	builder     *sdist.Builder // set when it is made; it holds the provisioner
	constraints []resolver.Constraint
}

// Provision implements sdist.Provisioner.
func (p *provisioner) Provision(ctx context.Context, dir string, requires []string, python *sdist.BuildPython) error {
	build := python.Host
	roots := make([]resolver.Root, len(requires))
	for i, text := range requires {
		parsed, err := requirements.Parse(text)
		if err != nil {
			return fmt.Errorf("reading the build requirement %q: %w", text, err)
		}
		roots[i] = resolver.Root{Requirement: parsed, Origin: "build requirements"}
	}
	inner := &session{app: p.session.app, printer: p.session.printer, host: build, client: p.session.client}
	nested := newBuilds(ctx, &builds{
		builder: p.builder, client: p.session.client, host: build, say: p.session.printer.Detail, detail: p.session.printer.Trace,
		nested: true, temp: p.session.temp,
	})
	defer nested.close()
	src := newSource(p.session.client, p.session.printer.Detail, nested)
	resolution, err := resolveAndBuild(ctx, sources{src}, resolver.Request{
		Hosts: []*host.Host{build}, Roots: roots, Constraints: p.constraints,
	})
	if err != nil {
		return err
	}
	wheels, err := fetch(ctx, []*slice{{session: inner, src: src, resolution: resolution}})
	if err != nil {
		return err
	}
	return install(ctx, wheels[0], dir, build, python)
}

// install puts wheels into a build environment, where nothing has to outlast a
// loss of power.
func install(ctx context.Context, wheels []fetched, dir string, build *host.Host, python *sdist.BuildPython) error {
	prefix, err := installer.Open(dir, installer.PrefixLayout, environmentScheme(python))
	if err != nil {
		return err
	}
	items := make([]installer.Item, len(wheels))
	for i, w := range wheels {
		items[i] = installer.Item{Wheel: w.wheel}
	}
	plan, err := prefix.Plan(items, nil, installer.Options{
		Host: build, Interpreter: python.Interpreter(dir), AllowNative: true, NoSync: true,
	})
	if err != nil {
		return err
	}
	return plan.Apply(ctx)
}

// environmentScheme is where files of wheels go in an environment of python. The
// Python that was asked may have other folders outside of environments, as
// Debian's has.
func environmentScheme(python *sdist.BuildPython) host.Scheme {
	scheme := python.Host.Scheme()
	scheme.Purelib, scheme.Platlib, scheme.Scripts = python.Purelib, python.Purelib, filepath.Base(python.Scripts(""))
	return scheme
}

// resolveAndBuild resolves, then waits for the sdists that were chosen. Their
// metadata may have been promised before they were built: where a build fails
// after all, or breaks the promise, the answer is sought anew.
func resolveAndBuild(ctx context.Context, world sources, req resolver.Request) (*resolver.Resolution, error) {
	for {
		solving, solved := timings.Start(ctx, timings.Solve)
		resolution, err := resolver.Resolve(solving, req, world)
		solved()
		if err != nil {
			return nil, err
		}
		settled := true
		for h, src := range world {
			one, err := src.settle(ctx, resolution, h)
			if err != nil {
				return nil, err
			}
			settled = settled && one
		}
		if settled {
			return resolution, nil
		}
	}
}

// settle waits for the builds of a resolution, those for one host, and reports
// whether all of them made a wheel with the metadata that were resolved with.
func (s *source) settle(ctx context.Context, r *resolver.Resolution, host int) (bool, error) {
	all := true
	for i := range r.Packages {
		chosen := r.Packages[i].Chosen[host]
		file := chosen.File
		if file == nil || file.IsWheel() {
			continue
		}
		built, err := s.built(ctx, *file)
		switch {
		case err == nil:
			all = all && differs(chosen.Metadata, built.metadata) == nil
		case isRefusal(err):
			all = false
		default:
			return false, err
		}
	}
	return all, nil
}

// builder builds sdists for all hosts of the command. The caller closes it.
func (s *session) builder(ctx context.Context, o buildOptions, ix *indexOptions, sel *selectionOptions) (*sdist.Builder, error) {
	constraints, err := s.buildConstraints(ctx, o, ix, sel)
	if err != nil {
		return nil, err
	}
	fill := &provisioner{session: s, constraints: constraints}
	config := sdist.Config{
		Describe: func(ctx context.Context, program string) (*host.Host, error) {
			return describeKept(ctx, s.client.Store(), program)
		},
		Python: o.python, NoIsolation: o.noIsolation, NoSwitches: o.noSwitches,
		Timeout: time.Duration(o.timeout * float64(time.Second)), TempDir: s.temp,
		LogDir: filepath.Join(s.client.Store().Root(), "logs"), Salt: salt(constraints),
	}
	if _, ok := s.app.getenv("PATH"); ok {
		config.Path = s.app.searchPath
	}
	switch o.sandbox {
	case "require":
		config.Sandbox = sdist.SandboxRequire
	case "off":
		config.Sandbox = sdist.SandboxOff
	}
	fill.builder, err = sdist.New(config, fill)
	return fill.builder, err
}

// source is the world as the resolver sees it, with a builder for sdists. The
// caller closes its builds.
func (s *session) source(ctx context.Context, builder *sdist.Builder, settings map[string][]string) *source {
	return newSource(s.client, s.printer.Warn, newBuilds(ctx, &builds{
		builder: builder, client: s.client, host: s.host, say: s.printer.Info, detail: s.printer.Detail,
		temp: s.temp, settings: settings,
	}))
}

// buildConstraints reads the files of --build-constraint.
func (s *session) buildConstraints(ctx context.Context, o buildOptions, ix *indexOptions, sel *selectionOptions) ([]resolver.Constraint, error) {
	w := &wanted{}
	opener := reqfile.Files{Fetch: s.app.fetcher(ix)}
	for _, path := range o.constraints {
		if err := w.file(ctx, s.app, path, true, opener, ix, sel); err != nil {
			return nil, err
		}
	}
	_, constraints, err := w.roots(ctx, nil)
	return constraints, err
}

// salt makes the constraints of build environments part of what a build is
// kept under.
func salt(constraints []resolver.Constraint) string {
	var b strings.Builder
	for _, c := range constraints {
		b.WriteString(c.Requirement.String() + "\n")
	}
	return b.String()
}

// backendSettings reads -C key=value; a key given several times is a list.
func (o *buildOptions) backendSettings() (map[string][]string, error) {
	if len(o.settings) == 0 {
		return nil, nil
	}
	out := map[string][]string{}
	for _, text := range o.settings {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, &usageError{msg: fmt.Sprintf("Arguments to --config-settings must be of the form KEY=VAL (got %s)", pyQuote(text))}
		}
		out[key] = append(out[key], value)
	}
	return out, nil
}

// buildOptions say how sdists are built.
type buildOptions struct {
	python      string
	sandbox     string
	timeout     float64
	constraints []string
	settings    []string
	noIsolation bool
	noSwitches  bool
	probe       int
}

func (o *buildOptions) register(r *registry) {
	r.heading("Building from source (without a compiler)")
	r.text(&o.python, "build-python", "", "path", "Python of this machine that runs build backends. [default: the one nearest to the host's version]")
	o.sandbox = "auto"
	r.choice(&o.sandbox, "build-sandbox", "auto|require|off", []string{"auto", "require", "off"}, "Whether build code is confined. [default: auto]")
	o.timeout = 1800
	r.seconds(&o.timeout, "build-timeout", "", "sec", "Seconds that one build may take. [default: 1800]")
	r.list(&o.constraints, "build-constraint", "", "file", "Constrain the versions of build requirements by this file.")
	r.list(&o.settings, "config-settings", "C", "key=value", "Pass a setting to the build backend; repeatable.")
	r.alias("config-setting", "config-settings")
	r.on(&o.noIsolation, "no-build-isolation", "", "Build in the environment of --build-python instead of a fresh one.")
	r.note("no-build-isolation", differsAnnotation, "the environment is that of --build-python")
	r.on(&o.noSwitches, "no-build-switches", "", "Do not try the switches by which some projects leave out their extension modules.")
	o.probe = 1
	r.number(&o.probe, "probe-sdists", "", "n", "How many sdists of a project may turn out unbuildable before only its wheels are considered. [default: 1]")
	r.own("build-timeout", "no-build-switches", "probe-sdists")
	r.ownBut("build-python", "", "it names a program of this machine, which is not for a project to choose: set XPIP_BUILD_PYTHON")
	r.ownBut("build-sandbox", "off", "a project may not switch the sandbox off: set XPIP_BUILD_SANDBOX")
}

// fileOf is the index's own word for a candidate; nil for a folder.
func fileOf(f *resolver.File) *index.File { return f.Ref.(*origin).file }
