// Package wheel knows what a wheel is: its file name (PEP 427, 425, 491, 825),
// its METADATA, WHEEL, RECORD and entry_points.txt, how its archive is read
// without trusting it, what machine code is inside, and how one is written.
//
// A wheel is hostile until proven otherwise. [Open] walks the whole archive
// frame before any member is read, and [Archive.Unpack] writes only through an
// [os.Root] and only bytes whose digest RECORD vouches for. What depends on the
// host (whether a tag fits, whether the machine code does, whether a name can
// exist there) is reported as facts for others to judge.
package wheel
