load setup.bash

@test "export prints what is known, forget erases it, the log stays verifiable" {
  ask c1 somebody-81 > events; ask c2 u2 >> events
  "$WEIR" run "$PACK" --state s.db --events events --group 64 --ack 3 3< /dev/null > first.jws 2> /dev/null
  "$WEIR" key show --public > jwks.json
  run "$WEIR" export douyin/papers/somebody-81 --state s.db
  [ "$status" -eq 0 ]
  echo "$output" | python3 -c 'import json, sys; j = json.load(sys.stdin); assert j["known"] and j["contacts"][0]["id"] == "somebody-81" and j["actions"], j'
  [ "$(grep -c somebody-81 s.db)" -ge 1 ]
  run "$WEIR" forget douyin/papers/somebody-81 --state s.db
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = "forgotten" ]
  [[ "$output" == *"tombstones"* ]]
  [[ "$output" == *"douyin/papers 1-"* ]]
  run "$WEIR" forget douyin/papers/somebody-81 --state s.db
  [ "$status" -eq 1 ]
  run "$WEIR" export douyin/papers/somebody-81 --state s.db
  [ "$status" -eq 1 ]
  "$WEIR" run "$PACK" --state s.db --events /dev/null > again.jws 2> /dev/null
  run "$WEIR" verify again.jws --keys jwks.json --show
  [ "$status" -eq 0 ]
  [[ "$output" == *'"erased":'* ]]
  [[ "$output" != *'"contact":"somebody-81"'* ]]
  cat first.jws again.jws > both.jws
  run "$WEIR" verify both.jws --keys jwks.json
  [ "$status" -eq 0 ]
  [ "$(grep -c somebody-81 s.db)" -eq 0 ]
}

@test "who and where must be said" {
  run "$WEIR" forget douyin/papers --state s.db
  [ "$status" -eq 2 ]
  run "$WEIR" forget douyin/papers/u1
  [ "$status" -eq 2 ]
  run "$WEIR" export douyin/papers/u1 --state none.db
  [ "$status" -eq 2 ]
  [ ! -e none.db ]
  run "$WEIR" forget --help
  [ "$status" -eq 0 ]
}
