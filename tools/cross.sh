#!/bin/sh
# The libraries of another machine, in a folder: fetches their Debian packages from the sources this machine uses and unpacks them.
#   tools/cross.sh ARCH FOLDER     ARCH: arm64, armhf, s390x
# Nothing is installed but the cross compiler and qemu, and dpkg learns of no new architecture: apt gets lists of its own in FOLDER/apt.
set -eu
arch=$1 sysroot=$2
case $arch in
  arm64) compiler=gcc-aarch64-linux-gnu ;;
  armhf) compiler=gcc-arm-linux-gnueabihf ;;
  s390x) compiler=gcc-s390x-linux-gnu ;;
  *) echo "cross.sh: no such machine: $arch (arm64, armhf, s390x)" >&2; exit 1 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
"$here/deps.sh"
"$here/deps.sh" cross "$compiler"

# What the engine links with, what the command adds (libedit brings the next four), what the tests need.
packages="libc6 libgcc-s1
libpcre2-8-0 libpcre2-dev liblua5.4-0 liblua5.4-dev libsodium23 libsodium-dev libsqlite3-0 libsqlite3-dev
libjansson4 libjansson-dev libedit2 libedit-dev libtinfo6 libncurses-dev libbsd0 libbsd-dev libmd0 libmd-dev
libcmocka0 libcmocka-dev libutf8proc2 libutf8proc-dev"

apt=$sysroot/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$apt/sources"
apt=$(cd "$apt" && pwd)
: > "$apt/status"
# Only the sources with Debian's own packages; others seldom have this machine's.
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  if [ -f "$f" ] && grep -qi 'debian-archive\|debian\.org\|^deb .* main' "$f"; then cp "$f" "$apt/sources/"; fi
done
options() {
  cat << END
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
END
}
options > "$apt/apt.conf"
echo "fetching the libraries of $arch" >&2
export APT_CONFIG="$apt/apt.conf"
# A list that fails (a mirror between two states) matters only when a package is then missing.
apt-get update -qq || echo "some package lists are missing; going on with the others" >&2
# shellcheck disable=SC2086  # a list of words
(cd "$apt/debs" && rm -f ./*.deb && apt-get download -qq $packages)
for deb in "$apt"/debs/*.deb; do dpkg -x "$deb" "$sysroot"; done
rm -rf "$apt"
# Links with a path from the root would lead out of the folder.
find "$sysroot" -type l -lname '/*' | while read -r link; do
  ln -sf "$(realpath -m --relative-to="$(dirname "$link")" "$sysroot$(readlink "$link")")" "$link"
done
