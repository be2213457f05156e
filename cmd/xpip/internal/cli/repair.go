package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// repairer puts what check has found damaged back as it was recorded.
type repairer struct {
	*checkCommand
	session *session
	env     *environment
}

// repair restores damaged files of every prefix, each in one transaction, and
// removes what was recorded of projects that are installed twice if it is plain
// which of the two is there. It says what it does, or would do with --dry-run.
func (c *checkCommand) repair(ctx context.Context, env *environment, h *host.Host) error {
	client, err := index.New(c.indexConfig(c.index))
	if err != nil {
		return err
	}
	defer client.Close()
	r := &repairer{checkCommand: c, env: env, session: &session{app: c.app, printer: c.printer, host: h, client: client}}
	for _, prefix := range env.ours {
		if err := r.prefix(ctx, prefix, installer.Options{Host: h, Interpreter: h.Executable()}); err != nil {
			return err
		}
	}
	return nil
}

// prefix repairs what is damaged in one prefix.
func (r *repairer) prefix(ctx context.Context, p *installer.Prefix, opts installer.Options) error {
	remove, twice, err := r.superfluous(ctx, p)
	if err != nil {
		return err
	}
	mender, err := p.Mender(r.session.host.Scheme(), opts)
	if err != nil {
		return err
	}
	defer mender.Close()
	var mendings []*installer.Mending
	for i := range r.env.dists {
		d := &r.env.dists[i]
		if d.prefix != p || twice[d.Key] {
			continue
		}
		damage, err := d.damage(ctx)
		if err != nil {
			return err
		}
		if len(damage) == 0 {
			continue
		}
		mending, err := r.mend(ctx, mender, d, damage)
		if err != nil {
			return err
		}
		mendings = append(mendings, mending)
	}
	plan, err := mender.Plan(mendings, remove)
	if err != nil {
		return err
	}
	if !r.dryRun {
		if err := plan.Apply(ctx); err != nil {
			return err
		}
	}
	r.say(p, mendings, remove)
	return nil
}

// say tells what was done, or would be.
func (r *repairer) say(p *installer.Prefix, mendings []*installer.Mending, remove []installer.Distribution) {
	restored, removed := "Restored", "Removed"
	if r.dryRun {
		restored, removed = "Would restore", "Would remove"
	}
	for _, d := range remove {
		r.printer.Info("%s %s %s (%s): another version of it is there in full", removed, d.Name, d.Version, d.InfoDir)
	}
	for _, m := range mendings {
		for _, one := range m.Restores {
			r.printer.Info("%s %s of %s %s", restored, one.Path, m.Distribution.Name, m.Distribution.Version)
		}
		for _, one := range m.Lost {
			r.printer.Warn("Could not restore %s of %s %s: %s", one.Path, m.Distribution.Name, m.Distribution.Version, one.Reason)
		}
		if len(m.Lost) > 0 {
			r.printer.Warn("To install %s anew: %s", m.Distribution.Name, r.reinstall(p, &m.Distribution))
		}
	}
}

// reinstall is the command line that installs a distribution again where it is.
func (r *repairer) reinstall(p *installer.Prefix, d *installer.Distribution) string {
	words := []string{"xpip install --force-reinstall --no-deps"}
	for _, platform := range r.prefixes.host.platforms {
		words = append(words, "--platform "+platform)
	}
	if version := r.prefixes.host.pythonVersion; version != "" {
		words = append(words, "--python-version "+version)
	}
	switch {
	case r.general.python != "":
		words = append(words, "--python "+r.general.python)
	case len(r.prefixes.paths) == 0 && r.prefixes.prefix == "":
	case p.Layout() == installer.PrefixLayout:
		words = append(words, "--prefix "+p.Path())
	default:
		words = append(words, "-t "+p.Path())
	}
	what := d.Name + "==" + d.Version
	if d.DirectURL != nil {
		what = fmt.Sprintf("%q", d.Name+" @ "+d.DirectURL.Redacted())
	}
	return strings.Join(append(words, what), " ")
}

// superfluous finds the projects that a prefix has more than once, and of those
// the records that no longer tell what is there: all but one, if that one is intact
// and no other is.
func (r *repairer) superfluous(ctx context.Context, p *installer.Prefix) (remove []installer.Distribution, twice map[string]bool, err error) {
	all := map[string][]*installed{}
	for _, list := range [][]installed{r.env.dists, r.env.doubles} {
		for i := range list {
			if d := &list[i]; d.prefix == p {
				all[d.Key] = append(all[d.Key], d)
			}
		}
	}
	twice = map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if len(all[key]) < 2 {
			continue
		}
		twice[key] = true
		var damaged []installer.Distribution
		for _, d := range all[key] {
			damage, err := d.damage(ctx)
			if err != nil {
				return nil, nil, err
			}
			if len(damage) > 0 || len(d.Problems) > 0 {
				damaged = append(damaged, d.Distribution)
			}
		}
		if len(damaged) == len(all[key])-1 {
			remove = append(remove, damaged...)
			continue
		}
		r.printer.Warn("Which of the %d installations of %s is the right one cannot be told; to install it anew: %s",
			len(all[key]), all[key][0].Name, r.reinstall(p, &all[key][0].Distribution))
	}
	return remove, twice, nil
}

