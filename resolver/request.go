package resolver

import (
	"context"
	"time"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/wheel"
)

// Request is everything a resolution depends on, beside what its Source
// answers. Same request, same answers, same Resolution.
type Request struct {
	// Hosts the packages are meant for. One version of a project is chosen for
	// all of them; dependencies and files are each host's own. At least one.
	Hosts []*host.Host
	// Roots are the requirements of the user, in the order they were given.
	Roots []Root
	// Constraints narrow projects without asking for them (pip's -c).
	Constraints []Constraint
	Policy      Policy
	// Installed is what the host prefix holds already, by normalised name. A
	// version there that satisfies the requirements is kept without a look at
	// the index, as far as Policy.Upgrade allows.
	Installed map[string]Installed
	// Preferred versions, by normalised name, are tried first where they are
	// allowed (a lock file's). They never make a version eligible.
	Preferred map[string]pep440.Version
	// Expect, unless nil, is told of files that will probably be chosen for a
	// host: of what the user named as soon as there is a list of its files, of
	// everything when the search decides on it. It may hear of several files of
	// a project, of one several times, and from several goroutines; it returns
	// soon, and decides nothing.
	Expect func(f File, host int)
}

// Root is one requirement of the user.
type Root struct {
	// Requirement as parsed. Its Name may be empty if Direct is set: the name
	// is then the file's own.
	Requirement requirements.Requirement
	// Origin says where it stands, as pip prints it: "-r reqs.txt (line 4)".
	// Empty for a requirement of the command line.
	Origin string
	// Direct is the file that a path or URL stands for. With Requirement.URL
	// set and Direct nil the Source is asked.
	Direct *File
	// Hashes are the allowed digests (hex), by algorithm; empty = any.
	Hashes map[string][]string
}

// Constraint is one line of a constraints file.
type Constraint struct {
	Requirement requirements.Requirement
	Origin      string
	Direct      *File
	Hashes      map[string][]string
}

// Installed is a distribution that the host prefix holds.
type Installed struct {
	Version  pep440.Version
	Metadata *Metadata
}

// UpgradeStrategy says which installed versions may be replaced though they
// satisfy the requirements (pip's --upgrade and --upgrade-strategy).
type UpgradeStrategy int

const (
	// KeepInstalled keeps every installed version that satisfies the
	// requirements: an install without --upgrade.
	KeepInstalled UpgradeStrategy = iota
	// OnlyIfNeeded upgrades what the user named and keeps the rest where it fits.
	OnlyIfNeeded
	// Eager upgrades everything.
	Eager
)

// Policy is the user's will about candidates. The zero value is pip's default.
type Policy struct {
	Formats  FormatControl
	Releases ReleaseControl
	// PreferBinary ranks every version that has a usable wheel above every
	// version that only has an sdist.
	PreferBinary bool
	// UploadedPriorTo hides files of an index that were uploaded at this time
	// or later; zero = no limit. A file that does not say when it was uploaded
	// is a *MissingUploadTimeError, as in pip.
	UploadedPriorTo      time.Time
	IgnoreRequiresPython bool
	NoDeps               bool
	// OnlyDeps leaves the projects that the user named out of the result.
	OnlyDeps bool
	// RequireHashes is pip's --require-hashes; it is also on as soon as any
	// root has Hashes.
	RequireHashes bool
	// HashesOptional is pip's --no-require-hashes: hashes of roots are checked
	// where they are given, and demanded of nothing else.
	HashesOptional bool
	Upgrade        UpgradeStrategy
	ForceReinstall bool
	// ProbeSdists is how many sdists of a project may turn out not to be
	// buildable before its other sdists are no longer considered; 0 means 1.
	ProbeSdists int
}

// FormatControl is pip's --no-binary and --only-binary, after their
// order-dependent rules were applied: sets of normalised names, or ":all:".
// A name weighs more than ":all:", only-binary more than no-binary.
type FormatControl struct {
	NoBinary   map[string]bool
	OnlyBinary map[string]bool
}

// Allows says which formats of project (a normalised name) are allowed.
func (c FormatControl) Allows(project string) (wheels, sdists bool) {
	switch {
	case c.OnlyBinary[project]:
		return true, false
	case c.NoBinary[project]:
		return false, true
	case c.OnlyBinary[":all:"]:
		return true, false
	case c.NoBinary[":all:"]:
		return false, true
	}
	return true, true
}

// ReleaseControl is pip's --all-releases and --only-final; --pre is
// AllReleases ":all:". Sets of normalised names, or ":all:".
type ReleaseControl struct {
	AllReleases map[string]bool
	OnlyFinal   map[string]bool
}

// Prereleases says whether pre-releases of project are asked for (yes), refused
// (no), or neither: then the requirements decide.
func (c ReleaseControl) Prereleases(project string) (yes, no bool) {
	switch {
	case c.AllReleases[project]:
		return true, false
	case c.OnlyFinal[project]:
		return false, true
	case c.AllReleases[":all:"]:
		return true, false
	case c.OnlyFinal[":all:"]:
		return false, true
	}
	return false, false
}

// Source is the world as the resolver sees it. It is called from many
// goroutines, also for things that turn out not to be needed; it should
// therefore cache what it answers. It answers the same to the same question,
// and soon once its context is done: Resolve waits for it.
type Source interface {
	// Listing returns the versions and files of a project (a normalised name), of
	// all indexes merged. A project that no index knows is a *NotFoundError. Any
	// other error ends the resolution: a network fault never means that there is
	// no such version.
	Listing(ctx context.Context, project string) (Listing, error)
	// Metadata returns the core metadata of a file, for the host at that place
	// of Request.Hosts: a wheel's are the same for all, and asked for once, with
	// host 0; what is built of an sdist is each host's own. A file that must be
	// passed over is an *UnusableError or a *NeedsCompilerError; any other error
	// ends the resolution. It is asked of an sdist only when the resolver has
	// come to choose it, so that building lazily is possible.
	Metadata(ctx context.Context, f File, host int) (*Metadata, error)
	// Direct returns the file that the URL of a `name @ URL` requirement
	// stands for. Errors as for Metadata.
	Direct(ctx context.Context, r requirements.Requirement) (File, error)
}

// File is a distribution file: a wheel or an sdist.
type File struct {
	Filename string
	// Wheel is the parsed file name; nil for an sdist.
	Wheel   *wheel.Filename
	Version pep440.Version
	// RequiresPython as the listing has it; may be empty.
	RequiresPython string
	Yanked         bool
	YankedReason   string
	UploadTime     time.Time
	Hashes         map[string]string
	// Size in bytes; negative if unknown.
	Size int64
	// Index is where the file was listed, without credentials.
	Index string
	// URL identifies a direct file, without credentials; two requirements of
	// equal URL mean the same file. Empty for files of an index.
	URL string
	// Local files (a find-links folder, a path) have no upload time.
	Local bool
	// Ref is the Source's own handle.
	Ref any
}

// IsWheel reports whether f is a wheel.
func (f *File) IsWheel() bool { return f.Wheel != nil }

// Metadata is the part of a distribution's core metadata that decides.
type Metadata struct {
	Name           string
	Version        string
	RequiresPython string
	RequiresDist   []string
	ProvidesExtra  []string
}
