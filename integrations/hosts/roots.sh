#!/usr/bin/env bash
# Unpacks Debian's Python for other machines, without privileges and without
# running any of it: roots.sh FOLDER [ARCHITECTURE…]
#
# FOLDER/ARCHITECTURE becomes a root file system with the Python of SUITE
# (variable; default trixie), and with a few of Debian's Python packages. The
# mirror is this machine's own (or MIRROR), so that apt's keys and proxies serve.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: roots.sh FOLDER [ARCHITECTURE...]" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd); shift
[ $# -gt 0 ] || set -- amd64 arm64 armhf i386 riscv64 ppc64el s390x
suite=${SUITE:-trixie}
python=${PYTHON:-python3.13}
mirror=${MIRROR:-$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null || true; } |
  sed -nE 's/^(URIs: *|deb +(\[[^]]*\] +)?)(https?:[^ ]*debian\/?)( .*)?$/\3/p' | head -n 1)}
[ -n "$mirror" ] || { echo "roots.sh: no Debian mirror in /etc/apt: name one by MIRROR=" >&2; exit 1; }

apt=$folder/.apt
mkdir -p "$apt"/{lists/partial,archives/partial,etc}
: > "$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/etc/sources.list"
cat > "$apt/apt.conf" <<CONF
Dir::State "$apt"; Dir::State::lists "$apt/lists"; Dir::State::status "$apt/status";
Dir::Cache "$apt"; Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "$apt/etc/sources.list"; Dir::Etc::sourceparts "$apt/etc/none"; Dir::Etc::preferences "$apt/etc/none/file"; Dir::Etc::preferencesparts "$apt/etc/none";
APT::Architecture "amd64"; APT::Architectures { $(printf '"%s"; ' amd64 "$@") };
APT::Sandbox::User "";
Acquire::Languages "none"; Acquire::Retries "3";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get -qq update

# What an interpreter and pip need, and packages of Debian's own: two pure, one
# with machine code.
packages="$python $python-minimal lib$python-minimal lib$python-stdlib lib$python-dev python3 python3-minimal
  libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libffi8 libssl3t64 libzstd1 libbz2-1.0 liblzma5 libyaml-0-2
  python3-yaml"
everywhere="python3-six python3-packaging" # of no architecture
for arch; do
  root=$folder/$arch
  if [ -e "$root/.complete" ]; then continue; fi
  rm -rf "$root"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root/.debs" "$root/etc"
  for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root/$dir"; done # merged, as Debian is
  # shellcheck disable=SC2046,SC2086 # the names are words
  (cd "$root/.debs" && apt-get -qq download $(printf "%s:$arch " $packages) $everywhere)
  for deb in "$root"/.debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" |
      tar -xf - -C "$root" --keep-directory-symlink --no-same-owner --exclude='*.a' --exclude='./usr/share/doc'
  done
  rm -r "$root/.debs"
  touch "$root/.complete"
done
