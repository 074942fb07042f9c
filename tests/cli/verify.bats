load setup.bash

log() {
  for i in 1 2 3 4 5; do ask "c$i" "u$i"; done > events
  "$WEIR" run "$PACK" --state :memory: --events events --group 1 > out.jws 2> /dev/null
  "$WEIR" key show --public > jwks.json
}

@test "a whole log is good" {
  log
  run "$WEIR" verify out.jws --keys jwks.json
  [ "$status" -eq 0 ]
  [ "$output" = "5 good" ]
}

@test "a changed character anywhere makes it bad" {
  log
  head -1 out.jws > one.jws
  len=$(($(wc -c < one.jws) - 1))
  # Every 7th place, beside the first and the last ones; the unit tests take every place.
  for at in 0 1 2 $(seq 3 7 $((len - 3))) $((len - 2)) $((len - 1)); do
    python3 - "$at" <<'PY'
import sys
at = int(sys.argv[1])
line = open('one.jws').read()
other = 'A' if line[at] != 'A' else 'B'
open('bad.jws', 'w').write(line[:at] + other + line[at + 1:])
PY
    run "$WEIR" verify bad.jws --keys jwks.json
    [ "$status" -eq 1 ] || { echo "place $at: $output"; false; }
  done
}

@test "a missing, repeated, moved and foreign record" {
  log
  sed 3d out.jws > gap.jws
  run "$WEIR" verify gap.jws --keys jwks.json
  [ "$status" -eq 1 ]
  [[ $output == *gap* ]]
  { cat out.jws; sed -n 2p out.jws; } > again.jws
  run "$WEIR" verify again.jws --keys jwks.json
  [ "$status" -eq 0 ]
  [ "$output" = "5 good, 1 redelivered" ]
  rm weir-key.json
  "$WEIR" key new > /dev/null
  "$WEIR" key show --public > other.json
  run "$WEIR" verify out.jws --keys other.json
  [ "$status" -eq 1 ]
  [[ $output == *"5 bad"* ]]
}

@test "a JOSE library of another language verifies it" {
  log
  # Debian's python3-jwcrypto; the system's own python has it.
  /usr/bin/python3 - <<'PY'
import json
from jwcrypto import jwk, jws
keys = jwk.JWKSet.from_json(open('jwks.json').read())
for n, line in enumerate(open('out.jws').read().split()):
    token = jws.JWS()
    token.allowed_algs = ['EdDSA']
    token.deserialize(line)
    header = json.loads(token.objects['protected'])
    token.verify(keys.get_key(header['kid']), alg='EdDSA')
    claims = json.loads(token.payload)
    assert claims['seq'] == n + 1 and claims['aud'] == 'douyin/papers', claims
PY
}

@test "keys: new never overwrites, show never prints the private half" {
  "$WEIR" key new > id.txt
  run "$WEIR" key new
  [ "$status" -eq 2 ]
  [[ $output == *"never overwritten"* ]]
  run "$WEIR" key show
  [ "$output" = "$(cat id.txt)" ]
  run "$WEIR" key show --public
  [[ $output != *'"d"'* ]]
  run "$WEIR" key show --key nowhere.json
  [ "$status" -eq 2 ]
}

@test "a private key is no better than its public half: it works, with a warning" {
  log
  run "$WEIR" verify out.jws --keys weir-key.json
  [ "$status" -eq 0 ]
  [ "$(grep -c "holds a private key" <<< "$output")" -eq 1 ]
  run "$WEIR" verify out.jws --keys jwks.json
  [ "$status" -eq 0 ]
  [[ $output != *"private"* ]]
}

@test "an empty log, no keys, wrong keys" {
  log
  : > empty.jws
  run "$WEIR" verify empty.jws --keys jwks.json
  [ "$status" -eq 1 ]
  run "$WEIR" verify out.jws
  [ "$status" -eq 2 ]
  echo '{"keys":1}' > wrong.json
  run "$WEIR" verify out.jws --keys wrong.json
  [ "$status" -eq 2 ]
}

@test "alg Ed25519 of RFC 9864 on request" {
  "$WEIR" key new --alg Ed25519 > /dev/null
  ask | "$WEIR" run "$PACK" --state :memory: > out.jws 2> /dev/null
  cut -d. -f1 out.jws | base64 -d 2> /dev/null | grep -q '"alg":"Ed25519"'
  "$WEIR" key show --public > jwks.json
  run "$WEIR" verify out.jws --keys jwks.json
  [ "$status" -eq 0 ]
}

@test "a log whose end is cut off is found by its heads" {
  log
  run "$WEIR" verify out.jws --keys jwks.json --heads heads.txt
  [ "$status" -eq 0 ]
  [[ $(cat heads.txt) =~ ^douyin/papers=5:[A-Za-z0-9_-]{43}$ ]]
  run "$WEIR" verify out.jws --keys jwks.json --head heads.txt
  [ "$status" -eq 0 ]
  run "$WEIR" verify out.jws --keys jwks.json --head "$(cat heads.txt)"
  [ "$output" = "5 good" ]
  head -3 out.jws > cut.jws
  run "$WEIR" verify cut.jws --keys jwks.json # good line by line
  [ "$status" -eq 0 ]
  run "$WEIR" verify cut.jws --keys jwks.json --head heads.txt --heads heads.txt
  [ "$status" -eq 1 ]
  [[ $output == *"the record of douyin/papers with seq 5 is not there"* ]]
  [[ $output == *"3 good, 1 missing at the end"* ]]
  [[ $(cat heads.txt) == douyin/papers=5:* ]] # a bad log gives no heads
  # a longer log holds the old head; its prev is the head's hash
  run "$WEIR" verify out.jws --keys jwks.json --head "douyin/papers=4:$("$WEIR" verify out.jws --keys jwks.json --show | sed -n 's/.*"seq":5,"prev":"\([^"]*\)".*/\1/p')"
  [ "$status" -eq 0 ]
  # another record in its place
  run "$WEIR" verify out.jws --keys jwks.json --head "$(sed 's/=5:/=4:/' heads.txt)"
  [ "$status" -eq 1 ]
  [[ $output == *"another stands in its place"* ]]
  for head in x =1:a douyin/papers=:a douyin/papers=0:$(sed 's/.*://' heads.txt) douyin/papers=1:short douyin/papers=99999999999999999999999:x; do
    run "$WEIR" verify out.jws --keys jwks.json --head "$head"
    [ "$status" -eq 2 ]
  done
}
