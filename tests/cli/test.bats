load setup.bash

@test "the packs that ship pass their own tests, and every rule is reached" {
  run "$WEIR" test "$ROOT/rules" --coverage
  [ "$status" -eq 0 ]
  [[ ${lines[-1]} == *" passed, 0 failed" ]]
  [[ $output != *"never:"* ]]
}

@test "the same scenario gives the same bytes each time" {
  "$WEIR" test "$PACK" > one
  "$WEIR" test "$PACK" > two
  cmp one two
}

# A pack to spoil.
copy() { cp -r "$PACK" pack && rm pack/*.scenario; }

@test "what went otherwise: the line, what was expected, what was done, and why" {
  copy
  printf 'at 2026-03-02 09:00\nu1 comments "求电子版" on v1 -> reply "no"\nu1 comments "不要电子版" on v1 -> reply\nredeliver -> nothing\n' > pack/a.scenario
  run "$WEIR" test pack
  [ "$status" -eq 1 ]
  [[ $output == *'pack/a.scenario:2: u1 comments'* ]]
  [[ $output == *'expected: reply "no"'* ]]
  [[ $output == *'got:      reply 有'*'(rule test-papers/ask)'* ]]
  [[ $output == *'because:  test-papers/ask: excepted'* ]]
  [[ $output == *'not ok'*'pack/a.scenario'* ]]
  [[ ${lines[-1]} == *" passed, 1 failed" ]]
}

@test "--update writes what happened, and leaves the other lines alone" {
  copy
  printf '# mine\nat 2026-03-02 09:00\nu1 comments "求电子版" on v1 -> reply "no", nothing\nredeliver\n  expect reply # wrong\nafter 1h -> nothing\n' > pack/a.scenario
  run "$WEIR" test pack --update
  [ "$status" -eq 1 ]
  run "$WEIR" test pack
  [ "$status" -eq 0 ]
  [ "$(head -1 pack/a.scenario)" = "# mine" ]
  grep -q 'after 1h -> nothing' pack/a.scenario
  grep -q 'expect reply "有' pack/a.scenario
  [ ! -e pack/a.scenario.part ]
}

@test "every mistake in a scenario is told at once, with its place" {
  copy
  printf 'u1 coments "x"\nu1 comments "x\nat 25:00\nu1 says "a" blah\nu1 says "hi" -> mesage\nafter soon\np1..p9999 says "hi"\n' > pack/a.scenario
  run "$WEIR" test pack
  [ "$status" -eq 1 ]
  for place in 1:4 2:13 3:4 4:13 5:17 6:7 7:1; do [[ $output == *"pack/a.scenario:$place: error"* ]]; done
}

@test "other quotes, commas and arrows are read too" {
  copy
  printf 'at 2026-03-02 09:00\r\nu1 comments “求电子版” on v1 → reply，follow\r\n' > pack/a.scenario
  run "$WEIR" test pack
  [ "$status" -eq 0 ]
}

@test "an example that another rule answers first is a failure" {
  mkdir pack
  cat > pack/a.lua <<'LUA'
account "douyin/me" {}
rule "broad" { on = "comment", keywords = { "pdf" }, reply = "a", examples = { yes = { "pdf" } } }
rule "narrow" { on = "comment", keywords = { "pdf please" }, reply = "b", examples = { yes = { "pdf please" } } }
LUA
  run "$WEIR" test pack
  [ "$status" -eq 1 ]
  [[ $output == *'"pdf please" is answered by another rule: pack/broad'* ]]
  [[ $output == *"not ok 2 - examples of pack/narrow"* ]]
}

@test "nothing to test, no rules, rules that do not load: status 2" {
  mkdir pack
  echo 'rule "a" { on = "comment", keywords = { "x" }, reply = "y" }' > pack/a.lua
  run "$WEIR" test pack
  [ "$status" -eq 2 ]
  [[ $output == *"no examples and no scenarios"* ]]
  echo 'rule "a" { on = "coment" }' > pack/a.lua
  run "$WEIR" test pack
  [ "$status" -eq 2 ]
  run "$WEIR" test missing
  [ "$status" -eq 2 ]
}

@test "message via: the account that sends, which need not be the event's" {
  mkdir pack
  cat > pack/a.lua <<'LUA'
account "wechat_oa/shop" {}
account "wechat_personal/li" {}
rule "tell" { on = "x-tell", message = { "hello", via = { "wechat_personal/li", "wechat_oa/shop" } } }
LUA
  cat > pack/a.scenario <<'S'
scenario "a"
u1 does x-tell to wechat_oa/shop -> message via wechat_oa/shop
u1 links to wechat_personal/li with with=wechat_oa/shop/u1
u1 does x-tell to wechat_oa/shop -> message via wechat_personal/li, no message via wechat_oa/shop
S
  run "$WEIR" test pack
  [ "$status" -eq 0 ]
  sed -i 's/-> message via wechat_personal\/li.*/-> message via wechat_oa\/shop/' pack/a.scenario
  run "$WEIR" test pack
  [ "$status" -eq 1 ]
}

