load setup.bash

pack() { # the lines of a rule file below its pack line
  mkdir -p p
  { echo 'pack { name = "p", version = "1.0.0" }'; cat; } > p/a.lua
}

@test "a pattern that does not compile: file, line, offset, caret, PCRE2's message" {
  pack <<'END'
rule "a" { on = "comment", match = [[求(资料]], reply = "x" }
END
  run "$WEIR" check p
  [ "$status" -eq 1 ]
  [[ ${lines[0]} == 'p/a.lua:2:48: error: rule p/a: `match`, offset 10: missing closing parenthesis'* ]]
  [[ ${lines[2]} == *'^' ]]
}

@test "a backslash in quotes: the hint is to write [[...]]" {
  pack <<'END'
rule "a" { on = "comment", match = "\d+块", reply = "x" }
END
  run "$WEIR" check p
  [ "$status" -eq 1 ]
  [[ ${lines[0]} == 'p/a.lua:2:36: error:'*'[[...]]'* ]]
  [[ ${lines[2]} == *'^' ]]
}

@test "keywords that cannot be meant are told, with the nearest list" {
  pack <<'END'
words.paper = { "电子版" }
rule "a" { on = "comment", keywords = { "" }, reply = "x" }
rule "b" { on = "comment", keywords = { "\u{200B}" }, reply = "x" }
rule "c" { on = "comment", keywords = { "{papr}" }, reply = "x" }
rule "d" { on = "comment", keywords = { "电子", "電子" }, reply = "x" }
END
  run "$WEIR" check p
  [ "$status" -eq 1 ]
  [[ $output == *'rule p/a: `keywords`: is empty'* ]]
  [[ $output == *'rule p/b: `keywords`: the word folds to nothing'* ]]
  [[ $output == *'rule p/c: `keywords`: there is no word list {papr}: did you mean {paper}?'* ]]
  [[ $output == *'rule p/d: `keywords`: the same keyword as "电子"'* ]]
}

@test "check names the rules that run on every text" {
  pack <<'END'
rule "a" { on = "comment", match = [[\s]], reply = "x" }
rule "b" { on = "comment", match = [[求.{0,4}资料]], reply = "x" }
END
  run "$WEIR" check p
  [ "$status" -eq 0 ]
  [[ $output == *"1 rule has no word that must be in the text, so it is tried on every text:"* ]]
  [[ $output == *"  p/a (p/a.lua:2)"* ]]
  [[ $output != *"  p/b ("* ]]
}

@test "classes and emoji are keywords" {
  for pair in '{phone}|打13812345678' '{wechat_id}|加我 abc_12345' '{money}|99元' '{number}|要3本' '{url}|see https://a.cn/x' '{email}|me@x.org' '🔥|太🔥了' '👍|好👍🏽'; do
    echo "rule \"a\" { on = \"comment\", keywords = { \"${pair%%|*}\" }, reply = \"x\" }" | pack
    run "$WEIR" try p "${pair#*|}"
    [[ $output == *"p/a   fired"* ]] || { echo "$pair: $output"; false; }
    run "$WEIR" try p "没有"
    [[ $output == *"p/a   no match"* ]]
  done
}

@test "a text over the limit is cut at a character, and the trace says so" {
  echo 'rule "a" { on = "comment", keywords = { "link" }, reply = "x" }' | pack
  long=$(printf '求%.0s' {1..2730}) # 8,190 bytes: the limit is 8,192
  run "$WEIR" try p "${long}求link"
  [[ $output == *"p/a   no match"* ]]
  [[ $output == *"the text is longer than is matched, and was cut"* ]]
  run "$WEIR" try p "link${long}求"
  [[ $output == *'p/a   fired       "link"'* ]]
  [[ $output == *"was cut"* ]]
  run "$WEIR" try p "${long}"
  [[ $output != *"was cut"* ]]
}
