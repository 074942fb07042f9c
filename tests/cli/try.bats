load setup.bash

@test "a text: every rule with its verdict, then the actions" {
  run "$WEIR" try "$PACK" "求电子版"
  [ "$status" -eq 0 ]
  [[ $output == *"test-papers/stop "*"no match"* ]]
  [[ $output == *"test-papers/ask "*'fired       "求电子版"'* ]]
  [[ $output == *"test-papers/ask-en "*"not reached"* ]]
  [[ $output == *"test-papers/joined "*"not reached"* ]]
  [[ $output == *"would do:"* ]]
  [[ $output == *"1 reply "* ]]
  [[ $output == *"加我微信 tutor_"* ]]
  [ ! -e weir-key.json ]
}

@test "why not: the gate, the forbidding word, the other event" {
  run "$WEIR" try "$PACK" "不要电子版，我求安静"
  [[ $output == *"excepted"*"不要"* ]]
  [[ $output == *"nothing would be said"* ]]
  run "$WEIR" try "$PACK" --type friend_request --as wechat_personal/tutor_li "你好"
  [[ $output == *"test-papers/added "*"gate"*"stage"* ]]
  [[ $output == *"test-papers/ask "*"other event"* ]]
  [[ $output == *"added without code"*"fired"* ]]
}

@test "a conversation remembers" {
  printf '求电子版\n求电子版\n' > lines
  run "$WEIR" try "$PACK" --brief < lines
  [ "$status" -eq 0 ]
  [ "$(grep -c "would do:" <<< "$output")" -eq 1 ]
  [[ $output == *"once"* ]]
}

@test "a conversation's commands: why, again, time and its timers, another account, another person, reload" {
  cp -r "$PACK" pack
  printf '%s\n' '求电子版' ':why' ':again' ':as wechat_personal friend_request' ':who w1 Wang' '你好' ':time +2h' ':who u9' ':as douyin comment v2' \
    '求资料' ':funnels' ':reload' ':nonsense' ':quit' '求资料' > lines
  run "$WEIR" try pack < lines
  [ "$status" -eq 1 ]
  [[ $output == *"this event was decided before"* ]]
  [[ $output == *"a friend_request by u1 to wechat_personal/tutor_li"* ]]
  [[ $output == *"added without code"*"fired"* ]]
  [[ $output == *"comment by u9 to douyin/papers: 求资料"* ]]
  [[ $output == *"test-papers/papers:  asked 2"* ]]
  [[ $output == *"$(cat pack/*.lua | grep -c '^rule ') rules"* ]]
  [[ $output == *"no such command"* ]]
  [ "$(grep -c "would do:" <<< "$output")" -eq 3 ]
}

@test "a conversation tells what is known of who writes" {
  cat > a.lua <<'LUA'
account "instagram/shop" {}
funnel "way" { stages = { "asked" } }
rule "a" { on = { "comment", "message" }, keywords = { "hi" }, once = true, message = "hello", tag = "vip", incr = "points", stage = "way/asked" }
rule "later" { on = "message", keywords = "later", message = { "as promised", after = "3h" } }
rule "stop" { on = "message", keywords = "stop", opt_out = true, reply = "bye" }
LUA
  printf ':state\n:as instagram message\nhi\nlater\n:time +1h\n:state\nstop\n:state\n' > lines
  run "$WEIR" try a.lua < lines
  [ "$status" -eq 0 ]
  [[ $output == *"nothing is known of u1 at instagram/shop"* ]]
  [[ $output == *"stage      a/way: asked, since 1 h ago"* ]]
  [[ $output == *"tags       vip"*"fields     points = 1"* ]]
  [[ $output == *"window     instagram/shop/u1: 1d after message, closes in 23 h"* ]]
  [[ $output == *"waits      in 2 h  a/later  message as promised"* ]]
  [[ $output == *"claims     1: "* ]]
  [[ $output == *"opted out  he wants to hear nothing from us"* ]]
}

