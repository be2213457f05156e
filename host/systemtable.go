package host

// systems is the table of all systems and all their names. Versions taken by
// default: glibc's are those of today's manylinux images (2.28; 2.31 on
// armv7l, 2.39 on riscv64, 2.36 where loongarch64 begins), musl's that of
// musllinux_1_2; macOS 13, iOS 13 and Android 24 are the floors uv takes.
//
// The source of a row says where its tag, its sysconfig platform and its
// MULTIARCH were seen: "Debian" is the Python of that architecture, run or
// read; "wheels" are wheels on PyPI and the names of the modules in them;
// "policies" are auditwheel's; "triplets" is CPython's Misc/platform_triplet.c;
// "maturin" are its collected sysconfig dumps. Where the other names are from
// is said at their kinds. Of systems that share a name the first in the table
// has it.
var systems = []system{
	{source: "Debian amd64, wheels, policies", os: osLinux, libc: libcGlibc, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: glibcX86, usual: version{2, 28},
		names: names{
			KindOlderTag: "manylinux{legacy}_x86_64", KindSysconfig: "linux-x86_64", KindMultiarch: "x86_64-linux-gnu",
			KindGNU: "x86_64-pc-linux-gnu x86_64-linux-gnu", KindRust: "x86_64-unknown-linux-gnu", KindZig: "x86_64-linux-gnu.{.}",
			KindConda: "linux-64", KindCondaTriple: "x86_64-conda-linux-gnu",
			KindNix: "x86_64-linux", KindNixConfig: "x86_64-unknown-linux-gnu", KindNixAttr: "gnu64", KindDebian: ">amd64",
			KindUV: "x86_64-unknown-linux-gnu x86_64-manylinux{legacy} x86_64-manylinux_{_}", KindCibuildwheel: "manylinux_x86_64",
			KindOCI: "linux/amd64 <linux/amd64/v1 <linux/amd64/v2 <linux/amd64/v3 <linux/amd64/v4 <linux/x86_64",
		},
		short: []shortName{{"linux", "x86_64"}, {"manylinux", "x86_64"}}},
	{source: "Debian i386, wheels, policies", os: osLinux, libc: libcGlibc, arch: "i686", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}, floor: glibcX86, usual: version{2, 28},
		names: names{
			KindOlderTag: "manylinux{legacy}_i686", KindSysconfig: "linux-i686", KindMultiarch: "i386-linux-gnu",
			KindGNU: "i686-pc-linux-gnu i686-linux-gnu", KindRust: "i686-unknown-linux-gnu", KindZig: "x86-linux-gnu.{.} <i686-linux-gnu.{.}",
			KindConda: "linux-32", KindNix: "i686-linux", KindNixConfig: "i686-unknown-linux-gnu", KindNixAttr: "gnu32", KindDebian: "i386",
			KindUV: "<i686-manylinux{legacy} <i686-manylinux_{_}", KindCibuildwheel: "manylinux_i686", KindOCI: "linux/386 <linux/i386",
		}},
	{source: "Debian arm64, wheels, policies", os: osLinux, libc: libcGlibc, arch: "aarch64", cpu: cpuAArch64, machine: "aarch64", floor: glibcOther, usual: version{2, 28},
		names: names{
			KindOlderTag: "manylinux{legacy}_aarch64", KindSysconfig: "linux-aarch64", KindMultiarch: "aarch64-linux-gnu",
			KindGNU: "aarch64-unknown-linux-gnu aarch64-linux-gnu", KindRust: "aarch64-unknown-linux-gnu", KindZig: "aarch64-linux-gnu.{.}",
			KindConda: "linux-aarch64", KindCondaTriple: "aarch64-conda-linux-gnu",
			KindNix: "aarch64-linux", KindNixConfig: "aarch64-unknown-linux-gnu", KindNixAttr: "aarch64-multiplatform", KindDebian: ">arm64",
			KindUV: "aarch64-unknown-linux-gnu aarch64-manylinux{legacy} aarch64-manylinux_{_}", KindCibuildwheel: "manylinux_aarch64",
			KindOCI: "linux/arm64 linux/arm64/v8 <linux/arm64/v9 <linux/aarch64",
		}},
	// Debian's own config.sub triple is armv8l-unknown-linux-gnueabihf, of the
	// machine it was built on.
	{source: "Debian armhf, wheels, policies", os: osLinux, libc: libcGlibc, arch: "armv7l", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l", "aarch64"}, floor: glibcOther, usual: version{2, 31},
		names: names{
			KindOlderTag: "manylinux{legacy}_armv7l", KindSysconfig: "linux-armv7l <linux-armv8l", KindMultiarch: "arm-linux-gnueabihf",
			KindGNU: "arm-linux-gnueabihf armv7l-unknown-linux-gnueabihf", KindRust: "armv7-unknown-linux-gnueabihf <thumbv7neon-unknown-linux-gnueabihf",
			KindZig: "arm-linux-gnueabihf.{.}", KindConda: "linux-armv7l", KindCondaTriple: "armv7l-conda-linux-gnueabihf",
			KindNix: "armv7l-linux", KindNixConfig: "armv7l-unknown-linux-gnueabihf", KindNixAttr: "armv7l-hf-multiplatform", KindDebian: "armhf",
			KindUV: "<armv7l-manylinux{legacy} <armv7l-manylinux_{_}", KindCibuildwheel: "manylinux_armv7l", KindOCI: "linux/arm/v7 <linux/arm/v8",
		},
		short: []shortName{{"armv7l", "Linux"}, {"linux/arm", "v7"}}},
	{source: "Debian ppc64el, wheels, policies", os: osLinux, libc: libcGlibc, arch: "ppc64le", cpu: cpuPPC64LE, machine: "ppc64le", floor: glibcOther, usual: version{2, 28},
		names: names{
			KindOlderTag: "manylinux{legacy}_ppc64le", KindSysconfig: "linux-ppc64le", KindMultiarch: "powerpc64le-linux-gnu",
			KindGNU: "powerpc64le-unknown-linux-gnu", KindRust: "powerpc64le-unknown-linux-gnu", KindZig: "powerpc64le-linux-gnu.{.}",
			KindConda: "linux-ppc64le", KindCondaTriple: "powerpc64le-conda-linux-gnu",
			KindNix: "powerpc64le-linux", KindNixConfig: "powerpc64le-unknown-linux-gnu", KindNixAttr: "powernv", KindDebian: "ppc64el",
			KindUV: "<ppc64le-manylinux{legacy} <ppc64le-manylinux_{_}", KindCibuildwheel: "manylinux_ppc64le", KindOCI: "linux/ppc64le",
		},
		short: []shortName{{"ppc64le", "Linux"}}},
	{source: "PEP 599, triplets", os: osLinux, libc: libcGlibc, arch: "ppc64", cpu: cpuPPC64, machine: "ppc64", floor: glibcOther, usual: version{2, 28},
		names: names{
			KindOlderTag: "manylinux{legacy}_ppc64", KindSysconfig: "linux-ppc64", KindMultiarch: "powerpc64-linux-gnu",
			KindGNU: "powerpc64-unknown-linux-gnu", KindRust: "powerpc64-unknown-linux-gnu", KindZig: "powerpc64-linux-gnu.{.}",
			KindConda: "linux-ppc64", KindNix: "powerpc64-linux", KindNixConfig: "powerpc64-unknown-linux-gnu", KindDebian: "ppc64",
			KindOCI: "linux/ppc64",
		}},
	{source: "Debian s390x, wheels, policies", os: osLinux, libc: libcGlibc, arch: "s390x", cpu: cpuS390X, machine: "s390x", floor: glibcOther, usual: version{2, 28},
		names: names{
			KindOlderTag: "manylinux{legacy}_s390x", KindSysconfig: "linux-s390x", KindMultiarch: "s390x-linux-gnu",
			KindGNU: "s390x-ibm-linux-gnu", KindRust: "s390x-unknown-linux-gnu", KindZig: "s390x-linux-gnu.{.}",
			KindConda: "linux-s390x", KindCondaTriple: "s390x-conda-linux-gnu",
			KindNix: "s390x-linux", KindNixConfig: "s390x-unknown-linux-gnu", KindNixAttr: "s390x", KindDebian: "s390x",
			KindUV: "<s390x-manylinux{legacy} <s390x-manylinux_{_}", KindCibuildwheel: "manylinux_s390x", KindOCI: "linux/s390x",
		}},
	{source: "Debian riscv64, wheels, policies", os: osLinux, libc: libcGlibc, arch: "riscv64", cpu: cpuRISCV64, machine: "riscv64", floor: glibcOther, usual: version{2, 39},
		names: names{
			KindSysconfig: "linux-riscv64", KindMultiarch: "riscv64-linux-gnu",
			KindGNU: "riscv64-unknown-linux-gnu", KindRust: "riscv64gc-unknown-linux-gnu", KindZig: "riscv64-linux-gnu.{.}",
			KindConda: "linux-riscv64", KindCondaTriple: "riscv64-conda-linux-gnu",
			KindNix: "riscv64-linux", KindNixConfig: "riscv64-unknown-linux-gnu", KindNixAttr: "riscv64", KindDebian: "riscv64",
			KindUV: "riscv64-unknown-linux <riscv64-manylinux_{_}", KindCibuildwheel: "manylinux_riscv64", KindOCI: "linux/riscv64",
		}},
	{source: "Debian loong64 (3.14), policies", os: osLinux, libc: libcGlibc, arch: "loongarch64", cpu: cpuLoong64, machine: "loongarch64", floor: glibcOther, usual: version{2, 36},
		names: names{
			KindSysconfig: "linux-loongarch64", KindMultiarch: "loongarch64-linux-gnu",
			KindGNU: "loongarch64-unknown-linux-gnu", KindRust: "loongarch64-unknown-linux-gnu", KindZig: "loongarch64-linux-gnu.{.}",
			KindNix: "loongarch64-linux", KindNixConfig: "loongarch64-unknown-linux-gnu", KindDebian: "loong64",
			KindUV: "<loongarch64-manylinux_{_}", KindCibuildwheel: "<manylinux_loongarch64", KindOCI: "linux/loong64",
		},
		short: []shortName{{"loongarch64", "Linux"}}},

	// Sysconfig and Nix do not tell the C library.
	{source: "wheels, policies", os: osLinux, libc: libcMusl, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-x86_64", KindMultiarch: "x86_64-linux-musl", KindGNU: "x86_64-pc-linux-musl",
			KindRust: "x86_64-unknown-linux-musl", KindZig: "x86_64-linux-musl", KindNix: ">x86_64-linux",
			KindNixConfig: "x86_64-unknown-linux-musl", KindNixAttr: "musl64", KindDebian: "musl-linux-amd64",
			KindUV: "x86_64-unknown-linux-musl <x86_64-musllinux_{_}", KindCibuildwheel: "musllinux_x86_64", KindOCI: ">linux/amd64",
		},
		short: []shortName{{"alpine", "x86_64"}, {"musllinux", "x86_64"}}},
	{source: "wheels, policies", os: osLinux, libc: libcMusl, arch: "i686", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}, floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-i686", KindMultiarch: "i386-linux-musl", KindGNU: "i686-pc-linux-musl",
			KindRust: "i686-unknown-linux-musl", KindZig: "x86-linux-musl", KindNix: ">i686-linux",
			KindNixConfig: "i686-unknown-linux-musl", KindNixAttr: "musl32", KindDebian: "musl-linux-i386",
			KindUV: "<i686-musllinux_{_}", KindCibuildwheel: "musllinux_i686", KindOCI: ">linux/386",
		}},
	{source: "wheels, policies", os: osLinux, libc: libcMusl, arch: "aarch64", cpu: cpuAArch64, machine: "aarch64", floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-aarch64", KindMultiarch: "aarch64-linux-musl", KindGNU: "aarch64-unknown-linux-musl",
			KindRust: "aarch64-unknown-linux-musl", KindZig: "aarch64-linux-musl", KindNix: ">aarch64-linux",
			KindNixConfig: "aarch64-unknown-linux-musl", KindNixAttr: "aarch64-multiplatform-musl", KindDebian: "musl-linux-arm64",
			KindUV: "aarch64-unknown-linux-musl <aarch64-musllinux_{_}", KindCibuildwheel: "musllinux_aarch64", KindOCI: ">linux/arm64",
		}},
	{source: "wheels, policies", os: osLinux, libc: libcMusl, arch: "armv7l", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l", "aarch64"}, floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-armv7l", KindMultiarch: "arm-linux-musleabihf", KindGNU: "armv7l-unknown-linux-musleabihf",
			KindRust: "armv7-unknown-linux-musleabihf <thumbv7neon-unknown-linux-musleabihf", KindZig: "arm-linux-musleabihf", KindNix: ">armv7l-linux",
			KindNixConfig: "armv7l-unknown-linux-musleabihf", KindDebian: "musl-linux-armhf",
			KindUV: "<armv7l-musllinux_{_}", KindCibuildwheel: "musllinux_armv7l", KindOCI: ">linux/arm/v7",
		}},
	{source: "wheels, policies", os: osLinux, libc: libcMusl, arch: "ppc64le", cpu: cpuPPC64LE, machine: "ppc64le", floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-ppc64le", KindMultiarch: "powerpc64le-linux-musl", KindGNU: "powerpc64le-unknown-linux-musl",
			KindRust: "powerpc64le-unknown-linux-musl", KindZig: "powerpc64le-linux-musl", KindNix: ">powerpc64le-linux",
			KindNixConfig: "powerpc64le-unknown-linux-musl", KindNixAttr: "musl-power", KindDebian: "musl-linux-ppc64el",
			KindUV: "<ppc64le-musllinux_{_}", KindCibuildwheel: "musllinux_ppc64le", KindOCI: ">linux/ppc64le",
		}},
	{source: "wheels, policies", os: osLinux, libc: libcMusl, arch: "s390x", cpu: cpuS390X, machine: "s390x", floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-s390x", KindMultiarch: "s390x-linux-musl", KindGNU: "s390x-ibm-linux-musl",
			KindRust: "s390x-unknown-linux-musl", KindZig: "s390x-linux-musl", KindNix: ">s390x-linux",
			KindNixConfig: "s390x-unknown-linux-musl", KindDebian: "musl-linux-s390x",
			KindUV: "<s390x-musllinux_{_}", KindCibuildwheel: "musllinux_s390x", KindOCI: ">linux/s390x",
		}},
	{source: "wheels, policies", os: osLinux, libc: libcMusl, arch: "riscv64", cpu: cpuRISCV64, machine: "riscv64", floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-riscv64", KindMultiarch: "riscv64-linux-musl", KindGNU: "riscv64-unknown-linux-musl",
			KindRust: "riscv64gc-unknown-linux-musl", KindZig: "riscv64-linux-musl", KindNix: ">riscv64-linux",
			KindNixConfig: "riscv64-unknown-linux-musl", KindNixAttr: "riscv64-musl", KindDebian: "musl-linux-riscv64",
			KindUV: "<riscv64-musllinux_{_}", KindCibuildwheel: "musllinux_riscv64", KindOCI: ">linux/riscv64",
		}},
	{source: "triplets, policies", os: osLinux, libc: libcMusl, arch: "loongarch64", cpu: cpuLoong64, machine: "loongarch64", floor: musl10, usual: version{1, 2},
		names: names{
			KindSysconfig: ">linux-loongarch64", KindMultiarch: "loongarch64-linux-musl", KindGNU: "loongarch64-unknown-linux-musl",
			KindRust: "loongarch64-unknown-linux-musl", KindZig: "loongarch64-linux-musl", KindNix: ">loongarch64-linux",
			KindNixConfig: "loongarch64-unknown-linux-musl", KindDebian: "musl-linux-loong64",
			KindUV: "<loongarch64-musllinux_{_}", KindCibuildwheel: "<musllinux_loongarch64", KindOCI: ">linux/loong64",
		}},

	// What Linux itself is called by Python, no C library promised.
	{source: "PEP 425, sysconfig", os: osLinux, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", names: names{KindSysconfig: ">linux-x86_64"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "i686", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}, names: names{KindSysconfig: ">linux-i686"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "aarch64", cpu: cpuAArch64, machine: "aarch64", names: names{KindSysconfig: ">linux-aarch64"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "armv8l", cpu: cpuARMv7, machine: "armv8l", names: names{KindSysconfig: ">linux-armv8l"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "armv7l", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l", "aarch64"}, names: names{KindSysconfig: ">linux-armv7l"}},
	// No policy has it, so that no manylinux does.
	{source: "triplets, maturin", os: osLinux, arch: "armv6l", cpu: cpuARMv6, machine: "armv6l",
		names: names{
			KindSysconfig: "linux-armv6l", KindMultiarch: ">arm-linux-gnueabihf", KindGNU: "armv6l-unknown-linux-gnueabihf",
			KindRust: "arm-unknown-linux-gnueabihf", KindConda: "linux-armv6l", KindNix: "armv6l-linux",
			KindNixConfig: "armv6l-unknown-linux-gnueabihf", KindNixAttr: "raspberryPi", KindOCI: "linux/arm/v6",
		},
		short: []shortName{{"armv6l", "Linux"}}},
	// What Linux itself is called by Python, no C library promised.
	{source: "PEP 425, sysconfig", os: osLinux, arch: "ppc64le", cpu: cpuPPC64LE, machine: "ppc64le", names: names{KindSysconfig: ">linux-ppc64le"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "ppc64", cpu: cpuPPC64, machine: "ppc64", names: names{KindSysconfig: ">linux-ppc64"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "s390x", cpu: cpuS390X, machine: "s390x", names: names{KindSysconfig: ">linux-s390x"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "riscv64", cpu: cpuRISCV64, machine: "riscv64", names: names{KindSysconfig: ">linux-riscv64"}},
	{source: "PEP 425, sysconfig", os: osLinux, arch: "loongarch64", cpu: cpuLoong64, machine: "loongarch64", names: names{KindSysconfig: ">linux-loongarch64"}},

	// CPython's own triple is arm-apple-darwin20.3.0.
	{source: "wheels, maturin", os: osMacOS, arch: "arm64", cpu: cpuAArch64, machine: "arm64", floor: version{11, 0}, usual: version{13, 0},
		names: names{
			KindSysconfig: "macosx-{.}-arm64 <macosx-arm64", KindMultiarch: ">darwin", KindGNU: "arm64-apple-darwin{darwin} arm64-apple-darwin <arm-apple-darwin{darwin}",
			KindLLVM: "arm64-apple-macosx{.} <arm64-apple-macos{.}", KindRust: "aarch64-apple-darwin <arm64e-apple-darwin", KindZig: "aarch64-macos aarch64-macos.{.}",
			KindConda: "osx-arm64", KindCondaTriple: ">arm64-apple-darwin20.0.0", KindNix: "aarch64-darwin", KindNixConfig: "arm64-apple-darwin",
			KindNixAttr: "aarch64-darwin", KindUV: "aarch64-apple-darwin", KindCibuildwheel: "macosx_arm64", KindOCI: "darwin/arm64",
		},
		short: []shortName{{"macos", "arm64"}, {"darwin", "arm64"}, {"osx", "arm64"}}},
	{source: "wheels, maturin", os: osMacOS, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: version{10, 4}, usual: version{13, 0},
		names: names{
			KindSysconfig: "macosx-{.}-x86_64 <macosx-x86_64", KindMultiarch: ">darwin", KindGNU: "x86_64-apple-darwin{darwin} x86_64-apple-darwin",
			KindLLVM: "x86_64-apple-macosx{.} <x86_64-apple-macos{.}", KindRust: "x86_64-apple-darwin", KindZig: "x86_64-macos x86_64-macos.{.}",
			KindConda: "osx-64", KindCondaTriple: ">x86_64-apple-darwin13.4.0", KindNix: "x86_64-darwin", KindNixConfig: "x86_64-apple-darwin",
			KindNixAttr: "x86_64-darwin", KindUV: "x86_64-apple-darwin", KindCibuildwheel: "macosx_x86_64", KindOCI: "darwin/amd64",
		}},
	{source: "wheels", os: osMacOS, arch: "universal2", cpu: cpuUniversal, machine: "arm64", also: []string{"x86_64"}, floor: version{10, 4}, usual: version{13, 0},
		names: names{
			KindSysconfig: "macosx-{.}-universal2", KindMultiarch: ">darwin", KindRust: "universal2-apple-darwin", KindCibuildwheel: "macosx_universal2",
		}},
	// The formats of older macOS.
	{source: "PEP 425, packaging", os: osMacOS, arch: "intel", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},
	{source: "PEP 425, packaging", os: osMacOS, arch: "i386", cpu: cpuI686, machine: "i386", floor: version{10, 4}},
	{source: "PEP 425, packaging", os: osMacOS, arch: "fat64", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},
	{source: "PEP 425, packaging", os: osMacOS, arch: "fat3", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},
	{source: "PEP 425, packaging", os: osMacOS, arch: "fat", cpu: cpuI686, machine: "i386", floor: version{10, 0}},
	{source: "PEP 425, packaging", os: osMacOS, arch: "universal", cpu: cpuX8664, machine: "x86_64", floor: version{10, 0}},

	{source: "PEP 730, wheels, triplets", os: osIOS, arch: "arm64", sdk: "iphoneos", cpu: cpuAArch64, machine: "arm64", floor: version{12, 0}, usual: version{13, 0},
		names: names{
			KindOlderTag: "ios_{_}_iphoneos_arm64 ios_{_}_arm64", KindSysconfig: "ios-{.}-arm64-iphoneos", KindMultiarch: "arm64-iphoneos",
			KindLLVM: "arm64-apple-ios{.} arm64-apple-ios", KindRust: "aarch64-apple-ios <aarch64-apple-ios{.}", KindZig: "aarch64-ios aarch64-ios.{.}",
			KindNix: ">aarch64-darwin <aarch64-ios", KindNixConfig: "aarch64-apple-ios", KindNixAttr: "iphone64",
			KindUV: "arm64-apple-ios", KindCibuildwheel: "ios_arm64_iphoneos",
		},
		short: []shortName{{"ios", "the device"}, {"iphone", "the device"}, {"iphoneos", "the device"}, {"ios/arm64", "the device"}}},
	{source: "PEP 730, wheels, triplets", os: osIOS, arch: "arm64", sdk: "iphonesimulator", cpu: cpuAArch64, machine: "arm64", floor: version{12, 0}, usual: version{13, 0},
		names: names{
			KindOlderTag: "ios_{_}_iphonesimulator_arm64", KindSysconfig: "ios-{.}-arm64-iphonesimulator", KindMultiarch: "arm64-iphonesimulator",
			KindLLVM: "arm64-apple-ios{.}-simulator arm64-apple-ios-simulator", KindRust: "aarch64-apple-ios-sim <arm64-apple-ios-sim",
			KindZig: "aarch64-ios-simulator", KindUV: "arm64-apple-ios-simulator", KindCibuildwheel: "ios_arm64_iphonesimulator",
		},
		short: []shortName{{"iphonesimulator", "arm64"}, {"ios-simulator", "arm64"}}},
	{source: "PEP 730, wheels, triplets", os: osIOS, arch: "x86_64", sdk: "iphonesimulator", cpu: cpuX8664, machine: "x86_64", floor: version{12, 0}, usual: version{13, 0},
		names: names{
			KindOlderTag: "ios_{_}_iphonesimulator_x86_64 ios_{_}_x86_64", KindSysconfig: "ios-{.}-x86_64-iphonesimulator",
			KindMultiarch: "x86_64-iphonesimulator", KindLLVM: "x86_64-apple-ios{.}-simulator x86_64-apple-ios-simulator",
			KindRust: "x86_64-apple-ios <x86_64-apple-ios-sim", KindZig: "x86_64-ios-simulator", KindNixConfig: "x86_64-apple-ios",
			KindNixAttr: "iphone64-simulator", KindUV: "x86_64-apple-ios-simulator", KindCibuildwheel: "ios_x86_64_iphonesimulator",
		}},

	{source: "PEP 738, wheels, CPython's Android builds", os: osAndroid, arch: "arm64_v8a", cpu: cpuAArch64, machine: "aarch64", floor: version{16, 0}, usual: version{24, 0},
		names: names{
			KindOlderTag: "android_{n}_aarch64", KindSysconfig: "android-{n}-arm64_v8a <android-arm64_v8a", KindMultiarch: "aarch64-linux-android",
			KindGNU: "aarch64-linux-android", KindLLVM: "aarch64-linux-android{n}", KindRust: "aarch64-linux-android", KindZig: "<aarch64-linux-android.{n}",
			KindNix: ">aarch64-linux", KindNixConfig: "aarch64-unknown-linux-android", KindNixAttr: "aarch64-android-prebuilt <aarch64-android",
			KindUV: "aarch64-linux-android", KindCibuildwheel: "android_arm64_v8a", KindOCI: "android/arm64",
		},
		short: []shortName{{"android", "arm64_v8a"}, {"arm64-v8a", "Android"}}},
	{source: "PEP 738, wheels, CPython's Android builds", os: osAndroid, arch: "x86_64", cpu: cpuX8664, machine: "x86_64", floor: version{16, 0}, usual: version{24, 0},
		names: names{
			KindSysconfig: "android-{n}-x86_64 <android-x86_64", KindMultiarch: "x86_64-linux-android",
			KindGNU: "x86_64-linux-android", KindLLVM: "x86_64-linux-android{n}", KindRust: "x86_64-linux-android", KindZig: "<x86_64-linux-android.{n}",
			KindNix: ">x86_64-linux", KindNixConfig: "x86_64-unknown-linux-android",
			KindUV: "x86_64-linux-android", KindCibuildwheel: "android_x86_64", KindOCI: "android/amd64",
		}},
	{source: "PEP 738, triplets", os: osAndroid, arch: "armeabi_v7a", cpu: cpuARMv7, machine: "armv7l", also: []string{"armv8l"}, floor: version{16, 0}, usual: version{24, 0},
		names: names{
			KindOlderTag: "android_{n}_arm", KindSysconfig: "android-{n}-armeabi_v7a <android-armeabi_v7a", KindMultiarch: "arm-linux-androideabi",
			KindGNU: "arm-linux-androideabi", KindLLVM: "armv7a-linux-androideabi{n}", KindRust: "armv7-linux-androideabi <thumbv7neon-linux-androideabi",
			KindNix: ">armv7a-linux", KindNixConfig: "armv7a-unknown-linux-androideabi", KindNixAttr: "armv7a-android-prebuilt",
			KindCibuildwheel: "<android_armeabi_v7a",
		},
		short: []shortName{{"armeabi-v7a", "Android"}}},
	{source: "PEP 738, triplets", os: osAndroid, arch: "x86", cpu: cpuI686, machine: "i686", also: []string{"x86_64"}, floor: version{16, 0}, usual: version{24, 0},
		names: names{
			KindOlderTag: "android_{n}_i686", KindSysconfig: "android-{n}-x86 <android-x86", KindMultiarch: "i686-linux-android",
			KindGNU: "i686-linux-android", KindLLVM: "i686-linux-android{n}", KindRust: "i686-linux-android",
			KindNixConfig: "i686-unknown-linux-android", KindCibuildwheel: "<android_x86",
		}},

	{source: "wheels", os: osWindows, arch: "amd64", cpu: cpuX8664, machine: "AMD64",
		names: names{
			KindSysconfig: "win-amd64", KindGNU: "x86_64-w64-mingw32", KindLLVM: "x86_64-pc-windows-msvc x86_64-w64-windows-gnu",
			KindRust: "x86_64-pc-windows-msvc x86_64-pc-windows-gnu <x86_64-pc-windows-gnullvm", KindZig: "x86_64-windows-gnu",
			KindConda: "win-64", KindCondaTriple: "x86_64-w64-mingw32", KindNix: "x86_64-windows", KindNixConfig: "x86_64-w64-mingw32",
			KindNixAttr: "mingwW64 <ucrt64", KindUV: "x86_64-pc-windows-msvc", KindCibuildwheel: "win_amd64",
			KindOCI: "windows/amd64 <windows/x86_64",
		},
		short: []shortName{{"windows", "amd64"}, {"win64", "amd64"}}},
	{source: "wheels", os: osWindows, arch: "arm64", cpu: cpuAArch64, machine: "ARM64",
		names: names{
			KindSysconfig: "win-arm64", KindGNU: "aarch64-w64-mingw32", KindLLVM: "aarch64-pc-windows-msvc aarch64-w64-windows-gnu",
			KindRust: "aarch64-pc-windows-msvc <aarch64-pc-windows-gnullvm", KindZig: "aarch64-windows-gnu", KindConda: "win-arm64",
			KindNix: "aarch64-windows", KindNixConfig: "aarch64-w64-mingw32",
			KindUV: "aarch64-pc-windows-msvc", KindCibuildwheel: "win_arm64", KindOCI: "windows/arm64",
		}},
	{source: "wheels", os: osWindows, arch: "win32", cpu: cpuI686, machine: "x86", also: []string{"AMD64"},
		names: names{
			KindSysconfig: "win32", KindGNU: "i686-w64-mingw32", KindLLVM: "i686-pc-windows-msvc i686-w64-windows-gnu",
			KindRust: "i686-pc-windows-msvc i686-pc-windows-gnu <i686-pc-windows-gnullvm", KindZig: "x86-windows-gnu", KindConda: "win-32",
			KindNix: "i686-windows", KindNixConfig: "i686-w64-mingw32", KindNixAttr: "mingw32",
			KindUV: "i686-pc-windows-msvc", KindCibuildwheel: "win32", KindOCI: "windows/386",
		}},

	{source: "PEP 783, wheels, Pyodide's own Python under Node", os: osEmscripten, arch: "wasm32", cpu: cpuWasm32, machine: "wasm32", floor: version{2024, 0}, usual: version{2026, 0},
		names: names{
			KindOlderTag: "pyodide_{_}_wasm32", KindSysconfig: "emscripten-{emscripten}-wasm32", KindMultiarch: "wasm32-emscripten",
			KindGNU: "wasm32-unknown-emscripten", KindRust: "wasm32-unknown-emscripten", KindConda: "emscripten-wasm32",
			KindUV: "wasm32-pyodide{n}", KindCibuildwheel: "pyodide_wasm32", KindPyodide: "pyodide-{n} pyodide-{.} pyodide_{_}",
		},
		short: []shortName{{"pyodide", ""}, {"emscripten", "Pyodide"}}},

	// MULTIARCH is empty there. Indexes take no wheels for it.
	{source: "maturin", os: osFreeBSD, arch: "amd64", cpu: cpuX8664, machine: "amd64", floor: version{11, 0}, usual: version{14, 3},
		names: names{
			KindSysconfig: "freebsd-{.}-RELEASE-amd64", KindGNU: "amd64-portbld-freebsd{.} x86_64-unknown-freebsd{.}", KindLLVM: "x86_64-unknown-freebsd{.}",
			KindRust: "x86_64-unknown-freebsd", KindZig: "x86_64-freebsd x86_64-freebsd.{.}", KindConda: "freebsd-64",
			KindNix: "x86_64-freebsd", KindNixConfig: "x86_64-unknown-freebsd", KindNixAttr: "x86_64-freebsd", KindOCI: "freebsd/amd64",
		},
		short: []shortName{{"freebsd", "amd64"}}},
	{source: "maturin", os: osFreeBSD, arch: "arm64", cpu: cpuAArch64, machine: "arm64", floor: version{11, 0}, usual: version{14, 3},
		names: names{
			KindSysconfig: "freebsd-{.}-RELEASE-arm64", KindGNU: "aarch64-portbld-freebsd{.} aarch64-unknown-freebsd{.}", KindLLVM: "aarch64-unknown-freebsd{.}",
			KindRust: "aarch64-unknown-freebsd", KindZig: "aarch64-freebsd aarch64-freebsd.{.}",
			KindNix: "aarch64-freebsd", KindNixConfig: "aarch64-unknown-freebsd", KindOCI: "freebsd/arm64",
		}},
	// Indexes take no wheels for it.
	{source: "triplets, maturin", os: osWASI, arch: "wasm32", cpu: cpuWasm32, machine: "wasm32",
		names: names{
			KindSysconfig: "wasi-0.0.0-wasm32", KindMultiarch: "wasm32-wasi <wasm32-wasi-threads", KindGNU: "wasm32-unknown-wasi wasm32-unknown-wasip1",
			KindRust: "wasm32-wasip1 <wasm32-wasip1-threads wasm32-wasip2 <wasm32-wasip3", KindZig: "wasm32-wasi", KindConda: "wasi-wasm32",
			KindNix: "wasm32-wasi", KindNixConfig: "wasm32-unknown-wasi", KindNixAttr: "wasi32", KindOCI: "wasi/wasm <wasi/wasm32 <wasip1/wasm",
		},
		short: []shortName{{"wasi", ""}}},
}
