load setup.bash

# weir replay: a journal decided again gives the same records, whatever ended the runs that wrote it.

teardown() {
  for job in $(jobs -p); do kill "$job" 2> /dev/null || true; done
}

replay() { timeout 60 "$WEIR" replay "$@"; }

# A pack with everything that makes a decision depend on what was before: claims, counters, codes that join, timers.
make_pack() {
  mkdir -p "$1"
  cat > "$1/pack.lua" << EOF
pack { name = "shop", version = "1" }
account "douyin/papers" {}
account "wechat_personal/li" {}
funnel "f" { stages = { "asked", "added" }, goal = "added" }
rule "ask" { on = "comment", match = "paper", once = "post", reply = { "$2", "look there" }, incr = "asked", stage = "f/asked",
             message = { "your code is {code}", after = "1s..2s" } }
rule "added" { on = "friend_request", any = true, stage_is = { "f/asked", "none" }, accept = true, stage = "f/added" }
rule "talk" { on = "message", any = true, cooldown = "1s", message = "hello {person.name}" }
EOF
}
# Many people, each several times: line i of them.
make_events() {
  perl -e '
    for my $i (1 .. $ARGV[0]) {
      my $u = $i % 97;
      my ($type, $channel, $account) = $i % 5 == 0 ? ("message", "douyin", "papers") : $i % 7 == 0 ? ("friend_request", "wechat_personal", "li") : ("comment", "douyin", "papers");
      my $text = $i % 11 == 0 ? "nothing" : "a paper please";
      printf "{\"id\":\"e%d\",\"time\":\"2026-11-22T09:00:%02d+08:00\",\"channel\":\"%s\",\"account\":\"%s\",\"type\":\"%s\",\"contact\":{\"id\":\"u%d\",\"name\":\"Lin\"},\"text\":\"%s\",\"post\":\"v%d\"}\n",
        $i, $i / 100 % 60, $channel, $account, $type, $u, $text, $i / 300;
    }' "$1"
}
# Slowly enough to be killed in the middle.
trickle() { perl -e '$| = 1; while (<STDIN>) { print; select(undef, undef, undef, 0.003) if $. % 8 == 0 }'; }
whole_lines() { perl -e 'for my $f (@ARGV) { open my $h, "<", $f; while (<$h>) { print if /\n\z/ } }' "$@"; }

@test "runs that were killed: the journal gives the same bytes for all that was committed" {
  make_pack rules "there it is"
  make_events 1500 > events
  for round in $(seq "${WEIR_KILLS:-8}"); do
    rm -f in
    mkfifo in
    tail -n +$((RANDOM % 700)) events | trickle > in 2> /dev/null 3>&- &
    "$WEIR" run rules --state shop.db --journal journal --group $((round % 4 * 8 + 3)) < in > "out.$round" 2> err 3>&- &
    pid=$!
    sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
    kill -9 "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
  timeout 60 "$WEIR" run rules --state shop.db --journal journal < events > out.last 2> err
  sleep 2.1
  timeout 60 "$WEIR" run rules --state shop.db --journal journal < /dev/null > out.timers 2> err # what fell due meanwhile
  whole_lines out.* | sort -u > handed
  replay rules journal --key weir-key.json > again 2> err
  sort -u again > again.sorted
  [ "$(wc -l < again)" -eq "$(wc -l < again.sorted)" ]
  cmp handed again.sorted
  [ "$(wc -l < handed)" -gt 10 ]
  "$WEIR" key show --public > jwks.json
  "$WEIR" verify again --keys jwks.json
}

@test "a commit in the journal that did not reach the disk is taken back, and half a line is borne" {
  make_pack rules "there it is"
  make_events 20 > events
  "$WEIR" run rules --state shop.db --journal journal < events > out.1 2> err
  # what a run leaves that is killed between the journal and the disk
  commits=$(grep -c '^{"commit":' journal)
  printf '{"event":%s,"now":1795343878000}\n{"commit":%d,"now":1795343878000}\n{"event":{"id":"half' "$(ask lost u500 paper)" $((commits + 1)) >> journal
  make_events 40 | "$WEIR" run rules --state shop.db --journal journal > out.2 2> err
  replay rules journal --key weir-key.json > again 2> err
  cmp <(cat out.1 out.2) again
  grep -q "3 lines left out" err
}

@test "without the key claim sets are printed, and status 0 says that it went as then" {
  make_pack rules "there it is"
  make_events 50 | "$WEIR" run rules --state :memory: --journal journal --plain > out 2> err
  replay rules journal > again 2> err
  cmp out again
  replay rules journal --key weir-key.json --plain 2> err | cmp out -
  mv weir-key.json elsewhere.json
  replay rules journal > other 2> err
  grep -q "is not at hand: codes given to people are other ones" err
  ! cmp -s out other
  [ "$(wc -l < out)" -eq "$(wc -l < other)" ]
}

