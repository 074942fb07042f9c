load setup.bash

# State files that cannot be used: a message that says what to do, status 2, and nothing changed. Disks that are full.

teardown() {
  exec 7>&- || true
  for job in $(jobs -p); do kill "$job" 2> /dev/null || true; done
  if mountpoint -q disk 2> /dev/null; then umount -l disk; fi
}

# refused FILE WORDS: a run with it ends with 2 and these words; the file is as it was.
refused() {
  local before after
  before=$(find "$1"* -type f -exec sha256sum {} + 2> /dev/null | sort)
  run timeout 30 "$WEIR" run "$PACK" --state "$1" --key key.json < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"$2"* ]]
  [ "$(wc -l <<< "$output")" -eq 1 ]
  after=$(find "$1"* -type f -exec sha256sum {} + 2> /dev/null | sort)
  [ "$before" = "$after" ]
}
# A disk that can be filled: four times what the state's own log takes.
small_disk() {
  mkdir -p disk
  mount -t tmpfs -o size=8m tmpfs disk 2> /dev/null || skip "only root can make a small disk"
}
fill() { cat /dev/zero > disk/fill 2> /dev/null || true; }

@test "a state file that is not ours, newer, damaged, cut off, empty, nowhere, or no file" {
  "$WEIR" key new --key key.json > /dev/null
  ask | "$WEIR" run "$PACK" --state good.db --key key.json > /dev/null 2>&1
  echo "dear diary" > text.db
  refused text.db "is not a state file of weir; give the name of another file"
  cp good.db other.db
  printf '\0\0\0\1' | dd of=other.db bs=1 seek=68 conv=notrunc 2> /dev/null
  refused other.db "is a database of another program"
  cp good.db newer.db
  printf '\0\0\0\143' | dd of=newer.db bs=1 seek=60 conv=notrunc 2> /dev/null
  refused newer.db "was written by a newer weir (version 99"
  cp good.db damaged.db
  head -c 8192 /dev/zero | tr '\0' x | dd of=damaged.db bs=4096 seek=3 conv=notrunc 2> /dev/null
  refused damaged.db "is damaged"
  [[ $output == *"restore a snapshot or start anew" ]]
  head -c 30000 good.db > cut.db
  refused cut.db "restore a snapshot or start anew"
  : > empty.db
  refused empty.db "is empty: something cut it off"
  mkdir folder.db
  refused folder.db "is a folder, not a state file"
  refused nowhere/shop.db "see that its folder is there"
}

@test "--state-size: takes M and G; a file that is full refuses events, and says so once" {
  for wrong in 12 0M 1K 9000G M -1G 1GB; do
    run "$WEIR" run "$PACK" --state-size "$wrong" < /dev/null
    [ "$status" -eq 2 ]
    [[ $output == *"--state-size takes a size"* ]]
  done
  for i in $(seq 3000); do ask "c$i" "u$i"; done > events
  run timeout 60 bash -c "'$WEIR' run '$PACK' --state shop.db --state-size 1M < events 2>&1 > out"
  [ "$status" -eq 1 ]
  [ "$(grep -c "events are refused until there is room" <<< "$output")" -eq 1 ]
  [[ $output == *"the state file is as large as it may become"* ]]
  [ "$(stat -c %s shop.db)" -le 1048576 ]
  answered=$(grep -o '[0-9]* answered' <<< "$output" | grep -o '[0-9]*')
  [ "$answered" -gt 100 ]
  # more room: the others are answered, and nobody twice
  timeout 60 "$WEIR" run "$PACK" --state shop.db --state-size 100M < events > out2 2> err
  grep -q "$((3000 - answered)) answered" err
  grep -q "$answered repeats" err
}

