load setup.bash

# Records go into a file. A full disk or a kill in the middle of a line leaves half a record there; the next run must not go on in
# the same line. RLIMIT_FSIZE plays the full disk: the output is a file that is long already (mostly a hole), the state is not.

HOLE=$((100 * 1024 * 1024))

events() {
  for i in $(seq 40); do ask "c$i" "u$i"; done > events
  "$WEIR" key new > /dev/null
  "$WEIR" key show --public > jwks.json
  truncate -s $((HOLE - 1)) out
  echo >> out
}
again() { timeout 30 "$WEIR" run "$PACK" --state shop.db --events events --group 1 "$@" >> out 2> err; }
records() { tail -c +$((HOLE + 1)) out; }
ends_whole() { [ "$(tail -c 1 out | od -An -c | tr -d ' ')" = '\n' ]; }
# Room for about nine records and a half.
little_room() { ulimit -f $((HOLE / 1024 + 12)); }

@test "a full disk: the half record is taken out at once; the rest goes out when there is room" {
  events
  (little_room; trap '' XFSZ; again) && false
  grep -q "records cannot be written" err
  ends_whole
  "$WEIR" verify <(records) --keys jwks.json
  before=$(records | wc -l)
  [ "$before" -gt 3 ]
  [ "$before" -lt 40 ]
  again
  if grep -q "half a record" err; then false; fi
  "$WEIR" verify <(records) --keys jwks.json
  [ "$(records | sort -u | wc -l)" -ge 40 ]
}

@test "killed in the middle of a line: the next run takes the half record out and hands it out whole" {
  events
  (little_room; ulimit -c 0; again) 2> /dev/null && false
  if ends_whole; then false; fi
  run "$WEIR" verify <(records) --keys jwks.json
  [ "$status" -eq 1 ]
  [[ $output == *"the last line is cut off"* ]]
  records | tail -1 | tr -d '\n' > half
  again
  grep -q "the output ended with half a record ($(wc -c < half) bytes)" err
  ends_whole
  run "$WEIR" verify <(records) --keys jwks.json
  [ "$status" -eq 0 ]
  [ "$(records | sort -u | wc -l)" -ge 40 ]
  records | grep -q "^$(cat half)."
}

@test "half a record of any length is taken out; what is not ours, or whole, gets a line end" {
  events
  timeout 30 "$WEIR" run "$PACK" --state :memory: --events events --group 1 > all 2> /dev/null
  head -1 all | tr -d '\n' > one
  for cut in 1 5 100 300 $(($(wc -c < one) - 1)); do
    head -c "$cut" one > log
    ask c99 u99 | timeout 30 "$WEIR" run "$PACK" --state :memory: >> log 2> err
    grep -q "half a record ($cut bytes)" err
    [ "$(wc -l < log)" -eq 1 ]
    "$WEIR" verify log --keys jwks.json
  done
  cp one log
  ask c99 u99 | timeout 30 "$WEIR" run "$PACK" --state :memory: >> log
  [ "$(head -1 log)" = "$(cat one)" ]
  [ "$(wc -l < log)" -eq 2 ]
  for text in "somebody's notes" "$(head -c 50 one)x.%" "$(head -c 100 one | tr 'e' 'f')"; do
    printf '%s' "$text" > log
    ask c99 u99 | timeout 30 "$WEIR" run "$PACK" --state :memory: >> log
    [ "$(head -1 log)" = "$text" ]
    [ "$(wc -l < log)" -eq 2 ]
    printf '%s' "$text" > log
    ask c99 u99 | timeout 30 "$WEIR" run "$PACK" --state :memory: --plain >> log
    [ "$(head -1 log)" = "$text" ]
    tail -1 log | grep -q '"cause":"c99"'
  done
  printf 'whole\n' > log
  ask c99 u99 | timeout 30 "$WEIR" run "$PACK" --state :memory: >> log
  [ "$(wc -l < log)" -eq 2 ]
}
