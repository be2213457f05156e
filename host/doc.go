// Package host describes where packages will run: the tags it accepts (PEP
// 425, 600, 656, 730, 738, 783, 803), its marker environment (PEP 508), its
// install scheme and what machine code it can load.
//
// A host is data. [New] makes one from pip's options and from the many names
// that platforms go by, [Native] from the build machine's own Python. What a
// name leaves open is decided by a documented default and said in
// [Host.Notes]; what cannot be known of a machine that is never run stays
// marked as unknown in [Host.Environment].
package host