@test "a full disk: no state file is half made; a service refuses, says it once, and goes on when there is space" {
  small_disk
  fill
  "$WEIR" key new --key key.json > /dev/null
  run timeout 30 "$WEIR" run "$PACK" --state disk/new.db --key key.json < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"disk/new.db is full; make space, then start again" ]]
  [ "$(ls disk)" = fill ]
  rm disk/fill

  mkfifo in
  timeout 60 "$WEIR" run "$PACK" --state disk/shop.db --key key.json --control s --group 1 < in > out 2> err 3>&- &
  pid=$!
  exec 7> in
  for i in $(seq 100); do [ -S s ] && break; sleep 0.1; done
  ask c1 u1 >&7
  for i in $(seq 100); do [ "$(wc -l < out)" -eq 1 ] && break; sleep 0.1; done
  fill
  for i in $(seq 2 40); do ask "c$i" "u$i"; done >&7
  for i in $(seq 100); do perl "$ROOT/tests/cli/control.pl" s stats | grep -q '"refused":[1-9]' && break; sleep 0.1; done
  grep -q "events are refused until there is room: the disk of the state file is full" err
  rm disk/fill
  for i in $(seq 2 40); do ask "c$i" "u$i"; done >&7
  for i in $(seq 100); do [ "$(wc -l < out)" -eq 40 ] && break; sleep 0.1; done
  [ "$(wc -l < out)" -eq 40 ]
  [ "$(grep -c "events are refused" err)" -eq 1 ] # a minute has not passed
  [ "$(grep -c "there is room again" err)" -eq 1 ]
  exec 7>&-
  wait "$pid" || [ $? -eq 1 ]
  "$WEIR" key show --public --key key.json > jwks.json
  "$WEIR" verify out --keys jwks.json
}

@test "the journal's disk is full: what is not in the journal does not happen, and it goes on when there is space" {
  small_disk
  "$WEIR" key new --key key.json > /dev/null
  mkfifo in
  timeout 60 "$WEIR" run "$PACK" --state shop.db --journal disk/journal --key key.json --control s < in > out 2> err 3>&- &
  pid=$!
  exec 7> in
  for i in $(seq 100); do [ -S s ] && break; sleep 0.1; done
  ask c1 u1 >&7
  for i in $(seq 100); do [ "$(wc -l < out)" -eq 1 ] && break; sleep 0.1; done
  fill
  for i in $(seq 2 40); do ask "c$i" "u$i"; done >&7
  for i in $(seq 100); do grep -q "the disk of the journal is full" err && break; sleep 0.1; done
  # longer than what may be left of the file's last page
  [[ $(perl "$ROOT/tests/cli/control.pl" s "forget douyin/papers/$(head -c 4150 /dev/zero | tr '\0' x)") == "error the disk of the journal is full" ]]
  rm disk/fill
  for i in $(seq 2 40); do ask "c$i" "u$i"; done >&7
  for i in $(seq 100); do [ "$(perl "$ROOT/tests/cli/control.pl" s stats | grep -o '"persons":[0-9]*')" = '"persons":40' ] && break; sleep 0.1; done
  [ "$(grep -c "events are refused" err)" -eq 1 ]
  grep -q "there is room again" err
  exec 7>&-
  wait "$pid" || [ $? -eq 1 ]
  "$WEIR" replay "$PACK" disk/journal --key key.json > again 2> err2
  cmp out again
  [ "$("$WEIR" replay "$PACK" disk/journal --plain 2> /dev/null | grep -o '"cause":"c[0-9]*"' | sort -u | wc -l)" -eq 40 ]
}

@test "a disk that is read-only" {
  small_disk
  "$WEIR" key new --key key.json > /dev/null
  ask | "$WEIR" run "$PACK" --state disk/shop.db --key key.json > /dev/null 2>&1
  mount -o remount,ro disk
  refused disk/shop.db "cannot be written; make it and its folder writable"
  refused disk/new.db "this user may write in it"
}

@test "a clock behind the state's records, or before 2020: one line, and the run goes on" {
  event f1 comment douyin/papers u1 求电子版 | sed 's/2026-11-22/2096-11-22/' > future
  "$WEIR" run "$PACK" --state shop.db --clock events < future > out1 2> err
  { ask c2 u2; ask c3 u3; ask c4 u4; } | "$WEIR" run "$PACK" --state shop.db --group 1 > out2 2> err
  [ "$(grep -c "seconds before the last record of this state" err)" -eq 1 ]
  cat out1 out2 > log
  "$WEIR" key show --public > jwks.json
  "$WEIR" verify log --keys jwks.json --show > shown
  [ "$(grep -o '"iat":[0-9]*' shown | sort -u | wc -l)" -eq 1 ]
  command -v faketime > /dev/null || skip "without faketime the clock cannot be set"
  { ask c5 u5; ask c6 u6; } | faketime '1970-01-01 01:00:00' "$WEIR" run "$PACK" --state anew.db > out3 2> err
  [ "$(grep -c "the clock stands before 2020" err)" -eq 1 ]
  grep -q "2 answered" err
}
