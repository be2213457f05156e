package resolver

import "github.com/xpip/xpip/requirements"

// The reasons of the facts that the solver is told. Reports are made of them.
type (
	// dependency: version (and others) of parent, or the user, requires.
	dependency struct {
		requirement *requirements.Requirement
		root        *root
		parent      *entry
		version     int32
		extra       string
		project     *entry
		// set is what the requirement allows of project.
		set indexSet
	}
	// constrained: the user's constraint.
	constrained struct {
		project    *entry
		constraint *Constraint
	}
	// noFile: no file of the version can be used on the host.
	noFile struct {
		project *entry
		host    int
	}
	// spoiled: the version's metadata makes it unusable.
	spoiled struct {
		project *entry
		why     string
	}
	// spoiledDirect: the file that a requirement names is unusable.
	spoiledDirect struct {
		dependency *dependency
		why        string
	}
	// forOtherPython: by its metadata, the version is for another Python.
	forOtherPython struct {
		project *entry
		host    int
		spec    string
	}
	// needsCompiler: no pure wheel can be made of the version's sdist.
	needsCompiler struct {
		project *entry
		version int32
		host    int
		verdict *NeedsCompilerError
	}
	// notProbed: the host could only have the version's sdist, and that of
	// another version, probed, was no way out.
	notProbed struct {
		project *entry
		host    int
		probed  int32
	}
	// prereleases: not asked for.
	prereleases struct{ project *entry }
	// yanked: not pinned.
	yanked struct{ project *entry }
	// tie: packages of one project have the same version.
	tie struct{}
)
