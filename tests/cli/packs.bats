load setup.bash

@test "customer-notes: a hundred people are one, nine and ninety, the next morning" {
  at=1772413200000 # 2026-03-02 09:00 in Shanghai
  note() { printf '{"id":"%s-%s","time":%s,"channel":"wechat_personal","account":"adviser","type":"%s","contact":{"id":"%s"}%s}\n' "$1" "$2" "$3" "$2" "$1" "${4:+,\"text\":\"$4\"}"; }
  for i in {1..90}; do note "p$i" share $((at + i)); done > events
  for i in {1..9}; do note "q$i" message $((at + 100 + i)) "#作业 第一课"; done >> events
  note r1 message $((at + 200)) "#homework one" >> events
  note r1 share $((at + 300)) >> events
  note z1 message $((at + 86400000)) "hi" >> events
  "$WEIR" run "$ROOT/rules/customer-notes" --plain --state :memory: --clock events < events > records 2> said || { cat said; return 1; }
  [ "$(grep -o '"layer:creators"' records | wc -l)" -eq 1 ]
  [ "$(grep -o '"layer:sharers"' records | wc -l)" -eq 9 ]
  [ "$(grep -o '"layer:readers"' records | wc -l)" -eq 90 ]
}
