load setup.bash

# Whatever a test starts ends with it: by its own time limit, and at the latest here.
teardown() {
  exec 7>&- 8>&- || true
  for job in $(jobs -p); do kill "$job" 2> /dev/null || true; done
  [ -z "${OPEN_DIR:-}" ] || rm -rf "$OPEN_DIR"
}

# A run with its events on descriptor 7, records in `out`, messages in `err`, and its process in $pid.
start() {
  mkfifo in
  timeout --foreground 40 "$WEIR" run "${RULES:-$PACK}" --state :memory: "$@" < in > out 2> err 3>&- 7>&- &
  pid=$!
  exec 7> in
}
# Tries a condition for up to 20 s.
eventually() {
  local i
  for i in $(seq 200); do
    "$@" && return 0
    sleep 0.1
  done
  echo "never true: $*" >&2
  return 1
}
tell() { perl "$ROOT/tests/cli/control.pl" "$@"; }
answers() { [ "$(wc -l < out)" -eq "$1" ]; }
stat_is() { tell s stats | grep -q "\"$1\":$2[,}]"; }
# The status it ended with.
ended() {
  rc=0
  wait "$pid" || rc=$?
  [ "$rc" -eq "$1" ] || { echo "ended with $rc, not $1" >&2; cat err >&2; return 1; }
}
rules() { echo "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = '$1' }" > rules.lua; }

@test "the control socket is its owner's, answers a line with a line, and goes with the run" {
  start --control s
  eventually test -S s
  [ "$(stat -c %a s)" = 600 ]
  ask >&7
  eventually stat_is decided 1
  run tell s stats nonsense stats
  [ "${#lines[@]}" -eq 3 ]
  [[ ${lines[0]} == 'ok {"events":1,"decided":1,'*'"outbox":0,'*'"persons":1,'*'"ruleset":"'*'","reasons":['*']}' ]]
  [[ ${lines[1]} == "error there is no such command"* ]]
  [[ ${lines[2]} == ok* ]]
  exec 7>&-
  ended 0
  [ ! -e s ]
}

@test "who says that nothing more will come is still answered" {
  start --control s
  eventually test -S s
  run timeout 20 perl "$ROOT/tests/cli/control.pl" --half s stats nonsense stats
  [ "${#lines[@]}" -eq 3 ]
}

@test "a line without end is refused, and its client with it" {
  start --control s
  eventually test -S s
  run tell s "$(head -c 5000 /dev/zero | tr '\0' x)"
  [[ $output == "error the line is too long" ]]
  stat_is events 0
}

@test "a socket left behind is replaced, one that answers or is no socket is left alone" {
  perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => "s", Listen => 1) or die'
  [ -S s ]
  start --control s
  eventually stat_is events 0
  run timeout 20 "$WEIR" run "$PACK" --state :memory: --control s < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"somebody answers there"* ]]
  stat_is events 0
  echo precious > file
  run timeout 20 "$WEIR" run "$PACK" --state :memory: --control file < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"no socket"* ]]
  [ "$(cat file)" = precious ]
  run timeout 20 "$WEIR" run "$PACK" --state :memory: --control "$(head -c 200 /dev/zero | tr '\0' x)" < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"too long for a socket"* ]]
}

@test "somebody else is not heard, even where the socket's mode lets him in" {
  [ "$(id -u)" -eq 0 ] || skip "needs root to become somebody else"
  OPEN_DIR=$(mktemp -d /tmp/weir-test-XXXXXX) # not below $TMPDIR, which may be closed to others
  chmod 755 "$OPEN_DIR"
  start --control "$OPEN_DIR/s"
  eventually test -S "$OPEN_DIR/s"
  chmod 666 "$OPEN_DIR/s"
  [[ $(tell "$OPEN_DIR/s" stats) == ok* ]]
  run timeout 20 perl -MIO::Socket::UNIX -e '$SIG{PIPE} = "IGNORE"; $> = 65534; my $s = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $ARGV[0]) or die "shut: $!";
    syswrite($s, "stats\n"); my $l = <$s>; print defined $l ? "heard: $l" : "deaf";' "$OPEN_DIR/s"
  [ "$output" = deaf ] || { echo "$output" >&2; return 1; }
}

