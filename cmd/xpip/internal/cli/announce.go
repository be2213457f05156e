package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/resolver"
)

// announce says, as pip does, what is collected and how it comes here: what
// was asked for first, then what that needs. where is the folder of what is
// installed in a slice.
func announce(ctx context.Context, all []*slice, where func(s *slice, project string) string) {
	for _, one := range together(all) {
		s, p := all[one.slices[0]], one.Package
		collected := false
		var said []string // names of files
		for _, h := range one.slices {
			own := all[h].chosen(p.Project)
			file := own.Chosen[0].File
			if own.Installed || file == nil {
				s.printer.Info("Requirement already satisfied: %s in %s%s (%s)", wantedAs(p), where(all[h], p.Project), fromWhom(p), p.Version)
				continue
			}
			if !collected {
				s.sayCollecting(p, file)
				collected = true
			}
			said = all[h].sayFile(ctx, *own, said)
		}
		if collected {
			s.sayPassedOver(p)
		}
	}
}

// shared is a package with the places of the slices that need it.
type shared struct {
	resolver.Package
	slices []int
}

// together lists the packages of all slices, each once: what was asked for
// first, then what that needs.
func together(all []*slice) []shared {
	var out []shared
	at := map[string]int{}
	for h, one := range all {
		for _, p := range one.resolution.Packages {
			i, ok := at[p.Project]
			if !ok {
				i = len(out)
				at[p.Project] = i
				out = append(out, shared{Package: p})
			}
			out[i].slices = append(out[i].slices, h)
		}
	}
	slices.SortStableFunc(out, func(a, b shared) int { return len(a.Why) - len(b.Why) })
	return out
}

// chosen is the slice's own package of a project; nil if it needs none.
func (s *slice) chosen(project string) *resolver.Package {
	for i := range s.resolution.Packages {
		if p := &s.resolution.Packages[i]; p.Project == project {
			return p
		}
	}
	return nil
}

func (s *session) sayCollecting(p resolver.Package, file *resolver.File) {
	if path := localPath(file); path != "" {
		s.printer.Info("Processing %s%s", shownPath(path), fromWhom(p))
	} else {
		s.printer.Info("Collecting %s%s", wantedAs(p), fromWhom(p))
	}
}

// sayFile tells how a file comes here, unless it is among those that were told
// of, and adds it to them.
func (s *slice) sayFile(ctx context.Context, p resolver.Package, said []string) []string {
	file := p.Chosen[0].File
	if !file.IsWheel() {
		return s.sayBuilt(ctx, s.src, p, said)
	}
	if slices.Contains(said, file.Filename) {
		return said
	}
	size := ""
	if file.Size >= 0 {
		size = fmt.Sprintf(" (%s)", ui.Size(file.Size))
	}
	word := "Downloading"
	ref := fileOf(file)
	if s.cached(ref) {
		word = "Using cached"
	} else if ref.Local {
		word = "Using"
	}
	s.printer.Info("  %s %s%s", word, file.Filename, size)
	return append(said, file.Filename)
}

// sayBuilt tells what became of an sdist, unless that was told for another
// slice.
func (s *session) sayBuilt(ctx context.Context, src *source, p resolver.Package, said []string) []string {
	built, err := src.built(ctx, *p.Chosen[0].File)
	if err != nil || slices.Contains(said, built.Filename) {
		return said // the resolution only holds what was built
	}
	s.printer.Info("  Built %s from %s", built.Filename, p.Chosen[0].File.Filename)
	say := s.printer.Info
	if built.SawBuildMachine {
		say = s.printer.Warn
	}
	for _, note := range built.Notes {
		say("    %s", note)
	}
	return append(said, built.Filename)
}

// sayPassedOver tells of newer versions that do not fit the host: one line for
// the newest of them, the rest with -v.
func (s *session) sayPassedOver(p resolver.Package) {
	for i, over := range p.PassedOver {
		say := s.printer.Detail
		if i == 0 && !s.host.IsNative() {
			say = s.printer.Info
		}
		say("  Passed over %s %s: %s", p.Project, over.Versions(), over.Reason)
	}
}

// cached reports whether a file's wheel, or its archive, is in the cache; it is
// verified when it is used.
func (s *session) cached(f *index.File) bool {
	if a := s.early.of(f); a != nil {
		return a.cached
	}
	return s.inCache(f)
}

func (s *session) inCache(f *index.File) bool {
	sum := f.Hashes["sha256"]
	if sum == "" {
		return false
	}
	store := s.client.Store()
	return store.Has(cacheKindWheels, sum) || store.HasBlob(sum)
}

// wantedAs is the requirement that brought a package in, as pip shows it.
func wantedAs(p resolver.Package) string {
	if len(p.Why) == 0 {
		return p.Project
	}
	return unmarked(p.Why[len(p.Why)-1].Requirement)
}

// unmarked is a requirement without its marker, which has been answered.
func unmarked(r requirements.Requirement) string {
	r.Marker = requirements.Marker{}
	return r.Shown()
}

// fromWhom is the chain of requirements that led to a package, nearest first,
// as pip shows it: " (from beta>=1->alpha->-r reqs.txt (line 1))".
func fromWhom(p resolver.Package) string {
	var chain []string
	for i := len(p.Why) - 2; i >= 0; i-- {
		chain = append(chain, unmarked(p.Why[i].Requirement))
	}
	if len(p.Why) > 0 && p.Why[0].Origin != "" {
		chain = append(chain, p.Why[0].Origin)
	}
	if len(chain) == 0 {
		return ""
	}
	return " (from " + strings.Join(chain, "->") + ")"
}
