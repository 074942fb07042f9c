#!/bin/sh
# Runs fuzz targets.
#   run.sh smoke DIR SECONDS TARGET...   each from its seeds, for so long; one line a target
#   run.sh one   DIR SECONDS TARGET      one target, going on from what was found before; 0 seconds: until stopped
# TIMEOUT=25: an input that takes longer (by the clock on the wall) is a finding; more for a machine that is busy with other things.
# DIR holds the programs. Inputs that fail are left in DIR/found, named after their target.
set -u
how=$1 dir=$2 seconds=$3
shift 3
mkdir -p "$dir/found"
common="-timeout=${TIMEOUT:-25} -rss_limit_mb=2048 -print_final_stats=1"

dict_of() { [ ! -f "fuzz/dict/$1.dict" ] || echo "-dict=fuzz/dict/$1.dict"; }

if [ "$how" = one ]; then
  mkdir -p "$dir/corpus/$1"
  # shellcheck disable=SC2046,SC2086  # lists of words
  exec "$dir/$1" $common $(dict_of "$1") -max_total_time="$seconds" -artifact_prefix="$dir/found/$1-" "$dir/corpus/$1" "fuzz/seeds/$1"
fi

log=$(mktemp)
corpus=$(mktemp -d)
trap 'rm -rf "$log" "$corpus"' EXIT
n=0 passed=0 failed=0
for t in "$@"; do
  n=$((n + 1))
  mkdir "$corpus/$t"
  # The same numbers each time: what CI says must not depend on luck.
  # shellcheck disable=SC2046,SC2086
  if "$dir/$t" $common $(dict_of "$t") -seed=1 -max_total_time="$seconds" -artifact_prefix="$dir/found/$t-" "$corpus/$t" "fuzz/seeds/$t" >"$log" 2>&1; then
    passed=$((passed + 1))
    echo "ok $n - fuzz $t ($(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs)"
  else
    failed=$((failed + 1))
    echo "not ok $n - fuzz $t"
    grep -vE '^#[0-9]|^[[:space:]]NEW_FUNC|^INFO' "$log" | tail -30 | sed 's/^/# /'
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
