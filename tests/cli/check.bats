load setup.bash

@test "the packs that ship have nothing to be noted" {
  run "$WEIR" check --strict "$ROOT/rules"
  [ "$status" -eq 0 ]
  [[ $output == *"no errors"* ]]
}

shop() {
  mkdir pack
  cat > pack/a.lua <<'LUA'
account "douyin/me" {}
rule "broad" { on = "comment", keywords = { "pdf" }, reply = "send me “pdf” or {person.name}", examples = { yes = { "pdf" } } }
rule "narrow" { on = "comment", keywords = { "pdf please", "my pdf" }, reply = "b" }
rule "half" { on = "comment", keywords = { "the pdf", "book" }, reply = "the book is here", examples = { yes = { "the pdf", "book" } } }
rule "gated" { on = "comment", keywords = { "link" }, once = true, reply = "c", examples = { yes = { "link" } } }
rule "behind gate" { on = "comment", keywords = { "link please" }, reply = "d", examples = { yes = { "link please" } } }
LUA
}

@test "a rule behind a broader one, words that set off a rule, rules without examples; not what only looks like it" {
  shop
  run "$WEIR" check pack
  [ "$status" -eq 0 ]
  [[ $output == *'a.lua:3:1: note: rule pack/narrow: it seems that this rule can never fire: "pdf please" is answered before it by the rule pack/broad'* ]]
  [[ $output == *'rule pack/half: its own words "the book is here" would set off'*'pack/half'* ]]
  [[ $output == *"1 rule of this pack has no examples"* ]]
  [[ $output != *"rule pack/broad:"* && $output != *"rule pack/behind gate:"* ]]
  [[ $output == *"5 rules, no errors, 3 notes"* ]]
  run "$WEIR" check --strict pack
  [ "$status" -eq 1 ]
  run "$WEIR" check --quiet --strict pack
  [ "$status" -eq 0 ]
}

@test "--json: one object that a program can read" {
  shop
  "$WEIR" check --json pack > out
  python3 - <<'PY'
import json
o = json.load(open("out"))
assert (o["errors"], o["warnings"], o["notes"], o["rules"]) == (0, 0, 3, 5), o
f = next(x for x in o["findings"] if x["rule"] == "pack/narrow" and "never" in x["message"])
assert (f["severity"], f["line"], f["column"], f["file"]) == ("note", 3, 1, "pack/a.lua"), f
PY
  echo 'rule "x" { on = "coment" }' > pack/a.lua
  run "$WEIR" check --json pack
  [ "$status" -eq 1 ]
  python3 -c 'import json,sys; o=json.loads(sys.argv[1]); assert o["errors"]>0 and o["rules"]==0' "$output"
  run "$WEIR" check --json missing
  [ "$status" -eq 2 ]
  python3 -c 'import json,sys; json.loads(sys.argv[1])' "$output"
}

# The terminal's 80 columns; hanzi and full-width signs take two.
too_wide() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | python3 -c '
import sys, unicodedata
for line in sys.stdin.read().replace("\r", "").split("\n"):
    if sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) > 80: print(line)'
}

@test "on a terminal findings are broken between words, and of long lines what fits is shown; in a pipe nothing is" {
  long='rule "ask" { on = "comment", keywords = { "求电子版", "想要资料", "有没有试卷", "求答案", "要答案", "有资料么" }, replly = "有的，已私信，注意查收，也可以看主页" }'
  printf '%s\n' "$long" 'rule "b" { on = “comment”, any = true, reply = "x" }' > wide.lua
  script -qec "stty cols 80; '$WEIR' check wide.lua; '$WEIR' run" /dev/null > tty < /dev/null || true
  [ -z "$(too_wide tty)" ]
  grep -q $'\x1b' tty
  # the caret stands below the key
  python3 - <<'P'
import re, unicodedata
lines = re.sub(r"\x1b\[[0-9;]*m", "", open("tty").read()).replace("\r", "").split("\n")
wide = lambda s: sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)
at = next(i for i, l in enumerate(lines) if "replly =" in l)
assert wide(lines[at].split("replly")[0]) == lines[at + 1].index("^"), lines[at:at + 2]
P
  NO_COLOR=1 script -qec "stty cols 80; '$WEIR' check wide.lua" /dev/null > tty < /dev/null || true
  [ "$(grep -c $'\x1b' tty)" -eq 0 ]
  "$WEIR" check wide.lua > piped || true
  grep -qF "    $long" piped
  grep -q 'write the plain `"`, at both ends of the text$' piped
  [ "$(grep -c $'\x1b' piped)" -eq 0 ]
}
