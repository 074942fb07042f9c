load setup.bash

wechat() {
  cat > w.json <<'JSON'
{"is_add_friend_reply_open":0,"is_autoreply_open":1,
 "add_friend_autoreply_info":{"type":"text","content":"Thanks for your {attention}!"},
 "message_default_autoreply_info":{"type":"text","content":"Hello, this is autoreply!"},
 "keyword_autoreply_info":{"list":[
  {"rule_name":"news","reply_mode":"reply_all",
   "keyword_list_info":[{"type":"text","match_mode":"contain","content":"news测试"},{"type":"text","match_mode":"equal","content":"新闻"}],
   "reply_list_info":[{"type":"news","news_info":{"list":[{"title":"it's news","content_url":"http://mp.example/s?a"}]}},
     {"type":"text","content":"second"},{"type":"img","content":"MEDIA1"},{"type":"card","content":"x"}]},
  {"rule_name":"voice","reply_mode":"random_one","keyword_list_info":[{"type":"text","match_mode":"contain","content":"voice测试"}],
   "reply_list_info":[{"type":"voice","content":"V1"},{"type":"text","content":"or \"text\""}]},
  {"rule_name":"late","reply_mode":"random_one","keyword_list_info":[{"type":"text","match_mode":"contain","content":"big news测试"}],
   "reply_list_info":[{"type":"text","content":"never"}]}]}}
JSON
}

@test "a WeChat export: every block, and what comes out passes check and test" {
  wechat
  run "$WEIR" import wechat w.json shop
  [ "$status" -eq 0 ]
  [[ $output == *"5 rules were made"* || $output == *"6 rules were made"* ]]
  [[ $output == *'a reply of type "card" was left out'* ]]
  [[ $output == *'"big news测试" is answered by the rule shop/news 2 before it'* ]]
  diff <(printf '%s\n' "$output" | sed '/^The rules stand/,$d') <(cat shop/import-report.txt; echo)
  grep -q 'Thanks for your {{attention}}!' shop/rules.lua
  grep -q 'mode = "equal"' shop/rules.lua
  grep -q 'cooldown = "60m"' shop/rules.lua
  grep -q 'media = { "image:MEDIA1" }' shop/rules.lua
  [ "$(grep -c 'enabled = false' shop/rules.lua)" -eq 1 ]
  "$WEIR" check shop
  "$WEIR" test shop
  # a message can be replied to once: all three arrive only when the others are written to him
  printf 'u1 says "新闻" -> reply like "it'"'"'s news", message like "second", no dropped\n' > shop/all.scenario
  "$WEIR" test shop
  run "$WEIR" check shop
  [[ $output != *quota* ]]
}

@test "the default reply comes once in 60 minutes, and only when nothing else answers" {
  wechat
  "$WEIR" import wechat w.json shop
  printf 'at 2026-03-02 10:00\nu1 says "hm" -> reply "Hello, this is autoreply!"\nafter 59m\nu1 says "hm" -> nothing\nafter 2m\nu1 says "hm" -> reply\nu2 says "voice测试" -> rule voice, no rule default\n' > shop/default.scenario
  "$WEIR" test shop
}

@test "blocks may be missing; an answer to a failed call, other JSON and no JSON are told apart" {
  echo '{"keyword_autoreply_info":{"list":[{"rule_name":"a","reply_mode":"random_one","keyword_list_info":[{"match_mode":"equal","content":"a"}],"reply_list_info":[{"type":"text","content":"b"}]}]}}' > w.json
  "$WEIR" import wechat w.json one
  "$WEIR" test one
  echo '{"errcode":40001,"errmsg":"invalid credential"}' > w.json
  run "$WEIR" import wechat w.json two
  [ "$status" -eq 2 ]
  [[ $output == *"errcode 40001, invalid credential"* ]]
  echo '{}' > w.json
  run "$WEIR" import wechat w.json two
  [ "$status" -eq 2 ]
  echo '[' > w.json
  run "$WEIR" import wechat w.json two
  [ "$status" -eq 2 ]
  [[ $output == *"w.json:"*"no JSON"* ]]
  [ ! -e two ]
}

@test "a table of keywords: modes, several keywords, quotes, tags, rows that are not whole" {
  printf '关键词,匹配,回复,标签,备注\n电子版|求资料,包含,"有的，""私信""你了","wants:paper,hot",x\nlink,,Here {it} is,,\n电子版|求资料,包含,另一条,,\n,,空,,\nsolo,exact,,,\nzzz,foo,bar,,\n' > k.csv
  run "$WEIR" import csv k.csv kk
  [ "$status" -eq 0 ]
  for line in 'line 4 has the keywords of line 2' 'line 5 has no keyword' 'line 6 has no reply' 'line 7: there is no mode "foo"' 'column "备注"'; do [[ $output == *"$line"* ]]; done
  grep -qF 'reply = { "有的，\"私信\"你了", "另一条" }' kk/rules.lua
  grep -qF 'tag = { "wants:paper", "hot" }' kk/rules.lua
  "$WEIR" test kk
}

@test "encodings and separators: byte order mark, GB18030, UTF-16, semicolons, tabs" {
  printf '\xef\xbb\xbfkeyword,mode,reply\n电子版,contains,有的\n' > a.csv
  printf '电子版\t有的\n' | iconv -t GB18030 > b.csv
  printf 'keyword;reply\n电子版;有的\n' | iconv -t UTF-16 > c.csv
  for f in a b c; do
    "$WEIR" import csv $f.csv $f
    grep -q '电子版' $f/rules.lua
    "$WEIR" test $f
  done
  printf 'a,\xff\xff\xff\n' > d.csv
  run "$WEIR" import csv d.csv d
  [ "$status" -eq 2 ]
  [[ $output == *"neither UTF-8 nor GB18030"* ]]
}

@test "nothing is written over" {
  printf 'a,b\n' > a.csv
  mkdir there
  run "$WEIR" import csv a.csv there
  [ "$status" -eq 2 ]
  [[ $output == *"File exists"* ]]
  [ -z "$(ls there)" ]
}
