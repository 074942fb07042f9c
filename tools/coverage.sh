#!/bin/bash
# Branch and line coverage by room, from the .gcda files of a build with --coverage. coverage.sh DIR; LIST=1 names the files
# below 90 % of their branches.
set -eu
cd "$(dirname "$0")/.."
dir=$1
find "$dir/obj/engine" -name '*.gcda' -print0 | xargs -0 gcov -b -n 2> /dev/null | awk -v list="${LIST:-}" '
  /^$/ { wanted = 0 }
  /^File / { file = $2; gsub(/\x27/, "", file); wanted = file ~ /^engine\/.*\.c$/ }
  /^Lines executed:/ && wanted && !(file in lines) { split($2, a, /[:%]/); lines[file] = $4; lines_hit[file] = a[2] * $4 / 100 }
  /^Taken at least once:/ && wanted { split($0, a, /[:%]/); n = $NF; if (n > branches[file]) { branches[file] = n; hit[file] = a[2] * n / 100 } }
  END {
    for (f in lines) {
      k = split(f, p, "/"); room = k > 2 ? p[2] : "engine"
      L[room] += lines[f]; LH[room] += lines_hit[f]; B[room] += branches[f]; BH[room] += hit[f]
      L["all"] += lines[f]; LH["all"] += lines_hit[f]; B["all"] += branches[f]; BH["all"] += hit[f]
      if (list && branches[f] && hit[f] / branches[f] < 0.9) printf "  %-36s %5.1f %% of %d branches\n", f, 100 * hit[f] / branches[f], branches[f]
    }
    order = "base text model match record state script policy flow decide load engine all"
    cnt = split(order, o, " ")
    for (i = 1; i <= cnt; i++) if (L[o[i]]) printf "%-8s %6.1f %% of %5d branches, %6.1f %% of %5d lines\n", o[i], B[o[i]] ? 100 * BH[o[i]] / B[o[i]] : 100, B[o[i]], 100 * LH[o[i]] / L[o[i]], L[o[i]]
  }'
