# docs/operations.md: its commands are run as they stand, in their order. Only the places are other ones (all of them below the test's
# folder), and sudo and systemctl are played: systemctl starts what the unit starts, as the unit starts it.
load setup.bash

teardown() {
  [ ! -e pid ] || kill "$(cat pid)" 2>/dev/null || true
  [ ! -e keeper ] || kill "$(cat keeper)" 2>/dev/null || true
}

comments() { # FROM TO: events of now
  for i in $(seq "$1" "$2"); do
    printf '{"id":"c%s","time":%s000,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u%s","name":"Lin"},"text":"求电子版","post":"v1"}\n' "$i" "$(date +%s)" "$i"
  done
}

play() {
  mkdir -p bin tmp run/shop var/shop
  HERE=$PWD
  export HERE ROOT
  ln -s "$WEIR" bin/weir
  ln -s "$ROOT/rules" rules
  cat > bin/sudo <<'SH'
#!/bin/sh
[ "$1" != -u ] || { [ "$2" = weir ] && shift 2; }
exec "$@"
SH
  cat > bin/systemctl <<'SH'
#!/bin/bash
cd "$HERE" || exit 1
[ "${@: -1}" = weir@shop ] || { echo "there is no unit ${*: -1}" >&2; exit 1; }
stop() {
  [ -e pid ] || return 0
  kill "$(cat pid)" 2>/dev/null
  while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.05; done
  rm pid
}
start() {
  line=$(sed -n 's/^ExecStart=//p' "$ROOT/tools/systemd/weir@.service" | sed "s|@BINDIR@|$HERE/bin|; s|/etc/weir/%i|$HERE/etc/shop|; s|%t/weir/%i|$HERE/run/shop|")
  if [ ! -p run/shop.events ]; then
    mkfifo run/shop.events
    sleep 300 <> run/shop.events > /dev/null 2>&1 3>&- & # systemd holds it open
    echo $! > keeper
  fi
  (cd var/shop && umask 077 && exec setsid bash -c "exec $line" < "$HERE/run/shop.events" > /dev/null 2>> "$HERE/err" 3>&-) &
  echo $! > pid
  for _ in $(seq 200); do [ -S run/shop/control ] && break; sleep 0.05; done
}
case $1 in
  enable | start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  *) echo "unknown: $1" >&2; exit 1 ;;
esac
SH
  chmod +x bin/*
  sed -n '/^```sh$/,/^```$/p' "$ROOT/docs/operations.md" | sed "/^\`\`\`sh$/d; s|^\`\`\`$|:|; s|/tmp/|$HERE/tmp/|g; s|/etc/weir|$HERE/etc|g; s|/var/lib/weir|$HERE/var|g; s|/run/weir|$HERE/run|g" > all.sh
  # people write when the shop is there; and a day of events lies ready
  awk '{ print } /systemctl enable/ { print "cat \"$HERE/events\" > \"$HERE/run/shop.events\"; for i in $(seq 200); do [ -s var/shop/records.jws ] && break; sleep 0.05; done; sleep 0.3" }' all.sh > play.sh
  comments 1 4 > events
  comments 11 14 > tmp/day.jsonl
  [ "$(grep -c . play.sh)" -gt 50 ]
  PATH=$HERE/bin:$PATH bash -e -x play.sh > out 2> trace 3>&- < /dev/null
}

@test "the commands of docs/operations.md do what it says, in their order" {
  play || { tail -30 trace; tail -20 out; cat err; false; }
  # seen on the way: a report, a snapshot's people, the new key in both chains, what is known of somebody
  grep -q '"outbox": 0' out
  grep -q '^Lin|douyin/papers/u[1-4]|' out
  grep -q 'papers|' out
  grep -q 'key .* signs now' out
  grep -q '^forgotten' out
  tail -1 out | python3 -c 'import json, sys; assert json.load(sys.stdin)["contacts"]'
  [ "$(grep -c 'good' out)" -ge 3 ]
  ! grep -q "[1-9][0-9]* bad" out
  [ -s tmp/report.html ] && [ "$(grep -o '"kid"' tmp/jwks.json | wc -l)" -eq 1 ]
  [ -z "$(find var -type f \( -name '*.db*' -o -name 'weir-key*' -o -name records.jws \) -perm /077)" ] # the others a shell made
}

@test "what it names is there: options, statistics, tables, views" {
  "$WEIR" run --help > help; "$WEIR" key --help >> help; "$WEIR" replay --help >> help; "$WEIR" report --help >> help; "$WEIR" verify --help >> help
  for option in $(grep -oE '(^|[ `])--[a-z][a-z-]+' "$ROOT/docs/operations.md" | tr -d ' `' | sort -u); do
    case $option in --now | --version) ;; *) grep -q -e "$option" help || { echo "$option"; false; } ;; esac
  done
  ask > events
  "$WEIR" run "$PACK" --state shop.db --events events > /dev/null 2>&1 || true
  for name in $(sed -n '/^| table | holds/,/^$/p' "$ROOT/docs/operations.md" | tail -n +3 | cut -d'|' -f2 | grep -oE '[a-z_]+') people actions waiting; do
    sqlite3 shop.db "SELECT count(*) FROM $name" > /dev/null
  done
  # and no table is left out
  for name in $(sqlite3 shop.db "SELECT name FROM sqlite_master WHERE type = 'table'"); do grep -q "\`$name\`" "$ROOT/docs/operations.md" || { echo "$name"; false; }; done
  for word in "events are refused until there is room" "the clock jumped back" "was given up" "nobody acknowledges any more" "is damaged" "the new key did not take over"; do
    grep -rqF "$word" "$ROOT/cli" "$ROOT/engine" || { echo "$word"; false; }
  done
}

@test "weir control: an answer, a refusal, nobody there" {
  run "$WEIR" control nowhere stats
  [ "$status" -eq 2 ] && [[ $output == *"nobody answers at nowhere"* ]]
  run "$WEIR" control nowhere
  [ "$status" -eq 2 ]
  mkfifo in
  "$WEIR" run "$PACK" --state :memory: --control s < in > /dev/null 2> err 3>&- &
  pid=$!
  exec 7> in
  for _ in $(seq 100); do [ -S s ] && break; sleep 0.05; done
  "$WEIR" control s stats | python3 -c 'import json, sys; assert json.load(sys.stdin)["events"] == 0'
  run "$WEIR" control s snapshot x.db
  [ "$status" -eq 1 ] && [[ $output == *"in memory"* ]]
  run "$WEIR" control s 'stats
reload'
  [ "$status" -eq 2 ]
  "$WEIR" control s drain
  exec 7>&-
  wait "$pid"
}
