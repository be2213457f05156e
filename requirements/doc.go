// Package requirements reads what is asked for: dependency specifiers with
// their extras, version specifiers, direct URLs and environment markers
// (PEP 508, as the living specification and packaging 26.3 have it), and
// decides markers for an environment that may be known only in part.
//
// Everything here is a value: nothing is looked up on the machine that runs
// the code, parsing takes linear time, and nesting and length are bounded.
package requirements
