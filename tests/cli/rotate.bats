# Another key takes over: published first, recorded in the chain, retired last; and whatever cuts that off.
load setup.bash

control() { perl "$BATS_TEST_DIRNAME/control.pl" s "$@"; }

# comment ID CONTACT [CHANNEL]: of now, so that its record is not over when the executor reads it
comment() { printf '{"id":"%s","time":%s000,"channel":"%s","account":"papers","type":"comment","contact":{"id":"%s"},"text":"求电子版","post":"v1"}\n' "$1" "$(date +%s)" "${3:-douyin}" "$2"; }

start() {
  mkfifo in
  "$WEIR" run "$PACK" --state shop.db --control s --group 1 "$@" < in >> out.jws 2>> err 3>&- &
  RUN=$!
  exec 7> in
  for _ in $(seq 100); do [ -S s ] && break; sleep 0.05; done
}
stop() { exec 7>&-; wait "$RUN"; rm -f in; }
teardown() { exec 7>&- || true; [ -z "$RUN" ] || kill -9 "$RUN" 2>/dev/null || true; }

records() { # waits until there are so many
  for _ in $(seq 200); do [ "$(wc -l < out.jws)" -ge "$1" ] && return; sleep 0.05; done
  return 1
}

@test "published, laid ready, taken by a reload, retired; the log is good across it" {
  "$WEIR" key new > id
  "$WEIR" key show --public > jwks.json
  cp jwks.json old.json
  start
  comment c1 u1 >&7; comment c2 u2 instagram >&7
  records 2
  "$WEIR" key rotate --jwks jwks.json 2> said
  grep -q "laid ready" said
  [ "$(grep -o '"kid"' jwks.json | wc -l)" -eq 2 ]
  [ "$(stat -c %a weir-key.json.next)" = 600 ]
  comment c3 u3 >&7; records 3
  "$WEIR" verify out.jws --keys old.json # nothing is changed yet
  run control reload
  [[ $output == "ok "*" rules, "*"; key $("$WEIR" key show) signs now" ]]
  [ "$("$WEIR" key show)" != "$(cat id)" ]
  [ ! -e weir-key.json.next ] && [ "$(stat -c %a weir-key.json)" = 600 ] && [ "$(stat -c %a weir-key.json.old)" = 600 ]
  comment c4 u4 >&7; comment c5 u5 instagram >&7
  records 7
  stop
  run "$WEIR" verify out.jws --keys jwks.json
  [ "$status" -eq 0 ] && [ "$output" = "7 good" ]
  "$WEIR" key show --public > shown.json
  python3 -c 'import json; a, b = (sorted(k["kid"] for k in json.load(open(f))["keys"]) for f in ("jwks.json", "shown.json")); assert a == b and len(a) == 2'
  # with the old set only it says what is missing
  run "$WEIR" verify out.jws --keys old.json
  [ "$status" -eq 1 ]
  [[ $output == *"to which key $(cat id) handed over, and which is not in the set"* && $output == *"5 good"*"2 bad"* ]]
  # an end: not too early
  run "$WEIR" key retire --jwks jwks.json
  [ "$status" -eq 1 ] && [[ $output == *minutes* ]]
  "$WEIR" key retire --now --jwks jwks.json
  [ ! -e weir-key.json.old ] && [ "$(grep -o '"kid"' jwks.json | wc -l)" -eq 1 ]
  start; comment c6 u6 >&7; records 8; stop # the key that is left goes on
  "$WEIR" verify <(tail -1 out.jws) --keys jwks.json | grep -q gap
}

@test "SIGHUP does it too; a second change follows the first" {
  "$WEIR" key new > /dev/null
  start
  for i in 1 2; do
    comment c$i u$i >&7
    "$WEIR" key rotate --jwks jwks$i.json 2> /dev/null
    kill -HUP "$RUN"
    for _ in $(seq 100); do [ ! -e weir-key.json.next ] && break; sleep 0.05; done
    "$WEIR" key retire --now > /dev/null
  done
  comment c3 u3 >&7; records 5
  stop
  # all keys there ever were
  python3 -c 'import json; json.dump({"keys": [k for i in (1, 2) for k in json.load(open(f"jwks{i}.json"))["keys"]]}, open("all.json", "w"))'
  run "$WEIR" verify out.jws --keys all.json
  [ "$output" = "5 good" ]
}

