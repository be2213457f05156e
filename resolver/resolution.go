package resolver

import (
	"context"

	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/pep440"
)

// Resolution is one version of every project that is needed.
type Resolution struct {
	// Packages in the order to install them: dependencies first, as far as
	// there are no cycles; the same for the same set of packages.
	Packages []Package
	Warnings []Warning
}

// For returns what the host at that place of the request gets: the packages that
// it needs, in the same order, with an entry of its own alone in Chosen. What
// the host prefix holds already is marked for all hosts alike. Warnings are left
// out, as they are about all.
func (r *Resolution) For(host int) *Resolution {
	out := &Resolution{Packages: make([]Package, 0, len(r.Packages))}
	for _, p := range r.Packages {
		if chosen := p.Chosen[host]; chosen.Needed {
			p.Chosen = []Chosen{chosen}
			out.Packages = append(out.Packages, p)
		}
	}
	return out
}

// Package is one project of a Resolution.
type Package struct {
	// Project is the normalised name, Name what the metadata writes.
	Project string
	Name    string
	Version pep440.Version
	// Extras that are installed with it, sorted.
	Extras []string
	// Requested if the user named the project.
	Requested bool
	// Installed if the version is the one that the host prefix holds already;
	// Chosen[i].File is nil then.
	Installed bool
	// Direct if it comes from a path or URL that a requirement names.
	Direct bool
	// Chosen has one entry for each host of the request, in its order.
	Chosen []Chosen
	// Why is the shortest chain of requirements to this package, outermost
	// first; its last step is a requirement on this package.
	Why []Step
	// PassedOver are the newer versions that the requirements allow, newest
	// first, with the reason. Versions in a row with one reason are one entry.
	PassedOver []PassedOver
	// Hashes the user allows for its file, by algorithm; empty = any.
	Hashes map[string][]string
}

// Chosen is what one host gets of a package.
type Chosen struct {
	// Needed is false for a host on which nothing asks for the package.
	Needed bool
	File   *File
	// Rank of the wheel's best tag on the host; -1 for an sdist or what is
	// installed.
	Rank     int
	Metadata *Metadata
	// Dependencies are the normalised names of the packages that this one
	// needs on the host, sorted.
	Dependencies []string
}

// Step is one link of a requirement chain.
type Step struct {
	// Project and Version of who asks; empty for the user.
	Project string
	Version string
	// Origin of a requirement of the user, as in Root; may be empty.
	Origin      string
	Requirement requirements.Requirement
}

// PassedOver is a newer version that was not taken, or several in a row.
type PassedOver struct {
	// Version is the newest of them, Oldest the last; the same if Count is 1.
	Version, Oldest pep440.Version
	Count           int
	Reason          string
}

// Versions names them: "1.0.0", "1.0.0 and 0.9.0", "1.0.0 to 0.3.0".
func (p PassedOver) Versions() string {
	switch p.Count {
	case 0, 1:
		return p.Version.String()
	case 2:
		return p.Version.String() + " and " + p.Oldest.String()
	}
	return p.Version.String() + " to " + p.Oldest.String()
}

// WarningKind tells warnings apart.
type WarningKind int

const (
	// UnknownMarker: requirements depend on a marker variable that is not
	// known for a host. Subject is the variable, Default the value taken.
	UnknownMarker WarningKind = iota
	// MissingExtra: Project Version does not provide the extra Subject.
	MissingExtra
	// YankedVersion: Project Version is yanked; Detail is the reason given.
	YankedVersion
	// UnusableVersion: Project Version was ignored for its metadata; Detail
	// completes "it …".
	UnusableVersion
	// IgnoredRoot: the markers of the user's requirement Subject don't match
	// the environment of any host; Detail is the marker.
	IgnoredRoot
)

// Warning is something the user should know though the resolution succeeded.
type Warning struct {
	Kind             WarningKind
	Project, Version string
	Subject          string
	Default          string
	Detail           string
	// Requirements that the warning is about (UnknownMarker), sorted.
	Requirements []string
}

// Resolve chooses the versions for req. Its errors are *NoCandidateError,
// *ConflictError, *HashError, *RequiresPythonError, *MissingUploadTimeError,
// *LimitError, or what the Source failed with.
func Resolve(ctx context.Context, req Request, src Source) (*Resolution, error) {
	return resolve(ctx, req, src)
}
