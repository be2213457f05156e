// Package pubgrub is a version solver: it finds one version for each package
// that is needed, or a proof that there is none. It knows nothing of Python,
// files or networks.
//
// It is written from the published descriptions of PubGrub: Natalie
// Weizenbaum's article "PubGrub: Next-Generation Version Solving", the solver
// document of Dart's pub, and the prose of the guide to the Rust
// implementation.
//
// What is known are incompatibilities: sets of terms that must not all be
// true. "a 1 needs b ≥ 2" is {a ∈ 1, b ∉ ≥2}. The algorithm:
//
//	next := root
//	for {
//	    propagate(next)                 // derive what must follow
//	    p := undecided package of highest priority; none: solved
//	    v := a version of p that is still allowed
//	    add the incompatibilities of (p, v)
//	    decide p = v, unless one of them is violated by that already
//	    next := p
//	}
//
//	propagate(p): for each incompatibility of p, newest first
//	    all terms true      → resolve the conflict: combine with the causes of
//	                          the newest true term until the result leaves a
//	                          choice; backjump to it; add the result; go on there
//	    all terms but one   → the opposite of that one must be true: derive it
//
// The answer depends only on the answers of the Provider, never on time. A
// solution is checked against every incompatibility before it is returned. It
// is not promised to be the newest in any global sense: each decision takes
// the provider's choice, in the order of its priorities.
//
// The search ends: every conflict adds an incompatibility that excludes at
// least one assignment not excluded before, and versions are finite. It may
// take exponentially long, therefore Options bounds the steps.
package pubgrub
