#!/bin/sh
# What the library shows to a host: the functions that include/weir.h declares, and nothing else. symbols.sh LIB compares them
# with tools/symbols.txt; symbols.sh LIB write writes that file anew, after a change that is meant to change them.
set -eu
cd "$(dirname "$0")/.."
lib=$1
found=$(mktemp)
declared=$(mktemp)
trap 'rm -f "$found" "$declared"' EXIT
# Hidden symbols are the rooms' own; those with default visibility would be in a shared library.
readelf -sW "$lib" | awk '$5 == "GLOBAL" && $6 == "DEFAULT" && $7 != "UND" { print $8 }' | LC_ALL=C sort -u > "$found"
gcc -E -P include/weir.h | grep -oE '\bweir_[a-z0-9_]+ *\(' | tr -d ' (' | LC_ALL=C sort -u > "$declared"
[ "${2:-}" != write ] || cp "$found" tools/symbols.txt
bad=0
if grep -v '^weir_' "$found"; then echo "a symbol that does not begin with weir_"; bad=1; fi
diff "$found" tools/symbols.txt > /dev/null || { echo "exported symbols are not those of tools/symbols.txt (< exported, > listed):"; diff "$found" tools/symbols.txt || true; bad=1; }
diff "$declared" "$found" > /dev/null || { echo "include/weir.h and what is exported differ (< declared, > exported):"; diff "$declared" "$found" || true; bad=1; }
[ "$bad" -eq 0 ] && echo "symbols: $(wc -l < "$found"), as listed"
exit "$bad"
