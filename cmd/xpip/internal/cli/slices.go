package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
)

// slice is one of the hosts that a run works for: the only one, unless --slice
// names several. All have one session's index, temporary folder and printer.
type slice struct {
	*session             // with the slice's own host
	options  hostOptions // that describe the host
	folder   string      // its place as the user wants it, "" for the platform tag
	src      *source
	// resolution is what the host gets; Chosen has an entry for it alone.
	resolution *resolver.Resolution

	// For an install.
	place     place
	prefix    *installer.Prefix
	installed map[string]resolver.Installed
	renewed   []string // wheels that were damaged in the store
}

// slices opens a session for the hosts that the options describe: those of
// --slice, else the one of the other options. The caller closes the session of
// the first.
func (a *app) slices(ctx context.Context, o hostOptions, ix indexOptions) ([]*slice, error) {
	described, err := o.each()
	if err != nil {
		return nil, err
	}
	if len(o.slices) > 0 && a.general.python != "" {
		return nil, &commandError{msg: "Cannot use '--slice' in combination with '--python': an environment is that of one host."}
	}
	s, err := a.session(ctx, described[0].options, ix)
	if err != nil {
		return nil, err
	}
	described[0].session = s
	for _, one := range described[1:] {
		other := *s
		if other.host, err = a.host(ctx, one.options); err != nil {
			s.close()
			return nil, err
		}
		one.session = &other
	}
	seen := map[string]string{}
	for i, one := range described {
		tag := one.host.Platform()
		if twice, ok := seen[tag]; ok {
			s.close()
			return nil, &commandError{msg: fmt.Sprintf("--slice %s and --slice %s are the same platform, %s.", twice, o.slices[i], tag)}
		}
		if len(o.slices) > 0 {
			seen[tag] = o.slices[i]
		}
	}
	return described, nil
}

// each are the hosts of --slice NAME[=FOLDER], not yet described; without that
// option the one of all others. A description (--host-from) is of all of them,
// such as an XCframework, in which the names choose.
func (o *hostOptions) each() ([]*slice, error) {
	if len(o.slices) == 0 {
		return []*slice{{options: *o}}, nil
	}
	if len(o.platforms) > 0 {
		return nil, &commandError{
			msg:   "Cannot use '--slice' in combination with '--platform'.",
			hints: []string{"Several --platform are names of one host, in order of preference; each --slice is a host of its own."},
		}
	}
	out := make([]*slice, len(o.slices))
	for i, text := range o.slices {
		name, folder, ok := strings.Cut(text, "=")
		if name == "" || ok && folder == "" {
			return nil, &usageError{msg: fmt.Sprintf("option --slice: %s is not of the form NAME or NAME=FOLDER", pyQuote(text))}
		}
		one := &slice{options: *o, folder: folder}
		one.options.slices = nil
		if filepath.IsAbs(name) || strings.HasPrefix(name, ".") {
			one.options.from = name
		} else {
			one.options.platforms = []string{name}
		}
		out[i] = one
	}
	return out, nil
}

// greet says for whom this run works.
func greet(all []*slice) {
	if len(all) == 1 {
		all[0].greet()
		return
	}
	all[0].printer.Info("%d slices get one version of every project", len(all))
	for _, one := range all {
		one.greet()
	}
}

// sources is the world of several hosts, in the order of a resolver's request:
// what lies in indexes is the same for all, what is built is each one's own.
type sources []*source

// Listing implements resolver.Source.
func (s sources) Listing(ctx context.Context, project string) (resolver.Listing, error) {
	return s[0].Listing(ctx, project)
}

// Metadata implements resolver.Source.
func (s sources) Metadata(ctx context.Context, f resolver.File, host int) (*resolver.Metadata, error) {
	return s[host].decisive(ctx, f)
}

// Direct implements resolver.Source.
func (s sources) Direct(ctx context.Context, r requirements.Requirement) (resolver.File, error) {
	return s[0].Direct(ctx, r)
}

// resolve chooses one version of every project for all slices, gives each of
// them what it needs, and says what had to be assumed.
func resolve(ctx context.Context, all []*slice, w *wanted, policy resolver.Policy) error {
	for _, one := range all {
		one.src.anyPython = policy.IgnoreRequiresPython
		if err := one.checkScript(w.script, policy.IgnoreRequiresPython); err != nil {
			return one.titled(all, err)
		}
	}
	if len(w.locks) > 0 {
		if len(w.entries) == 0 {
			return resolveLocked(ctx, all, w, policy)
		}
		if len(all) > 1 {
			return &commandError{
				msg:   "A lock file beside other requirements cannot be installed for several slices at once.",
				hints: []string{"Leave out the other requirements, or run xpip for each --platform."},
			}
		}
	}
	first := all[0]
	locked, err := first.locked(ctx, first.src, w, policy.Formats)
	if err != nil {
		return err
	}
	roots, constraints, err := w.roots(ctx, first.src)
	if err != nil {
		return err
	}
	for i := range locked {
		roots = append(roots, first.src.rootOf(&locked[i]))
	}
	joint, err := resolveJointly(ctx, all, resolver.Request{Roots: roots, Constraints: constraints, Policy: policy})
	for _, warning := range first.client.Warnings() {
		first.printer.Warn("%s", warning)
	}
	if err != nil {
		return first.src.besideLock(err)
	}
	for _, warning := range joint.Warnings {
		if warning.Kind == resolver.YankedVersion {
			first.warnYanked(warning, foundAt(warning.Project, joint))
			continue
		}
		first.warn(warning)
	}
	first.src.tellOrigins(joint)
	for h, one := range all {
		one.resolution = joint.For(h)
		if len(all) > 1 {
			one.keepInstalled(policy)
		}
	}
	return nil
}