@test "rules that changed on the way: each is asked for by its hash" {
  make_pack rules "there it is"
  cp -r rules old
  make_events 30 > events
  "$WEIR" run rules --state shop.db --journal journal < events > out.1 2> err
  make_pack rules "here you are"
  make_events 60 | "$WEIR" run rules --state shop.db --journal journal > out.2 2> err
  run replay rules journal --key weir-key.json
  [ "$status" -eq 2 ]
  hash=$(head -1 journal | sed 's/.*"ruleset":"\([0-9a-f]\{12\}\).*/\1/')
  [[ $output == *"--rules-at $hash=FOLDER"* ]]
  replay rules journal --key weir-key.json --rules-at "$hash=old" > again 2> err
  cmp <(cat out.1 out.2) again
  run replay rules journal --key weir-key.json --rules-at "$hash=rules"
  [ "$status" -eq 2 ]
  replay rules journal --any-rules > again 2> err
  grep -q "here you are" again
}

@test "a reload, somebody forgotten, and a drain are in the journal" {
  make_pack rules "there it is"
  cp -r rules old
  mkfifo in
  "$WEIR" run rules --state shop.db --journal journal --control s < in > out 2> err 3>&- &
  exec 7> in
  for i in $(seq 50); do [ -S s ] && break; sleep 0.1; done
  make_events 40 >&7
  perl "$ROOT/tests/cli/control.pl" s "forget douyin/papers/u3" "forget douyin/papers/nobody"
  make_pack rules "here you are"
  perl "$ROOT/tests/cli/control.pl" s reload
  make_events 400 >&7
  sleep 0.3
  perl "$ROOT/tests/cli/control.pl" s drain
  exec 7>&-
  wait
  grep -q '^{"swap":' journal
  hash=$(head -1 journal | sed 's/.*"ruleset":"\([0-9a-f]*\)".*/\1/')
  replay rules journal --key weir-key.json --rules-at "$hash=old" > again 2> err
  cmp out again
}

@test "a member of a pool that rests, and comes back, is in the journal; a run that follows goes on" {
  mkdir rules
  cat > rules/pack.lua << 'EOF'
pack { name = "shop", version = "1" }
account "douyin/papers" {}
pool "ids" { "li", "wang two" }
rule "talk" { on = "comment", any = true, message = "add {pool.ids}" }
EOF
  mkfifo in
  "$WEIR" run rules --state shop.db --journal journal --control s < in > out.1 2> err 3>&- &
  exec 7> in
  for i in $(seq 50); do [ -S s ] && break; sleep 0.1; done
  ask c1 u1 hello >&7
  sleep 0.2
  run perl "$ROOT/tests/cli/control.pl" s "pool out shop/ids wang two 3600" "pool out shop/nobody x 10" "pool out shop/ids li" "pool in shop/ids li"
  [ "${lines[0]}" = "ok out for 3600 s" ]
  [[ ${lines[1]} == "error the rules have no pool"* ]]
  [[ ${lines[2]} == "error say which"* ]]
  [ "${lines[3]}" = "ok back in" ]
  for i in $(seq 2 30); do ask "c$i" "u$i" hello; done >&7
  sleep 0.3
  perl "$ROOT/tests/cli/control.pl" s "pool in shop/ids wang two" drain
  exec 7>&-
  wait
  for i in $(seq 31 60); do ask "c$i" "u$i" hello; done | "$WEIR" run rules --state shop.db --journal journal > out.2 2> err
  [ "$(grep -c '^{"pool":.*,"commit":[0-9]*,"now":' journal)" -eq 4 ]
  replay rules journal --key weir-key.json > again 2> err
  cmp <(cat out.1 out.2) again
}

@test "a journal that begins in the middle wants the state as it was then; one with a hole is refused" {
  make_pack rules "there it is"
  make_events 20 | "$WEIR" run rules --state shop.db > out.0 2> err
  cp shop.db then.db
  make_events 60 | "$WEIR" run rules --state shop.db --journal journal > out.1 2> err
  run replay rules journal --key weir-key.json
  [ "$status" -eq 2 ]
  [[ $output == *"give a copy of the state as it was then"* ]]
  replay rules journal --key weir-key.json --state then.db > again 2> err
  cmp out.1 again
  make_events 70 | "$WEIR" run rules --state shop.db > out.2 2> err # nobody wrote it down
  make_events 80 | "$WEIR" run rules --state shop.db --journal journal > out.3 2> err
  run replay rules journal --key weir-key.json
  [ "$status" -eq 2 ]
  [[ $output == *"lines are missing before this one"* ]]
}

