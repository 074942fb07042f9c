# Every host and executor of examples/, end to end: a pack, events, records, outcomes, forged and replayed records.
setup_file() {
  export ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  export BUILD=${BUILD:-$ROOT/build}
  export WEIR=$BUILD/weir PACK=$ROOT/rules/test-papers LIBWEIR=$BUILD/libweir.so.0
  export DEST=$BATS_FILE_TMPDIR/dest
  ${MAKE:-make} --no-print-directory -C "$ROOT" BUILD="$BUILD" DESTDIR="$DEST" PREFIX=/usr/local install >/dev/null
  export PKG_CONFIG_PATH=$DEST/usr/local/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$DEST LD_LIBRARY_PATH=$DEST/usr/local/lib
  mkdir -p "$BATS_FILE_TMPDIR/node" && cd "$BATS_FILE_TMPDIR/node" || return 1
  cp "$ROOT/tests/hosts/package.json" "$ROOT"/examples/hosts/host.mjs "$ROOT"/examples/executors/executor.mjs .
  npm install --silent --no-audit --no-fund >/dev/null
  export NODE=$BATS_FILE_TMPDIR/node
  cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$BATS_FILE_TMPDIR/epoll" "$ROOT/examples/hosts/epoll.c" $(pkg-config --cflags --libs weir)
  cp -r "$ROOT/examples/hosts/go" "$BATS_FILE_TMPDIR/go" && (cd "$BATS_FILE_TMPDIR/go" && GOFLAGS=-buildvcs=false GOCACHE="$PWD/../cache" go build -o ../gohost .)
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  "$WEIR" key new 2>/dev/null
  "$WEIR" key show --public > jwks.json
  export WEIR_KEY=$PWD/weir-key.json
  now=$(date +%s)000
  for i in 1 2 3; do
    printf '{"id":"c%s","time":%s,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u%s","name":"Lin"},"text":"求电子版","post":"v1"}\n' $i "$now" $i
  done > events.jsonl
  sed -n 1p events.jsonl >> events.jsonl # a redelivery
  echo '{"not":"an event"}' >> events.jsonl
}

# What a host must come to: three records, all good, nothing twice.
check() {
  [ "$(wc -l < out.jws)" -eq 3 ]
  "$WEIR" verify out.jws --keys jwks.json
  grep -q repeat err
  [ "$(grep -cE '^refused:|skipped:' err)" -eq 1 ]
}

@test "C: an epoll loop, from a file and from a pipe" {
  "$BATS_FILE_TMPDIR/epoll" "$PACK" < events.jsonl > out.jws 2> err
  check
  (cat events.jsonl; sleep 0.2) | "$BATS_FILE_TMPDIR/epoll" "$PACK" > out.jws 2> err
  check
}

@test "Python: ctypes" {
  /usr/bin/python3 "$ROOT/examples/hosts/host.py" "$PACK" < events.jsonl > out.jws 2> err
  check
  [ "$(tail -1 err)" = "4 events, 3 decided, 1 refused" ]
}

@test "Node: koffi" {
  node "$NODE/host.mjs" "$PACK" < events.jsonl > out.jws 2> err
  check
  [ "$(tail -1 err)" = "4 events, 3 decided, 1 refused" ]
}

@test "Go: cgo" {
  "$BATS_FILE_TMPDIR/gohost" "$PACK" < events.jsonl > out.jws 2> err
  check
  [[ $(tail -1 err) == '{"events":4,"decided":3,'* ]]
}

@test "a state in a file: the next host goes on, whatever its language" {
  head -1 events.jsonl | /usr/bin/python3 "$ROOT/examples/hosts/host.py" "$PACK" shop.db > one.jws 2> err
  node "$NODE/host.mjs" "$PACK" shop.db < events.jsonl > two.jws 2>> err
  [ "$(cat one.jws two.jws | wc -l)" -eq 3 ]
  cat one.jws two.jws > out.jws
  "$WEIR" verify out.jws --keys jwks.json
}

executor() {
  case $1 in
    python) /usr/bin/python3 "$ROOT/examples/executors/executor.py" jwks.json douyin/papers "$2" ;;
    node) node "$NODE/executor.mjs" jwks.json douyin/papers "$2" ;;
  esac
}