@test "reload: new rules answer from now on; rules with errors change nothing and say so" {
  rules old
  RULES=rules.lua start --control s --plain --journal j
  eventually test -S s
  ask c1 u1 pdf >&7
  eventually grep -q '"text":"old"' out
  rules new
  run tell s reload
  [[ $output == "ok 1 rules, "* ]]
  ask c2 u2 pdf >&7
  eventually grep -q '"text":"new"' out
  echo "rule 'a' {" > rules.lua
  run tell s reload
  [[ $output == "error the rules in rules.lua cannot be used; the old ones stay"* ]]
  ask c3 u3 pdf >&7
  eventually answers 3
  tail -1 out | grep -q '"text":"new"'
  grep -q "rules.lua:1.*error" err
  exec 7>&-
  ended 0
  [ "$(grep -c '^{"swap":"[0-9a-f]\{64\}","now":' j)" -eq 1 ]
  # in order: the first event, the swap, the others
  [ "$(grep -o '^{"\(event\|swap\)' j | cut -c3- | tr '\n' ' ')" = "event swap event event " ]
}

@test "SIGHUP reloads; a bad ruleset keeps the old one" {
  rules old
  RULES=rules.lua start --plain
  ask c1 u1 pdf >&7
  eventually grep -q '"text":"old"' out
  echo "rule" > rules.lua
  kill -HUP "$pid"
  eventually grep -q "the old rules stay in use" err
  rules new
  kill -HUP "$pid"
  eventually grep -q "the rules were loaded anew: 1 rules" err
  ask c2 u2 pdf >&7
  eventually grep -q '"text":"new"' out
  exec 7>&-
  ended 0
}

@test "SIGTERM and SIGINT: what was decided is handed out, status 0" {
  start --journal j
  { echo nonsense; ask; } >&7
  eventually answers 1
  kill -TERM "$pid"
  ended 0
  grep -q "1 line skipped" err
  grep -q '^{"ack":{"aud":"douyin/papers","seq":1}' j
  rm in
  start
  ask >&7
  eventually answers 1
  kill -INT "$pid"
  ended 0
}

@test "a reader that goes away ends the run with 2" {
  mkfifo in
  { timeout --foreground 30 "$WEIR" run "$PACK" --state :memory: < in 2> err 7>&- || echo "$?" > rc; } 3>&- | head -1 > first 3>&- &
  exec 7> in
  ask c1 u1 >&7
  eventually test -s first
  sleep 0.3
  ask c2 u2 >&7
  eventually test -s rc
  [ "$(cat rc)" -eq 2 ]
  grep -q "records cannot be written" err
}

@test "--ack: a record waits in the outbox until its line comes" {
  mkfifo acks
  start --control s --ack 8 --journal j 8<> acks
  exec 8> acks
  eventually test -S s
  ask c1 u1 >&7
  eventually answers 1
  sleep 0.2
  stat_is outbox 1
  ! grep -q '"ack"' j
  echo "douyin/papers 7" >&8
  eventually grep -q "was never handed out" err
  echo "what" >&8
  eventually grep -q 'acknowledgement 2 is skipped: it must be' err
  echo '{"aud":"douyin/papers","seq":1,"x":2}' >&8
  eventually grep -q 'acknowledgement 3 is skipped' err
  stat_is outbox 1
  echo "douyin/papers 1" >&8
  eventually stat_is outbox 0
  for i in 2 3 4; do
    ask "c$i" "u$i" >&7
    eventually answers "$i"
  done
  stat_is outbox 3
  echo '{ "seq" : 4, "aud":"douyin\/papers" }' >&8
  eventually stat_is outbox 0
  exec 7>&-
  ended 1
  grep -q '^{"ack":{"aud":"douyin/papers","seq":1},"now":' j
  grep -q '^{"ack":{"aud":"douyin/papers","seq":4},"now":' j
}

@test "--ack: the end waits for who acknowledges when the records are through, and names what is left" {
  mkfifo acks
  for i in 1 2 3; do ask "c$i" "u$i"; done > events
  # shellcheck disable=SC2016
  timeout 30 bash -c '"$1" run "$2" --state :memory: --events events --group 1 --ack 8 2> err 8<> acks | { n=$(wc -l); echo "douyin/papers $n" 1<> acks; }' x "$WEIR" "$PACK" 3>&-
  ! grep -q "not acknowledged" err
  timeout 30 "$WEIR" run "$PACK" --state :memory: --events events --group 1 --ack 8 2> err 8<> acks 3>&- > out
  answers 3
  grep -q "3 records not acknowledged" err
}

@test "--ack: when nobody acknowledges any more the run ends with 2" {
  mkfifo acks
  start --ack 8 8< <(sleep 2)
  ask >&7
  ended 2
  grep -q "nobody acknowledges any more" err
}

@test "--ack takes an open descriptor only" {
  for fd in 99 x 1 -1 ""; do
    run timeout 20 "$WEIR" run "$PACK" --state :memory: --ack "$fd" < /dev/null
    [ "$status" -eq 2 ]
    [[ $output == *"--ack takes the number of an open file descriptor"* ]]
  done
  run timeout 20 "$WEIR" run "$PACK" --state :memory: --ack 0 < /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"--ack 0 needs --events"* ]]
}

