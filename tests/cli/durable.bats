load setup.bash

# A state in a file: what a run remembers, the next one knows, whatever ended it.

teardown() {
  exec 7>&- 8>&- || true
  for job in $(jobs -p); do kill "$job" 2> /dev/null || true; done
}

# One run with the state file, its events on stdin; records in `out`, messages in `err`.
once() { timeout 30 "$WEIR" run "$PACK" --state shop.db "$@" > out 2> err; }
# A service that is acknowledged on descriptor 8; $pid is weir itself, to be killed.
start() {
  rm -f in acks
  mkfifo in acks
  "$WEIR" run "$PACK" --state shop.db --ack 8 --control s --group 1 "$@" < in > out 2> err 8<> acks 3>&- 7>&- &
  pid=$!
  exec 7> in 8<> acks
}
eventually() {
  local i
  for i in $(seq 200); do
    "$@" && return 0
    sleep 0.1
  done
  echo "never true: $*" >&2
  return 1
}
answers() { [ "$(wc -l < out)" -eq "$1" ]; }
tell() { perl "$ROOT/tests/cli/control.pl" "$@"; }
stat_is() { tell s stats | grep -q "\"$1\":$2[,}]"; }
killed() {
  kill -9 "$pid"
  wait "$pid" || true
  exec 7>&- 8>&-
  rm -f s
}

@test "run, stop, run again with the same event: nothing the second time" {
  ask | once
  answers 1
  ask | once
  answers 0
  grep -q "1 repeat" err
  ask c2 u2 | once
  answers 1
  [ "$(stat -c %a shop.db)" = 600 ]
}

@test "the chain goes on over runs, and verifies as one" {
  for i in 1 2 3; do
    ask "c$i" "u$i" | once
    cat out >> all.jws
  done
  "$WEIR" key show --public > jwks.json
  "$WEIR" verify all.jws --keys jwks.json
}

@test "a chain of another name is refused; the file's own is fine" {
  ask | once --chain shop
  answers 1
  ask c2 u2 | once --chain shop
  answers 1
  run timeout 30 "$WEIR" run "$PACK" --state shop.db --chain other < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *'belongs to the chain "shop", not to "other"'* ]]
}

@test "kill -9: unacknowledged records are handed out again with the same bytes, and nothing is decided twice" {
  start
  eventually test -S s
  for i in 1 2 3; do ask "c$i" "u$i"; done >&7
  eventually answers 3
  echo "douyin/papers 1" >&8
  eventually stat_is outbox 2
  ask c4 u4 >&7 # the acknowledgement reaches the disk with the next commit
  eventually answers 4
  cp out first
  killed
  start
  eventually answers 3
  cmp out <(tail -n +2 first)
  eventually test -S s
  for i in 1 2 3 4; do ask "c$i" "u$i"; done >&7
  eventually stat_is repeats 4
  answers 3
  echo "douyin/papers 4" >&8
  eventually stat_is outbox 0
  exec 7>&-
  wait "$pid"
  start
  eventually test -S s
  stat_is outbox 0
  answers 0
  exec 7>&-
  wait "$pid"
}

@test "kill -9 in the middle: every event is answered once, whenever it came" {
  for i in $(seq 300); do ask "c$i" "u$i"; done > events
  for delay in 0.05 0.1 0.2; do
    start
    cat events >&7 &
    sleep "$delay"
    killed
    wait || true
  done
  # whatever was committed is in the outbox; the rest is decided now
  timeout 30 "$WEIR" run "$PACK" --state shop.db --events events --plain > out 2> err
  [ "$(grep -o '"cause":"c[0-9]*"' out | sort -u | wc -l)" -eq 300 ]
  [ "$(grep -o '"cause":"c[0-9]*"' out | wc -l)" -eq 300 ]
  once --events events
  answers 0
}

@test "two runs with one state file: the second is refused" {
  start
  eventually test -S s
  run timeout 30 "$WEIR" run "$PACK" --state shop.db < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"in use by another program"* ]]
  exec 7>&-
  wait "$pid"
}

@test "snapshot: a copy that a run can go on with; forget reaches the file" {
  start
  eventually test -S s
  { ask c1 u1; ask c2 u2 STOP; } >&7
  eventually stat_is persons 2
  [[ $(tell s "snapshot copy.db") == ok* ]]
  run tell s "snapshot copy.db"
  [[ $output == "error "*"there is such a file already" ]]
  [[ "$(tell s "forget douyin/papers/u1")" == "ok forgotten"* ]]
  exec 7>&-
  echo "douyin/papers 1" >&8
  wait "$pid"
  ! grep -aq '"u1"' shop.db
  ask | timeout 30 "$WEIR" run "$PACK" --state copy.db > out 2> err
  grep -q "1 repeat" err
  { ask c3 u1; ask c4 u2; } | once --plain
  grep -q '"cause":"c3"' out
  ! grep -q '"cause":"c4"' out
}