@test "executors: carry out once, report outcomes that weir takes; forged, altered and foreign records are refused" {
  "$WEIR" run "$PACK" --state shop.db --group 1 --events events.jsonl > out.jws 2> /dev/null || true
  for e in python node; do
    executor $e $e.state < out.jws > outcomes 2> err
    [ "$(wc -l < outcomes)" -eq 15 ] && [ "$(grep -c '^do:' err)" -eq 15 ]
    # the same again, by an executor that was started anew: nothing is done
    executor $e $e.state < out.jws > again 2> err
    [ ! -s again ] && ! grep -q '^do:' err
    # signed by somebody else
    (mkdir -p other && cd other && rm -f ./* && "$WEIR" run "$PACK" --state :memory: --events ../events.jsonl > out.jws 2>/dev/null) || true
    run executor $e fresh.$e < other/out.jws
    [ "$status" -eq 1 ] && [[ $output == *"refused"* && $output != *"do:"* ]]
    # one character of the payload
    sed '1s/\.\(.\{40\}\)./.\1_/' out.jws | head -1 > bent.jws
    run executor $e bent.$e < bent.jws
    [ "$status" -eq 1 ] && [[ $output != *"do:"* ]]
    # no signature at all
    payload=$(head -1 out.jws | cut -d. -f2)
    printf '%s.%s.\n' "$(printf '{"alg":"none","typ":"weir-record+jwt"}' | basenc --base64url -w0 | tr -d =)" "$payload" > none.jws
    run executor $e none.$e < none.jws
    [ "$status" -eq 1 ] && [[ $output != *"do:"* ]]
    # a gap is told
    run executor $e gap.$e < <(sed 2d out.jws)
    [[ $output == *"missing"* ]]
  done
  "$WEIR" run "$PACK" --state shop.db --events outcomes > more.jws 2> summary
  [ ! -s more.jws ]
}

host() { # NAME STATE
  case $1 in
    c) "$BATS_FILE_TMPDIR/epoll" "$PACK" "$2" ;;
    python) /usr/bin/python3 "$ROOT/examples/hosts/host.py" "$PACK" "$2" ;;
    node) node "$NODE/host.mjs" "$PACK" "$2" ;;
    go) "$BATS_FILE_TMPDIR/gohost" "$PACK" "$2" ;;
  esac
}

@test "outcomes go back into every host, and what was sent is known there" {
  for h in c python node go; do
    host $h $h.db < events.jsonl > $h.jws 2> err
    [ "$(sqlite3 $h.db "SELECT count(*) FROM outbox")" -eq 0 ] # all were acknowledged
    executor python $h.state < $h.jws > $h.outcomes 2> /dev/null
    host $h $h.db < $h.outcomes > more.jws 2> err
    [ ! -s more.jws ] && ! grep -qE '^refused:|skipped:' err
    [ "$(sqlite3 $h.db "SELECT count(*) FROM actions WHERE status = 'sent'")" -gt 3 ]
    [ "$(sqlite3 $h.db "SELECT count(*) FROM actions WHERE status = 'open'")" -eq 0 ]
  done
}

@test "another key takes over: executors read the published set again; the old key is over, and what a host signs with it" {
  mkfifo in
  "$WEIR" run "$PACK" --state shop.db --control s --group 1 < in > out.jws 2> err 3>&- &
  exec 7> in
  sed -n 1p events.jsonl >&7
  for _ in $(seq 100); do [ -s out.jws ] && break; sleep 0.05; done
  for e in python node; do executor $e $e.state < out.jws > /dev/null 2>&1; done
  cp weir-key.json stolen.json
  "$WEIR" key rotate --jwks jwks.json 2> /dev/null
  "$WEIR" control s reload > /dev/null
  sed -n 2p events.jsonl >&7
  exec 7>&-
  wait
  # the old key signs on, elsewhere, in the same chain
  chain=$(sqlite3 shop.db "SELECT chain FROM meta")
  "$WEIR" run "$PACK" --state :memory: --key stolen.json --chain "$chain" --group 1 --events <(cat events.jsonl; sed -n 2,3p events.jsonl | sed 's/"c/"d/; s/"u/"w/') > forged.jws 2> /dev/null || true
  for e in python node; do
    executor $e $e.state < out.jws > outcomes 2> told
    [ "$(wc -l < outcomes)" -eq 5 ] && ! grep -q refused told
    run executor $e $e.state < <(tail -n +4 forged.jws)
    [ "$status" -eq 1 ] && [[ $output == *"does not sign this chain"* && $output != *"do:"* ]]
  done
}