// mend looks for the wheel that a distribution was installed from: in the cache,
// then where the distribution says that it came from, then on the index.
func (r *repairer) mend(ctx context.Context, mender *installer.Mender, d *installed, damage []installer.Damage) (*installer.Mending, error) {
	lost := func(reason string) *installer.Mending {
		m := &installer.Mending{Distribution: d.Distribution}
		for _, one := range damage {
			m.Lost = append(m.Lost, installer.Damage{Path: one.Path, Reason: reason})
		}
		return m
	}
	if manager := d.Manager(); manager != "" {
		return lost("it belongs to " + manager), nil
	}
	reason := "neither the cache nor the index has a wheel of it"
	for _, find := range []func(context.Context, *installed) ([]candidateWheel, error){r.cached, r.offered} {
		found, err := find(ctx, d)
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			reason = err.Error()
		}
		for _, one := range found {
			mending, err := r.try(ctx, mender, d, damage, one)
			if err == nil {
				return mending, nil
			}
			if ctx.Err() != nil {
				return nil, err
			}
			reason = err.Error()
		}
	}
	return lost(reason), nil
}

// try mends with one wheel. An unpacked wheel of the cache that turns out to be
// damaged is removed and made anew.
func (r *repairer) try(ctx context.Context, mender *installer.Mender, d *installed, damage []installer.Damage, one candidateWheel) (*installer.Mending, error) {
	for again := false; ; again = true {
		w, err := one(ctx)
		if err != nil {
			return nil, err
		}
		mending, err := mender.Mend(d.Distribution, damage, w)
		if !errors.Is(err, installer.ErrStoreDamaged) || again {
			return mending, err
		}
		if err := r.session.client.Store().Remove(cacheKindWheels, w.SHA256); err != nil {
			return nil, err
		}
	}
}

// candidateWheel brings a wheel here that may be the one that was installed.
type candidateWheel func(context.Context) (*wheel.Unpacked, error)

// is reports whether a wheel's name is of the project and version that a
// .dist-info folder is named after. What METADATA says may be damaged.
func (d *installed) is(name wheel.Filename) bool {
	stem := strings.TrimSuffix(path.Base(d.InfoDir), path.Ext(d.InfoDir))
	project, version, _ := strings.Cut(stem, "-")
	if requirements.NormalizeName(project) != name.Project {
		return false
	}
	a, errA := pep440.Parse(version)
	b, errB := pep440.Parse(name.Version)
	if errA != nil || errB != nil {
		return version == name.Version
	}
	return a.Compare(b) == 0
}

// cached lists the wheels of the cache, unpacked or built from source, that
// have the distribution's name and version.
func (r *repairer) cached(_ context.Context, d *installed) ([]candidateWheel, error) {
	store := r.session.client.Store()
	var out []candidateWheel
	unpacked, err := store.Entries(cacheKindWheels)
	if err != nil {
		return nil, err
	}
	for _, e := range unpacked {
		w, ok := stored(store, e.Key)
		if !ok || !d.is(w.Filename) {
			continue
		}
		out = append(out, func(context.Context) (*wheel.Unpacked, error) {
			if w, ok := stored(store, e.Key); ok {
				return w, nil
			}
			return nil, fmt.Errorf("the cache's copy of %q is damaged", w.Filename.Raw)
		})
	}
	built, err := store.Entries(cacheKindBuilt)
	if err != nil {
		return nil, err
	}
	for _, e := range built {
		b, err := readBuilt(e.Path)
		if err != nil {
			continue
		}
		name, err := wheel.ParseFilename(b.Filename)
		if err != nil || !d.is(name) {
			continue
		}
		if dir, ok := store.HasDir(cacheKindBuilt, e.Key); ok && dir == e.Path {
			out = append(out, r.archive(b.path, b.Filename, b.SHA256))
		}
	}
	return out, nil
}

// archive is a candidate that lies as an archive on this machine.
func (r *repairer) archive(file, filename, sum string) candidateWheel {
	return func(ctx context.Context) (*wheel.Unpacked, error) {
		var f fetched
		err := r.session.unpack(ctx, &f, file, filename, sum, newSlots(1))
		return f.wheel, err
	}
}

// maxTried bounds the wheels of one version that are downloaded to find the
// one that was installed.
const maxTried = 8

// offered lists the wheels that the distribution may be downloaded from again:
// the archive that its direct_url.json names, with its hash, or those of the index that
// have its version and fit the host, the best first.
func (r *repairer) offered(ctx context.Context, d *installed) ([]candidateWheel, error) {
	client := r.session.client
	if u := d.DirectURL; u != nil {
		sum := ""
		if u.ArchiveInfo != nil {
			sum = u.ArchiveInfo.Hashes["sha256"]
		}
		if sum == "" {
			return nil, errors.New("it was installed from " + u.Redacted() + ", and no hash says what was there")
		}
		file, err := client.Direct(ctx, u.URL)
		if err != nil || !file.IsWheel() {
			return nil, errors.Join(err, fmt.Errorf("it was built from %q", u.Redacted()))
		}
		return []candidateWheel{r.download(file, map[string][]string{"sha256": {sum}})}, nil
	}
	listing, err := client.Files(ctx, d.Key)
	if err != nil {
		return nil, err
	}
	type ranked struct {
		file index.File
		rank int
	}
	var fits []ranked
	for _, f := range listing.Files() {
		name, err := wheel.ParseFilename(f.Filename)
		if err != nil || !f.IsWheel() || !d.is(name) {
			continue
		}
		if rank, ok := r.session.host.BestRank(name); ok {
			fits = append(fits, ranked{f, rank})
		}
	}
	slices.SortStableFunc(fits, func(a, b ranked) int { return a.rank - b.rank })
	out := make([]candidateWheel, min(len(fits), maxTried))
	for i := range out {
		out[i] = r.download(fits[i].file, nil)
	}
	return out, nil
}

func (r *repairer) download(file index.File, want map[string][]string) candidateWheel {
	return func(ctx context.Context) (*wheel.Unpacked, error) {
		blob, err := r.session.client.Download(ctx, file, want)
		if err != nil {
			return nil, err
		}
		return r.archive(blob.Path, file.Filename, blob.SHA256)(ctx)
	}
}