@test "time passes in a conversation: what was promised for later comes" {
  echo "rule 'a' { on = 'message', keywords = { 'hi' }, message = { 'later', after = '1h' }, examples = { yes = { 'hi' } } }" > a.lua
  printf 'hi\n:time +59m\n:time +2m\n' > lines
  run "$WEIR" try a.lua --as x-chat/me --type message < lines
  [ "$status" -eq 0 ]
  [[ $output == *"waits"*"would do:"*"later"* ]]
}

@test "control characters of a comment do not reach the terminal" {
  run "$WEIR" try "$PACK" "$(printf 'x\033[31m求电子版')"
  [[ $output != *$'\033[31m'* ]]
}

@test "check: good rules, bad rules, no rules" {
  run "$WEIR" check "$PACK"
  [ "$status" -eq 0 ]
  [[ $output == *"no errors"* ]]
  printf 'rule "a" {\n  on = "comment",\n  keywrds = { "x" },\n  reply = "y",\n}\n' > bad.lua
  run "$WEIR" check bad.lua
  [ "$status" -eq 1 ]
  [[ $output == *"bad.lua:3:"* ]]
  [[ $output == *"keywords"* ]]
  run "$WEIR" check nowhere
  [ "$status" -eq 2 ]
}

@test "every command has --help with an example" {
  for c in run check try key verify; do
    run "$WEIR" "$c" --help
    [ "$status" -eq 0 ]
    [[ $output == *"example:"* ]]
  done
  run "$WEIR" --help
  [ "$status" -eq 0 ]
  run "$WEIR" nonsense
  [ "$status" -eq 2 ]
}

@test "what the rules and their engine take at most, room by room" {
  run "$WEIR" check --memory "$PACK"
  [ "$status" -eq 0 ]
  [[ $output =~ "ruleset "\ +[0-9]+"  shared by all engines" ]]
  for room in matching scripts event records state engine; do [[ $output =~ $room\ +[0-9]+ ]]; done
  # the rooms are together what one engine takes
  sum=$(awk '/^  (matching|scripts|event|records|state|engine) / { s += $2 } END { print s }' <<< "$output")
  one=$(awk '/^  one engine/ { print $3; exit }' <<< "$output")
  [ "$((sum - one))" -ge 0 ] && [ "$((sum - one))" -le 6 ]
}

@test "many rules: on a terminal those that had nothing to do with it are one line, in a pipe each has its own" {
  { echo 'account "douyin/me" {}'; for i in $(seq 100); do echo "rule \"r$i\" { on = \"comment\", keywords = \"wort$i\", reply = \"x\" }"; done; } > many.lua
  script -qec "stty cols 80; '$WEIR' try many.lua wort50" /dev/null > tty < /dev/null
  grep -q '\.\.\. 49 rules: no match' tty
  grep -q '\.\.\. 50 rules: not reached' tty
  grep -q 'many/r50 .*fired' tty
  [ "$(wc -l < tty)" -lt 15 ]
  run "$WEIR" try many.lua wort50
  [ "$(grep -c 'many/r' <<< "$output")" -eq 100 ]
}

@test "without --type: a message where no rule listens to comments, and a word where a message would be answered" {
  run "$WEIR" try "$ROOT/rules/check-in" "签到" --brief
  [[ ${lines[0]} == "message by u1 to wechat_oa/coffee: 签到" ]]
  [[ $output == *"check-in/sign in"*"fired"* ]]
  [[ $output != *"--type"* ]]
  run "$WEIR" try "$ROOT/rules/check-in" "签到" --brief --type comment
  [[ $output == *"nothing would be said" ]]
  run bash -c 'printf "签到\n" | "$1" try "$2/rules/check-in" --brief' _ "$WEIR" "$ROOT"
  [[ $output == *"message by u1"*"fired"* ]]
  run "$WEIR" try "$ROOT/rules/opt-out" "STOP" --brief
  [[ ${lines[0]} == "comment by u1 "* ]]
  [[ $output == *"nothing would be said"*"(this was a comment; a message with this text is answered: --type message)" ]]
  run "$WEIR" try "$ROOT/rules/opt-out" "hello" --brief
  [[ $output == *"nothing would be said" ]]
}
