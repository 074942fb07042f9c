load setup.bash

# One event now: event_now ID TYPE CONTACT TEXT
event_now() {
  printf '{"id":"%s","time":"%s","channel":"douyin","account":"papers","type":"%s","contact":{"id":"%s"},"text":"%s"}\n' "$1" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$2" "$3" "$4"
}

@test "time: a played log fires timers, follow-ups and rounds at their own moments, and gives the same bytes again" {
  cat > rules.lua <<'LUA'
pack { timezone = "Europe/Berlin" }
funnel "way" { stages = { "asked" } }
rule "ask" { on = "comment", keywords = "pdf", stage = "way/asked", message = { "good morning", at = "09:30" } }
rule "remind" { on = "timer", follow_up = { "way/asked", after = "2d" }, message = "still there?" }
rule "wake" { on = "timer", every = "1d", at = "11:00", silent_for = "5d", once = true, message = "long time" }
LUA
  printf '%s\n' \
    '{"id":"1","time":"2026-10-24T12:00:00Z","channel":"douyin","account":"papers","type":"comment","contact":{"id":"u1"},"text":"pdf"}' \
    '{"id":"2","time":"2026-11-05T12:00:00Z","channel":"douyin","account":"papers","type":"comment","contact":{"id":"u2"},"text":"hello"}' > log
  "$WEIR" run rules.lua --state :memory: --clock events --events log --plain --group 1 --chain t --key key.json > out 2> err
  # the clocks went back in between: 09:30 and 11:00 there are an hour later in UTC
  run bash -c "grep -o '\"iat\":[0-9]*\|\"text\":\"[^\"]*\"' out"
  [ "$output" = '"iat":1792843200
"iat":1792917000
"text":"good morning"
"iat":1793016000
"text":"still there?"
"iat":1793354400
"text":"long time"' ] || { echo "$output"; return 1; }
  "$WEIR" run rules.lua --state :memory: --clock events --events log --group 1 --chain t --key key.json > a 2> err
  "$WEIR" run rules.lua --state :memory: --clock events --events log --group 1 --chain t --key key.json > b 2> err
  cmp a b
}

@test "time: thousands that are due at once hold up no event" {
  cat > rules.lua <<'LUA'
account "douyin/papers" { push = true, quotas = { { action = "message", max = 100000, within = "1h" } } }
rule "later" { on = "comment", keywords = "later", message = { "late", after = "1s" } }
rule "now" { on = "comment", keywords = "now", message = "at once" }
LUA
  for i in $(seq 2000); do event_now "l$i" comment "u$i" later; done > events
  "$WEIR" run rules.lua --state s.db --events events --plain > first 2> err
  [ "$(grep -c '"late"' first)" -lt 2000 ]
  sleep 1.2
  event_now n1 comment someone now | "$WEIR" run rules.lua --state s.db --plain --group 1 > second 2> err
  line=$(grep -n '"at once"' second | cut -d: -f1)
  [ "$line" -le 17 ]
  [ "$(cat first second | grep -o '"text":"late"' | wc -l)" -eq 2000 ]
}

@test "time: TZDIR says where time zones are" {
  echo 'pack { timezone = "Europe/Berlin" }' > rules.lua
  "$WEIR" check rules.lua
  TZDIR=/nonexistent run "$WEIR" check rules.lua
  [ "$status" -eq 1 ]
  [[ "$output" == *"no time zones in /nonexistent"* ]]
}
