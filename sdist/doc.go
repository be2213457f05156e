// Package sdist turns source distributions into wheels for any platform, or
// says why that can't be done without a compiler.
//
// A source distribution is first read, not run: many promise their metadata,
// and a project whose backend exists to compile says so in its files
// ([Builder.Inspect]). Otherwise it is built ([Builder.Build]): unpacked into a
// fresh folder, in a build environment filled by a [Provisioner], by the hooks
// of PEP 517 run by a Python of the build machine, with the host in view of the
// project's own code, with a trap in place of every compiler, inside a sandbox.
// A build that gets by without the compiler has a wheel; that wheel earns its
// none-any tag by having no machine code in it.
//
// The parts are in sub-packages: unpack (archives), project (what a tree says
// of itself), hooks (PEP 517), trap, sandbox, and checkout (trees out of git).
package sdist