@test "in the wrong order it does nothing, and says why" {
  run "$WEIR" key rotate
  [ "$status" -eq 2 ] # there is no key
  "$WEIR" key new > /dev/null
  run "$WEIR" key retire
  [ "$status" -eq 0 ] && [[ $output == *"no old key to retire"* ]]
  "$WEIR" key rotate --jwks jwks.json 2> /dev/null
  cp jwks.json first.json
  cp weir-key.json.next next
  run "$WEIR" key rotate --jwks jwks.json # again: the same key waits
  [ "$status" -eq 0 ] && [[ $output == *"waits already"* ]]
  cmp jwks.json first.json && cmp next weir-key.json.next
  run "$WEIR" key retire --now
  [ "$status" -eq 1 ] && [[ $output == *"has not taken over"* ]]
  start; comment c1 u1 >&7; records 1; control reload > /dev/null
  run "$WEIR" key rotate
  [ "$status" -eq 1 ] && [[ $output == *"retire it first"* ]]
  # by hand: a key that nobody announced
  cp weir-key.json.old weir-key.json.next
  run control reload
  [[ $output == "error"*"did not take over"* ]]
  stop
  rm -f weir-key.json weir-key.json.next weir-key.json.old
  "$WEIR" key new > /dev/null
  run "$WEIR" run "$PACK" --state shop.db --events /dev/null
  [ "$status" -eq 2 ] && [[ $output == *"are signed by key "*", and this is key "* ]]
  # lost: another chain begins
  comment c9 u9 > more
  "$WEIR" key show --public > jwks.json
  "$WEIR" run "$PACK" --state shop.db --events more --new-chain > new.jws 2> said
  grep -q "began the chain" said
  [ "$("$WEIR" verify new.jws --keys jwks.json)" = "1 good" ]
}

@test "a key that others can read, or that is none, does not take over" {
  "$WEIR" key new > /dev/null
  start; comment c1 u1 >&7; records 1
  "$WEIR" key rotate --jwks jwks.json 2> /dev/null
  chmod 640 weir-key.json.next
  run control reload
  [[ $output == "error"* ]] && grep -q "others can read it" err
  chmod 600 weir-key.json.next && echo '{' > weir-key.json.next
  run control reload
  [[ $output == "error"* ]]
  comment c2 u2 >&7; records 2
  stop
  [ ! -e weir-key.json.old ]
  [ "$("$WEIR" verify out.jws --keys jwks.json)" = "2 good" ]
}

@test "cut off between any two steps, the next start finishes it" {
  "$WEIR" key new > /dev/null
  start; comment c1 u1 >&7; records 1
  "$WEIR" key rotate --jwks jwks.json 2> /dev/null
  cp -a weir-key.json k0; cp -a weir-key.json.next k1
  # before the commit: the old key has its second name
  kill -9 "$RUN"; wait "$RUN" || true; exec 7>&-; rm -f in s
  ln weir-key.json weir-key.json.old
  [ "$("$WEIR" key show --public | grep -o '"kid"' | wc -l)" -eq 2 ]
  start; comment c2 u2 >&7; records 2
  control reload | grep -q "signs now"
  comment c3 u3 >&7; records 4
  # behind the commit: the files are as they were
  kill -9 "$RUN"; wait "$RUN" || true; exec 7>&-; rm -f in s weir-key.json.old
  cp -a k0 weir-key.json; cp -a k1 weir-key.json.next
  start; comment c4 u4 >&7; records 5
  grep -q "a change of key that was cut off is finished" err
  [ ! -e weir-key.json.next ] && cmp weir-key.json k1 && cmp weir-key.json.old k0
  stop
  [[ "$("$WEIR" verify out.jws --keys jwks.json)" == "5 good"* ]] # what was not acknowledged came again
  # a kill at any moment of it
  for n in 1 2 3 4 5 6; do
    "$WEIR" key retire --now > /dev/null
    "$WEIR" key show --public > one.json
    start
    "$WEIR" key rotate --jwks "jwks$n.json" 2> /dev/null
    kill -HUP "$RUN"; sleep "0.00$n"; kill -9 "$RUN"; wait "$RUN" || true; exec 7>&-; rm -f in s
    start; comment "d$n" "v$n" >&7; control reload > /dev/null || true
    for _ in $(seq 100); do [ ! -e weir-key.json.next ] && break; sleep 0.05; done
    comment "e$n" "w$n" >&7; sleep 0.2; stop
    [ ! -e weir-key.json.next ] && [ -e weir-key.json.old ]
  done
  python3 -c '
import glob, json
json.dump({"keys": list({k["kid"]: k for f in glob.glob("jwks*.json") for k in json.load(open(f))["keys"]}.values())}, open("all.json", "w"))'
  "$WEIR" verify out.jws --keys all.json
}

