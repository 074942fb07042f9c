load setup.bash

shared() {
  mkdir -p rules/a rules/b
  cat > rules/words.lua <<'LUA'
words.want = { "求", "want" }
return { hello = "有的" }
LUA
  cat > rules/a/1.lua <<'LUA'
local shared = include "../words.lua"
account "douyin/papers" {}
rule "ask" { on = "comment", match = [[{want}.{0,5}pdf]], reply = shared.hello, examples = { yes = { "求pdf" } } }
LUA
  cat > rules/b/1.lua <<'LUA'
include "../words.lua"
rule "other" { on = "message", keywords = { "{want}" }, reply = "x", examples = { yes = { "求" } } }
LUA
}

@test "check, test, run and try of all packs and of one find what they share" {
  shared
  for path in rules rules/a rules/b; do
    run "$WEIR" check --strict "$path"
    [ "$status" -eq 0 ]
    run "$WEIR" test "$path"
    [ "$status" -eq 0 ]
  done
  run "$WEIR" test rules
  [[ $output == *"examples of a/ask"*"examples of b/other"*"2 passed, 0 failed"* ]]
  ask c1 u1 "求pdf" | "$WEIR" run rules/a --plain --state :memory: > out
  grep -q 有的 out
  cd rules/a
  "$WEIR" try . "求pdf" | grep -q 有的
}

ruleset() { ask c1 u1 "求pdf" | "$WEIR" run "$1" --plain --state :memory: 2> /dev/null | grep -o '"ruleset":"[^"]*"'; }

@test "the bytes of what is shared are part of the ruleset's hash in every record" {
  shared
  before=$(ruleset rules/a)
  [ -n "$before" ]
  [ "$before" = "$(ruleset rules/a)" ]
  echo "-- a word" >> rules/words.lua
  [ "$before" != "$(ruleset rules/a)" ]
}

@test "replay --against says what a change of the shared words changes" {
  shared
  ask c1 u1 "求pdf" | "$WEIR" run rules --journal log --state shop.db > /dev/null 2>&1
  cp -r rules other
  sed -i 's/有的/没有/' other/words.lua
  run "$WEIR" replay rules log --against other
  [[ $output == *"有的"*"没有"* ]]
}

@test "a path out of the rules folder is refused, whatever is there" {
  shared
  echo 'words.secret = "mellon"' > secret.lua
  for path in ../../secret.lua ../../nothing.lua /etc/passwd.lua; do
    echo "include \"$path\"" > rules/b/2.lua
    run "$WEIR" check rules
    [ "$status" -eq 1 ]
    [[ $output == *'b/2.lua:1:1: error: `include`: '* && $output == *"1 error"* && $output != *mellon* ]]
  done
  ln -s ../secret.lua rules/link.txt
  ln -s ../../secret.lua rules/b/link
  echo 'include "link"' > rules/b/2.lua
  run "$WEIR" check rules
  [ "$status" -eq 1 ]
  mkdir rules/b/in
  ln -s ../../../secret.lua rules/b/in/link.lua
  echo 'include "in/link.lua"' > rules/b/2.lua
  run "$WEIR" check rules
  [[ $output == *"a link that leads out of the rules folder"* && $output != *mellon* ]]
}

@test "words.lua that nobody includes is told" {
  shared
  sed -i 1d rules/b/1.lua
  sed -i 's/"{want}"/"want"/' rules/b/1.lua
  cat > rules/a/1.lua <<'LUA'
rule "ask" { on = "comment", keywords = { "pdf" }, reply = "x", examples = { yes = { "pdf" } } }
LUA
  run "$WEIR" check rules
  [[ $output == *"none of them includes it"* ]]
}
