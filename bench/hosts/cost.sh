#!/bin/bash
# What a call of weir costs hosts in Python (ctypes), Node (koffi) and Go (cgo) beside the decision itself: make bench-hosts.
#   cost.sh BUILD [CALLS]     processor time, the median of five runs
set -eu
cd "$(dirname "$0")/../.."
root=$PWD build=$(cd "$1" && pwd) calls=${2:-200000} work=$(cd "$1" && pwd)/bench/hosts
rm -rf "$work"
mkdir -p "$work/go" "$work/node"
${MAKE:-make} --no-print-directory BUILD="$build" DESTDIR="$work/dest" PREFIX=/usr/local install > /dev/null
export PKG_CONFIG_PATH=$work/dest/usr/local/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/dest LD_LIBRARY_PATH=$work/dest/usr/local/lib
export LIBWEIR=$work/dest/usr/local/lib/libweir.so.0 RULES=$work/rules.lua CALLS=$calls
export WEIR_KEY=$work/weir-key.json
"$build/weir" key new --key "$WEIR_KEY" > /dev/null 2>&1
echo "rule 'ask' { on = 'comment', keywords = { '电子版' }, reply = '有的' }" > "$RULES"
# shellcheck disable=SC2046  # lists of words
cc -std=c11 -D_XOPEN_SOURCE=700 -O2 -o "$work/cost" bench/hosts/cost.c $(pkg-config --cflags --libs weir)
cp tests/hosts/package.json examples/hosts/host.mjs bench/hosts/cost.mjs "$work/node"
(cd "$work/node" && npm install --silent --no-audit --no-fund > /dev/null)
cp examples/hosts/go/* bench/hosts/cost_test.go "$work/go"
(cd "$work/go" && GOFLAGS=-buildvcs=false GOCACHE="$work/cache" go test -c -o ../gocost .)

median() { for _ in 1 2 3 4 5; do "$@"; done | sort -n | sed -n 3p; }
c() { "$work/cost" "$RULES" "$calls" | cut -d' ' -f"$1"; }
py() { /usr/bin/python3 bench/hosts/cost.py "$root/examples/hosts" "$RULES" "$calls"; }
js() { (cd "$work/node" && node cost.mjs "$RULES" "$calls"); }
go_host() { "$work/gocost" -test.run TestCost | grep -E '^[0-9.]+$'; }
bare=$(median c 1) whole=$(median c 2)
printf '  %-42s %8s %14s\n' 'a decision that fires nothing' 'us' 'beside C, us'
printf '  %-42s %8s\n' 'C, verdict in a struct' "$bare" 'C, verdict as JSON' "$whole"
for host in 'Python, ctypes:py' 'Node, koffi:js' 'Go, cgo:go_host'; do
  took=$(median "${host#*:}")
  printf '  %-42s %8s %14s\n' "${host%:*}, verdict as JSON" "$took" "$(awk "BEGIN { printf \"%.3f\", $took - $whole }")"
done
