// Package host describes where packages will run: the tags it accepts (PEP
// 425, 600, 656, 730, 738, 783, 803), its marker environment (PEP 508), its
// install scheme and what machine code it can load.
//
// A host is data. [New] makes one from pip's options and from the many names
// that platforms go by, [Native] from the build machine's own Python. What a
// name leaves open is decided by a documented default and said in
// [Host.Notes]; what cannot be known of a machine that is never run stays
// marked as unknown in [Host.Environment].
//
// # Tags
//
// Where pip expands a platform, the tags are pip's in pip's order. They go on
// where pip stops: manylinux and musllinux tags of older versions of the C
// library, with the names they had before PEP 600; pyemscripten with the names
// it had before PEP 783. Where pip reads the ABI flags of the Python that it
// happens to run in, a host without an ABI option has those of a plain build.
// [Options].Exact takes each platform as the only one.
//
// # Names
//
// One table, of systems, drives all names: what a platform tag consists of,
// where its versions begin, which is usual, what the markers say, and every
// other spelling with the kind of name it is: triples, conda's, Nix's and
// Debian's names, container platforms. Vendors of triples and pairs of a
// system and a processor need no row of their own. [Host.Spellings] writes
// them; what one leaves open is found by reading it again. Some names say
// which Python runs there as well: build identifiers, runtimes. A tag that no
// host can have is refused with the nearest that can; a family that is not in
// the table is refused unless Exact is set, and then nothing is known of its
// markers.
package host
