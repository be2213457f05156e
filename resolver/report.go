package resolver

import (
	"github.com/xpip/xpip/host"
)

// NoCandidateError says that nothing fits one requirement, whatever the rest:
// no such project, no version that it allows, or no file for the host.
type NoCandidateError struct {
	// Requirement without its marker, as pip shows it: "lxml>=6".
	Requirement string
	Project     string
	// Chain leads from the user to the requirement, which is its last step.
	Chain []Step
	// Looked is set if no index knows the project: where it was sought.
	NotFound bool
	Looked   []string
	// Withheld says why a project that is known is not given out, to be read
	// behind its name.
	Withheld string
	// Direct is the name of the file, if the requirement is a path or URL.
	Direct string
	// FinalOnly if pre-releases are refused by --only-final.
	FinalOnly bool
	// Versions that pip would list as "from versions": those with a file that
	// the host could take, oldest first; without the yanked ones.
	Versions []string
	Yanked   []string
	// OtherPython lists versions for another Python: "1.0 Requires-Python >=3.9".
	OtherPython []string
	// Hosts have a report each, for those that the requirement is needed on.
	Hosts []HostReport
	// Also are other requirements of the same parent, or of the user, that
	// nothing fits either.
	Also []AlsoMissing
	// Try lists what would help; each a command or an edit that works.
	Try []Suggestion
}

// HostReport says what there is of a project and why it is not for the host.
type HostReport struct {
	Host *host.Host
	// Files, Wheels and VersionCount of the project, all versions.
	Files, Wheels, Sdists, VersionCount int
	// Families count the wheels by operating system, most frequent first.
	Families []Count
	// Reasons group the versions that the requirement allows by why they are
	// not candidates, in the order newest first of their newest version.
	Reasons []ReasonGroup
	// Usable are versions that the requirement allows and this host could have,
	// newest first; not empty only if another host has none of them.
	Usable []string
	// Source is the verdict on the newest sdist that was tried.
	Source *SourceVerdict
	// Nearest is the wheel that misses by least; nil if there is none near.
	Nearest *NearMiss
}

// AlsoMissing is one more requirement that nothing fits.
type AlsoMissing struct {
	Requirement string
	Project     string
	// Reason completes "it …"; it may be empty.
	Reason string
	// Source if sdists of it are only hidden by --only-binary.
	Source bool
}

// Count is a number of something.
type Count struct {
	What string
	N    int
}

// ReasonGroup are versions that are not candidates for one reason.
type ReasonGroup struct {
	Reason string
	// Versions newest first.
	Versions []string
}

// SourceVerdict is why an sdist is no way out.
type SourceVerdict struct {
	Version string
	File    string
	Reason  string
	Log     string
	// Remedy is what would let it be built; may be zero.
	Remedy Suggestion
}

// NearMiss is the file that fits the host but for one thing.
type NearMiss struct {
	Version  string
	File     string
	Mismatch host.Mismatch
}

// Suggestion is one thing to try.
type Suggestion struct {
	Text string
	// Command is the option or requirement to write; may be empty.
	Command string
}

// ConflictError says that requirements exclude each other.
type ConflictError struct {
	// Wants are the parties, as pip lists them in "Cannot install …".
	Wants []string
	// Causes are pip's lines: who asks for what.
	Causes []Cause
	// NoCandidates are projects among the causes that have no version for the
	// host at all.
	NoCandidates []string
	// Explanation is the argument, from what is given to what follows; each
	// line a sentence, the last one the conclusion.
	Explanation []string
	Try         []Suggestion
}

// Cause is one requirement that takes part in a conflict.
type Cause struct {
	// Parent and Version of who asks; empty for the user.
	Parent, Version string
	// Origin of the user's requirement.
	Origin      string
	Constraint  bool
	Requirement string
}

// HashError is the refusal of hash-checking mode.
type HashError struct {
	// Unpinned requirements have no ==, Missing ones no hash.
	Unpinned []HashProblem
	Missing  []HashProblem
}

// HashProblem is one requirement of a HashError.
type HashProblem struct {
	Requirement string
	Chain       []Step
	// Hash is what would make the requirement acceptable: "sha256:…"; empty if
	// the index does not say.
	Hash string
}

// RequiresPythonError says that a direct requirement of the user is for
// another Python.
type RequiresPythonError struct {
	Project        string
	Version        string
	RequiresPython string
	Python         string
	Host           *host.Host
	Chain          []Step
}

// LimitError says that the resolution was given up.
type LimitError struct {
	Steps int
}
