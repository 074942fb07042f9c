load setup.bash

# What the runner of the documents' examples (tests/docs/run.py) finds, and where.
examples() { BUILD=$BUILD run python3 "$ROOT/tests/docs/run.py" "$@"; }
# A document with one block: document INFO BODY; its fence stands on line 3.
document() { printf '# A document\n\n```%s\n%b\n```\n' "$1" "$2" > d.md; }
# is_wrong LINE WORDS
is_wrong() {
  examples d.md
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"not ok "*"d.md:$1"* && $output == *"$2"* ]]
}

@test "rules with an error, a note, without a test, with a rule that nothing reaches" {
  document lua 'rule "a" { on = "comment", keyword = "x", reply = "y" }'
  is_wrong 3 'd.md.lua:4'
  document lua 'rule "a" { on = "comment", keywords = "x", reply = "y" }'
  is_wrong 3 'no examples'
  document lua 'account "douyin/a" {}\nrule "a" { on = "follow", message = "y" }'
  is_wrong 3 'nothing tries these rules'
  document lua 'account "douyin/a" {}\nrule "a" { on = "follow", message = "y" }\nrule "b" { on = "comment", keywords = "x", reply = "z", examples = { yes = "x" } }'
  is_wrong 3 'no example and no scenario makes these fire: '
}

@test "a scenario that goes otherwise, that cannot be read, that has no rules" {
  printf '```lua\naccount "douyin/a" {}\nrule "b" { on = "comment", keywords = "x", reply = "z", examples = { yes = "x" } }\n```\n\n```scenario\nu1 comments "x" -> nothing\n```\n' > d.md
  is_wrong 6 'd.md.scenario:7'
  [[ $output == *"ok 1 - "* ]]
  sed -i 's/comments/commnts/' d.md
  is_wrong 6 'd.md.scenario:7'
  sed -i 's/commnts/comments/; s/nothing/reply "z"/' d.md
  examples d.md
  [ "$status" -eq 0 ]
  document scenario 'u1 comments "x" -> nothing'
  is_wrong 3 'no rules to play it on'
}

@test "commands: another output, another status, an option that is not there" {
  document console '$ echo one\none\n$ echo two\nthree'
  is_wrong 6 'two'
  document console '$ false'
  is_wrong 4 'ended with 1'
  document 'console status=1' '$ false'
  examples d.md
  [ "$status" -eq 0 ]
  document console '$ printf "a\\\\nb\\\\nc d\\\\n"\n...\nc ...'
  examples d.md
  [ "$status" -eq 0 ]
  document sh 'weir check --wrong rules'
  is_wrong 3 'has no --wrong'
  document sh 'weir chek rules'
  is_wrong 3 'no `weir chek`'
}

@test "JSON, links, blocks that nobody knows how to run, documents without any" {
  document json '{"a":1,\n"b":}'
  is_wrong 5 'is no JSON'
  document jsonl '{"a":1}\n{'
  is_wrong 5 'is no JSON'
  document '' 'x'
  is_wrong 3 'what is this block'
  document text '[a link](in-a-block.md)'
  examples d.md
  [ "$status" -eq 0 ]
  echo '[a link](nowhere.md)' >> d.md
  is_wrong 1 'nowhere.md'
  printf '# Nothing here\n' > d.md
  is_wrong 1 'no block found'
}

@test "a fragment stands in a shop, and each key in a rule" {
  document 'lua part' 'rule "a" { on = "comment", keywords = "{want}", stage = "papers/asked", reply = "{pool.wechat}" }'
  examples d.md
  echo "$output"
  [ "$status" -eq 0 ]
  document 'lua keys' 'hours = "09:00-21:00"  -- by day\nmessage = {\n  "a",\n  after = "1h" }\nweekdays = "mon-fry"'
  is_wrong 3 'd.md.lua:8'
}

@test "weir is looked for where a command stands" {
  document sh 'cp -a /var/lib/weir shop\nsudo -u weir weir check rules --strict # weir chek\nls | build/weir check rules --json && weir test rules'
  examples d.md
  echo "$output"
  [ "$status" -eq 0 ]
  document sh 'sudo -u weir weir check --wrong'
  is_wrong 3 'has no --wrong'
  document sh 'ls | build/weir chek'
  is_wrong 3 'no `weir chek`'
}