@test "--ack: a slow reader makes the events wait; none is lost" {
  mkfifo acks out
  # Records of 8,000 answers are more than the outbox takes. The reader acknowledges only when nothing comes any more.
  for i in $(seq 8000); do
    printf '{"id":"c%d","time":1795309200000,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u%d"},"text":"pdf","post":"v%d"}\n' "$i" "$i" "$i"
  done > events
  printf "rule 'a' { on = 'comment', keywords = { 'pdf' }, reply = '%s' }\n" "$(head -c 600 /dev/zero | tr '\0' x)" > rules.lua
  timeout 50 "$WEIR" run rules.lua --state :memory: --events events --ack 8 2> err 8<> acks 3>&- > out &
  pid=$!
  perl -e 'alarm 45; open(my $in, "<", "out") or die; open(my $acks, ">", "acks") or die; my ($n, $waits, $buf) = (0, 0, "");
    while (1) {
      my $bits = ""; vec($bits, fileno($in), 1) = 1;
      if (!select($bits, undef, undef, 0.5)) { syswrite($acks, "douyin/papers $n\n"); $waits++; next }
      my $got = sysread($in, $buf, 65536); last unless $got; $n += ($buf =~ tr/\n//);
    }
    print "$waits\n";' > waits
  ended 0
  [ "$(cat waits)" -ge 1 ]
  grep -q "8000 events: 8000 answered" err
  ! grep -q "refused" err
}

@test "--ack: a timer that meets a full outbox waits for the reader, too; the events behind it are not refused" {
  mkfifo acks out
  for i in $(seq 4000); do
    printf '{"id":"c%d","time":1795309200000,"channel":"shop","account":"own","type":"comment","contact":{"id":"u%d"},"text":"pdf","post":"v%d"}\n' "$i" "$i" "$i"
  done > events
  # What is due after a second fills the outbox; then more events come, and the reader acknowledges only after a long silence.
  printf "rule 'a' { on = 'comment', keywords = { 'pdf' }, tag = 't', message = { '%s', after = '1s' } }\n" "$(head -c 1800 /dev/zero | tr '\0' x)" > rules.lua
  { head -3500 events; sleep 4; tail -500 events; } | timeout 50 "$WEIR" run rules.lua --state :memory: --state-memory 128 --ack 8 2> err 8<> acks 3>&- > out &
  pid=$!
  perl -e 'alarm 45; open(my $in, "<", "out") or die; open(my $acks, ">", "acks") or die; my ($n, $waits, $buf) = (0, 0, "");
    while (1) {
      my $bits = ""; vec($bits, fileno($in), 1) = 1;
      if (!select($bits, undef, undef, 5)) { syswrite($acks, "shop/own $n\n"); $waits++; next }
      my $got = sysread($in, $buf, 65536); last unless $got; $n += ($buf =~ tr/\n//);
    }
    print "$waits\n";' > waits
  ended 0
  [ "$(cat waits)" -ge 1 ]
  grep -q "4000 events: 4000 answered" err
  ! grep -q "refused" err
}

@test "a state without room says so once, refuses by count, and the run goes on" {
  # Who holds a claim is not evicted, so 16 MiB of people are all there is room for.
  printf "rule 'a' { on = 'comment', keywords = { 'pdf' }, once = 'person', reply = 'here' }\n" > rules.lua
  for i in $(seq 14000); do
    printf '{"id":"c%d","time":1795309200000,"channel":"douyin","account":"papers","type":"comment","contact":{"id":"u%d"},"text":"pdf","post":"v1"}\n' "$i" "$i"
  done > events
  run timeout 50 "$WEIR" run rules.lua --state :memory: --events events --journal j
  [ "$status" -eq 1 ]
  [ "$(grep -c "events are refused until there is room: the store is full" <<< "$output")" -eq 1 ]
  refused=$(grep -o '[0-9]* events refused' <<< "$output" | cut -d' ' -f1)
  [ "$refused" -gt 1000 ]
  # what was refused left nothing behind, and what was not is in the journal
  [ "$(grep -c '^{"event":' j)" -eq $((14000 - refused)) ]
}

@test "drain: no more events, the answer comes with the last acknowledgement" {
  mkfifo acks
  start --control s --ack 8 8<> acks
  exec 8> acks
  eventually test -S s
  ask >&7
  eventually answers 1
  tell s drain > drained 3>&- &
  sleep 0.5
  [ ! -s drained ]
  stat_is outbox 1
  ask c2 u2 >&7
  sleep 0.3
  answers 1
  echo "douyin/papers 1" >&8
  ended 0
  eventually grep -q "^ok drained" drained
}

@test "drain without --ack is over at once" {
  start --control s
  eventually test -S s
  ask >&7
  eventually answers 1
  [ "$(tell s drain)" = "ok drained" ]
  ended 0
}

@test "a state in memory cannot be written to a file" {
  start --control s
  eventually test -S s
  run tell s "snapshot copy.db" snapshot
  [[ ${lines[0]} == "error the state in memory cannot be written to a file" ]]
  [[ ${lines[1]} == "error say which file"* ]]
  [ ! -e copy.db ]
}

# A state file of 20,000 people: 10 MB, so that a copy of it takes a while.
many() { ask c u pdf | perl -ne 'for my $i (1 .. 20000) { print s/"(id)":"([cu])"/"$1":"$2$i"/gr }'; }
make_large() {
  many |
    timeout 60 "$WEIR" run rules.lua --state "$1" --clock events > /dev/null 2> err
}

told_twice() { [ "$(wc -l < told2)" -eq 2 ]; }

@test "a snapshot is written while events are decided, and is whole" {
  rules yes
  make_large shop.db
  RULES=rules.lua start --state shop.db --control s --plain
  eventually test -S s
  tell s "snapshot copy.db" > told 3>&- 7>&- &
  tell s "snapshot other.db" "snapshot shop.db" > told2 3>&- 7>&- &
  for i in $(seq 30); do ask "n$i" "n$i" pdf >&7; done
  eventually stat_is decided 30
  eventually test -s told
  [ "$(cat told)" = "ok copy.db" ] || [ "$(cat told)" = "error a snapshot is being written already" ]
  eventually told_twice
  tail -1 told2 | grep -q "^error .* already"
  rm -f other.db
  tell s "snapshot last.db"
  exec 7>&-
  ended 0
  [ ! -e last.db.part ]
  many | tail -100 > again
  for i in $(seq 30); do ask "n$i" "n$i" pdf; done >> again
  timeout 30 "$WEIR" run rules.lua --state last.db --plain < again > out 2> err
  grep -q "130 repeats" err
  [ ! -s out ]
}

@test "a run that ends leaves nothing of a snapshot under way, and says so" {
  rules yes
  make_large shop.db
  RULES=rules.lua start --state shop.db --control s --plain
  eventually test -S s
  perl -MIO::Socket::UNIX -e 'alarm 30; my @s = map { IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => "s") or die } 1, 2;
    syswrite($s[0], "snapshot copy.db\n"); syswrite($s[1], "drain\n"); print scalar readline($_) for @s;' > told 3>&- 7>&-
  ended 0
  grep -q "^ok drained" told
  if grep -q "^ok copy.db" told; then [ -e copy.db ]; else
    grep -q "^error the run ended before the snapshot was whole" told
    [ ! -e copy.db ]
  fi
  [ ! -e copy.db.part ]
}

@test "forget: the person is gone, that he opted out is not" {
  start --control s --plain --journal j
  eventually test -S s
  { ask c1 u1; ask c2 u2 STOP; } >&7
  eventually stat_is persons 2
  run tell s "forget douyin/papers/u1" "forget douyin/papers/u2" "forget douyin/papers/u1" "forget u1" "forget //"
  [[ "${lines[0]}" == "ok forgotten"* ]]
  [[ "${lines[1]}" == "ok forgotten"* ]]
  [ "${lines[2]}" = "ok nobody is known there" ]
  [[ ${lines[3]} == "error say who"* ]]
  [[ ${lines[4]} == "error say who"* ]]
  stat_is persons 0
  stat_is opted_out 1
  : > out
  { ask c3 u1; ask c4 u2; } >&7
  eventually grep -q '"cause":"c3","contact":"u1"' out
  ! grep -q '"cause":"c4"' out
  exec 7>&-
  ended 0
  [ "$(grep -c '^{"forget":"douyin/papers/u[12]","commit":[0-9]*,"now":' j)" -eq 3 ] # the third found nobody
}

@test "clients that say half a line, read nothing, or are too many hold nobody up" {
  start --control s
  eventually test -S s
  for i in 1 2; do
    perl "$ROOT/tests/cli/control.pl" --mute 1 s "sta" > /dev/null 3>&- 7>&- &
  done
  perl "$ROOT/tests/cli/control.pl" --mute 5000 s "stats
" > /dev/null 3>&- 7>&- &
  sleep 0.5
  ask c1 u1 >&7
  eventually answers 1
  for i in 1 2 3 4 5 6; do [[ $(tell s stats) == ok* ]]; done
  ask c2 u2 >&7
  eventually answers 2
  exec 7>&-
  ended 0
}

@test "outcomes: a rejected action is tried again under a new decision, a sent one is the last word" {
  outcome() { printf '{"id":"%s","time":"2026-11-22T09:00:01+08:00","channel":"douyin","account":"papers","type":"outcome","decision":"%s","n":1,"status":"%s"%s}\n' "$@"; }
  last() { tail -1 out | grep -o '"decisions":\[{"id":"[^"]*"' | cut -d'"' -f6; }
  rules yes
  RULES=rules.lua start --control s --plain
  ask c1 u1 pdf >&7
  eventually answers 1
  first=$(last)
  outcome o1 "$first" rejected ',"code":"busy","retry_after":1' >&7
  eventually answers 2
  tail -1 out | grep -q "\"retry_of\":\"$first\""
  [ "$(last)" != "$first" ]
  outcome o2 "$(last)" sent "" >&7
  outcome o3 "$(last)" rejected "" >&7
  outcome o4 nonsense sent "" >&7
  eventually stat_is outcomes_unknown 1
  stat_is sent 1
  stat_is rejected 1
  stat_is retries 1
  answers 2
  exec 7>&-
  ended 0
}

@test "without --state the state is in ./weir.db, and the run says so" {
  ask | "$WEIR" run "$PACK" > out 2> err
  [ "$(wc -l < out)" -eq 1 ]
  grep -q "made the state file ./weir.db" err
  ask | "$WEIR" run "$PACK" > out 2> err
  [ ! -s out ]
  grep -q "goes on with the state file ./weir.db" err
  grep -q "1 repeat" err
}

@test "--state :memory: leaves nothing behind" {
  for i in 1 2; do
    ask | "$WEIR" run "$PACK" --state :memory: > "out$i" 2> err
    [ "$(wc -l < "out$i")" -eq 1 ]
  done
  [ "$(find . -name '*.db*' | wc -l)" -eq 0 ]
}
