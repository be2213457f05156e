#!/bin/sh
# Writes names.txt.gz: what programs say of the names that they have for
# machines. Each line is a program, a name and the program's words for it:
#   rustc   target       os arch env abi endian
#   dpkg    architecture os cpu libc abi gnu-type multiarch endian
#   gnu     triple       as config.sub has it
#   go      os/arch
#   uv      value
# rustc, dpkg-architecture (dpkg-dev), config.sub (autotools-dev), go and uv
# must be on the PATH.
set -eu
{
	for target in $(rustc --print target-list); do
		rustc --print cfg --target "$target" 2>/dev/null | tr -d '"' | awk -F= -v name="$target" '
			$1 == "target_os" { os = $2 } $1 == "target_arch" { arch = $2 } $1 == "target_env" { env = $2 }
			$1 == "target_abi" { abi = $2 } $1 == "target_endian" { endian = $2 }
			END { if (os != "") printf "rustc %s %s %s %s %s %s\n", name, os, arch, env == "" ? "-" : env, abi == "" ? "-" : abi, endian }'
	done
	for arch in $(dpkg-architecture -L); do
		dpkg-architecture -f -a "$arch" 2>/dev/null | awk -F= -v name="$arch" '
			{ v[$1] = $2 }
			END { print "dpkg", name, v["DEB_HOST_ARCH_OS"], v["DEB_HOST_ARCH_CPU"], v["DEB_HOST_ARCH_LIBC"], v["DEB_HOST_ARCH_ABI"], v["DEB_HOST_GNU_TYPE"], v["DEB_HOST_MULTIARCH"], v["DEB_HOST_ARCH_ENDIAN"] }'
	done
	for triple in $(dpkg-architecture -L | while read -r a; do dpkg-architecture -a "$a" -q DEB_HOST_GNU_TYPE 2>/dev/null; done | sort -u); do
		config.sub "$triple" 2>/dev/null | sed "s/^/gnu $triple /"
	done
	go tool dist list | sed 's/^/go /'
	uv pip compile --help | tr -s ' \n' ' ' | sed 's/.*--python-platform[^[]*\[possible values: \([^]]*\)\].*/\1/' | tr -d ' ' | tr ',' '\n' | sed 's/^/uv /'
} | gzip -9n > names.txt.gz
