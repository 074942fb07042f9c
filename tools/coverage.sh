#!/bin/bash
# Branch and line coverage by room, from the .gcda files of a build with --coverage (gcov), and of the files that must be at 100 %.
# coverage.sh DIR; LIST=1 names the other files below 90 % of their branches, LINES=engine/room/file.c shows the branches of one file
# that nothing took.
set -eu
cd "$(dirname "$0")/.."
dir=$1

if [[ ${LINES:-} == engine/*.c ]]; then
  gcov -b -c -t "$dir/obj/${LINES%.c}.gcda" 2> /dev/null | awk -v file="$LINES" '
    function tell() { if (missed) printf "%s  (%d of %d)\n", text, missed, all }
    /^ *-: *0:Source:/ { wanted = $0 ~ ":" file "$" }
    !wanted { next }
    /^branch/ { all++; if ($3 == "never" || $4 == 0) missed++ }
    /^ *[-#=0-9*]+: *[0-9]+:/ { tell(); text = substr($0, index($0, ":") + 1); all = missed = 0 }
    END { tell() }'
  exit
fi

find "$dir/obj/engine" -name '*.gcda' -print0 | xargs -0 gcov -b -n 2> /dev/null | awk -v list="${LIST:-}" '
  /^$/ { wanted = 0 }
  /^File / { file = $2; gsub(/\x27/, "", file); wanted = file ~ /^engine\/.*\.[ch]$/ }
  /^Lines executed:/ && wanted && !(file in lines) { split($2, a, /[:%]/); lines[file] = $4; lines_hit[file] = a[2] * $4 / 100 }
  /^Taken at least once:/ && wanted { split($0, a, /[:%]/); n = $NF; if (n > branches[file]) { branches[file] = n; hit[file] = a[2] * n / 100 } }
  END {
    for (f in lines) {
      k = split(f, p, "/"); room = k > 2 ? p[2] : "engine"
      L[room] += lines[f]; LH[room] += lines_hit[f]; B[room] += branches[f]; BH[room] += hit[f]
      L["all"] += lines[f]; LH["all"] += lines_hit[f]; B["all"] += branches[f]; BH["all"] += hit[f]
      whole = f ~ /^engine\/policy\/|^engine\/record\/(claims|verify|log|heads|jws|keyset)\.c|^engine\/state\/(memory|sqlite)_claims\.c/
      if (branches[f] && (whole || (list && hit[f] / branches[f] < 0.9)))
        printf "%s %-36s %6.1f %% of %5d branches\n", whole ? "1" : "2", f, 100 * hit[f] / branches[f], branches[f] | "sort | cut -c3-"
    }
    close("sort | cut -c3-")
    order = "base text model match record state script policy flow decide load engine all"
    cnt = split(order, o, " ")
    for (i = 1; i <= cnt; i++) if (L[o[i]]) printf "%-8s %6.1f %% of %5d branches, %6.1f %% of %5d lines\n", o[i], B[o[i]] ? 100 * BH[o[i]] / B[o[i]] : 100, B[o[i]], 100 * LH[o[i]] / L[o[i]], L[o[i]]
  }'