// resolveLocked gives each slice what lock files list for it.
func resolveLocked(ctx context.Context, all []*slice, w *wanted, policy resolver.Policy) error {
	for _, one := range all {
		locked, err := one.locked(ctx, one.src, w, policy.Formats)
		if err == nil {
			one.resolution, err = one.lockedResolution(ctx, one.src, locked, policy, one.installed)
		}
		if err != nil {
			return one.titled(all, err)
		}
	}
	return nil
}

// titled says which slice an error is about, if there are several.
func (s *slice) titled(all []*slice, err error) error {
	if len(all) == 1 {
		return err
	}
	return &sliceError{host: s.host, err: err}
}

// sliceError is what went wrong for one of several slices.
type sliceError struct {
	host *host.Host
	err  error
}

func (e *sliceError) Error() string { return "slice " + e.host.Name() + ": " + e.err.Error() }

func (e *sliceError) Unwrap() error { return e.err }

// About implements the renderer's interface for errors that are about one of
// several hosts.
func (e *sliceError) About() string { return e.host.Name() }

// resolveJointly resolves for all hosts at once. What is installed in every
// slice that needs it is kept as if there were one prefix; which ones need it
// only the resolution tells, so that it may have to be sought again.
func resolveJointly(ctx context.Context, all []*slice, req resolver.Request) (*resolver.Resolution, error) {
	var world sources
	for _, one := range all {
		req.Hosts = append(req.Hosts, one.host)
		world = append(world, one.src)
	}
	if e := all[0].early; e != nil && !wantsHashes(&req) {
		req.Expect = e.expect
	}
	req.Installed, req.Preferred = present(all, &req)
	for {
		joint, err := resolveAndBuild(ctx, world, req)
		if err != nil {
			return nil, err
		}
		again := false
		for i := range joint.Packages {
			p := &joint.Packages[i]
			if p.Installed && !everywhere(all, p) {
				delete(req.Installed, p.Project)
				req.Preferred[p.Project] = p.Version
				again = true
			}
		}
		if !again {
			return joint, nil
		}
	}
}

// wantsHashes reports whether the user says what some file must be: of those
// that are not it nothing is fetched.
func wantsHashes(req *resolver.Request) bool {
	return slices.ContainsFunc(req.Roots, func(r resolver.Root) bool { return len(r.Hashes) > 0 }) ||
		slices.ContainsFunc(req.Constraints, func(c resolver.Constraint) bool { return len(c.Hashes) > 0 })
}

// present are the projects that are installed in one version only, and the
// versions that are to be preferred of the others: the newest that some slice
// has, unless it is to be upgraded.
func present(all []*slice, req *resolver.Request) (same map[string]resolver.Installed, preferred map[string]pep440.Version) {
	if len(all) == 1 {
		return all[0].installed, nil
	}
	same, preferred = map[string]resolver.Installed{}, map[string]pep440.Version{}
	if req.Policy.ForceReinstall {
		return same, preferred
	}
	differing := map[string]bool{}
	for _, one := range all {
		for project, has := range one.installed {
			other, ok := same[project]
			switch {
			case !ok:
				same[project] = has
			case !other.Version.Equal(has.Version):
				differing[project] = true
				if other.Version.Compare(has.Version) < 0 {
					same[project] = has
				}
			}
		}
	}
	named := map[string]bool{}
	for i := range req.Roots {
		named[req.Roots[i].Requirement.Key()] = true
	}
	for project := range differing {
		if upgrade := req.Policy.Upgrade; upgrade == resolver.KeepInstalled || upgrade == resolver.OnlyIfNeeded && !named[project] {
			preferred[project] = same[project].Version
		}
		delete(same, project)
	}
	return same, preferred
}

// everywhere reports whether all slices that need a package have it in the
// version that was chosen.
func everywhere(all []*slice, p *resolver.Package) bool {
	for h, one := range all {
		if has, ok := one.installed[p.Project]; p.Chosen[h].Needed && (!ok || !has.Version.Equal(p.Version)) {
			return false
		}
	}
	return true
}

// keepInstalled takes what the slice has already in the version that was chosen
// for all: another slice may be the one that lacks it.
func (s *slice) keepInstalled(policy resolver.Policy) {
	for i := range s.resolution.Packages {
		p := &s.resolution.Packages[i]
		if has, ok := s.installed[p.Project]; ok && !p.Direct && !policy.ForceReinstall && has.Version.Equal(p.Version) {
			p.Installed, p.Chosen[0].File = true, nil
		}
	}
}

// closePrefixes lets go of what was locked.
func closePrefixes(all []*slice) {
	for _, one := range all {
		if one.prefix != nil {
			_ = one.prefix.Close() // nothing is lost with it
		}
	}
}

// closeAll ends what the slices have begun, and the session that they share.
func closeAll(all []*slice) {
	if all[0].src != nil {
		for _, one := range all {
			one.src.builds.close()
		}
		all[0].src.builds.builder.Close()
	}
	all[0].close()
}
