load setup.bash

# Every template in every language, on every channel it names and by every way it delivers.
each() {
  local name channels ways bad=0
  for name in comment-to-message official-account group-invitation win-back check-in; do
    channels=$(sed -n 's/^channels: //p' "$ROOT/cli/templates/$name.tmpl")
    ways=$(sed -n 's/^deliver: //p' "$ROOT/cli/templates/$name.tmpl")
    for channel in $channels; do for way in $ways; do for lang in zh en es; do "$@" "$name" "$channel" "$way" "$lang" || bad=1; done; done; done
  done
  [ "$bad" -eq 0 ]
}

answer() {
  case $1 in link) echo 'https://example.com/a?b=c&d="e"' ;; file) echo paper.pdf ;; wechat) echo tutor_li ;; room) echo parents-2026 ;; esac
}

try_one() {
  local dir=$1-$2-$3-$4
  "$WEIR" init "$dir" --template "$1" --account "$2/shop" --lang "$4" --offer 'the "big" guide' --deliver "$(answer "$3")" > out 2>&1 < /dev/null || { cat out; return 1; }
  "$WEIR" check --strict "$dir" > out 2>&1 || { echo "$dir"; cat out; return 1; }
  "$WEIR" test "$dir" > out 2>&1 || { echo "$dir"; cat out; return 1; }
  ! grep -q '<<' "$dir"/*
}

@test "every template, language, channel and way passes check --strict and test" {
  each try_one
}

@test "what is offered when nothing is said passes check --strict and test, too" {
  for name in comment-to-message official-account group-invitation win-back check-in; do
    for lang in zh en es; do
      "$WEIR" init "$name-$lang" --template "$name" --lang "$lang" < /dev/null
      "$WEIR" check --strict "$name-$lang"
      "$WEIR" test "$name-$lang"
    done
  done
}

@test "a template, language or channel that there is not: which there are" {
  run "$WEIR" init shop --template comment-to-mesage
  [ "$status" -eq 2 ]
  [[ $output == *'no template "comment-to-mesage": comment-to-message, official-account, '* ]]
  run "$WEIR" init shop --lang fr
  [[ $output == *'zh, en or es'* ]]
  run "$WEIR" init shop --channel wechat
  [[ $output == *'douyin, instagram'* ]]
  [ ! -e shop ]
}

@test "asked on a terminal; an empty line takes what is offered" {
  command -v script > /dev/null || skip "no script(1)"
  printf '2\nen\n\nkiosk\nthe price list\nprices.pdf\n' > answers
  script -qec "$WEIR init shop" /dev/null < answers > out
  grep -q '5 rules stand in shop/rules.lua' out
  grep -q '^account "wechat_oa/kiosk"' shop/rules.lua
  grep -q 'deliver = { file = "prices.pdf"' shop/rules.lua
  "$WEIR" test shop
}

@test "nothing is written over, and nothing half" {
  mkdir there
  run "$WEIR" init there --template win-back
  [ "$status" -eq 2 ]
  [[ $output == *"there is there already"* ]]
  [ -z "$(ls there)" ]
  for bad in "--template nothing" "--template win-back --lang fr" "--template win-back --channel douyin" "--template win-back --account a/b" \
    "--template win-back --account sh{op" "--template win-back --offer {x}" "--template win-back --offer ???" "--template check-in --deliver a.pdf"; do
    run "$WEIR" init new $bad < /dev/null
    [ "$status" -eq 2 ]
    [ ! -e new ]
  done
}