@test "a lost state is made anew from the journal: the next run answers nobody twice" {
  make_pack rules "there it is"
  make_events 60 > events
  "$WEIR" run rules --state shop.db --journal journal < events > out 2> err
  replay rules journal --key weir-key.json --state anew.db > again 2> err
  cmp out again
  "$WEIR" run rules --state anew.db < events > more 2> err
  ! grep -q answered,  err
  grep -q "60 events: 0 answered" err
}

@test "the deadline: a struck event is told, journalled, and plays the same" {
  mkdir rules
  {
    echo 'pack { name = "slow", version = "1" }'
    echo 'account "douyin/papers" {}'
    # together they take many times the millisecond; a quick rule would answer before them
    echo 'rule "quick" { on = "comment", match = "paper", continue = true, reply = "yes" }'
    for i in $(seq 40); do
      echo "rule \"slow$i\" { on = \"comment\", match = \"paper\", continue = true, run = function(e) local s = \"\" for i = 1, 4000 do s = s .. \"\" end e:tag(\"t$i\") end }"
    done
    echo 'rule "other" { on = "message", any = true, message = "yes" }'
  } > rules/pack.lua
  { for i in $(seq 6); do ask "c$i" "u$i" paper; done; event m1 message douyin/papers u1 hello; } > events
  "$WEIR" run rules --state :memory: --deadline 1 --journal journal < events > out 2> err
  [ "$(grep -c '^{"struck":' journal)" -eq 6 ]
  [ "$(grep -c "took longer than 1 ms and was given up" err)" -eq 6 ]
  [ "$(wc -l < out)" -eq 1 ]
  replay rules journal --key weir-key.json > again 2> err2
  cmp out again
  "$WEIR" run rules --state :memory: --deadline 0 --journal other < events > out 2> err
  ! grep -q '^{"struck":' other
  grep -q "7 answered" err
  run "$WEIR" run rules --deadline soon
  [ "$status" -eq 2 ]
}

@test "an event log is played by its own time, timers and all" {
  make_pack rules "there it is"
  make_events 300 > events
  "$WEIR" run rules --events events --clock events --state :memory: --chain replay --plain > out 2> err
  replay rules events > again 2> err
  cmp out again
  grep -q '#1"' again
  run replay rules nowhere.log
  [ "$status" -eq 2 ]
}

@test "--against: which events get another answer, by rule" {
  make_pack rules "there it is"
  make_pack same "there it is"
  make_events 300 > events
  "$WEIR" run rules --state :memory: --journal journal < events > out 2> err
  run replay rules journal --against same
  [ "$status" -eq 0 ]
  [[ $output == *"0 of 300 events get another answer"* ]]
  sed -e '/rule "talk"/d' -e 's/there it is/over here/' rules/pack.lua > same/pack.lua
  echo 'rule "new" { on = "comment", match = "nothing", reply = "why?" }' >> same/pack.lua
  for log in journal events; do
    run replay rules "$log" --against same
    [ "$status" -eq 1 ]
    [[ $output == *"shop/talk "*"lost "* ]]
    [[ $output == *"shop/new "*"gained "* ]]
    [[ $output == *"shop/ask "*"changed "*"was"*"there it is"*"is"*"over here"* ]]
    run bash -c "'$WEIR' replay rules $log --against same --json 2> /dev/null"
    perl -MJSON::PP -e 'my $d = decode_json($ARGV[0]); my %r = map { $_->{rule} => $_ } @{$d->{rules}};
      die unless $d->{events} == 300 && $r{"shop/new"}{gained} > 0 && $r{"shop/talk"}{lost} == $r{"shop/talk"}{before} && @{$r{"shop/new"}{examples}} == 3' "$output"
  done
}

@test "a damaged journal is a message, never a crash" {
  make_pack rules "there it is"
  make_events 40 > events
  for i in 1 2; do "$WEIR" run rules --state shop.db --journal journal < events > out 2> err; done
  for seed in $(seq 60); do
    perl -e '
      srand($ARGV[0]); local $/; open my $h, "<", "journal"; my $j = <$h>;
      my $kind = $ARGV[0] % 3;
      if ($kind == 0) { substr($j, int rand length $j, 1) = chr int rand 256 for 1 .. 5 }
      elsif ($kind == 1) { $j = substr $j, 0, int rand length $j }
      else { my @l = split /\n/, $j; splice @l, 1 + int rand @l - 1, 1; my $i = int rand @l; $l[$i] = substr $l[$i], 0, int rand length $l[$i]; $j = join "\n", @l }
      print $j' "$seed" > damaged
    run replay rules damaged
    [ "$status" -le 2 ]
    [ -n "$output" ]
    [[ $output != *Sanitizer* ]]
  done
}