@test "--coverage: lines of handlers that were not run" {
  mkdir pack
  cat > pack/a.lua <<'LUA'
account "douyin/me" {}
rule "ask" { on = "comment", keywords = "pdf", examples = { yes = { "pdf" } },
  run = function(e)
    local n = 0
    for i = 1, 3 do
      n = n + i
    end

    if e.text == "pdf please" then
      e:message "polite"
      -- no code

      n = 7
    elseif n ~= 6 then
      e:follow()
    else
      e:reply "x"
    end
    if n == 7 then return end
    e:tag "asked"
  end }
rule "one" { on = "message", keywords = "hi", run = function(e) e:reply "x" end, examples = { yes = { "hi" } } }
LUA
  run "$WEIR" test --coverage pack
  [ "$status" -eq 0 ]
  # keywords of both, 11 lines of the one and 1 of the other
  [[ $output == *"# coverage: 11 of 14 parts"* ]]
  [[ $output == *"pack/ask (pack/a.lua:2)"*"run           3 of 11 lines were not run: 10 to 13, 15"* ]]
  [[ $output != *"pack/one (pack"* ]]
  echo 'u1 comments "pdf please" on v1 -> message, no tag' > pack/a.scenario
  run "$WEIR" test --coverage pack
  [ "$status" -eq 0 ]
  [[ $output == *"1 of 11 lines were not run: 15"$'\n'* || $output == *"1 of 11 lines were not run: 15" ]]
}

@test "--coverage: what of the rules no test reached" {
  mkdir pack
  cat > pack/a.lua <<'LUA'
account "douyin/me" {}
rule "ask" { on = "comment", keywords = { "pdf", "book" }, match = { "p.per", "z[0-9]" }, except = "no", once = true, reply = "x", message = "y",
  examples = { yes = { "pdf", "paper" } } }
rule "never" { on = "message", keywords = "zebra", reply = "x" }
rule "try" { on = "message", keywords = "hi", variants = { a = { weight = 1000, reply = "a" }, b = { reply = "b" } }, examples = { yes = { "hi" } } }
LUA
  run "$WEIR" test --coverage pack
  [ "$status" -eq 0 ]
  [[ $output == *"# coverage: 2 of 3 rules fired in a test"*"never: pack/never (pack/a.lua:4)"* ]]
  # of ask: keywords, one of two patterns, reply and message; of try: keywords, one variant. Not: the other pattern, except, once, the other variant
  [[ $output == *"# coverage: 6 of 10 parts"* ]]
  [[ $output == *'keywords      1 of 2 in no test: "book"'* ]]
  [[ $output == *"match         pattern 2 is in no test's text"* ]]
  [[ $output == *"except        stopped nothing"* && $output == *"once          refused nobody"* && $output == *'variants      nobody got "b"'* ]]
  [[ $output != *"pattern 1"* && $output != *"was never done"* ]]
  cat > pack/a.scenario <<'S'
u1 comments "book z1" on v1 -> reply, message
u1 comments "book z1" on v1 -> nothing
u2 comments "no pdf" on v1 -> nothing
S
  run "$WEIR" test --coverage pack
  [ "$status" -eq 0 ]
  [[ $output == *"# coverage: 9 of 10 parts"* ]]
  [[ $output != *"pack/ask (pack/a.lua:2)"* ]]
  run "$WEIR" test pack
  [[ $output != *coverage* ]]
}
