load setup.bash

@test "the example: one event in, one record out, verified" {
  ask | "$WEIR" run "$PACK" --state :memory: > out.jws 2> err.txt
  [ "$(wc -l < out.jws)" -eq 1 ]
  "$WEIR" key show --public > jwks.json
  run "$WEIR" verify out.jws --keys jwks.json
  [ "$status" -eq 0 ]
  [[ $output == "1 good" ]]
}

@test "the first use makes a key that only its owner can read, and says so" {
  ask | "$WEIR" run "$PACK" --state :memory: > out.jws 2> err.txt
  [ "$(stat -c %a weir-key.json)" = 600 ]
  grep -q "made a new signing key in weir-key.json" err.txt
  cp weir-key.json before
  ask | "$WEIR" run "$PACK" --state :memory: > out2.jws 2> err2.txt
  cmp before weir-key.json
  ! grep -q "made a new signing key" err2.txt
}

@test "the record says what was decided" {
  ask | "$WEIR" run "$PACK" --state :memory: --plain > out.json 2> err.txt
  grep -q '"aud":"douyin/papers"' out.json
  grep -q '"seq":1' out.json
  grep -q '"cause":"c1","contact":"u1"' out.json
  grep -q '"kind":"reply","rule":"test-papers/ask","to":"c1"' out.json
  grep -q '"kind":"follow","rule":"test-papers/ask"' out.json
  grep -q '"kind":"message"' out.json
  grep -q '"add":\["lang:zh","wants:paper"\]\|"add":\["wants:paper","lang:zh"\]' out.json
  grep -q '"stage":"papers/asked"' out.json
}

@test "the same event twice gives one record" {
  { ask; ask; } | "$WEIR" run "$PACK" --state :memory: > out.jws 2> err.txt
  [ "$(wc -l < out.jws)" -eq 1 ]
  [ "$("$WEIR" verify out.jws --keys <("$WEIR" key show --public))" = "1 good" ]
  grep -q "1 repeat," err.txt
}

@test "somebody who asks twice under one post is answered once; under another post again" {
  { ask c1; ask c2; } | "$WEIR" run "$PACK" --state :memory: --plain > out.json 2> err.txt
  [ "$(grep -o '"kind":"reply"' out.json | wc -l)" -eq 1 ]
}

@test "chat that asks for nothing is left alone" {
  { ask c1 u1 "电子版很好看"; ask c2 u2 "哈哈哈"; ask c3 u3 "I don't need the papers"; } | "$WEIR" run "$PACK" --state :memory: > out.jws 2> err.txt
  [ ! -s out.jws ]
  grep -q "3 with nothing to say" err.txt
}

@test "decisions of one group share a record" {
  for i in 1 2 3 4 5; do ask "c$i" "u$i"; done > events
  "$WEIR" run "$PACK" --state :memory: --events events --plain > out.json 2> err.txt
  [ "$(wc -l < out.json)" -le 2 ]
  [ "$(grep -o '"cause"' out.json | wc -l)" -eq 5 ]
  "$WEIR" run "$PACK" --state :memory: --events events --group 1 > one.jws 2> err.txt
  [ "$(wc -l < one.jws)" -eq 5 ]
  "$WEIR" verify one.jws --keys <("$WEIR" key show --public)
}

@test "a bad line is named, counted and skipped; the run goes on and ends with 1" {
  { echo 'not json'; ask; echo '{"id":"x"}'; echo; ask c9 u9; } > events
  run "$WEIR" run "$PACK" --state :memory: --events events --plain
  [ "$status" -eq 1 ]
  [[ $output == *"events:1: skipped: "* ]]
  [[ $output == *"events:3: skipped: "* ]]
  [[ $output == *"2 lines skipped"* ]]
  [[ $output == *'"cause":"c9"'* ]]
}

@test "an unknown field, a wrong type and a wrong time say what was expected" {
  echo '{"id":"c1","time":"2026-11-22T09:00:00Z","chanel":"douyin"}' > events
  run "$WEIR" run "$PACK" --state :memory: --events events
  [[ $output == *'did you mean "channel"'* ]]
  ask | sed 's/"comment"/"coment"/' > events
  run "$WEIR" run "$PACK" --state :memory: --events events
  [[ $output == *'did you mean "comment"'* ]]
  ask | sed 's/2026-11-22T09/2026-13-22T09/' > events
  run "$WEIR" run "$PACK" --state :memory: --events events
  [[ $output == *'"time" must be a time such as'* ]]
}

@test "a line that is too long is skipped" {
  { head -c 70000 /dev/zero | tr '\0' 'x'; echo; ask; } > events
  run "$WEIR" run "$PACK" --state :memory: --events events --plain
  [ "$status" -eq 1 ]
  [[ $output == *"events:1: skipped: the line is longer"* ]]
  [[ $output == *'"cause":"c1"'* ]]
}

@test "invalid UTF-8 in a text is refused" {
  printf '{"id":"c1","time":1795309200000,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u1"},"text":"\xff\xfe"}\n' > events
  run "$WEIR" run "$PACK" --state :memory: --events events
  [ "$status" -eq 1 ]
  [[ $output == *"UTF-8"* ]]
  printf '{"id":"c1","time":1795309200000,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u1"},"text":"\xff求电子版"}\n' > events
  run "$WEIR" run "$PACK" --state :memory: --events events --repair --plain
  [ "$status" -eq 0 ]
  [[ $output == *'"cause":"c1"'* ]]
}

