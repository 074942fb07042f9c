#!/bin/sh
# Installs the Debian packages that building and testing weir need, if any is missing. Not root: prints the line to run.
# `deps.sh bench`: those that bench-match compares with; `deps.sh install`: what makes manual pages;
# `deps.sh pictures`: what makes the pictures of the documents. `deps.sh check [bench]` only
# says whether all are there.
set -eu
packages="gcc make pkg-config libc6-dev libpcre2-dev liblua5.4-dev libsodium-dev libsqlite3-dev sqlite3 libutf8proc-dev unicode-data
tzdata opencc bzip2 libcmocka-dev libjansson-dev libedit-dev bats clang libclang-rt-14-dev python3 python3-jsonschema python3-jwcrypto"

check=""
if [ "${1:-}" = check ]; then check=1; shift; fi
case ${1:-} in
  bench) packages="g++ libhyperscan-dev libre2-dev" ;;
  install) packages="scdoc" ;;
  pictures) packages="graphviz" ;;
  npm) packages="npm" ;; # where Node did not bring it
  hosts) packages="scdoc golang-go nodejs coreutils" ;;
  cross) packages="$2 qemu-user-static" ;; # what another machine's programs need: tools/cross.sh
esac

missing=""
for p in $packages; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
if [ -n "$check" ]; then
  echo "missing Debian packages:$missing" >&2
  exit 1
fi

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
