#!/bin/sh
# Installs the Debian packages that building and testing weir need, if any is missing. Not root: prints the line to run.
set -eu
packages="gcc make pkg-config libc6-dev libpcre2-dev liblua5.4-dev libsodium-dev libutf8proc-dev unicode-data
opencc bzip2 libcmocka-dev libjansson-dev bats clang libclang-rt-14-dev python3 python3-jwcrypto"

missing=""
for p in $packages; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "weir needs some packages. Please run, then start again:" >&2
  echo "  sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of words
apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
