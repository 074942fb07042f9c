#!/bin/bash
# Runs test programs (cmocka) and bats files, shows what failed, and closes with "N passed, N failed[, N skipped]".
# All speak TAP; a program that dies without a verdict counts as one failure. RUN names what the programs run under (an emulator).
set -u
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for t in "$@"; do
  case $t in
    *.bats) bats --tap "$t" >"$log" 2>&1; rc=$? ;;
    *) # shellcheck disable=SC2086  # a list of words
      CMOCKA_MESSAGE_OUTPUT=TAP ${RUN:-} "$t" >"$log" 2>&1; rc=$? ;;
  esac
  # cmocka 1.1.5 says "not ok N # SKIP name" for a test that was skipped.
  s=$(grep -cE '^(not )?ok .*# (skip|SKIP)' "$log")
  p=$(grep -E '^ok ' "$log" | grep -vcE '# (skip|SKIP)')
  f=$(grep -E '^not ok ' "$log" | grep -vcE '# (skip|SKIP)')
  if [ "$f" -eq 0 ] && [ "$rc" -ne 0 ]; then f=1; fi
  if [ $((p + f + s)) -eq 0 ]; then f=1; echo "$t: printed no result" >&2; fi
  printf '%-40s %4d passed' "$(basename "$t")" "$p"
  [ "$s" -eq 0 ] || printf ', %d skipped' "$s"
  if [ "$f" -ne 0 ]; then
    printf ', %d FAILED\n' "$f"
    grep -vE '^ok ' "$log" | sed 's/^/    /' | head -80
  else
    printf '\n'
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" -eq 0 ]