@test "on a full disk nothing is half done" {
  "$WEIR" key new > /dev/null
  start; comment c1 u1 >&7; records 1
  run "$WEIR" key rotate --jwks /dev/full/jwks.json
  [ "$status" -eq 2 ] && [ ! -e weir-key.json.next ]
  run bash -c '"$0" key rotate > /dev/full' "$WEIR"
  [ "$status" -eq 2 ] && [ ! -e weir-key.json.next ]
  # no file can grow: neither the set nor the key is there afterwards
  run bash -c 'trap "" XFSZ; ulimit -f 0; "$0" key rotate --jwks jwks.json 2>&1' "$WEIR"
  [ "$status" -eq 2 ] && [ ! -e jwks.json ] && [ ! -e weir-key.json.next ] && [ -z "$(ls -- *.part 2>/dev/null)" ]
  stop
  # the state has no room for the change: the old key signs on, and it is done when there is room
  "$WEIR" key rotate --jwks jwks.json 2> /dev/null
  mkfifo in
  bash -c 'trap "" XFSZ; ulimit -f $(( ($(stat -c %s shop.db) + 1024) / 1024 )); exec "$0" run "$1" --state shop.db --control s --journal j < in 2>> err' "$WEIR" "$PACK" 3>&- | cat >> out.jws &
  RUN=$!
  exec 7> in
  for _ in $(seq 100); do [ -S s ] && break; sleep 0.05; done
  run control reload
  exec 7>&-; wait "$RUN" || true; rm -f in
  [ -e weir-key.json.next ] || [[ $output == "ok"* ]]
  start; control reload > /dev/null; comment c2 u2 >&7; records 3; stop
  [ "$("$WEIR" verify out.jws --keys jwks.json)" = "3 good" ]
}

@test "a journal is played again across it, with both keys" {
  "$WEIR" key new > /dev/null
  start --journal j; comment c1 u1 >&7; records 1
  "$WEIR" key rotate --jwks jwks.json 2> /dev/null
  control reload > /dev/null; comment c2 u2 >&7; records 3
  stop
  cp weir-key.json new.json; cp weir-key.json.old old.json
  "$WEIR" replay "$PACK" j --key old.json --key new.json > again.jws
  cmp again.jws out.jws
  "$WEIR" replay "$PACK" j --key old.json --key new.json --state anew.db > again.jws
  cmp again.jws out.jws
  comment c3 u3 > more
  "$WEIR" run "$PACK" --state anew.db --events more > more.jws
  cat out.jws more.jws > all.jws
  [ "$("$WEIR" verify all.jws --keys jwks.json)" = "4 good" ]
  run "$WEIR" replay "$PACK" j --key old.json
  [ "$status" -eq 1 ] && [[ $output == *"not at hand"* ]]
  "$WEIR" replay "$PACK" j --plain > /dev/null
}

@test "an executor reads the published set again, and refuses what the old key signs afterwards" {
  "$WEIR" key new > /dev/null
  "$WEIR" key show --public > jwks.json
  start; comment c1 u1 >&7; records 1
  cp weir-key.json stolen.json; chmod 600 stolen.json
  mkfifo lines; /usr/bin/python3 "$ROOT/examples/executors/executor.py" jwks.json douyin/papers ex.state < lines > outcomes 2> told 3>&- 7>&- &
  EX=$!
  exec 6> lines
  cat out.jws >&6
  "$WEIR" key rotate --jwks jwks.json 2> /dev/null
  control reload > /dev/null; comment c2 u2 >&7; records 3; stop
  tail -n +2 out.jws >&6
  exec 6>&-; wait "$EX"
  [ "$(wc -l < outcomes)" -eq 10 ] && ! grep -q refused told
  # whoever stole the old key signs the next record of the chain
  /usr/bin/python3 - <<'PY'
import base64, hashlib, json
from jwcrypto import jwk, jws
lines = open('out.jws').read().split()
part = lambda line, n: json.loads(base64.urlsafe_b64decode(line.split('.')[n] + '=='))
claims, header = part(lines[-1], 1), part(lines[0], 0)
claims['seq'] += 1
claims['jti'] = claims['jti'].rsplit('-', 1)[0] + '-%d' % claims['seq']
claims['prev'] = base64.urlsafe_b64encode(hashlib.sha256(lines[-1].encode()).digest()).rstrip(b'=').decode()
claims['decisions'][0]['id'] = 'forged'
token = jws.JWS(json.dumps(claims))
token.add_signature(jwk.JWK.from_json(open('stolen.json').read()), None, json.dumps(header))
open('forged.jws', 'w').write(token.serialize(compact=True) + '\n')
PY
  run /usr/bin/python3 "$ROOT/examples/executors/executor.py" jwks.json douyin/papers ex.state < forged.jws
  [ "$status" -eq 1 ] && [[ $output == *"does not sign this chain"* && $output != *"do:"* ]]
  cat out.jws forged.jws > log
  run "$WEIR" verify log --keys jwks.json
  [ "$status" -eq 1 ] && [[ $output == *"signs no more"* ]]
}