@test "rules that cannot be used, a missing folder and wrong options end with 2" {
  echo 'rule "x" {' > bad.lua
  run "$WEIR" run bad.lua < /dev/null
  [ "$status" -eq 2 ]
  run "$WEIR" run nowhere < /dev/null
  [ "$status" -eq 2 ]
  run "$WEIR" run "$PACK" --state nowhere/shop.db < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"nowhere/shop.db"* ]]
  run "$WEIR" run
  [ "$status" -eq 2 ]
  run "$WEIR" run "$PACK" --state :memory: --group 65
  [ "$status" -eq 2 ]
}

@test "a key file that others can read is refused" {
  ask | "$WEIR" run "$PACK" --state :memory: > out.jws 2> /dev/null
  chmod 644 weir-key.json
  run "$WEIR" run "$PACK" --state :memory: < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"others can read it"* ]]
}

@test "the funnel: code in a friend request joins two contacts, the paper goes out, an hour later the group is offered" {
  ask > events
  "$WEIR" run "$PACK" --state :memory: --events events --plain --clock events --chain story > first.json 2> /dev/null
  code=$(grep -o '备注 [A-Z0-9]*' first.json | cut -d' ' -f2)
  [ ${#code} -eq 6 ]
  event f1 friend_request wechat_personal/tutor_li wx1 "你好 $code" | sed 's/09:00:00/09:05:00/' >> events
  "$WEIR" run "$PACK" --state :memory: --events events --plain --clock events --chain story > all.json 2> err.txt
  grep -q '"kind":"accept"' all.json
  grep -q '"kind":"deliver","rule":"test-papers/added","file":"paper-2026.pdf"' all.json
  grep -q '"rule":"test-papers/offer the group"' all.json
}

@test "a friend request without code is asked for it" {
  event f1 friend_request wechat_personal/tutor_li wx1 "你好" | "$WEIR" run "$PACK" --state :memory: --plain > out.json 2> /dev/null
  grep -q 'test-papers/added without code' out.json
  ! grep -q '"kind":"deliver"' out.json
}

@test "opting out: one confirmation, then silence" {
  { ask c1 u1 STOP; ask c2 u1 求电子版; } | "$WEIR" run "$PACK" --state :memory: --plain > out.json 2> err.txt
  grep -q '"kind":"opt_out"' out.json
  ! grep -q '"kind":"reply"' out.json
  grep -q "dropped" err.txt
}

@test "the journal holds every input in order" {
  { ask c1; ask c2 u2; } | "$WEIR" run "$PACK" --state :memory: --journal j.log > /dev/null 2> /dev/null
  head -1 j.log | grep -q '"open"'
  [ "$(grep -c '^{"event":' j.log)" -eq 2 ]
  grep -q '^{"commit":1,' j.log
  grep -q '^{"ack":{"aud":"douyin/papers","seq":1}' j.log
}

@test "a rule whose handler is stopped three times is put aside, and that is said once" {
  mkdir pack
  echo 'rule "spin" { on = "comment", keywords = { "spin" }, run = function(e) while true do end end }' > pack/rules.lua
  for i in 1 2 3 4 5; do
    printf '{"id":"c%d","time":%d,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u1"},"text":"spin"}\n' "$i" $((1795309200000 + i * 1000))
  done > events
  "$WEIR" key new > /dev/null
  run "$WEIR" run pack --clock events < events
  [ "$(grep -c "rule pack/spin: its handler was stopped 3 times in 10 minutes: put aside for 10 minutes" <<< "$output")" -eq 1 ]
  [[ $output == *"5 undecided"* ]]
  [[ $output == *"1 time that a rule was put aside"* ]]
}

@test "what is over a quota waits or is dropped, and the end says how often and why" {
  cat > r.lua <<'L'
account "douyin/papers" { quotas = { { action = "reply", max = 2, within = "1h", wait = false }, { action = "like", max = 3, within = "1h" } } }
rule "a" { on = "comment", any = true, reply = "thank you", like = true }
L
  for i in 1 2 3 4 5; do ask "c$i" "u$i"; done > e.jsonl
  "$WEIR" run r.lua --state :memory: --clock events --events e.jsonl --plain > out.json 2> err.txt
  [ "$(grep -o '"kind":"reply"' out.json | wc -l)" -eq 2 ]
  [ "$(grep -o '"kind":"like"' out.json | wc -l)" -eq 5 ]
  grep -q "what did not go out, or not at once" err.txt
  grep -qE "^ +3  dropped reply: over quota: 2 in 1h per account  \(r/a\)" err.txt
  grep -qE "^ +2  waiting like: over quota: 3 in 1h per account  \(r/a\)" err.txt
}

@test "a rule that its account cannot carry out does not load" {
  echo 'account "instagram/shop" {} rule "a" { on = "message", account = "instagram/shop", any = true, invite = "room" }' > r.lua
  run "$WEIR" check r.lua
  [ "$status" -eq 1 ]
  [[ $output == *'on instagram/shop it is "none"'* ]]
}

@test "how much is said while it runs: --log-level" {
  mkdir pack
  echo 'rule "bad" { on = "comment", keywords = { "bad" }, run = function(e) e:reply(nil .. "x") end }' > pack/rules.lua
  ask c1 u1 bad > events
  "$WEIR" key new > /dev/null
  "$WEIR" run pack --state :memory: < events > /dev/null 2> quiet
  ! grep -q "pack/bad" quiet
  "$WEIR" run pack --state :memory: --log-level info < events > /dev/null 2> more
  grep -q "^weir run: info: rule pack/bad: .*(c1)$" more
  grep -q "^weir run: info: chain .*: 0 persons" more
  run "$WEIR" run pack --log-level loud
  [ "$status" -eq 2 ] && [[ $output == *"--log-level takes"* ]]
}
