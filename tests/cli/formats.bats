load setup.bash

# docs/formats.md and docs/schemas against what weir reads and writes.
FORMATS() { "$ROOT/tests/formats/validate.py" "$@"; }

@test "formats: of every form of an event weir says what the schema says" {
  "$WEIR" run "$ROOT/tests/formats/pack.lua" --plain --state :memory: --key key.json < /dev/null
  FORMATS forms "$WEIR" "$ROOT/tests/formats/forms.tsv"
}

@test "formats: every action in a record, and every line of a journal, is as its schema says" {
  cp "$ROOT/tests/formats/pack.lua" rules.lua
  mkfifo in
  timeout --foreground 40 "$WEIR" run rules.lua --plain --state s.db --clock events --key key.json --journal j.jsonl --group 1 --control s < in > records.jsonl 3>&- 7>&- &
  exec 7> in
  cat "$ROOT/tests/formats/events.jsonl" >&7
  for i in $(seq 100); do [ "$(wc -l < records.jsonl)" -ge 8 ] && [ -S s ] && break; sleep 0.1; done
  echo "-- changed" >> rules.lua
  "$WEIR" key rotate --key key.json
  run perl "$ROOT/tests/cli/control.pl" s "pool out all/ids one 60" "forget douyin/shop/u1" reload
  [ "$(grep -c ^ok <<< "$output")" -eq 3 ]
  exec 7>&-
  wait $!
  FORMATS event "$ROOT/tests/formats/events.jsonl"
  FORMATS record records.jsonl
  FORMATS journal j.jsonl
}

@test "formats: the golden events and records are as the schemas say" {
  FORMATS event "$ROOT/tests/golden/events.jsonl"
  FORMATS record "$ROOT/tests/golden/claims.json" some
}

@test "formats: what weir check --json finds is as its schema says" {
  printf '%s\n' 'rule "price" { on = "comment", keyword = "price", reply = "39" }' 'words.unused = "x"' > wrong.lua
  printf '%s\n' 'account "douyin/shop" { follow = "none" }' 'words.unused = "x"' 'rule "all" { on = "comment", match = "[0-9]+", reply = "39", follow = true }' \
    'rule "price" { on = "comment", match = "price 7", reply = "39", examples = { yes = { "price 7" } } }' > odd.lua
  mkdir empty
  for rules in wrong.lua odd.lua empty missing.lua "$ROOT/rules"; do "$WEIR" check --json "$rules" >> found.jsonl || true; done
  [ "$(wc -l < found.jsonl)" -eq 5 ]
  FORMATS check found.jsonl
}
